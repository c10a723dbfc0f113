// Traced mutexes. Invariant: a managed thread never waits inside the real mutex, it waits in the parking lot
// and tries again under the lot's lock; whoever unlocks wakes one. Any thread.
#include "sync/object.h"
#include "sync/sync.h"

#include "base/error.h"
#include "base/hints.h"

#include <errno.h>

int hd_sync_mutex_init(pthread_mutex_t *restrict mutex, const pthread_mutexattr_t *restrict attr)
{
  const int error = pthread_mutex_init(mutex, attr);
  if (!error && hd_sync_managed())
    hd_sync_made(mutex, HD_SYNC_MUTEX, false);
  return error;
}

int hd_sync_mutex_destroy(pthread_mutex_t *mutex)
{
  const int error = pthread_mutex_destroy(mutex);
  if (!error && hd_sync_managed())
    hd_sync_gone(mutex);
  return error;
}

struct attempt {
  pthread_mutex_t *mutex;
  int result;
};

static bool is_busy(void *arg)
{
  struct attempt *attempt = arg;
  attempt->result = pthread_mutex_trylock(attempt->mutex);
  return attempt->result == EBUSY;
}

// trylock says EBUSY also to the owner of an error-checking mutex, to whom lock says EDEADLK; a lock with a
// limit that is over tells the two apart. 0 when it was free by now, EBUSY when it is to be waited for.
static int ask_again(pthread_mutex_t *mutex)
{
  static const struct timespec over = {0};
  const int error = pthread_mutex_timedlock(mutex, &over);
  return error == ETIMEDOUT ? EBUSY : error;
}

int hd_sync_mutex_await(pthread_mutex_t *mutex, uint64_t deadline, uint64_t place)
{
  struct attempt attempt = {mutex, ask_again(mutex)};
  // Another thread may take the mutex between the wake and the next attempt.
  while (attempt.result == EBUSY) {
    const struct hd_wait wait = {
        .reason = HD_REASON_LOCK, .object = hd_sync_object(mutex, HD_SYNC_MUTEX), .place = place};
    if (hd_park_while(mutex, is_busy, &attempt, deadline, &wait) == HD_ETIMEOUT)
      return ETIMEDOUT;
    if (attempt.result == EBUSY)
      attempt.result = pthread_mutex_trylock(mutex);
  }
  return attempt.result;
}

static int lock_until(pthread_mutex_t *mutex, const struct timespec *until, uint64_t place)
{
  hd_sync_point(HD_EV_LOCK_WANTED, mutex, HD_SYNC_MUTEX, 0, 0, place);
  uint64_t deadline = HD_FOREVER;
  int error = pthread_mutex_trylock(mutex);
  if (error == EBUSY && until && !hd_sync_deadline(until, false, &deadline))
    return EINVAL;
  if (error == EBUSY)
    error = hd_sync_mutex_await(mutex, deadline, place);
  if (error == 0 || error == EOWNERDEAD)
    hd_sync_point(HD_EV_LOCK_TAKEN, mutex, HD_SYNC_MUTEX, 0, 0, place);
  return error;
}

int hd_sync_mutex_lock(pthread_mutex_t *mutex)
{
  return hd_sync_managed() ? lock_until(mutex, NULL, hd_caller()) : pthread_mutex_lock(mutex);
}

int hd_sync_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
  return hd_sync_managed() ? lock_until(mutex, until, hd_caller()) : pthread_mutex_timedlock(mutex, until);
}

int hd_sync_mutex_trylock(pthread_mutex_t *mutex)
{
  const int error = pthread_mutex_trylock(mutex);
  if (hd_sync_managed() && (error == 0 || error == EOWNERDEAD))
    hd_sync_point(HD_EV_LOCK_TAKEN, mutex, HD_SYNC_MUTEX, 0, 0, hd_caller());
  return error;
}

int hd_sync_mutex_unlock(pthread_mutex_t *mutex)
{
  if (!hd_sync_managed())
    return pthread_mutex_unlock(mutex);
  hd_sync_point(HD_EV_LOCK_GIVEN, mutex, HD_SYNC_MUTEX, 0, 0, hd_caller());
  const int error = pthread_mutex_unlock(mutex);
  if (!error)
    (void)hd_unpark_key(mutex, 1);
  return error;
}
