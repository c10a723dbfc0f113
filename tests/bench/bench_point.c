// Row 20: what one point costs, in nanoseconds: off, recorded with a fresh stamp, with the thread's last stamp, with its place in
// the source; beside it the bare cost of a stamp, and LTTng-UST's tracepoint with a payload of the same size where it is installed.
#include "bench.h"
#include "bench_trace.h"

#include "base/os.h"
#include "step/point.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS 2000000

static double empty_loop(void)
{
  const uint64_t began = bench_now();
  for (int i = 0; i < EVENTS; i++)
    bench_barrier();
  return (double)(bench_now() - began) / EVENTS;
}

static double stamps(void)
{
  uint64_t sum = 0;
  const uint64_t began = bench_now();
  for (int i = 0; i < EVENTS; i++) {
    sum += hd_os_stamp();
    bench_barrier();
  }
  const double took = (double)(bench_now() - began) / EVENTS;
  return sum ? took : NAN;
}

static double fresh_points(void)
{
  const uint64_t began = bench_now();
  for (int i = 0; i < EVENTS; i++) {
    hd_point_at(HD_EV_STORE, 1, (uint64_t)i, 8, 0x1000);
    bench_barrier();
  }
  return (double)(bench_now() - began) / EVENTS;
}

static double last_points(void)
{
  const uint64_t began = bench_now();
  for (int i = 0; i < EVENTS; i++) {
    hd_point_at(HD_EV_TICK_QUEUED, 1, (uint64_t)i, 8, 0x1000);
    bench_barrier();
  }
  return (double)(bench_now() - began) / EVENTS;
}

static void measure(int start)
{
  (void)start;
  struct hd_control *control = hd_control_here();
  bench_attach();
  hd_control_set_mode(control, HD_MODE_RECORD);
  (void)fresh_points(); // the ring's pages are touched once before anything is measured
  if (hd_trace_last_stamp() == 0)
    bench_fail("recording", 0);
  for (int round = 0; round < BENCH_ROUNDS; round++) {
    hd_control_set_mode(control, HD_MODE_OFF);
    bench_sample("empty", empty_loop());
    bench_sample("off", fresh_points());
    bench_sample("stamp", stamps());
    hd_control_set_mode(control, HD_MODE_RECORD);
    bench_sample("fresh", fresh_points());
    bench_sample("last", last_points());
    atomic_store(&control->places, 1);
    bench_sample("placed", fresh_points());
    atomic_store(&control->places, 0);
  }
}

// ---- the peer ----

// The median the peer program prints, and its version; NAN with a reason when there is none.
static double ask_peer(char *version, size_t cap, const char **why)
{
  (void)snprintf(version, cap, "%s", "");
#ifdef BENCH_LTTNG
  char line[160], *rest = line;
  FILE *in = popen(BENCH_LTTNG, "r");
  const bool told = in && fgets(line, sizeof line, in);
  if (in)
    (void)pclose(in);
  const double ns = told ? strtod(line, &rest) : NAN;
  if (rest != line) {
    (void)snprintf(version, cap, "%.*s", (int)strcspn(rest + 1, "\n"), rest + 1);
    return ns;
  }
  *why = "LTTng-UST is there, but its session could not be started";
#else
  *why = "LTTng-UST (liblttng-ust-dev, lttng-tools) is not installed";
#endif
  return NAN;
}

static void report(void)
{
  char version[80], bar[80];
  const char *why = NULL;
  const double lttng = ask_peer(version, sizeof version, &why);
  const double stamp = bench_median("stamp"), fresh = bench_median("fresh"), off = bench_median("off") - bench_median("empty");
  (void)snprintf(bar, sizeof bar, "at most a stamp (%.1f ns here) and 4 ns", stamp);
  bench_row(&(struct bench_row){.row = 20, .name = "a recorded point, fresh stamp", .unit = "ns", .heddle = fresh,
                                .least = bench_least("fresh"), .most = bench_most("fresh"), .peer = lttng,
                                .peer_version = *version ? version : NULL, .bar = bar, .met = fresh <= stamp + 4, .why = why});
  bench_row(&(struct bench_row){.row = 20, .name = "a recorded point, last stamp", .unit = "ns", .heddle = bench_median("last"),
                                .least = bench_least("last"), .most = bench_most("last"), .peer = NAN, .bar = "none", .met = -1,
                                .why = "told beside the row above: most points need no stamp of their own"});
  bench_row(&(struct bench_row){.row = 20, .name = "a recorded point, fresh stamp and place in the source", .unit = "ns",
                                .heddle = bench_median("placed"), .least = bench_least("placed"),
                                .most = bench_most("placed"), .peer = NAN, .bar = "none", .met = -1,
                                .why = "told beside: the code address takes a second record"});
  bench_row(&(struct bench_row){.row = 20, .name = "a point that is off", .unit = "ns", .heddle = off,
                                .least = bench_least("off") - bench_median("empty"),
                                .most = bench_most("off") - bench_median("empty"), .peer = NAN, .bar = "at most 0.5 ns",
                                .met = off <= 0.5, .why = "above an empty loop"});
}

int main(int argc, char **argv)
{
  return bench_main(argc, argv, measure, report);
}
