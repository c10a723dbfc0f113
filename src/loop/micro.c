// The tick and the microtask queue, callbacks, and what happens when one fails (E1-E4, E7).
// Invariant: between two callbacks of the loop both queues are empty. Loop thread only.
#include "loop/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_EVERY 256u // callbacks between two absolute records: about 1,024 events
#define STATUS_UNCAUGHT 1
#define STATUS_HANDLER_FAILED 7 // as in Node

// ---- queues ----

static bool micro_grow(struct hd_micro *queue)
{
  uint32_t room = queue->room ? queue->room * 2 : 16;
  struct hd_micro_entry *entries = malloc(room * sizeof(*entries));
  if (!entries)
    return false;
  for (uint32_t i = 0; i < queue->count; i++)
    entries[i] = queue->entries[(queue->first + i) & (queue->room - 1)];
  free(queue->entries);
  *queue =
      (struct hd_micro){.entries = entries, .room = room, .count = queue->count, .number = queue->number};
  return true;
}

static int micro_queue(hd_loop *loop, struct hd_micro *queue, enum hd_event_kind event,
                       const struct hd_micro_entry *entry, uint64_t place)
{
  int status = hd_loop_check(loop);
  if (hd_unlikely(status != HD_OK || !entry->fn))
    return status != HD_OK ? status : HD_EINVAL;
  if (hd_unlikely(queue->count == queue->room) && !micro_grow(queue))
    return HD_ENOMEM;
  struct hd_micro_entry *slot = &queue->entries[(queue->first + queue->count++) & (queue->room - 1)];
  *slot = *entry;
  slot->object = hd_trace_object();
  hd_point_at(event, slot->object, loop->object, ++queue->number, place);
  return HD_OK;
}

int hd_tick(hd_loop *loop, hd_callback_fn *fn, void *data)
{
  const struct hd_micro_entry entry = {.fn = fn, .data = data};
  return micro_queue(loop, loop ? &loop->ticks : NULL, HD_EV_TICK_QUEUED, &entry, hd_caller());
}

int hd_microtask(hd_loop *loop, hd_callback_fn *fn, void *data)
{
  const struct hd_micro_entry entry = {.fn = fn, .data = data};
  return micro_queue(loop, loop ? &loop->microtasks : NULL, HD_EV_MICROTASK_QUEUED, &entry, hd_caller());
}

void hd_micro_destroy(struct hd_micro *queue)
{
  free(queue->entries);
  *queue = (struct hd_micro){0};
}

static bool micro_run_one(hd_loop *loop, struct hd_micro *queue, enum hd_callback kind)
{
  if (queue->count == 0 || atomic_load_explicit(&loop->halt, memory_order_relaxed) >= HD_HALT_FAILED)
    return false;
  struct hd_micro_entry entry = queue->entries[queue->first];
  queue->first = (queue->first + 1) & (queue->room - 1);
  queue->count--;
  hd_callback_begin(loop, kind, entry.object, hd_fn_place(entry.fn));
  entry.fn(loop, entry.data);
  hd_callback_end(loop);
  return true;
}

void hd_callback_drain(hd_loop *loop)
{
  bool ran;
  do {
    ran = false;
    while (micro_run_one(loop, &loop->ticks, HD_CALLBACK_TICK))
      ran = true;
    // All of them, those they add included, before a tick that they queue (E3).
    while (micro_run_one(loop, &loop->microtasks, HD_CALLBACK_MICROTASK))
      ran = true;
  } while (ran);
}

// ---- callbacks ----

void hd_loop_show_phase(hd_loop *loop)
{
  if (loop->shown_phase == loop->phase)
    return;
  loop->shown_phase = loop->phase;
  hd_point_at(HD_EV_PHASE, loop->object, loop->phase, loop->turn, 0);
}

void hd_callback_begin(hd_loop *loop, enum hd_callback kind, uint32_t object, uint64_t fn)
{
  hd_loop_show_phase(loop);
  if (hd_point_on() && ++loop->callbacks % STATE_EVERY == 0)
    hd_point_at(HD_EV_LOOP_STATE, loop->object, loop->phase, loop->turn, 0);
  hd_point_at(HD_EV_CALLBACK_BEGAN, object, kind, loop->object, fn);
  loop->kind = kind;
  loop->callback_object = object;
  loop->in_callback = true;
}

static void fail(hd_loop *loop, int status)
{
  loop->status = status;
  loop->uncaught = loop->thrown;
  loop->thrown = 0;
  uint32_t halt = atomic_load(&loop->halt);
  while (halt < HD_HALT_FAILED && !atomic_compare_exchange_weak(&loop->halt, &halt, HD_HALT_FAILED))
    ;
}

// The callback has thrown: the handler, else the loop ends (E7).
static void handle_thrown(hd_loop *loop)
{
  if (!loop->on_error || loop->kind == HD_CALLBACK_EXIT) {
    fail(loop, STATUS_UNCAUGHT);
    return;
  }
  int error = loop->thrown;
  char *message = loop->message;
  loop->thrown = 0;
  loop->message = NULL;
  loop->on_error(loop, error, message ? message : "", loop->on_error_data);
  free(message);
  if (loop->thrown)
    fail(loop, STATUS_HANDLER_FAILED);
}

void hd_callback_end(hd_loop *loop)
{
  if (hd_unlikely(loop->thrown != 0))
    handle_thrown(loop);
  loop->in_callback = false;
  hd_point_at(HD_EV_CALLBACK_ENDED, loop->callback_object, loop->kind, loop->object, 0);
}

int hd_throw(hd_loop *loop, int error, const char *message)
{
  int status = hd_loop_check(loop);
  if (status != HD_OK)
    return status;
  if (!loop->in_callback || error == 0 || loop->thrown != 0)
    return HD_EINVAL;
  char *copy = strdup(message ? message : hd_error_text(error));
  if (!copy)
    return HD_ENOMEM;
  free(loop->message);
  loop->message = copy;
  loop->thrown = error;
  hd_point_text(HD_EV_THROWN, loop->callback_object, (uint64_t)(int64_t)error, loop->object, hd_caller(),
                copy);
  return HD_OK;
}

int hd_loop_uncaught(const hd_loop *loop, const char **message)
{
  if (message)
    *message = loop->uncaught && loop->message ? loop->message : "";
  return loop->uncaught;
}

void hd_loop_on_error(hd_loop *loop, hd_error_fn *handler, void *data)
{
  hd_loop_must_be_here(loop, "hd_loop_on_error");
  loop->on_error = handler;
  loop->on_error_data = data;
}
