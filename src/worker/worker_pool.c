// The life of a worker pool: opening, submitting, closing; see worker_pool.h. Loop thread only.
#include "worker/worker_pool.h"

#include "worker/seat.h"

#include <stdlib.h>
#include <string.h>

#define MOST_WORKERS 200u
#define STATE_EVERY 256u // tasks between two absolute records: about 1,024 events

// ---- closing ----

static void pool_free(hd_worker_pool *pool)
{
  for (struct hd_list *node; (node = hd_list_take(&pool->waiting)) != NULL;)
    hd_pool_task_free(hd_list_entry(node, struct hd_pool_task, link));
  for (unsigned i = 0; i < pool->count; i++)
    if (pool->seats[i].task)
      hd_pool_task_free(pool->seats[i].task);
  hd_loop_detach(pool->loop, &pool->attached);
  free(pool->data);
  free(pool->seats);
  free(pool);
}

static bool always(const struct hd_attached *attached)
{
  (void)attached;
  return true;
}

static void abandon(struct hd_attached *attached)
{
  pool_free(hd_list_entry(attached, hd_worker_pool, attached));
}

static void call_closed(struct hd_closer *closer)
{
  hd_worker_pool *pool = hd_list_entry(closer, hd_worker_pool, closer);
  pool->closed(pool->loop, pool->closed_data);
}

static void after_closed(struct hd_closer *closer)
{
  hd_worker_pool *pool = hd_list_entry(closer, hd_worker_pool, closer);
  hd_loop_let_go(pool->loop);
  hd_point_at(HD_EV_POOL_CLOSED, pool->object, 0, 0, 0);
  pool_free(pool);
}

void hd_worker_pool_end_if_idle(hd_worker_pool *pool)
{
  if (!pool->closing || pool->counts.busy > 0 || !hd_list_empty(&pool->waiting))
    return;
  for (unsigned i = 0; i < pool->count; i++)
    if (pool->seats[i].busy)
      return;
  for (unsigned i = 0; i < pool->count; i++)
    if (pool->seats[i].worker)
      (void)hd_worker_terminate_at(pool->seats[i].worker, 0);
  if (pool->living > 0 || pool->closer.after)
    return;
  pool->closer = (struct hd_closer){.object = pool->object,
                                    .fn = (uint64_t)(uintptr_t)pool->closed,
                                    .call = pool->closed ? call_closed : NULL,
                                    .after = after_closed};
  hd_loop_close_later(pool->loop, &pool->closer, 0);
}

// ---- opening, submitting ----

static hd_worker_pool *pool_new(hd_loop *loop, unsigned n, const struct hd_worker_pool_opts *opts)
{
  hd_worker_pool *pool = calloc(1, sizeof(*pool));
  struct hd_seat *seats = calloc(n, sizeof(*seats));
  void *data = opts->data ? malloc(opts->data_size ? opts->data_size : 1) : NULL;
  if (!pool || !seats || (opts->data && !data)) {
    free(pool);
    free(seats);
    free(data);
    return NULL;
  }
  if (data)
    memcpy(data, opts->data, opts->data_size);
  *pool = (struct hd_worker_pool){.loop = loop,
                                  .seats = seats,
                                  .count = n,
                                  .data = data,
                                  .object = hd_trace_object(),
                                  .worker_opts = {.data = data, .data_size = opts->data_size},
                                  .attached = {.owes = always, .abandon = abandon}};
  hd_list_init(&pool->waiting);
  hd_loop_attach(loop, &pool->attached);
  for (unsigned i = 0; i < n; i++)
    seats[i].pool = pool;
  return pool;
}

static int open_workers(hd_worker_pool *pool, uint64_t place)
{
  for (unsigned i = 0; i < pool->count; i++) {
    int status = hd_seat_fill(&pool->seats[i], place);
    if (status == HD_OK)
      continue;
    while (i-- > 0)
      hd_worker_discard(pool->seats[i].worker);
    return status;
  }
  return HD_OK;
}

int hd_worker_pool_open(hd_worker_pool **out, hd_loop *loop, hd_worker_entry *entry, unsigned n,
                        const struct hd_worker_pool_opts *opts)
{
  static const struct hd_worker_pool_opts none;
  uint64_t place = hd_caller();
  opts = opts ? opts : &none;
  if (!out || !loop || !entry || n == 0 || n > MOST_WORKERS || (!opts->data && opts->data_size > 0))
    return HD_EINVAL;
  if (!hd_loop_is_here(loop))
    return HD_ETHREAD;
  hd_worker_pool *pool = pool_new(loop, n, opts);
  if (!pool)
    return HD_ENOMEM;
  pool->entry = entry;
  if (opts->name)
    hd_point_name(pool->object, "%s", opts->name);
  hd_point_at(HD_EV_POOL_OPENED, pool->object, n, 1, place);
  int status = open_workers(pool, place);
  if (status != HD_OK) {
    hd_point_at(HD_EV_POOL_CLOSED, pool->object, 0, 0, place);
    pool_free(pool);
    return status;
  }
  *out = pool;
  return HD_OK;
}

static int task_new(struct hd_pool_task **out, const void *bytes, size_t size)
{
  struct hd_pool_task *task = malloc(sizeof(*task));
  struct hd_message *message = task ? hd_message_new(bytes, size) : NULL;
  if (!message) {
    free(task);
    return HD_ENOMEM;
  }
  *task = (struct hd_pool_task){.message = message, .object = hd_trace_object()};
  *out = task;
  return HD_OK;
}

static void emit_state(const hd_worker_pool *pool)
{
  hd_point_at(HD_EV_POOL_STATE, pool->object, pool->counts.queued << 32 | pool->counts.busy,
              pool->counts.done + pool->counts.failed, 0);
}

static int check_submit(const hd_worker_pool *pool, const void *bytes, size_t size)
{
  if (!pool || (!bytes && size > 0))
    return HD_EINVAL;
  if (!hd_loop_is_here(pool->loop))
    return HD_ETHREAD;
  return pool->closing ? HD_ECLOSED : HD_OK;
}

int hd_worker_pool_submit(hd_worker_pool *pool, const void *bytes, size_t size, hd_result_fn *done,
                          void *data)
{
  uint64_t place = hd_caller();
  struct hd_pool_task *task;
  int status = check_submit(pool, bytes, size);
  if (status == HD_OK && pool->living < pool->count)
    status = hd_seats_refill(pool, place);
  if (status != HD_OK || (status = task_new(&task, bytes, size)) != HD_OK)
    return status;
  task->done = done;
  task->data = data;
  task->number = (uint32_t)pool->counts.submitted + 1;
  hd_list_push(&pool->waiting, &task->link);
  hd_pool_task_set_state(pool, task, HD_POOL_TASK_SUBMITTED, task->number, place);
  if (hd_point_on() && task->number % STATE_EVERY == 0)
    emit_state(pool);
  hd_seats_hand_out(pool, place);
  return HD_OK;
}

int hd_worker_pool_close(hd_worker_pool *pool, hd_callback_fn *closed, void *data)
{
  int status = check_submit(pool, NULL, 0);
  if (status != HD_OK)
    return status;
  pool->closing = true;
  pool->closed = closed;
  pool->closed_data = data;
  hd_loop_hold(pool->loop);
  hd_worker_pool_end_if_idle(pool);
  return HD_OK;
}

// ---- asking ----

void hd_worker_pool_counts(const hd_worker_pool *pool, struct hd_worker_pool_counts *out)
{
  *out = pool->counts;
  out->workers = pool->living;
}

hd_loop *hd_worker_pool_loop(const hd_worker_pool *pool)
{
  return pool->loop;
}
