// The model: what each event does to the state, that nothing breaks it, and that equal states are equal bytes.
#include "story.h"

#include "model/state.h"

static hdv_model *fold_all(struct story *story)
{
  return story_model(story, story->count);
}

static struct story begun(void)
{
  struct story story;
  story_open(&story, 1);
  story_begin(&story);
  return story;
}

static void check_queue(const hdv_model *model, uint32_t owner, enum hdv_queue queue, size_t count, const uint32_t *ids)
{
  uint32_t at = 0;
  assert_int_equal(hdv_model_queue_length(model, owner, queue), count);
  for (size_t i = 0; i < count; i++) {
    const struct hdv_object *object = hdv_model_queue(model, owner, queue, &at);
    assert_non_null(object);
    assert_int_equal(object->id, ids[i]);
    assert_int_equal(object->queue, queue);
    assert_int_equal(object->owner, owner);
  }
  assert_null(hdv_model_queue(model, owner, queue, &at));
}

#define QUEUE(model, owner, queue, ...)                                                                      \
  check_queue(model, owner, queue, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (uint32_t[]){__VA_ARGS__})
#define EMPTY(model, owner, queue) check_queue(model, owner, queue, 0, NULL)

static void a_task_goes_from_queue_to_thread_to_completions_to_callback(void **state)
{
  (void)state;
  struct story story = begun();
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 51, POOL, 2);
  hdv_model *model = fold_all(&story);
  QUEUE(model, POOL, HDV_QUEUE_TASKS, 50, 51);
  hdv_model_close(model);

  tell(&story, HD_EV_READY, 2, POOL, HD_REASON_TASK, 0);
  tell(&story, HD_EV_TASK_TAKEN, 2, 50, POOL, 0);
  model = fold_all(&story);
  QUEUE(model, POOL, HDV_QUEUE_TASKS, 51);
  QUEUE(model, POOL, HDV_QUEUE_RUNNING, 50);
  assert_int_equal(hdv_model_thread(model, 2)->task, 50);
  assert_int_equal(hdv_model_thread(model, 2)->state, HDV_RUNNING);
  assert_int_equal(hdv_model_object(model, 50)->worker, 2);
  hdv_model_close(model);

  tell(&story, HD_EV_TASK_DONE, 2, 50, POOL, 0);
  model = fold_all(&story);
  EMPTY(model, POOL, HDV_QUEUE_RUNNING);
  QUEUE(model, POOL, HDV_QUEUE_COMPLETIONS, 50);
  assert_int_equal(hdv_model_thread(model, 2)->task, 0);
  hdv_model_close(model);

  tell(&story, HD_EV_CALLBACK_BEGAN, 0, 50, HD_CALLBACK_TASK, LOOP);
  model = fold_all(&story);
  EMPTY(model, POOL, HDV_QUEUE_COMPLETIONS);
  assert_int_equal(hdv_model_thread(model, 0)->callback, 50);
  assert_int_equal(hdv_model_thread(model, 0)->callback_kind, HD_CALLBACK_TASK);
  assert_non_null(hdv_model_object(model, 50));
  hdv_model_close(model);

  tell(&story, HD_EV_CALLBACK_ENDED, 0, 50, HD_CALLBACK_TASK, LOOP);
  model = fold_all(&story);
  assert_null(hdv_model_object(model, 50));
  assert_int_equal(hdv_model_thread(model, 0)->callback, 0);
  char name[32];
  assert_string_equal(hdv_model_name(model, 50, name, sizeof name), "task 1");
  const struct hdv_pool *pools;
  assert_int_equal(hdv_model_pools(model, &pools), 1);
  assert_int_equal(pools[0].submitted, 2);
  assert_int_equal(pools[0].done, 1);
  assert_int_equal(pools[0].called_back, 1);
  assert_int_equal(pools[0].queued, 1);
  assert_int_equal(pools[0].running, 0);
  hdv_model_close(model);
  story_close(&story);
}

static void tasks_of_a_pool_without_a_loop_are_over_when_they_are_done(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  tell(&story, HD_EV_POOL_OPENED, 0, POOL, 1, 0);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1);
  tell(&story, HD_EV_TASK_TAKEN, 1, 50, POOL, 0);
  tell(&story, HD_EV_TASK_DONE, 1, 50, POOL, 0);
  hdv_model *model = fold_all(&story);
  EMPTY(model, POOL, HDV_QUEUE_COMPLETIONS);
  const struct hdv_pool *pools;
  (void)hdv_model_pools(model, &pools);
  assert_int_equal(pools[0].done, 1);
  assert_int_equal(pools[0].running, 0);
  hdv_model_close(model);
  story_close(&story);
}

