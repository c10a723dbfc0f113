// The one way the runtime waits. Every wait is bracketed by a BLOCKED and a READY point, so the gate always knows
// who can run; deadlines are model time. Unmanaged programs fall through to hd_os_wait/hd_os_wake.
// Invariant (managed): hd_park_running() counts the threads that are not parked; a waker counts the woken thread
// in before it goes on itself, so model time never jumps over a wake that is on its way.
#ifndef HD_STEP_PARK_H
#define HD_STEP_PARK_H

#include "base/os.h"
#include "trace/event.h"

// What the wait is about, for the picture.
struct hd_wait {
  enum hd_reason reason;
  uint32_t object;  // what is waited for, 0: nothing in particular
  uint64_t place;   // hd_caller() of the public function, 0: none
};

// Waits while *word == expected, until hd_unpark(word) or the deadline (model ns, HD_FOREVER: none). Returns HD_OK (re-check
// the word: spurious returns are allowed) or HD_ETIMEOUT. No runtime lock may be held.
int hd_park(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline, const struct hd_wait *wait);

// Wakes at most count threads parked on word (change the word first). Any thread; costs a system call only if one sleeps
// (managed: never one more than needed). Emits no event; may be called with a runtime lock held.
void hd_unpark(_Atomic uint32_t *word, unsigned count);

// ---- waiting for something that is not a word (sync/); managed programs only ----

// Like hd_park, but on any address as the key, and while must_wait(arg) says so. It is asked once, with the lot's lock
// held, after the BLOCKED point: it may take what it waits for, and must not block or pass a point.
typedef bool hd_park_check(void *arg);
int hd_park_while(const void *key, hd_park_check *must_wait, void *arg, uint64_t deadline,
                  const struct hd_wait *wait);

// Wakes at most count threads parked on the key, longest first. Change what must_wait looks at first. Returns how many.
unsigned hd_unpark_key(const void *key, unsigned count);

// Waits like hd_os_poller_wait, bracketed and with a model deadline. Wake it with hd_park_notify.
int hd_park_poll(hd_os_poller *poller, struct hd_os_ready *ready, size_t cap, uint64_t deadline,
                 const struct hd_wait *wait);
void hd_park_notify(hd_os_poller *poller);

// ---- threads that the gate accounts for ----

struct hd_thread_opts {
  enum hd_role role;
  const char *name;    // "worker 3"; NULL: "thread N"
  size_t stack_bytes;  // 0: the system's default
  uint64_t place;      // code address of the thread's function, for the picture, 0: none
  uint64_t maker;      // hd_caller() of whoever starts it, 0: none
};

typedef struct hd_thread hd_thread;

// Starts fn(arg) on a thread that is counted as running before this returns, has a slot and a ring, and emits
// THREAD_STARTED first and THREAD_ENDED last. HD_EAGAIN, HD_ENOMEM.
int hd_thread_start(hd_thread **out, void *(*fn)(void *), void *arg, const struct hd_thread_opts *opts);

// Waits for its end (a bracketed wait), frees it, and stores what fn returned in *result (may be NULL). Once per thread.
void hd_thread_join(hd_thread *thread, void **result);
void hd_thread_join_at(hd_thread *thread, void **result, uint64_t place);

// Instead of joining: nobody waits for its end, it frees itself then. Once per thread; the handle is gone afterwards.
void hd_thread_detach(hd_thread *thread);

// Ends the calling thread, which hd_thread_start() started, as if its function had returned result. For other
// threads: pthread_exit().
_Noreturn void hd_thread_exit(void *result);

// The system's handle of the thread.
pthread_t hd_thread_handle(const hd_thread *thread);

// The thread's object id; of the calling thread with NULL.
uint32_t hd_thread_object(const hd_thread *thread);

#endif
