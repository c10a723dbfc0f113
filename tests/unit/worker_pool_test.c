// WorkerPool(N): first in first out, results back on the loop, crashes replaced, the named idle policy
// (Q1-Q4).
#include "loop_help.h"

static hd_worker_pool *pool;

static void open_pool(hd_worker_entry *entry, unsigned n)
{
  assert_int_equal(hd_worker_pool_open(&pool, loop, entry, n, &(struct hd_worker_pool_opts){.name = "pool"}),
                   HD_OK);
}

static void close_and_run(void)
{
  assert_int_equal(hd_worker_pool_close(pool, says, "closed"), HD_OK);
  run_loop();
}

// ---- workers ----

static void doubles(hd_port *port, const void *bytes, size_t size, void *data)
{
  uint32_t number;
  (void)data;
  memcpy(&number, bytes, sizeof number);
  number *= 2;
  (void)hd_port_post(port, &number, size);
}

static void doubler(hd_worker_self *self)
{
  (void)hd_port_on_message(hd_worker_port(self), doubles, NULL);
}

// Answers with its own number.
static void tells_its_number(hd_port *port, const void *bytes, size_t size, void *self)
{
  uint32_t number = hd_worker_self_number(self);
  (void)bytes;
  (void)size;
  (void)hd_port_post(port, &number, sizeof number);
}

static void teller(hd_worker_self *self)
{
  (void)hd_port_on_message(hd_worker_port(self), tells_its_number, self);
}

static void fails_on_13(hd_port *port, const void *bytes, size_t size, void *data)
{
  uint32_t number;
  memcpy(&number, bytes, sizeof number);
  if (number == 13)
    (void)hd_throw(hd_port_loop(port), 13, "unlucky");
  else
    doubles(port, bytes, size, data);
}

static void superstitious(hd_worker_self *self)
{
  (void)hd_port_on_message(hd_worker_port(self), fails_on_13, NULL);
}

// ---- results ----

enum { TASKS = 1000 };
static uint32_t done, crashed, results[TASKS], order[TASKS];

static void notes_result(hd_worker_pool *p, int status, const void *bytes, size_t size, void *data)
{
  uint32_t index = *(uint32_t *)data;
  (void)p;
  order[done++] = index;
  if (status == HD_OK) {
    assert_int_equal(size, sizeof results[0]);
    memcpy(&results[index], bytes, sizeof results[0]);
  } else {
    assert_int_equal(status, HD_ECRASHED);
    assert_null(bytes);
    crashed++;
  }
}

static uint32_t numbers[TASKS];

static void submit(uint32_t first, uint32_t count)
{
  for (uint32_t i = first; i < first + count; i++) {
    numbers[i] = i;
    assert_int_equal(hd_worker_pool_submit(pool, &numbers[i], sizeof numbers[i], notes_result, &numbers[i]),
                     HD_OK);
  }
}

static int open_fresh(void **state)
{
  done = crashed = 0;
  memset(results, 0, sizeof results);
  return open_loop(state);
}

#define POOL_TEST(function) cmocka_unit_test_setup_teardown(function, open_fresh, close_loop)

static void Q2_every_task_comes_back_with_its_result_from_pools_of_1_2_8_32(void **state)
{
  (void)state;
  static const unsigned sizes[] = {1, 2, 8, 32};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    done = 0;
    open_pool(doubler, sizes[s]);
    submit(0, TASKS);
    run_loop();
    assert_int_equal(done, TASKS);
    for (uint32_t i = 0; i < TASKS; i++)
      assert_int_equal(results[i], 2 * i);
    struct hd_worker_pool_counts counts;
    hd_worker_pool_counts(pool, &counts);
    assert_int_equal(counts.workers, sizes[s]);
    assert_int_equal(counts.busy, 0);
    assert_int_equal(counts.submitted, TASKS);
    assert_int_equal(counts.queued, 0);
    assert_int_equal(counts.done, TASKS);
    assert_int_equal(counts.failed + counts.replaced, 0);
    close_and_run();
  }
}

static void Q2_with_one_worker_tasks_start_and_end_in_the_order_of_submission(void **state)
{
  (void)state;
  open_pool(doubler, 1);
  submit(0, 100);
  run_loop();
  for (uint32_t i = 0; i < 100; i++)
    assert_int_equal(order[i], i);
  close_and_run();
}

