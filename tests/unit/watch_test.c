// Watched descriptors in the poll phase (L1, L3, L9).
#include "loop_help.h"

#include "loop/watch.h"

static int ends[2];
static hd_watch *watch;

static int open_pipe(void **state)
{
  return open_loop(state) + pipe(ends);
}

static int close_pipe(void **state)
{
  for (int i = 0; i < 2; i++)
    if (ends[i] >= 0)
      (void)close(ends[i]);
  return close_loop(state);
}

#define PIPE_TEST(function) cmocka_unit_test_setup_teardown(function, open_pipe, close_pipe)

static void put(char c)
{
  assert_int_equal(write(ends[1], &c, 1), 1);
}

static void reads_one(hd_watch *w, unsigned events, void *last)
{
  char c;
  assert_int_equal(events, HD_READABLE);
  assert_int_equal(read(ends[0], &c, 1), 1);
  say_number("", c);
  assert_int_equal(hd_tick(hd_watch_loop(w), says, "tick"), HD_OK);
  if (c == *(char *)last)
    assert_int_equal(hd_watch_close(w, says, "closed"), HD_OK);
}

static void a_readable_descriptor_calls_back_until_it_is_empty_or_closed(void **state)
{
  (void)state;
  char last = 3;
  for (char c = 1; c <= 4; c++)
    put(c);
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, reads_one, &last), HD_OK);
  run_loop();
  assert_string_equal(diary, "1 tick 2 tick 3 tick closed");
}

static void writes_three_times(void *unused)
{
  (void)unused;
  for (char c = 1; c <= 3; c++)
    (void)!write(ends[1], &c, 1);
}

static void *writes_from_a_thread(void *unused)
{
  writes_three_times(unused);
  return NULL;
}

static void L9_a_watch_keeps_the_loop_alive_and_another_thread_wakes_it_by_writing(void **state)
{
  (void)state;
  char last = 3;
  hd_thread *thread;
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, reads_one, &last), HD_OK);
  assert_int_equal(hd_thread_start(&thread, writes_from_a_thread, NULL, NULL), HD_OK);
  run_loop();
  hd_thread_join(thread, NULL);
  assert_string_equal(diary, "1 tick 2 tick 3 tick closed");
}

static void sets_both_and_closes(hd_watch *w, unsigned events, void *word)
{
  (void)events;
  hd_loop *l = hd_watch_loop(w);
  say(word);
  assert_int_equal(hd_timer_set(l, says, "timer", 1, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(l, says, "immediate", NULL), HD_OK);
  assert_int_equal(hd_watch_close(w, says, "closed"), HD_OK);
  assert_int_equal(hd_watch_close(w, says, "closed"), HD_ECLOSED);
  hd_work(3);
}

static void L3_from_a_readable_descriptor_the_order_is_immediate_close_timer(void **state)
{
  (void)state;
  put('x');
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, sets_both_and_closes, "readable"),
                   HD_OK);
  run_loop();
  assert_string_equal(diary, "readable immediate closed timer");
}

static hd_watch *pair[2];

static void closes_the_other(hd_watch *w, unsigned events, void *unused)
{
  (void)events;
  (void)unused;
  say("called");
  (void)hd_watch_close(pair[0], says, "closed");
  (void)hd_watch_close(pair[1], says, "closed");
  (void)w;
}

static void a_watch_closed_by_another_of_the_same_batch_is_not_called(void **state)
{
  (void)state;
  int copy = dup(ends[0]);
  put('x');
  assert_int_equal(hd_watch_open(&pair[0], loop, ends[0], HD_READABLE, closes_the_other, NULL), HD_OK);
  assert_int_equal(hd_watch_open(&pair[1], loop, copy, HD_READABLE, closes_the_other, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "called closed closed");
  assert_int_equal(close(copy), 0);
}

static void changes_then_closes(hd_watch *w, unsigned events, void *unused)
{
  (void)unused;
  say_number("events", (int)events);
  if (events == HD_WRITABLE)
    assert_int_equal(hd_watch_close(w, NULL, NULL), HD_OK);
  else
    assert_int_equal(hd_watch_change(w, HD_WRITABLE), HD_OK);
}

static void a_watch_waits_for_what_it_was_changed_to(void **state)
{
  (void)state;
  int line[2];
  assert_int_equal(pipe(line), 0);
  assert_int_equal(hd_watch_open(&watch, loop, line[1], HD_WRITABLE, changes_then_closes, NULL), HD_OK);
  assert_int_equal(hd_watch_change(watch, 0), HD_EINVAL);
  assert_int_equal(hd_watch_change(watch, 8), HD_EINVAL);
  run_loop();
  assert_string_equal(diary, "events2");
  assert_int_equal(hd_loop_run(loop), 0);
  for (int i = 0; i < 2; i++)
    assert_int_equal(close(line[i]), 0);
}

static void reads_the_end(hd_watch *w, unsigned events, void *unused)
{
  char c;
  (void)unused;
  assert_int_equal(events, HD_READABLE);
  assert_int_equal(read(ends[0], &c, 1), 0);
  say("end");
  assert_int_equal(hd_watch_close(w, NULL, NULL), HD_OK);
}

static void a_hang_up_reads_as_the_end_of_the_file(void **state)
{
  (void)state;
  assert_int_equal(close(ends[1]), 0);
  ends[1] = -1;
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, reads_the_end, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "end");
}

