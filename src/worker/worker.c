// The parent's side of a worker: opening it, hearing what it says, ending it.
// Threads: the parent's loop thread, except that numbers are given out process-wide (W1).
#include "worker/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic unsigned numbers;

// ---- the parent's thread: what the worker says ----

static void set_refed(hd_worker *worker, bool refed)
{
  if (worker->refed == refed)
    return;
  worker->refed = refed;
  if (refed)
    hd_loop_hold(worker->parent);
  else
    hd_loop_let_go(worker->parent);
}

static void take_message(hd_port *port, const struct hd_message *message, void *data)
{
  hd_worker *worker = data;
  const struct hd_worker_opts *opts = &worker->opts;
  if (worker->hooks.message) {
    worker->hooks.message(worker, message, worker->hooks.context);
    return;
  }
  if (!opts->on_message)
    return;
  hd_callback_begin(worker->parent, HD_CALLBACK_MESSAGE, hd_port_object(port),
                    (uint64_t)(uintptr_t)opts->on_message);
  opts->on_message(worker, message->bytes, message->size, opts->context);
  hd_callback_end(worker->parent);
  hd_callback_drain(worker->parent);
}

static void hear_online(hd_worker *worker)
{
  const struct hd_worker_opts *opts = &worker->opts;
  if (!opts->on_online)
    return;
  hd_callback_begin(worker->parent, HD_CALLBACK_WORKER, worker->object, (uint64_t)(uintptr_t)opts->on_online);
  opts->on_online(worker, opts->context);
  hd_callback_end(worker->parent);
  hd_callback_drain(worker->parent);
}

// Without a listener an error of a worker is an uncaught error of its parent, as in Node.
static void hear_failed(hd_worker *worker)
{
  const struct hd_worker_opts *opts = &worker->opts;
  const char *message = worker->message ? worker->message : "";
  if (worker->hooks.exit)
    return;
  hd_callback_begin(worker->parent, HD_CALLBACK_WORKER, worker->object, (uint64_t)(uintptr_t)opts->on_error);
  if (opts->on_error)
    opts->on_error(worker, worker->error, message, opts->context);
  else
    (void)hd_throw(worker->parent, worker->error, message);
  hd_callback_end(worker->parent);
  hd_callback_drain(worker->parent);
}

static void worker_free(hd_worker *worker)
{
  set_refed(worker, false);
  hd_source_close(&worker->control);
  hd_loop_detach(worker->parent, &worker->attached);
  hd_port_end(worker->port);
  hd_lock_destroy(&worker->guard);
  free(worker->data);
  free(worker->message);
  free(worker);
}

static void hear_ended(hd_worker *worker)
{
  const struct hd_worker_opts *opts = &worker->opts;
  hd_loop *parent = worker->parent;
  hd_thread_join(worker->thread, NULL);
  if (worker->hooks.exit) {
    worker->hooks.exit(worker, worker->status, worker->hooks.context);
    worker_free(worker);
    return;
  }
  if (opts->on_exit) {
    hd_callback_begin(parent, HD_CALLBACK_WORKER, worker->object, (uint64_t)(uintptr_t)opts->on_exit);
    opts->on_exit(worker, worker->status, opts->context);
    hd_callback_end(parent);
  }
  worker_free(worker);
  hd_callback_drain(parent);
}

// The next thing said that was not yet heard, 0: none.
static uint32_t next_said(hd_worker *worker, uint32_t said)
{
  uint32_t left = said & ~worker->heard;
  uint32_t next = left & (~left + 1); // the lowest bit: online before failed before ended
  worker->heard |= next;
  return next;
}

static void control(struct hd_source *source)
{
  hd_worker *worker = hd_list_entry(source, hd_worker, control);
  hd_loop *parent = worker->parent;
  uint32_t said = atomic_load(&worker->said);
  if (said & HD_SAID_ENDED)
    hd_port_drain(worker->port); // data first at the end (W8)
  while (!hd_loop_halted(parent)) {
    switch (next_said(worker, said)) {
    case HD_SAID_ONLINE:
      hear_online(worker);
      break;
    case HD_SAID_FAILED:
      hear_failed(worker);
      break;
    case HD_SAID_ENDED:
      hear_ended(worker);
      return;
    default:
      return;
    }
  }
  hd_source_signal(source); // halted: the next run goes on here
}

// ---- the parent's thread: opening and ending ----

void hd_worker_discard(hd_worker *worker)
{
  (void)hd_worker_terminate_at(worker, 0);
  hd_thread_join(worker->thread, NULL);
  worker_free(worker);
}

static bool always(const struct hd_attached *attached)
{
  (void)attached;
  return true;
}

static void abandon(struct hd_attached *attached)
{
  hd_worker_discard(hd_list_entry(attached, hd_worker, attached));
}

