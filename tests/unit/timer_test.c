// Timers: when they are due, and in which order they run (T1-T10).
#include "loop_help.h"

#include <math.h>

static void set(hd_callback_fn *fn, const char *word, double ms)
{
  assert_int_equal(hd_timer_set(loop, fn, (void *)(uintptr_t)word, ms, NULL), HD_OK);
}

static void T1_delays_below_one_too_long_or_not_a_number_become_1_and_fractions_are_cut(void **state)
{
  (void)state;
  set(says, "fifty", 50);
  set(says, "0", 0);
  set(says, "1.9", 1.9);
  set(says, "-7", -7);
  set(says, "nan", (double)NAN);
  set(says, "long", 4e9);
  set(says, "inf", (double)INFINITY);
  hd_work(60);
  run_loop();
  // All overdue: one list, due long before the one of fifty, in the order in which they were set.
  assert_string_equal(diary, "0 1.9 -7 nan long inf fifty");
}

static void T2_equal_durations_run_in_the_order_they_were_set(void **state)
{
  (void)state;
  set(says, "a", 5);
  set(says, "b", 5);
  set(says, "c", 5);
  run_loop();
  assert_string_equal(diary, "a b c");
}

static void T2_lists_run_in_the_order_of_their_expiry(void **state)
{
  (void)state;
  set(says, "300", 300);
  set(says, "20", 20);
  set(says, "150", 150);
  run_loop();
  assert_string_equal(diary, "20 150 300");
}

static void
T2_equal_expiries_run_in_the_order_of_the_lists_ages_and_a_list_queued_again_is_young(void **state)
{
  (void)state;
  if (!hd_clock_is_virtual())
    skip(); // it takes timers that are due in the same millisecond
  set(says, "10-at-0", 10);
  set(says, "20-at-0", 20);
  hd_work(10);
  set(says, "10-at-10", 10);
  run_loop();
  assert_string_equal(diary, "10-at-0 20-at-0 10-at-10");
}

static double time_set, time_run;

static void notes_the_time(hd_loop *l, void *unused)
{
  (void)unused;
  time_run = hd_loop_time(l);
}

static void T10_a_timer_is_never_early(void **state)
{
  (void)state;
  for (int ms = 1; ms < 8; ms++) {
    time_set = (double)(hd_clock_now() / 1000000);
    set(notes_the_time, "", ms);
    run_loop();
    assert_true(time_run - time_set >= ms);
  }
}

static void T3_the_start_is_a_fresh_reading_of_the_clock(void **state)
{
  (void)state;
  set(says, "set-first", 30);
  hd_work(60); // the loop does not turn meanwhile, so its own time stands
  time_set = (double)(hd_clock_now() / 1000000);
  set(notes_the_time, "", 30);
  run_loop();
  assert_string_equal(diary, "set-first");
  assert_true(time_run - time_set >= 30);
}

static void sets_timers_and_waits(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_timer_set(l, says, "made-in-pass", 1, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(l, says, "immediate", NULL), HD_OK);
  hd_work(150); // what was to come in 100 ms falls due in this pass
}

static void T4_timers_made_or_falling_due_during_the_pass_wait_for_the_next_one(void **state)
{
  (void)state;
  set(sets_timers_and_waits, "first", 1);
  set(says, "same-list", 1);
  hd_work(2);
  set(says, "falls-due", 100);
  run_loop();
  assert_string_equal(diary, "first same-list immediate made-in-pass falls-due");
}

static void T5_a_due_list_is_emptied_of_all_its_due_timers_before_the_next_list(void **state)
{
  (void)state;
  set(says, "100-at-0", 100);
  hd_work(60);
  set(says, "70-at-60", 70);
  set(says, "100-at-60", 100);
  hd_work(120);
  run_loop();
  assert_string_equal(diary, "100-at-0 100-at-60 70-at-60");
}

static struct hd_timer other;

static void clears_the_other(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_timer_clear(l, other), HD_OK);
  assert_int_equal(hd_timer_clear(l, other), HD_ENOENT);
}

static void ticks_clear(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_tick(l, clears_the_other, "tick"), HD_OK);
}

static void T6_a_tick_cancels_a_timer_of_the_next_list(void **state)
{
  (void)state;
  set(ticks_clear, "one", 1);
  assert_int_equal(hd_timer_set(loop, says, "two", 2, &other), HD_OK);
  set(says, "three", 3);
  hd_work(10);
  run_loop();
  assert_string_equal(diary, "one tick three");
}

