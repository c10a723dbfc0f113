// The LTTng-UST peer of row 20: the same loop as bench_point's around a tracepoint with 20 bytes of payload. Prints the median of
// its rounds in nanoseconds, or fails when no session has switched the tracepoint on. Run by peer_lttng.sh.
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "peer_lttng_tp.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EVENTS 1000000
#define ROUNDS 9

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *left, const void *right)
{
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

int main(void)
{
  double rounds[ROUNDS];
  if (!lttng_ust_tracepoint_enabled(heddle_bench, point))
    return 3;
  for (int round = -1; round < ROUNDS; round++) {  // the first one only warms up
    const double began = now();
    for (int i = 0; i < EVENTS; i++)
      lttng_ust_tracepoint(heddle_bench, point, 1, (uint64_t)i, 8);
    if (round >= 0)
      rounds[round] = (now() - began) / EVENTS;
  }
  qsort(rounds, ROUNDS, sizeof *rounds, compare);
  return printf("%.2f\n", rounds[ROUNDS / 2]) > 0 ? 0 : 3;
}
