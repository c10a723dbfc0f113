// Playback: recordings, and live programs played by a puppet: threads with a script each, which obey the control block
// exactly as the gate does, but only when the viewer looks, so that every test is the same each time.
#include "story.h"

#include "playback/playback.h"

#include <math.h>

// ---- the puppet ----

enum { ACTORS = 4, SCRIPT = 64 };

struct puppet {
  struct hd_control *control;
  hd_log *log;
  struct hd_entry script[ACTORS][SCRIPT];
  unsigned length[ACTORS], at[ACTORS];
  bool computes[ACTORS];  // after its next step the thread computes until told
  bool computing[ACTORS];
  bool prints;            // what it does prints a line, which comes one look before the step itself
  bool printed[ACTORS];
  bool late;              // a step let go comes into the log only when the test says so
  bool ended;
  uint64_t stamp;
};

static void arrive(struct puppet *puppet, unsigned slot)
{
  struct hd_slot *shared = &puppet->control->slots[slot];
  atomic_fetch_add(&puppet->control->arrivals, 1);
  if (puppet->at[slot] == puppet->length[slot]) {
    atomic_store(&shared->state, HD_SLOT_FREE);
    return;
  }
  const struct hd_entry *next = &puppet->script[slot][puppet->at[slot]];
  shared->pending = (struct hd_pending){.arrived = ++puppet->stamp, .a = next->record.a, .b = next->record.b,
                                        .object = next->record.object, .kind = next->record.kind, .place = next->place};
  atomic_store(&shared->state, HD_SLOT_HELD);
}

static void append(struct puppet *puppet, struct hd_entry entry)
{
  entry.record.stamp = ++puppet->stamp;
  assert_int_equal(hd_log_append(puppet->log, &entry), HD_OK);
}

static void pass(struct puppet *puppet, unsigned slot)
{
  struct hd_slot *shared = &puppet->control->slots[slot];
  atomic_store(&shared->passed, atomic_load(&shared->granted));
  atomic_store(&shared->state, HD_SLOT_RUNNING);
  if (puppet->prints && !puppet->printed[slot]) {
    puppet->printed[slot] = true;
    append(puppet, (struct hd_entry){.record = {.kind = HD_EV_OUTPUT, .actor = (uint16_t)slot, .a = 1}});
    return;
  }
  puppet->printed[slot] = false;
  if (puppet->late)
    return;
  append(puppet, puppet->script[slot][puppet->at[slot]++]);
  puppet->computing[slot] = puppet->computes[slot];
  if (!puppet->computing[slot])
    arrive(puppet, slot);
}

// What the owner of a live program does when the playback asks for more: here the program moves just then.
static int more(void *context)
{
  struct puppet *puppet = context;
  bool hold = atomic_load(&puppet->control->mode) == HD_MODE_HOLD;
  bool slow = hold && atomic_load(&puppet->control->speed) > 0;
  for (unsigned slot = 0; slot < ACTORS; slot++) {
    struct hd_slot *shared = &puppet->control->slots[slot];
    if (atomic_load(&shared->state) != HD_SLOT_HELD && !puppet->printed[slot])
      continue;
    bool granted = atomic_load(&shared->granted) != atomic_load(&shared->passed);
    if (granted || slow || !hold || puppet->printed[slot])
      pass(puppet, slot);
  }
  return puppet->ended ? HD_EEND : HD_OK;
}

static void compute_no_more(struct puppet *puppet, unsigned slot)
{
  puppet->computing[slot] = puppet->computes[slot] = false;
  arrive(puppet, slot);
}

static void script(struct puppet *puppet, unsigned slot, unsigned kind, uint32_t object, uint64_t a, uint64_t b)
{
  puppet->script[slot][puppet->length[slot]++] =
      (struct hd_entry){.record = {.kind = (uint16_t)kind, .actor = (uint16_t)slot, .object = object, .a = a, .b = b},
                        .place = 0x400000};
}

struct stage {
  struct puppet puppet;
  hdv_playback *playback;
};

// Main and three threads; each starts and then queues ticks (main) or computes (the others). Main begins two stages.
static void set_stage(struct stage *stage, enum hd_mode mode, uint32_t speed)
{
  memset(stage, 0, sizeof *stage);
  struct puppet *puppet = &stage->puppet;
  puppet->control = aligned_alloc(HD_CONTROL_SIZE, HD_CONTROL_SIZE);
  assert_non_null(puppet->control);
  memset(puppet->control, 0, HD_CONTROL_SIZE);
  atomic_store(&puppet->control->managed, 1);
  assert_int_equal(hd_log_create(&puppet->log, NULL, &(struct hd_trace_header){.rate = {.mult = 1}}), HD_OK);
  for (unsigned slot = 0; slot < ACTORS; slot++) {
    script(puppet, slot, HD_EV_THREAD_STARTED, 10 + slot, slot == 0 ? HD_ROLE_MAIN : HD_ROLE_THREAD, 0);
    for (unsigned i = 0; i < 12; i++)
      script(puppet, slot, HD_EV_WORK_BEGAN + i % 2, 0, 1000, 0);
  }
  puppet->script[0][4].record = (struct hd_record){.kind = HD_EV_STAGE, .a = 1};
  puppet->script[0][8].record = (struct hd_record){.kind = HD_EV_STAGE, .a = 2};
  hd_control_set_speed(puppet->control, speed);
  hd_control_set_mode(puppet->control, mode);
  for (unsigned slot = 0; slot < ACTORS; slot++)
    arrive(puppet, slot);
  struct hdv_playback_source source = {.log = puppet->log, .control = puppet->control, .more = more, .context = puppet};
  assert_int_equal(hdv_playback_open(&stage->playback, &source), HD_OK);
}

