// Lints: silent on sound programs, red on every seeded fault.
#include "story.h"

static uint64_t times(const hdv_model *model, enum hdv_lint lint)
{
  const struct hdv_warning *warnings;
  size_t count = hdv_model_warnings(model, &warnings);
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++)
    if (warnings[i].lint == lint)
      sum += warnings[i].times;
  return sum;
}

static uint64_t times_in(const struct story *story, enum hdv_lint lint)
{
  hdv_model *model = story_model(story, story->count);
  uint64_t found = times(model, lint);
  hdv_model_close(model);
  return found;
}

// Folds the story with event `at` left out (copies 0) or doubled (copies 2).
static uint64_t times_with_fault(const struct story *story, size_t at, int copies, enum hdv_lint lint)
{
  hdv_model *model = story_model(story, at);
  for (int i = 0; i < copies; i++)
    assert_int_equal(hdv_model_fold(model, &story->events[at]), HD_OK);
  for (size_t i = at + 1; i < story->count; i++)
    assert_int_equal(hdv_model_fold(model, &story->events[i]), HD_OK);
  uint64_t found = times(model, lint);
  hdv_model_close(model);
  return found;
}

static void sound_programs_raise_no_warning(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    struct story story;
    story_open(&story, seed);
    story_program(&story, 10000, seed == 5);
    hdv_model *model = story_model(&story, story.count);
    const struct hdv_warning *warnings;
    size_t count = hdv_model_warnings(model, &warnings);
    if (count > 0)
      fail_msg("seed %d: %s, object %u, step %u", (int)seed, hdv_lint_text(warnings[0].lint), warnings[0].object,
               (unsigned)warnings[0].first_step);
    hdv_model_close(model);
    story_close(&story);
  }
}

// Forty tasks through four threads, one of them cancelled and one dropped, each with its callback; then the pool closes.
static void tell_pool(struct story *story)
{
  story_begin(story);
  uint32_t taken = 100;
  for (uint32_t id = 100; id < 140; id++) {
    tell(story, HD_EV_TASK_SUBMITTED, 0, id, POOL, id - 99);
    if (id == 105)
      tell(story, HD_EV_TASK_CANCELLED, 0, id, POOL, 0);
    if (id % 3 != 0)
      continue;
    unsigned worker = 1 + id % WORKERS;
    taken += taken == 105;
    tell(story, HD_EV_READY, worker, POOL, HD_REASON_TASK, 0);
    tell(story, HD_EV_TASK_TAKEN, worker, taken, POOL, 0);
    tell(story, HD_EV_TASK_DONE, worker, taken, POOL, 0);
    tell(story, HD_EV_BLOCKED, worker, POOL, HD_REASON_TASK, 0);
    tell(story, HD_EV_CALLBACK_BEGAN, 0, taken, HD_CALLBACK_TASK, LOOP);
    tell(story, HD_EV_CALLBACK_ENDED, 0, taken, HD_CALLBACK_TASK, LOOP);
    taken++;
  }
  for (; taken < 140; taken++)
    tell(story, HD_EV_TASK_DROPPED, 0, taken, POOL, 0);
  tell(story, HD_EV_POOL_CLOSED, 0, POOL, 0, 0);
}

static void every_task_event_dropped_or_doubled_is_noticed(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  tell_pool(&story);
  assert_int_equal(times_in(&story, HDV_LINT_CONSERVATION), 0);
  unsigned faults = 0;
  for (size_t at = 0; at < story.count; at++) {
    unsigned kind = story.events[at].record.kind;
    if (kind < HD_EV_TASK_SUBMITTED || kind > HD_EV_TASK_DROPPED)
      continue;
    for (int copies = 0; copies <= 2; copies += 2, faults++)
      if (times_with_fault(&story, at, copies, HDV_LINT_CONSERVATION) == 0)
        fail_msg("%s of task %u %s, unnoticed", hd_event_info(kind)->name, story.events[at].record.object,
                 copies ? "doubled" : "dropped");
  }
  assert_true(faults > 150);
  story_close(&story);
}

static void the_books_pause_when_records_were_lost(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  story_begin(&story);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1);
  tell(&story, HD_EV_LOST, 0, 0, 5, 0);
  tell(&story, HD_EV_TASK_DONE, 1, 51, POOL, 0);
  tell(&story, HD_EV_POOL_STATE, 0, POOL, 2, 7);
  tell(&story, HD_EV_TASK_DONE, 1, 50, POOL, 0);
  tell(&story, HD_EV_TASK_DONE, 1, 52, POOL, 0);
  tell(&story, HD_EV_TASK_TAKEN, 1, 53, POOL, 0);
  assert_int_equal(times_in(&story, HDV_LINT_CONSERVATION), 0);
  // With the pool empty everything is known again.
  tell(&story, HD_EV_TASK_DONE, 1, 53, POOL, 0);
  tell(&story, HD_EV_LOST, 0, 0, 1, 0);
  tell(&story, HD_EV_POOL_STATE, 0, POOL, 0, 10);
  tell(&story, HD_EV_TASK_TAKEN, 1, 54, POOL, 0);
  assert_int_equal(times_in(&story, HDV_LINT_CONSERVATION), 1);
  story_close(&story);
}

