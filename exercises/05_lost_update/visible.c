// The tests that you can see. They are built twice: as they are, and with the ThreadSanitizer.
// The threads only count; all checks are made by the test's own thread.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exercise.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

enum { THREADS = 8, ADDITIONS = 20000, LOOKS = 100 };

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct adder {
  pthread_t thread;
  struct counter *counter;
  long step, added;
  double until;         // 0: ADDITIONS times
  struct reader *seen;  // not NULL: until this reader has looked often enough, too
};

// The reader and the adders meet through relaxed atomics only: those put nothing in order, so they hide no race.
struct reader {
  struct counter *counter;
  _Atomic bool stop;
  _Atomic long looks;
  bool went_back;
};

static bool has_looked_enough(struct reader *reader)
{
  return !reader || atomic_load_explicit(&reader->looks, memory_order_relaxed) >= LOOKS;
}

static void *add_on_and_on(void *data)
{
  struct adder *adder = data;
  do {
    for (int i = 0; i < ADDITIONS; i++)
      counter_add(adder->counter, adder->step);
    adder->added += ADDITIONS * adder->step;
  } while (seconds() < adder->until || !has_looked_enough(adder->seen));
  return NULL;
}

static void start(struct adder *adder)
{
  assert_int_equal(pthread_create(&adder->thread, NULL, add_on_and_on, adder), 0);
}

// Waits for the thread and returns what it has added.
static long finish(struct adder *adder)
{
  pthread_join(adder->thread, NULL);
  return adder->added;
}

static struct counter *open_counter(void)
{
  struct counter *counter = counter_open();
  assert_non_null(counter);
  return counter;
}

// Compares texts, so that a failing test shows decimal numbers and says what they are.
static void assert_stands_at(struct counter *counter, long expected)
{
  char is[64], should_be[64];
  long value = counter_value(counter);
  (void)snprintf(is, sizeof is, "the counter stands at %ld", value);
  (void)snprintf(should_be, sizeof should_be, "%ld has been added", expected);
  if (value != expected)
    assert_string_equal(is, should_be);
}

static void what_is_added_is_what_is_read(void **state)
{
  (void)state;
  struct counter *counter = open_counter();
  assert_stands_at(counter, 0);
  counter_add(counter, 5);
  assert_stands_at(counter, 5);
  counter_add(counter, -12);
  counter_add(counter, 0);
  assert_stands_at(counter, -7);
  counter_add(counter, 1000000);
  assert_stands_at(counter, 999993);
  counter_close(counter);
}

// They add for a fifth of a second, so that even on one processor each is interrupted many times.
static void eight_threads_lose_nothing(void **state)
{
  (void)state;
  struct counter *counter = open_counter();
  struct adder adders[THREADS];
  double until = seconds() + 0.2;
  long expected = 0;
  for (int i = 0; i < THREADS; i++) {
    adders[i] = (struct adder){.counter = counter, .step = i % 2 == 0 ? 3 : -1, .until = until};
    start(&adders[i]);
  }
  for (int i = 0; i < THREADS; i++)
    expected += finish(&adders[i]);
  assert_stands_at(counter, expected);
  counter_close(counter);
}

static void *read_on_and_on(void *data)
{
  struct reader *reader = data;
  long last = LONG_MIN;
  while (!atomic_load_explicit(&reader->stop, memory_order_relaxed)) {
    long now = counter_value(reader->counter);
    if (now < last)
      reader->went_back = true;
    last = now;
    atomic_fetch_add_explicit(&reader->looks, 1, memory_order_relaxed);
  }
  return NULL;
}

static void a_reader_never_sees_a_growing_counter_go_back(void **state)
{
  (void)state;
  struct reader reader = {.counter = open_counter()};
  struct adder adders[2];
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, read_on_and_on, &reader), 0);
  for (int i = 0; i < 2; i++) {
    adders[i] = (struct adder){.counter = reader.counter, .step = 1, .seen = &reader};
    start(&adders[i]);
  }
  long expected = finish(&adders[0]) + finish(&adders[1]);
  atomic_store_explicit(&reader.stop, true, memory_order_relaxed);
  pthread_join(thread, NULL);
  assert_false(reader.went_back);
  assert_stands_at(reader.counter, expected);
  counter_close(reader.counter);
}

static void every_counter_has_its_own_value(void **state)
{
  (void)state;
  struct adder adders[THREADS];
  for (int i = 0; i < THREADS; i++) {
    adders[i] = (struct adder){.counter = open_counter(), .step = i + 1};
    start(&adders[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    long expected = finish(&adders[i]);
    assert_stands_at(adders[i].counter, expected);
  }
  for (int i = 0; i < THREADS; i++)
    counter_close(adders[i].counter);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_added_is_what_is_read),
      cmocka_unit_test(eight_threads_lose_nothing),
      cmocka_unit_test(a_reader_never_sees_a_growing_counter_go_back),
      cmocka_unit_test(every_counter_has_its_own_value),
  };
  return cmocka_run_group_tests_name("05_lost_update", tests, NULL, NULL);
}
