// Ticks and microtasks: when they run, and in which order (E1-E4, E6, E7).
#include "loop_help.h"

static void queues_a_tick(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_tick(l, says, "tick"), HD_OK);
}

static void queues_both(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_microtask(l, says, "micro"), HD_OK);
  assert_int_equal(hd_tick(l, says, "tick"), HD_OK);
  say("end");
}

static void E1_a_callback_runs_to_its_end_before_what_it_queued(void **state)
{
  (void)state;
  assert_int_equal(hd_immediate_set(loop, queues_both, "begin", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "begin end tick micro");
}

static void E2_both_queues_are_drained_after_every_timer(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++)
    assert_int_equal(hd_timer_set(loop, queues_both, "timer", 1, NULL), HD_OK);
  hd_work(2);
  run_loop();
  assert_string_equal(diary, "timer end tick micro timer end tick micro");
}

static void E2_both_queues_are_drained_after_every_immediate(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++)
    assert_int_equal(hd_immediate_set(loop, queues_both, "immediate", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "immediate end tick micro immediate end tick micro");
}

static void E2_both_queues_are_drained_after_every_close_and_every_post(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    assert_int_equal(hd_closing(loop, queues_both, "close"), HD_OK);
    assert_int_equal(hd_loop_post(loop, queues_both, "post"), HD_OK);
  }
  run_loop();
  assert_string_equal(diary,
                      "post end tick micro post end tick micro close end tick micro close end tick micro");
}

static void micro_queues_tick(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_tick(l, says, "late-tick"), HD_OK);
  assert_int_equal(hd_microtask(l, says, "m3"), HD_OK);
}

static void E3_all_microtasks_finish_before_a_tick_they_queued(void **state)
{
  (void)state;
  assert_int_equal(hd_microtask(loop, micro_queues_tick, "m1"), HD_OK);
  assert_int_equal(hd_microtask(loop, says, "m2"), HD_OK);
  assert_int_equal(hd_tick(loop, says, "t1"), HD_OK);
  assert_int_equal(hd_tick(loop, says, "t2"), HD_OK);
  run_loop();
  assert_string_equal(diary, "t1 t2 m1 m2 m3 late-tick");
}

enum { MANY = 1000 };
static int order[MANY], ran;

static void notes_its_place(hd_loop *l, void *place)
{
  (void)l;
  order[ran++] = *(int *)place;
}

static void E4_both_queues_are_first_in_first_out_and_have_no_end(void **state)
{
  (void)state;
  static int places[MANY];
  int (*const queue[])(hd_loop *, hd_callback_fn *, void *) = {hd_tick, hd_microtask};
  for (int q = 0; q < 2; q++) {
    ran = 0;
    for (int i = 0; i < MANY; i++) {
      places[i] = i;
      assert_int_equal(queue[q](loop, notes_its_place, &places[i]), HD_OK);
    }
    run_loop();
    assert_int_equal(ran, MANY);
    for (int i = 0; i < MANY; i++)
      assert_int_equal(order[i], i);
  }
}

static int left;

static void ticks_on(hd_loop *l, void *unused)
{
  if (--left > 0)
    assert_int_equal(hd_tick(l, ticks_on, unused), HD_OK);
  else
    say("last-tick");
}

static void E4_tick_recursion_starves_the_loop_and_microtasks(void **state)
{
  (void)state;
  left = 100000;
  assert_int_equal(hd_immediate_set(loop, says, "immediate", NULL), HD_OK);
  assert_int_equal(hd_microtask(loop, says, "micro"), HD_OK);
  assert_int_equal(hd_tick(loop, ticks_on, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "last-tick micro immediate");
}

static void microtasks_on(hd_loop *l, void *unused)
{
  if (--left > 0)
    assert_int_equal(hd_microtask(l, microtasks_on, unused), HD_OK);
  else
    say("last-micro");
}

static void E4_microtask_recursion_starves_ticks(void **state)
{
  (void)state;
  left = 100000;
  assert_int_equal(hd_microtask(loop, queues_a_tick, "micro"), HD_OK);
  assert_int_equal(hd_microtask(loop, microtasks_on, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "micro last-micro tick");
}

static void E6_the_main_program_comes_first_then_ticks_then_microtasks(void **state)
{
  (void)state;
  assert_int_equal(hd_microtask(loop, says, "micro"), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "immediate", NULL), HD_OK);
  assert_int_equal(hd_tick(loop, says, "tick"), HD_OK);
  say("main");
  run_loop();
  assert_string_equal(diary, "main tick micro immediate");
}

static void ticks_alone_run_though_nothing_keeps_the_loop_alive(void **state)
{
  (void)state;
  assert_int_equal(hd_tick(loop, queues_a_tick, "first"), HD_OK);
  run_loop();
  assert_string_equal(diary, "first tick");
}

// ---- errors ----

static void throws(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_tick(l, says, "thrower's-tick"), HD_OK);
  assert_int_equal(hd_throw(l, 42, "broken"), HD_OK);
  say("goes-on");
}

