// The loop: its phases, what keeps it alive, its end, and what it refuses (L1, L5, L7-L9, E9).
#include "loop_help.h"

// ---- phases ----

static void L1_due_timers_run_once_before_the_first_turn(void **state)
{
  (void)state;
  assert_int_equal(hd_immediate_set(loop, says, "immediate", NULL), HD_OK);
  assert_int_equal(hd_timer_set(loop, says, "timer", 1, NULL), HD_OK);
  hd_work(2);
  run_loop();
  assert_string_equal(diary, "timer immediate");
}

static void sets_one_of_each(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_timer_set(l, says, "timer", 1, NULL), HD_OK);
  assert_int_equal(hd_closing(l, says, "close"), HD_OK);
  assert_int_equal(hd_immediate_set(l, says, "check", NULL), HD_OK);
  assert_int_equal(hd_loop_post(l, says, "poll"), HD_OK);
  hd_work(2);
}

static void L1_a_turn_is_poll_check_close_timers(void **state)
{
  (void)state;
  assert_int_equal(hd_timer_set(loop, sets_one_of_each, "first", 1, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "first poll check close timer");
}

static void L7_close_callbacks_come_after_check_and_before_timers_of_the_same_turn(void **state)
{
  (void)state;
  assert_int_equal(hd_immediate_set(loop, sets_one_of_each, "first", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "first close timer poll check");
}

static void L7_immediates_of_a_close_callback_wait_a_turn(void **state)
{
  (void)state;
  assert_int_equal(hd_closing(loop, sets_one_of_each, "first"), HD_OK);
  run_loop();
  assert_string_equal(diary, "first timer poll check close");
}

static void the_closing_callback_queued_last_is_called_first(void **state)
{
  (void)state;
  assert_int_equal(hd_closing(loop, says, "one"), HD_OK);
  assert_int_equal(hd_closing(loop, says, "two"), HD_OK);
  run_loop();
  assert_string_equal(diary, "two one");
}

static int turns;
static struct hd_timer far_timer;

static void turns_then_clears(hd_loop *l, void *unused)
{
  if (++turns < 100)
    assert_int_equal(hd_immediate_set(l, turns_then_clears, unused, NULL), HD_OK);
  else
    assert_int_equal(hd_timer_clear(l, far_timer), HD_OK);
}

static void L8_the_loop_does_not_sleep_while_immediates_or_closers_wait(void **state)
{
  (void)state;
  uint64_t start = hd_clock_now();
  turns = 0;
  assert_int_equal(hd_timer_set(loop, says, "far", 1e9, &far_timer), HD_OK);
  assert_int_equal(hd_immediate_set(loop, turns_then_clears, NULL, NULL), HD_OK);
  assert_int_equal(hd_closing(loop, says, "close"), HD_OK);
  run_loop();
  assert_int_equal(turns, 100);
  assert_true(hd_clock_now() - start < 1000000000000u);
  assert_string_equal(diary, "close");
}

static void L8_the_loop_sleeps_until_the_next_timer(void **state)
{
  (void)state;
  uint64_t cpu = hd_os_cpu_time(), start = hd_clock_now();
  assert_int_equal(hd_timer_set(loop, says, "timer", 100, NULL), HD_OK);
  run_loop();
  assert_true(hd_clock_now() - start >= 99000000u);
  assert_true(hd_os_cpu_time() - cpu < 50000000u); // it did not spin
}

static void L9_an_empty_loop_ends_at_once(void **state)
{
  (void)state;
  run_loop();
  run_loop();
}

// ---- the end ----

static int hooks;

static void queues_twice(hd_loop *l, void *word)
{
  say(word);
  if (++hooks < 3)
    assert_int_equal(hd_timer_set(l, says, "more", 1, NULL), HD_OK);
}

static void queues_what_never_runs(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_tick(l, says, "never"), HD_OK);
  assert_int_equal(hd_immediate_set(l, says, "never", NULL), HD_OK);
  hd_loop_set_status(l, 9);
}

static void E9_the_before_exit_hook_comes_again_after_what_it_queued_then_the_exit_hook(void **state)
{
  (void)state;
  hooks = 0;
  hd_loop_on_before_exit(loop, queues_twice, "before-exit");
  hd_loop_on_exit(loop, queues_what_never_runs, "exit");
  assert_int_equal(hd_loop_run(loop), 9);
  assert_string_equal(diary, "before-exit more before-exit more before-exit exit");
}

static void sets_status(hd_loop *l, void *unused)
{
  (void)unused;
  hd_loop_set_status(l, 3);
}

static void the_status_is_what_a_callback_said(void **state)
{
  (void)state;
  assert_int_equal(hd_immediate_set(loop, sets_status, NULL, NULL), HD_OK);
  assert_int_equal(hd_loop_run(loop), 3);
  run_loop(); // the next run starts with 0 again
}

static void stops(hd_loop *l, void *word)
{
  say(word);
  assert_int_equal(hd_tick(l, says, "tick"), HD_OK);
  assert_int_equal(hd_microtask(l, says, "micro"), HD_OK);
  hd_loop_stop(l);
}

static void stop_returns_after_the_callback_and_its_ticks_and_keeps_what_is_queued(void **state)
{
  (void)state;
  hd_loop_on_exit(loop, says, "exit");
  assert_int_equal(hd_immediate_set(loop, stops, "stops", NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "immediate", NULL), HD_OK);
  assert_int_equal(hd_closing(loop, says, "close"), HD_OK);
  run_loop();
  assert_string_equal(diary, "stops tick micro");
  run_loop();
  assert_string_equal(diary, "stops tick micro immediate close exit");
}

static void stop_works_in_every_phase(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    assert_int_equal(hd_timer_set(loop, stops, "t", 1, NULL), HD_OK);
    assert_int_equal(hd_loop_post(loop, stops, "p"), HD_OK);
    assert_int_equal(hd_closing(loop, stops, "c"), HD_OK);
  }
  hd_work(2);
  for (int i = 0; i < 6; i++)
    run_loop();
  assert_string_equal(diary, "t tick micro t tick micro p tick micro p tick micro c tick micro c tick micro");
  run_loop();
}