static void strike(struct stage *stage)
{
  hdv_playback_close(stage->playback);
  assert_int_equal(hd_log_close(stage->puppet.log), HD_OK);
  free(stage->puppet.control);
}

static struct hdv_status status_of(hdv_playback *playback)
{
  struct hdv_status status;
  hdv_playback_status(playback, &status);
  return status;
}

static const char *title_of(hdv_playback *playback)
{
  static char title[200];
  size_t length = hdv_playback_title(playback, title, sizeof title);
  assert_int_equal(length, strlen(title));
  return title;
}

static uint16_t actor_shown(hdv_playback *playback)
{
  struct hd_entry entry;
  assert_true(hdv_playback_event(playback, &entry));
  return entry.record.actor;
}

static void check_equals_fresh_fold(hdv_playback *playback)
{
  struct hd_log_cursor cursor = {0};
  struct hd_entry entry;
  hdv_model *fresh;
  assert_int_equal(hdv_model_open(&fresh), HD_OK);
  for (;;) {
    struct hd_log_cursor before = cursor;
    if (hd_log_next(hdv_playback_log(playback), &cursor, &entry) != 1)
      break;
    if (hd_entry_is_step(&entry) && before.step == status_of(playback).step)
      break;
    assert_int_equal(hdv_model_fold(fresh, &entry), HD_OK);
  }
  assert_true(same_state(fresh, hdv_playback_model(playback)));
  hdv_model_close(fresh);
}

#define MS 1000000u

// ---- live, held ----

static void one_press_is_one_step_of_the_longest_held_thread(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  (void)hdv_playback_tick(stage.playback, 1 * MS);
  assert_string_equal(title_of(stage.playback), "step 0 of 0, paused");
  for (uint64_t press = 1; press <= 20; press++) {
    assert_true(hdv_playback_do(stage.playback, HDV_STEP));
    for (int frame = 0; frame < 3; frame++)
      (void)hdv_playback_tick(stage.playback, (press * 10 + (uint64_t)frame) * MS);
    struct hdv_status status = status_of(stage.playback);
    assert_int_equal(status.step, press);
    assert_int_equal(status.steps, press);
    assert_true(status.held && !status.computing && !status.behind);
    assert_int_equal(actor_shown(stage.playback), (press - 1) % ACTORS);
  }
  check_equals_fresh_fold(stage.playback);
  strike(&stage);
}

static void a_digit_lets_exactly_that_thread_go(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  for (int i = 0; i < ACTORS; i++)
    assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  static const unsigned chosen[] = {3, 3, 1, 0, 3, 0, 2, 2};
  for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++) {
    assert_true(hdv_playback_do(stage.playback, (enum hdv_command)(HDV_CHOOSE_0 + chosen[i])));
    (void)hdv_playback_tick(stage.playback, i * MS);
    assert_int_equal(status_of(stage.playback).step, ACTORS + 1 + i);
    assert_int_equal(actor_shown(stage.playback), chosen[i]);
  }
  assert_false(hdv_playback_do(stage.playback, HDV_CHOOSE_8)); // nobody
  strike(&stage);
}

static void a_computing_thread_is_waited_for_and_presses_meanwhile_are_counted(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  // All threads but 1 have come to their end, so that only 1 can go.
  for (unsigned slot = 0; slot < ACTORS; slot++)
    if (slot != 1)
      atomic_store(&stage.puppet.control->slots[slot].state, HD_SLOT_BLOCKED);
  stage.puppet.computes[1] = true;
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  assert_int_equal(status_of(stage.playback).step, 1);
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  for (uint64_t frame = 0; frame < 100; frame++)
    (void)hdv_playback_tick(stage.playback, frame * 100 * MS);
  struct hdv_status status = status_of(stage.playback);
  assert_int_equal(status.step, 1);
  assert_true(status.computing);
  assert_string_equal(title_of(stage.playback), "step 1 of 1, computing");
  compute_no_more(&stage.puppet, 1);
  for (uint64_t frame = 100; frame < 104; frame++)
    (void)hdv_playback_tick(stage.playback, frame * 100 * MS);
  assert_int_equal(status_of(stage.playback).step, 3);
  assert_false(status_of(stage.playback).computing);
  strike(&stage);
}