static void cancelled_and_dropped_tasks_leave_the_queue_and_are_counted(void **state)
{
  (void)state;
  struct story story = begun();
  for (uint32_t id = 50; id < 53; id++)
    tell(&story, HD_EV_TASK_SUBMITTED, 0, id, POOL, id);
  tell(&story, HD_EV_TASK_CANCELLED, 0, 51, POOL, 0);
  tell(&story, HD_EV_TASK_DROPPED, 0, 50, POOL, 0);
  hdv_model *model = fold_all(&story);
  QUEUE(model, POOL, HDV_QUEUE_TASKS, 52);
  const struct hdv_pool *pools;
  (void)hdv_model_pools(model, &pools);
  assert_int_equal(pools[0].cancelled, 1);
  assert_int_equal(pools[0].dropped, 1);
  assert_int_equal(pools[0].queued, 1);
  hdv_model_close(model);
  story_close(&story);
}

static void a_worker_pools_task_runs_in_the_workers_thread(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  tell_text(&story, HD_EV_THREAD_STARTED, 0, MAIN, HD_ROLE_MAIN, 1, "main");
  tell(&story, HD_EV_LOOP_OPENED, 0, LOOP, 0, 0);
  tell(&story, HD_EV_POOL_OPENED, 0, POOL, 1, 1);
  tell(&story, HD_EV_WORKER_OPENED, 0, 20, 7, 0);
  tell(&story, HD_EV_POOL_JOINED, 0, POOL, 0, 20);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1);
  tell(&story, HD_EV_TASK_TAKEN, 0, 50, POOL, 20);
  hdv_model *model = fold_all(&story);
  assert_int_equal(hdv_model_object(model, 50)->worker, HDV_NOBODY);
  assert_int_equal(hdv_model_thread(model, 0)->task, 0);
  hdv_model_close(model);
  tell_text(&story, HD_EV_THREAD_STARTED, 1, 21, HD_ROLE_WORKER, 2, "worker 7");
  tell(&story, HD_EV_WORKER_ONLINE, 1, 20, 7, 0);
  model = fold_all(&story);
  const struct hdv_thread *thread = hdv_model_thread(model, 1);
  assert_int_equal(thread->worker, 20);
  assert_int_equal(thread->pool, POOL);
  assert_int_equal(thread->index, 0);
  assert_int_equal(thread->task, 50);
  assert_int_equal(hdv_model_object(model, 50)->worker, 1);
  const struct hdv_pool *pools;
  (void)hdv_model_pools(model, &pools);
  assert_true(pools[0].of_workers);
  hdv_model_close(model);
  tell(&story, HD_EV_TASK_DONE, 0, 50, POOL, 0);
  model = fold_all(&story);
  assert_int_equal(hdv_model_thread(model, 1)->task, 0);
  hdv_model_close(model);
  story_close(&story);
}

static void what_a_loop_has_queued_stands_in_its_queues_until_it_is_called(void **state)
{
  (void)state;
  static const struct {
    unsigned event, callback;
    enum hdv_queue queue;
  } ways[] = {{HD_EV_TICK_QUEUED, HD_CALLBACK_TICK, HDV_QUEUE_TICKS},
              {HD_EV_MICROTASK_QUEUED, HD_CALLBACK_MICROTASK, HDV_QUEUE_MICROTASKS},
              {HD_EV_IMMEDIATE_QUEUED, HD_CALLBACK_IMMEDIATE, HDV_QUEUE_IMMEDIATES},
              {HD_EV_CLOSE_QUEUED, HD_CALLBACK_CLOSE, HDV_QUEUE_CLOSING},
              {HD_EV_POSTED, HD_CALLBACK_POSTED, HDV_QUEUE_POSTS}};
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    struct story story = begun();
    tell(&story, ways[i].event, 0, 50, LOOP, 1);
    tell(&story, ways[i].event, 0, 51, LOOP, 2);
    hdv_model *model = fold_all(&story);
    QUEUE(model, LOOP, ways[i].queue, 50, 51);
    hdv_model_close(model);
    tell(&story, HD_EV_CALLBACK_BEGAN, 0, 50, ways[i].callback, LOOP);
    model = fold_all(&story);
    QUEUE(model, LOOP, ways[i].queue, 51);
    hdv_model_close(model);
    tell(&story, HD_EV_CALLBACK_ENDED, 0, 50, ways[i].callback, LOOP);
    model = fold_all(&story);
    assert_null(hdv_model_object(model, 50));
    hdv_model_close(model);
    story_close(&story);
  }
}

