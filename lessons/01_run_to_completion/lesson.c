// Run to completion: who can change a variable while a callback is using it?
//
// Predict  A callback raises a flag and computes for 50 ms. A timer that lowers the flag is due after 5 ms.
//          Is the flag still up at the callback's last look? And when a second thread lowers it, not a timer?
// Run      heddle run 1
// Watch    The timer becomes due in the middle of the callback, and waits. The second thread does not wait.
// Change   Call hd_tick() in ask_a_timer() instead of hd_timer_set(): "right after this callback". Does it get in earlier?
#include "heddle.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { DOWN, UP };

static const double LOOK_MS = 5;  // the callback computes so long between two looks at the flag
enum { FEW_LOOKS = 10, MANY_LOOKS = 1000 };

struct lesson {
  _Atomic unsigned char flag;  // what everything here is about
  uint32_t shown;              // the flag in the picture
  uint64_t due;                // when the timer was to lower it
  pthread_t thread;            // the second thread
};

static void must(bool done, const char *what)
{
  if (!done) {
    fprintf(stderr, "cannot %s\n", what);
    exit(EXIT_FAILURE);
  }
}

static void put_flag(struct lesson *lesson, unsigned char state)
{
  hd_value_store(lesson->shown, &lesson->flag, &state, 1);
  atomic_store(&lesson->flag, state);
}

static unsigned char look_at_flag(struct lesson *lesson)
{
  hd_value_load(lesson->shown, &lesson->flag, 1);
  unsigned char state = atomic_load(&lesson->flag);
  hd_value_saw(lesson->shown, &state, 1, false);
  return state;
}

// ---- the callback: the same in both stages, only the one who is asked to lower the flag differs ----

typedef void ask_fn(hd_loop *loop, struct lesson *lesson);

// Returns the number of the look that found the flag down, or 0 when it was up at every look.
static int use_the_flag(hd_loop *loop, struct lesson *lesson, ask_fn *ask_to_lower, int looks)
{
  put_flag(lesson, UP);
  ask_to_lower(loop, lesson);
  for (int look = 1; look <= looks; look++) {
    hd_work(LOOK_MS);
    if (look_at_flag(lesson) == DOWN)
      return look;
  }
  return 0;
}

// ---- stage 2: a second thread lowers the flag ----

static void *lower_in_a_thread(void *data)
{
  put_flag(data, DOWN);
  return NULL;
}

static void ask_a_thread(hd_loop *loop, struct lesson *lesson)
{
  (void)loop;
  must(pthread_create(&lesson->thread, NULL, lower_in_a_thread, lesson) == 0, "start a thread");
}

static void second_callback(hd_loop *loop, void *data)
{
  struct lesson *lesson = data;
  hd_stage("the same callback, and a second thread");
  int look = use_the_flag(loop, lesson, ask_a_thread, MANY_LOOKS);
  pthread_join(lesson->thread, NULL);
  if (look > 0)
    printf("with a second thread: the flag was down at look %d\n", look);
  else
    printf("with a second thread: the flag was up at all %d looks\n", MANY_LOOKS);
  hd_observe("changed_with_thread", look > 0);
}

// ---- stage 1: a timer of the same loop lowers the flag ----

static void lower_in_a_callback(hd_loop *loop, void *data)
{
  struct lesson *lesson = data;
  put_flag(lesson, DOWN);
  double late = (double)(hd_clock_now() - lesson->due) / 1e6;
  printf("one thread: the timer was due after %.0f ms and ran %.0f ms late\n", LOOK_MS, late);
  hd_observe("timer_late_ms", (int64_t)late);
  must(hd_immediate_set(loop, second_callback, lesson, NULL) == HD_OK, "queue the second callback");
}

static void ask_a_timer(hd_loop *loop, struct lesson *lesson)
{
  lesson->due = hd_clock_now() + (uint64_t)(LOOK_MS * 1e6);
  must(hd_timer_set(loop, lower_in_a_callback, lesson, LOOK_MS, NULL) == HD_OK, "set a timer");
}

static void first_callback(hd_loop *loop, void *data)
{
  struct lesson *lesson = data;
  hd_stage("one thread: a callback and a timer");
  int look = use_the_flag(loop, lesson, ask_a_timer, FEW_LOOKS);
  if (look > 0)
    printf("one thread: the flag was down at look %d\n", look);
  else
    printf("one thread: the flag was up at all %d looks\n", FEW_LOOKS);
  hd_observe("changed_inside_callback", look > 0);
}

int main(void)
{
  struct lesson lesson = {.flag = DOWN};
  hd_loop *loop;
  must(hd_loop_open(&loop, NULL) == HD_OK, "open a loop");
  lesson.shown = hd_value_show("flag", &lesson.flag, 1);
  must(hd_immediate_set(loop, first_callback, &lesson, NULL) == HD_OK, "queue the first callback");
  int status = hd_loop_run(loop);
  hd_value_hide(lesson.shown);
  must(hd_loop_close(loop) == HD_OK, "close the loop");
  return status;
}