// Main submits a task and sleeps; a worker takes it while main sleeps.
static void tell_wake(struct story *story)
{
  story_begin(story);
  tell(story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1);
  tell(story, HD_EV_BLOCKED, 0, 0, HD_REASON_SLEEP, 200000000);
  tell(story, HD_EV_READY, 2, POOL, HD_REASON_TASK, 0);
  tell(story, HD_EV_TASK_TAKEN, 2, 50, POOL, 0);
  tell(story, HD_EV_TASK_DONE, 2, 50, POOL, 0);
  tell(story, HD_EV_BLOCKED, 2, POOL, HD_REASON_TASK, 0);
  tell(story, HD_EV_READY, 0, 0, HD_REASON_SLEEP, 1);
}

static void a_wake_that_never_comes_is_noticed_when_time_has_passed(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  tell_wake(&story);
  assert_int_equal(times_in(&story, HDV_LINT_LOST_WAKEUP), 0);
  story_close(&story);

  // The same without the worker's waking.
  story_open(&story, 1);
  story_begin(&story);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1);
  tell(&story, HD_EV_BLOCKED, 0, 0, HD_REASON_SLEEP, 200000000);
  assert_int_equal(times_in(&story, HDV_LINT_LOST_WAKEUP), 0); // it may still be on its way
  tell(&story, HD_EV_READY, 0, 0, HD_REASON_SLEEP, 1);
  assert_int_equal(times_in(&story, HDV_LINT_LOST_WAKEUP), 1);
  story_close(&story);
}

static void a_wake_a_little_late_and_workers_with_a_task_are_no_fault(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  story_begin(&story);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1);
  tell(&story, HD_EV_BLOCKED, 0, 0, HD_REASON_SLEEP, 20000000);
  tell(&story, HD_EV_READY, 0, 0, HD_REASON_SLEEP, 1);
  assert_int_equal(times_in(&story, HDV_LINT_LOST_WAKEUP), 0);
  story_close(&story);

  // The only worker waits in its own loop for something that its task needs; the second task has to wait.
  story_open(&story, 1);
  tell_text(&story, HD_EV_THREAD_STARTED, 0, MAIN, HD_ROLE_MAIN, 1, "main");
  tell(&story, HD_EV_POOL_OPENED, 0, POOL, 1, 1);
  tell(&story, HD_EV_WORKER_OPENED, 0, 20, 1, 0);
  tell_text(&story, HD_EV_THREAD_STARTED, 1, 21, HD_ROLE_WORKER, 2, "worker 1");
  tell(&story, HD_EV_POOL_JOINED, 0, POOL, 0, 20);
  tell(&story, HD_EV_WORKER_ONLINE, 1, 20, 1, 0);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1);
  tell(&story, HD_EV_TASK_TAKEN, 0, 50, POOL, 20);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 51, POOL, 2);
  tell(&story, HD_EV_BLOCKED, 1, LOOP, HD_REASON_POLL, 0);
  tell(&story, HD_EV_BLOCKED, 0, 0, HD_REASON_SLEEP, 200000000);
  tell(&story, HD_EV_READY, 0, 0, HD_REASON_SLEEP, 1);
  assert_int_equal(times_in(&story, HDV_LINT_LOST_WAKEUP), 0);
  story_close(&story);
}

static void a_program_killed_while_a_task_waits_and_everybody_sleeps_is_noticed(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  story_begin(&story);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1);
  tell(&story, HD_EV_BLOCKED, 0, LOOP, HD_REASON_POLL, 0);
  tell(&story, HD_EV_PROGRAM_ENDED, HDV_NOBODY, 0, 0, 9);
  assert_int_equal(times_in(&story, HDV_LINT_LOST_WAKEUP), 1);
  story_close(&story);
}

static void tell_callback(struct story *story, unsigned kind, uint64_t ms)
{
  story_begin(story);
  tell(story, HD_EV_TICK_QUEUED, 0, 50, LOOP, 1);
  tell(story, HD_EV_CALLBACK_BEGAN, 0, 50, kind, LOOP);
  tell(story, HD_EV_WORK_BEGAN, 0, 0, ms * 1000000, 0);
  tell(story, HD_EV_WORK_ENDED, 0, 0, ms * 1000000, 0);
  tell(story, HD_EV_STAGE, 0, 0, 1, 0);
  tell(story, HD_EV_CALLBACK_ENDED, 0, 50, kind, LOOP);
}