static void timers_stand_in_order_of_their_deadline_and_equal_ones_in_order_of_starting(void **state)
{
  (void)state;
  struct story story = begun();
  tell(&story, HD_EV_TIMER_STARTED, 0, 50, 30, LOOP);
  tell(&story, HD_EV_TIMER_STARTED, 0, 51, 10, LOOP);
  tell(&story, HD_EV_TIMER_STARTED, 0, 52, 20, LOOP);
  tell(&story, HD_EV_TIMER_STARTED, 0, 53, 10, LOOP);
  hdv_model *model = fold_all(&story);
  QUEUE(model, LOOP, HDV_QUEUE_TIMERS, 51, 53, 52, 50);
  hdv_model_close(model);
  tell(&story, HD_EV_TIMER_STOPPED, 0, 52, 0, LOOP);
  tell(&story, HD_EV_TIMER_STARTED, 0, 51, 40, LOOP); // refreshed
  model = fold_all(&story);
  QUEUE(model, LOOP, HDV_QUEUE_TIMERS, 53, 50, 51);
  assert_null(hdv_model_object(model, 52));
  hdv_model_close(model);
  story_close(&story);
}

static void ten_thousand_timers_in_any_order_are_sorted(void **state)
{
  (void)state;
  struct story story = begun();
  for (uint32_t i = 0; i < 10000; i++)
    tell(&story, HD_EV_TIMER_STARTED, 0, 1000 + i, story_random(&story, 3000), LOOP);
  for (uint32_t i = 0; i < 5000; i++)
    tell(&story, HD_EV_TIMER_STOPPED, 0, 1000 + (uint32_t)story_random(&story, 10000), 0, LOOP);
  hdv_model *model = fold_all(&story);
  uint32_t at = 0, count = 0;
  uint64_t before = 0;
  for (const struct hdv_object *o; (o = hdv_model_queue(model, LOOP, HDV_QUEUE_TIMERS, &at)) != NULL; count++) {
    assert_true(o->x >= before);
    before = o->x;
  }
  assert_int_equal(count, hdv_model_queue_length(model, LOOP, HDV_QUEUE_TIMERS));
  assert_true(count > 5000 && count < 10000);
  hdv_model_close(model);
  story_close(&story);
}

static void an_interval_lives_on_after_its_callback(void **state)
{
  (void)state;
  struct story story = begun();
  tell(&story, HD_EV_TIMER_STARTED, 0, 50, 10, LOOP);
  tell(&story, HD_EV_CALLBACK_BEGAN, 0, 50, HD_CALLBACK_TIMER, LOOP);
  tell(&story, HD_EV_TIMER_STARTED, 0, 50, 20, LOOP);
  tell(&story, HD_EV_CALLBACK_ENDED, 0, 50, HD_CALLBACK_TIMER, LOOP);
  hdv_model *model = fold_all(&story);
  QUEUE(model, LOOP, HDV_QUEUE_TIMERS, 50);
  hdv_model_close(model);
  tell(&story, HD_EV_CALLBACK_BEGAN, 0, 50, HD_CALLBACK_TIMER, LOOP);
  tell(&story, HD_EV_CALLBACK_ENDED, 0, 50, HD_CALLBACK_TIMER, LOOP);
  tell(&story, HD_EV_TIMER_STARTED, 0, 50, 30, LOOP); // started again only after its callback
  model = fold_all(&story);
  QUEUE(model, LOOP, HDV_QUEUE_TIMERS, 50);
  char name[32];
  assert_string_equal(hdv_model_name(model, 50, name, sizeof name), "timer 1");
  hdv_model_close(model);
  story_close(&story);
}

static void callbacks_nest_and_the_outer_one_comes_back(void **state)
{
  (void)state;
  struct story story = begun();
  for (uint32_t i = 0; i < 12; i++)
    tell(&story, HD_EV_CALLBACK_BEGAN, 0, 50 + i, HD_CALLBACK_TICK, LOOP);
  hdv_model *model = fold_all(&story);
  assert_int_equal(hdv_model_thread(model, 0)->depth, 12);
  hdv_model_close(model);
  for (uint32_t i = 12; i-- > 1;)
    tell(&story, HD_EV_CALLBACK_ENDED, 0, 50 + i, HD_CALLBACK_TICK, LOOP);
  model = fold_all(&story);
  assert_int_equal(hdv_model_thread(model, 0)->depth, 1);
  assert_int_equal(hdv_model_thread(model, 0)->callback, 50);
  hdv_model_close(model);
  story_close(&story);
}

