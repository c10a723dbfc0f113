// A loop's jobs in pools; see offload.h. Finished ones are pushed by pool threads onto one stack, which the
// loop takes whole. Threads: hand_back() in a pool's thread, the rest on the loop's.
#include "loop/inside.h"

struct job {
  struct hd_slab_item item;
  hd_task task;
  struct hd_list link;
  hd_loop *loop;
  hd_job_fn *fn;
  hd_job_done_fn *done;
  void *data;
  _Atomic bool over; // handed back: its pool may be gone
};

static struct job *job_of(hd_task *task)
{
  return hd_list_entry(task, struct job, task);
}

static void run_job(hd_task *task)
{
  struct job *job = job_of(task);
  job->fn(job->data);
}

// From the push on the loop may call back, end and be closed; it waits for its visitors then.
static void hand_back(hd_task *task)
{
  struct job *job = job_of(task);
  hd_loop *loop = job->loop;
  atomic_store(&job->over, true);
  atomic_fetch_add(&loop->visitors, 1);
  hd_task *newest = atomic_load_explicit(&loop->finished, memory_order_relaxed);
  do
    task->next = newest;
  while (!atomic_compare_exchange_weak(&loop->finished, &newest, task));
  if (!newest)
    hd_source_signal(&loop->jobs.source);
  atomic_fetch_sub(&loop->visitors, 1);
}

// Appends what is finished, oldest first, to what is to be called back.
static void take_finished(hd_loop *loop)
{
  struct hd_jobs *jobs = &loop->jobs;
  hd_task *task = atomic_exchange(&loop->finished, NULL), *newest = task, *oldest = NULL, *next;
  for (; task; task = next) {
    next = task->next;
    task->next = oldest;
    oldest = task;
  }
  if (!oldest)
    return;
  if (jobs->ready)
    jobs->ready_last->next = oldest;
  else
    jobs->ready = oldest;
  jobs->ready_last = newest;
}

static struct job *next_ready(hd_loop *loop)
{
  hd_task *task = loop->jobs.ready;
  if (!task)
    return NULL;
  loop->jobs.ready = task->next;
  return job_of(task);
}

static void forget(hd_loop *loop, struct job *job)
{
  hd_list_remove(&job->link);
  hd_slab_give(&loop->jobs.slab, job);
  loop->refs--;
}

static void call_back(hd_loop *loop, struct job *job)
{
  hd_job_done_fn *done = job->done;
  void *data = job->data;
  uint32_t object = job->task.object;
  int status = job->task.status;
  forget(loop, job);
  if (!done)
    return;
  hd_callback_begin(loop, HD_CALLBACK_TASK, object, (uint64_t)(uintptr_t)done);
  done(loop, status, data);
  hd_callback_end(loop);
  hd_callback_drain(loop);
}

static void deliver(struct hd_source *source)
{
  hd_loop *loop = source->loop;
  take_finished(loop);
  for (struct job *job; !hd_loop_halted(loop) && (job = next_ready(loop)) != NULL;)
    call_back(loop, job);
  if (loop->jobs.ready)
    hd_source_signal(source); // halted: the next run goes on here
}

void hd_jobs_open(hd_loop *loop)
{
  hd_source_open(&loop->jobs.source, loop, deliver);
  hd_slab_init(&loop->jobs.slab, sizeof(struct job));
  hd_list_init(&loop->jobs.live);
}

void hd_jobs_close(hd_loop *loop)
{
  hd_jobs_flush(loop);
  hd_slab_destroy(&loop->jobs.slab);
}

void hd_jobs_flush(hd_loop *loop)
{
  hd_pool *pool = loop->jobs.deferred;
  if (!pool)
    return;
  loop->jobs.deferred = NULL;
  hd_pool_flush(pool);
  hd_pool_release(pool);
}

static void flush_later(hd_loop *loop, hd_pool *pool)
{
  if (loop->jobs.deferred == pool)
    return;
  hd_jobs_flush(loop);
  hd_pool_keep(pool);
  loop->jobs.deferred = pool;
}

int hd_offload(hd_loop *loop, hd_pool *pool, hd_job_fn *fn, hd_job_done_fn *done, void *data,
               struct hd_job *out)
{
  uint64_t place = hd_caller();
  int status = hd_loop_check(loop);
  if (status != HD_OK || !pool || !fn)
    return status != HD_OK ? status : HD_EINVAL;
  struct job *job = hd_slab_take(&loop->jobs.slab);
  if (!job)
    return HD_ENOMEM;
  job->loop = loop;
  job->fn = fn;
  job->done = done;
  job->data = data;
  job->task.run = run_job;
  job->task.done = hand_back;
  job->task.place = (uint64_t)(uintptr_t)fn;
  const struct hd_job handle = {job->item.index, job->item.generation};
  loop->refs++;
  hd_list_push(&loop->jobs.live, &job->link);
  status = hd_pool_submit_at(pool, &job->task, place);
  if (status != HD_OK) {
    forget(loop, job);
    return status;
  }
  if (hd_pool_wake(pool) == HD_WAKE_DEFERRED)
    flush_later(loop, pool);
  if (out)
    *out = handle;
  return HD_OK;
}

static int cancel(struct job *job, uint64_t place)
{
  return atomic_load(&job->over) ? HD_EBUSY : hd_pool_cancel_at(job->task.pool, &job->task, place);
}

int hd_job_cancel(hd_loop *loop, struct hd_job handle)
{
  uint64_t place = hd_caller();
  int status = hd_loop_check(loop);
  if (status != HD_OK)
    return status;
  struct job *job = hd_slab_find(&loop->jobs.slab, handle.index, handle.generation);
  return job ? cancel(job, place) : HD_ENOENT;
}

void hd_jobs_abandon(hd_loop *loop)
{
  struct hd_jobs *jobs = &loop->jobs;
  hd_jobs_flush(loop);
  for (struct hd_list *node = jobs->live.next; node != &jobs->live; node = node->next)
    (void)cancel(hd_list_entry(node, struct job, link), 0);
  for (;;) {
    hd_sources_collect(loop);
    hd_list_remove(&jobs->source.ready);
    atomic_store(&jobs->source.signalled, 0);
    take_finished(loop);
    for (struct job *job; (job = next_ready(loop)) != NULL;)
      forget(loop, job);
    if (hd_list_empty(&jobs->live))
      return;
    hd_loop_sleep(loop, HD_FOREVER);
  }
}