static int worker_new(hd_worker **out, const struct hd_worker_opts *opts)
{
  hd_worker *worker = calloc(1, sizeof(*worker));
  if (!worker)
    return HD_ENOMEM;
  worker->opts = *opts;
  worker->opts.data = NULL;
  worker->data = opts->data ? malloc(opts->data_size ? opts->data_size : 1) : NULL;
  if ((opts->data && !worker->data) || hd_port_pair(&worker->port, &worker->self.port, NULL) != HD_OK) {
    free(worker->data);
    free(worker);
    return HD_ENOMEM;
  }
  if (opts->data)
    memcpy(worker->data, opts->data, opts->data_size);
  hd_lock_init(&worker->guard);
  worker->self.worker = worker;
  worker->object = hd_trace_object();
  worker->number = atomic_fetch_add(&numbers, 1) + 1;
  *out = worker;
  return HD_OK;
}

static void attach(hd_worker *worker, hd_loop *parent, uint64_t place)
{
  worker->parent = parent;
  hd_source_open(&worker->control, parent, control); // older than the data port, as in Node
  (void)hd_port_bind_at(worker->port, parent, place);
  hd_port_on_take(worker->port, take_message, worker);
  worker->attached = (struct hd_attached){.owes = always, .abandon = abandon};
  hd_loop_attach(parent, &worker->attached);
  set_refed(worker, true);
}

static int start(hd_worker *worker, const char *name, uint64_t place)
{
  const struct hd_thread_opts thread = {.role = HD_ROLE_WORKER,
                                        .name = name,
                                        .stack_bytes = worker->opts.stack_bytes,
                                        .place = (uint64_t)(uintptr_t)worker->entry,
                                        .maker = place};
  hd_point_name(worker->object, "%s", name);
  hd_point_name(hd_port_object(worker->port), "the port to %s", name);
  hd_point_name(hd_port_object(worker->self.port), "%s's port", name);
  hd_point_at(HD_EV_WORKER_OPENED, worker->object, worker->number, 0, place);
  int status = hd_thread_start(&worker->thread, hd_worker_run, worker, &thread);
  if (status == HD_OK)
    return HD_OK;
  hd_point_at(HD_EV_WORKER_ENDED, worker->object, 1, 0, place);
  hd_port_end(worker->self.port);
  worker_free(worker);
  return status;
}

int hd_worker_open_at(hd_worker **out, hd_loop *parent, hd_worker_entry *entry,
                      const struct hd_worker_opts *opts, const struct hd_worker_hooks *hooks, uint64_t place)
{
  static const struct hd_worker_opts none;
  opts = opts ? opts : &none;
  if (!out || !parent || !entry || (!opts->data && opts->data_size > 0))
    return HD_EINVAL;
  if (!hd_loop_is_here(parent))
    return HD_ETHREAD;
  hd_worker *worker;
  int status = worker_new(&worker, opts);
  if (status != HD_OK)
    return status;
  worker->entry = entry;
  if (hooks)
    worker->hooks = *hooks;
  char name[64];
  if (opts->name)
    (void)snprintf(name, sizeof(name), "%s", opts->name);
  else
    (void)snprintf(name, sizeof(name), "worker %u", worker->number);
  worker->opts.name = NULL;
  attach(worker, parent, place);
  status = start(worker, name, place);
  if (status == HD_OK)
    *out = worker;
  return status;
}

int hd_worker_open(hd_worker **out, hd_loop *parent, hd_worker_entry *entry,
                   const struct hd_worker_opts *opts)
{
  return hd_worker_open_at(out, parent, entry, opts, NULL, hd_caller());
}

static int check(const hd_worker *worker)
{
  if (!worker)
    return HD_EINVAL;
  return hd_loop_is_here(worker->parent) ? HD_OK : HD_ETHREAD;
}

int hd_worker_post(hd_worker *worker, const void *bytes, size_t size)
{
  int status = check(worker);
  return status == HD_OK ? hd_port_post_at(worker->port, bytes, size, hd_caller()) : status;
}

void hd_worker_send(hd_worker *worker, struct hd_message *message, uint64_t place)
{
  hd_port_send(worker->port, message, place);
}

int hd_worker_ref(hd_worker *worker, bool ref)
{
  int status = check(worker);
  if (status == HD_OK)
    set_refed(worker, ref);
  return status;
}

int hd_worker_terminate_at(hd_worker *worker, uint64_t place)
{
  int status = check(worker);
  if (status != HD_OK)
    return status;
  if (atomic_load(&worker->said) & HD_SAID_ENDED || atomic_load(&worker->terminated))
    return HD_OK;
  hd_point_at(HD_EV_WORKER_TERMINATED, worker->object, 0, 0, place);
  hd_lock_take(&worker->guard);
  if (worker->loop)
    hd_loop_kill(worker->loop);
  atomic_store(&worker->terminated, true); // last: who leaves at a safepoint finds its loop killed
  hd_lock_give(&worker->guard);
  return HD_OK;
}

int hd_worker_terminate(hd_worker *worker)
{
  return hd_worker_terminate_at(worker, hd_caller());
}

unsigned hd_worker_number(const hd_worker *worker)
{
  return worker->number;
}
