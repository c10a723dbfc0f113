// The door to the operating system: the same promises from every backend.
#include "unit.h"

#include "base/error.h"
#include "base/os.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS 1000000ull

// ---- clocks ----

static void clocks_never_go_back(void **state)
{
  (void)state;
  uint64_t now = hd_os_now(), stamp = hd_os_stamp(), cpu = hd_os_cpu_time();
  for (int i = 0; i < 100000; i++) {
    const uint64_t now2 = hd_os_now(), stamp2 = hd_os_stamp();
    assert_true(now2 >= now && stamp2 >= stamp);
    now = now2;
    stamp = stamp2;
  }
  assert_true(hd_os_cpu_time() > cpu);
}

static void stamps_become_nanoseconds(void **state)
{
  (void)state;
  struct hd_os_rate rate, again;
  hd_os_stamp_rate(&rate);
  hd_os_stamp_rate(&again);
  assert_int_equal(rate.mult, again.mult);
  assert_int_equal(rate.stamp0, again.stamp0);
  assert_true(rate.shift <= 32);
  const uint64_t before = hd_os_now(), told = hd_os_stamp_ns(&rate, hd_os_stamp()), after = hd_os_now();
  assert_true(told + 2 * MS >= before && told <= after + 2 * MS);
}

static void stamps_convert_over_centuries_and_backwards(void **state)
{
  (void)state;
  const struct hd_os_rate rate = {
      .stamp0 = 1000, .ns0 = 1ull << 62, .mult = 1u << 31, .shift = 32}; // 2 ticks a ns
  assert_true(hd_os_stamp_ns(&rate, 1000) == 1ull << 62);
  assert_true(hd_os_stamp_ns(&rate, 1000 + (1ull << 60)) == (1ull << 62) + (1ull << 59));
  assert_true(hd_os_stamp_ns(&rate, 0) == (1ull << 62) - 500);
}

// ---- waiting on a word ----

static _Atomic uint32_t word;

static void a_word_that_differs_is_no_wait(void **state)
{
  (void)state;
  atomic_store(&word, 1);
  assert_int_equal(hd_os_wait(&word, 0, HD_FOREVER, false), HD_OK);
  assert_int_equal(hd_os_wait(&word, 0, HD_FOREVER, true), HD_OK);
}

static void a_wait_ends_when_its_time_is_over_and_not_before(void **state)
{
  (void)state;
  atomic_store(&word, 0);
  for (int shared = 0; shared < 2; shared++) {
    const uint64_t began = hd_os_now();
    int result;
    do
      result = hd_os_wait(&word, 0, 20 * MS, shared);
    while (result == HD_OK);
    assert_int_equal(result, HD_ETIMEOUT);
    assert_true(hd_os_now() - began >= 20 * MS);
    assert_int_equal(hd_os_wait(&word, 0, 0, shared), HD_ETIMEOUT);
  }
}

static _Atomic uint32_t ball;

static void play(uint32_t me, uint32_t rounds, _Atomic uint32_t *at, bool shared)
{
  for (uint32_t i = 0; i < rounds; i++) {
    uint32_t now;
    while ((now = atomic_load(at)) % 2 != me)
      (void)hd_os_wait(at, now, HD_FOREVER, shared);
    atomic_store(at, now + 1);
    hd_os_wake(at, 1, shared);
  }
}

static void *plays_second(void *arg)
{
  (void)arg;
  play(1, 20000, &ball, false);
  return NULL;
}

static void two_threads_wake_each_other(void **state)
{
  (void)state;
  struct hd_os_thread thread;
  assert_int_equal(hd_os_thread_start(&thread, plays_second, NULL, 0, "second"), HD_OK);
  play(0, 20000, &ball, false);
  hd_os_thread_join(thread);
  assert_int_equal(atomic_load(&ball), 40000);
}

static void two_processes_wake_each_other(void **state)
{
  (void)state;
  _Atomic uint32_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(shared, MAP_FAILED);
  (void)fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    play(1, 1000, shared, true);
    _exit(0);
  }
  play(0, 1000, shared, true);
  int status = 1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(atomic_load(shared), 2000);
  (void)munmap(shared, 4096);
}

static void *waits_once(void *arg)
{
  while (atomic_load(&word) == 0)
    (void)hd_os_wait(&word, 0, HD_FOREVER, false);
  return arg;
}

static void one_wake_can_wake_everybody(void **state)
{
  (void)state;
  struct hd_os_thread threads[5];
  atomic_store(&word, 0);
  for (int i = 0; i < 5; i++)
    assert_int_equal(hd_os_thread_start(&threads[i], waits_once, NULL, 64 << 10, NULL), HD_OK);
  atomic_store(&word, 1);
  hd_os_wake(&word, UINT32_MAX, false);
  for (int i = 0; i < 5; i++)
    hd_os_thread_join(threads[i]);
}

// ---- threads ----

static void *tells_its_number(void *arg)
{
  *(uint32_t *)arg = hd_os_thread_id();
  return NULL;
}

