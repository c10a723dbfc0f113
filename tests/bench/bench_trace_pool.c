// Rows 21 and 22: what recording costs a pool behind a loop, in processor time per task: 64 tasks in flight (empty, and of about
// 5 us), and one task in flight, there and back. On one core; even starts with one pool thread, odd starts with eight. Flight recorder.
// Beside it libuv's pool, untraced, with the same empty tasks.
#include "bench.h"
#include "bench_trace.h"

#include "base/os.h"
#include "loop/offload.h"
#include "trace/emit.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef BENCH_LIBUV
#include <uv.h>
#endif

#define MANY 60000
#define FEW 8000
#define IN_FLIGHT 64

// One run: `left` tasks still to be submitted, each does `spins` turns of an empty loop.
static struct {
  hd_pool *pool;
  unsigned threads, left;
  unsigned spins;
} run;

static void job(void *data)
{
  (void)data;
  for (unsigned i = 0; i < run.spins; i++)
    bench_barrier();
}

static void submit(hd_loop *loop);

static void job_done(hd_loop *loop, int status, void *data)
{
  (void)data;
  if (status != 0)
    bench_fail("a task", status);
  if (run.left > 0)
    submit(loop);
}

static void submit(hd_loop *loop)
{
  run.left--;
  const int error = hd_offload(loop, run.pool, job, job_done, NULL, NULL);
  if (error)
    bench_fail("submitting a task", error);
}

struct cost {
  double cpu, wall;  // nanoseconds per task
};

static struct cost heddle(unsigned tasks, unsigned in_flight, unsigned spins, bool traced)
{
  hd_loop *loop;
  int error = hd_loop_open(&loop, NULL);
  if (error)
    bench_fail("opening a loop", error);
  run.left = tasks;
  run.spins = spins;
  hd_control_set_mode(hd_control_here(), traced ? HD_MODE_RECORD : HD_MODE_OFF);
  const uint64_t began = bench_now(), cpu = bench_cpu();
  for (unsigned i = 0; i < in_flight; i++)
    submit(loop);
  (void)hd_loop_run(loop);
  const struct cost cost = {(double)(bench_cpu() - cpu) / tasks, (double)(bench_now() - began) / tasks};
  hd_control_set_mode(hd_control_here(), HD_MODE_OFF);
  error = hd_loop_close(loop);
  if (error)
    bench_fail("closing a loop", error);
  return cost;
}

#ifdef BENCH_LIBUV
static void uv_job(uv_work_t *work)
{
  (void)work;
}

static void uv_job_done(uv_work_t *work, int status)
{
  if (status != 0)
    bench_fail("a task of libuv", status);
  if (run.left > 0) {
    run.left--;
    (void)uv_queue_work(work->loop, work, uv_job, uv_job_done);
  }
}

static struct cost libuv(unsigned tasks)
{
  static uv_work_t works[IN_FLIGHT];
  uv_loop_t *loop = uv_default_loop();
  run.left = tasks - IN_FLIGHT;
  const uint64_t began = bench_now(), cpu = bench_cpu();
  for (unsigned i = 0; i < IN_FLIGHT; i++)
    (void)uv_queue_work(loop, &works[i], uv_job, uv_job_done);
  (void)uv_run(loop, UV_RUN_DEFAULT);
  return (struct cost){(double)(bench_cpu() - cpu) / tasks, (double)(bench_now() - began) / tasks};
}
#endif

// How many turns of the empty loop take about 5 us.
static unsigned find_spins(void)
{
  double least = INFINITY;
  run.spins = 100000;
  for (int i = 0; i < 20; i++) {
    const uint64_t began = bench_now();
    job(NULL);
    least = fmin(least, (double)(bench_now() - began));
  }
  return (unsigned)(5000 / least * run.spins);
}

static void sample(const char *what, const char *which, double value)
{
  char name[48];
  (void)snprintf(name, sizeof name, "%s.%s.%u", what, which, run.threads);
  bench_sample(name, value);
}

