// 10^7 tasks through pools of 1, 2, 8 and 64 threads each, from two submitters that cancel at random: nothing
// is lost and nothing runs twice. tasks_soak [TASKS [SEED]]; ends with status 1 and a line that says what was
// wrong.
#include "base/os.h"
#include "pool/pool.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUND = 100000, SUBMITTERS = 2, EACH = ROUND / SUBMITTERS };

struct counted {
  hd_task task; // first
  _Atomic uint32_t runs, backs;
};

struct submitter {
  hd_pool *pool;
  struct counted *tasks;
  uint64_t random, cancelled;
  int status;
};

static _Atomic uint64_t backs;

static void run(hd_task *task)
{
  atomic_fetch_add_explicit(&((struct counted *)(void *)task)->runs, 1, memory_order_relaxed);
}

static void hand_back(hd_task *task)
{
  atomic_fetch_add_explicit(&((struct counted *)(void *)task)->backs, 1, memory_order_relaxed);
  atomic_fetch_add(&backs, 1);
}

static uint64_t next_random(uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

// About one task in eight is asked back at once or a little later; whether it was still queued decides.
static void *submit_many(void *arg)
{
  struct submitter *self = arg;
  for (uint32_t i = 0; i < EACH && self->status == HD_OK; i++) {
    self->status = hd_pool_submit(self->pool, &self->tasks[i].task);
    uint64_t random = next_random(&self->random);
    uint64_t back = (random >> 8) % 64;
    if (random % 8 == 0 && back <= i)
      self->cancelled += hd_pool_cancel(self->pool, &self->tasks[i - back].task) == HD_OK;
    if (random % 1024 == 1)
      hd_pool_flush(self->pool);
  }
  hd_pool_flush(self->pool);
  return NULL;
}

static int check(const struct counted *tasks, uint64_t *cancelled)
{
  for (uint32_t i = 0; i < ROUND; i++) {
    uint32_t expected = tasks[i].task.status == HD_OK;
    if (tasks[i].backs != 1 || tasks[i].runs != expected) {
      fprintf(stderr, "task %u: handed back %u times, ran %u times, status %d\n", i, tasks[i].backs,
              tasks[i].runs, tasks[i].task.status);
      return 1;
    }
    *cancelled += !expected;
  }
  return 0;
}

static int one_round(hd_pool *pool, struct counted *tasks, uint64_t *random, uint64_t *cancelled)
{
  struct submitter submitters[SUBMITTERS];
  struct hd_os_thread threads[SUBMITTERS];
  uint64_t asked_back = 0, found = 0;
  memset(tasks, 0, ROUND * sizeof *tasks);
  for (uint32_t i = 0; i < ROUND; i++)
    tasks[i].task = (hd_task){.run = run, .done = hand_back};
  atomic_store(&backs, 0);
  for (int i = 0; i < SUBMITTERS; i++) {
    submitters[i] =
        (struct submitter){.pool = pool, .tasks = tasks + i * EACH, .random = next_random(random) | 1};
    if (hd_os_thread_start(&threads[i], submit_many, &submitters[i], 0, NULL) != HD_OK)
      return 1;
  }
  for (int i = 0; i < SUBMITTERS; i++) {
    hd_os_thread_join(threads[i]);
    asked_back += submitters[i].cancelled;
    if (submitters[i].status != HD_OK)
      return 1;
  }
  while (atomic_load(&backs) < ROUND)
    hd_os_yield();
  if (check(tasks, &found) || found != asked_back) {
    fprintf(stderr, "%" PRIu64 " tasks were cancelled, %" PRIu64 " say so\n", asked_back, found);
    return 1;
  }
  *cancelled += found;
  return 0;
}

static int soak(unsigned threads, enum hd_wake wake, uint64_t total, uint64_t *random)
{
  hd_pool *pool;
  struct counted *tasks = calloc(ROUND, sizeof *tasks);
  uint64_t cancelled = 0, start = hd_os_now();
  if (!tasks || hd_pool_open(&pool, &(struct hd_pool_opts){.threads = threads, .wake = wake}) != HD_OK)
    return 1;
  int failed = 0;
  for (uint64_t done = 0; done < total && !failed; done += ROUND)
    failed = one_round(pool, tasks, random, &cancelled);
  struct hd_pool_counts counts;
  hd_pool_counts(pool, &counts);
  hd_pool_close(pool);
  free(tasks);
  if (!failed && (counts.submitted != counts.done + counts.cancelled || counts.cancelled != cancelled)) {
    fprintf(stderr, "the books do not balance\n");
    failed = 1;
  }
  printf("%2u threads, %s: %" PRIu64 " tasks, %" PRIu64 " ran, %" PRIu64 " cancelled, %.1f s\n", threads,
         wake == HD_WAKE_DEFERRED ? "deferred" : "at once", counts.submitted, counts.done, counts.cancelled,
         (double)(hd_os_now() - start) / 1e9);
  (void)fflush(stdout);
  return failed;
}

int main(int argc, char **argv)
{
  static const unsigned sizes[] = {1, 2, 8, 64};
  uint64_t total = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
  uint64_t random = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 20240229;
  printf("seed %" PRIu64 "\n", random);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    if (soak(sizes[i], HD_WAKE_AT_ONCE, total / 2, &random) ||
        soak(sizes[i], HD_WAKE_DEFERRED, total / 2, &random))
      return 1;
  return 0;
}