// ---- what it refuses ----

static void runs_again(hd_loop *l, void *word)
{
  assert_int_equal(hd_loop_run(l), HD_EBUSY);
  assert_int_equal(hd_loop_close(l), HD_EBUSY);
  say(word);
}

static void a_running_loop_is_neither_run_nor_closed(void **state)
{
  (void)state;
  assert_int_equal(hd_immediate_set(loop, runs_again, "refused", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "refused");
}

struct foreign {
  int run, close, tick, immediate, timer, closing, post;
};

static void *calls_from_another_thread(void *arg)
{
  struct foreign *is = arg;
  is->run = hd_loop_run(loop);
  is->close = hd_loop_close(loop);
  is->tick = hd_tick(loop, says, "never");
  is->immediate = hd_immediate_set(loop, says, "never", NULL);
  is->timer = hd_timer_set(loop, says, "never", 1, NULL);
  is->closing = hd_closing(loop, says, "never");
  is->post = hd_loop_post(loop, says, "posted");
  return NULL;
}

static void another_thread_may_only_post(void **state)
{
  (void)state;
  struct foreign is = {0};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, calls_from_another_thread, &is), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(is.run, HD_ETHREAD);
  assert_int_equal(is.close, HD_ETHREAD);
  assert_int_equal(is.tick, HD_ETHREAD);
  assert_int_equal(is.immediate, HD_ETHREAD);
  assert_int_equal(is.timer, HD_ETHREAD);
  assert_int_equal(is.closing, HD_ETHREAD);
  assert_int_equal(is.post, HD_OK);
  run_loop();
  assert_string_equal(diary, "posted");
}

