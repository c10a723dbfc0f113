// A worker pool: many tasks, eight workers that are made beforehand, one loop that hears of each result.
//
// Predict  100 tasks go to 8 workers. How many run at once? In which order do they finish? Which thread prints it?
// Run      heddle run worker_pool         (or with other sizes: heddle run worker_pool -- TASKS NUMBERS WORKERS)
// Watch    The queue shrinks only when a worker becomes free. A result waits until the loop has time for its callback.
// Change   Run it with one worker: heddle run worker_pool -- 100 250000 1. Which order do you expect now?
//
// sort_worker.c is the code of the workers. Here is the code of the loop's thread.
#include "sort_worker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lesson {
  long tasks, numbers, workers;
  pthread_t loop_thread;
  long finished, newest;   // results so far, and the highest task number among them
  long overtaken, astray;  // results that a later task overtook; callbacks that ran outside the loop's thread
  unsigned most_busy;
  uint64_t began;
};

struct job {  // what a callback has to know about its task
  struct lesson *lesson;
  long number;  // 1 is the first
};

static void must(bool done, const char *what)
{
  if (!done) {
    fprintf(stderr, "cannot %s\n", what);
    exit(EXIT_FAILURE);
  }
}

// ---- on the loop's thread: one callback per result ----

static void print_summary(hd_worker_pool *pool, const struct lesson *lesson)
{
  struct hd_worker_pool_counts counts;
  hd_worker_pool_counts(pool, &counts);
  printf("pool: %u workers, %llu tasks done, %llu failed, at most %u at once, %ld overtaken, %.0f ms\n", counts.workers,
         (unsigned long long)counts.done, (unsigned long long)counts.failed, lesson->most_busy, lesson->overtaken,
         (double)(hd_clock_now() - lesson->began) / 1e6);
}

static void on_sorted(hd_worker_pool *pool, int status, const void *bytes, size_t size, void *data)
{
  struct job *job = data;
  struct lesson *lesson = job->lesson;
  struct sort_answer answer;
  must(status == HD_OK && size == sizeof answer, "sort: the task failed");
  memcpy(&answer, bytes, sizeof answer);
  must(answer.sorted && answer.smallest <= answer.largest, "sort: the numbers are not in order");

  printf("finished %ld\n", job->number);
  if (job->number < lesson->newest)
    lesson->overtaken++;
  else
    lesson->newest = job->number;
  if (!pthread_equal(pthread_self(), lesson->loop_thread))
    lesson->astray++;
  if (++lesson->finished < lesson->tasks)
    return;
  printf("finished all\n");
  print_summary(pool, lesson);
  must(hd_worker_pool_close(pool, NULL, NULL) == HD_OK, "close the pool");
}

// ---- the program ----

static void submit_all(hd_worker_pool *pool, struct lesson *lesson, struct job *jobs)
{
  struct hd_worker_pool_counts counts;
  for (long i = 0; i < lesson->tasks; i++) {
    // Of eight tasks in a row, the first sorts all the numbers and the last an eighth of them.
    struct sort_task task = {.seed = (uint32_t)i + 1, .count = (uint32_t)(1 + lesson->numbers * (8 - i % 8) / 8)};
    jobs[i] = (struct job){.lesson = lesson, .number = i + 1};
    must(hd_worker_pool_submit(pool, &task, sizeof task, on_sorted, &jobs[i]) == HD_OK, "submit a task");
  }
  hd_worker_pool_counts(pool, &counts);
  lesson->most_busy = counts.busy;
  printf("submitted %ld tasks: %u are with a worker, %llu wait\n", lesson->tasks, counts.busy,
         (unsigned long long)counts.queued);
}

// The number in text, or the default when there is none. Ends the program when it is not between 1 and most.
static long size_from(const char *text, const char *what, long otherwise, long most)
{
  char *end = NULL;
  long size = text ? strtol(text, &end, 10) : otherwise;
  if ((text && (end == text || *end != '\0')) || size < 1 || size > most) {
    fprintf(stderr, "%s must be a number from 1 to %ld, not \"%s\"\n", what, most, text);
    exit(2);
  }
  return size;
}

int main(int argc, char **argv)
{
  struct lesson lesson = {
      .tasks = size_from(argc > 1 ? argv[1] : NULL, "TASKS", 100, 100000),
      .numbers = size_from(argc > 2 ? argv[2] : NULL, "NUMBERS", 250000, 10000000),
      .workers = size_from(argc > 3 ? argv[3] : NULL, "WORKERS", 8, 200),
      .loop_thread = pthread_self(),
  };
  hd_loop *loop;
  hd_worker_pool *pool;
  struct job *jobs = calloc((size_t)lesson.tasks, sizeof jobs[0]);
  must(jobs != NULL, "get memory for the jobs");

  hd_stage("make the workers");
  must(hd_loop_open(&loop, NULL) == HD_OK, "open a loop");
  must(hd_worker_pool_open(&pool, loop, sort_worker, (unsigned)lesson.workers, NULL) == HD_OK, "open a worker pool");

  hd_stage("submit the tasks");
  lesson.began = hd_clock_now();
  submit_all(pool, &lesson, jobs);

  hd_stage("take the results");
  int status = hd_loop_run(loop);
  hd_observe("most_at_once", lesson.most_busy);
  hd_observe("overtaken", lesson.overtaken);
  hd_observe("callbacks_outside_the_loop", lesson.astray);
  must(hd_loop_close(loop) == HD_OK, "close the loop");
  free(jobs);
  return status;
}
