// Jobs of a loop in a pool: order of completion, callbacks, cancelling, and what a loop may not be closed
// under (P2, P3, Q4, E2).
#include "loop_help.h"

static hd_pool *pool;

static int open_both(void **state)
{
  return open_loop(state) + hd_pool_open(&pool, &(struct hd_pool_opts){.threads = 1});
}

static int close_both(void **state)
{
  hd_pool_close(pool);
  return close_loop(state);
}

#define POOL_TEST(function) cmocka_unit_test_setup_teardown(function, open_both, close_both)

static void does_nothing(void *data)
{
  (void)data;
}

static void says_done(hd_loop *l, int status, void *word)
{
  say(word);
  if (status == HD_ECANCELED)
    say("cancelled");
  assert_int_equal(hd_tick(l, says, "tick"), HD_OK);
  assert_int_equal(hd_microtask(l, says, "micro"), HD_OK);
}

static void P2_with_one_thread_callbacks_come_in_the_order_of_submission_and_E2_holds_between(void **state)
{
  (void)state;
  static char *words[] = {"a", "b", "c"};
  for (int i = 0; i < 3; i++)
    assert_int_equal(hd_offload(loop, pool, does_nothing, says_done, words[i], NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "a tick micro b tick micro c tick micro");
}

static _Atomic uint32_t gate_reached, gate_open;

static void waits_at_the_gate(void *data)
{
  (void)data;
  atomic_fetch_add(&gate_reached, 1);
  await_at_least(&gate_open, 1);
}

static void opens_the_gate(void *data)
{
  (void)data;
  gate_open = 1;
}

static void P2_callbacks_come_in_the_order_of_completion(void **state)
{
  (void)state;
  hd_pool *two;
  gate_reached = gate_open = 0;
  assert_int_equal(hd_pool_open(&two, &(struct hd_pool_opts){.threads = 2}), HD_OK);
  assert_int_equal(hd_offload(loop, two, waits_at_the_gate, says_done, "first-submitted", NULL), HD_OK);
  assert_int_equal(hd_offload(loop, two, does_nothing, says_done, "second", NULL), HD_OK);
  assert_int_equal(hd_offload(loop, two, opens_the_gate, NULL, NULL, NULL), HD_OK);
  run_loop();
  // With two threads the one behind the gate ends only after the third has run, and the second ended before
  // that.
  assert_string_equal(diary, "second tick micro first-submitted tick micro");
  hd_pool_close(two);
}

static void sets_both(hd_loop *l, int status, void *word)
{
  (void)status;
  say(word);
  assert_int_equal(hd_timer_set(l, says, "timer", 1, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(l, says, "immediate", NULL), HD_OK);
  hd_work(3);
}

static void L3_from_a_completion_an_immediate_comes_before_an_overdue_timer(void **state)
{
  (void)state;
  assert_int_equal(hd_offload(loop, pool, does_nothing, sets_both, "done", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "done immediate timer");
}

static void L9_a_job_without_a_callback_keeps_the_loop_alive_until_it_is_over(void **state)
{
  (void)state;
  gate_reached = 0;
  gate_open = 1;
  assert_int_equal(hd_offload(loop, pool, waits_at_the_gate, NULL, NULL, NULL), HD_OK);
  run_loop();
  assert_int_equal(gate_reached, 1);
}

static void a_cancelled_job_is_called_back_as_cancelled_on_the_loop(void **state)
{
  (void)state;
  struct hd_job first, second;
  gate_reached = gate_open = 0;
  assert_int_equal(hd_offload(loop, pool, waits_at_the_gate, says_done, "first", &first), HD_OK);
  assert_int_equal(hd_offload(loop, pool, does_nothing, says_done, "second", &second), HD_OK);
  await_at_least(&gate_reached, 1);
  assert_int_equal(hd_job_cancel(loop, first), HD_EBUSY);
  assert_int_equal(hd_job_cancel(loop, second), HD_OK);
  assert_int_equal(hd_job_cancel(loop, second), HD_EBUSY);
  assert_string_equal(diary, "");
  gate_open = 1;
  run_loop();
  assert_int_equal(hd_job_cancel(loop, first), HD_ENOENT);
  assert_int_equal(hd_job_cancel(loop, (struct hd_job){0, 0}), HD_ENOENT);
  // Which one is called back first depends on how fast the gate opens; both are.
  assert_non_null(strstr(diary, "first tick micro"));
  assert_non_null(strstr(diary, "second cancelled tick micro"));
}

static void closing_the_pool_calls_back_what_never_ran_as_cancelled(void **state)
{
  (void)state;
  hd_pool *short_lived;
  struct hd_job job;
  assert_int_equal(hd_pool_open(&short_lived, &(struct hd_pool_opts){.threads = 1, .wake = HD_WAKE_DEFERRED}),
                   HD_OK);
  assert_int_equal(hd_offload(loop, short_lived, does_nothing, says_done, "job", &job), HD_OK);
  hd_pool_close(short_lived);
  assert_int_equal(hd_job_cancel(loop, job), HD_EBUSY);
  run_loop();
  // It may have run just before, when its thread had not yet gone to sleep.
  assert_true(strcmp(diary, "job tick micro") == 0 || strcmp(diary, "job cancelled tick micro") == 0);
}

static void a_loop_that_is_owed_a_job_is_not_closed(void **state)
{
  (void)state;
  gate_reached = gate_open = 0;
  assert_int_equal(hd_offload(loop, pool, waits_at_the_gate, says_done, "job", NULL), HD_OK);
  assert_int_equal(hd_loop_close(loop), HD_EBUSY);
  gate_open = 1;
  run_loop();
  assert_string_equal(diary, "job tick micro");
}

// ---- many ----

enum { MANY = 100000, IN_FLIGHT = 64 };
static int submitted, done;
static hd_pool *busy_pool;

static void submits_another(hd_loop *l, int status, void *unused)
{
  done += status == HD_OK;
  if (submitted < MANY) {
    submitted++;
    assert_int_equal(hd_offload(l, busy_pool, does_nothing, submits_another, unused, NULL), HD_OK);
  }
}

static void a_hundred_thousand_jobs_64_in_flight_all_come_back(void **state)
{
  (void)state;
  for (unsigned i = 0; i < 4; i++) {
    submitted = done = 0;
    assert_int_equal(
        hd_pool_open(&busy_pool, &(struct hd_pool_opts){.threads = i < 2 ? 1 : 4,
                                                        .wake = i % 2 ? HD_WAKE_DEFERRED : HD_WAKE_AT_ONCE}),
        HD_OK);
    for (int j = 0; j < IN_FLIGHT; j++)
      submits_another(loop, HD_ECANCELED, NULL);
    run_loop();
    hd_pool_close(busy_pool);
    assert_int_equal(done, MANY);
  }
}

struct user {
  int done, status;
};

static void counts_down(hd_loop *l, int status, void *data)
{
  struct user *user = data;
  (void)l;
  user->done += status == HD_OK;
}

static void *uses_the_shared_pool(void *arg)
{
  struct user *user = arg;
  hd_loop *own;
  user->status = hd_loop_open(&own, NULL);
  for (int i = 0; i < 10000 && user->status == HD_OK; i++)
    user->status = hd_offload(own, pool, does_nothing, counts_down, user, NULL);
  if (user->status == HD_OK)
    user->status = hd_loop_run(own) + hd_loop_close(own);
  return NULL;
}

static void P1_several_loops_share_one_pool_and_each_gets_its_own_callbacks(void **state)
{
  (void)state;
  hd_thread *threads[4];
  struct user users[4] = {{0}};
  for (int i = 0; i < 4; i++)
    assert_int_equal(hd_thread_start(&threads[i], uses_the_shared_pool, &users[i], NULL), HD_OK);
  for (int i = 0; i < 4; i++) {
    hd_thread_join(threads[i], NULL);
    assert_int_equal(users[i].status, HD_OK);
    assert_int_equal(users[i].done, 10000);
  }
}

static void wrong_arguments_are_refused(void **state)
{
  (void)state;
  assert_int_equal(hd_offload(loop, NULL, does_nothing, NULL, NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_offload(loop, pool, NULL, NULL, NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_offload(NULL, pool, does_nothing, NULL, NULL, NULL), HD_EINVAL);
}

static const struct CMUnitTest tests[] = {
    POOL_TEST(P2_with_one_thread_callbacks_come_in_the_order_of_submission_and_E2_holds_between),
    POOL_TEST(P2_callbacks_come_in_the_order_of_completion),
    POOL_TEST(L3_from_a_completion_an_immediate_comes_before_an_overdue_timer),
    POOL_TEST(L9_a_job_without_a_callback_keeps_the_loop_alive_until_it_is_over),
    POOL_TEST(a_cancelled_job_is_called_back_as_cancelled_on_the_loop),
    POOL_TEST(closing_the_pool_calls_back_what_never_ran_as_cancelled),
    POOL_TEST(a_loop_that_is_owed_a_job_is_not_closed),
    POOL_TEST(a_hundred_thousand_jobs_64_in_flight_all_come_back),
    POOL_TEST(P1_several_loops_share_one_pool_and_each_gets_its_own_callbacks),
    POOL_TEST(wrong_arguments_are_refused),
};

RUN_TWICE(tests)