static void T8_clear_works_on_a_sibling_of_the_same_pass(void **state)
{
  (void)state;
  set(clears_the_other, "one", 1);
  assert_int_equal(hd_timer_set(loop, says, "two", 1, &other), HD_OK);
  hd_work(2);
  run_loop();
  assert_string_equal(diary, "one");
}

static void clears_and_sets_again(hd_loop *l, void *word)
{
  clears_the_other(l, word);
  assert_int_equal(hd_timer_set(l, says, "again", 1, &other), HD_OK);
}

static void T8_a_list_emptied_in_its_own_pass_can_be_used_again(void **state)
{
  (void)state;
  set(clears_and_sets_again, "one", 1);
  assert_int_equal(hd_timer_set(loop, says, "two", 1, &other), HD_OK);
  hd_work(2);
  run_loop();
  assert_string_equal(diary, "one again");
}

static int runs;

static void runs_three_times(hd_loop *l, void *word)
{
  say(word);
  if (++runs == 3)
    assert_int_equal(hd_timer_clear(l, other), HD_OK);
}

static void T7_an_interval_runs_until_it_is_cleared_in_its_own_callback(void **state)
{
  (void)state;
  runs = 0;
  assert_int_equal(hd_interval_set(loop, runs_three_times, "interval", 5, &other), HD_OK);
  run_loop();
  assert_string_equal(diary, "interval interval interval");
}

static double starts[4];

static void late_interval(hd_loop *l, void *unused)
{
  (void)unused;
  starts[runs] = (double)(hd_clock_now() / 1000000);
  if (++runs == 4)
    assert_int_equal(hd_timer_clear(l, other), HD_OK);
  else if (runs == 1)
    hd_work(50);
}

static void T7_a_late_interval_does_not_catch_up(void **state)
{
  (void)state;
  runs = 0;
  assert_int_equal(hd_interval_set(loop, late_interval, NULL, 10, &other), HD_OK);
  run_loop();
  assert_true(starts[1] - starts[0] >= 50); // it waited for its own callback
  assert_true(starts[2] - starts[1] >= 10); // and then at least its period, five times missed or not
  assert_true(starts[3] - starts[2] >= 10);
}

static void interval_with_a_child(hd_loop *l, void *word)
{
  say(word);
  if (++runs == 2)
    assert_int_equal(hd_timer_clear(l, other), HD_OK);
  else
    assert_int_equal(hd_timer_set(l, says, "child", 5, NULL), HD_OK);
}

static void T7_a_timer_of_the_same_duration_made_in_the_callback_stands_before_the_interval(void **state)
{
  (void)state;
  runs = 0;
  assert_int_equal(hd_interval_set(loop, interval_with_a_child, "interval", 5, &other), HD_OK);
  run_loop();
  assert_string_equal(diary, "interval child interval");
}

static void T9_refresh_puts_it_at_the_tail_of_its_list(void **state)
{
  (void)state;
  assert_int_equal(hd_timer_set(loop, says, "refreshed", 5, &other), HD_OK);
  set(says, "second", 5);
  assert_int_equal(hd_timer_refresh(loop, other), HD_OK);
  run_loop();
  assert_string_equal(diary, "second refreshed");
}

static void refreshes_itself(hd_loop *l, void *word)
{
  say(word);
  if (++runs < 3)
    assert_int_equal(hd_timer_refresh(l, other), HD_OK);
}

static void T9_refresh_in_its_own_callback_arms_it_again(void **state)
{
  (void)state;
  runs = 0;
  assert_int_equal(hd_timer_set(loop, refreshes_itself, "again", 2, &other), HD_OK);
  run_loop();
  assert_string_equal(diary, "again again again");
  assert_int_equal(hd_timer_refresh(loop, other), HD_ENOENT);
}

static void T9_ref_and_unref_say_whether_it_keeps_the_loop_alive(void **state)
{
  (void)state;
  assert_int_equal(hd_timer_set(loop, says, "timer", 1, &other), HD_OK);
  assert_int_equal(hd_timer_has_ref(loop, other), 1);
  assert_int_equal(hd_timer_ref(loop, other, false), HD_OK);
  assert_int_equal(hd_timer_has_ref(loop, other), 0);
  run_loop();
  assert_string_equal(diary, "");
  assert_int_equal(hd_timer_ref(loop, other, true), HD_OK);
  run_loop();
  assert_string_equal(diary, "timer");
  assert_int_equal(hd_timer_has_ref(loop, other), HD_ENOENT);
}

