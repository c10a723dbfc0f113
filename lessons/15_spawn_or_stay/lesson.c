// Spawn or stay: a new worker for every task, or one worker that waits for tasks?
//
// Predict  A worker fills ten numbers, posts them and returns. What ends it? And what ends a worker that listens?
// Run      heddle run spawn_or_stay
// Watch    Stage 1: a lane appears and disappears for each task. Stage 2: one lane that waits, works, waits.
// Change   Remove tell_it_to_stop() from stage 2. Which line is never printed? Does the program end?
//
// worker_once.c and worker_stay.c are the two workers' own code. Their threads run nothing else.
#include "workers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TASKS = 5 };
static const double SILENCE_MS = 50;  // so long we leave the staying worker alone

struct lesson {
  hd_loop *loop;
  hd_worker *stays;                // the worker of stage 2
  int task;                        // the task that is out
  int started, ended;              // workers of this stage
  bool told_to_stop;
  uint64_t asked;                  // when the task went out
  double once_us, stay_us;         // time from asking to answer, added up
};

static void must(bool done, const char *what)
{
  if (!done) {
    fprintf(stderr, "cannot %s\n", what);
    exit(EXIT_FAILURE);
  }
}

// Returns the microseconds since the task went out.
static double print_answer(const struct lesson *lesson, const char *who, const void *bytes, size_t size)
{
  struct answer answer;
  double us = (double)(hd_clock_now() - lesson->asked) / 1e3;
  must(size == sizeof answer, "understand the answer");
  memcpy(&answer, bytes, sizeof answer);
  printf("%s: task %d after %.0f us:", who, lesson->task, us);
  for (int i = 0; i < NUMBERS; i++)
    printf(" %d", answer.numbers[i]);
  printf("\n");
  return us;
}

// ---- stage 2: one worker, five tasks ----

static void stay_ended(hd_worker *worker, int status, void *context)
{
  struct lesson *lesson = context;
  (void)worker;
  lesson->ended++;
  printf("stay: the worker has ended, exit status %d, %s\n", status,
         lesson->told_to_stop ? "because it was told to stop" : "by itself");
}

static void tell_it_to_stop(struct lesson *lesson)
{
  struct task stop = {.stop = true};
  lesson->told_to_stop = true;
  must(hd_worker_post(lesson->stays, &stop, sizeof stop) == HD_OK, "post the end");
}

static void after_the_silence(hd_loop *loop, void *data)
{
  struct lesson *lesson = data;
  (void)loop;
  printf("stay: %.0f ms later nobody has told the worker to stop, and %d worker has ended\n", SILENCE_MS, lesson->ended);
  hd_observe("stay_ended_by_itself", lesson->ended);
  tell_it_to_stop(lesson);
}

static void post_next_task(struct lesson *lesson)
{
  struct task task = {.first = lesson->task * NUMBERS};
  lesson->asked = hd_clock_now();
  must(hd_worker_post(lesson->stays, &task, sizeof task) == HD_OK, "post a task");
}

static void stay_answered(hd_worker *worker, const void *bytes, size_t size, void *context)
{
  struct lesson *lesson = context;
  (void)worker;
  double us = print_answer(lesson, "stay", bytes, size);
  if (lesson->task > 0)  // the first one had to wait for the worker's start
    lesson->stay_us += us;
  if (++lesson->task < TASKS)
    post_next_task(lesson);
  else
    must(hd_timer_set(lesson->loop, after_the_silence, lesson, SILENCE_MS, NULL) == HD_OK, "set a timer");
}

static void begin_stay(struct lesson *lesson)
{
  struct hd_worker_opts opts = {.on_message = stay_answered, .on_exit = stay_ended, .context = lesson};
  hd_stage("one worker that stays");
  lesson->task = lesson->started = lesson->ended = 0;
  must(hd_worker_open(&lesson->stays, lesson->loop, worker_stay, &opts) == HD_OK, "start a worker");
  lesson->started++;
  post_next_task(lesson);  // it is kept until the worker listens
}

// ---- stage 1: a new worker for each of five tasks ----

static void start_next_worker(struct lesson *lesson);

static void once_answered(hd_worker *worker, const void *bytes, size_t size, void *context)
{
  struct lesson *lesson = context;
  (void)worker;
  lesson->once_us += print_answer(lesson, "once", bytes, size);
}

static void once_ended(hd_worker *worker, int status, void *context)
{
  struct lesson *lesson = context;
  lesson->ended++;
  printf("once: worker %u has ended by itself, exit status %d\n", hd_worker_number(worker), status);
  if (++lesson->task < TASKS) {
    start_next_worker(lesson);
    return;
  }
  printf("once: %d tasks, %d threads started, %d ended\n", TASKS, lesson->started, lesson->ended);
  hd_observe("threads_once", lesson->started);
  hd_observe("once_ended_by_itself", lesson->ended);
  begin_stay(lesson);
}

static void start_next_worker(struct lesson *lesson)
{
  struct task task = {.first = lesson->task * NUMBERS};
  struct hd_worker_opts opts = {.data = &task, .data_size = sizeof task,
                                .on_message = once_answered, .on_exit = once_ended, .context = lesson};
  hd_worker *worker;
  lesson->asked = hd_clock_now();
  must(hd_worker_open(&worker, lesson->loop, worker_once, &opts) == HD_OK, "start a worker");
  lesson->started++;
}

int main(void)
{
  struct lesson lesson = {.task = 0};
  must(hd_loop_open(&lesson.loop, NULL) == HD_OK, "open a loop");
  hd_stage("a new worker for every task");
  start_next_worker(&lesson);
  int status = hd_loop_run(lesson.loop);
  printf("stay: %d tasks, %d thread started, %d ended\n", TASKS, lesson.started, lesson.ended);
  hd_observe("threads_stay", lesson.started);
  printf("from asking to answer, on average: %.0f us with a new worker, %.0f us with one that is there already "
         "(1000 us of it are work)\n",
         lesson.once_us / TASKS, lesson.stay_us / (TASKS - 1));
  must(hd_loop_close(lesson.loop) == HD_OK, "close the loop");
  return status;
}
