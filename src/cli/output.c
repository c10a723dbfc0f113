// What a program prints, cut into lines. A write of up to 4 KiB into a pipe arrives whole, so an unfinished
// line is only handed out when the pipe is empty. One thread.
#include "cli/output.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 64 // a program that never stops printing must not keep us here

static int hand_out(struct hd_output *output, hd_output_fn *take, void *context)
{
  size_t size = output->size;
  output->size = 0;
  return size ? take(context, output->stream, output->line, size) : HD_OK;
}

static int add(struct hd_output *output, const char *bytes, size_t size, hd_output_fn *take, void *context)
{
  int rc = HD_OK;
  while (rc == HD_OK && size > 0) {
    const char *newline = memchr(bytes, '\n', size);
    size_t room = sizeof output->line - output->size;
    size_t wanted = newline ? (size_t)(newline - bytes) + 1 : size;
    size_t took = wanted < room ? wanted : room;
    memcpy(output->line + output->size, bytes, took);
    output->size += took;
    bytes += took;
    size -= took;
    if ((newline && took == wanted) || output->size == sizeof output->line)
      rc = hand_out(output, take, context);
  }
  return rc;
}

int hd_output_drain(struct hd_output *output, int fd, hd_output_fn *take, void *context)
{
  char block[16384];
  bool some = false;
  for (int round = 0; round < ROUNDS; round++) {
    ssize_t n = read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      int rc = hand_out(output, take, context);
      if (rc != HD_OK)
        return rc;
      return n < 0 && errno == EAGAIN ? some : HD_EEND;
    }
    int rc = add(output, block, (size_t)n, take, context);
    if (rc != HD_OK)
      return rc;
    some = true;
  }
  return some;
}
