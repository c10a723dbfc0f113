// Deadlocks: a circle of threads each of which waits for what the next one has, and a program in which nobody can
// go on any more. Part of the fold, so that a replay finds them at the same step. One thread.
#include "model/fold.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Whether only another thread can end the wait it is in: no deadline, nothing from outside.
static bool waits_for_good(const struct state *state, const struct hdv_thread *thread)
{
  return thread->state == HDV_BLOCKED && mind_of((struct state *)(uintptr_t)state, thread)->deadline == 0;
}

// The one thread that can end its wait, NULL when there is none or any thread can.
static const struct hdv_thread *holder(const struct state *state, const struct hdv_thread *thread)
{
  const struct node *node = object_find(state, thread->waits_for);
  if (node == NULL || !waits_for_good(state, thread))
    return NULL;
  if (thread->reason == HD_REASON_LOCK && node->object.kind == HDV_LOCK && node->object.x != 0)
    return thread_find(state, (uint16_t)(node->object.x - 1));
  uint16_t slot = thread->reason == HD_REASON_JOIN ? slot_behind(state, thread->waits_for, HDV_NOBODY) : HDV_NOBODY;
  const struct hdv_thread *other = thread_find(state, slot);
  // A slot is used again: by then it is another thread that has it.
  return other != NULL && other->object == thread->waits_for && other->state != HDV_ABSENT ? other : NULL;
}

static bool is_in_circle(const struct state *state, const struct hdv_thread *thread)
{
  const struct hdv_thread *at = holder(state, thread);
  for (unsigned i = 0; at != NULL && at != thread && i < HD_SLOTS; i++)
    at = holder(state, at);
  return at == thread;
}

static const struct hdv_thread *row(const struct state *state, uint32_t index)
{
  return (const struct hdv_thread *)arena_table(state, TABLE_THREADS) + index;
}

static const struct hdv_thread *first_in_circle(const struct state *state)
{
  for (uint32_t i = 0; i < table_count(state, TABLE_THREADS); i++)
    if (is_in_circle(state, row(state, i)))
      return row(state, i);
  return NULL;
}

// An idle loop may be woken by a descriptor, a sleeper by time; an idle pool thread only by one of the others.
static bool can_be_woken(const struct state *state, const struct hdv_thread *thread)
{
  if (mind_of((struct state *)(uintptr_t)state, thread)->deadline != 0)
    return true;
  return !waits_for_good(state, thread) && thread->reason != HD_REASON_TASK &&
         (thread->reason != HD_REASON_POLL || queue_length(state, thread->waits_for, HDV_QUEUE_WATCHES) > 0);
}

// The first of those that wait for somebody else, if nobody can go on; NULL if somebody can, or none wants to.
static const struct hdv_thread *first_stuck(const struct state *state)
{
  const struct hdv_thread *found = NULL;
  for (uint32_t i = 0; i < table_count(state, TABLE_THREADS); i++) {
    const struct hdv_thread *thread = row(state, i);
    if (thread->state == HDV_ABSENT)
      continue;
    if (can_be_woken(state, thread))
      return NULL;
    if (found == NULL && thread->state == HDV_BLOCKED)
      found = thread;
  }
  return found;
}

void lint_circle(struct state *state, const struct hdv_thread *thread)
{
  if (state->totals.lost == 0 && is_in_circle(state, thread))
    lint_warn(state, HDV_LINT_DEADLOCK, thread->waits_for);
}

void lint_still(struct state *state)
{
  const struct hdv_thread *thread = state->totals.lost == 0 ? first_stuck(state) : NULL;
  if (thread == NULL || state->totals.stuck)
    return;
  state->totals.stuck = true;
  if (first_in_circle(state) == NULL)
    lint_warn(state, HDV_LINT_DEADLOCK, thread->waits_for);
}

// ---- telling ----

struct sentence {
  char *out;
  size_t cap, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct sentence *sentence, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  int size = vsnprintf(sentence->out + sentence->used, sentence->cap - sentence->used, format, list);
  va_end(list);
  if (size > 0)
    sentence->used += (size_t)size < sentence->cap - sentence->used ? (size_t)size
                                                                   : sentence->cap - sentence->used - 1;
}

static void put_thread(struct sentence *sentence, const hdv_model *model, const struct hdv_thread *thread)
{
  char name[64];
  put(sentence, "%s",
      thread->name[0] != '\0' ? thread->name : hdv_model_name(model, thread->object, name, sizeof name));
}

static void put_wait(struct sentence *sentence, const hdv_model *model, const struct hdv_thread *thread)
{
  char name[64];
  const struct hdv_thread *other = holder(model->state, thread);
  bool named = thread->waits_for != 0 && thread->reason != HD_REASON_POLL && thread->reason != HD_REASON_TASK;
  if (sentence->used > 0)
    put(sentence, "; ");
  put_thread(sentence, model, thread);
  if (!named || (thread->reason == HD_REASON_JOIN && other == NULL)) {
    put(sentence, " waits %s", hd_reason_word(thread->reason));
    return;
  }
  const char *what = hdv_model_name(model, thread->waits_for, name, sizeof name);
  if (thread->reason == HD_REASON_JOIN)
    put(sentence, " waits for the end of %s", what);
  else if (thread->reason == HD_REASON_COND)
    put(sentence, " waits on %s, which nobody signals", what);
  else
    put(sentence, " waits for %s", what);
  if (thread->reason == HD_REASON_LOCK && other != NULL) {
    put(sentence, ", which ");
    if (other == thread)
      put(sentence, "it");
    else
      put_thread(sentence, model, other);
    put(sentence, " holds%s", other == thread ? " itself" : "");
  }
}

static void put_circle(struct sentence *sentence, const hdv_model *model, const struct hdv_thread *first)
{
  const struct hdv_thread *at = first;
  do {
    put_wait(sentence, model, at);
    at = holder(model->state, at);
  } while (at != NULL && at != first && sentence->used + 1 < sentence->cap);
}

size_t hdv_model_deadlock(const hdv_model *model, char *out, size_t cap)
{
  const struct state *state = model->state;
  struct sentence sentence = {.out = out, .cap = cap};
  if (cap == 0)
    return 0;
  out[0] = '\0';
  const struct hdv_thread *first = state->totals.lost == 0 ? first_in_circle(state) : NULL;
  if (first != NULL) {
    put_circle(&sentence, model, first);
  } else if (state->totals.stuck) {
    put(&sentence, "nobody can go on: ");
    sentence.out += sentence.used; // the semicolons stand between the waits
    sentence.cap -= sentence.used;
    size_t before = sentence.used;
    sentence.used = 0;
    for (uint32_t i = 0; i < table_count(state, TABLE_THREADS); i++)
      if (row(state, i)->state != HDV_ABSENT)
        put_wait(&sentence, model, row(state, i));
    sentence.used += before;
  }
  return sentence.used;
}
