// The pool that libuv has: N bare threads, one first-in-first-out queue of function tasks, completions handed back through a callback (node rule P2).
// It knows no loop: whoever submits says how a finished task is handed back (loop/offload.h does it for loops).
// Threads: submit and cancel from any thread; open and close from one.
#ifndef HD_POOL_POOL_H
#define HD_POOL_POOL_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hd_pool hd_pool;
typedef struct hd_task hd_task;

// Which workers a submit wakes. AT_ONCE: one sleeping worker per task, at the submit (default). DEFERRED: when the submitter calls
// hd_pool_flush() (loops do so after each callback): fewer system calls, but no task starts before the callback ends.
enum hd_wake { HD_WAKE_AT_ONCE, HD_WAKE_DEFERRED };

struct hd_pool_opts {
  unsigned threads;    // 0: 4, as in libuv; at most 1024
  const char *name;    // NULL: "pool N"
  enum hd_wake wake;
  size_t stack_bytes;  // 0: the system's default
};

// A task lives in memory of the caller's choice, from submit until handed back; embed it. At most 64 bytes besides what it is embedded in.
typedef void hd_task_fn(hd_task *task);  // runs in a pool thread
struct hd_task {
  hd_task *next;          // the pool's, while queued; then free for whoever it is handed back to
  hd_task_fn *run;        // in a pool thread
  hd_task_fn *done;       // in the pool thread, after run, or in the cancelling or closing thread; hands it back
  hd_pool *pool;          // set by submit
  uint32_t object, number;  // set by submit: object id, number in the pool from 1
  int status;             // HD_OK, or HD_ECANCELED when it never ran
  _Atomic uint32_t state; // the pool's
};

// HD_EINVAL, HD_ENOMEM, HD_EAGAIN (no threads).
int hd_pool_open(hd_pool **out, const struct hd_pool_opts *opts);

// Queues the task. HD_EINVAL, HD_ECLOSED. Any thread, tasks included.
int hd_pool_submit(hd_pool *pool, hd_task *task);

// Wakes what deferred submits have left asleep.
void hd_pool_flush(hd_pool *pool);

// Takes a task that no thread has started out of the queue; it is handed back with status HD_ECANCELED. HD_EBUSY: it runs or is done.
int hd_pool_cancel(hd_pool *pool, hd_task *task);

// Waits until running tasks have ended, drops the queued ones (handed back with HD_ECANCELED), joins the threads and frees the pool.
void hd_pool_close(hd_pool *pool);

unsigned hd_pool_threads(const hd_pool *pool);
uint32_t hd_pool_object(const hd_pool *pool);

// Exact at some moment between call and return; for tests and summaries.
struct hd_pool_counts {
  uint64_t submitted, done, cancelled;
};
void hd_pool_counts(const hd_pool *pool, struct hd_pool_counts *out);

#endif
