// Traced semaphores. Invariant: the count is the real semaphore's; a managed thread that finds it 0 waits in
// the parking lot and tries again under the lot's lock; whoever posts wakes one. Any thread.
#include "sync/object.h"
#include "sync/sync.h"

#include "base/error.h"
#include "base/hints.h"

#include <errno.h>

int hd_sync_sem_init(sem_t *sem, int shared, unsigned value)
{
  const int failed = sem_init(sem, shared, value);
  if (!failed && hd_sync_managed())
    hd_sync_made(sem, HD_SYNC_SEM, false);
  return failed;
}

int hd_sync_sem_destroy(sem_t *sem)
{
  const int failed = sem_destroy(sem);
  if (!failed && hd_sync_managed())
    hd_sync_gone(sem);
  return failed;
}

// Takes one, or says why not: 0, EAGAIN, EINVAL.
static int take(sem_t *sem)
{
  const int saved = errno;
  const int error = sem_trywait(sem) == 0 ? 0 : errno;
  errno = saved;
  return error == EINTR ? EAGAIN : error;
}

struct attempt {
  sem_t *sem;
  int result;
};

static bool is_empty(void *arg)
{
  struct attempt *attempt = arg;
  attempt->result = take(attempt->sem);
  return attempt->result == EAGAIN;
}

static int await(sem_t *sem, const struct timespec *until, uint64_t place)
{
  struct attempt attempt = {sem, EAGAIN};
  uint64_t deadline = HD_FOREVER;
  if (until && !hd_sync_deadline(until, false, &deadline))
    return EINVAL;
  while (attempt.result == EAGAIN) {
    const struct hd_wait wait = {
        .reason = HD_REASON_SEMAPHORE, .object = hd_sync_object(sem, HD_SYNC_SEM), .place = place};
    if (hd_park_while(sem, is_empty, &attempt, deadline, &wait) == HD_ETIMEOUT)
      return ETIMEDOUT;
    if (attempt.result == EAGAIN)
      attempt.result = take(sem);
  }
  return attempt.result;
}

static int fail(int error)
{
  errno = error;
  return -1;
}

static int wait_until(sem_t *sem, const struct timespec *until, uint64_t place)
{
  int error = take(sem);
  if (error == EAGAIN)
    error = await(sem, until, place);
  if (error)
    return fail(error);
  hd_sync_point(HD_EV_SEM_WAITED, sem, HD_SYNC_SEM, 0, 0, place);
  return 0;
}

int hd_sync_sem_wait(sem_t *sem)
{
  return hd_sync_managed() ? wait_until(sem, NULL, hd_caller()) : sem_wait(sem);
}

int hd_sync_sem_timedwait(sem_t *restrict sem, const struct timespec *restrict until)
{
  return hd_sync_managed() ? wait_until(sem, until, hd_caller()) : sem_timedwait(sem, until);
}

int hd_sync_sem_trywait(sem_t *sem)
{
  const int failed = sem_trywait(sem);
  if (!failed && hd_sync_managed())
    hd_sync_point(HD_EV_SEM_WAITED, sem, HD_SYNC_SEM, 0, 0, hd_caller());
  return failed;
}

int hd_sync_sem_post(sem_t *sem)
{
  if (!hd_sync_managed())
    return sem_post(sem);
  hd_sync_point(HD_EV_SEM_POSTED, sem, HD_SYNC_SEM, 0, 0, hd_caller());
  const int failed = sem_post(sem);
  if (!failed)
    (void)hd_unpark_key(sem, 1);
  return failed;
}
