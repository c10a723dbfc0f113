// Ports. Each end has a mailbox that the other end pushes into. Invariant: whoever pushes into an empty one
// signals; an end is signalled only under its guard and only while it is reachable. Threads: an end's own
// loop, apart from the fields that say otherwise.
#include "port/port.h"

#include "base/hints.h"
#include "base/lock.h"
#include "loop/source.h"
#include "port/inside.h"
#include "step/point.h"

#include <stdlib.h>

#define BATCH 1000u // messages of one delivery, unless more have been waiting at its start (M3)

struct hd_port {
  // any thread
  struct hd_mailbox box; // its owner is this end
  _Atomic bool closed;   // what is posted from now on is dropped
  // guard
  hd_lock guard;
  bool reachable; // bound to a loop that is open
  // set once
  struct line *line;
  hd_port *peer;
  uint32_t object;
  // own thread
  hd_loop *loop;
  struct hd_source source;
  struct hd_attached attached;
  struct hd_closer closer;
  hd_message_fn *fn;
  hd_port_take_fn *take;
  void *data;
  hd_port_closed_fn *on_close;
  void *on_close_data;
  bool refed, closing;
  uint32_t task, pool;         // the task that the next post answers
  struct hd_message *farewell; // sent when this end is over: closing never fails
};

// Both ends live until both are over, so that a post never meets freed memory.
struct line {
  _Atomic uint32_t ends;
  struct hd_port port[2];
};

// ---- posting ----

static void push(hd_port *to, struct hd_message *message)
{
  if (!hd_mailbox_push(&to->box, message))
    return;
  hd_lock_take(&to->guard);
  if (to->reachable)
    hd_source_signal(&to->source);
  hd_lock_give(&to->guard);
}

static void drop(const hd_port *port, struct hd_message *message)
{
  if (!message->closes)
    hd_point_at(HD_EV_MESSAGE_DROPPED, message->object, port->object, message->size, 0);
  free(message);
}

static void drop_waiting(hd_port *port)
{
  hd_mailbox_collect(&port->box);
  for (struct hd_message *message; (message = hd_mailbox_take(&port->box)) != NULL;)
    drop(port, message);
}

void hd_port_send(hd_port *port, struct hd_message *message, uint64_t place)
{
  hd_port *to = port->peer;
  if (port->task && !message->task) {
    message->task = port->task;
    message->pool = port->pool;
    port->task = 0;
    hd_point_at(HD_EV_TASK_DONE, message->task, message->pool, HD_OK, place);
  }
  hd_point_at(HD_EV_MESSAGE_POSTED, message->object, to->object, message->size, place);
  if (atomic_load(&to->closed))
    drop(to, message);
  else
    push(to, message);
}

int hd_port_post_at(hd_port *port, const void *bytes, size_t size, uint64_t place)
{
  if (!port || (!bytes && size > 0))
    return HD_EINVAL;
  if (port->loop && !hd_loop_is_here(port->loop))
    return HD_ETHREAD;
  if (port->closing)
    return HD_ECLOSED;
  struct hd_message *message = hd_message_new(bytes, size);
  if (!message)
    return HD_ENOMEM;
  hd_port_send(port, message, place);
  return HD_OK;
}

int hd_port_post(hd_port *port, const void *bytes, size_t size)
{
  return hd_port_post_at(port, bytes, size, hd_caller());
}

// ---- opening ----

int hd_port_pair(hd_port **a, hd_port **b, const char *name)
{
  if (!a || !b)
    return HD_EINVAL;
  struct line *line = calloc(1, sizeof(*line));
  struct hd_message *farewell[2] = {hd_message_new(NULL, 0), hd_message_new(NULL, 0)};
  if (!line || !farewell[0] || !farewell[1]) {
    free(line);
    free(farewell[0]);
    free(farewell[1]);
    return HD_ENOMEM;
  }
  atomic_store(&line->ends, 2);
  for (int i = 0; i < 2; i++) {
    hd_port *port = &line->port[i];
    hd_lock_init(&port->guard);
    port->line = line;
    port->peer = &line->port[1 - i];
    port->object = hd_trace_object();
    port->farewell = farewell[i];
    port->farewell->closes = true;
    if (name)
      hd_point_name(port->object, "%s %c", name, "ab"[i]);
  }
  *a = &line->port[0];
  *b = &line->port[1];
  return HD_OK;
}

