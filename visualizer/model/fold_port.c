// Ports, their messages, and workers: who is online as which thread. One thread.
#include "model/fold.h"

static struct node *port_meet(struct state *state, uint64_t id, uint16_t actor)
{
  return id <= UINT32_MAX ? object_touch(state, (uint32_t)id, HDV_PORT, actor) : NULL;
}

static void post(struct state *state, const struct hd_record *record)
{
  struct node *port = port_meet(state, record->a, record->actor);
  struct node *message = NULL;
  if (port != NULL && record->object != record->a)
    message = object_make(state, record->object, HDV_MESSAGE, record->actor);
  if (message == NULL) {
    not_understood(state);
    return;
  }
  message->object.x = record->b;
  struct queue *queue = queue_push(state, message, port->object.id, HDV_QUEUE_MESSAGES);
  lint_growth(state, queue, turn_of(state, clip32(port->object.y)));
}

static void take(struct state *state, const struct hd_record *record)
{
  struct node *message = object_touch(state, record->object, HDV_MESSAGE, record->actor);
  if (message == NULL) {
    not_understood(state);
    return;
  }
  message->object.worker = record->actor;
  object_retire(state, message);
}

void fold_port(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  struct node *port;
  switch (record->kind) {
  case HD_EV_PORT_OPENED:
    port = object_make(state, record->object, HDV_PORT, record->actor);
    if (port == NULL)
      break;
    port->object.x = record->a;
    port->object.y = record->b;
    break;
  case HD_EV_MESSAGE_POSTED:
    post(state, record);
    break;
  case HD_EV_MESSAGE_TAKEN:
  case HD_EV_MESSAGE_DROPPED:
    take(state, record);
    break;
  case HD_EV_PORT_CLOSED:
    port = object_find(state, record->object);
    // A closing callback may still be to come for it: that retires it then.
    if (port != NULL && port->object.kind == HDV_PORT && port->object.queue == HDV_QUEUE_NONE)
      object_retire(state, port);
    break;
  default:
    break;
  }
}

// ---- workers ----

static void online(struct state *state, struct node *worker, uint16_t actor)
{
  struct hdv_thread *thread = thread_find(state, actor);
  worker->object.worker = actor;
  if (thread == NULL)
    return;
  thread->worker = worker->object.id;
  if (worker->object.y != 0) {
    thread->pool = (uint32_t)worker->object.x;
    thread->index = (uint32_t)(worker->object.y - 1);
  }
  // Work may have been given to it before it was online.
  struct node *task = object_find(state, worker->task);
  if (task == NULL || task->object.queue != HDV_QUEUE_RUNNING)
    return;
  task->object.worker = actor;
  thread->task = task->object.id;
}

void fold_worker(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  struct node *worker;
  switch (record->kind) {
  case HD_EV_WORKER_OPENED:
    worker = object_make(state, record->object, HDV_WORKER, record->actor);
    if (worker != NULL)
      object_number(worker, record->a);
    break;
  case HD_EV_WORKER_ONLINE:
    worker = object_touch(state, record->object, HDV_WORKER, record->actor);
    if (worker != NULL)
      online(state, worker, record->actor);
    else
      not_understood(state);
    break;
  case HD_EV_WORKER_ENDED:
    worker = object_find(state, record->object);
    if (worker != NULL && worker->object.kind == HDV_WORKER)
      object_retire(state, worker);
    break;
  default:
    break;
  }
}
