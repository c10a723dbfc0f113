// Immediates: the check phase (L2, L3, L6, L9, T8).
#include "loop_help.h"

static void sets_another(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_immediate_set(l, says, "later", NULL), HD_OK);
  assert_int_equal(hd_loop_post(l, says, "poll"), HD_OK);
}

static void L2_immediates_made_in_the_check_phase_wait_for_the_next_turn(void **state)
{
  (void)state;
  assert_int_equal(hd_immediate_set(loop, sets_another, "one", NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "two", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "one two poll later");
}

static void posted_sets_both(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_timer_set(l, says, "timer", 1, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(l, says, "immediate", NULL), HD_OK);
  hd_work(3);
}

static void L3_from_a_poll_callback_an_immediate_comes_before_an_overdue_timer(void **state)
{
  (void)state;
  assert_int_equal(hd_loop_post(loop, posted_sets_both, "poll"), HD_OK);
  run_loop();
  assert_string_equal(diary, "poll immediate timer");
}

static void overdue_timer_and_immediate(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_timer_set(l, says, "timer", 1, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(l, says, "immediate", NULL), HD_OK);
  assert_int_equal(hd_loop_post(l, says, "poll"), HD_OK);
  hd_work(3);
}

static void
L4_from_a_check_callback_an_overdue_timer_comes_before_the_next_immediate_and_the_next_poll(void **state)
{
  (void)state;
  assert_int_equal(hd_immediate_set(loop, overdue_timer_and_immediate, "check", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "check timer poll immediate");
}

static void L6_from_a_timer_an_immediate_comes_before_any_timer_made_there(void **state)
{
  (void)state;
  assert_int_equal(hd_timer_set(loop, overdue_timer_and_immediate, "first", 1, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "first poll immediate timer");
}

static struct hd_immediate second;

static void clears_the_second(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_immediate_clear(l, second), HD_OK);
  assert_int_equal(hd_immediate_clear(l, second), HD_ENOENT);
}

static void T8_clear_works_on_a_sibling_of_the_same_phase(void **state)
{
  (void)state;
  assert_int_equal(hd_immediate_set(loop, clears_the_second, "one", NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "two", &second), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "three", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "one three");
}

static void ticks_clear(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_tick(l, clears_the_second, "tick"), HD_OK);
}

static void T8_a_tick_clears_the_next_immediate(void **state)
{
  (void)state;
  assert_int_equal(hd_immediate_set(loop, ticks_clear, "one", NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "two", &second), HD_OK);
  run_loop();
  assert_string_equal(diary, "one tick");
}

static void L9_an_unrefed_immediate_runs_only_if_something_else_keeps_the_loop_going(void **state)
{
  (void)state;
  struct hd_immediate immediate;
  assert_int_equal(hd_immediate_set(loop, says, "unref'd", &immediate), HD_OK);
  assert_int_equal(hd_immediate_ref(loop, immediate, false), HD_OK);
  run_loop();
  assert_string_equal(diary, "");
  assert_int_equal(hd_immediate_set(loop, says, "ref'd", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "unref'd ref'd");
}

static void an_immediate_refed_again_keeps_the_loop_alive(void **state)
{
  (void)state;
  struct hd_immediate immediate;
  assert_int_equal(hd_immediate_set(loop, says, "one", &immediate), HD_OK);
  assert_int_equal(hd_immediate_ref(loop, immediate, false), HD_OK);
  assert_int_equal(hd_immediate_ref(loop, immediate, true), HD_OK);
  run_loop();
  assert_string_equal(diary, "one");
}

static void handles_of_what_is_over_are_refused(void **state)
{
  (void)state;
  struct hd_immediate immediate;
  assert_int_equal(hd_immediate_set(loop, says, "one", &immediate), HD_OK);
  run_loop();
  assert_int_equal(hd_immediate_clear(loop, immediate), HD_ENOENT);
  assert_int_equal(hd_immediate_ref(loop, immediate, false), HD_ENOENT);
  assert_int_equal(hd_immediate_clear(loop, (struct hd_immediate){0, 0}), HD_ENOENT);
  assert_int_equal(hd_immediate_clear(loop, (struct hd_immediate){4000000000u, 1}), HD_ENOENT);
  assert_int_equal(hd_immediate_set(loop, NULL, NULL, NULL), HD_EINVAL);
  // The place is used again, under another handle.
  assert_int_equal(hd_immediate_set(loop, says, "two", NULL), HD_OK);
  assert_int_equal(hd_immediate_clear(loop, immediate), HD_ENOENT);
  run_loop();
  assert_string_equal(diary, "one two");
}

static int count;

static void chains(hd_loop *l, void *unused)
{
  if (++count < 10000)
    assert_int_equal(hd_immediate_set(l, chains, unused, NULL), HD_OK);
}

static void each_link_of_a_chain_takes_a_turn_of_its_own(void **state)
{
  (void)state;
  count = 0;
  assert_int_equal(hd_immediate_set(loop, chains, NULL, NULL), HD_OK);
  run_loop();
  assert_int_equal(count, 10000);
}

static const struct CMUnitTest tests[] = {
    LOOP_TEST(L2_immediates_made_in_the_check_phase_wait_for_the_next_turn),
    LOOP_TEST(L3_from_a_poll_callback_an_immediate_comes_before_an_overdue_timer),
    LOOP_TEST(L4_from_a_check_callback_an_overdue_timer_comes_before_the_next_immediate_and_the_next_poll),
    LOOP_TEST(L6_from_a_timer_an_immediate_comes_before_any_timer_made_there),
    LOOP_TEST(T8_clear_works_on_a_sibling_of_the_same_phase),
    LOOP_TEST(T8_a_tick_clears_the_next_immediate),
    LOOP_TEST(L9_an_unrefed_immediate_runs_only_if_something_else_keeps_the_loop_going),
    LOOP_TEST(an_immediate_refed_again_keeps_the_loop_alive),
    LOOP_TEST(handles_of_what_is_over_are_refused),
    LOOP_TEST(each_link_of_a_chain_takes_a_turn_of_its_own),
};

RUN_TWICE(tests)
