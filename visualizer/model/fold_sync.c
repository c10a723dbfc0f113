// Locks, conditions, semaphores and barriers: who holds them and who stands in line. One thread.
#include "model/fold.h"

static void note_held(struct mind *mind, uint32_t from, uint32_t to)
{
  for (int i = 0; i < HELD_KEPT; i++)
    if (mind->held[i] == from) {
      mind->held[i] = to;
      return;
    }
}

static void drop_owner(struct state *state, struct node *lock)
{
  struct hdv_thread *owner = lock->object.x != 0 ? thread_find(state, (uint16_t)(lock->object.x - 1)) : NULL;
  if (owner != NULL)
    note_held(mind_of(state, owner), lock->object.id, 0);
  lock->object.x = lock->object.y = 0;
}

static void want(struct state *state, struct hdv_thread *thread, struct node *lock)
{
  // Taking a recursive lock again is not wanting it.
  if (lock->object.x == (uint64_t)thread->slot + 1)
    return;
  thread_queue(state, thread, lock->object.id);
  lint_wanted(state, lock);
}

static void taken(struct state *state, struct hdv_thread *thread, struct node *lock)
{
  thread_unqueue(state, thread);
  if (lock->object.x == (uint64_t)thread->slot + 1) {
    count_up(&lock->object.y);
    return;
  }
  drop_owner(state, lock);
  lock->object.x = (uint64_t)thread->slot + 1;
  lock->object.y = 1;
  lock->object.worker = thread->slot;
  note_held(mind_of(state, thread), 0, lock->object.id);
}

static void given(struct state *state, struct node *lock, bool wholly)
{
  if (lock->object.y > 1 && !wholly)
    lock->object.y--;
  else
    drop_owner(state, lock);
}

static enum hdv_object_kind kind_of(unsigned event)
{
  switch (event) {
  case HD_EV_LOCK_WANTED:
  case HD_EV_LOCK_TAKEN:
  case HD_EV_LOCK_GIVEN:
    return HDV_LOCK;
  case HD_EV_COND_WAITED:
  case HD_EV_COND_SIGNALLED:
    return HDV_COND;
  case HD_EV_BARRIER_REACHED:
    return HDV_BARRIER;
  default:
    return HDV_SEMAPHORE;
  }
}

static void wait_cond(struct state *state, struct hdv_thread *thread, const struct hd_record *record)
{
  struct node *lock = record->a <= UINT32_MAX ? object_find(state, (uint32_t)record->a) : NULL;
  if (lock != NULL && lock->object.kind == HDV_LOCK && lock->object.x == (uint64_t)thread->slot + 1)
    given(state, lock, true);
  thread_queue(state, thread, record->object);
}

void fold_sync(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  struct hdv_thread *thread = thread_find(state, record->actor);
  if (thread == NULL)
    return;
  struct node *node = object_touch(state, record->object, kind_of(record->kind), record->actor);
  if (node == NULL) {
    not_understood(state);
    return;
  }
  switch (record->kind) {
  case HD_EV_LOCK_WANTED:
    want(state, thread, node);
    break;
  case HD_EV_LOCK_TAKEN:
    taken(state, thread, node);
    break;
  case HD_EV_LOCK_GIVEN:
    given(state, node, false);
    break;
  case HD_EV_COND_WAITED:
    wait_cond(state, thread, record);
    break;
  case HD_EV_BARRIER_REACHED:
    node->object.x = record->a;
    node->object.y = record->b;
    break;
  default:
    node->object.worker = record->actor;
    break;
  }
}