static void what_the_program_prints_is_a_step_of_its_own(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  stage.puppet.prints = true;
  uint64_t granted = 0;
  for (uint64_t press = 1; press <= 10; press++) {
    assert_true(hdv_playback_do(stage.playback, HDV_STEP));
    (void)hdv_playback_tick(stage.playback, press * MS);
    assert_int_equal(status_of(stage.playback).step, press);
    granted = 0;
    for (unsigned slot = 0; slot < ACTORS; slot++)
      granted += atomic_load(&stage.puppet.control->slots[slot].granted);
    assert_int_equal(granted, (press + 1) / 2);
  }
  strike(&stage);
}

static void only_one_thread_is_on_its_way_at_a_time(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  stage.puppet.late = true;
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  append(&stage.puppet, (struct hd_entry){.record = {.kind = HD_EV_OUTPUT, .a = 1}}); // not its step
  for (uint64_t frame = 1; frame < 5; frame++)
    (void)hdv_playback_tick(stage.playback, frame * 100 * MS);
  assert_int_equal(status_of(stage.playback).step, 1);
  assert_true(status_of(stage.playback).computing);
  for (unsigned slot = 1; slot < ACTORS; slot++)
    assert_int_equal(atomic_load(&stage.puppet.control->slots[slot].granted), 0);
  stage.puppet.late = false;
  pass(&stage.puppet, 0);
  (void)hdv_playback_tick(stage.playback, 600 * MS);
  assert_int_equal(status_of(stage.playback).step, 2);
  assert_int_equal(actor_shown(stage.playback), 0);
  assert_false(status_of(stage.playback).computing);
  strike(&stage);
}

static void when_nobody_can_go_a_press_does_nothing(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  for (unsigned slot = 0; slot < ACTORS; slot++)
    atomic_store(&stage.puppet.control->slots[slot].state, HD_SLOT_BLOCKED);
  assert_false(hdv_playback_do(stage.playback, HDV_STEP));
  assert_false(status_of(stage.playback).computing);
  // A program that has not begun yet will come.
  for (unsigned slot = 0; slot < ACTORS; slot++)
    atomic_store(&stage.puppet.control->slots[slot].state, HD_SLOT_FREE);
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  assert_true(status_of(stage.playback).computing);
  arrive(&stage.puppet, 0);
  (void)hdv_playback_tick(stage.playback, 1 * MS);
  assert_int_equal(status_of(stage.playback).step, 1);
  strike(&stage);
}

static void a_press_that_nobody_can_follow_is_dropped_after_a_while(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  for (unsigned slot = 0; slot < ACTORS; slot++)
    if (slot != 1)
      atomic_store(&stage.puppet.control->slots[slot].state, HD_SLOT_BLOCKED);
  stage.puppet.computes[1] = true;
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  assert_true(hdv_playback_do(stage.playback, HDV_STEP)); // waits for thread 1, which then waits for something outside
  assert_false(hdv_playback_do(stage.playback, HDV_CHOOSE_2));
  stage.puppet.computing[1] = false;
  atomic_store(&stage.puppet.control->slots[1].state, HD_SLOT_BLOCKED);
  for (uint64_t frame = 1; frame < 5; frame++)
    (void)hdv_playback_tick(stage.playback, frame * 50 * MS);
  assert_true(status_of(stage.playback).computing);
  for (uint64_t frame = 5; frame < 20; frame++)
    (void)hdv_playback_tick(stage.playback, frame * 50 * MS);
  assert_false(status_of(stage.playback).computing);
  compute_no_more(&stage.puppet, 1);
  (void)hdv_playback_tick(stage.playback, 2000 * MS);
  assert_int_equal(status_of(stage.playback).step, 1);
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  assert_int_equal(status_of(stage.playback).step, 2);
  strike(&stage);
}

static void pausing_holds_the_program_and_playing_lets_it_run(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  struct hd_control *control = stage.puppet.control;
  assert_true(hdv_playback_do(stage.playback, HDV_TOGGLE_PAUSE));
  assert_int_equal(atomic_load(&control->mode), HD_MODE_RECORD);
  assert_int_equal(atomic_load(&control->speed), HD_SPEED_ONE);
  (void)hdv_playback_tick(stage.playback, 1 * MS);
  struct hdv_status status = status_of(stage.playback);
  assert_true(status.step == ACTORS && status.mode == HDV_PLAYING && !status.held);
  assert_string_equal(title_of(stage.playback), "step 4 of 4, playing in real time");
  assert_true(hdv_playback_do(stage.playback, HDV_TOGGLE_PAUSE));
  assert_int_equal(atomic_load(&control->mode), HD_MODE_HOLD);
  assert_int_equal(atomic_load(&control->speed), 0);
  (void)hdv_playback_tick(stage.playback, 2 * MS);
  status = status_of(stage.playback);
  assert_true(status.step == ACTORS && status.mode == HDV_PAUSED && status.held);
  strike(&stage);
}

