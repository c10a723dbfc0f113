// Polling on any POSIX system: poll(), and a pipe to be notified through. Invariant: polled[0] is the pipe,
// data[i] is what readiness of polled[i] carries. A poller belongs to one thread; only hd_os_poller_notify()
// may come from others.
#include "base/os.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct hd_os_poller {
  struct pollfd *polled;
  void **data;
  size_t count, cap;
  size_t first; // where to begin looking, so that nobody starves when more are ready than asked for
  int pipe[2];
  _Atomic uint32_t notified; // 1: a byte has been written and not yet been read
  uint64_t notices;
};

static int grow(hd_os_poller *poller)
{
  const size_t cap = poller->cap ? 2 * poller->cap : 16;
  struct pollfd *polled = realloc(poller->polled, cap * sizeof *polled);
  if (!polled)
    return HD_ENOMEM;
  poller->polled = polled;
  void **data = realloc(poller->data, cap * sizeof *data);
  if (!data)
    return HD_ENOMEM;
  poller->data = data;
  poller->cap = cap;
  return HD_OK;
}

static int open_pipe(int ends[2])
{
  if (pipe(ends) != 0) {
    ends[0] = ends[1] = -1;
    return hd_error_from_errno(errno);
  }
  for (int i = 0; i < 2; i++) {
    (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
  }
  return HD_OK;
}

int hd_os_poller_open(hd_os_poller **out)
{
  hd_os_poller *poller = calloc(1, sizeof *poller);
  if (!poller)
    return HD_ENOMEM;
  poller->pipe[0] = poller->pipe[1] = -1;
  int error = grow(poller);
  if (!error)
    error = open_pipe(poller->pipe);
  if (error) {
    hd_os_poller_close(poller);
    return error;
  }
  poller->polled[0] = (struct pollfd){.fd = poller->pipe[0], .events = POLLIN};
  poller->data[0] = NULL;
  poller->count = 1;
  *out = poller;
  return HD_OK;
}

void hd_os_poller_close(hd_os_poller *poller)
{
  for (int i = 0; i < 2; i++)
    if (poller->pipe[i] >= 0)
      (void)close(poller->pipe[i]);
  free(poller->polled);
  free(poller->data);
  free(poller);
}

// The place of a descriptor, or count when it is not watched.
static size_t find(const hd_os_poller *poller, int fd)
{
  size_t at = 1;
  while (at < poller->count && poller->polled[at].fd != fd)
    at++;
  return at;
}

static bool can_be_polled(int fd)
{
  struct stat is;
  return fstat(fd, &is) == 0 && !S_ISREG(is.st_mode) && !S_ISDIR(is.st_mode);
}

static void forget(hd_os_poller *poller, size_t at)
{
  const size_t last = --poller->count;
  poller->polled[at] = poller->polled[last];
  poller->data[at] = poller->data[last];
}

int hd_os_poller_set(hd_os_poller *poller, int fd, unsigned events, void *data)
{
  if (fd < 0 || fd == poller->pipe[0] || fd == poller->pipe[1])
    return HD_EINVAL;
  const size_t at = find(poller, fd);
  if (!events) {
    if (at < poller->count)
      forget(poller, at);
    return HD_OK;
  }
  if (!can_be_polled(fd))
    return HD_EINVAL;
  if (at == poller->cap && grow(poller) != HD_OK)
    return HD_ENOMEM;
  short wanted = 0;
  if (events & HD_OS_READ)
    wanted |= POLLIN;
  if (events & HD_OS_WRITE)
    wanted |= POLLOUT;
  poller->polled[at] = (struct pollfd){.fd = fd, .events = wanted};
  poller->data[at] = data;
  if (at == poller->count)
    poller->count++;
  return HD_OK;
}

size_t hd_os_poller_watched(const hd_os_poller *poller)
{
  return poller->count - 1;
}

uint64_t hd_os_poller_notices(const hd_os_poller *poller)
{
  return poller->notices;
}

static unsigned readiness(short events)
{
  unsigned found = 0;
  if (events & POLLIN)
    found |= HD_OS_READ;
  if (events & POLLOUT)
    found |= HD_OS_WRITE;
  if (events & (POLLHUP | POLLERR))
    found |= HD_OS_HANGUP;
  return found;
}

// A descriptor that was closed without a word is forgotten, as epoll does it; poll() would return at once for
// ever.
static void forget_closed(hd_os_poller *poller)
{
  for (size_t at = poller->count; at-- > 1;)
    if (poller->polled[at].revents & POLLNVAL)
      forget(poller, at);
}

static void take_notice(hd_os_poller *poller)
{
  char byte;
  if (read(poller->pipe[0], &byte, 1) != 1)
    return;
  poller->notices++;
  // After the read: who notifies in between finds 1 and need not write, because this very wait returns.
  (void)atomic_exchange_explicit(&poller->notified, 0, memory_order_acq_rel);
}

static int in_ms(uint64_t timeout_ns)
{
  if (timeout_ns == HD_FOREVER)
    return -1;
  const uint64_t up = timeout_ns / 1000000u + (timeout_ns % 1000000u != 0); // never wakes before the time
  return up > INT_MAX ? INT_MAX : (int)up;
}

int hd_os_poller_wait(hd_os_poller *poller, struct hd_os_ready *ready, size_t cap, uint64_t timeout_ns)
{
  if (poll(poller->polled, (nfds_t)poller->count, in_ms(timeout_ns)) <= 0)
    return 0;
  if (poller->polled[0].revents)
    take_notice(poller);
  forget_closed(poller);
  const size_t watched = poller->count - 1;
  int filled = 0;
  size_t done = 0;
  for (; done < watched && (size_t)filled < cap; done++) {
    const size_t at = 1 + (poller->first + done) % watched;
    const unsigned events = readiness(poller->polled[at].revents);
    if (events)
      ready[filled++] = (struct hd_os_ready){poller->polled[at].fd, events, poller->data[at]};
  }
  if (watched)
    poller->first = (poller->first + done) % watched;
  return filled;
}

void hd_os_poller_notify(hd_os_poller *poller)
{
  if (atomic_exchange_explicit(&poller->notified, 1, memory_order_acq_rel))
    return;
  const int saved = errno; // this may be a signal handler
  while (write(poller->pipe[1], "", 1) < 0 && errno == EINTR)
    ;
  errno = saved;
}
