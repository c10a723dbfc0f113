// The part of base/os.h that is plain POSIX on every system: clocks, threads, yielding. No state; any thread.
#include "base/os.h"

#include "base/error.h"

#include <sched.h>
#include <string.h>
#include <time.h>

static uint64_t clock_ns(clockid_t clock)
{
  struct timespec t;
  (void)clock_gettime(clock, &t); // these clocks exist on every system we build for
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t hd_os_now(void)
{
  return clock_ns(CLOCK_MONOTONIC);
}

uint64_t hd_os_wall(void)
{
  return clock_ns(CLOCK_REALTIME);
}

uint64_t hd_os_cpu_time(void)
{
  return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static void name_thread(pthread_t handle, const char *name)
{
#if defined(__linux__) || defined(__FreeBSD__)
  char cut[16] = {0};
  strncpy(cut, name, sizeof cut - 1);
  (void)pthread_setname_np(handle, cut); // only a help for debuggers
#else
  (void)handle;
  (void)name;
#endif
}

int hd_os_thread_start(struct hd_os_thread *out, void *(*fn)(void *), void *arg, size_t stack_bytes,
                       const char *name)
{
  pthread_attr_t attr;
  int failed = pthread_attr_init(&attr);
  if (failed)
    return hd_error_from_errno(failed);
  if (stack_bytes)
    failed = pthread_attr_setstacksize(&attr, stack_bytes);
  if (!failed)
    failed = pthread_create(&out->handle, &attr, fn, arg);
  (void)pthread_attr_destroy(&attr);
  if (failed)
    return hd_error_from_errno(failed);
  if (name)
    name_thread(out->handle, name);
  return HD_OK;
}

void hd_os_thread_join(struct hd_os_thread thread)
{
  (void)pthread_join(thread.handle, NULL);
}

void hd_os_thread_detach(struct hd_os_thread thread)
{
  (void)pthread_detach(thread.handle);
}

void hd_os_yield(void)
{
  (void)sched_yield();
}
