// Traced barriers. A managed program's barrier is ours, in the memory of the system's: nobody ever waits in
// the real one. Invariant: nobody is let go before everybody has passed the point that tells of his arrival,
// and it is not destroyed before everybody who was let go has left it. Any thread.
#include "sync/object.h"
#include "sync/sync.h"

#include "base/error.h"
#include "base/hints.h"

#include <errno.h>
#include <limits.h>

#if defined(_POSIX_BARRIERS) && _POSIX_BARRIERS > 0

struct barrier {
  uint32_t needed;
  _Atomic uint32_t arrived; // of this round, before their point
  _Atomic uint32_t passed;  // of this round, behind their point
  _Atomic uint32_t round;   // the word that the early ones sleep on
  _Atomic uint32_t inside;  // threads that may still look at all this
};
static_assert(sizeof(struct barrier) <= sizeof(pthread_barrier_t), "our barrier fits in the system's");
static_assert(_Alignof(struct barrier) <= _Alignof(pthread_barrier_t), "and is aligned there");

static struct barrier *ours(pthread_barrier_t *barrier)
{
  return (struct barrier *)(void *)barrier;
}

int hd_sync_barrier_init(pthread_barrier_t *restrict barrier, const pthread_barrierattr_t *restrict attr,
                         unsigned count)
{
  if (!hd_sync_managed())
    return pthread_barrier_init(barrier, attr, count);
  if (count == 0)
    return EINVAL;
  struct barrier *b = ours(barrier);
  b->needed = count;
  atomic_init(&b->arrived, 0);
  atomic_init(&b->passed, 0);
  atomic_init(&b->round, 0);
  atomic_init(&b->inside, 0);
  hd_sync_made(barrier, HD_SYNC_BARRIER, false);
  return 0;
}

int hd_sync_barrier_destroy(pthread_barrier_t *barrier)
{
  if (!hd_sync_managed())
    return pthread_barrier_destroy(barrier);
  struct barrier *b = ours(barrier);
  if (atomic_load(&b->arrived) != 0)
    return EBUSY;
  const struct hd_wait wait = {
      .reason = HD_REASON_BARRIER, .object = hd_sync_object(barrier, HD_SYNC_BARRIER), .place = hd_caller()};
  for (uint32_t inside; (inside = atomic_load(&b->inside)) != 0;)
    (void)hd_park(&b->inside, inside, HD_FOREVER, &wait);
  hd_sync_gone(barrier);
  return 0;
}

static void open_it(struct barrier *b)
{
  atomic_store(&b->arrived, 0);
  atomic_store(&b->passed, 0);
  // From here on the next round may begin, and the barrier may even be destroyed: its address is only a key
  // now.
  atomic_fetch_add(&b->round, 1);
  hd_unpark(&b->round, INT_MAX);
}

static int wait_inside(pthread_barrier_t *barrier, uint64_t place)
{
  struct barrier *b = ours(barrier);
  const uint32_t needed = b->needed, round = atomic_load(&b->round);
  const uint32_t number = atomic_fetch_add(&b->arrived, 1) + 1;
  hd_sync_point(HD_EV_BARRIER_REACHED, barrier, HD_SYNC_BARRIER, number, needed, place);
  if (atomic_fetch_add(&b->passed, 1) + 1 == needed) {
    open_it(b);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  const struct hd_wait wait = {
      .reason = HD_REASON_BARRIER, .object = hd_sync_object(barrier, HD_SYNC_BARRIER), .place = place};
  while (atomic_load(&b->round) == round)
    (void)hd_park(&b->round, round, HD_FOREVER, &wait);
  return 0;
}

static int wait_at(pthread_barrier_t *barrier, uint64_t place)
{
  struct barrier *b = ours(barrier);
  atomic_fetch_add(&b->inside, 1);
  const int result = wait_inside(barrier, place);
  atomic_fetch_sub(&b->inside, 1);
  hd_unpark(&b->inside, INT_MAX); // the barrier may be gone: its address is only a key
  return result;
}

int hd_sync_barrier_wait(pthread_barrier_t *barrier)
{
  return hd_sync_managed() ? wait_at(barrier, hd_caller()) : pthread_barrier_wait(barrier);
}

#endif