static void threads_have_numbers_of_their_own(void **state)
{
  (void)state;
  struct hd_os_thread thread;
  uint32_t other = 0;
  assert_int_equal(
      hd_os_thread_start(&thread, tells_its_number, &other, 0, "a name longer than fifteen bytes"), HD_OK);
  hd_os_thread_join(thread);
  assert_int_not_equal(other, 0);
  assert_int_not_equal(other, hd_os_thread_id());
  assert_int_equal(hd_os_thread_id(), hd_os_thread_id());
  assert_int_equal(hd_os_thread_start(&thread, tells_its_number, &other, 1, NULL), HD_EINVAL);
}

static void there_is_at_least_one_processor(void **state)
{
  (void)state;
  assert_in_range(hd_os_cpus(), 1, 100000);
  assert_true(strlen(hd_os_name()) > 0);
  hd_os_yield();
}

// ---- polling ----

struct polling {
  hd_os_poller *poller;
  int ends[2];
  struct hd_os_ready ready[8];
};

static int open_polling(void **state)
{
  static struct polling polling;
  *state = &polling;
  return hd_os_poller_open(&polling.poller) == HD_OK && pipe(polling.ends) == 0 ? 0 : -1;
}

static int close_polling(void **state)
{
  struct polling *p = *state;
  hd_os_poller_close(p->poller);
  (void)close(p->ends[0]);
  (void)close(p->ends[1]);
  return 0;
}

static int look(struct polling *p)
{
  return hd_os_poller_wait(p->poller, p->ready, 8, 0);
}

static void readiness_is_told_with_its_data_as_long_as_it_lasts(void **state)
{
  struct polling *p = *state;
  int mark;
  assert_int_equal(hd_os_poller_set(p->poller, p->ends[0], HD_OS_READ, &mark), HD_OK);
  assert_int_equal(hd_os_poller_watched(p->poller), 1);
  assert_int_equal(look(p), 0);
  assert_int_equal(write(p->ends[1], "x", 1), 1);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(look(p), 1);
    assert_int_equal(p->ready[0].fd, p->ends[0]);
    assert_int_equal(p->ready[0].events, HD_OS_READ);
    assert_ptr_equal(p->ready[0].data, &mark);
  }
  char byte;
  assert_int_equal(read(p->ends[0], &byte, 1), 1);
  assert_int_equal(look(p), 0);
}

static void interest_can_change_and_end(void **state)
{
  struct polling *p = *state;
  assert_int_equal(hd_os_poller_set(p->poller, p->ends[1], HD_OS_WRITE, NULL), HD_OK);
  assert_int_equal(look(p), 1);
  assert_int_equal(p->ready[0].events, HD_OS_WRITE);
  assert_int_equal(hd_os_poller_set(p->poller, p->ends[1], HD_OS_READ, p), HD_OK);
  assert_int_equal(look(p), 0);
  assert_int_equal(hd_os_poller_set(p->poller, p->ends[1], 0, NULL), HD_OK);
  assert_int_equal(hd_os_poller_set(p->poller, p->ends[1], 0, NULL), HD_OK);
  assert_int_equal(hd_os_poller_watched(p->poller), 0);
}

static void a_hangup_is_told(void **state)
{
  struct polling *p = *state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(hd_os_poller_set(p->poller, ends[0], HD_OS_READ, NULL), HD_OK);
  assert_int_equal(close(ends[1]), 0);
  assert_int_equal(look(p), 1);
  assert_true(p->ready[0].events & HD_OS_HANGUP);
  assert_int_equal(hd_os_poller_set(p->poller, ends[0], 0, NULL), HD_OK);
  assert_int_equal(close(ends[0]), 0);
}

static void a_reused_descriptor_number_is_watched_anew(void **state)
{
  struct polling *p = *state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(hd_os_poller_set(p->poller, ends[0], HD_OS_READ, NULL), HD_OK);
  assert_int_equal(close(ends[0]), 0); // without telling the poller
  assert_int_equal(close(ends[1]), 0);
  assert_int_equal(look(p), 0);
  int again[2];
  assert_int_equal(pipe(again), 0);
  assert_int_equal(again[0], ends[0]);
  assert_int_equal(hd_os_poller_set(p->poller, again[0], HD_OS_READ, p), HD_OK);
  assert_int_equal(write(again[1], "x", 1), 1);
  assert_int_equal(look(p), 1);
  assert_ptr_equal(p->ready[0].data, p);
  assert_int_equal(hd_os_poller_set(p->poller, again[0], 0, NULL), HD_OK);
  (void)close(again[0]);
  (void)close(again[1]);
}

static void what_cannot_be_polled_is_refused(void **state)
{
  struct polling *p = *state;
  FILE *file = tmpfile();
  assert_non_null(file);
  assert_int_equal(hd_os_poller_set(p->poller, fileno(file), HD_OS_READ, NULL), HD_EINVAL);
  assert_int_equal(hd_os_poller_set(p->poller, -1, HD_OS_READ, NULL), HD_EINVAL);
  assert_int_equal(hd_os_poller_set(p->poller, 99999, HD_OS_READ, NULL), HD_EINVAL);
  assert_int_equal(hd_os_poller_watched(p->poller), 0);
  (void)fclose(file);
}

