// The pool: every task exactly once, oldest first, no wake lost, cancelled and dropped tasks handed back (P2,
// P3).
#include "unit.h"

#include "base/os.h"
#include "pool/queue.h"

#include <stdlib.h>
#include <string.h>

static hd_pool *open_pool(unsigned threads, enum hd_wake wake)
{
  hd_pool *pool;
  assert_int_equal(hd_pool_open(&pool, &(struct hd_pool_opts){.threads = threads, .wake = wake}), HD_OK);
  return pool;
}

static void await_at_least(_Atomic uint32_t *word, uint32_t value)
{
  while (atomic_load(word) < value)
    hd_os_yield();
}

// ---- a task that counts ----

struct counted {
  hd_task task; // first
  _Atomic uint32_t runs, backs;
  uint32_t place;
};

static _Atomic uint32_t ran, back, cancelled;

static void counts(hd_task *task)
{
  struct counted *counted = (struct counted *)(void *)task;
  counted->place = atomic_fetch_add(&ran, 1);
  atomic_fetch_add(&counted->runs, 1);
}

static void counts_back(hd_task *task)
{
  struct counted *counted = (struct counted *)(void *)task;
  atomic_fetch_add(&counted->backs, 1);
  if (task->status == HD_ECANCELED)
    atomic_fetch_add(&cancelled, 1);
  atomic_fetch_add(&back, 1);
}

static struct counted *make(uint32_t count)
{
  struct counted *tasks = calloc(count, sizeof *tasks);
  assert_non_null(tasks);
  for (uint32_t i = 0; i < count; i++)
    tasks[i].task = (hd_task){.run = counts, .done = counts_back};
  ran = back = cancelled = 0;
  return tasks;
}

// ---- a task that holds its thread ----

static _Atomic uint32_t gate_reached, gate_open;

static void waits_at_the_gate(hd_task *task)
{
  (void)task;
  atomic_fetch_add(&gate_reached, 1);
  await_at_least(&gate_open, 1);
}

static hd_task gate_task;

// Occupies the only thread of a pool.
static void close_gate(hd_pool *pool)
{
  gate_reached = gate_open = 0;
  gate_task = (hd_task){.run = waits_at_the_gate};
  assert_int_equal(hd_pool_submit(pool, &gate_task), HD_OK);
  await_at_least(&gate_reached, 1);
}

// ---- exactly once ----

static void each_of_100000_tasks_runs_exactly_once(unsigned threads, enum hd_wake wake)
{
  enum { COUNT = 100000 };
  hd_pool *pool = open_pool(threads, wake);
  struct counted *tasks = make(COUNT);
  for (uint32_t i = 0; i < COUNT; i++)
    assert_int_equal(hd_pool_submit(pool, &tasks[i].task), HD_OK);
  hd_pool_flush(pool);
  await_at_least(&back, COUNT);
  struct hd_pool_counts is;
  hd_pool_counts(pool, &is);
  hd_pool_close(pool);
  assert_int_equal(is.submitted, COUNT);
  assert_int_equal(is.done, COUNT);
  assert_int_equal(is.cancelled, 0);
  for (uint32_t i = 0; i < COUNT; i++)
    assert_true(tasks[i].runs == 1 && tasks[i].backs == 1 && tasks[i].task.status == HD_OK);
  free(tasks);
}

static void P2_each_task_runs_exactly_once_in_pools_of_1_2_8_64(void **state)
{
  (void)state;
  static const unsigned threads[] = {1, 2, 8, 64};
  for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
    each_of_100000_tasks_runs_exactly_once(threads[i], HD_WAKE_AT_ONCE);
    each_of_100000_tasks_runs_exactly_once(threads[i], HD_WAKE_DEFERRED);
  }
}

// ---- order ----

static void P2_one_thread_runs_tasks_in_the_order_of_submission_far_beyond_the_ring(void **state)
{
  (void)state;
  enum { COUNT = 10000 };
  hd_pool *pool = open_pool(1, HD_WAKE_AT_ONCE);
  struct counted *tasks = make(COUNT);
  close_gate(pool);
  for (uint32_t i = 0; i < COUNT; i++)
    assert_int_equal(hd_pool_submit(pool, &tasks[i].task), HD_OK);
  gate_open = 1;
  await_at_least(&back, COUNT);
  hd_pool_close(pool);
  for (uint32_t i = 0; i < COUNT; i++) {
    assert_int_equal(tasks[i].place, i);
    assert_int_equal(tasks[i].task.number, i + 2); // the gate was the first
  }
  free(tasks);
}

