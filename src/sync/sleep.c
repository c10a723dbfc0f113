// Sleeping in model time. No state; any thread.
#include "sync/object.h"
#include "sync/sync.h"

#include "step/clock.h"

#include <errno.h>

unsigned hd_sync_sleep(unsigned seconds)
{
  if (!hd_sync_managed())
    return sleep(seconds);
  hd_sleep_at((double)seconds * 1e3, hd_caller());
  return 0;
}

int hd_sync_usleep(useconds_t us)
{
  if (!hd_sync_managed())
    return usleep(us);
  hd_sleep_at((double)us / 1e3, hd_caller());
  return 0;
}

int hd_sync_nanosleep(const struct timespec *time, struct timespec *rest)
{
  if (!hd_sync_managed())
    return nanosleep(time, rest);
  if (time->tv_nsec < 0 || time->tv_nsec >= 1000000000 || time->tv_sec < 0) {
    errno = EINVAL;
    return -1;
  }
  hd_sleep_at((double)time->tv_sec * 1e3 + (double)time->tv_nsec / 1e6, hd_caller());
  return 0;
}
