// What the tests of loop, ports and workers share: a diary of who was called, a loop per test, and a second
// run of every test in a child whose model time is virtual. Time passes by hd_work(), never by sleeping.
#ifndef HD_TESTS_LOOP_HELP_H
#define HD_TESTS_LOOP_HELP_H

#include "rig.h"

#include "heddle.h"
#include "step/park.h"

#include <pthread.h>

// ---- the diary: words in the order in which they were said ----

static char diary[4096];

static inline void say(const char *word)
{
  size_t used = strlen(diary);
  (void)snprintf(diary + used, sizeof diary - used, "%s%s", used ? " " : "", word);
}

static inline void say_number(const char *word, int number)
{
  char text[64];
  (void)snprintf(text, sizeof text, "%s%d", word, number);
  say(text);
}

static inline void says(hd_loop *loop, void *word)
{
  (void)loop;
  say(word);
}

// ---- a loop per test ----

static hd_loop *loop;

static inline int open_loop(void **state)
{
  (void)state;
  diary[0] = '\0';
  return hd_loop_open(&loop, NULL);
}

static inline int close_loop(void **state)
{
  (void)state;
  return hd_loop_close(loop);
}

#define LOOP_TEST(function) cmocka_unit_test_setup_teardown(function, open_loop, close_loop)

static inline void run_loop(void)
{
  assert_int_equal(hd_loop_run(loop), 0);
}

// ---- latches between threads ----

static inline void await_at_least(_Atomic uint32_t *word, uint32_t value)
{
  while (atomic_load(word) < value)
    hd_os_yield();
}

// ---- twice: in real time, and in a child with virtual time and every step recorded ----

static inline int run_in_virtual_time(int (*run)(void))
{
  static const struct hd_live_opts virtual = {.managed = true, .speed = 0, .mode = HD_MODE_RECORD};
  struct hd_live *live;
  char path[64];
  (void)snprintf(path, sizeof path, "/tmp/heddle-loop-%ld", (long)getpid());
  if (hd_live_create(&live, path, &virtual) != HD_OK || hd_live_lock(live) != HD_OK)
    return 1;
  (void)fflush(NULL);
  pid_t child = fork();
  if (child == 0)
    _exit(hd_trace_attach(path) == HD_OK ? run() : 1);
  int status = 1;
  bool ended = child > 0 && waitpid(child, &status, 0) == child;
  hd_live_close(live);
  return ended && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

#define RUN_TWICE(tests)                                                                                     \
  static int run_all(void)                                                                                   \
  {                                                                                                          \
    return cmocka_run_group_tests(tests, NULL, NULL);                                                        \
  }                                                                                                          \
  int main(void)                                                                                             \
  {                                                                                                          \
    int failed = run_all();                                                                                  \
    print_message("once more, in virtual time:\n");                                                          \
    return failed + run_in_virtual_time(run_all);                                                            \
  }

#endif
