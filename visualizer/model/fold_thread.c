// Threads: their rows in slot order, their states, and what they wait for. One thread.
#include "model/fold.h"
#include "model/text.h"

#include <string.h>

static struct hdv_thread *row_at(const struct state *state, uint32_t row)
{
  return (struct hdv_thread *)arena_table(state, TABLE_THREADS) + row;
}

struct hdv_thread *thread_find(const struct state *state, uint16_t slot)
{
  if (slot >= HD_SLOTS || state->row_of[slot] == 0)
    return NULL;
  return row_at(state, state->row_of[slot] - 1u);
}

struct mind *mind_of(struct state *state, const struct hdv_thread *thread)
{
  return (struct mind *)arena_table(state, TABLE_MINDS) + (thread - row_at(state, 0));
}

struct hdv_thread *thread_meet(struct state *state, uint16_t slot)
{
  struct hdv_thread *thread = thread_find(state, slot);
  if (thread != NULL || slot >= HD_SLOTS)
    return thread;
  uint32_t row = 0;
  while (row < table_count(state, TABLE_THREADS) && row_at(state, row)->slot < slot)
    row++;
  thread = row_insert(state, TABLE_THREADS, row);
  (void)row_insert(state, TABLE_MINDS, row);
  thread->slot = slot;
  thread->role = slot == 0 ? HD_ROLE_MAIN : HD_ROLE_THREAD;
  thread->index = HDV_NOBODY;
  for (uint32_t i = row; i < table_count(state, TABLE_THREADS); i++)
    state->row_of[row_at(state, i)->slot] = (uint16_t)(i + 1);
  return thread;
}

void thread_enter(struct state *state, struct hdv_thread *thread, enum hdv_thread_state now)
{
  if (thread->state == HDV_RUNNING && now != HDV_RUNNING)
    state->running--;
  if (thread->state != HDV_RUNNING && now == HDV_RUNNING)
    state->running++;
  thread->state = (uint16_t)now;
  if (now == HDV_RUNNING || now == HDV_ABSENT) {
    thread->reason = HD_REASON_NONE;
    thread->waits_for = 0;
  }
  if (now == HDV_RUNNING)
    state->totals.stuck = false;
}

uint16_t slot_behind(const struct state *state, uint32_t id, uint16_t otherwise)
{
  const struct node *node = node_find(state, id);
  if (node == NULL || (node->object.kind != HDV_THREAD_OBJECT && node->object.kind != HDV_WORKER))
    return otherwise;
  return node->object.worker;
}

void thread_queue(struct state *state, struct hdv_thread *thread, uint32_t owner)
{
  struct node *node = object_find(state, thread->object);
  if (node == NULL || owner == 0 || (node->object.queue == HDV_QUEUE_WAITERS && node->object.owner == owner))
    return;
  queue_push(state, node, owner, HDV_QUEUE_WAITERS);
}

void thread_unqueue(struct state *state, struct hdv_thread *thread)
{
  struct node *node = object_find(state, thread->object);
  if (node != NULL && node->object.queue == HDV_QUEUE_WAITERS)
    queue_remove(state, node);
}

void time_passes(struct state *state, uint64_t ns)
{
  if (ns <= state->totals.model_ns)
    return;
  state->totals.model_ns = ns;
  lint_time(state);
}

static void start(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  struct hdv_thread *thread = thread_find(state, record->actor);
  if (thread == NULL)
    return;
  if (thread->object != record->object)
    object_retire(state, object_find(state, thread->object));
  struct hdv_thread fresh = *thread;
  memset(thread, 0, sizeof *thread);
  memset(mind_of(state, thread), 0, sizeof(struct mind));
  thread->slot = fresh.slot;
  thread->state = fresh.state;
  thread->place = fresh.place;
  thread->since = record->stamp;
  thread->steps = 1;
  thread->object = record->object;
  thread->index = HDV_NOBODY;
  thread->role = record->a < HD_ROLE_COUNT ? (uint16_t)record->a : HD_ROLE_THREAD;
  struct node *node = object_make(state, record->object, HDV_THREAD_OBJECT, record->actor);
  if (node == NULL)
    return;
  node->object.worker = record->actor;
  if (text_size(entry) > 0)
    object_name(node, entry->text, entry->text_size);
  memcpy(thread->name, node->object.name, sizeof thread->name);
}