static void a_callback_that_does_not_yield_is_noticed_once(void **state)
{
  (void)state;
  static const struct {
    unsigned kind;
    uint64_t ms, times;
  } cases[] = {{HD_CALLBACK_TICK, 51, 1}, {HD_CALLBACK_TICK, 49, 0}, {HD_CALLBACK_MAIN, 500, 0}};
  for (size_t i = 0; i < 3; i++) {
    struct story story;
    story_open(&story, 1);
    tell_callback(&story, cases[i].kind, cases[i].ms);
    assert_int_equal(times_in(&story, HDV_LINT_NEVER_YIELDS), cases[i].times);
    story_close(&story);
  }
}

static void tell_turns(struct story *story, unsigned turns, unsigned every, unsigned come, unsigned go)
{
  story_begin(story);
  uint32_t next = 1000, first = 1000;
  for (unsigned turn = 1; turn <= turns; turn++) {
    tell(story, HD_EV_PHASE, 0, LOOP, HD_PHASE_CHECK, turn);
    unsigned stock = turn == 1 && come == go ? 100 : 0;
    for (unsigned i = 0; i < come + stock && turn % every == 0; i++)
      tell(story, HD_EV_IMMEDIATE_QUEUED, 0, next++, LOOP, 0);
    for (unsigned i = 0; i < go && first < next; i++) {
      tell(story, HD_EV_CALLBACK_BEGAN, 0, first, HD_CALLBACK_IMMEDIATE, LOOP);
      tell(story, HD_EV_CALLBACK_ENDED, 0, first++, HD_CALLBACK_IMMEDIATE, LOOP);
    }
  }
}

static void a_queue_that_grows_turn_after_turn_is_noticed(void **state)
{
  (void)state;
  static const struct {
    unsigned turns, every, come, go;
    uint64_t times;
  } cases[] = {
      {20, 1, 20, 10, 1}, // grows
      {20, 1, 10, 10, 0}, // is long but stays so
      {7, 1, 20, 0, 0},   // not for long enough
      {20, 1, 3, 0, 0},   // too short to matter
      {30, 1, 3, 0, 1},   // in the end it does
      {40, 2, 20, 0, 0},  // grows, but every second turn rests
  };
  for (size_t i = 0; i < 6; i++) {
    struct story story;
    story_open(&story, 1);
    tell_turns(&story, cases[i].turns, cases[i].every, cases[i].come, cases[i].go);
    assert_int_equal(times_in(&story, HDV_LINT_GROWING_QUEUE), cases[i].times);
    story_close(&story);
  }
}

static void a_sleeper_with_a_lock_that_others_want_is_noticed_either_way_round(void **state)
{
  (void)state;
  for (int way = 0; way < 3; way++) {
    struct story story;
    story_open(&story, 1);
    story_begin(&story);
    tell(&story, HD_EV_LOCK_WANTED, 1, LOCK, 0, 0);
    tell(&story, HD_EV_LOCK_TAKEN, 1, LOCK, 0, 0);
    if (way == 0)
      tell(&story, HD_EV_BLOCKED, 1, 0, HD_REASON_SLEEP, 0);
    if (way == 2)
      tell(&story, HD_EV_LOCK_GIVEN, 1, LOCK, 0, 0);
    tell(&story, HD_EV_LOCK_WANTED, 2, LOCK, 0, 0);
    if (way > 0)
      tell(&story, HD_EV_BLOCKED, 1, 0, HD_REASON_SLEEP, 0);
    assert_int_equal(times_in(&story, HDV_LINT_LOCK_HELD), way < 2);
    story_close(&story);
  }
}

static void every_lint_has_a_text(void **state)
{
  (void)state;
  for (int lint = 0; lint < HDV_LINT_COUNT; lint++)
    assert_true(strlen(hdv_lint_text((enum hdv_lint)lint)) > 20);
  assert_string_equal(hdv_lint_text(HDV_LINT_COUNT), "?");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(sound_programs_raise_no_warning),
      UNIT(every_task_event_dropped_or_doubled_is_noticed),
      UNIT(the_books_pause_when_records_were_lost),
      UNIT(a_wake_that_never_comes_is_noticed_when_time_has_passed),
      UNIT(a_wake_a_little_late_and_workers_with_a_task_are_no_fault),
      UNIT(a_program_killed_while_a_task_waits_and_everybody_sleeps_is_noticed),
      UNIT(a_callback_that_does_not_yield_is_noticed_once),
      UNIT(a_queue_that_grows_turn_after_turn_is_noticed),
      UNIT(a_sleeper_with_a_lock_that_others_want_is_noticed_either_way_round),
      UNIT(every_lint_has_a_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
