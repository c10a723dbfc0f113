// Loops: where in their turn they are, what stands in their queues, and the callbacks on the threads' stacks.
// One thread.
#include "model/fold.h"

#include <string.h>

static struct hdv_loop *row_at(const struct state *state, uint32_t row)
{
  return (struct hdv_loop *)arena_table(state, TABLE_LOOPS) + row;
}

static uint32_t open_loops(const struct state *state)
{
  uint32_t open = table_count(state, TABLE_LOOPS);
  while (open > 0 && row_at(state, open - 1)->closed)
    open--;
  return open;
}

struct hdv_loop *loop_find(const struct state *state, uint32_t id)
{
  for (uint32_t i = 0; id != 0 && i < table_count(state, TABLE_LOOPS); i++)
    if (row_at(state, i)->id == id)
      return row_at(state, i);
  return NULL;
}

uint64_t turn_of(const struct state *state, uint32_t loop)
{
  const struct hdv_loop *row = loop_find(state, loop);
  return row != NULL && row->known ? row->turn : 0;
}

static void forget_oldest(struct state *state)
{
  uint32_t last = table_count(state, TABLE_LOOPS) - 1;
  object_retire(state, object_find(state, row_at(state, last)->id));
  row_remove(state, TABLE_LOOPS, last);
}

// The row of a loop, made when it is missing: then nothing is known of it yet. NULL: the id is something
// else, or too many.
static struct hdv_loop *loop_meet(struct state *state, uint32_t id, uint16_t actor)
{
  struct hdv_loop *loop = loop_find(state, id);
  if (loop != NULL || object_touch(state, id, HDV_LOOP, actor) == NULL)
    return loop;
  uint32_t open = open_loops(state);
  if (table_count(state, TABLE_LOOPS) == LOOPS_MAX) {
    if (open == LOOPS_MAX)
      return NULL;
    forget_oldest(state);
  }
  loop = row_insert(state, TABLE_LOOPS, open);
  loop->id = id;
  loop->thread = HDV_NOBODY;
  return loop;
}

static void close_loop(struct state *state, struct hdv_loop *loop)
{
  uint32_t id = loop->id;
  for (int kind = HDV_QUEUE_TICKS; kind <= HDV_QUEUE_WATCHES; kind++)
    for (struct node *node; (node = queue_first(state, id, (uint32_t)kind)) != NULL;)
      object_retire(state, node);
  if (loop->closed)
    return;
  uint32_t open = open_loops(state);
  loop->closed = true;
  loop->running = false;
  loop->phase = HD_PHASE_NONE;
  row_move(state, TABLE_LOOPS, (uint32_t)(loop - row_at(state, 0)), open - 1);
  if (table_count(state, TABLE_LOOPS) - open >= CLOSED_KEPT)
    forget_oldest(state);
}

static void set_phase(struct state *state, struct hdv_loop *loop, const struct hd_record *record)
{
  if (record->a >= HD_PHASE_COUNT) {
    not_understood(state);
    return;
  }
  loop->phase = (uint16_t)record->a;
  loop->turn = record->b;
}

// After a loss: what has stood in a queue since before it may have left unseen.
static void state_loop(struct state *state, struct hdv_loop *loop, const struct hd_record *record)
{
  set_phase(state, loop, record);
  for (int kind = HDV_QUEUE_TICKS; !loop->known && kind < HDV_QUEUE_WATCHES; kind++)
    for (struct node *node; (node = queue_first(state, loop->id, (uint32_t)kind)) != NULL;) {
      bool old = node->object.changed <= state->lost_step;
      if (!old || (kind == HDV_QUEUE_TIMERS && node->object.x > state->totals.model_ns))
        break;
      object_retire(state, node);
    }
  loop->known = true;
}

// ---- queues ----

static void enqueue(struct state *state, const struct hd_record *record, enum hdv_object_kind kind,
                    enum hdv_queue queue)
{
  // Ports and watches close under their own id, which keeps its kind.
  const struct node *closing = kind == HDV_CLOSING ? node_find(state, record->object) : NULL;
  if (closing != NULL && closing->object.kind != HDV_UNKNOWN)
    kind = (enum hdv_object_kind)closing->object.kind;
  if (loop_meet(state, (uint32_t)record->a, record->actor) == NULL || record->a > UINT32_MAX) {
    not_understood(state);
    return;
  }
  struct node *node = object_make(state, record->object, kind, record->actor);
  if (node == NULL) {
    not_understood(state);
    return;
  }
  if (closing == NULL)
    object_number(node, record->b);
  lint_growth(state, queue_push(state, node, (uint32_t)record->a, queue),
              turn_of(state, (uint32_t)record->a));
}

