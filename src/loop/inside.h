// The inside of a loop, for the files of this folder only. Fields are grouped by who may touch them.
#ifndef HD_LOOP_INSIDE_H
#define HD_LOOP_INSIDE_H

#include "base/hints.h"
#include "base/os.h"
#include "loop/heap.h"
#include "loop/offload.h"
#include "loop/slab.h"
#include "loop/source.h"
#include "step/clock.h"
#include "step/park.h"
#include "step/point.h"

// A growing ring of callbacks: the tick and the microtask queue.
struct hd_micro {
  struct hd_micro_entry {
    hd_callback_fn *fn;
    void *data;
    uint32_t object;
  } * entries;
  uint32_t room, first, count; // room is a power of two
  uint32_t number;             // how many were ever queued
};

#define HD_TIMER_BUCKETS 64u

struct hd_timers {
  struct hd_slab slab;
  struct hd_heap heap;            // of lists, by expiry of their head
  struct hd_timer_list **buckets; // lists by duration
  uint32_t bucket_count, list_count;
  struct hd_timer_list *spare; // lists to use again
  struct hd_timer_list *pass;  // the list whose timers are being run
  uint64_t ids;                // ages of lists
};

struct hd_immediates {
  struct hd_slab slab;
  struct hd_list queued;      // for the next check phase
  struct hd_list outstanding; // of the check phase that runs
  uint32_t refs, number;
};

struct hd_jobs {
  struct hd_source source;
  struct hd_slab slab;
  struct hd_list live;         // every job not yet over
  hd_task *ready, *ready_last; // finished ones in order, to be called back
  hd_pool *deferred;           // kept until flushed
};

// How a loop waits; says how to wake it.
enum hd_asleep { HD_AWAKE, HD_ASLEEP_ON_WORD, HD_ASLEEP_IN_POLLER };

// Why a run is cut short; from FAILED on ticks and microtasks are not run either.
enum hd_halt { HD_HALT_NOT, HD_HALT_STOPPED, HD_HALT_FAILED, HD_HALT_KILLED };

struct hd_loop {
  // any thread
  _Alignas(HD_CACHE_LINE) _Atomic(struct hd_source *) inbox;
  _Atomic uint32_t asleep;   // enum hd_asleep
  _Atomic uint32_t visitors; // threads between handing something in and letting go of the loop
  _Atomic uint32_t halt;     // enum hd_halt
  _Alignas(HD_CACHE_LINE) _Atomic(hd_task *) finished; // newest first
  _Atomic(struct hd_post *) posts;                     // newest first
  _Atomic uint32_t post_number;
  // set once
  const void *owner; // of the thread it belongs to
  uint32_t object;
  // loop thread only
  bool running, in_callback;
  enum hd_callback kind; // of the callback that runs
  uint32_t callback_object;
  uint32_t callbacks; // so far
  enum hd_phase phase, shown_phase;
  uint64_t turn;
  uint64_t now_ms; // model time of this turn, once somebody has asked
  bool now_known;
  uint64_t refs; // what keeps it alive, immediates and closers apart
  int status;
  struct hd_micro ticks, microtasks;
  struct hd_immediates immediates;
  struct hd_timers timers;
  struct hd_jobs jobs;
  struct hd_source post_source;
  struct hd_post *posts_ready;         // in order
  struct hd_closer *closers, *closing; // newest first; the second: those of the close phase that runs
  uint32_t closer_number;
  struct hd_list ready; // signalled sources by order
  uint64_t source_orders;
  struct hd_list attached;
  hd_os_poller *poller; // opened with the first watch
  struct hd_list watches;
  uint32_t watched; // how many are in the poller
  // errors
  int thrown;    // by the callback that runs, 0: none
  char *message; // of thrown or uncaught
  int uncaught;
  hd_error_fn *on_error;
  hd_callback_fn *on_before_exit, *on_exit;
  void *on_error_data, *on_before_exit_data, *on_exit_data;
};

static inline uint64_t hd_fn_place(hd_callback_fn *fn)
{
  return (uint64_t)(uintptr_t)fn;
}

extern _Thread_local char hd_loop_thread; // its address tells threads apart

// Whether a call may be refused here: HD_EINVAL without a loop, HD_ETHREAD on another thread, else HD_OK.
static inline int hd_loop_check(const hd_loop *loop)
{
  if (hd_unlikely(!loop))
    return HD_EINVAL;
  return hd_likely(loop->owner == &hd_loop_thread) ? HD_OK : HD_ETHREAD;
}

// The same for calls that cannot say it: debug builds abort with the call's name.
void hd_loop_must_be_here(const hd_loop *loop, const char *call);

// micro.c
void hd_micro_destroy(struct hd_micro *queue);

// immediate.c
void hd_immediates_open(hd_loop *loop);
void hd_immediates_close(hd_loop *loop);
void hd_immediates_phase(hd_loop *loop);

// timer.c
void hd_timers_open(hd_loop *loop);
void hd_timers_close(hd_loop *loop);
void hd_timers_phase(hd_loop *loop);
uint64_t hd_timers_next(const hd_loop *loop); // model ms of the next expiry, HD_FOREVER: none

// source.c
void hd_sources_collect(hd_loop *loop);
void hd_sources_deliver(hd_loop *loop);
void hd_loop_wake(hd_loop *loop);

// post.c
void hd_posts_open(hd_loop *loop);
void hd_posts_close(hd_loop *loop);
bool hd_posts_waiting(const hd_loop *loop);
void hd_closers_phase(hd_loop *loop);
void hd_closers_free(hd_loop *loop);

// offload.c
void hd_jobs_open(hd_loop *loop);
void hd_jobs_close(hd_loop *loop);
void hd_jobs_flush(hd_loop *loop);   // wakes deferred pools
void hd_jobs_abandon(hd_loop *loop); // cancels or waits for all, no callbacks

// watch.c
unsigned hd_watches_wait(hd_loop *loop, struct hd_os_ready *ready, unsigned cap, uint64_t deadline);
void hd_watches_deliver(hd_loop *loop, const struct hd_os_ready *ready, unsigned count);
void hd_watches_close(hd_loop *loop);

// poll.c
void hd_poll_phase(hd_loop *loop);
void hd_loop_sleep(hd_loop *loop,
                   uint64_t deadline); // until something is in the inbox, or the deadline (model ns)
uint64_t
hd_loop_now(hd_loop *loop); // model ms of this turn; now_known = false makes the next call read the clock
bool hd_loop_alive(const hd_loop *loop);

#endif