static void handles(hd_loop *l, int error, const char *message, void *data)
{
  assert_int_equal(error, 42);
  assert_string_equal(message, "broken");
  say(data);
  assert_int_equal(hd_tick(l, says, "handler's-tick"), HD_OK);
}

static void E7_a_handled_error_lets_the_rest_of_the_phase_go_on(void **state)
{
  (void)state;
  hd_loop_on_error(loop, handles, "handler");
  assert_int_equal(hd_timer_set(loop, throws, "timer", 1, NULL), HD_OK);
  assert_int_equal(hd_timer_set(loop, says, "next", 1, NULL), HD_OK);
  hd_work(2);
  run_loop();
  assert_string_equal(diary, "timer goes-on handler thrower's-tick handler's-tick next");
}

static void E7_after_a_throwing_immediate_the_next_one_comes_before_the_ticks(void **state)
{
  (void)state;
  hd_loop_on_error(loop, handles, "handler");
  assert_int_equal(hd_immediate_set(loop, throws, "one", NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "two", NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "three", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "one goes-on handler two thrower's-tick handler's-tick three");
}

static void E7_without_a_handler_the_exit_hook_runs_and_the_status_is_1(void **state)
{
  (void)state;
  hd_loop_on_exit(loop, says, "exit");
  hd_loop_on_before_exit(loop, says, "before-exit");
  assert_int_equal(hd_immediate_set(loop, throws, "one", NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "never", NULL), HD_OK);
  assert_int_equal(hd_loop_run(loop), 1);
  assert_string_equal(diary, "one goes-on exit");
}

static void handler_throws(hd_loop *l, int error, const char *message, void *data)
{
  (void)error;
  (void)message;
  say(data);
  assert_int_equal(hd_throw(l, 43, NULL), HD_OK);
}

static void E7_a_handler_that_throws_ends_the_loop_with_status_7(void **state)
{
  (void)state;
  hd_loop_on_error(loop, handler_throws, "handler");
  assert_int_equal(hd_immediate_set(loop, throws, "one", NULL), HD_OK);
  assert_int_equal(hd_loop_run(loop), 7);
  assert_string_equal(diary, "one goes-on handler");
}

static void throwing_outside_a_callback_is_refused(void **state)
{
  (void)state;
  assert_int_equal(hd_throw(loop, 42, "broken"), HD_EINVAL);
  assert_int_equal(hd_tick(loop, NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_microtask(NULL, says, NULL), HD_EINVAL);
}

static const struct CMUnitTest tests[] = {
    LOOP_TEST(E1_a_callback_runs_to_its_end_before_what_it_queued),
    LOOP_TEST(E2_both_queues_are_drained_after_every_timer),
    LOOP_TEST(E2_both_queues_are_drained_after_every_immediate),
    LOOP_TEST(E2_both_queues_are_drained_after_every_close_and_every_post),
    LOOP_TEST(E3_all_microtasks_finish_before_a_tick_they_queued),
    LOOP_TEST(E4_both_queues_are_first_in_first_out_and_have_no_end),
    LOOP_TEST(E4_tick_recursion_starves_the_loop_and_microtasks),
    LOOP_TEST(E4_microtask_recursion_starves_ticks),
    LOOP_TEST(E6_the_main_program_comes_first_then_ticks_then_microtasks),
    LOOP_TEST(ticks_alone_run_though_nothing_keeps_the_loop_alive),
    LOOP_TEST(E7_a_handled_error_lets_the_rest_of_the_phase_go_on),
    LOOP_TEST(E7_after_a_throwing_immediate_the_next_one_comes_before_the_ticks),
    LOOP_TEST(E7_without_a_handler_the_exit_hook_runs_and_the_status_is_1),
    LOOP_TEST(E7_a_handler_that_throws_ends_the_loop_with_status_7),
    LOOP_TEST(throwing_outside_a_callback_is_refused),
};

RUN_TWICE(tests)
