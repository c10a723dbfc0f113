// The pool: threads that take the oldest task, run it, hand it back. Invariant: whenever tasks are queued,
// threads sleep and the submitter has woken or flushed, one thread is on its way (a token), and wakes the
// next when it arrives. Any thread may submit and cancel; one opens and closes.
#include "pool/pool.h"

#include "base/hints.h"
#include "pool/queue.h"
#include "step/park.h"
#include "step/point.h"

#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_THREADS 4u
#define MOST_THREADS 1024u
#define STATE_EVERY 256u // tasks between two absolute records: about 1,024 events

enum hd_task_state { TASK_NEW, TASK_SUBMITTED, TASK_RUNNING, TASK_DONE, TASK_CANCELLED, TASK_DROPPED };

// One thread of the pool.
struct server {
  _Alignas(HD_CACHE_LINE) hd_pool *pool;
  hd_thread *thread;
  unsigned index;
  _Atomic uint64_t done; // its own thread writes, everybody reads
  _Atomic uint32_t busy;
};

struct hd_pool {
  // set once
  struct server *servers;
  unsigned threads;
  uint32_t object;
  enum hd_wake wake;
  // any thread
  _Atomic uint32_t keepers, numbers;
  _Atomic uint64_t cancelled;
  _Atomic bool closing;
  // How threads sleep. sleepers: have announced it. tokens: 1 while a woken one has not yet arrived; taking
  // it lets one leave.
  _Alignas(HD_CACHE_LINE) _Atomic uint32_t sleepers;
  _Atomic uint32_t tokens;
  struct hd_queue queue;
};

static void task_set_state(hd_task *task, enum hd_task_state state, uint64_t place)
{
  static const enum hd_event_kind event[] = {
      [TASK_SUBMITTED] = HD_EV_TASK_SUBMITTED, [TASK_RUNNING] = HD_EV_TASK_TAKEN,
      [TASK_DONE] = HD_EV_TASK_DONE,           [TASK_CANCELLED] = HD_EV_TASK_CANCELLED,
      [TASK_DROPPED] = HD_EV_TASK_DROPPED,
  };
  task->state = (uint16_t)state;
  uint64_t b = state == TASK_SUBMITTED ? task->number
               : state == TASK_DONE    ? (uint64_t)(int64_t)task->status
                                       : 0;
  hd_point_at(event[state], task->object, task->pool->object, b, place);
}

static uint64_t function_place(hd_task_fn *fn)
{
  return (uint64_t)(uintptr_t)fn;
}

// ---- waking ----

// Wakes one sleeper, unless one is on its way already: that one wakes the next if it finds more than it can
// take. So a burst of submits costs its submitter one wake, and while tasks are short most sleepers sleep on.
static void wake(hd_pool *pool)
{
  uint32_t none = 0;
  if (atomic_load(&pool->sleepers) > 0 && atomic_load(&pool->tokens) == 0 &&
      hd_queue_length(&pool->queue) > 0 && atomic_compare_exchange_strong(&pool->tokens, &none, 1))
    hd_unpark(&pool->tokens, 1);
}

static void take_token(hd_pool *pool)
{
  const struct hd_wait wait = {.reason = HD_REASON_TASK, .object = pool->object};
  for (;;) {
    uint32_t tokens = atomic_load(&pool->tokens);
    if (tokens == 0)
      (void)hd_park(&pool->tokens, 0, HD_FOREVER, &wait);
    else if (atomic_compare_exchange_strong(&pool->tokens, &tokens, tokens - 1))
      return;
  }
}

// Announces itself, then looks once more: a submitter pushes first and looks for sleepers then, so one of the
// two sees the other. A token given to a thread that finds work this way stays for the next sleeper, who then
// looks once for nothing. true: it was woken, and the next one is its to wake.
static bool sleep_until_woken(hd_pool *pool)
{
  atomic_fetch_add(&pool->sleepers, 1);
  bool sleeps = hd_queue_length(&pool->queue) == 0 && !atomic_load(&pool->closing);
  if (sleeps)
    take_token(pool);
  atomic_fetch_sub(&pool->sleepers, 1);
  return sleeps;
}

