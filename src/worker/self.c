// The worker's side: its thread runs the entry, then its loop, and says how it went.
// Threads: the worker's own; hd_safepoint() any.
#include "worker/inside.h"

#include <stdlib.h>
#include <string.h>

static _Thread_local hd_worker *here;

bool hd_safepoint(void)
{
  return here && atomic_load_explicit(&here->terminated, memory_order_relaxed);
}

// A parent that does not listen for online is not woken for it.
static void say(hd_worker *worker, uint32_t what)
{
  atomic_fetch_or(&worker->said, what);
  if (what != HD_SAID_ONLINE || worker->opts.on_online)
    hd_source_signal(&worker->control);
}

static void main_of_worker(hd_loop *loop, void *data)
{
  (void)loop;
  struct hd_worker_self *self = data;
  self->worker->entry(self);
}

// A termination that came before finds no loop and is applied here.
static void publish_loop(hd_worker *worker, hd_loop *loop)
{
  hd_lock_take(&worker->guard);
  worker->loop = loop;
  if (loop && atomic_load(&worker->terminated))
    hd_loop_kill(loop);
  hd_lock_give(&worker->guard);
}

static void fail(hd_worker *worker, int error, const char *message)
{
  worker->error = error;
  worker->message = strdup(message);
  hd_point_text(HD_EV_WORKER_FAILED, worker->object, (uint64_t)(int64_t)error, 0, 0, message);
  say(worker, HD_SAID_FAILED);
}

static int run_loop(hd_worker *worker, hd_loop *loop)
{
  struct hd_worker_self *self = &worker->self;
  self->loop = loop;
  (void)hd_port_bind_at(self->port, loop, 0);
  hd_point_name(hd_loop_object(loop), "worker %u's loop", worker->number);
  hd_point_at(HD_EV_WORKER_ONLINE, worker->object, worker->number, 0, 0);
  say(worker, HD_SAID_ONLINE);
  publish_loop(worker, loop);
  int status = hd_loop_run_main(loop, main_of_worker, (uint64_t)(uintptr_t)worker->entry, self);
  publish_loop(worker, NULL);
  const char *message;
  int error = hd_loop_uncaught(loop, &message);
  if (error && !atomic_load(&worker->terminated))
    fail(worker, error, message);
  hd_loop_abandon(loop);
  (void)hd_loop_close(loop);
  return atomic_load(&worker->terminated) ? 1 : status;
}

void *hd_worker_run(void *arg)
{
  hd_worker *worker = arg;
  hd_loop *loop;
  here = worker;
  int error = hd_loop_open(&loop, NULL);
  if (error == HD_OK) {
    worker->status = run_loop(worker, loop);
  } else {
    fail(worker, error, hd_error_text(error));
    hd_port_end(worker->self.port);
    worker->status = 1;
  }
  here = NULL;
  hd_point_at(HD_EV_WORKER_ENDED, worker->object, (uint64_t)(int64_t)worker->status, 0, 0);
  say(worker, HD_SAID_ENDED);
  return NULL;
}

hd_loop *hd_worker_loop(hd_worker_self *self)
{
  return self->loop;
}

hd_port *hd_worker_port(hd_worker_self *self)
{
  return self->port;
}

const void *hd_worker_data(hd_worker_self *self, size_t *size)
{
  if (size)
    *size = self->worker->data ? self->worker->opts.data_size : 0;
  return self->worker->data;
}

unsigned hd_worker_self_number(const hd_worker_self *self)
{
  return self->worker->number;
}
