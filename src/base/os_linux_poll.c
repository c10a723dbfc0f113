// Polling on Linux: epoll, and an eventfd to be notified through. Invariant: data[fd] is what readiness of fd
// carries. A poller belongs to one thread; only hd_os_poller_notify() may come from others.
#include "base/os.h"

#include "base/error.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64 // events fetched by one call; more wait for the next

struct watched {
  unsigned events; // 0: not watched
  void *data;
};

struct hd_os_poller {
  int epoll, wake;
  _Atomic uint32_t notified; // 1: the eventfd has been written and not yet been read
  struct watched *table;     // indexed by descriptor
  size_t size, watched;
  uint64_t notices;
};

int hd_os_poller_open(hd_os_poller **out)
{
  hd_os_poller *poller = calloc(1, sizeof *poller);
  if (!poller)
    return HD_ENOMEM;
  poller->epoll = epoll_create1(EPOLL_CLOEXEC);
  poller->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = poller->wake};
  if (poller->epoll < 0 || poller->wake < 0 ||
      epoll_ctl(poller->epoll, EPOLL_CTL_ADD, poller->wake, &event) < 0) {
    const int error = hd_error_from_errno(errno);
    hd_os_poller_close(poller);
    return error;
  }
  *out = poller;
  return HD_OK;
}

void hd_os_poller_close(hd_os_poller *poller)
{
  if (poller->epoll >= 0)
    (void)close(poller->epoll);
  if (poller->wake >= 0)
    (void)close(poller->wake);
  free(poller->table);
  free(poller);
}

static int grow(hd_os_poller *poller, size_t needed)
{
  size_t size = poller->size ? poller->size : 16;
  while (size < needed)
    size *= 2;
  struct watched *table = realloc(poller->table, size * sizeof *table);
  if (!table)
    return HD_ENOMEM;
  memset(table + poller->size, 0, (size - poller->size) * sizeof *table);
  poller->table = table;
  poller->size = size;
  return HD_OK;
}

static int ask_kernel(const hd_os_poller *poller, int fd, unsigned events)
{
  struct epoll_event event = {.data.fd = fd};
  if (events & HD_OS_READ)
    event.events |= EPOLLIN | EPOLLRDHUP;
  if (events & HD_OS_WRITE)
    event.events |= EPOLLOUT;
  if (!events) {
    // Closed already: the kernel has forgotten it by itself.
    (void)epoll_ctl(poller->epoll, EPOLL_CTL_DEL, fd, &event);
    return HD_OK;
  }
  // The number may be a new descriptor under an old number, or the other way round: the kernel knows.
  int failed = epoll_ctl(poller->epoll, EPOLL_CTL_MOD, fd, &event);
  if (failed && errno == ENOENT)
    failed = epoll_ctl(poller->epoll, EPOLL_CTL_ADD, fd, &event);
  if (!failed)
    return HD_OK;
  return errno == EPERM || errno == EBADF || errno == ELOOP ? HD_EINVAL : hd_error_from_errno(errno);
}

int hd_os_poller_set(hd_os_poller *poller, int fd, unsigned events, void *data)
{
  if (fd < 0 || fd == poller->epoll || fd == poller->wake)
    return HD_EINVAL;
  const size_t index = (size_t)fd;
  if (!events && (index >= poller->size || !poller->table[index].events))
    return HD_OK;
  if (index >= poller->size && grow(poller, index + 1) != HD_OK)
    return HD_ENOMEM;
  const int error = ask_kernel(poller, fd, events);
  if (error != HD_OK)
    return error;
  poller->watched += (events != 0) - (size_t)(poller->table[index].events != 0);
  poller->table[index] = (struct watched){.events = events, .data = data};
  return HD_OK;
}

size_t hd_os_poller_watched(const hd_os_poller *poller)
{
  return poller->watched;
}

uint64_t hd_os_poller_notices(const hd_os_poller *poller)
{
  return poller->notices;
}

static int wait_ms(int epoll, struct epoll_event *events, int cap, uint64_t timeout_ns)
{
  int ms = -1;
  if (timeout_ns != HD_FOREVER) {
    const uint64_t up = timeout_ns / 1000000u + (timeout_ns % 1000000u != 0); // never wakes before the time
    ms = up > INT_MAX ? INT_MAX : (int)up;
  }
  return epoll_wait(epoll, events, cap, ms);
}

static int wait_events(int epoll, struct epoll_event *events, int cap, uint64_t timeout_ns)
{
#ifdef SYS_epoll_pwait2
  static _Atomic bool missing; // before Linux 5.11, and in sandboxes that do not know it
  if (timeout_ns != 0 && timeout_ns != HD_FOREVER && !atomic_load_explicit(&missing, memory_order_relaxed)) {
    const struct timespec limit = {.tv_sec = (time_t)(timeout_ns / 1000000000u),
                                   .tv_nsec = (long)(timeout_ns % 1000000000u)};
    const int got = (int)syscall(SYS_epoll_pwait2, epoll, events, cap, &limit, NULL, 0);
    if (got >= 0 || (errno != ENOSYS && errno != EPERM))
      return got;
    atomic_store_explicit(&missing, true, memory_order_relaxed);
  }
#endif
  return wait_ms(epoll, events, cap, timeout_ns);
}

static unsigned readiness(uint32_t events)
{
  unsigned found = 0;
  if (events & (EPOLLIN | EPOLLRDHUP))
    found |= HD_OS_READ;
  if (events & EPOLLOUT)
    found |= HD_OS_WRITE;
  if (events & (EPOLLHUP | EPOLLERR))
    found |= HD_OS_HANGUP;
  return found;
}

static void take_notice(hd_os_poller *poller)
{
  uint64_t count;
  if (read(poller->wake, &count, sizeof count) < 0)
    return; // taken before
  poller->notices++;
  // After the read: who notifies in between finds 1 and need not write, because this very wait returns.
  (void)atomic_exchange_explicit(&poller->notified, 0, memory_order_acq_rel);
}

int hd_os_poller_wait(hd_os_poller *poller, struct hd_os_ready *ready, size_t cap, uint64_t timeout_ns)
{
  struct epoll_event events[BATCH];
  const int limit = cap < BATCH ? (int)cap + 1 : BATCH; // one more for the notice, given back if it was none
  const int got = wait_events(poller->epoll, events, limit, timeout_ns);
  int filled = 0;
  for (int i = 0; i < got; i++) {
    const int fd = events[i].data.fd;
    if (fd == poller->wake)
      take_notice(poller);
    else if ((size_t)filled < cap &&
             poller->table[fd].events) // level-triggered: what does not fit comes again
      ready[filled++] = (struct hd_os_ready){fd, readiness(events[i].events), poller->table[fd].data};
  }
  return filled;
}

void hd_os_poller_notify(hd_os_poller *poller)
{
  if (atomic_exchange_explicit(&poller->notified, 1, memory_order_acq_rel))
    return;
  const int saved = errno; // this may be a signal handler
  const uint64_t one = 1;
  while (write(poller->wake, &one, sizeof one) < 0 && errno == EINTR)
    ;
  errno = saved;
}
