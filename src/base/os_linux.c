// The Linux backend of base/os.h: futex, time stamp counter and processors. Polling is in os_linux_poll.c.
// Any thread may call everything here.
#include "base/os.h"

#include "base/error.h"
#include "base/hints.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

const char *hd_os_name(void)
{
  return "linux";
}

// ---- waiting on a word ----

int hd_os_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns, bool shared)
{
  struct timespec limit, *timeout = NULL;
  if (timeout_ns != HD_FOREVER) {
    limit.tv_sec = (time_t)(timeout_ns / 1000000000u);
    limit.tv_nsec = (long)(timeout_ns % 1000000000u);
    timeout = &limit;
  }
  const int op = shared ? FUTEX_WAIT : FUTEX_WAIT_PRIVATE;
  if (syscall(SYS_futex, word, op, expected, timeout, NULL, 0) < 0 && errno == ETIMEDOUT)
    return HD_ETIMEOUT;
  return HD_OK;
}

void hd_os_wake(_Atomic uint32_t *word, unsigned count, bool shared)
{
  const int op = shared ? FUTEX_WAKE : FUTEX_WAKE_PRIVATE;
  (void)syscall(SYS_futex, word, op, count > INT_MAX ? INT_MAX : (int)count, NULL, NULL, 0);
}

// ---- stamps ----

enum source { UNKNOWN, COUNTER, CLOCK };
static _Atomic int stamp_source;

#if defined(__x86_64__)

static uint64_t counter(void)
{
  return __rdtsc();
}

// The counter runs at a constant rate through every power state, and the kernel itself trusts it to be the
// same on all processors: only then does it keep "tsc" as its clock.
static bool counter_is_good(void)
{
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) || !(edx & 1u << 8))
    return false;
  char name[4] = {0};
  const int fd =
      open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  const ssize_t got = read(fd, name, sizeof name);
  (void)close(fd);
  return got == (ssize_t)sizeof name && memcmp(name, "tsc\n", sizeof name) == 0;
}

// Ticks per second as the processor tells it, 0 when it does not.
static uint64_t counter_frequency(void)
{
  unsigned denominator, numerator, crystal, edx;
  if (!__get_cpuid(0x15, &denominator, &numerator, &crystal, &edx) || !denominator || !numerator || !crystal)
    return 0;
  return (uint64_t)crystal * numerator / denominator;
}

#elif defined(__aarch64__)

static uint64_t counter(void)
{
  uint64_t value;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
}

static bool counter_is_good(void)
{
  return true; // the architecture promises one constant, system-wide counter
}

static uint64_t counter_frequency(void)
{
  uint64_t value;
  __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(value));
  return value;
}

#else

static uint64_t counter(void)
{
  return hd_os_now();
}

static bool counter_is_good(void)
{
  return false;
}

static uint64_t counter_frequency(void)
{
  return 0;
}

#endif

static hd_noinline int find_source(void)
{
  const int found = counter_is_good() ? COUNTER : CLOCK;
  atomic_store_explicit(&stamp_source, found, memory_order_relaxed);
  return found;
}

uint64_t hd_os_stamp(void)
{
  int source = atomic_load_explicit(&stamp_source, memory_order_relaxed);
  if (hd_unlikely(source == UNKNOWN))
    source = find_source();
  return source == COUNTER ? counter() : hd_os_now();
}

// A stamp and the time that belong together: the tightest of a few tries, so that an interrupt between them
// does not count.
static void read_pair(uint64_t *stamp, uint64_t *ns)
{
  uint64_t least = UINT64_MAX;
  for (int i = 0; i < 8; i++) {
    const uint64_t before = hd_os_stamp(), now = hd_os_now(), after = hd_os_stamp();
    if (after - before < least) {
      least = after - before;
      *stamp = before + (after - before) / 2;
      *ns = now;
    }
  }
}

#define MEASURE_NS 5000000u

static void set_factor(struct hd_os_rate *rate, uint64_t ns, uint64_t ticks)
{
  // ns stays below 2^31, so that it can be shifted by 32 without overflow.
  uint32_t shift = 32;
  while (shift && (ns << shift) / ticks > UINT32_MAX)
    shift--;
  rate->shift = shift;
  rate->mult = (uint32_t)((ns << shift) / ticks);
}

static struct hd_os_rate the_rate;
static pthread_once_t rate_once = PTHREAD_ONCE_INIT;

static void measure_rate(void)
{
  read_pair(&the_rate.stamp0, &the_rate.ns0);
  const uint64_t told = counter_frequency();
  if (atomic_load_explicit(&stamp_source, memory_order_relaxed) != COUNTER) {
    the_rate.mult = 1;
    the_rate.shift = 0;
  } else if (told) {
    set_factor(&the_rate, 1000000000u, told);
  } else {
    uint64_t stamp = 0, ns = 0;
    do {
      const struct timespec nap = {.tv_nsec = MEASURE_NS};
      (void)nanosleep(&nap, NULL);
      read_pair(&stamp, &ns);
    } while (ns - the_rate.ns0 < MEASURE_NS / 2);
    // A machine suspended just now would make a span too long to shift; its ratio is as good when halved.
    uint64_t span = ns - the_rate.ns0, ticks = stamp - the_rate.stamp0;
    for (; span >= 1u << 31; span >>= 1)
      ticks >>= 1;
    set_factor(&the_rate, span, ticks ? ticks : 1);
  }
}

void hd_os_stamp_rate(struct hd_os_rate *out)
{
  (void)pthread_once(&rate_once, measure_rate);
  *out = the_rate;
}

// ---- threads ----

uint32_t hd_os_thread_id(void)
{
  return (uint32_t)syscall(SYS_gettid);
}

unsigned hd_os_cpus(void)
{
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return (unsigned)CPU_COUNT(&set);
  const long online = sysconf(_SC_NPROCESSORS_ONLN); // more than 1024 processors do not fit the set
  return online > 0 ? (unsigned)online : 1;
}