static void a_port_keeps_its_messages_in_order(void **state)
{
  (void)state;
  struct story story = begun();
  tell(&story, HD_EV_MESSAGE_POSTED, 1, 50, PORT, 5);
  tell(&story, HD_EV_MESSAGE_POSTED, 2, 51, PORT, 6);
  tell(&story, HD_EV_MESSAGE_POSTED, 1, 52, PORT, 7);
  tell(&story, HD_EV_MESSAGE_TAKEN, 0, 50, PORT, 5);
  tell(&story, HD_EV_MESSAGE_DROPPED, 0, 52, PORT, 7);
  hdv_model *model = fold_all(&story);
  QUEUE(model, PORT, HDV_QUEUE_MESSAGES, 51);
  assert_int_equal(hdv_model_object(model, 51)->x, 6);
  hdv_model_close(model);
  story_close(&story);
}

static void reasons_decide_between_waiting_and_blocked(void **state)
{
  (void)state;
  for (unsigned reason = HD_REASON_POLL; reason < HD_REASON_COUNT; reason++) {
    struct story story = begun();
    tell(&story, HD_EV_BLOCKED, 0, 77, reason, 0);
    hdv_model *model = fold_all(&story);
    bool idle = reason == HD_REASON_POLL || reason == HD_REASON_TASK || reason == HD_REASON_SLEEP;
    const struct hdv_thread *thread = hdv_model_thread(model, 0);
    assert_int_equal(thread->state, idle ? HDV_WAITING : HDV_BLOCKED);
    assert_int_equal(thread->reason, reason);
    assert_int_equal(thread->waits_for, 77);
    hdv_model_close(model);
    tell(&story, HD_EV_READY, 0, 77, reason, 0);
    model = fold_all(&story);
    assert_int_equal(hdv_model_thread(model, 0)->state, HDV_RUNNING);
    assert_int_equal(hdv_model_thread(model, 0)->waits_for, 0);
    hdv_model_close(model);
    story_close(&story);
  }
}

static void a_lock_knows_its_owner_and_who_stands_in_line(void **state)
{
  (void)state;
  struct story story = begun();
  tell(&story, HD_EV_LOCK_WANTED, 1, LOCK, 0, 0);
  tell(&story, HD_EV_LOCK_TAKEN, 1, LOCK, 0, 0);
  for (unsigned i = 2; i <= 3; i++) {
    tell(&story, HD_EV_LOCK_WANTED, i, LOCK, 0, 0);
    tell(&story, HD_EV_BLOCKED, i, LOCK, HD_REASON_LOCK, 0);
  }
  hdv_model *model = fold_all(&story);
  QUEUE(model, LOCK, HDV_QUEUE_WAITERS, THREAD + 2, THREAD + 3);
  assert_int_equal(hdv_model_object(model, LOCK)->x, 2);
  hdv_model_close(model);
  tell(&story, HD_EV_LOCK_GIVEN, 1, LOCK, 0, 0);
  tell(&story, HD_EV_READY, 2, LOCK, HD_REASON_LOCK, 0);
  tell(&story, HD_EV_LOCK_TAKEN, 2, LOCK, 0, 0);
  model = fold_all(&story);
  QUEUE(model, LOCK, HDV_QUEUE_WAITERS, THREAD + 3);
  assert_int_equal(hdv_model_object(model, LOCK)->x, 3);
  hdv_model_close(model);
  // Waiting on a condition gives the lock back.
  tell(&story, HD_EV_COND_WAITED, 2, 60, LOCK, 0);
  tell(&story, HD_EV_BLOCKED, 2, 60, HD_REASON_COND, 0);
  model = fold_all(&story);
  assert_int_equal(hdv_model_object(model, LOCK)->x, 0);
  QUEUE(model, 60, HDV_QUEUE_WAITERS, THREAD + 2);
  hdv_model_close(model);
  tell(&story, HD_EV_READY, 2, 60, HD_REASON_COND, 0);
  model = fold_all(&story);
  EMPTY(model, 60, HDV_QUEUE_WAITERS);
  hdv_model_close(model);
  story_close(&story);
}