static void deliver(struct hd_source *source);

// Once the other end has closed, this one may go with its loop, even if its turn to close has not come.
static bool may_be_posted_to(const struct hd_attached *attached)
{
  return !atomic_load(&hd_list_entry(attached, const hd_port, attached)->peer->closed);
}

static void abandon(struct hd_attached *attached)
{
  hd_port_end(hd_list_entry(attached, hd_port, attached));
}

static void deliver_waiting(hd_port *port)
{
  if (!hd_mailbox_empty(&port->box))
    hd_source_signal(&port->source);
}

int hd_port_bind_at(hd_port *port, hd_loop *loop, uint64_t place)
{
  if (!port || !loop)
    return HD_EINVAL;
  if (!hd_loop_is_here(loop))
    return HD_ETHREAD;
  if (port->loop)
    return HD_EBUSY;
  port->loop = loop;
  hd_source_open(&port->source, loop, deliver);
  port->attached = (struct hd_attached){.owes = may_be_posted_to, .abandon = abandon};
  hd_loop_attach(loop, &port->attached);
  hd_lock_take(&port->guard);
  port->reachable = true;
  hd_lock_give(&port->guard);
  hd_point_at(HD_EV_PORT_OPENED, port->object, port->peer->object, hd_loop_object(loop), place);
  deliver_waiting(port);
  return HD_OK;
}

int hd_port_bind(hd_port *port, hd_loop *loop)
{
  return hd_port_bind_at(port, loop, hd_caller());
}

// ---- listening ----

static void set_refed(hd_port *port, bool refed)
{
  if (port->refed == refed)
    return;
  port->refed = refed;
  if (refed)
    hd_loop_hold(port->loop);
  else
    hd_loop_let_go(port->loop);
}

static int check(const hd_port *port)
{
  if (!port || !port->loop)
    return HD_EINVAL;
  if (!hd_loop_is_here(port->loop))
    return HD_ETHREAD;
  return port->closing ? HD_ECLOSED : HD_OK;
}

int hd_port_on_message(hd_port *port, hd_message_fn *fn, void *data)
{
  int status = check(port);
  if (status != HD_OK)
    return status;
  port->fn = fn;
  port->data = data;
  set_refed(port, fn != NULL);
  if (fn)
    deliver_waiting(port);
  return HD_OK;
}

void hd_port_on_take(hd_port *port, hd_port_take_fn *fn, void *data)
{
  hd_loop_detach(port->loop, &port->attached);
  port->take = fn;
  port->data = data;
  deliver_waiting(port);
}

int hd_port_ref(hd_port *port, bool ref)
{
  int status = check(port);
  if (status == HD_OK)
    set_refed(port, ref);
  return status;
}

// ---- delivery ----

static void receive(hd_port *port, struct hd_message *message)
{
  hd_loop *loop = port->loop;
  hd_loop_show_phase(loop);
  hd_point_at(HD_EV_MESSAGE_TAKEN, message->object, port->object, message->size, 0);
  if (port->take) {
    port->take(port, message, port->data);
    free(message);
    return;
  }
  port->task = message->task;
  port->pool = message->pool;
  hd_callback_begin(loop, HD_CALLBACK_MESSAGE, port->object, (uint64_t)(uintptr_t)port->fn);
  port->fn(port, message->bytes, message->size, port->data);
  hd_callback_end(loop);
  free(message);
  hd_callback_drain(loop);
}

