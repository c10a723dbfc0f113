// The fold, lane by lane: each function applies one event to the state. Room for what they add is reserved before, so
// none of them can fail; what they cannot understand is counted. Private to visualizer/model.
#ifndef HDV_MODEL_FOLD_H
#define HDV_MODEL_FOLD_H

#include "model/state.h"

void fold_thread(struct state *state, const struct hd_entry *entry);
void fold_loop(struct state *state, const struct hd_entry *entry);
void fold_pool(struct state *state, const struct hd_entry *entry);
void fold_port(struct state *state, const struct hd_entry *entry);
void fold_worker(struct state *state, const struct hd_entry *entry);
void fold_sync(struct state *state, const struct hd_entry *entry);
void fold_share(struct state *state, const struct hd_entry *entry);
void fold_lesson(struct state *state, const struct hd_entry *entry);
void fold_meta(struct state *state, const struct hd_entry *entry);

static inline uint32_t text_size(const struct hd_entry *entry)
{
  return entry->text != NULL ? entry->text_size : 0;
}

static inline void not_understood(struct state *state)
{
  count_up(&state->totals.unknown);
}

// ---- fold_thread.c ----

// The row of a slot; meeting makes it when it is missing. NULL: never met; a slot that cannot be.
struct hdv_thread *thread_find(const struct state *state, uint16_t slot);
struct hdv_thread *thread_meet(struct state *state, uint16_t slot);
struct mind *mind_of(struct state *state, const struct hdv_thread *thread);
void thread_enter(struct state *state, struct hdv_thread *thread, enum hdv_thread_state now);

// The thread behind an object id: a thread, or a worker's thread; else the slot given.
uint16_t slot_behind(const struct state *state, uint32_t id, uint16_t otherwise);

// Puts a thread into the waiting queue of an object, or out of it.
void thread_queue(struct state *state, struct hdv_thread *thread, uint32_t owner);
void thread_unqueue(struct state *state, struct hdv_thread *thread);

// Model time has come to ns (never back).
void time_passes(struct state *state, uint64_t ns);

// ---- fold_loop.c, fold_pool.c ----

struct hdv_loop *loop_find(const struct state *state, uint32_t id);
struct hdv_pool *pool_find(const struct state *state, uint32_t id);
struct book *book_of(struct state *state, const struct hdv_pool *pool);

// Takes a task out because its callback begins.
void pool_calls_back(struct state *state, struct node *task);

// The turn of a loop, 0 when it is unknown.
uint64_t turn_of(const struct state *state, uint32_t loop);

// ---- lints.c ----

// The pool's counters have changed: do they still agree with its queues?
void lint_books(struct state *state, struct hdv_pool *pool);
void lint_pool_closed(struct state *state, const struct hdv_pool *pool);

// A thread went to sleep; a pool thread woke; model time moved; the program ended.
void lint_asleep(struct state *state);
void lint_woken(struct state *state, const struct hdv_thread *thread);
void lint_time(struct state *state);
void lint_end(struct state *state);

// Counts a warning.
void lint_warn(struct state *state, enum hdv_lint lint, uint32_t object);

// The thread has just gone to sleep: does it close a circle? The program stands still: can anybody go on?
void lint_circle(struct state *state, const struct hdv_thread *thread);
void lint_still(struct state *state);

// The thread does something while a callback is on its stack.
void lint_callback(struct state *state, const struct hdv_thread *thread);

// The queue has just grown in this turn of its loop.
void lint_growth(struct state *state, struct queue *queue, uint64_t turn);

// The thread waits: does it hold a lock that others want? The lock is wanted: does its owner wait?
void lint_held(struct state *state, const struct hdv_thread *thread);
void lint_wanted(struct state *state, const struct node *lock);

#endif