static void a_slot_used_again_is_a_new_thread(void **state)
{
  (void)state;
  struct story story = begun();
  tell(&story, HD_EV_THREAD_ENDED, 1, THREAD + 1, 0, 0);
  hdv_model *model = fold_all(&story);
  assert_int_equal(hdv_model_thread(model, 1)->state, HDV_ABSENT);
  assert_string_equal(hdv_model_thread(model, 1)->name, "worker 1");
  hdv_model_close(model);
  tell_text(&story, HD_EV_NAME, 1, 90, 0, 0, "another");
  tell(&story, HD_EV_THREAD_STARTED, 1, 90, HD_ROLE_THREAD, 5);
  model = fold_all(&story);
  const struct hdv_thread *threads;
  assert_int_equal(hdv_model_threads(model, &threads), WORKERS + 1);
  for (uint16_t i = 0; i <= WORKERS; i++)
    assert_int_equal(threads[i].slot, i);
  assert_string_equal(threads[1].name, "another");
  assert_int_equal(threads[1].pool, 0);
  assert_int_equal(threads[1].steps, 1);
  assert_null(hdv_model_object(model, THREAD + 1));
  hdv_model_close(model);
  story_close(&story);
}

static void each_byte_of_a_value_knows_its_writer(void **state)
{
  (void)state;
  struct story story = begun();
  tell_bytes(&story, HD_EV_STORE, 1, VALUE, 0x1000, 4, "abcd", 4);
  tell_bytes(&story, HD_EV_STORE, 2, VALUE, 0x1002, 4, "XYZW", 4);
  tell_bytes(&story, HD_EV_SAW, 0, VALUE, 1, 8, "abXYZW\0\0", 8);
  hdv_model *model = fold_all(&story);
  const struct hdv_value *values;
  assert_int_equal(hdv_model_values(model, &values), 1);
  assert_memory_equal(values[0].bytes, "abXYZW67", 8); // the last two as they were when it was shown
  static const uint16_t writers[8] = {1, 1, 2, 2, 2, 2, HDV_NOBODY, HDV_NOBODY};
  static const uint8_t known[8] = {1, 1, 1, 1, 1, 1, 0, 0};
  assert_memory_equal(values[0].writer, writers, sizeof writers);
  assert_memory_equal(values[0].known, known, sizeof known);
  assert_true(values[0].written[2] > values[0].written[1]);
  assert_true(values[0].seen && values[0].seen_mixed);
  assert_int_equal(values[0].torn, 1);
  hdv_model_close(model);
  tell(&story, HD_EV_VALUE_HIDDEN, 0, VALUE, 0, 0);
  model = fold_all(&story);
  assert_int_equal(hdv_model_values(model, &values), 0);
  hdv_model_close(model);
  story_close(&story);
}

static void stores_beside_a_value_change_nothing(void **state)
{
  (void)state;
  struct story story = begun();
  size_t before = story.count;
  static const uint64_t outside[][2] = {{0xfff, 4}, {0x1008, 1}, {UINT64_MAX, 2}, {0, UINT64_MAX}};
  for (size_t i = 0; i < 4; i++)
    tell_bytes(&story, HD_EV_STORE, 1, VALUE, outside[i][0], outside[i][1], "zzzz", 4);
  hdv_model *model = fold_all(&story);
  const struct hdv_value *values;
  (void)hdv_model_values(model, &values);
  for (int i = 0; i < 8; i++)
    assert_int_equal(values[0].writer[i], HDV_NOBODY);
  assert_int_equal(hdv_model_totals(model)->unknown, story.count - before);
  hdv_model_close(model);
  story_close(&story);
}

static void output_chunks_become_lines(void **state)
{
  (void)state;
  struct story story = begun();
  tell_text(&story, HD_EV_OUTPUT, 0, 0, 1, 0, "fini");
  tell_text(&story, HD_EV_OUTPUT, 0, 0, 2, 0, "oops\n");
  tell_text(&story, HD_EV_OUTPUT, 0, 0, 1, 0, "shed 1\nfinished 2\nand");
  tell_text(&story, HD_EV_OUTPUT, 0, 0, 1, 0, " \xff\x1b[2Jred");
  hdv_model *model = fold_all(&story);
  char lines[HDV_OUTPUT_LINES][HDV_OUTPUT_WIDTH];
  assert_int_equal(hdv_model_output(model, lines), 4);
  assert_string_equal(lines[0], "finished 1");
  assert_string_equal(lines[1], "oops");
  assert_string_equal(lines[2], "finished 2");
  assert_string_equal(lines[3], "and ? [2Jred");
  hdv_model_close(model);
  for (int i = 0; i < 200; i++) {
    char line[300];
    memset(line, 'x', sizeof line);
    (void)snprintf(line, sizeof line, "%d ", i);
    line[strlen(line)] = 'y';
    line[298] = '\n';
    line[299] = '\0';
    tell_text(&story, HD_EV_OUTPUT, 0, 0, 2, 0, line);
  }
  model = fold_all(&story);
  assert_int_equal(hdv_model_output(model, lines), HDV_OUTPUT_LINES);
  assert_memory_equal(lines[0], "136 ", 4);
  assert_int_equal(strlen(lines[63]), HDV_OUTPUT_WIDTH - 1);
  hdv_model_close(model);
  story_close(&story);
}