static void close_now(hd_port *port, hd_port_closed_fn *closed, void *data, uint64_t place);

// Delivers up to a number of messages, those that come meanwhile included (M3). Closing does not stop the
// batch (M6).
static void deliver_batch(hd_port *port, uint32_t limit)
{
  struct hd_mailbox *box = &port->box;
  for (; limit > 0 && !hd_loop_halted(port->loop); limit--) {
    if (!box->oldest)
      hd_mailbox_collect(box);
    if (!box->oldest)
      return;
    if (box->oldest->closes) {
      free(hd_mailbox_take(box));
      if (!port->take && !port->closing)
        close_now(port, port->on_close, port->on_close_data, 0);
      return;
    }
    if (!port->fn && !port->take)
      return;
    receive(port, hd_mailbox_take(box));
  }
  if (box->oldest)
    hd_source_signal(&port->source);
}

static void deliver(struct hd_source *source)
{
  hd_port *port = hd_list_entry(source, hd_port, source);
  if (port->closing)
    return;
  hd_mailbox_collect(&port->box);
  deliver_batch(port, port->box.waiting > BATCH ? port->box.waiting : BATCH);
}

void hd_port_drain(hd_port *port)
{
  hd_mailbox_collect(&port->box);
  deliver_batch(port, port->box.waiting);
}

// ---- closing ----

static void release(struct line *line)
{
  if (atomic_fetch_sub(&line->ends, 1) != 1)
    return;
  for (int i = 0; i < 2; i++) {
    drop_waiting(&line->port[i]); // posted while this end was closing
    hd_lock_destroy(&line->port[i].guard);
  }
  free(line);
}

// This end is over: nobody signals it any more, and the other one learns of it.
static void finish(hd_port *port)
{
  port->closing = true;
  atomic_store(&port->closed, true);
  if (port->loop) {
    hd_lock_take(&port->guard);
    port->reachable = false;
    hd_lock_give(&port->guard);
    set_refed(port, false);
    hd_source_close(&port->source);
    hd_loop_detach(port->loop, &port->attached);
  }
  drop_waiting(port);
  if (port->loop)
    hd_point_at(HD_EV_PORT_CLOSED, port->object, 0, 0, 0);
  push(port->peer, port->farewell);
  release(port->line);
}

void hd_port_end(hd_port *port)
{
  finish(port);
}

static void call_closed(struct hd_closer *closer)
{
  hd_port *port = hd_list_entry(closer, hd_port, closer);
  port->on_close(port, port->on_close_data);
}

static void after_closed(struct hd_closer *closer)
{
  finish(hd_list_entry(closer, hd_port, closer));
}

static void close_now(hd_port *port, hd_port_closed_fn *closed, void *data, uint64_t place)
{
  port->closing = true;
  atomic_store(&port->closed, true);
  set_refed(port, false);
  port->on_close = closed;
  port->on_close_data = data;
  port->closer = (struct hd_closer){.object = port->object,
                                    .fn = (uint64_t)(uintptr_t)closed,
                                    .call = closed ? call_closed : NULL,
                                    .after = after_closed};
  hd_loop_close_later(port->loop, &port->closer, place);
}

int hd_port_close(hd_port *port, hd_port_closed_fn *closed, void *data)
{
  if (!port)
    return HD_EINVAL;
  if (!port->loop) {
    finish(port);
    return HD_OK;
  }
  int status = check(port);
  if (status == HD_OK)
    close_now(port, closed, data, hd_caller());
  return status;
}

void hd_port_on_close(hd_port *port, hd_port_closed_fn *closed, void *data)
{
  if (check(port) != HD_OK)
    return;
  port->on_close = closed;
  port->on_close_data = data;
}

// ---- asking ----

hd_loop *hd_port_loop(const hd_port *port)
{
  return port->loop;
}

uint32_t hd_port_object(const hd_port *port)
{
  return port->object;
}