static void Q2_only_as_many_tasks_as_workers_are_handed_out(void **state)
{
  (void)state;
  struct hd_worker_pool_counts counts;
  open_pool(doubler, 3);
  submit(0, 10);
  hd_worker_pool_counts(pool, &counts);
  assert_int_equal(counts.busy, 3);
  assert_int_equal(counts.queued, 7);
  run_loop();
  close_and_run();
}

static void Q1_the_free_worker_with_the_lowest_index_gets_the_task(void **state)
{
  (void)state;
  open_pool(teller, 4);
  submit(0, 2);
  run_loop();
  uint32_t first = results[0];
  assert_int_equal(results[1], first + 1);
  // Both are free again: whoever came back last, the lowest index is first.
  submit(2, 3);
  run_loop();
  assert_int_equal(results[2], first);
  assert_int_equal(results[3], first + 1);
  assert_int_equal(results[4], first + 2);
  close_and_run();
}

static void says_result(hd_worker_pool *p, int status, const void *bytes, size_t size, void *word)
{
  (void)status;
  (void)bytes;
  (void)size;
  say(word);
  assert_int_equal(hd_tick(hd_worker_pool_loop(p), says, "tick"), HD_OK);
  assert_int_equal(hd_microtask(hd_worker_pool_loop(p), says, "micro"), HD_OK);
}

static void Q4_results_come_as_separate_callbacks_with_E2_between(void **state)
{
  (void)state;
  uint32_t number = 1;
  open_pool(doubler, 1);
  assert_int_equal(hd_worker_pool_submit(pool, &number, sizeof number, says_result, "one"), HD_OK);
  assert_int_equal(hd_worker_pool_submit(pool, &number, sizeof number, NULL, NULL), HD_OK);
  assert_int_equal(hd_worker_pool_submit(pool, &number, sizeof number, says_result, "two"), HD_OK);
  run_loop();
  assert_string_equal(diary, "one tick micro two tick micro");
  close_and_run();
}

static void submits_next(hd_worker_pool *p, int status, const void *bytes, size_t size, void *left)
{
  (void)status;
  (void)bytes;
  (void)size;
  if (--*(uint32_t *)left == 0)
    say("last");
  else
    assert_int_equal(hd_worker_pool_submit(p, left, sizeof(uint32_t), submits_next, left), HD_OK);
}

static void a_result_may_submit_the_next_task(void **state)
{
  (void)state;
  uint32_t left = 500;
  open_pool(doubler, 2);
  assert_int_equal(hd_worker_pool_submit(pool, &left, sizeof left, submits_next, &left), HD_OK);
  run_loop();
  assert_string_equal(diary, "last");
  close_and_run();
}

static void L9_an_idle_pool_does_not_keep_the_loop_alive_a_task_does(void **state)
{
  (void)state;
  open_pool(doubler, 2);
  run_loop();
  submit(0, 1);
  run_loop();
  assert_int_equal(done, 1);
  assert_int_equal(hd_loop_close(loop), HD_EBUSY);
  close_and_run();
}

// ---- crashes ----

static void Q3_a_crash_fails_its_task_only_and_the_worker_is_replaced(void **state)
{
  (void)state;
  struct hd_worker_pool_counts counts;
  open_pool(superstitious, 2);
  submit(0, 30);
  run_loop();
  assert_int_equal(done, 30);
  assert_int_equal(crashed, 1);
  for (uint32_t i = 0; i < 30; i++)
    assert_int_equal(results[i], i == 13 ? 0 : 2 * i);
  hd_worker_pool_counts(pool, &counts);
  assert_int_equal(counts.workers, 2);
  assert_int_equal(counts.failed, 1);
  assert_int_equal(counts.replaced, 1);
  assert_int_equal(counts.done, 29);
  close_and_run();
}

static void ends_at_once(hd_worker_self *self)
{
  (void)self;
}

static void Q3_workers_that_never_answer_fail_every_task_and_nothing_hangs(void **state)
{
  (void)state;
  open_pool(ends_at_once, 2);
  submit(0, 20);
  run_loop();
  assert_int_equal(done, 20);
  assert_int_equal(crashed, 20);
  close_and_run();
}

static void answers_twice(hd_port *port, const void *bytes, size_t size, void *data)
{
  doubles(port, bytes, size, data);
  doubles(port, bytes, size, data);
}

static void talker(hd_worker_self *self)
{
  (void)hd_port_on_message(hd_worker_port(self), answers_twice, NULL);
}