static void start_timer(struct state *state, const struct hd_record *record)
{
  uint32_t loop = (uint32_t)record->b;
  struct node *node = NULL;
  if (record->b <= UINT32_MAX && loop_meet(state, loop, record->actor) != NULL)
    node = object_make(state, record->object, HDV_TIMER, record->actor);
  if (node == NULL) {
    not_understood(state);
    return;
  }
  queue_remove(state, node);
  node->object.x = record->a;
  node->object.y = loop;
  lint_growth(state, queue_push(state, node, loop, HDV_QUEUE_TIMERS), turn_of(state, loop));
}

static void watch(struct state *state, const struct hd_record *record)
{
  struct node *node = NULL;
  if (record->b <= UINT32_MAX && loop_meet(state, (uint32_t)record->b, record->actor) != NULL)
    node = object_make(state, record->object, HDV_WATCH, record->actor);
  if (node == NULL) {
    not_understood(state);
    return;
  }
  node->object.x = record->a;
  queue_push(state, node, (uint32_t)record->b, HDV_QUEUE_WATCHES);
}

// ---- callbacks ----

// The kind of object that a callback uses up; HDV_UNKNOWN: its object lives on.
static enum hdv_object_kind used_up_by(uint64_t callback)
{
  static const uint8_t kinds[HD_CALLBACK_COUNT] = {
      [HD_CALLBACK_TICK] = HDV_TICK,       [HD_CALLBACK_MICROTASK] = HDV_MICROTASK,
      [HD_CALLBACK_TIMER] = HDV_TIMER,     [HD_CALLBACK_IMMEDIATE] = HDV_IMMEDIATE,
      [HD_CALLBACK_POSTED] = HDV_POST,     [HD_CALLBACK_TASK] = HDV_TASK,
      [HD_CALLBACK_MESSAGE] = HDV_MESSAGE, [HD_CALLBACK_CLOSE] = HDV_CLOSING,
  };
  return callback < HD_CALLBACK_COUNT ? (enum hdv_object_kind)kinds[callback] : HDV_UNKNOWN;
}

static bool closes(const struct node *node)
{
  return node->object.kind == HDV_PORT || node->object.kind == HDV_WATCH;
}

static void take_out(struct state *state, const struct hd_record *record)
{
  enum hdv_object_kind kind = used_up_by(record->a);
  struct node *node = node_find(state, record->object);
  // A port calls back for its messages, and ports and watches for their own end.
  if (node != NULL && closes(node) && (kind == HDV_MESSAGE || kind == HDV_CLOSING))
    kind = kind == HDV_CLOSING ? (enum hdv_object_kind)node->object.kind : HDV_UNKNOWN;
  if (kind == HDV_UNKNOWN || record->object == 0)
    return;
  node = object_touch(state, record->object, kind, record->actor);
  if (node == NULL) {
    not_understood(state);
    return;
  }
  if (kind == HDV_TASK)
    pool_calls_back(state, node);
  queue_remove(state, node);
  if (kind != HDV_TASK)
    node->object.worker = record->actor;
}

static void callback_began(struct state *state, struct hdv_thread *thread, const struct hd_record *record)
{
  struct mind *mind = mind_of(state, thread);
  if (record->a >= HD_CALLBACK_COUNT)
    not_understood(state);
  uint16_t kind = record->a < HD_CALLBACK_COUNT ? (uint16_t)record->a : HD_CALLBACK_MAIN;
  if (thread->depth == 0) {
    thread->callback_since = state->totals.model_ns;
    mind->warned = 0;
  }
  if (thread->depth < STACK_KEPT) {
    mind->stack[thread->depth] = record->object;
    mind->kinds[thread->depth] = kind;
  }
  if (thread->depth < UINT16_MAX)
    thread->depth++;
  thread->callback = record->object;
  thread->callback_kind = kind;
  struct hdv_loop *loop =
      record->b <= UINT32_MAX ? loop_meet(state, (uint32_t)record->b, record->actor) : NULL;
  if (loop != NULL) {
    loop->thread = record->actor;
    mind->loop = loop->id;
  }
  take_out(state, record);
}