enum { SUBMITTERS = 4, EACH = 25000 };

struct submitter {
  hd_pool *pool;
  struct counted *tasks;
  int status;
};

static void *submits_many(void *arg)
{
  struct submitter *self = arg;
  for (uint32_t i = 0; i < EACH && self->status == HD_OK; i++)
    self->status = hd_pool_submit(self->pool, &self->tasks[i].task);
  return NULL;
}

static void P2_tasks_of_four_submitters_keep_the_order_of_each(void **state)
{
  (void)state;
  hd_pool *pool = open_pool(1, HD_WAKE_AT_ONCE);
  struct counted *tasks = make(SUBMITTERS * EACH);
  struct submitter submitters[SUBMITTERS];
  struct hd_os_thread threads[SUBMITTERS];
  struct hd_pool_counts is = {0};
  close_gate(pool);
  for (int i = 0; i < SUBMITTERS; i++) {
    submitters[i] = (struct submitter){pool, tasks + (size_t)i * EACH, HD_OK};
    assert_int_equal(hd_os_thread_start(&threads[i], submits_many, &submitters[i], 0, NULL), HD_OK);
  }
  // From here on the thread takes while the submitters go on, and the overflow list is never empty.
  while (is.submitted < 5000)
    hd_pool_counts(pool, &is);
  gate_open = 1;
  for (int i = 0; i < SUBMITTERS; i++)
    hd_os_thread_join(threads[i]);
  await_at_least(&back, SUBMITTERS * EACH);
  hd_pool_close(pool);
  for (int i = 0; i < SUBMITTERS; i++) {
    assert_int_equal(submitters[i].status, HD_OK);
    for (uint32_t j = 1; j < EACH; j++)
      assert_true(submitters[i].tasks[j - 1].place < submitters[i].tasks[j].place);
  }
  free(tasks);
}

static void P3_a_short_task_waits_for_the_only_thread_but_not_for_the_second(void **state)
{
  (void)state;
  struct counted *tasks = make(1);
  hd_pool *one = open_pool(1, HD_WAKE_AT_ONCE);
  close_gate(one);
  assert_int_equal(hd_pool_submit(one, &tasks[0].task), HD_OK);
  assert_int_equal(ran, 0); // the gate holds the only thread
  gate_open = 1;
  await_at_least(&back, 1);
  hd_pool_close(one);

  hd_pool *two = open_pool(2, HD_WAKE_AT_ONCE);
  tasks[0].task = (hd_task){.run = counts, .done = counts_back};
  close_gate(two);
  assert_int_equal(hd_pool_submit(two, &tasks[0].task), HD_OK);
  await_at_least(&back, 2); // while the gate is still closed
  assert_int_equal(gate_open, 0);
  gate_open = 1;
  hd_pool_close(two);
  free(tasks);
}

// ---- the queue itself ----

static void the_length_of_a_queue_counts_its_overflow_list(void **state)
{
  (void)state;
  enum { COUNT = HD_QUEUE_RING + 500 };
  struct hd_queue *queue = aligned_alloc(HD_CACHE_LINE, sizeof *queue);
  struct counted *tasks = make(COUNT);
  assert_non_null(queue);
  hd_queue_init(queue);
  for (uint32_t i = 0; i < COUNT; i++)
    assert_int_equal(hd_queue_push(queue, &tasks[i].task), HD_OK);
  assert_int_equal(hd_queue_length(queue), COUNT);
  for (uint32_t i = 0; i < COUNT; i++) {
    // With the ring empty and the list not, a waker must still see that there is work.
    assert_int_equal(hd_queue_length(queue), COUNT - i);
    assert_ptr_equal(hd_queue_take(queue), &tasks[i].task);
  }
  assert_null(hd_queue_take(queue));
  hd_queue_close(queue);
  assert_int_equal(hd_queue_push(queue, &tasks[0].task), HD_ECLOSED);
  hd_queue_destroy(queue);
  free(queue);
  free(tasks);
}