static void end(struct state *state, struct hdv_thread *thread, uint64_t stamp)
{
  struct mind *mind = mind_of(state, thread);
  thread_unqueue(state, thread);
  thread_enter(state, thread, HDV_ABSENT);
  memset(mind, 0, sizeof *mind);
  thread->since = stamp;
  thread->task = thread->callback = 0;
  thread->depth = thread->callback_kind = 0;
  thread->working_until = thread->callback_since = 0;
}

static bool waits_for_others(uint64_t reason)
{
  return reason == HD_REASON_LOCK || reason == HD_REASON_COND || reason == HD_REASON_SEMAPHORE ||
         reason == HD_REASON_BARRIER || reason == HD_REASON_JOIN;
}

static enum hdv_object_kind kind_waited_for(uint64_t reason)
{
  switch (reason) {
  case HD_REASON_LOCK:
    return HDV_LOCK;
  case HD_REASON_COND:
    return HDV_COND;
  case HD_REASON_SEMAPHORE:
    return HDV_SEMAPHORE;
  case HD_REASON_BARRIER:
    return HDV_BARRIER;
  default:
    return HDV_UNKNOWN;
  }
}

static void block(struct state *state, struct hdv_thread *thread, const struct hd_record *record)
{
  if (record->a >= HD_REASON_COUNT)
    not_understood(state);
  bool others = waits_for_others(record->a);
  thread_enter(state, thread, others ? HDV_BLOCKED : HDV_WAITING);
  thread->reason = record->a < HD_REASON_COUNT ? (uint16_t)record->a : HD_REASON_NONE;
  thread->waits_for = record->object;
  thread->since = record->stamp;
  mind_of(state, thread)->deadline = record->b;
  if (others) {
    object_touch(state, record->object, kind_waited_for(record->a), record->actor);
    thread_queue(state, thread, record->object);
  }
  lint_held(state, thread);
  lint_circle(state, thread);
  lint_asleep(state);
}

static void wake(struct state *state, struct hdv_thread *thread, const struct hd_record *record)
{
  struct mind *mind = mind_of(state, thread);
  bool in_time = record->b != 1;
  if (!in_time && thread->state != HDV_RUNNING && mind->deadline != 0)
    time_passes(state, mind->deadline);
  mind->deadline = 0;
  thread_enter(state, thread, HDV_RUNNING);
  thread->since = record->stamp;
  // Whoever wants a lock stands in line until it has it: it may have to sleep again.
  if (record->a != HD_REASON_LOCK || !in_time)
    thread_unqueue(state, thread);
  lint_woken(state, thread);
}

void fold_thread(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  struct hdv_thread *thread = thread_find(state, record->actor);
  if (thread == NULL)
    return;
  switch (record->kind) {
  case HD_EV_THREAD_STARTED:
    start(state, entry);
    break;
  case HD_EV_THREAD_ENDED:
    end(state, thread, record->stamp);
    break;
  case HD_EV_THREAD_CREATED:
    object_make(state, record->object, HDV_THREAD_OBJECT, record->actor);
    break;
  case HD_EV_BLOCKED:
    block(state, thread, record);
    break;
  case HD_EV_READY:
    wake(state, thread, record);
    break;
  case HD_EV_WORK_BEGAN: {
    uint64_t now = state->totals.model_ns;
    thread->working_until = record->a > UINT64_MAX - now ? UINT64_MAX : now + record->a;
    break;
  }
  case HD_EV_WORK_ENDED:
    time_passes(state, thread->working_until);
    thread->working_until = 0;
    break;
  default:
    break;
  }
}