static void stragglers_of_a_pause_are_shown_but_later_events_wait_for_a_press(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_RECORD, HD_SPEED_ONE);
  (void)hdv_playback_tick(stage.playback, 1 * MS);
  stage.puppet.computing[2] = stage.puppet.computes[2] = true;
  atomic_store(&stage.puppet.control->slots[2].state, HD_SLOT_RUNNING);
  assert_true(hdv_playback_do(stage.playback, HDV_TOGGLE_PAUSE));
  append(&stage.puppet, (struct hd_entry){.record = {.kind = HD_EV_NOTE, .actor = 2}, .text = "late", .text_size = 4});
  (void)hdv_playback_tick(stage.playback, 2 * MS);
  assert_int_equal(status_of(stage.playback).step, ACTORS + 1);
  compute_no_more(&stage.puppet, 2);
  (void)hdv_playback_tick(stage.playback, 3 * MS); // everybody stands
  (void)hdv_playback_tick(stage.playback, 4 * MS);
  append(&stage.puppet, (struct hd_entry){.record = {.kind = HD_EV_OUTPUT, .a = 1}, .text = "x\n", .text_size = 2});
  (void)hdv_playback_tick(stage.playback, 5 * MS);
  struct hdv_status status = status_of(stage.playback);
  assert_int_equal(status.step, ACTORS + 1);
  assert_int_equal(status.steps, ACTORS + 2);
  assert_false(status.behind);
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  assert_int_equal(status_of(stage.playback).step, ACTORS + 2);
  for (unsigned slot = 0; slot < ACTORS; slot++)
    assert_int_equal(atomic_load(&stage.puppet.control->slots[slot].granted), 0);
  strike(&stage);
}

static void names_given_while_everything_is_held_are_known_at_once(void **state)
{
  (void)state;
  struct stage stage;
  char name[32];
  set_stage(&stage, HD_MODE_HOLD, 0);
  append(&stage.puppet, (struct hd_entry){.record = {.kind = HD_EV_NAME, .object = 10}, .text = "main", .text_size = 4});
  (void)hdv_playback_tick(stage.playback, 1 * MS);
  assert_int_equal(status_of(stage.playback).step, 0);
  assert_string_equal(hdv_model_name(hdv_playback_model(stage.playback), 10, name, sizeof name), "main");
  strike(&stage);
}

static void speeds_go_in_the_listed_steps_and_steer_the_program(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_RECORD, HD_SPEED_ONE);
  struct hd_control *control = stage.puppet.control;
  static const double up[] = {2, 5, 10, INFINITY};
  for (size_t i = 0; i < 4; i++) {
    assert_true(hdv_playback_do(stage.playback, HDV_FASTER));
    assert_true(status_of(stage.playback).speed == up[i]);
  }
  assert_int_equal(atomic_load(&control->mode), HD_MODE_RECORD);
  assert_int_equal(atomic_load(&control->speed), 0);
  assert_false(hdv_playback_do(stage.playback, HDV_FASTER));
  static const double down[] = {10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001};
  for (size_t i = 0; i < 13; i++) {
    assert_true(hdv_playback_do(stage.playback, HDV_SLOWER));
    assert_true(status_of(stage.playback).speed == down[i]);
    assert_int_equal(atomic_load(&control->mode), down[i] < 1 ? HD_MODE_HOLD : HD_MODE_RECORD);
    assert_int_equal(atomic_load(&control->speed), (uint32_t)(down[i] * HD_SPEED_ONE + 0.5));
  }
  assert_false(hdv_playback_do(stage.playback, HDV_SLOWER));
  assert_string_equal(title_of(stage.playback), "step 0 of 0, playing at 0.001 times real time");
  // While it is held, a new speed is only remembered.
  assert_true(hdv_playback_do(stage.playback, HDV_TOGGLE_PAUSE));
  assert_true(hdv_playback_do(stage.playback, HDV_FASTER));
  assert_int_equal(atomic_load(&control->speed), 0);
  strike(&stage);
}

