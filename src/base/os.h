// The one door to the operating system for clocks, waiting, waking, threads and polling.
// Three backends fit behind it: os_linux.c (futex, epoll, eventfd), os_posix.c (condition variables, poll,
// pipe) and, for the explorer, a simulated one. Nothing above base/ calls these services directly.
#ifndef HD_BASE_OS_H
#define HD_BASE_OS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HD_FOREVER UINT64_MAX

// ---- clocks ----

// Monotonic real time in nanoseconds, the same for every process of the machine. Any thread.
uint64_t hd_os_now(void);

// Time of day in nanoseconds since 1970; it can be set back. Any thread.
uint64_t hd_os_wall(void);

// Processor time the calling thread has used, in nanoseconds.
uint64_t hd_os_cpu_time(void);

// How stamps become nanoseconds: ns = ns0 + (stamp - stamp0) * mult / 2^shift.
struct hd_os_rate {
  uint64_t stamp0, ns0;
  uint32_t mult, shift;
};

// Nanoseconds on the hd_os_now() scale for a stamp, before and after stamp0.
static inline uint64_t hd_os_stamp_ns(const struct hd_os_rate *rate, uint64_t stamp)
{
  // In two halves: the product of a long span and mult has more than 64 bits.
  const bool before = stamp < rate->stamp0;
  const uint64_t span = before ? rate->stamp0 - stamp : stamp - rate->stamp0;
  const uint64_t high = (span >> 32) * rate->mult, low = (span & UINT32_MAX) * rate->mult;
  const uint64_t ns = (rate->shift <= 32 ? high << (32 - rate->shift) : 0) + (low >> rate->shift);
  return before ? rate->ns0 - ns : rate->ns0 + ns;
}

// Measures the stamp rate once per process (up to 10 ms where the processor does not tell it).
// *out is the same on every later call. Any thread.
void hd_os_stamp_rate(struct hd_os_rate *out);

// A cheap number that never goes back on one thread and orders threads as well as the machine can:
// the time stamp counter where it is constant and synchronised, else hd_os_now(). Any thread.
uint64_t hd_os_stamp(void);

// ---- waiting on a word ----

// Sleeps while *word == expected, at most timeout_ns nanoseconds (HD_FOREVER: no limit). shared: the
// word lies in memory shared by processes. Returns HD_OK when woken or the word differs (spurious returns are
// allowed: re-check), HD_ETIMEOUT when the time ran out. An interrupting signal counts as a spurious return.
int hd_os_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns, bool shared);

// Wakes at most count threads that sleep in hd_os_wait() on word. Change the word first.
void hd_os_wake(_Atomic uint32_t *word, unsigned count, bool shared);

// ---- threads ----

struct hd_os_thread {
  pthread_t handle;
};

// Starts fn(arg) on a new thread. stack_bytes 0: the system's default. name (may be NULL) is cut to 15 bytes and
// shown by debuggers. Returns HD_EAGAIN when the system gives no thread, HD_EINVAL for a bad stack size.
int hd_os_thread_start(struct hd_os_thread *out, void *(*fn)(void *), void *arg, size_t stack_bytes,
                       const char *name);

// Waits for the thread to end. Call it, or detach, exactly once per started thread.
void hd_os_thread_join(struct hd_os_thread thread);
void hd_os_thread_detach(struct hd_os_thread thread);

// The system's number of the calling thread (Linux: gettid).
uint32_t hd_os_thread_id(void);

// Lets another thread run.
void hd_os_yield(void);

// The number of processors this process may use (taskset counts), at least 1.
unsigned hd_os_cpus(void);

// ---- polling descriptors ----

enum { HD_OS_READ = 1, HD_OS_WRITE = 2, HD_OS_HANGUP = 4 };

typedef struct hd_os_poller hd_os_poller;

struct hd_os_ready {
  int fd;
  unsigned events;  // HD_OS_READ | HD_OS_WRITE | HD_OS_HANGUP
  void *data;       // as given to hd_os_poller_set
};

// A poller belongs to one thread; only hd_os_poller_notify() may be called from others.
// Returns HD_EAGAIN without descriptors, HD_ENOMEM.
int hd_os_poller_open(hd_os_poller **out);
void hd_os_poller_close(hd_os_poller *poller);

// Watches fd for events (0: stops watching). data comes back with each readiness. Level-triggered.
// Returns HD_EINVAL for a descriptor that cannot be polled, HD_ENOMEM.
int hd_os_poller_set(hd_os_poller *poller, int fd, unsigned events, void *data);

// Waits at most timeout_ns (0: looks only; HD_FOREVER: no limit) and fills at most cap entries. Returns their
// number, 0 when the time ran out, a signal came, or it was notified.
int hd_os_poller_wait(hd_os_poller *poller, struct hd_os_ready *ready, size_t cap, uint64_t timeout_ns);

// How many descriptors it watches, and how many notices its waits have taken so far. The poller's thread.
size_t hd_os_poller_watched(const hd_os_poller *poller);
uint64_t hd_os_poller_notices(const hd_os_poller *poller);

// Makes the current or the next hd_os_poller_wait() return. Any thread, also a signal handler.
void hd_os_poller_notify(hd_os_poller *poller);

// The backend's name: "linux", "posix" or "simulated".
const char *hd_os_name(void);

#endif
