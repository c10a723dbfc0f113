// Hears what a program prints when it prints it. The viewer's thread and one of its own read, each under the
// lock.
#include "cli/listen.h"

#include "base/error.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST ((size_t)1 << 20) // bytes that may wait before the thread stops reading
#define NOTHING SIZE_MAX

struct head {
  uint64_t stamp;
  uint32_t stream, size;
};

static int reserve(struct hd_listen *listen, size_t more)
{
  if (listen->room - listen->size >= more)
    return HD_OK;
  size_t room = listen->room ? 2 * listen->room : 65536; // more than twice any line
  char *waiting = realloc(listen->waiting, room);
  if (!waiting)
    return HD_ENOMEM;
  listen->waiting = waiting;
  listen->room = room;
  return HD_OK;
}

// Whether the text goes on where the last line of its stream still stands: a line that was printed in pieces.
static bool goes_on(const struct hd_listen *listen, unsigned which, struct head *head, size_t size)
{
  size_t at = listen->last[which];
  if (at == NOTHING)
    return false;
  memcpy(head, listen->waiting + at, sizeof *head);
  return at + sizeof *head + head->size == listen->size && listen->waiting[listen->size - 1] != '\n' &&
         head->size + size <= HD_OUTPUT_LINE;
}

static int keep(void *context, int stream, const char *text, size_t size)
{
  struct hd_listen *listen = context;
  unsigned which = stream == STDERR_FILENO;
  struct head head;
  int rc = reserve(listen, sizeof head + size);
  if (rc != HD_OK)
    return rc;
  if (goes_on(listen, which, &head, size)) {
    head.size += (uint32_t)size;
  } else {
    head = (struct head){.stamp = hd_os_stamp(), .stream = (uint32_t)stream, .size = (uint32_t)size};
    listen->last[which] = listen->size;
    listen->size += sizeof head;
  }
  memcpy(listen->waiting + listen->last[which], &head, sizeof head);
  memcpy(listen->waiting + listen->size, text, size);
  listen->size += size;
  return HD_OK;
}

static int read_pipes(struct hd_listen *listen)
{
  for (unsigned which = 0; which < 2; which++) {
    if (listen->ended[which] || *listen->fd[which] < 0)
      continue;
    int rc = hd_output_drain(&listen->of[which], *listen->fd[which], keep, listen);
    if (rc < 0 && rc != HD_EEND)
      return rc;
    listen->ended[which] = rc == HD_EEND;
  }
  return HD_OK;
}

void hd_listen_open(struct hd_listen *listen, int *out, int *err)
{
  *listen = (struct hd_listen){.of = {{.stream = STDOUT_FILENO}, {.stream = STDERR_FILENO}},
                               .fd = {out, err},
                               .last = {NOTHING, NOTHING},
                               .wake = {-1, -1}};
  (void)pthread_mutex_init(&listen->lock, NULL);
}

static void *hear(void *context)
{
  struct hd_listen *listen = context;
  for (;;) {
    struct pollfd ready[3] = {{.fd = listen->wake[0], .events = POLLIN}, {.fd = -1}, {.fd = -1}};
    (void)pthread_mutex_lock(&listen->lock);
    bool full = listen->size >= MOST;
    for (int i = 0; i < 2; i++)
      if (!full && !listen->ended[i])
        ready[i + 1] = (struct pollfd){.fd = *listen->fd[i], .events = POLLIN};
    (void)pthread_mutex_unlock(&listen->lock);
    int count = poll(ready, 3, full ? 1 : -1);
    if (ready[0].revents)
      return NULL;
    if (count <= 0)
      continue;
    (void)pthread_mutex_lock(&listen->lock);
    int rc = listen->size < MOST ? read_pipes(listen) : HD_OK;
    (void)pthread_mutex_unlock(&listen->lock);
    if (rc != HD_OK)
      return NULL; // out of memory: the viewer goes on alone and tells
  }
}

void hd_listen_start(struct hd_listen *listen)
{
  sigset_t all, before;
  if (pipe2(listen->wake, O_CLOEXEC) != 0) {
    listen->wake[0] = listen->wake[1] = -1;
    return;
  }
  (void)sigfillset(&all); // signals are the viewer's
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  listen->running = hd_os_thread_start(&listen->thread, hear, listen, 0, "heddle-listen") == HD_OK;
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// Only the viewer's thread closes: it looks at the pipes without the lock too.
static void close_ended(struct hd_listen *listen)
{
  for (int i = 0; i < 2; i++)
    if (listen->ended[i] && *listen->fd[i] >= 0) {
      (void)close(*listen->fd[i]);
      *listen->fd[i] = -1;
    }
}

static int hand_out(struct hd_listen *listen, hd_listen_fn *take, void *context)
{
  int rc = HD_OK;
  struct head head;
  for (size_t at = 0; rc == HD_OK && at < listen->size; at += sizeof head + head.size) {
    memcpy(&head, listen->waiting + at, sizeof head);
    rc = take(context, (int)head.stream, head.stamp, listen->waiting + at + sizeof head, head.size);
  }
  listen->size = 0;
  listen->last[0] = listen->last[1] = NOTHING;
  return rc;
}

int hd_listen_take(struct hd_listen *listen, hd_listen_fn *take, void *context)
{
  (void)pthread_mutex_lock(&listen->lock);
  int rc = read_pipes(listen);
  close_ended(listen);
  bool some = listen->size > 0;
  if (rc == HD_OK)
    rc = hand_out(listen, take, context);
  (void)pthread_mutex_unlock(&listen->lock);
  return rc == HD_OK ? some : rc;
}

void hd_listen_close(struct hd_listen *listen)
{
  if (listen->running) {
    while (write(listen->wake[1], "", 1) < 0)
      ;
    hd_os_thread_join(listen->thread);
    listen->running = false;
  }
  for (int i = 0; i < 2; i++)
    if (listen->wake[i] >= 0)
      (void)close(listen->wake[i]);
  listen->wake[0] = listen->wake[1] = -1;
  free(listen->waiting);
  listen->waiting = NULL;
  listen->size = listen->room = 0;
  (void)pthread_mutex_destroy(&listen->lock);
}
