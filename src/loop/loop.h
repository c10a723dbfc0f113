// The event loop: one thread, callbacks that run to completion, in the phase order of libuv >= 1.45 (node
// rules E1-E4, L1-L9). Invariant: at most one callback of a loop is on the stack. A loop belongs to the
// thread that runs it. Threads: only hd_loop_post() may be called from another thread; debug builds abort
// with the call's name otherwise.
#ifndef HD_LOOP_LOOP_H
#define HD_LOOP_LOOP_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hd_loop hd_loop;
typedef void hd_callback_fn(hd_loop *loop, void *data);

struct hd_loop_opts {
  const char *name; // NULL: "loop N"
};

// Opens a loop for the calling thread. opts may be NULL. HD_EINVAL (out NULL), HD_ENOMEM.
int hd_loop_open(hd_loop **out, const struct hd_loop_opts *opts);

// Turns until nothing keeps the loop alive: no ref'd timer, immediate, watch, task, port, worker or closing
// callback (L9). Returns the exit status: 0, or what hd_loop_set_status() said, or 1 after an uncaught error.
// HD_ETHREAD, HD_EBUSY inside a callback.
int hd_loop_run(hd_loop *loop);

// Makes hd_loop_run() return after the callback that is running and its ticks and microtasks. What is queued
// stays.
void hd_loop_stop(hd_loop *loop);
void hd_loop_set_status(hd_loop *loop, int status);

// Frees the loop and everything queued in it; callbacks that did not run are not called. HD_EBUSY while it
// runs or while something is still owed to it: a job, a worker, a worker pool, a port whose other end is
// open. HD_ETHREAD.
int hd_loop_close(hd_loop *loop);

// Model time in ms as this turn of the loop sees it (frozen while timers are processed: node rule T4). Any
// time.
double hd_loop_time(hd_loop *loop);
uint32_t hd_loop_object(const hd_loop *loop);

// ---- the two micro queues: drained after every callback, ticks first (E2, E3, E4) ----

// Runs fn(loop, data) right after the current callback, before anything else of the loop. HD_EINVAL,
// HD_ENOMEM, HD_ETHREAD.
int hd_tick(hd_loop *loop, hd_callback_fn *fn, void *data);

// Runs fn(loop, data) when the ticks queued so far are done. HD_EINVAL, HD_ENOMEM, HD_ETHREAD.
int hd_microtask(hd_loop *loop, hd_callback_fn *fn, void *data);

// ---- immediates: the check phase (L2, L3, L6) ----

// Handles are plain values; a handle that has run, was cleared, or is {0} is refused with HD_ENOENT, nothing
// else happens.
struct hd_immediate {
  uint32_t index, generation;
};
int hd_immediate_set(hd_loop *loop, hd_callback_fn *fn, void *data,
                     struct hd_immediate *out); // out may be NULL
int hd_immediate_clear(hd_loop *loop, struct hd_immediate immediate);
int hd_immediate_ref(hd_loop *loop, struct hd_immediate immediate, bool ref);

// ---- timers: one list per duration above a heap of deadlines (T1-T10) ----

struct hd_timer {
  uint32_t index, generation;
};

// Runs fn once, ms milliseconds of model time from a fresh reading of the clock (T3). ms < 1, > 2^31-1 or NaN
// becomes 1, fractions are cut (T1). out may be NULL. HD_EINVAL, HD_ENOMEM, HD_ETHREAD.
int hd_timer_set(hd_loop *loop, hd_callback_fn *fn, void *data, double ms, struct hd_timer *out);

// The same again and again, until cleared (T7).
int hd_interval_set(hd_loop *loop, hd_callback_fn *fn, void *data, double ms, struct hd_timer *out);
int hd_timer_clear(hd_loop *loop, struct hd_timer timer);         // works on siblings of the same pass (T8)
int hd_timer_refresh(hd_loop *loop, struct hd_timer timer);       // from now, to the tail of its list (T9)
int hd_timer_ref(hd_loop *loop, struct hd_timer timer, bool ref); // unref'd: does not keep the loop alive
int hd_timer_has_ref(hd_loop *loop, struct hd_timer timer);       // 1, 0, HD_ENOENT

// ---- closing callbacks (L7) and callbacks from other threads ----

// Runs fn in the close phase of this turn, or of the next one when called in that phase; the one queued last
// runs first, as in libuv.
int hd_closing(hd_loop *loop, hd_callback_fn *fn, void *data);

// Runs fn(loop, data) in the poll phase. Any thread; first in, first out per posting thread; wakes the loop
// if it sleeps, costs no system call if it is awake. The loop must stay alive by other means until it has
// run. HD_EINVAL, HD_ENOMEM.
int hd_loop_post(hd_loop *loop, hd_callback_fn *fn, void *data);

// ---- the loop's end (E9) ----

// hook runs when nothing is left; it may queue more, then the loop goes on and it runs again later. NULL
// removes it.
void hd_loop_on_before_exit(hd_loop *loop, hd_callback_fn *hook, void *data);
// hook runs once at the very end; what it queues never runs; it may set the status.
void hd_loop_on_exit(hd_loop *loop, hd_callback_fn *hook, void *data);

// The running callback fails: it calls this and returns. The loop treats it as an uncaught error: the
// handler, else exit hook and status 1 (E7). message is copied. Outside a callback: HD_EINVAL.
typedef void hd_error_fn(hd_loop *loop, int error, const char *message, void *data);
int hd_throw(hd_loop *loop, int error, const char *message);
void hd_loop_on_error(hd_loop *loop, hd_error_fn *handler, void *data);

#endif