static void the_newest_count_of_each_name_is_kept(void **state)
{
  (void)state;
  struct story story = begun();
  tell_text(&story, HD_EV_TALLY, 0, 0, 1, 100, "torn");
  tell_text(&story, HD_EV_OBSERVED, 0, 0, 1, 0, "torn");
  tell_text(&story, HD_EV_TALLY, 0, 0, 7, 200, "torn");
  hdv_model *model = fold_all(&story);
  const struct hdv_count *counts;
  assert_int_equal(hdv_model_counts(model, &counts), 2);
  assert_string_equal(counts[0].name, "torn");
  assert_int_equal(counts[0].count, 7);
  assert_int_equal(counts[0].of, 200);
  assert_true(counts[1].observation);
  hdv_model_close(model);
  for (int i = 0; i < 200; i++) {
    char name[24];
    (void)snprintf(name, sizeof name, "name %d", i);
    tell_text(&story, HD_EV_TALLY, 0, 0, 1, 1, name);
  }
  model = fold_all(&story);
  assert_int_equal(hdv_model_counts(model, &counts), 64);
  assert_string_equal(counts[63].name, "name 199");
  hdv_model_close(model);
  story_close(&story);
}

static void lost_records_make_queues_unknown_until_the_next_state(void **state)
{
  (void)state;
  struct story story = begun();
  for (uint32_t id = 50; id < 54; id++)
    tell(&story, HD_EV_TASK_SUBMITTED, 0, id, POOL, id);
  tell(&story, HD_EV_TICK_QUEUED, 0, 60, LOOP, 1);
  tell(&story, HD_EV_LOST, 0, 0, 9, 0);
  tell(&story, HD_EV_TICK_QUEUED, 0, 61, LOOP, 2);
  hdv_model *model = fold_all(&story);
  const struct hdv_pool *pools;
  const struct hdv_loop *loops;
  (void)hdv_model_pools(model, &pools);
  (void)hdv_model_loops(model, &loops);
  assert_false(pools[0].known || loops[0].known);
  assert_int_equal(hdv_model_totals(model)->lost, 9);
  hdv_model_close(model);
  tell(&story, HD_EV_LOOP_STATE, 0, LOOP, HD_PHASE_POLL, 12);
  tell(&story, HD_EV_POOL_STATE, 0, POOL, (uint64_t)2 << 32 | 1, 20);
  model = fold_all(&story);
  (void)hdv_model_pools(model, &pools);
  (void)hdv_model_loops(model, &loops);
  assert_true(pools[0].known && loops[0].known);
  assert_int_equal(loops[0].turn, 12);
  assert_int_equal(pools[0].done, 20);
  assert_int_equal(pools[0].queued, 2);
  assert_int_equal(pools[0].running, 1);
  assert_int_equal(pools[0].submitted, 23);
  QUEUE(model, POOL, HDV_QUEUE_TASKS, 52, 53);
  QUEUE(model, LOOP, HDV_QUEUE_TICKS, 61); // 60 may have run unseen
  hdv_model_close(model);
  story_close(&story);
}

static void the_end_of_the_program_is_the_end_of_its_threads(void **state)
{
  (void)state;
  struct story story = begun();
  tell(&story, HD_EV_PROGRAM_ENDED, HDV_NOBODY, 0, 3, 11);
  hdv_model *model = fold_all(&story);
  assert_true(hdv_model_totals(model)->ended);
  assert_int_equal(hdv_model_totals(model)->status, 3);
  assert_int_equal(hdv_model_totals(model)->signal, 11);
  assert_int_equal(hdv_model_thread(model, 0)->state, HDV_ABSENT);
  hdv_model_close(model);
  story_close(&story);
}