// ---- the threads ----

static void run_task(struct server *self, hd_task *task)
{
  atomic_store_explicit(&self->busy, 1, memory_order_relaxed);
  task_set_state(task, TASK_RUNNING, task->place ? task->place : function_place(task->run));
  task->run(task);
  task_set_state(task, TASK_DONE, 0);
  atomic_fetch_add_explicit(&self->done, 1, memory_order_release);
  atomic_store_explicit(&self->busy, 0, memory_order_relaxed);
  if (task->done)
    task->done(task);
}

static void *serve(void *arg)
{
  struct server *self = arg;
  hd_pool *pool = self->pool;
  hd_point_at(HD_EV_POOL_JOINED, pool->object, self->index, hd_thread_object(NULL), 0);
  for (bool woken = false; !atomic_load(&pool->closing);) {
    hd_task *task = hd_queue_take(&pool->queue);
    if (woken)
      wake(pool); // before the task runs: it may take long, or wait for another
    woken = false;
    if (task)
      run_task(self, task);
    else
      woken = sleep_until_woken(pool);
  }
  return NULL;
}

// ---- opening and closing ----

static void end_threads(hd_pool *pool, unsigned count)
{
  atomic_store(&pool->closing, true);
  atomic_fetch_add(&pool->tokens, count);
  hd_unpark(&pool->tokens, count);
  for (unsigned i = 0; i < count; i++)
    hd_thread_join(pool->servers[i].thread, NULL);
}

static int start_threads(hd_pool *pool, const struct hd_pool_opts *opts, uint64_t place)
{
  for (unsigned i = 0; i < pool->threads; i++) {
    struct server *server = &pool->servers[i];
    *server = (struct server){.pool = pool, .index = i};
    char name[64];
    (void)snprintf(name, sizeof(name), "%.40s %u", opts->name ? opts->name : "pool thread", i + 1);
    const struct hd_thread_opts thread = {
        .role = HD_ROLE_POOL, .name = name, .stack_bytes = opts->stack_bytes, .maker = place};
    int status = hd_thread_start(&server->thread, serve, server, &thread);
    if (status != HD_OK) {
      end_threads(pool, i);
      return status;
    }
  }
  return HD_OK;
}

void hd_pool_keep(hd_pool *pool)
{
  atomic_fetch_add(&pool->keepers, 1);
}

void hd_pool_release(hd_pool *pool)
{
  if (atomic_fetch_sub(&pool->keepers, 1) != 1)
    return;
  hd_queue_destroy(&pool->queue);
  free(pool->servers);
  free(pool);
}

static hd_pool *pool_new(const struct hd_pool_opts *opts)
{
  hd_pool *pool = aligned_alloc(HD_CACHE_LINE, sizeof(*pool));
  if (!pool)
    return NULL;
  *pool = (struct hd_pool){.threads = opts->threads ? opts->threads : DEFAULT_THREADS, .wake = opts->wake};
  pool->servers = aligned_alloc(HD_CACHE_LINE, pool->threads * sizeof(*pool->servers));
  if (!pool->servers) {
    free(pool);
    return NULL;
  }
  hd_queue_init(&pool->queue);
  atomic_store(&pool->keepers, 1);
  pool->object = hd_trace_object();
  return pool;
}

int hd_pool_open(hd_pool **out, const struct hd_pool_opts *opts)
{
  static const struct hd_pool_opts none;
  uint64_t place = hd_caller();
  opts = opts ? opts : &none;
  if (!out || opts->threads > MOST_THREADS)
    return HD_EINVAL;
  hd_trace_start();
  hd_pool *pool = pool_new(opts);
  if (!pool)
    return HD_ENOMEM;
  if (opts->name)
    hd_point_name(pool->object, "%s", opts->name);
  hd_point_at(HD_EV_POOL_OPENED, pool->object, pool->threads, 0, place);
  int status = start_threads(pool, opts, place);
  if (status != HD_OK) {
    hd_point_at(HD_EV_POOL_CLOSED, pool->object, 0, 0, place);
    hd_pool_release(pool);
    return status;
  }
  *out = pool;
  return HD_OK;
}