static void looking_back_does_not_touch_the_program_and_end_returns_to_now(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  for (int i = 0; i < 10; i++)
    assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  for (int i = 0; i < 3; i++)
    assert_true(hdv_playback_do(stage.playback, HDV_STEP_BACK));
  struct hdv_status status = status_of(stage.playback);
  assert_true(status.step == 7 && status.steps == 10 && status.behind && status.held);
  assert_string_equal(title_of(stage.playback), "step 7 of 10, looking back, the program is held");
  check_equals_fresh_fold(stage.playback);
  assert_false(hdv_playback_do(stage.playback, HDV_CHOOSE_0)); // not from the past
  assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  assert_int_equal(status_of(stage.playback).step, 8);
  for (int i = 0; i < 2; i++)
    assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  assert_false(status_of(stage.playback).behind); // walked back to now
  hdv_playback_seek(stage.playback, 3);
  assert_true(hdv_playback_do(stage.playback, HDV_END));
  status = status_of(stage.playback);
  assert_true(status.step == 10 && !status.behind);
  // While it runs, one looks at the past and it runs on.
  assert_true(hdv_playback_do(stage.playback, HDV_TOGGLE_PAUSE));
  assert_true(hdv_playback_do(stage.playback, HDV_STEP_BACK));
  (void)hdv_playback_tick(stage.playback, 1 * MS);
  status = status_of(stage.playback);
  assert_true(status.step == 9 && status.steps == 14 && status.behind && !status.held);
  assert_non_null(strstr(title_of(stage.playback), "looking back, the program runs on"));
  assert_true(hdv_playback_do(stage.playback, HDV_END));
  (void)hdv_playback_tick(stage.playback, 2 * MS);
  status = status_of(stage.playback);
  assert_true(status.step == 18 && status.mode == HDV_PLAYING);
  assert_false(hdv_playback_do(stage.playback, HDV_CHOOSE_0)); // not held
  strike(&stage);
}

static void what_a_thread_does_next_is_the_same_now_and_looking_back(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  struct hd_entry now[ACTORS], then;
  for (int i = 0; i < 6; i++)
    assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  for (uint16_t slot = 0; slot < ACTORS; slot++)
    assert_true(hdv_playback_next_of(stage.playback, slot, &now[slot]));
  for (int i = 0; i < 6; i++)
    assert_true(hdv_playback_do(stage.playback, HDV_STEP));
  hdv_playback_seek(stage.playback, 6);
  for (uint16_t slot = 0; slot < ACTORS; slot++) {
    assert_true(hdv_playback_next_of(stage.playback, slot, &then));
    assert_int_equal(then.record.kind, now[slot].record.kind);
    assert_int_equal(then.record.a, now[slot].record.a);
    assert_int_equal(then.record.actor, slot);
  }
  assert_false(hdv_playback_next_of(stage.playback, 77, &then));
  // What it is about to do now is no answer for a step too far back to search all that came between.
  for (int i = 0; i < 5000; i++)
    append(&stage.puppet, (struct hd_entry){.record = {.kind = HD_EV_NOTE, .actor = 3}});
  hdv_playback_seek(stage.playback, 12);
  assert_true(hdv_playback_next_of(stage.playback, 3, &then));
  assert_false(hdv_playback_next_of(stage.playback, 0, &then));
  assert_true(hdv_playback_do(stage.playback, HDV_END));
  assert_true(hdv_playback_next_of(stage.playback, 0, &then));
  strike(&stage);
}

static void a_stage_step_lets_threads_go_until_the_next_stage_begins(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_HOLD, 0);
  for (unsigned number = 1; number <= 2; number++) {
    assert_true(hdv_playback_do(stage.playback, HDV_NEXT_STAGE));
    for (uint64_t frame = 0; frame < 5; frame++)
      (void)hdv_playback_tick(stage.playback, frame * MS);
    struct hd_entry entry;
    assert_true(hdv_playback_event(stage.playback, &entry));
    assert_int_equal(entry.record.kind, HD_EV_STAGE);
    assert_int_equal(entry.record.a, number);
    assert_int_equal(status_of(stage.playback).stage, number);
  }
  assert_non_null(strstr(title_of(stage.playback), ", stage 2 of 2, paused"));
  assert_true(hdv_playback_do(stage.playback, HDV_PREVIOUS_STAGE));
  assert_non_null(strstr(title_of(stage.playback), ", stage 1 of 2, looking back"));
  strike(&stage);
}

static void at_the_end_of_the_program_the_view_stays_and_can_go_back(void **state)
{
  (void)state;
  struct stage stage;
  set_stage(&stage, HD_MODE_RECORD, HD_SPEED_ONE);
  for (uint64_t frame = 0; frame < 20; frame++)
    (void)hdv_playback_tick(stage.playback, frame * MS);
  stage.puppet.ended = true;
  assert_true(hdv_playback_tick(stage.playback, 30 * MS));
  struct hdv_status status = status_of(stage.playback);
  assert_true(status.mode == HDV_FINISHED && !status.live && !status.held && status.step == 13 * ACTORS);
  assert_non_null(strstr(title_of(stage.playback), "finished, PageUp goes back"));
  assert_false(hdv_playback_do(stage.playback, HDV_STEP));
  assert_false(hdv_playback_do(stage.playback, HDV_TOGGLE_PAUSE));
  assert_true(hdv_playback_do(stage.playback, HDV_STEP_BACK));
  assert_int_equal(status_of(stage.playback).mode, HDV_PAUSED);
  assert_false(hdv_playback_tick(stage.playback, 31 * MS) && hdv_playback_tick(stage.playback, 32 * MS));
  strike(&stage);
}