static void L9_an_unrefed_timer_runs_if_something_else_keeps_the_loop_going(void **state)
{
  (void)state;
  assert_int_equal(hd_timer_set(loop, says, "unref'd", 5, &other), HD_OK);
  assert_int_equal(hd_timer_ref(loop, other, false), HD_OK);
  set(says, "ref'd", 50);
  run_loop();
  assert_string_equal(diary, "unref'd ref'd");
}

static void clearing_the_last_timer_ends_the_loop_at_once(void **state)
{
  (void)state;
  assert_int_equal(hd_timer_set(loop, says, "far", 1e9, &other), HD_OK);
  set(clears_the_other, "near", 1);
  run_loop();
  assert_string_equal(diary, "near");
}

static void handles_of_what_is_over_are_refused(void **state)
{
  (void)state;
  assert_int_equal(hd_timer_clear(loop, (struct hd_timer){0, 0}), HD_ENOENT);
  assert_int_equal(hd_timer_set(loop, NULL, NULL, 1, NULL), HD_EINVAL);
  assert_int_equal(hd_timer_set(loop, says, "one", 1, &other), HD_OK);
  run_loop();
  assert_int_equal(hd_timer_clear(loop, other), HD_ENOENT);
  assert_int_equal(hd_timer_ref(loop, other, false), HD_ENOENT);
}

enum { MANY = 5000 };
static int ran, last_ms;
static bool in_order;

static void notes_its_duration(hd_loop *l, void *ms)
{
  (void)l;
  in_order = in_order && *(int *)ms >= last_ms;
  last_ms = *(int *)ms;
  ran++;
}

// In real time it would take 40 s: there they are set, cleared, and freed with the loop.
static void thousands_of_durations_run_in_order_and_cleared_ones_do_not(void **state)
{
  (void)state;
  static int ms[MANY];
  static struct hd_timer handles[MANY];
  uint32_t seed = 12345;
  ran = last_ms = 0;
  in_order = true;
  for (int i = 0; i < MANY; i++) {
    seed = seed * 1664525u + 1013904223u;
    ms[i] = (int)(seed >> 16) % 40000 + 1;
    assert_int_equal(hd_timer_set(loop, notes_its_duration, &ms[i], ms[i], &handles[i]), HD_OK);
  }
  for (int i = 0; i < MANY; i += 4)
    assert_int_equal(hd_timer_clear(loop, handles[i]), HD_OK);
  if (!hd_clock_is_virtual())
    return;
  run_loop();
  assert_int_equal(ran, MANY - MANY / 4);
  assert_true(in_order);
}

static const struct CMUnitTest tests[] = {
    LOOP_TEST(T1_delays_below_one_too_long_or_not_a_number_become_1_and_fractions_are_cut),
    LOOP_TEST(T2_equal_durations_run_in_the_order_they_were_set),
    LOOP_TEST(T2_lists_run_in_the_order_of_their_expiry),
    LOOP_TEST(T2_equal_expiries_run_in_the_order_of_the_lists_ages_and_a_list_queued_again_is_young),
    LOOP_TEST(T10_a_timer_is_never_early),
    LOOP_TEST(T3_the_start_is_a_fresh_reading_of_the_clock),
    LOOP_TEST(T4_timers_made_or_falling_due_during_the_pass_wait_for_the_next_one),
    LOOP_TEST(T5_a_due_list_is_emptied_of_all_its_due_timers_before_the_next_list),
    LOOP_TEST(T6_a_tick_cancels_a_timer_of_the_next_list),
    LOOP_TEST(T8_clear_works_on_a_sibling_of_the_same_pass),
    LOOP_TEST(T8_a_list_emptied_in_its_own_pass_can_be_used_again),
    LOOP_TEST(T7_an_interval_runs_until_it_is_cleared_in_its_own_callback),
    LOOP_TEST(T7_a_late_interval_does_not_catch_up),
    LOOP_TEST(T7_a_timer_of_the_same_duration_made_in_the_callback_stands_before_the_interval),
    LOOP_TEST(T9_refresh_puts_it_at_the_tail_of_its_list),
    LOOP_TEST(T9_refresh_in_its_own_callback_arms_it_again),
    LOOP_TEST(T9_ref_and_unref_say_whether_it_keeps_the_loop_alive),
    LOOP_TEST(L9_an_unrefed_timer_runs_if_something_else_keeps_the_loop_going),
    LOOP_TEST(clearing_the_last_timer_ends_the_loop_at_once),
    LOOP_TEST(handles_of_what_is_over_are_refused),
    LOOP_TEST(thousands_of_durations_run_in_order_and_cleared_ones_do_not),
};

RUN_TWICE(tests)