static void measure(int start)
{
  bench_pin(0);
  run.threads = start % 2 ? 8 : 1;
  (void)setenv("UV_THREADPOOL_SIZE", start % 2 ? "8" : "1", 1);
  const unsigned spins = find_spins();
  bench_attach();
  const int error = hd_pool_open(&run.pool, &(struct hd_pool_opts){.threads = run.threads, .wake = HD_WAKE_DEFERRED});
  if (error)
    bench_fail("opening a pool", error);
  (void)heddle(MANY, IN_FLIGHT, 0, true); // every ring is made and touched before anything is measured
  for (int round = 0; round < BENCH_ROUNDS; round++) {
    struct cost off = heddle(MANY, IN_FLIGHT, 0, false), on = heddle(MANY, IN_FLIGHT, 0, true);
    sample("empty.cpu", "off", off.cpu);
    sample("empty.cpu", "on", on.cpu);
    sample("empty.cpu", "more", on.cpu - off.cpu);
    sample("empty.wall", "on", on.wall);
#ifdef BENCH_LIBUV
    const struct cost peer = libuv(MANY);
    sample("empty.wall", "libuv", peer.wall);
    sample("empty.wall", "times", peer.wall / on.wall);
#endif
    off = heddle(FEW, IN_FLIGHT, spins, false);
    on = heddle(FEW, IN_FLIGHT, spins, true);
    sample("work.cpu", "off", off.cpu);
    sample("work.cpu", "percent", (on.cpu / off.cpu - 1) * 100);
    off = heddle(FEW, 1, 0, false);
    on = heddle(FEW, 1, 0, true);
    sample("trip.cpu", "off", off.cpu);
    sample("trip.cpu", "percent", (on.cpu / off.cpu - 1) * 100);
  }
  hd_pool_close(run.pool);
}

static void row(int number, const char *threads, const char *name, const char *unit, const char *sample_name, const char *bar,
                double most)
{
  char title[120], full[48];
  (void)snprintf(title, sizeof title, "%s, pool of %s", name, threads);
  (void)snprintf(full, sizeof full, "%s.%s", sample_name, threads);
  const double value = bench_median(full);
  bench_row(&(struct bench_row){.row = number, .name = title, .unit = unit, .heddle = value, .least = bench_least(full),
                                .most = bench_most(full), .peer = NAN, .bar = bar, .met = value <= most});
}

static void row_against_libuv(const char *threads)
{
  char title[120], on[48], peer[48], times[48];
  (void)snprintf(title, sizeof title, "an empty task, traced, against libuv untraced, pool of %s", threads);
  (void)snprintf(on, sizeof on, "empty.wall.on.%s", threads);
  (void)snprintf(peer, sizeof peer, "empty.wall.libuv.%s", threads);
  (void)snprintf(times, sizeof times, "empty.wall.times.%s", threads);
  const double faster = bench_median(times);
  struct bench_row out = {.row = 21, .name = title, .unit = "ns per task", .heddle = bench_median(on), .least = bench_least(on),
                          .most = bench_most(on), .peer = bench_median(peer), .bar = "at least 1.5 times as fast",
                          .met = isfinite(faster) ? faster >= 1.5 : -1};
#ifdef BENCH_LIBUV
  char version[40];
  (void)snprintf(version, sizeof version, "libuv %s", uv_version_string());
  out.peer_version = version;
#else
  out.why = "libuv (libuv1-dev) is not installed";
#endif
  bench_row(&out);
}

static void report(void)
{
  const char *pools[] = {"1", "8"};
  for (int i = 0; i < 2; i++) {
    row(21, pools[i], "recording an empty task, 64 in flight", "more ns of processor time", "empty.cpu.more", "at most 50 ns", 50);
    row_against_libuv(pools[i]);
    row(22, pools[i], "recording a task of 5 us", "% more processor time", "work.cpu.percent", "at most 2 %", 2);
    row(22, pools[i], "recording a task there and back, one in flight", "% more processor time", "trip.cpu.percent",
        "at most 5 %", 5);
  }
}

int main(int argc, char **argv)
{
  return bench_main(argc, argv, measure, report);
}