static void a_queue_full_of_cancelled_tasks_goes_on_in_order(void **state)
{
  (void)state;
  struct hd_queue *queue = aligned_alloc(HD_CACHE_LINE, sizeof *queue);
  assert_non_null(queue);
  hd_queue_init(queue);
  for (int round = 0; round < 3; round++) {
    struct counted *tasks = make(HD_QUEUE_RING + 10);
    for (uint32_t i = 0; i < HD_QUEUE_RING; i++)
      assert_int_equal(hd_queue_push(queue, &tasks[i].task), HD_OK);
    for (uint32_t i = 0; i < HD_QUEUE_RING; i++)
      assert_true(hd_queue_remove(queue, &tasks[i].task));
    for (uint32_t i = HD_QUEUE_RING; i < HD_QUEUE_RING + 10; i++)
      assert_int_equal(hd_queue_push(queue, &tasks[i].task), HD_OK);
    for (uint32_t i = HD_QUEUE_RING; i < HD_QUEUE_RING + 10; i++)
      assert_ptr_equal(hd_queue_take(queue), &tasks[i].task);
    assert_null(hd_queue_take(queue));
    assert_false(hd_queue_remove(queue, &tasks[HD_QUEUE_RING].task));
    free(tasks);
  }
  hd_queue_destroy(queue);
  free(queue);
}

// ---- waking ----

enum { MEETING = 8 };
static _Atomic uint32_t met, meeting;

// Ends only when all eight tasks of a round run at the same time: one thread left asleep and nobody ends.
static void meets(hd_task *task)
{
  (void)task;
  atomic_fetch_add(&met, 1);
  await_at_least(&met, meeting * MEETING);
}

static void each_submit_wakes_another_sleeper(void **state)
{
  (void)state;
  hd_pool *pool = open_pool(MEETING, HD_WAKE_AT_ONCE);
  met = back = 0;
  struct counted *counted = make(MEETING);
  for (uint32_t round = 1; round <= 2000; round++) {
    meeting = round;
    for (int i = 0; i < MEETING; i++) {
      counted[i].task = (hd_task){.run = meets, .done = counts_back};
      assert_int_equal(hd_pool_submit(pool, &counted[i].task), HD_OK);
    }
    await_at_least(&back, round * MEETING);
  }
  hd_pool_close(pool);
  free(counted);
}

// Without a system call at first: the next submit is to meet the thread on its way to sleep.
static void spin_until(_Atomic uint32_t *word, uint32_t value)
{
  for (unsigned spin = 0; atomic_load(word) < value; spin++)
    if (spin > 2000)
      hd_os_yield();
}

// The threads go to sleep after each task, and the next submit comes a little sooner or later: a lost wake-up
// would stop here.
static void no_wake_is_lost_while_threads_go_to_sleep(void **state)
{
  (void)state;
  static const unsigned threads[] = {1, 2, 8};
  for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
    hd_pool *pool = open_pool(threads[i], HD_WAKE_AT_ONCE);
    struct counted *tasks = make(20000);
    for (uint32_t j = 0; j < 20000; j++) {
      if (hd_pool_submit(pool, &tasks[j].task) != HD_OK)
        fail();
      spin_until(&ran, j + 1);
      for (uint32_t delay = j % 61; delay > 0 && atomic_load(&ran) == j + 1; delay--)
        ;
    }
    await_at_least(&back, 20000);
    hd_pool_close(pool);
    free(tasks);
  }
}

static void a_deferred_flush_wakes_for_tasks_in_the_overflow_list_too(void **state)
{
  (void)state;
  enum { FILL = 3000 };
  hd_pool *pool = open_pool(MEETING, HD_WAKE_DEFERRED);
  for (uint32_t round = 1; round <= 20; round++) {
    // The ring holds only small ones; the eight that must meet stand in the overflow list when it is flushed.
    struct counted *tasks = make(FILL + MEETING);
    met = 0;
    meeting = 1;
    for (uint32_t i = FILL; i < FILL + MEETING; i++)
      tasks[i].task.run = meets;
    for (uint32_t i = 0; i < FILL + MEETING; i++)
      assert_int_equal(hd_pool_submit(pool, &tasks[i].task), HD_OK);
    hd_pool_flush(pool);
    await_at_least(&back, FILL + MEETING);
    free(tasks);
  }
  hd_pool_close(pool);
}

// ---- cancelling ----

