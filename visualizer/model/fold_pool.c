// Pools: tasks move from the queue to running to completions to their callback. The counters count events
// blindly; the queues know which task is where; lint_books compares the two. One thread.
#include "model/fold.h"

#include <string.h>

static struct hdv_pool *row_at(const struct state *state, uint32_t row)
{
  return (struct hdv_pool *)arena_table(state, TABLE_POOLS) + row;
}

struct book *book_of(struct state *state, const struct hdv_pool *pool)
{
  return (struct book *)arena_table(state, TABLE_BOOKS) + (pool - row_at(state, 0));
}

static uint32_t open_pools(const struct state *state)
{
  uint32_t open = table_count(state, TABLE_POOLS);
  while (open > 0 && row_at(state, open - 1)->closed)
    open--;
  return open;
}

struct hdv_pool *pool_find(const struct state *state, uint32_t id)
{
  for (uint32_t i = 0; id != 0 && i < table_count(state, TABLE_POOLS); i++)
    if (row_at(state, i)->id == id)
      return row_at(state, i);
  return NULL;
}

static void forget_oldest(struct state *state)
{
  uint32_t last = table_count(state, TABLE_POOLS) - 1;
  object_retire(state, object_find(state, row_at(state, last)->id));
  row_remove(state, TABLE_POOLS, last);
  row_remove(state, TABLE_BOOKS, last);
}

// The row of a pool, made when it is missing: then its past is unknown. NULL: the id is something else, or
// too many.
static struct hdv_pool *pool_meet(struct state *state, uint64_t id, uint16_t actor)
{
  if (id > UINT32_MAX)
    return NULL;
  struct hdv_pool *pool = pool_find(state, (uint32_t)id);
  if (pool != NULL || object_touch(state, (uint32_t)id, HDV_POOL, actor) == NULL)
    return pool;
  uint32_t open = open_pools(state);
  if (table_count(state, TABLE_POOLS) == POOLS_MAX) {
    if (open == POOLS_MAX)
      return NULL;
    forget_oldest(state);
  }
  pool = row_insert(state, TABLE_POOLS, open);
  (void)row_insert(state, TABLE_BOOKS, open);
  pool->id = (uint32_t)id;
  book_of(state, pool)->lossy = 1;
  return pool;
}

static void open_pool(struct state *state, struct hdv_pool *pool, const struct hd_record *record, bool fresh)
{
  pool->workers = clip32(record->a);
  pool->of_workers = record->b == 1;
  pool->known = true;
  if (fresh)
    book_of(state, pool)->lossy = 0;
}

static void close_pool(struct state *state, struct hdv_pool *pool)
{
  if (pool->closed)
    return;
  lint_pool_closed(state, pool);
  for (int kind = HDV_QUEUE_TASKS; kind <= HDV_QUEUE_RUNNING; kind++)
    for (struct node *node; (node = queue_first(state, pool->id, (uint32_t)kind)) != NULL;)
      object_retire(state, node);
  uint32_t open = open_pools(state), row = (uint32_t)(pool - row_at(state, 0));
  pool->closed = true;
  pool->queued = pool->running = 0;
  row_move(state, TABLE_POOLS, row, open - 1);
  row_move(state, TABLE_BOOKS, row, open - 1);
  if (table_count(state, TABLE_POOLS) - open >= CLOSED_KEPT)
    forget_oldest(state);
}

// Thread of a bare pool, or a worker that may not run yet: then its thread learns of it when it goes online.
static void join(struct state *state, struct hdv_pool *pool, const struct hd_record *record)
{
  uint32_t index = clip32(record->a), worker = clip32(record->b);
  if (pool->workers <= index && book_of(state, pool)->lossy)
    pool->workers = index == UINT32_MAX ? index : index + 1;
  struct node *node = worker != 0 ? object_touch(state, worker, HDV_UNKNOWN, record->actor) : NULL;
  if (node != NULL && node->object.kind == HDV_UNKNOWN)
    node = object_touch(state, worker, HDV_WORKER, record->actor);
  if (node != NULL && node->object.kind == HDV_WORKER) {
    node->object.x = pool->id;
    node->object.y = (uint64_t)index + 1;
  }
  struct hdv_thread *thread = thread_find(state, slot_behind(state, worker, record->actor));
  if (thread == NULL)
    return;
  thread->pool = pool->id;
  thread->index = index;
}

// ---- tasks ----

static void free_worker(struct state *state, const struct node *task)
{
  struct hdv_thread *thread = thread_find(state, task->object.worker);
  if (thread != NULL && thread->task == task->object.id)
    thread->task = 0;
  struct node *worker = object_find(state, (uint32_t)task->object.x);
  if (worker != NULL && worker->task == task->object.id)
    worker->task = 0;
}