static void a_second_answer_is_ignored(void **state)
{
  (void)state;
  open_pool(talker, 2);
  submit(0, 100);
  run_loop();
  assert_int_equal(done, 100);
  for (uint32_t i = 0; i < 100; i++)
    assert_int_equal(results[i], 2 * i);
  close_and_run();
}

// ---- closing ----

static void closing_finishes_what_was_submitted_refuses_more_and_calls_back(void **state)
{
  (void)state;
  open_pool(doubler, 3);
  submit(0, 50);
  assert_int_equal(hd_worker_pool_close(pool, says, "closed"), HD_OK);
  assert_int_equal(hd_worker_pool_submit(pool, "x", 2, NULL, NULL), HD_ECLOSED);
  assert_int_equal(hd_worker_pool_close(pool, NULL, NULL), HD_ECLOSED);
  run_loop();
  assert_int_equal(done, 50);
  assert_string_equal(diary, "closed");
}

static void closes_in_result(hd_worker_pool *p, int status, const void *bytes, size_t size, void *data)
{
  (void)status;
  (void)bytes;
  (void)size;
  (void)data;
  say("result");
  assert_int_equal(hd_worker_pool_close(p, says, "closed"), HD_OK);
}

static void a_pool_may_be_closed_in_the_callback_of_its_last_result(void **state)
{
  (void)state;
  uint32_t number = 4;
  open_pool(doubler, 8);
  assert_int_equal(hd_worker_pool_submit(pool, &number, sizeof number, closes_in_result, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "result closed");
}

static void several_worker_pools_live_side_by_side(void **state)
{
  (void)state;
  hd_worker_pool *pools[3];
  for (unsigned i = 0; i < 3; i++)
    assert_int_equal(hd_worker_pool_open(&pools[i], loop, doubler, i + 1, NULL), HD_OK);
  for (uint32_t i = 0; i < 300; i++) {
    numbers[i] = i;
    assert_int_equal(
        hd_worker_pool_submit(pools[i % 3], &numbers[i], sizeof numbers[i], notes_result, &numbers[i]),
        HD_OK);
  }
  run_loop();
  assert_int_equal(done, 300);
  for (unsigned i = 0; i < 3; i++)
    assert_int_equal(hd_worker_pool_close(pools[i], says, "closed"), HD_OK);
  run_loop();
  assert_string_equal(diary, "closed closed closed");
}

static void wrong_arguments_are_refused(void **state)
{
  (void)state;
  assert_int_equal(hd_worker_pool_open(NULL, loop, doubler, 1, NULL), HD_EINVAL);
  assert_int_equal(hd_worker_pool_open(&pool, NULL, doubler, 1, NULL), HD_EINVAL);
  assert_int_equal(hd_worker_pool_open(&pool, loop, NULL, 1, NULL), HD_EINVAL);
  assert_int_equal(hd_worker_pool_open(&pool, loop, doubler, 0, NULL), HD_EINVAL);
  assert_int_equal(hd_worker_pool_open(&pool, loop, doubler, 201, NULL), HD_EINVAL);
  open_pool(doubler, 1);
  assert_int_equal(hd_worker_pool_submit(pool, NULL, 4, NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_worker_pool_submit(NULL, "x", 1, NULL, NULL), HD_EINVAL);
  close_and_run();
}

static const struct CMUnitTest tests[] = {
    POOL_TEST(Q2_every_task_comes_back_with_its_result_from_pools_of_1_2_8_32),
    POOL_TEST(Q2_with_one_worker_tasks_start_and_end_in_the_order_of_submission),
    POOL_TEST(Q2_only_as_many_tasks_as_workers_are_handed_out),
    POOL_TEST(Q1_the_free_worker_with_the_lowest_index_gets_the_task),
    POOL_TEST(Q4_results_come_as_separate_callbacks_with_E2_between),
    POOL_TEST(a_result_may_submit_the_next_task),
    POOL_TEST(L9_an_idle_pool_does_not_keep_the_loop_alive_a_task_does),
    POOL_TEST(Q3_a_crash_fails_its_task_only_and_the_worker_is_replaced),
    POOL_TEST(Q3_workers_that_never_answer_fail_every_task_and_nothing_hangs),
    POOL_TEST(a_second_answer_is_ignored),
    POOL_TEST(closing_finishes_what_was_submitted_refuses_more_and_calls_back),
    POOL_TEST(a_pool_may_be_closed_in_the_callback_of_its_last_result),
    POOL_TEST(several_worker_pools_live_side_by_side),
    POOL_TEST(wrong_arguments_are_refused),
};

RUN_TWICE(tests)