static void a_cancelled_task_never_runs_and_is_handed_back(void **state)
{
  (void)state;
  enum { COUNT = 3000 }; // some in the ring, most in the overflow list
  hd_pool *pool = open_pool(1, HD_WAKE_AT_ONCE);
  struct counted *tasks = make(COUNT);
  close_gate(pool);
  for (uint32_t i = 0; i < COUNT; i++)
    assert_int_equal(hd_pool_submit(pool, &tasks[i].task), HD_OK);
  for (uint32_t i = 0; i < COUNT; i += 2) {
    assert_int_equal(hd_pool_cancel(pool, &tasks[i].task), HD_OK);
    assert_int_equal(tasks[i].task.status, HD_ECANCELED);
    assert_int_equal(hd_pool_cancel(pool, &tasks[i].task), HD_EBUSY);
  }
  assert_int_equal(cancelled, COUNT / 2);
  gate_open = 1;
  await_at_least(&back, COUNT);
  struct hd_pool_counts is;
  hd_pool_counts(pool, &is);
  hd_pool_close(pool);
  for (uint32_t i = 0; i < COUNT; i++) {
    assert_int_equal(tasks[i].runs, i % 2);
    assert_int_equal(tasks[i].backs, 1);
  }
  assert_int_equal(is.submitted, COUNT + 1);
  assert_int_equal(is.done, COUNT / 2 + 1);
  assert_int_equal(is.cancelled, COUNT / 2);
  free(tasks);
}

static void a_running_task_is_not_cancelled(void **state)
{
  (void)state;
  hd_pool *pool = open_pool(1, HD_WAKE_AT_ONCE), *other = open_pool(1, HD_WAKE_AT_ONCE);
  close_gate(pool);
  assert_int_equal(hd_pool_cancel(pool, &gate_task), HD_EBUSY);
  assert_int_equal(hd_pool_cancel(other, &gate_task), HD_EINVAL);
  gate_open = 1;
  hd_pool_close(pool);
  hd_pool_close(other);
}

static void cancelling_while_threads_take_hands_each_back_exactly_once(void **state)
{
  (void)state;
  enum { COUNT = 50000 };
  hd_pool *pool = open_pool(2, HD_WAKE_AT_ONCE);
  struct counted *tasks = make(COUNT);
  uint32_t taken_back = 0;
  for (uint32_t i = 0; i < COUNT; i++) {
    assert_int_equal(hd_pool_submit(pool, &tasks[i].task), HD_OK);
    if (i % 3 == 2)
      taken_back += hd_pool_cancel(pool, &tasks[i - 1].task) == HD_OK;
  }
  await_at_least(&back, COUNT);
  hd_pool_close(pool);
  for (uint32_t i = 0; i < COUNT; i++) {
    assert_int_equal(tasks[i].backs, 1);
    assert_int_equal(tasks[i].runs, tasks[i].task.status == HD_OK);
  }
  assert_int_equal(cancelled, taken_back);
  assert_int_equal(ran, COUNT - taken_back);
  free(tasks);
}

// ---- closing ----

static void goes_on_until_the_pool_closes(hd_task *task)
{
  // Whoever closes the pool waits for this one: it goes on until submits are refused.
  hd_task probe = {.run = counts};
  met = 1;
  while (hd_pool_submit(task->pool, &probe) != HD_ECLOSED)
    (void)hd_pool_cancel(task->pool, &probe);
  atomic_fetch_add(&gate_reached, 1);
}

static void close_waits_for_running_tasks_drops_queued_ones_and_refuses_new_ones(void **state)
{
  (void)state;
  enum { COUNT = 2000 };
  hd_pool *pool = open_pool(1, HD_WAKE_AT_ONCE);
  struct counted *tasks = make(COUNT);
  gate_reached = met = 0;
  hd_task closing = {.run = goes_on_until_the_pool_closes};
  assert_int_equal(hd_pool_submit(pool, &closing), HD_OK);
  await_at_least(&met, 1);
  for (uint32_t i = 0; i < COUNT; i++)
    assert_int_equal(hd_pool_submit(pool, &tasks[i].task), HD_OK);
  hd_pool_close(pool);
  assert_int_equal(gate_reached, 1);
  assert_int_equal(back, COUNT);
  assert_int_equal(cancelled, COUNT);
  assert_int_equal(ran, 0);
  free(tasks);
}

static void closing_an_idle_pool_at_once_loses_nothing(void **state)
{
  (void)state;
  for (unsigned i = 0; i < 200; i++)
    hd_pool_close(open_pool(1 + i % 8, HD_WAKE_AT_ONCE));
  hd_pool_close(NULL);
}