// ---- recordings ----

static hdv_playback *open_recording(const struct story *story, hd_log **log)
{
  hdv_playback *playback;
  *log = story_log(story);
  assert_int_equal(hdv_playback_open(&playback, &(struct hdv_playback_source){.log = *log}), HD_OK);
  return playback;
}

static void close_recording(hdv_playback *playback, hd_log *log)
{
  hdv_playback_close(playback);
  assert_int_equal(hd_log_close(log), HD_OK);
}

static void a_recording_is_walked_in_both_directions(void **state)
{
  (void)state;
  struct story story;
  hd_log *log;
  story_open(&story, 1);
  story_program(&story, 3000, false);
  hdv_playback *playback = open_recording(&story, &log);
  uint64_t steps = hd_log_steps(log);
  assert_int_equal(status_of(playback).mode, HDV_PAUSED);
  assert_false(hdv_playback_do(playback, HDV_STEP_BACK));
  for (int i = 0; i < 400; i++) {
    uint64_t before = status_of(playback).step;
    bool back = story_random(&story, 3) == 0 && before > 0;
    assert_true(hdv_playback_do(playback, back ? HDV_STEP_BACK : HDV_STEP));
    assert_int_equal(status_of(playback).step, back ? before - 1 : before + 1);
    if (i % 20 == 0)
      check_equals_fresh_fold(playback);
  }
  assert_true(hdv_playback_do(playback, HDV_END));
  assert_int_equal(status_of(playback).step, steps);
  assert_int_equal(status_of(playback).mode, HDV_FINISHED);
  assert_true(hdv_playback_do(playback, HDV_HOME));
  assert_int_equal(status_of(playback).step, 0);
  struct hd_entry entry;
  assert_false(hdv_playback_event(playback, &entry));
  close_recording(playback, log);
  story_close(&story);
}

static void grains_step_from_callback_to_callback_and_stage_to_stage(void **state)
{
  (void)state;
  struct story story;
  hd_log *log;
  story_open(&story, 2);
  story_program(&story, 3000, false);
  hdv_playback *playback = open_recording(&story, &log);
  static const unsigned kinds[] = {HD_EV_CALLBACK_BEGAN, HD_EV_STAGE};
  for (int grain = 0; grain < 2; grain++) {
    assert_true(hdv_playback_do(playback, HDV_GRAIN));
    uint64_t there[8];
    struct hd_entry entry;
    for (int i = 0; i < 8; i++) {
      assert_true(hdv_playback_do(playback, HDV_STEP));
      assert_true(hdv_playback_event(playback, &entry));
      assert_int_equal(entry.record.kind, kinds[grain]);
      there[i] = status_of(playback).step;
    }
    for (int i = 7; i-- > 0;) {
      assert_true(hdv_playback_do(playback, HDV_STEP_BACK));
      assert_int_equal(status_of(playback).step, there[i]);
    }
    assert_true(hdv_playback_do(playback, HDV_HOME));
  }
  close_recording(playback, log);
  story_close(&story);
}

// The steps shown when real time has reached each tenth of a second, with so many looks in each.
static void play_with(const struct story *story, unsigned looks, double speed, uint64_t out[10])
{
  hd_log *log;
  hdv_playback *playback = open_recording(story, &log);
  hdv_playback_set_speed(playback, speed);
  assert_true(hdv_playback_do(playback, HDV_TOGGLE_PAUSE));
  uint64_t now = 5000 * (uint64_t)MS;
  (void)hdv_playback_tick(playback, now);
  for (int tenth = 0; tenth < 10; tenth++) {
    for (unsigned look = 0; look < looks; look++)
      (void)hdv_playback_tick(playback, now += 100 * MS / looks);
    out[tenth] = status_of(playback).step;
  }
  close_recording(playback, log);
}

static void playing_goes_by_the_stamps_however_often_one_looks(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 3);
  for (uint32_t i = 0; i < 400; i++) {
    tell(&story, HD_EV_NOTE, 0, 0, 0, 0);
    story.stamp += 3000003 + story_random(&story, 2000000);
  }
  uint64_t once[10], often[10];
  static const double speeds[] = {0.1, 1, 2};
  for (int i = 0; i < 3; i++) {
    play_with(&story, 1, speeds[i], once);
    play_with(&story, 50, speeds[i], often);
    assert_memory_equal(once, often, sizeof once);
    assert_in_range(once[9], (unsigned)(200 * speeds[i]), (unsigned)(270 * speeds[i])); // about 4 ms each
  }
  story_close(&story);
}