static void hand_back_unrun(hd_task *task, enum hd_task_state state, uint64_t place)
{
  task->status = HD_ECANCELED;
  atomic_fetch_add(&task->pool->cancelled, 1);
  task_set_state(task, state, place);
  if (task->done)
    task->done(task);
}

void hd_pool_close(hd_pool *pool)
{
  uint64_t place = hd_caller();
  if (!pool)
    return;
  hd_queue_close(&pool->queue);
  end_threads(pool, pool->threads);
  for (hd_task *task; (task = hd_queue_take(&pool->queue)) != NULL;)
    hand_back_unrun(task, TASK_DROPPED, place);
  hd_point_at(HD_EV_POOL_CLOSED, pool->object, 0, 0, place);
  hd_pool_release(pool);
}

// ---- tasks ----

// An absolute record, so that a viewer that missed events knows again.
static void emit_state(hd_pool *pool)
{
  uint64_t done = 0, running = 0;
  for (unsigned i = 0; i < pool->threads; i++) {
    done += atomic_load_explicit(&pool->servers[i].done, memory_order_relaxed);
    running += atomic_load_explicit(&pool->servers[i].busy, memory_order_relaxed);
  }
  hd_point_at(HD_EV_POOL_STATE, pool->object, hd_queue_length(&pool->queue) << 32 | running, done, 0);
}

int hd_pool_submit_at(hd_pool *pool, hd_task *task, uint64_t place)
{
  if (!pool || !task || !task->run)
    return HD_EINVAL;
  if (atomic_load_explicit(&pool->closing, memory_order_relaxed))
    return HD_ECLOSED;
  uint32_t number = atomic_fetch_add_explicit(&pool->numbers, 1, memory_order_relaxed) + 1;
  task->pool = pool;
  task->object = hd_trace_object();
  task->number = number;
  task->status = HD_OK;
  task_set_state(task, TASK_SUBMITTED, place);
  if (hd_queue_push(&pool->queue, task) != HD_OK) {
    task_set_state(task, TASK_DROPPED, place);
    return HD_ECLOSED;
  }
  // The task may be gone already.
  if (pool->wake == HD_WAKE_AT_ONCE)
    wake(pool);
  if (hd_point_on() && number % STATE_EVERY == 0)
    emit_state(pool);
  return HD_OK;
}

int hd_pool_submit(hd_pool *pool, hd_task *task)
{
  return hd_pool_submit_at(pool, task, hd_caller());
}

void hd_pool_flush(hd_pool *pool)
{
  if (pool)
    wake(pool);
}

int hd_pool_cancel_at(hd_pool *pool, hd_task *task, uint64_t place)
{
  if (!pool || !task || task->pool != pool)
    return HD_EINVAL;
  if (!hd_queue_remove(&pool->queue, task))
    return HD_EBUSY;
  hand_back_unrun(task, TASK_CANCELLED, place);
  return HD_OK;
}

int hd_pool_cancel(hd_pool *pool, hd_task *task)
{
  return hd_pool_cancel_at(pool, task, hd_caller());
}

// ---- asking ----

unsigned hd_pool_threads(const hd_pool *pool)
{
  return pool->threads;
}

uint32_t hd_pool_object(const hd_pool *pool)
{
  return pool->object;
}

enum hd_wake hd_pool_wake(const hd_pool *pool)
{
  return pool->wake;
}

void hd_pool_counts(const hd_pool *pool, struct hd_pool_counts *out)
{
  *out = (struct hd_pool_counts){.submitted = hd_queue_pushed(&pool->queue),
                                 .cancelled = atomic_load(&pool->cancelled)};
  for (unsigned i = 0; i < pool->threads; i++)
    out->done += atomic_load_explicit(&pool->servers[i].done, memory_order_acquire);
}