// ---- tasks that submit, several pools, arguments ----

enum { TREE = 1 << 14 };
static struct counted *tree;

static void submits_its_children(hd_task *task)
{
  struct counted *self = (struct counted *)(void *)task;
  uint32_t child = 2 * (uint32_t)(self - tree);
  counts(task);
  for (uint32_t i = child; i <= child + 1; i++)
    if (i > 1 && i < TREE && hd_pool_submit(task->pool, &tree[i].task) != HD_OK)
      abort();
}

static void tasks_may_submit_tasks_without_flushing(void **state)
{
  (void)state;
  for (int wake = HD_WAKE_AT_ONCE; wake <= HD_WAKE_DEFERRED; wake++) {
    hd_pool *pool = open_pool(4, (enum hd_wake)wake);
    tree = make(TREE);
    for (uint32_t i = 0; i < TREE; i++)
      tree[i].task.run = submits_its_children;
    assert_int_equal(hd_pool_submit(pool, &tree[1].task), HD_OK);
    hd_pool_flush(pool);
    await_at_least(&back, TREE - 1);
    hd_pool_close(pool);
    for (uint32_t i = 1; i < TREE; i++)
      assert_int_equal(tree[i].runs, 1);
    free(tree);
  }
}

static void several_pools_live_side_by_side(void **state)
{
  (void)state;
  hd_pool *pools[4];
  struct counted *tasks = make(4000);
  for (unsigned i = 0; i < 4; i++)
    pools[i] = open_pool(i + 1, HD_WAKE_AT_ONCE);
  for (unsigned i = 0; i < 4000; i++)
    assert_int_equal(hd_pool_submit(pools[i % 4], &tasks[i].task), HD_OK);
  await_at_least(&back, 4000);
  for (unsigned i = 0; i < 4; i++) {
    struct hd_pool_counts is;
    hd_pool_counts(pools[i], &is);
    assert_int_equal(is.done, 1000);
    assert_int_equal(hd_pool_threads(pools[i]), i + 1);
    hd_pool_close(pools[i]);
  }
  free(tasks);
}

static void wrong_arguments_are_refused_and_0_means_4_threads(void **state)
{
  (void)state;
  hd_pool *pool;
  hd_task task = {0};
  assert_int_equal(hd_pool_open(NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_pool_open(&pool, &(struct hd_pool_opts){.threads = 1025}), HD_EINVAL);
  assert_int_equal(hd_pool_open(&pool, NULL), HD_OK);
  assert_int_equal(hd_pool_threads(pool), 4);
  assert_int_not_equal(hd_pool_object(pool), 0);
  assert_int_equal(hd_pool_submit(pool, NULL), HD_EINVAL);
  assert_int_equal(hd_pool_submit(pool, &task), HD_EINVAL);
  assert_int_equal(hd_pool_submit(NULL, &task), HD_EINVAL);
  hd_pool_close(pool);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(P2_each_task_runs_exactly_once_in_pools_of_1_2_8_64),
      UNIT(P2_one_thread_runs_tasks_in_the_order_of_submission_far_beyond_the_ring),
      UNIT(P2_tasks_of_four_submitters_keep_the_order_of_each),
      UNIT(P3_a_short_task_waits_for_the_only_thread_but_not_for_the_second),
      UNIT(the_length_of_a_queue_counts_its_overflow_list),
      UNIT(a_queue_full_of_cancelled_tasks_goes_on_in_order),
      UNIT(each_submit_wakes_another_sleeper),
      UNIT(no_wake_is_lost_while_threads_go_to_sleep),
      UNIT(a_deferred_flush_wakes_for_tasks_in_the_overflow_list_too),
      UNIT(a_cancelled_task_never_runs_and_is_handed_back),
      UNIT(a_running_task_is_not_cancelled),
      UNIT(cancelling_while_threads_take_hands_each_back_exactly_once),
      UNIT(close_waits_for_running_tasks_drops_queued_ones_and_refuses_new_ones),
      UNIT(closing_an_idle_pool_at_once_loses_nothing),
      UNIT(tasks_may_submit_tasks_without_flushing),
      UNIT(several_pools_live_side_by_side),
      UNIT(wrong_arguments_are_refused_and_0_means_4_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
