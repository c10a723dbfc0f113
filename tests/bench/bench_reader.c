// Row 23: what a live reader that looks 60 times a second costs a thread that writes five million events a second, and what it
// misses; beside it how fast events flow when nothing may be lost. Writer and reader are processes, each on a core of its own.
#include "bench.h"
#include "bench_trace.h"

#include "base/os.h"
#include "step/point.h"
#include "trace/merge.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define RING_RECORDS (1u << 20)
#define RATE 5000000u
#define BATCH 5000u             // events in a millisecond
#define BATCHES 150u            // of one round: they fit the ring, so a reader that sleeps has lost nothing
#define LIVE_BATCHES 400u       // they do not, so a reader that cannot keep up loses some
#define FLOOD 4000000u
#define FRAME_NS 16666667u

enum order { ASLEEP, LIVE, ENDED };

// Shared by the two processes. The writer gives an order and waits until the reader has carried it out.
struct shared {
  _Atomic uint32_t order, done;
  uint64_t events, lost;  // the reader's sums, true when done
};
static struct shared *shared;

// ---- the reader's process ----

static void drain(hd_merge *merge)
{
  struct hd_entry entry;
  while (hd_merge_next(merge, &entry) == 1)
    ;
}

static _Noreturn void read_for_ever(const char *path)
{
  struct hd_live *live;
  hd_merge *merge;
  struct hd_merge_counts counts;
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  bench_pin(1);
  if (hd_live_open(&live, path) != 0 || hd_live_lock(live) != 0 || hd_merge_open(&merge, live) != 0)
    _exit(3);
  for (uint32_t seen = ASLEEP;;) {
    const uint32_t order = atomic_load(&shared->order);
    if (order == LIVE || order != seen)
      drain(merge);
    if (order != seen) {
      // The writer pauses now: the second look hands out what was too young for the first.
      (void)hd_os_wait(&shared->order, order, 2000000, true);
      drain(merge);
      hd_merge_counts(merge, &counts);
      shared->events = counts.events;
      shared->lost = counts.lost;
      seen = order;
      atomic_store(&shared->done, order);
      hd_os_wake(&shared->done, 1, true);
      if (order == ENDED)
        _exit(0);
    }
    (void)hd_os_wait(&shared->order, order, FRAME_NS, true);
  }
}

static void command(enum order order)
{
  atomic_store(&shared->order, order);
  hd_os_wake(&shared->order, 1, true);
  const uint64_t patience = bench_now() + 20000000000u;
  for (uint32_t done; (done = atomic_load(&shared->done)) != (uint32_t)order;) {
    (void)hd_os_wait(&shared->done, done, 100000000, true);
    if (bench_now() > patience)
      bench_fail("the reader", (int)done);
  }
}

// ---- the writer ----

// Writes batches at the steady rate; the nanoseconds an event takes, waits between the batches left out.
static double write_paced(unsigned batches)
{
  uint64_t spent = 0;
  uint64_t next = bench_now();
  for (unsigned batch = 0; batch < batches; batch++) {
    while (bench_now() < next)
      ;
    next += 1000000000u / (RATE / BATCH);
    const uint64_t began = bench_now();
    for (unsigned i = 0; i < BATCH; i++) {
      hd_point_at(HD_EV_STORE, 1, i, 8, 0);
      bench_barrier();
    }
    spent += bench_now() - began;
  }
  return (double)spent / (batches * (double)BATCH);
}

static double write_flood(void)
{
  const uint64_t began = bench_now();
  for (unsigned i = 0; i < FLOOD; i++) {
    hd_point_at(HD_EV_STORE, 1, i, 8, 0);
    bench_barrier();
  }
  return (double)(bench_now() - began) / FLOOD;
}

static void measure_round(struct hd_control *control)
{
  command(ASLEEP);
  const double alone = write_paced(BATCHES);
  command(LIVE);
  uint64_t events = shared->events, lost = shared->lost;
  const double watched = write_paced(LIVE_BATCHES);
  command(ASLEEP);
  bench_sample("alone", alone);
  bench_sample("watched", watched);
  bench_sample("percent", (watched / alone - 1) * 100);
  bench_sample("lost", (double)(shared->lost - lost));
  bench_sample("uncounted", (double)LIVE_BATCHES * BATCH - (double)(shared->events - events) - (double)(shared->lost - lost));
  events = shared->events;
  lost = shared->lost;
  command(LIVE);
  atomic_store(&control->lossless, 1);
  bench_sample("flood", write_flood());
  command(ASLEEP);
  atomic_store(&control->lossless, 0);
  bench_sample("flood.lost", (double)(shared->lost - lost));
}

static void measure(int start)
{
  (void)start;
  char path[4096];
  if (hd_os_cpus() < 2)
    return;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    bench_fail("mmap", 0);
  bench_make_trace(path, sizeof path, RING_RECORDS);
  const pid_t reader = fork();
  if (reader < 0)
    bench_fail("fork", 0);
  if (reader == 0)
    read_for_ever(path);
  bench_pin(0);
  const int error = hd_trace_attach(path);
  if (error)
    bench_fail("attaching", error);
  struct hd_control *control = hd_control_here();
  hd_control_set_mode(control, HD_MODE_RECORD);
  command(LIVE);
  (void)write_paced(BATCHES);
  for (int round = 0; round < BENCH_ROUNDS; round++)
    measure_round(control);
  command(ENDED);
  (void)waitpid(reader, NULL, 0);
}

static void report(void)
{
  const char *why = isnan(bench_median("alone")) ? "this machine has one core: writer and reader cannot run at once" : NULL;
  const double percent = bench_median("percent"), lost = bench_most("lost"), uncounted = bench_most("uncounted");
  bench_row(&(struct bench_row){.row = 23, .name = "a live reader at 60 Hz: cost to a writer of 5 M events/s",
                                .unit = "% more time per event", .heddle = percent, .least = bench_least("percent"),
                                .most = bench_most("percent"), .peer = NAN, .bar = "at most 3 %",
                                .met = why ? -1 : percent <= 3, .why = why});
  bench_row(&(struct bench_row){.row = 23, .name = "a live reader at 60 Hz: events lost of 2,000,000 at 5 M events/s",
                                .unit = "events", .heddle = bench_median("lost"), .least = bench_least("lost"), .most = lost,
                                .peer = NAN, .bar = "none, in no round", .met = why ? -1 : lost == 0,
                                .why = why ? why : "ring of 1 Mi records (the default of 64 Ki holds 13 ms at this rate)"});
  bench_row(&(struct bench_row){.row = 23, .name = "events neither read nor counted as lost", .unit = "events",
                                .heddle = bench_median("uncounted"), .least = bench_least("uncounted"), .most = uncounted,
                                .peer = NAN, .bar = "none, in no round", .met = why ? -1 : uncounted == 0 && bench_least("uncounted") == 0,
                                .why = why});
  bench_row(&(struct bench_row){.row = 23, .name = "lossless: an event of a flood, the writer waits for the reader",
                                .unit = "ns", .heddle = bench_median("flood"), .least = bench_least("flood"),
                                .most = bench_most("flood"), .peer = NAN, .bar = "none",
                                .met = -1, .why = why ? why : "told beside: this is the speed of the reader"});
}

int main(int argc, char **argv)
{
  return bench_main(argc, argv, measure, report);
}