static void wrong_arguments_are_refused(void **state)
{
  (void)state;
  assert_int_equal(hd_loop_open(NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_loop_run(NULL), HD_EINVAL);
  assert_int_equal(hd_loop_close(NULL), HD_EINVAL);
  assert_int_equal(hd_closing(loop, NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_loop_post(loop, NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_loop_post(NULL, says, NULL), HD_EINVAL);
}

static void closing_a_loop_frees_what_is_queued_and_calls_nothing(void **state)
{
  (void)state;
  hd_loop *short_lived;
  assert_int_equal(hd_loop_open(&short_lived, &(struct hd_loop_opts){.name = "short-lived"}), HD_OK);
  sets_one_of_each(short_lived, "set");
  assert_int_equal(hd_tick(short_lived, says, "never"), HD_OK);
  assert_int_equal(hd_interval_set(short_lived, says, "never", 5, NULL), HD_OK);
  assert_int_equal(hd_loop_close(short_lived), HD_OK);
  assert_string_equal(diary, "set");
}

// ---- posts ----

enum { POSTERS = 4, POSTS = 100000 };

struct post {
  uint32_t poster, number;
};

static uint32_t seen[POSTERS], wrong;
static struct hd_timer keeper;

static void counts_posts(hd_loop *l, void *data)
{
  const struct post *post = data;
  wrong += post->number != seen[post->poster]++;
  uint64_t all = 0;
  for (int i = 0; i < POSTERS; i++)
    all += seen[i];
  if (all == POSTERS * POSTS)
    (void)hd_timer_clear(l, keeper);
}

static struct post *posts;

static void *posts_many(void *arg)
{
  uint32_t poster = *(uint32_t *)arg;
  for (uint32_t i = 0; i < POSTS; i++) {
    struct post *post = &posts[poster * POSTS + i];
    *post = (struct post){poster, i};
    if (hd_loop_post(loop, counts_posts, post) != HD_OK)
      return arg;
  }
  return NULL;
}

static void posts_of_four_threads_all_arrive_in_the_order_of_each(void **state)
{
  (void)state;
  hd_thread *thread[POSTERS];
  uint32_t number[POSTERS];
  wrong = 0;
  memset(seen, 0, sizeof seen);
  posts = calloc((size_t)POSTERS * POSTS, sizeof *posts);
  assert_non_null(posts);
  // Far off: in virtual time it would only come if everybody were blocked, and posters never are.
  assert_int_equal(hd_timer_set(loop, says, "never", 2e9, &keeper), HD_OK);
  for (uint32_t i = 0; i < POSTERS; i++) {
    number[i] = i;
    assert_int_equal(hd_thread_start(&thread[i], posts_many, &number[i], NULL), HD_OK);
  }
  run_loop();
  for (int i = 0; i < POSTERS; i++) {
    void *failed;
    hd_thread_join(thread[i], &failed);
    assert_null(failed);
    assert_int_equal(seen[i], POSTS);
  }
  free(posts);
  assert_int_equal(wrong, 0);
  assert_string_equal(diary, "");
}

static void a_post_made_before_the_run_is_called(void **state)
{
  (void)state;
  assert_int_equal(hd_loop_post(loop, says, "one"), HD_OK);
  assert_int_equal(hd_loop_post(loop, says, "two"), HD_OK);
  run_loop();
  assert_string_equal(diary, "one two");
}

// ---- several loops ----

struct own_loop {
  int status;
  int immediates;
};

static void counts_immediates(hd_loop *l, void *data)
{
  struct own_loop *own = data;
  if (++own->immediates < 1000)
    (void)hd_immediate_set(l, counts_immediates, own, NULL);
}

static void *runs_a_loop_of_its_own(void *arg)
{
  struct own_loop *own = arg;
  hd_loop *l;
  own->status = hd_loop_open(&l, NULL);
  if (own->status == HD_OK) {
    (void)hd_immediate_set(l, counts_immediates, own, NULL);
    own->status = hd_loop_run(l) + hd_loop_close(l);
  }
  return NULL;
}

static void eight_loops_on_eight_threads_do_not_know_each_other(void **state)
{
  (void)state;
  hd_thread *thread[8];
  struct own_loop own[8] = {{0}};
  for (int i = 0; i < 8; i++)
    assert_int_equal(hd_thread_start(&thread[i], runs_a_loop_of_its_own, &own[i], NULL), HD_OK);
  for (int i = 0; i < 8; i++) {
    hd_thread_join(thread[i], NULL);
    assert_int_equal(own[i].status, HD_OK);
    assert_int_equal(own[i].immediates, 1000);
  }
}

static void two_loops_on_one_thread_take_turns_by_being_run(void **state)
{
  (void)state;
  hd_loop *second;
  assert_int_equal(hd_loop_open(&second, NULL), HD_OK);
  assert_int_not_equal(hd_loop_object(second), hd_loop_object(loop));
  assert_int_equal(hd_immediate_set(second, says, "second", NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "first", NULL), HD_OK);
  run_loop();
  assert_int_equal(hd_loop_run(second), 0);
  assert_int_equal(hd_loop_close(second), HD_OK);
  assert_string_equal(diary, "first second");
}

static const struct CMUnitTest tests[] = {
    LOOP_TEST(L1_due_timers_run_once_before_the_first_turn),
    LOOP_TEST(L1_a_turn_is_poll_check_close_timers),
    LOOP_TEST(L7_close_callbacks_come_after_check_and_before_timers_of_the_same_turn),
    LOOP_TEST(L7_immediates_of_a_close_callback_wait_a_turn),
    LOOP_TEST(the_closing_callback_queued_last_is_called_first),
    LOOP_TEST(L8_the_loop_does_not_sleep_while_immediates_or_closers_wait),
    LOOP_TEST(L8_the_loop_sleeps_until_the_next_timer),
    LOOP_TEST(L9_an_empty_loop_ends_at_once),
    LOOP_TEST(E9_the_before_exit_hook_comes_again_after_what_it_queued_then_the_exit_hook),
    LOOP_TEST(the_status_is_what_a_callback_said),
    LOOP_TEST(stop_returns_after_the_callback_and_its_ticks_and_keeps_what_is_queued),
    LOOP_TEST(stop_works_in_every_phase),
    LOOP_TEST(a_running_loop_is_neither_run_nor_closed),
    LOOP_TEST(another_thread_may_only_post),
    LOOP_TEST(wrong_arguments_are_refused),
    LOOP_TEST(closing_a_loop_frees_what_is_queued_and_calls_nothing),
    LOOP_TEST(posts_of_four_threads_all_arrive_in_the_order_of_each),
    LOOP_TEST(a_post_made_before_the_run_is_called),
    LOOP_TEST(eight_loops_on_eight_threads_do_not_know_each_other),
    LOOP_TEST(two_loops_on_one_thread_take_turns_by_being_run),
};

RUN_TWICE(tests)