static void many_ready_descriptors_come_in_portions_and_none_starves(void **state)
{
  struct polling *p = *state;
  enum { MANY = 100 };
  int ends[MANY][2];
  bool met[MANY] = {false};
  for (int i = 0; i < MANY; i++) {
    assert_int_equal(pipe(ends[i]), 0);
    assert_int_equal(write(ends[i][1], "x", 1), 1);
    assert_int_equal(hd_os_poller_set(p->poller, ends[i][0], HD_OS_READ, &met[i]), HD_OK);
  }
  int left = MANY;
  for (int round = 0; round < 100 && left; round++) {
    const int got = look(p);
    assert_true(got > 0 && got <= 8);
    for (int i = 0; i < got; i++) {
      bool *seen = p->ready[i].data;
      left -= !*seen;
      *seen = true;
    }
  }
  assert_int_equal(left, 0);
  for (int i = 0; i < MANY; i++) {
    (void)close(ends[i][0]);
    (void)close(ends[i][1]);
  }
}

static void a_poll_ends_when_its_time_is_over_and_not_before(void **state)
{
  struct polling *p = *state;
  const uint64_t began = hd_os_now();
  assert_int_equal(hd_os_poller_wait(p->poller, p->ready, 8, 15 * MS + 300000), 0);
  assert_true(hd_os_now() - began >= 15 * MS + 300000);
}

static void a_notice_ends_the_next_wait_once_however_often_it_is_given(void **state)
{
  struct polling *p = *state;
  const uint64_t before = hd_os_poller_notices(p->poller);
  for (int i = 0; i < 3; i++)
    hd_os_poller_notify(p->poller);
  assert_int_equal(hd_os_poller_wait(p->poller, p->ready, 8, HD_FOREVER), 0);
  assert_int_equal(hd_os_poller_notices(p->poller), before + 1);
  assert_int_equal(look(p), 0);
  assert_int_equal(hd_os_poller_notices(p->poller), before + 1);
}

static _Atomic uint32_t waits_taken;

static void *notifies_each_wait(void *arg)
{
  struct polling *p = arg;
  for (uint32_t i = 0; i < 5000; i++) {
    hd_os_poller_notify(p->poller);
    while (atomic_load(&waits_taken) <= i)
      hd_os_yield();
  }
  return NULL;
}

static void a_notice_from_another_thread_ends_the_wait(void **state)
{
  struct polling *p = *state;
  struct hd_os_thread thread;
  assert_int_equal(hd_os_thread_start(&thread, notifies_each_wait, p, 0, NULL), HD_OK);
  for (int i = 0; i < 5000; i++) {
    (void)hd_os_poller_wait(p->poller, p->ready, 8, HD_FOREVER);
    atomic_fetch_add(&waits_taken, 1);
  }
  hd_os_thread_join(thread);
}

static hd_os_poller *for_the_signal;

static void on_signal(int number)
{
  (void)number;
  hd_os_poller_notify(for_the_signal);
}

static void a_signal_handler_may_notify(void **state)
{
  struct polling *p = *state;
  for_the_signal = p->poller;
  struct sigaction action = {.sa_handler = on_signal}, old;
  assert_int_equal(sigaction(SIGUSR1, &action, &old), 0);
  assert_int_equal(raise(SIGUSR1), 0);
  assert_int_equal(hd_os_poller_wait(p->poller, p->ready, 8, HD_FOREVER), 0);
  assert_int_equal(sigaction(SIGUSR1, &old, NULL), 0);
}

#define POLL(function) cmocka_unit_test_setup_teardown(function, open_polling, close_polling)

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(clocks_never_go_back),
      UNIT(stamps_become_nanoseconds),
      UNIT(stamps_convert_over_centuries_and_backwards),
      UNIT(a_word_that_differs_is_no_wait),
      UNIT(a_wait_ends_when_its_time_is_over_and_not_before),
      UNIT(two_threads_wake_each_other),
      UNIT(two_processes_wake_each_other),
      UNIT(one_wake_can_wake_everybody),
      UNIT(threads_have_numbers_of_their_own),
      UNIT(there_is_at_least_one_processor),
      POLL(readiness_is_told_with_its_data_as_long_as_it_lasts),
      POLL(interest_can_change_and_end),
      POLL(a_hangup_is_told),
      POLL(a_reused_descriptor_number_is_watched_anew),
      POLL(what_cannot_be_polled_is_refused),
      POLL(many_ready_descriptors_come_in_portions_and_none_starves),
      POLL(a_poll_ends_when_its_time_is_over_and_not_before),
      POLL(a_notice_ends_the_next_wait_once_however_often_it_is_given),
      POLL(a_notice_from_another_thread_ends_the_wait),
      POLL(a_signal_handler_may_notify),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
