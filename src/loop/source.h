// What modules above the loop build on (ports, workers): sources that other threads signal, callbacks,
// closing, keeping the loop alive. Lessons include loop/loop.h, not this. Loop thread only, except
// hd_source_signal().
#ifndef HD_LOOP_SOURCE_H
#define HD_LOOP_SOURCE_H

#include "base/list.h"
#include "loop/loop.h"
#include "trace/event.h"

#include <stdatomic.h>

// ---- sources: something that other threads fill and this loop empties in its poll phase ----

// A signalled source is delivered once in the next poll phase; several come in the order in which they were
// opened, and one signalled by an older one comes in the same phase (libuv 1.46 async.c; node rules M7, M8).
// Signals of one that is signalled already are free.
struct hd_source {
  struct hd_source *next; // in the loop's inbox
  struct hd_list ready;   // in the loop's list of what is to be delivered
  hd_loop *loop;
  uint64_t order;
  void (*deliver)(struct hd_source *source);
  _Atomic uint32_t signalled;
};

void hd_source_open(struct hd_source *source, hd_loop *loop, void (*deliver)(struct hd_source *source));

// Any thread; no point is passed; may be called with a runtime lock held. The source must stay open until it
// returns. A system call only if the loop sleeps.
void hd_source_signal(struct hd_source *source);

// Nobody may signal it any more.
void hd_source_close(struct hd_source *source);

// ---- callbacks ----

// Around every callback: begin, call, end, drain. begin tells the phase if this is the first callback in it.
// kind and object are what CALLBACK_BEGAN says, fn the address of the function that is called.
void hd_callback_begin(hd_loop *loop, enum hd_callback kind, uint32_t object, uint64_t fn);
void hd_callback_end(hd_loop *loop);

// Runs ticks and microtasks until both queues are empty (E2, E3).
void hd_callback_drain(hd_loop *loop);

// Whether the loop is to leave what is left of this phase where it is: stopped, killed or failed.
bool hd_loop_halted(const hd_loop *loop);

// Tells the current phase of this turn, once. For what is told before the first callback.
void hd_loop_show_phase(hd_loop *loop);

// ---- what keeps the loop alive, and what it must not be closed under ----

void hd_loop_hold(hd_loop *loop);
void hd_loop_let_go(hd_loop *loop);

// Something with its own memory that belongs to the loop. owes: whether hd_loop_close() is to say HD_EBUSY
// because of it. abandon: frees it without callbacks, when the loop is closed or ends by force; it must
// detach it.
struct hd_attached {
  struct hd_list link;
  bool (*owes)(const struct hd_attached *attached);
  void (*abandon)(struct hd_attached *attached);
};
void hd_loop_attach(hd_loop *loop, struct hd_attached *attached);
void hd_loop_detach(hd_loop *loop, struct hd_attached *attached);

// One that runs in the close phase of this turn; embedded in what is closed, so closing never fails.
struct hd_closer {
  struct hd_closer *next;
  uint32_t object;
  uint64_t fn;                             // address of the user's function
  void (*call)(struct hd_closer *closer);  // calls the user's function; NULL: nothing is to be called
  void (*after)(struct hd_closer *closer); // frees
};
void hd_loop_close_later(hd_loop *loop, struct hd_closer *closer, uint64_t place);

// ---- for whoever ends a loop from outside ----

// Any thread, while the loop is open: hd_loop_run() returns at once after the running callback, ticks and
// hooks are not run.
void hd_loop_kill(hd_loop *loop);

// Takes everything from a loop that has ended: attached things are abandoned, jobs cancelled or waited for.
// It can be closed then.
void hd_loop_abandon(hd_loop *loop);

// Runs fn as the loop's main program: what it throws is an uncaught error. Then hd_loop_run(). shown: the
// code address that is shown as the main program's.
int hd_loop_run_main(hd_loop *loop, hd_callback_fn *fn, uint64_t shown, void *data);

// The uncaught error that ended the run: its number, 0 for none; *message (may be NULL) is the loop's.
int hd_loop_uncaught(const hd_loop *loop, const char **message);

// Whether the calling thread is the loop's.
bool hd_loop_is_here(const hd_loop *loop);

#endif