static void submit(struct state *state, struct hdv_pool *pool, const struct hd_record *record)
{
  struct node *task = object_make(state, record->object, HDV_TASK, record->actor);
  if (task == NULL)
    return;
  object_number(task, record->b);
  task->object.y = pool->id;
  count_up(&pool->submitted);
  struct queue *queue = queue_push(state, task, pool->id, HDV_QUEUE_TASKS);
  struct hdv_thread *thread = thread_find(state, record->actor);
  lint_growth(state, queue, turn_of(state, thread != NULL ? mind_of(state, thread)->loop : 0));
}

static void take(struct state *state, struct hdv_pool *pool, struct node *task,
                 const struct hd_record *record)
{
  struct book *book = book_of(state, pool);
  if (task->object.queue != HDV_QUEUE_TASKS)
    count_down(&book->hidden_queued);
  uint32_t worker = clip32(record->b);
  task->object.worker = slot_behind(state, worker, record->actor);
  task->object.x = worker;
  task->object.y = pool->id;
  count_up(&book->taken);
  queue_push(state, task, pool->id, HDV_QUEUE_RUNNING);
  struct hdv_thread *thread = thread_find(state, task->object.worker);
  if (thread != NULL)
    thread->task = task->object.id;
  struct node *node = object_find(state, worker);
  if (node != NULL && node->object.kind == HDV_WORKER)
    node->task = task->object.id;
}

static void finish(struct state *state, struct hdv_pool *pool, struct node *task)
{
  if (task->object.queue != HDV_QUEUE_RUNNING)
    count_down(&book_of(state, pool)->hidden_running);
  task->object.y = pool->id;
  free_worker(state, task);
  count_up(&pool->done);
  // Without a loop nobody will call back: the pool is used bare.
  if (table_count(state, TABLE_LOOPS) == 0) {
    object_retire(state, task);
    return;
  }
  struct queue *done = queue_push(state, task, pool->id, HDV_QUEUE_COMPLETIONS);
  if (done->length > COMPLETIONS_KEPT)
    object_retire(state, node_at(state, done->first));
}

static void withdraw(struct state *state, struct node *task, uint64_t *counter)
{
  count_up(counter);
  free_worker(state, task);
  object_retire(state, task);
}

void pool_calls_back(struct state *state, struct node *task)
{
  struct hdv_pool *pool = task->object.y <= UINT32_MAX ? pool_find(state, (uint32_t)task->object.y) : NULL;
  free_worker(state, task);
  queue_remove(state, task);
  if (pool == NULL)
    return;
  count_up(&pool->called_back);
  lint_books(state, pool);
}

static void task_event(struct state *state, const struct hd_record *record)
{
  struct hdv_pool *pool = pool_meet(state, record->a, record->actor);
  struct node *task = pool != NULL && record->object != pool->id
                          ? object_touch(state, record->object, HDV_TASK, record->actor)
                          : NULL;
  if (task == NULL) {
    not_understood(state);
    return;
  }
  switch (record->kind) {
  case HD_EV_TASK_SUBMITTED:
    submit(state, pool, record);
    break;
  case HD_EV_TASK_TAKEN:
    take(state, pool, task, record);
    break;
  case HD_EV_TASK_DONE:
    finish(state, pool, task);
    break;
  case HD_EV_TASK_CANCELLED:
    withdraw(state, task, &pool->cancelled);
    break;
  default:
    withdraw(state, task, &pool->dropped);
    break;
  }
  lint_books(state, pool);
}

// After a loss: the true numbers. Tasks that stood in a queue before and are too many have left it unseen.
static void trim(struct state *state, uint32_t pool, enum hdv_queue kind, uint64_t length)
{
  while (queue_length(state, pool, kind) > length)
    object_retire(state, queue_first(state, pool, kind));
}

static void state_pool(struct state *state, struct hdv_pool *pool, const struct hd_record *record)
{
  if (pool->known)
    return;
  struct book *book = book_of(state, pool);
  uint64_t queued = record->a >> 32, running = record->a & UINT32_MAX;
  trim(state, pool->id, HDV_QUEUE_TASKS, queued);
  trim(state, pool->id, HDV_QUEUE_RUNNING, running);
  book->hidden_queued = queued - queue_length(state, pool->id, HDV_QUEUE_TASKS);
  book->hidden_running = running - queue_length(state, pool->id, HDV_QUEUE_RUNNING);
  pool->done = record->b;
  pool->known = true;
  lint_books(state, pool);
  if (queued == 0 && running == 0)
    book->lossy = 0;
}

void fold_pool(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  if (record->kind >= HD_EV_TASK_SUBMITTED && record->kind <= HD_EV_TASK_DROPPED) {
    task_event(state, record);
    return;
  }
  bool fresh = pool_find(state, record->object) == NULL;
  struct hdv_pool *pool = pool_meet(state, record->object, record->actor);
  if (pool == NULL) {
    not_understood(state);
    return;
  }
  switch (record->kind) {
  case HD_EV_POOL_OPENED:
    open_pool(state, pool, record, fresh);
    break;
  case HD_EV_POOL_JOINED:
    join(state, pool, record);
    break;
  case HD_EV_POOL_CLOSED:
    close_pool(state, pool);
    break;
  default:
    state_pool(state, pool, record);
    break;
  }
}
