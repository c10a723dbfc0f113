// Traced condition variables. Managed ones are a list of waiters beside the real one: a signal takes the
// first waiter out, so it wakes exactly one thread that waited when it came, and no wait ends without cause.
// Invariant: `lock` guards the list. Any thread.
#include "sync/object.h"
#include "sync/sync.h"

#include "base/error.h"
#include "base/hints.h"
#include "base/list.h"

#include <errno.h>
#include <limits.h>

struct waiter {
  struct hd_list link;
  const pthread_cond_t *cond;
  _Atomic uint32_t signalled;
};

static hd_lock lock = HD_LOCK_INIT;
static struct hd_list waiters = {&waiters, &waiters}; // of all conditions, longest first

static bool is_on_steady_clock(const pthread_condattr_t *attr)
{
#if defined(_POSIX_CLOCK_SELECTION) && _POSIX_CLOCK_SELECTION > 0
  clockid_t clock;
  return attr && pthread_condattr_getclock(attr, &clock) == 0 && clock == CLOCK_MONOTONIC;
#else
  (void)attr;
  return false;
#endif
}

int hd_sync_cond_init(pthread_cond_t *restrict cond, const pthread_condattr_t *restrict attr)
{
  const int error = pthread_cond_init(cond, attr);
  if (!error && hd_sync_managed())
    hd_sync_made(cond, HD_SYNC_COND, is_on_steady_clock(attr));
  return error;
}

int hd_sync_cond_destroy(pthread_cond_t *cond)
{
  const int error = pthread_cond_destroy(cond);
  if (!error && hd_sync_managed())
    hd_sync_gone(cond);
  return error;
}

// ---- waiting ----

static void join_list(struct waiter *waiter)
{
  hd_lock_take(&lock);
  hd_list_push(&waiters, &waiter->link);
  hd_lock_give(&lock);
}

// Whether it left without having been signalled.
static bool leave_list(struct waiter *waiter)
{
  hd_lock_take(&lock);
  const bool unsignalled = atomic_load_explicit(&waiter->signalled, memory_order_relaxed) == 0;
  if (unsignalled)
    hd_list_remove(&waiter->link);
  hd_lock_give(&lock);
  return unsignalled;
}

// Waits until signalled; ETIMEDOUT when the deadline came before a signal.
static int await_signal(struct waiter *waiter, uint64_t deadline, uint64_t place)
{
  const struct hd_wait wait = {
      .reason = HD_REASON_COND, .object = hd_sync_object(waiter->cond, HD_SYNC_COND), .place = place};
  while (atomic_load_explicit(&waiter->signalled, memory_order_acquire) == 0)
    if (hd_park(&waiter->signalled, 0, deadline, &wait) == HD_ETIMEOUT && leave_list(waiter))
      return ETIMEDOUT;
  return 0;
}

static int wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until,
                      uint64_t place)
{
  uint64_t deadline = HD_FOREVER;
  if (until && !hd_sync_deadline(until, hd_sync_is_steady(cond), &deadline))
    return EINVAL;
  hd_sync_point(HD_EV_COND_WAITED, cond, HD_SYNC_COND, hd_sync_object(mutex, HD_SYNC_MUTEX), 0, place);
  struct waiter waiter = {.cond = cond};
  join_list(&waiter); // before the mutex is free: who locks it next and signals must find us
  int error = pthread_mutex_unlock(mutex);
  if (error) {
    (void)leave_list(&waiter);
    return error;
  }
  (void)hd_unpark_key(mutex, 1);
  const int result = await_signal(&waiter, deadline, place);
  error = pthread_mutex_trylock(mutex);
  if (error == EBUSY)
    error = hd_sync_mutex_await(mutex, HD_FOREVER, place);
  if (error == 0 || error == EOWNERDEAD)
    hd_sync_point(HD_EV_LOCK_TAKEN, mutex, HD_SYNC_MUTEX, 0, 0, place);
  return error ? error : result;
}

int hd_sync_cond_wait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex)
{
  return hd_sync_managed() ? wait_until(cond, mutex, NULL, hd_caller()) : pthread_cond_wait(cond, mutex);
}

int hd_sync_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
  return hd_sync_managed() ? wait_until(cond, mutex, until, hd_caller())
                           : pthread_cond_timedwait(cond, mutex, until);
}

// ---- signalling ----

static struct waiter *waiter_of(struct hd_list *link)
{
  return hd_list_entry(link, struct waiter, link);
}

static unsigned count_waiters(const pthread_cond_t *cond)
{
  unsigned count = 0;
  hd_lock_take(&lock);
  for (struct hd_list *at = waiters.next; at != &waiters; at = at->next)
    count += waiter_of(at)->cond == cond;
  hd_lock_give(&lock);
  return count;
}

static void wake(const pthread_cond_t *cond, unsigned limit)
{
  hd_lock_take(&lock);
  for (struct hd_list *at = waiters.next, *next; at != &waiters && limit; at = next) {
    struct waiter *waiter = waiter_of(at);
    next = at->next;
    if (waiter->cond != cond)
      continue;
    hd_list_remove(&waiter->link);
    limit--;
    atomic_store_explicit(&waiter->signalled, 1, memory_order_release);
    // The waiter's word may be gone now, its address is only a key: waking nobody is harmless.
    hd_unpark(&waiter->signalled, 1);
  }
  hd_lock_give(&lock);
}

static int signal_one_or_all(pthread_cond_t *cond, bool all, uint64_t place)
{
  if (hd_point_on())
    hd_sync_point(HD_EV_COND_SIGNALLED, cond, HD_SYNC_COND, count_waiters(cond), all, place);
  wake(cond, all ? UINT_MAX : 1);
  return 0;
}

int hd_sync_cond_signal(pthread_cond_t *cond)
{
  return hd_sync_managed() ? signal_one_or_all(cond, false, hd_caller()) : pthread_cond_signal(cond);
}

int hd_sync_cond_broadcast(pthread_cond_t *cond)
{
  return hd_sync_managed() ? signal_one_or_all(cond, true, hd_caller()) : pthread_cond_broadcast(cond);
}