static void closes_the_watch(hd_loop *l, void *word)
{
  (void)l;
  say(word);
  assert_int_equal(hd_watch_close(watch, NULL, NULL), HD_OK);
}

static void never_called(hd_watch *w, unsigned events, void *unused)
{
  (void)w;
  (void)events;
  (void)unused;
  say("never");
}

static void timers_and_posts_wake_a_loop_that_watches(void **state)
{
  (void)state;
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, never_called, NULL), HD_OK);
  assert_int_equal(hd_timer_set(loop, closes_the_watch, "timer", 20, NULL), HD_OK);
  run_loop();
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, never_called, NULL), HD_OK);
  assert_int_equal(hd_loop_post(loop, closes_the_watch, "post"), HD_OK);
  run_loop();
  assert_string_equal(diary, "timer post");
}

static _Atomic uint32_t answered;

static void answers(hd_loop *l, void *last)
{
  (void)l;
  atomic_fetch_add(&answered, 1);
  if (last)
    assert_int_equal(hd_watch_close(watch, NULL, NULL), HD_OK);
}

static void *posts_one_at_a_time(void *unused)
{
  for (uint32_t i = 0; i < 20000; i++) {
    (void)hd_loop_post(loop, answers, i == 19999 ? &answered : NULL);
    for (uint32_t spin = i % 89; spin > 0 && atomic_load(&answered) <= i; spin--)
      ;
    await_at_least(&answered, i % 3 ? 0 : i + 1);
  }
  return unused;
}

static void no_wake_is_lost_while_a_loop_that_watches_goes_to_sleep(void **state)
{
  (void)state;
  hd_thread *thread;
  answered = 0;
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, never_called, NULL), HD_OK);
  assert_int_equal(hd_thread_start(&thread, posts_one_at_a_time, NULL, NULL), HD_OK);
  run_loop();
  hd_thread_join(thread, NULL);
  assert_int_equal(answered, 20000);
  assert_string_equal(diary, "");
}

static void closing_the_loop_frees_open_watches(void **state)
{
  (void)state;
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, never_called, NULL), HD_OK);
}

static void wrong_arguments_are_refused(void **state)
{
  (void)state;
  assert_int_equal(hd_watch_open(NULL, loop, ends[0], HD_READABLE, never_called, NULL), HD_EINVAL);
  assert_int_equal(hd_watch_open(&watch, NULL, ends[0], HD_READABLE, never_called, NULL), HD_EINVAL);
  assert_int_equal(hd_watch_open(&watch, loop, -1, HD_READABLE, never_called, NULL), HD_EINVAL);
  assert_int_equal(hd_watch_open(&watch, loop, 1000000, HD_READABLE, never_called, NULL), HD_EINVAL);
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], 0, never_called, NULL), HD_EINVAL);
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_READABLE, never_called, NULL), HD_OK);
  assert_int_equal(hd_watch_open(&watch, loop, ends[0], HD_WRITABLE, never_called, NULL), HD_EINVAL);
}

static const struct CMUnitTest tests[] = {
    PIPE_TEST(a_readable_descriptor_calls_back_until_it_is_empty_or_closed),
    PIPE_TEST(L9_a_watch_keeps_the_loop_alive_and_another_thread_wakes_it_by_writing),
    PIPE_TEST(L3_from_a_readable_descriptor_the_order_is_immediate_close_timer),
    PIPE_TEST(a_watch_closed_by_another_of_the_same_batch_is_not_called),
    PIPE_TEST(a_watch_waits_for_what_it_was_changed_to),
    PIPE_TEST(a_hang_up_reads_as_the_end_of_the_file),
    PIPE_TEST(timers_and_posts_wake_a_loop_that_watches),
    PIPE_TEST(no_wake_is_lost_while_a_loop_that_watches_goes_to_sleep),
    PIPE_TEST(closing_the_loop_frees_open_watches),
    PIPE_TEST(wrong_arguments_are_refused),
};

RUN_TWICE(tests)