static void callback_ended(struct state *state, struct hdv_thread *thread, const struct hd_record *record)
{
  struct mind *mind = mind_of(state, thread);
  if (thread->depth == 0)
    not_understood(state);
  else
    thread->depth--;
  bool kept = thread->depth > 0 && thread->depth <= STACK_KEPT;
  thread->callback = kept ? mind->stack[thread->depth - 1] : 0;
  thread->callback_kind = kept ? mind->kinds[thread->depth - 1] : HD_CALLBACK_MAIN;
  if (thread->depth < STACK_KEPT) {
    mind->stack[thread->depth] = 0;
    mind->kinds[thread->depth] = 0;
  }
  if (thread->depth == 0)
    thread->callback_since = 0;
  struct node *node = object_find(state, record->object);
  if (node == NULL || node->object.queue != HDV_QUEUE_NONE)
    return;
  enum hdv_object_kind kind = used_up_by(record->a);
  if (kind != HDV_UNKNOWN && (node->object.kind == kind || (kind == HDV_CLOSING && closes(node))))
    object_retire(state, node);
}

// ---- dispatch ----

static void turn_event(struct state *state, struct hdv_thread *thread, const struct hd_record *record)
{
  struct hdv_loop *loop = loop_meet(state, record->object, record->actor);
  if (loop == NULL) {
    not_understood(state);
    return;
  }
  switch (record->kind) {
  case HD_EV_LOOP_OPENED:
    loop->known = true;
    break;
  case HD_EV_LOOP_STARTED:
    loop->thread = record->actor;
    loop->running = true;
    mind_of(state, thread)->loop = loop->id;
    break;
  case HD_EV_PHASE:
    loop->thread = record->actor;
    loop->running = true;
    mind_of(state, thread)->loop = loop->id;
    set_phase(state, loop, record);
    break;
  case HD_EV_LOOP_ENDED:
    loop->running = false;
    loop->phase = HD_PHASE_NONE;
    break;
  case HD_EV_LOOP_CLOSED:
    close_loop(state, loop);
    break;
  default:
    state_loop(state, loop, record);
    break;
  }
}

static void queue_event(struct state *state, const struct hd_record *record)
{
  switch (record->kind) {
  case HD_EV_TICK_QUEUED:
    enqueue(state, record, HDV_TICK, HDV_QUEUE_TICKS);
    break;
  case HD_EV_MICROTASK_QUEUED:
    enqueue(state, record, HDV_MICROTASK, HDV_QUEUE_MICROTASKS);
    break;
  case HD_EV_IMMEDIATE_QUEUED:
    enqueue(state, record, HDV_IMMEDIATE, HDV_QUEUE_IMMEDIATES);
    break;
  case HD_EV_CLOSE_QUEUED:
    enqueue(state, record, HDV_CLOSING, HDV_QUEUE_CLOSING);
    break;
  case HD_EV_POSTED:
    enqueue(state, record, HDV_POST, HDV_QUEUE_POSTS);
    break;
  case HD_EV_TIMER_STARTED:
    start_timer(state, record);
    break;
  case HD_EV_FD_WATCHED:
    watch(state, record);
    break;
  default:
    break;
  }
}

static void leave(struct state *state, uint32_t id, enum hdv_object_kind kind)
{
  struct node *node = object_find(state, id);
  if (node != NULL && node->object.kind == kind)
    object_retire(state, node);
}

void fold_loop(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  struct hdv_thread *thread = thread_find(state, record->actor);
  if (thread == NULL)
    return;
  switch (record->kind) {
  case HD_EV_CALLBACK_BEGAN:
    callback_began(state, thread, record);
    break;
  case HD_EV_CALLBACK_ENDED:
    callback_ended(state, thread, record);
    break;
  case HD_EV_IMMEDIATE_CLEARED:
    leave(state, record->object, HDV_IMMEDIATE);
    break;
  case HD_EV_TIMER_STOPPED:
    leave(state, record->object, HDV_TIMER);
    break;
  case HD_EV_FD_UNWATCHED:
    leave(state, record->object, HDV_WATCH);
    break;
  case HD_EV_LOOP_OPENED:
  case HD_EV_LOOP_STARTED:
  case HD_EV_PHASE:
  case HD_EV_LOOP_ENDED:
  case HD_EV_LOOP_CLOSED:
  case HD_EV_LOOP_STATE:
    turn_event(state, thread, record);
    break;
  default:
    queue_event(state, record);
    break;
  }
}