static void closed_pools_and_loops_stand_behind_the_open_ones(void **state)
{
  (void)state;
  struct story story = begun();
  for (uint32_t id = 50; id < 90; id += 2) {
    tell(&story, HD_EV_LOOP_OPENED, 0, id, 0, 0);
    tell(&story, HD_EV_TICK_QUEUED, 0, 200, id, 0);
    tell(&story, HD_EV_LOOP_CLOSED, 0, id, 0, 0);
    tell(&story, HD_EV_POOL_OPENED, 0, id + 1, 2, 0);
    tell(&story, HD_EV_POOL_CLOSED, 0, id + 1, 0, 0);
  }
  hdv_model *model = fold_all(&story);
  const struct hdv_pool *pools;
  const struct hdv_loop *loops;
  assert_int_equal(hdv_model_pools(model, &pools), 1 + CLOSED_KEPT);
  assert_int_equal(hdv_model_loops(model, &loops), 1 + CLOSED_KEPT);
  assert_true(pools[0].id == POOL && !pools[0].closed && pools[1].id == 89 && pools[1].closed);
  assert_true(loops[0].id == LOOP && !loops[0].closed && loops[1].id == 88 && loops[1].closed);
  assert_null(hdv_model_object(model, 200));
  hdv_model_close(model);
  story_close(&story);
}

static void objects_of_a_kind_come_in_order_of_making(void **state)
{
  (void)state;
  struct story story = begun();
  for (uint32_t i = 0; i < 5; i++)
    tell(&story, HD_EV_TASK_SUBMITTED, 0, 59 - i, POOL, i + 1);
  hdv_model *model = fold_all(&story);
  uint32_t at = 0, expected = 59;
  for (const struct hdv_object *o; (o = hdv_model_each(model, HDV_TASK, &at)) != NULL; expected--)
    assert_int_equal(o->id, expected);
  assert_int_equal(expected, 54);
  hdv_model_close(model);
  story_close(&story);
}

static void names_are_given_or_made_of_kind_and_number(void **state)
{
  (void)state;
  struct story story = begun();
  tell_text(&story, HD_EV_NAME, 0, 50, 0, 0, "a rather long name that does not fit at all");
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 51, POOL, 17);
  hdv_model *model = fold_all(&story);
  char name[64];
  assert_string_equal(hdv_model_name(model, 50, name, sizeof name), "a rather long name that");
  assert_string_equal(hdv_model_name(model, 51, name, sizeof name), "task 17");
  assert_string_equal(hdv_model_name(model, POOL, name, sizeof name), "pool 1");
  assert_string_equal(hdv_model_name(model, 99, name, sizeof name), "object 99");
  assert_string_equal(hdv_model_name(model, THREAD + 3, name, sizeof name), "worker 3");
  hdv_model_close(model);
  story_close(&story);
}

static void a_long_run_of_short_lived_objects_does_not_grow_the_state(void **state)
{
  (void)state;
  struct story story = begun();
  for (uint32_t id = 100; id < 20100; id++) {
    tell(&story, HD_EV_TICK_QUEUED, 0, id, LOOP, id);
    tell(&story, HD_EV_CALLBACK_BEGAN, 0, id, HD_CALLBACK_TICK, LOOP);
    tell(&story, HD_EV_CALLBACK_ENDED, 0, id, HD_CALLBACK_TICK, LOOP);
  }
  hdv_model *early = story_model(&story, 1000), *late = fold_all(&story);
  assert_int_equal(hdv_model_size(early), hdv_model_size(late));
  hdv_model_close(early);
  hdv_model_close(late);
  story_close(&story);
}

static void out_of_memory_changes_nothing(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 3);
  story_program(&story, 2000, false);
  for (uint32_t id = 5000; id < 5500; id++)
    tell(&story, HD_EV_TASK_SUBMITTED, 0, id, POOL, id);
  hdv_model *model, *before;
  assert_int_equal(hdv_model_open(&model), HD_OK);
  assert_int_equal(hdv_model_open(&before), HD_OK);
  unsigned refused = 0;
  for (size_t i = 0; i < story.count; i++) {
    assert_int_equal(hdv_model_copy(before, model), HD_OK);
    model->limit = hdv_model_size(model);
    if (hdv_model_fold(model, &story.events[i]) == HD_OK)
      continue;
    refused++;
    assert_true(same_state(before, model));
    model->limit = SIZE_MAX;
    assert_int_equal(hdv_model_fold(model, &story.events[i]), HD_OK);
  }
  assert_true(refused > 3);
  hdv_model_close(before);
  hdv_model_close(model);
  story_close(&story);
}

static void a_restored_state_goes_on_like_the_original(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    struct story story;
    story_open(&story, seed);
    if (seed % 2)
      story_program(&story, 4000, seed > 3);
    else
      story_garbage(&story, 4000);
    hdv_model *whole = fold_all(&story), *part = story_model(&story, 2000), *other;
    assert_int_equal(hdv_model_open(&other), HD_OK);
    assert_int_equal(hdv_model_copy(other, part), HD_OK);
    assert_true(same_state(other, part));
    for (size_t i = 2000; i < story.count; i++)
      assert_int_equal(hdv_model_fold(other, &story.events[i]), HD_OK);
    assert_true(same_state(other, whole));
    assert_false(same_state(other, part));
    hdv_model_close(whole);
    hdv_model_close(part);
    hdv_model_close(other);
    story_close(&story);
  }
}

