// Watched descriptors; see watch.h. Invariant: a closed watch is out of the poller at once and freed in the
// close phase, so an entry of the batch that is being delivered never points to freed memory. Loop thread
// only.
#include "loop/watch.h"

#include "loop/inside.h"

#include <stdlib.h>

struct hd_watch {
  struct hd_closer closer;
  struct hd_list link; // in the loop's watches
  hd_loop *loop;
  hd_watch_fn *fn;
  void *data;
  hd_callback_fn *closed;
  void *closed_data;
  int fd;
  unsigned events;
  uint32_t object;
  bool closing;
};

static_assert((int)HD_READABLE == (int)HD_OS_READ && (int)HD_WRITABLE == (int)HD_OS_WRITE, "the same bits");

static int check_request(const hd_loop *loop, int fd, unsigned events, hd_watch_fn *fn)
{
  int status = hd_loop_check(loop);
  if (status != HD_OK)
    return status;
  if (fd < 0 || !fn || events == 0 || events > (HD_READABLE | HD_WRITABLE))
    return HD_EINVAL;
  for (struct hd_list *node = loop->watches.next; node != &loop->watches; node = node->next)
    if (hd_list_entry(node, struct hd_watch, link)->fd == fd)
      return HD_EINVAL;
  return HD_OK;
}

int hd_watch_open(hd_watch **out, hd_loop *loop, int fd, unsigned events, hd_watch_fn *fn, void *data)
{
  int status = check_request(loop, fd, events, fn);
  if (status != HD_OK || !out)
    return status != HD_OK ? status : HD_EINVAL;
  if (!loop->poller && (status = hd_os_poller_open(&loop->poller)) != HD_OK)
    return status;
  hd_watch *watch = malloc(sizeof(*watch));
  if (!watch)
    return HD_ENOMEM;
  status = hd_os_poller_set(loop->poller, fd, events, watch);
  if (status != HD_OK) {
    free(watch);
    return status;
  }
  *watch = (hd_watch){
      .loop = loop, .fn = fn, .data = data, .fd = fd, .events = events, .object = hd_trace_object()};
  hd_list_push(&loop->watches, &watch->link);
  loop->watched++;
  loop->refs++;
  hd_point_at(HD_EV_FD_WATCHED, watch->object, (uint64_t)fd, loop->object, hd_caller());
  *out = watch;
  return HD_OK;
}

int hd_watch_change(hd_watch *watch, unsigned events)
{
  int status = hd_loop_check(watch ? watch->loop : NULL);
  if (status != HD_OK)
    return status;
  if (watch->closing)
    return HD_ECLOSED;
  if (events == 0 || events > (HD_READABLE | HD_WRITABLE))
    return HD_EINVAL;
  status = hd_os_poller_set(watch->loop->poller, watch->fd, events, watch);
  if (status == HD_OK)
    watch->events = events;
  return status;
}

static void call_closed(struct hd_closer *closer)
{
  hd_watch *watch = (hd_watch *)(void *)closer;
  watch->closed(watch->loop, watch->closed_data);
}

static void free_watch(struct hd_closer *closer)
{
  free(closer);
}

static void stop(hd_watch *watch)
{
  (void)hd_os_poller_set(watch->loop->poller, watch->fd, 0, NULL);
  hd_list_remove(&watch->link);
  watch->loop->watched--;
  watch->loop->refs--;
}

int hd_watch_close(hd_watch *watch, hd_callback_fn *closed, void *data)
{
  uint64_t place = hd_caller();
  int status = hd_loop_check(watch ? watch->loop : NULL);
  if (status != HD_OK)
    return status;
  if (watch->closing)
    return HD_ECLOSED;
  stop(watch);
  watch->closing = true;
  watch->closed = closed;
  watch->closed_data = data;
  watch->closer = (struct hd_closer){.object = watch->object,
                                     .fn = hd_fn_place(closed),
                                     .call = closed ? call_closed : NULL,
                                     .after = free_watch};
  hd_point_at(HD_EV_FD_UNWATCHED, watch->object, (uint64_t)watch->fd, watch->loop->object, place);
  hd_loop_close_later(watch->loop, &watch->closer, place);
  return HD_OK;
}

hd_loop *hd_watch_loop(const hd_watch *watch)
{
  return watch->loop;
}

// ---- the loop's side ----

unsigned hd_watches_wait(hd_loop *loop, struct hd_os_ready *ready, unsigned cap, uint64_t deadline)
{
  int count = 0;
  if (deadline == 0) {
    count = hd_os_poller_wait(loop->poller, ready, cap, 0);
  } else {
    const struct hd_wait wait = {.reason = HD_REASON_POLL, .object = loop->object};
    atomic_store(&loop->asleep, HD_ASLEEP_IN_POLLER);
    if (atomic_load(&loop->inbox) == NULL && atomic_load(&loop->halt) == HD_HALT_NOT)
      count = hd_park_poll(loop->poller, ready, cap, deadline, &wait);
    atomic_store(&loop->asleep, HD_AWAKE);
  }
  return count > 0 ? (unsigned)count : 0;
}

// What the system reports, in the words of the watch: a hang-up ends whatever it waits for.
static unsigned wanted(const hd_watch *watch, unsigned reported)
{
  if (reported & HD_OS_HANGUP)
    reported |= HD_OS_READ | HD_OS_WRITE;
  return reported & watch->events;
}

void hd_watches_deliver(hd_loop *loop, const struct hd_os_ready *ready, unsigned count)
{
  for (unsigned i = 0; i < count && !hd_loop_halted(loop); i++) {
    hd_watch *watch = ready[i].data;
    unsigned events = watch->closing ? 0 : wanted(watch, ready[i].events);
    if (events == 0)
      continue;
    hd_callback_begin(loop, HD_CALLBACK_FD, watch->object, (uint64_t)(uintptr_t)watch->fn);
    watch->fn(watch, events, watch->data);
    hd_callback_end(loop);
    hd_callback_drain(loop);
  }
}

void hd_watches_close(hd_loop *loop)
{
  while (!hd_list_empty(&loop->watches)) {
    hd_watch *watch = hd_list_entry(loop->watches.next, hd_watch, link);
    stop(watch);
    free(watch);
  }
  if (loop->poller)
    hd_os_poller_close(loop->poller);
  loop->poller = NULL;
}
