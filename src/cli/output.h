// What a program prints, cut into lines. One thread.
#ifndef HD_CLI_OUTPUT_H
#define HD_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#define HD_OUTPUT_LINE 4096 // longer lines come in pieces

struct hd_output {
  int stream; // 1: standard output, 2: standard error
  char line[HD_OUTPUT_LINE];
  size_t size;
};

// Takes one line, its newline included; without one it is what stands at the end now.
typedef int hd_output_fn(void *context, int stream, const char *text, size_t size);

// Reads what fd (non-blocking) has and hands out every line, and what is left once nothing more is there.
// Returns 1 when it has taken something, 0 when there was nothing, HD_EEND at the pipe's end, or the error
// that take returned.
int hd_output_drain(struct hd_output *output, int fd, hd_output_fn *take, void *context);

#endif