static void bytes_that_are_no_state_are_refused(void **state)
{
  (void)state;
  hdv_model *model;
  assert_int_equal(hdv_model_open(&model), HD_OK);
  size_t size = hdv_model_size(model);
  char *bytes = malloc(size);
  assert_non_null(bytes);
  memcpy(bytes, hdv_model_bytes(model), size);
  assert_int_equal(hdv_model_restore(model, bytes, size - 1), HD_EINVAL);
  assert_int_equal(hdv_model_restore(model, bytes, 4), HD_EINVAL);
  assert_int_equal(hdv_model_restore(model, bytes, size), HD_OK);
  free(bytes);
  hdv_model_close(model);
}

// Every queue is a list whose length is what it says, and every object in it says that it stands there.
static void check_lists(const hdv_model *model)
{
  for (int kind = HDV_UNKNOWN; kind <= HDV_VALUE; kind++) {
    uint32_t at = 0;
    for (const struct hdv_object *o; (o = hdv_model_each(model, (enum hdv_object_kind)kind, &at)) != NULL;)
      for (int queue = HDV_QUEUE_TICKS; queue <= HDV_QUEUE_WAITERS; queue++) {
        uint32_t in = 0, length = 0;
        for (const struct hdv_object *q; (q = hdv_model_queue(model, o->id, (enum hdv_queue)queue, &in)) != NULL; length++)
          if (q->owner != o->id || q->queue != queue)
            fail_msg("object %u does not know where it stands", q->id);
        assert_int_equal(length, hdv_model_queue_length(model, o->id, (enum hdv_queue)queue));
      }
  }
}

static void garbage_is_survived_and_counted(void **state)
{
  (void)state;
  for (uint64_t seed = 11; seed <= 14; seed++) {
    struct story story;
    story_open(&story, seed);
    story_garbage(&story, 100000);
    hdv_model *model = fold_all(&story);
    assert_true(hdv_model_totals(model)->unknown > 1000);
    check_lists(model);
    hdv_model_close(model);
    story_close(&story);
  }
}

static void a_plausible_program_is_understood_completely(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 5);
  story_program(&story, 20000, false);
  hdv_model *model = fold_all(&story);
  assert_int_equal(hdv_model_totals(model)->unknown, 0);
  check_lists(model);
  hdv_model_close(model);
  story_close(&story);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(a_task_goes_from_queue_to_thread_to_completions_to_callback),
      UNIT(tasks_of_a_pool_without_a_loop_are_over_when_they_are_done),
      UNIT(cancelled_and_dropped_tasks_leave_the_queue_and_are_counted),
      UNIT(a_worker_pools_task_runs_in_the_workers_thread),
      UNIT(what_a_loop_has_queued_stands_in_its_queues_until_it_is_called),
      UNIT(timers_stand_in_order_of_their_deadline_and_equal_ones_in_order_of_starting),
      UNIT(ten_thousand_timers_in_any_order_are_sorted),
      UNIT(an_interval_lives_on_after_its_callback),
      UNIT(callbacks_nest_and_the_outer_one_comes_back),
      UNIT(a_port_keeps_its_messages_in_order),
      UNIT(reasons_decide_between_waiting_and_blocked),
      UNIT(a_lock_knows_its_owner_and_who_stands_in_line),
      UNIT(a_slot_used_again_is_a_new_thread),
      UNIT(each_byte_of_a_value_knows_its_writer),
      UNIT(stores_beside_a_value_change_nothing),
      UNIT(output_chunks_become_lines),
      UNIT(the_newest_count_of_each_name_is_kept),
      UNIT(lost_records_make_queues_unknown_until_the_next_state),
      UNIT(the_end_of_the_program_is_the_end_of_its_threads),
      UNIT(closed_pools_and_loops_stand_behind_the_open_ones),
      UNIT(objects_of_a_kind_come_in_order_of_making),
      UNIT(names_are_given_or_made_of_kind_and_number),
      UNIT(a_long_run_of_short_lived_objects_does_not_grow_the_state),
      UNIT(out_of_memory_changes_nothing),
      UNIT(a_restored_state_goes_on_like_the_original),
      UNIT(bytes_that_are_no_state_are_refused),
      UNIT(garbage_is_survived_and_counted),
      UNIT(a_plausible_program_is_understood_completely),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