static void long_gaps_are_cut_and_the_end_is_the_end(void **state)
{
  (void)state;
  struct story story;
  hd_log *log;
  story_open(&story, 3);
  for (uint32_t i = 0; i < 3; i++) {
    tell(&story, HD_EV_NOTE, 0, 0, 0, 0);
    story.stamp += 3600u * (uint64_t)1000 * MS;
  }
  hdv_playback *playback = open_recording(&story, &log);
  assert_true(hdv_playback_do(playback, HDV_TOGGLE_PAUSE));
  static const struct {
    uint64_t ms, step;
  } looks[] = {{1, 1}, {1900, 1}, {2100, 2}, {3900, 2}, {4100, 3}};
  for (size_t i = 0; i < 5; i++) {
    (void)hdv_playback_tick(playback, looks[i].ms * MS);
    assert_int_equal(status_of(playback).step, looks[i].step);
  }
  assert_int_equal(status_of(playback).mode, HDV_FINISHED);
  assert_true(hdv_playback_do(playback, HDV_HOME));
  hdv_playback_set_speed(playback, INFINITY);
  assert_true(hdv_playback_do(playback, HDV_TOGGLE_PAUSE));
  assert_true(hdv_playback_tick(playback, 4200 * (uint64_t)MS));
  assert_int_equal(status_of(playback).step, 3);
  close_recording(playback, log);
  story_close(&story);
}

// ---- why ----

static void why_leads_to_the_cause(void **state)
{
  (void)state;
  struct story story;
  hd_log *log;
  story_open(&story, 1);
  story_begin(&story);
  size_t steps_before = 0;
  for (size_t i = 0; i < story.count; i++)
    steps_before += hd_entry_is_step(&story.events[i]) != 0;
  // Each with the number (from 1) of the event that caused it, 0 for none.
  static const struct {
    unsigned kind, actor;
    uint32_t object;
    uint64_t a, b;
    unsigned cause;
  } events[] = {
      {HD_EV_TASK_SUBMITTED, 0, 50, POOL, 1, 0},
      {HD_EV_TICK_QUEUED, 0, 60, LOOP, 1, 0},
      {HD_EV_READY, 2, POOL, HD_REASON_TASK, 0, 1},
      {HD_EV_TASK_TAKEN, 2, 50, POOL, 0, 1},
      {HD_EV_CALLBACK_BEGAN, 0, 60, HD_CALLBACK_TICK, LOOP, 2},
      {HD_EV_STORE, 2, VALUE, 0x1000, 4, 0},
      {HD_EV_STORE, 3, VALUE, 0x1004, 4, 0},
      {HD_EV_LOAD, 0, VALUE, 0x1002, 2, 6},
      {HD_EV_SAW, 0, VALUE, 1, 8, 7},
      {HD_EV_STORE, 1, VALUE, 0x1003, 1, 6},
      {HD_EV_CALLBACK_ENDED, 0, 60, HD_CALLBACK_TICK, LOOP, 5},
      {HD_EV_BLOCKED, 0, LOOP, HD_REASON_POLL, 0, 0},
      {HD_EV_TASK_DONE, 2, 50, POOL, 0, 4},
      {HD_EV_READY, 0, LOOP, HD_REASON_POLL, 0, 13},
      {HD_EV_CALLBACK_BEGAN, 0, 50, HD_CALLBACK_TASK, LOOP, 13},
      {HD_EV_LOCK_TAKEN, 1, LOCK, 0, 0, 0},
      {HD_EV_BLOCKED, 3, LOCK, HD_REASON_LOCK, 0, 16},
      {HD_EV_LOCK_GIVEN, 1, LOCK, 0, 0, 0},
      {HD_EV_READY, 3, LOCK, HD_REASON_LOCK, 0, 18},
      {HD_EV_LOCK_TAKEN, 3, LOCK, 0, 0, 18},
      {HD_EV_BLOCKED, 1, 0, HD_REASON_SLEEP, 1000, 0},
      {HD_EV_READY, 1, 0, HD_REASON_SLEEP, 1, 21},
      {HD_EV_BLOCKED, 0, LOOP, HD_REASON_POLL, 0, 0},
      {HD_EV_MESSAGE_POSTED, 4, 70, PORT, 3, 0},
      {HD_EV_READY, 0, LOOP, HD_REASON_POLL, 0, 24},
      {HD_EV_MESSAGE_TAKEN, 0, 70, PORT, 3, 24},
      {HD_EV_TASK_SUBMITTED, 0, 51, POOL, 2, 0},
      {HD_EV_TASK_SUBMITTED, 2, 52, POOL, 3, 0},
      {HD_EV_BLOCKED, 2, POOL, HD_REASON_TASK, 0, 0},
      {HD_EV_READY, 2, POOL, HD_REASON_TASK, 0, 27}, // not what it did itself
  };
  size_t count = sizeof events / sizeof events[0];
  for (size_t i = 0; i < count; i++)
    tell(&story, events[i].kind, events[i].actor, events[i].object, events[i].a, events[i].b);
  hdv_playback *playback = open_recording(&story, &log);
  for (size_t i = 0; i < count; i++) {
    hdv_playback_seek(playback, steps_before + i + 1);
    bool found = hdv_playback_do(playback, HDV_WHY);
    uint64_t cause = found ? status_of(playback).step - steps_before : 0;
    if (cause != events[i].cause)
      fail_msg("event %u (%s): caused by %u, not %u", (unsigned)i + 1, hd_event_info(events[i].kind)->name,
               events[i].cause, (unsigned)cause);
  }
  close_recording(playback, log);
  story_close(&story);
}

