// The tasks of a worker pool and the workers in its seats; see seat.h. Loop thread only.
#include "worker/seat.h"

#include <stdlib.h>

// ---- tasks ----

// Every change of a task goes through here, but the one to done: the worker's thread says that when it posts
// its answer.
void hd_pool_task_set_state(hd_worker_pool *pool, struct hd_pool_task *task, enum hd_pool_task_state state,
                            uint64_t b, uint64_t place)
{
  switch (state) {
  case HD_POOL_TASK_SUBMITTED:
    pool->counts.submitted++;
    pool->counts.queued++;
    hd_loop_hold(pool->loop);
    hd_point_at(HD_EV_TASK_SUBMITTED, task->object, pool->object, b, place);
    break;
  case HD_POOL_TASK_TAKEN:
    pool->counts.queued--;
    pool->counts.busy++;
    hd_point_at(HD_EV_TASK_TAKEN, task->object, pool->object, b, place);
    break;
  case HD_POOL_TASK_FAILED:
    pool->counts.failed++;
    hd_point_at(HD_EV_TASK_DONE, task->object, pool->object, b, place);
    break;
  case HD_POOL_TASK_OVER:
    hd_loop_let_go(pool->loop);
    break;
  }
}

void hd_pool_task_free(struct hd_pool_task *task)
{
  free(task->message);
  free(task);
}

// Calls back and forgets the task. The callback may submit, and may close the pool.
static void call_back(hd_worker_pool *pool, struct hd_pool_task *task, int status,
                      const struct hd_message *answer)
{
  hd_result_fn *done = task->done;
  if (done) {
    hd_callback_begin(pool->loop, HD_CALLBACK_TASK, task->object, (uint64_t)(uintptr_t)done);
    done(pool, status, answer ? answer->bytes : NULL, answer ? answer->size : 0, task->data);
    hd_callback_end(pool->loop);
  }
  hd_pool_task_set_state(pool, task, HD_POOL_TASK_OVER, 0, 0);
  hd_pool_task_free(task);
}

// ---- handing out ----

static void hand_over(struct hd_seat *seat, struct hd_pool_task *task, uint64_t place)
{
  hd_worker_pool *pool = seat->pool;
  struct hd_message *message = task->message;
  task->message = NULL;
  message->task = task->object;
  message->pool = pool->object;
  seat->task = task;
  seat->busy = true;
  hd_pool_task_set_state(pool, task, HD_POOL_TASK_TAKEN, seat->worker->object, place);
  hd_worker_send(seat->worker, message, place);
}

static struct hd_seat *free_seat(hd_worker_pool *pool)
{
  for (unsigned i = 0; i < pool->count; i++)
    if (pool->seats[i].worker && !pool->seats[i].busy)
      return &pool->seats[i];
  return NULL;
}

void hd_seats_hand_out(hd_worker_pool *pool, uint64_t place)
{
  struct hd_seat *seat;
  while (!hd_list_empty(&pool->waiting) && (seat = free_seat(pool)) != NULL)
    hand_over(seat, hd_list_entry(hd_list_take(&pool->waiting), struct hd_pool_task, link), place);
}

// ---- workers come and go ----

static void take_answer(hd_worker *worker, const struct hd_message *message, void *context);
static void worker_ended(hd_worker *worker, int status, void *context);

int hd_seat_fill(struct hd_seat *seat, uint64_t place)
{
  hd_worker_pool *pool = seat->pool;
  const struct hd_worker_hooks hooks = {.message = take_answer, .exit = worker_ended, .context = seat};
  hd_worker *worker;
  int status = hd_worker_open_at(&worker, pool->loop, pool->entry, &pool->worker_opts, &hooks, place);
  if (status != HD_OK)
    return status;
  (void)hd_worker_ref(worker, false);
  seat->worker = worker;
  pool->living++;
  hd_point_at(HD_EV_POOL_JOINED, pool->object, (uint64_t)(seat - pool->seats), worker->object, place);
  return HD_OK;
}

int hd_seats_refill(hd_worker_pool *pool, uint64_t place)
{
  int status = HD_OK;
  for (unsigned i = 0; i < pool->count; i++) {
    if (pool->seats[i].worker)
      continue;
    int filled = hd_seat_fill(&pool->seats[i], place);
    if (filled == HD_OK)
      pool->counts.replaced++;
    else
      status = filled;
  }
  return pool->living > 0 ? HD_OK : status;
}

static void take_answer(hd_worker *worker, const struct hd_message *message, void *context)
{
  struct hd_seat *seat = context;
  hd_worker_pool *pool = seat->pool;
  struct hd_pool_task *task = seat->task;
  (void)worker;
  if (!task || message->task != task->object)
    return; // more than one answer
  seat->task = NULL;
  pool->counts.done++;
  pool->counts.busy--;
  call_back(pool, task, HD_OK, message);
  seat->busy = false;
  hd_seats_hand_out(pool, 0);
  hd_loop *loop = pool->loop;
  hd_worker_pool_end_if_idle(pool);
  hd_callback_drain(loop);
}

// Nobody is left to run them.
static void fail_waiting(hd_worker_pool *pool, int status)
{
  for (struct hd_list *node; (node = hd_list_take(&pool->waiting)) != NULL;) {
    struct hd_pool_task *task = hd_list_entry(node, struct hd_pool_task, link);
    pool->counts.queued--;
    pool->counts.failed++;
    hd_point_at(HD_EV_TASK_DROPPED, task->object, pool->object, 0, 0);
    call_back(pool, task, status, NULL);
    hd_callback_drain(pool->loop);
  }
}

static void fail_task(struct hd_seat *seat)
{
  hd_worker_pool *pool = seat->pool;
  struct hd_pool_task *task = seat->task;
  seat->task = NULL;
  pool->counts.busy--;
  hd_pool_task_set_state(pool, task, HD_POOL_TASK_FAILED, (uint64_t)(int64_t)HD_ECRASHED, 0);
  call_back(pool, task, HD_ECRASHED, NULL);
}

// The task of a worker that ended fails; the seat gets a new worker if it is needed (Q3).
static void worker_ended(hd_worker *worker, int status, void *context)
{
  struct hd_seat *seat = context;
  hd_worker_pool *pool = seat->pool;
  hd_loop *loop = pool->loop;
  (void)worker;
  (void)status;
  bool had_task = seat->task != NULL;
  seat->worker = NULL;
  pool->living--;
  if (had_task)
    fail_task(seat);
  seat->busy = false;
  if ((had_task && !pool->closing) || !hd_list_empty(&pool->waiting)) {
    int filled = hd_seats_refill(pool, 0);
    if (filled != HD_OK)
      fail_waiting(pool, filled);
  }
  hd_seats_hand_out(pool, 0);
  hd_worker_pool_end_if_idle(pool);
  hd_callback_drain(loop);
}
