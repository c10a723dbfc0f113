// The plain POSIX backend of base/os.h: a table of mutexes and conditions to wait on words. Polling is in
// os_posix_poll.c. Invariant: who waits has looked at the word under its bucket's mutex, who wakes takes that
// mutex after changing the word.
#include "base/os.h"

#include "base/error.h"
#include "base/hints.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

const char *hd_os_name(void)
{
  return "posix";
}

// ---- waiting on a word ----

#define BUCKETS 64
static struct bucket {
  _Alignas(HD_CACHE_LINE) pthread_mutex_t mutex;
  pthread_cond_t changed;
  unsigned waiters;
} buckets[BUCKETS];
static pthread_once_t buckets_once = PTHREAD_ONCE_INIT;

#if defined(_POSIX_CLOCK_SELECTION) && _POSIX_CLOCK_SELECTION > 0
#define WAIT_CLOCK CLOCK_MONOTONIC
#else
#define WAIT_CLOCK CLOCK_REALTIME // a clock set back makes a wait longer there, never wrong
#endif

static void init_conditions(void)
{
  pthread_condattr_t attr;
  (void)pthread_condattr_init(&attr);
#if defined(_POSIX_CLOCK_SELECTION) && _POSIX_CLOCK_SELECTION > 0
  (void)pthread_condattr_setclock(&attr, WAIT_CLOCK);
#endif
  for (int i = 0; i < BUCKETS; i++) {
    (void)pthread_mutex_init(&buckets[i].mutex, NULL);
    (void)pthread_cond_init(&buckets[i].changed, &attr);
    buckets[i].waiters = 0;
  }
  (void)pthread_condattr_destroy(&attr);
}

// A forked child has one thread, and nobody else to unlock what was locked.
static void init_buckets(void)
{
  init_conditions();
  (void)pthread_atfork(NULL, NULL, init_conditions);
}

static struct bucket *bucket_of(const _Atomic uint32_t *word)
{
  (void)pthread_once(&buckets_once, init_buckets);
  const uint64_t hash = (uint64_t)(uintptr_t)word * 0x9e3779b97f4a7c15u;
  return &buckets[hash >> 58];
}

static struct timespec time_after(uint64_t ns)
{
  struct timespec t;
  (void)clock_gettime(WAIT_CLOCK, &t);
  const uint64_t sum = (uint64_t)t.tv_nsec + ns % 1000000000u;
  t.tv_sec += (time_t)(ns / 1000000000u + sum / 1000000000u);
  t.tv_nsec = (long)(sum % 1000000000u);
  return t;
}

static bool is_unchanged(_Atomic uint32_t *word, uint32_t expected)
{
  return atomic_load_explicit(word, memory_order_acquire) == expected;
}

static int wait_private(_Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
  struct bucket *bucket = bucket_of(word);
  int error = 0;
  (void)pthread_mutex_lock(&bucket->mutex);
  if (is_unchanged(word, expected)) {
    bucket->waiters++;
    if (timeout_ns == HD_FOREVER) {
      error = pthread_cond_wait(&bucket->changed, &bucket->mutex);
    } else {
      const struct timespec until = time_after(timeout_ns);
      error = pthread_cond_timedwait(&bucket->changed, &bucket->mutex, &until);
    }
    bucket->waiters--;
  }
  (void)pthread_mutex_unlock(&bucket->mutex);
  return error == ETIMEDOUT ? HD_ETIMEOUT : HD_OK;
}

// POSIX has no wait on a word in memory that processes share: look again and again, ever more seldom.
static int wait_shared(_Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
  const uint64_t began = hd_os_now();
  for (uint64_t nap = 20000; is_unchanged(word, expected); nap = nap < 500000 ? nap * 2 : 1000000) {
    const uint64_t passed = hd_os_now() - began;
    if (passed >= timeout_ns)
      return HD_ETIMEOUT;
    const uint64_t rest = timeout_ns - passed, ns = nap < rest ? nap : rest;
    const struct timespec t = {.tv_nsec = (long)ns};
    if (nanosleep(&t, NULL) != 0)
      return HD_OK; // a signal
  }
  return HD_OK;
}

int hd_os_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns, bool shared)
{
  if (timeout_ns >= (uint64_t)INT32_MAX * 1000000000u)
    timeout_ns = HD_FOREVER; // later than a time_t may be able to say
  return shared ? wait_shared(word, expected, timeout_ns) : wait_private(word, expected, timeout_ns);
}

void hd_os_wake(_Atomic uint32_t *word, unsigned count, bool shared)
{
  if (shared || count == 0)
    return;
  // Several words share a bucket, so everybody is woken and looks whether he was meant.
  struct bucket *bucket = bucket_of(word);
  (void)pthread_mutex_lock(&bucket->mutex);
  if (bucket->waiters)
    (void)pthread_cond_broadcast(&bucket->changed);
  (void)pthread_mutex_unlock(&bucket->mutex);
}

// ---- stamps: the clock itself ----

uint64_t hd_os_stamp(void)
{
  return hd_os_now();
}

void hd_os_stamp_rate(struct hd_os_rate *out)
{
  *out = (struct hd_os_rate){.mult = 1};
}

// ---- threads ----

uint32_t hd_os_thread_id(void)
{
  static _Atomic uint32_t next = 1; // POSIX gives threads no numbers
  static _Thread_local uint32_t mine;
  if (!mine)
    mine = atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);
  return mine;
}

unsigned hd_os_cpus(void)
{
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (unsigned)online : 1;
}