// Event number at of the story comes next.
static void check_shown(hdv_playback *playback, const struct story *story, size_t at)
{
  struct hd_entry entry;
  assert_true(hdv_playback_event(playback, &entry));
  for (size_t shown = at; shown-- > 0;)
    if (hd_entry_is_step(&story->events[shown])) {
      assert_memory_equal(&entry.record, &story->events[shown].record, sizeof entry.record);
      break;
    }
  for (uint16_t slot = 0; slot <= WORKERS; slot++) {
    size_t next = at;
    while (next < story->count && (!hd_entry_is_step(&story->events[next]) || story->events[next].record.actor != slot ||
                                   hd_event_info(story->events[next].record.kind)->lane == HD_LANE_META))
      next++;
    assert_true(hdv_playback_next_of(playback, slot, &entry));
    assert_memory_equal(&entry.record, &story->events[next].record, sizeof entry.record);
    assert_int_equal(entry.text_size, story->events[next].text_size);
    if (entry.text_size > 0)
      assert_memory_equal(entry.text, story->events[next].text, entry.text_size);
  }
}

static void the_event_shown_and_the_next_one_of_a_thread_come_from_the_log(void **state)
{
  (void)state;
  struct story story;
  hd_log *log;
  story_open(&story, 4);
  story_program(&story, 2000, false);
  hdv_playback *playback = open_recording(&story, &log);
  size_t at = 0;
  uint64_t step = 0;
  for (uint64_t wanted = 200; wanted < 260; wanted++) {
    for (; at < story.count && step < wanted; at++)
      step += hd_entry_is_step(&story.events[at]) != 0;
    hdv_playback_seek(playback, step);
    check_shown(playback, &story, at);
  }
  close_recording(playback, log);
  story_close(&story);
}

static void garbage_is_walked_without_harm(void **state)
{
  (void)state;
  struct story story;
  hd_log *log;
  story_open(&story, 6);
  story_garbage(&story, 5000);
  hdv_playback *playback = open_recording(&story, &log);
  char title[64];
  for (int i = 0; i < 2000; i++) {
    struct hd_entry entry;
    (void)hdv_playback_do(playback, (enum hdv_command)story_random(&story, HDV_COMMANDS + 2));
    (void)hdv_playback_tick(playback, (uint64_t)i * 33 * MS);
    if (i % 16 == 0)
      hdv_playback_seek(playback, story_random(&story, 6000));
    (void)hdv_playback_event(playback, &entry);
    (void)hdv_playback_next_of(playback, (uint16_t)story_random(&story, 300), &entry);
    assert_true(hdv_playback_title(playback, title, sizeof title) < sizeof title);
  }
  check_equals_fresh_fold(playback);
  close_recording(playback, log);
  story_close(&story);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(one_press_is_one_step_of_the_longest_held_thread),
      UNIT(a_digit_lets_exactly_that_thread_go),
      UNIT(a_computing_thread_is_waited_for_and_presses_meanwhile_are_counted),
      UNIT(what_the_program_prints_is_a_step_of_its_own),
      UNIT(only_one_thread_is_on_its_way_at_a_time),
      UNIT(when_nobody_can_go_a_press_does_nothing),
      UNIT(a_press_that_nobody_can_follow_is_dropped_after_a_while),
      UNIT(pausing_holds_the_program_and_playing_lets_it_run),
      UNIT(stragglers_of_a_pause_are_shown_but_later_events_wait_for_a_press),
      UNIT(names_given_while_everything_is_held_are_known_at_once),
      UNIT(speeds_go_in_the_listed_steps_and_steer_the_program),
      UNIT(looking_back_does_not_touch_the_program_and_end_returns_to_now),
      UNIT(what_a_thread_does_next_is_the_same_now_and_looking_back),
      UNIT(a_stage_step_lets_threads_go_until_the_next_stage_begins),
      UNIT(at_the_end_of_the_program_the_view_stays_and_can_go_back),
      UNIT(a_recording_is_walked_in_both_directions),
      UNIT(grains_step_from_callback_to_callback_and_stage_to_stage),
      UNIT(playing_goes_by_the_stamps_however_often_one_looks),
      UNIT(long_gaps_are_cut_and_the_end_is_the_end),
      UNIT(why_leads_to_the_cause),
      UNIT(the_event_shown_and_the_next_one_of_a_thread_come_from_the_log),
      UNIT(garbage_is_walked_without_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
