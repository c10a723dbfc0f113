// The pool that libuv has: N bare threads, one first-in-first-out queue of function tasks, completions handed
// back through a callback (node rules P2, P3). Invariant: a thread takes the oldest task, and only one at a
// time. It knows no loop: whoever submits says how a finished task is handed back (loop/offload.h does it for
// loops). Threads: submit and cancel from any thread; open and close from one.
#ifndef HD_POOL_POOL_H
#define HD_POOL_POOL_H

#include "base/error.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hd_pool hd_pool;
typedef struct hd_task hd_task;

// When sleeping threads are woken. AT_ONCE: a submit wakes one, which wakes the next if there is more
// (default). DEFERRED: when the submitter calls hd_pool_flush() (a loop does so when the callbacks of a phase
// are through): fewer system calls, but while all workers sleep no task starts before that. A task that
// submits need not flush: its own thread is awake.
enum hd_wake { HD_WAKE_AT_ONCE, HD_WAKE_DEFERRED };

struct hd_pool_opts {
  unsigned threads; // 0: 4, as in libuv; at most 1024
  const char *name; // NULL: "pool N"
  enum hd_wake wake;
  size_t stack_bytes; // 0: the system's default
};

// A task lives in memory of the caller's choice, from submit until it is handed back; embed it. It must not
// be submitted again before that.
typedef void hd_task_fn(hd_task *task);
struct hd_task {
  hd_task *next;    // the pool's, until handed back; then free for whoever it is handed back to
  hd_task_fn *run;  // in a pool thread
  hd_task_fn *done; // hands it back: in the pool thread after run, or in the cancelling or closing thread.
                    // May be NULL
  hd_pool *pool;    // set by submit
  uint32_t object, number; // set by submit: object id, number in the pool from 1
  int status;              // set by the pool: HD_OK, or HD_ECANCELED when it never ran
  _Atomic uint16_t where;  // the queue's: enum hd_queue_where
  uint16_t state;          // the pool's: enum hd_task_state
  union {
    uint64_t position; // the pool's: where it stands in the ring, or
    hd_task *prev;     // who stands before it in the overflow list
  } queued;
  uint64_t place; // code address shown when a thread takes it; 0: run
};
static_assert(sizeof(hd_task) <= 64, "a task is one cache line");

// HD_EINVAL, HD_ENOMEM, HD_EAGAIN (no threads).
int hd_pool_open(hd_pool **out, const struct hd_pool_opts *opts);

// Queues the task behind all others; tasks of one submitter keep their order. HD_EINVAL, HD_ECLOSED. Any
// thread, tasks included.
int hd_pool_submit(hd_pool *pool, hd_task *task);

// Wakes what deferred submits have left asleep.
void hd_pool_flush(hd_pool *pool);

// Takes a task that no thread has started out of the queue; it is handed back with status HD_ECANCELED before
// this returns. HD_EBUSY: it runs, or is done and not yet handed back. HD_EINVAL: it is not this pool's.
int hd_pool_cancel(hd_pool *pool, hd_task *task);

// Waits until running tasks have ended, drops the queued ones (handed back with HD_ECANCELED), joins the
// threads and frees the pool. Not from one of its own tasks. NULL: nothing.
void hd_pool_close(hd_pool *pool);

unsigned hd_pool_threads(const hd_pool *pool);
uint32_t hd_pool_object(const hd_pool *pool);

// Each number is exact at some moment between call and return; for tests and summaries. cancelled: dropped
// ones, too.
struct hd_pool_counts {
  uint64_t submitted, done, cancelled;
};
void hd_pool_counts(const hd_pool *pool, struct hd_pool_counts *out);

// ---- for modules that submit on behalf of others (loop/offload.c) ----

// The same with the caller's code address, for the picture.
int hd_pool_submit_at(hd_pool *pool, hd_task *task, uint64_t place);
int hd_pool_cancel_at(hd_pool *pool, hd_task *task, uint64_t place);

enum hd_wake hd_pool_wake(const hd_pool *pool);

// Keeps the pool's memory beyond hd_pool_close() (flushing a closed pool does nothing) until released. Any
// thread.
void hd_pool_keep(hd_pool *pool);
void hd_pool_release(hd_pool *pool);

#endif
