// The rules of the gate (a program's threads, held and let go by a viewer), one test for each.
#include "rig.h"

#include "base/lock.h"
#include "step/lesson.h"
#include "step/park.h"

static const struct hd_live_opts off = {.managed = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_OFF};
static const struct hd_live_opts record = {.managed = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_RECORD};
static const struct hd_live_opts hold = {.managed = true, .speed = 0, .mode = HD_MODE_HOLD, .places = true};

// ---- programs ----

static void three_notes(struct rig_shared *shared)
{
  for (uint64_t i = 1; i <= 3; i++) {
    hd_note("note %u", (unsigned)i);
    rig_say(shared, 0, i);
  }
}

static void a_quiet_event_between(struct rig_shared *shared)
{
  hd_note("before");
  hd_point_name(77, "a name");
  rig_say(shared, 0, 1);
  hd_note("after");
}

static void *two_notes(void *arg)
{
  struct rig_shared *shared = arg;
  for (int i = 0; i < 2; i++) {
    hd_note("mine");
    const uint64_t turn = atomic_fetch_add(&shared->word[0], 1);
    rig_say(shared, 1 + (unsigned)turn, hd_thread_object(NULL));
  }
  return NULL;
}

static void two_threads(struct rig_shared *shared)
{
  hd_thread *a, *b;
  RIG_CHECK(hd_thread_start(&a, two_notes, shared,
                            &(struct hd_thread_opts){.role = HD_ROLE_THREAD, .name = "a"}) == HD_OK);
  RIG_CHECK(hd_thread_start(&b, two_notes, shared,
                            &(struct hd_thread_opts){.role = HD_ROLE_THREAD, .name = "b"}) == HD_OK);
  hd_thread_join(a, NULL);
  hd_thread_join(b, NULL);
}

static void computes_between_two_notes(struct rig_shared *shared)
{
  hd_note("first");
  rig_say(shared, 0, 1);
  rig_spin_until(shared, 1);
  hd_note("second");
}

static void a_natural_phase(struct rig_shared *shared)
{
  hd_points_off();
  hd_note("unheard");
  hd_tally("torn", 3, 10);
  rig_say(shared, 0, 1);
  rig_spin_until(shared, 1);
  hd_points_on();
  hd_note("heard");
}

static void *notes_alone(void *arg)
{
  struct rig_shared *shared = arg;
  hd_note("held");
  rig_say(shared, 0, 1);
  return NULL;
}

static void switches_the_points_off_beside_a_held_thread(struct rig_shared *shared)
{
  hd_thread *thread;
  RIG_CHECK(hd_thread_start(&thread, notes_alone, shared, NULL) == HD_OK);
  rig_spin_until(shared, 1);
  hd_points_off();
  hd_thread_join(thread, NULL);
}

static void passes_a_point_under_a_lock(struct rig_shared *shared)
{
  (void)shared;
  hd_lock lock = HD_LOCK_INIT;
  (void)freopen("/dev/null", "w", stderr);
  hd_lock_take(&lock);
  hd_note("never");
  hd_lock_give(&lock);
}

// ---- tests ----

static void nothing_is_recorded_while_the_mode_is_off(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &off, three_notes);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 3);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_NOTE), 0);
  assert_int_equal(rig_end(&rig), 0);
}

static void every_step_is_recorded_and_none_held_in_record_mode(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &record, three_notes);
  rig_await(&rig, rig_ended, 0);
  struct rig_event events[16];
  assert_int_equal(rig_events(&rig, 0, events, 16), 5);
  assert_int_equal(events[0].kind, HD_EV_NAME);
  assert_string_equal(events[0].text, "main");
  assert_int_equal(events[1].kind, HD_EV_THREAD_STARTED);
  assert_int_equal(events[1].a, HD_ROLE_MAIN);
  assert_int_equal(events[2].kind, HD_EV_NOTE);
  assert_string_equal(events[4].text, "note 3");
  assert_int_equal(rig_end(&rig), 0);
}

static void a_held_thread_shows_the_step_it_is_about_to_take(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, three_notes);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  struct hd_pending pending;
  assert_true(hd_control_pending(rig.control, 0, &pending));
  assert_int_equal(pending.text_size, 6);
  assert_memory_equal(pending.text, "note 1", 6);
  assert_true(pending.place != 0);
  assert_int_equal(rig_hear(rig.shared, 0), 0);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void no_step_is_in_the_ring_before_it_was_let_go(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, three_notes);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  for (unsigned i = 0; i < 3; i++) {
    rig_await(&rig, rig_is_held, 0);
    assert_int_equal(rig_recorded(&rig, 0, HD_EV_NOTE), i);
    assert_true(hd_control_grant(rig.control, 0));
  }
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_NOTE), 3);
  assert_int_equal(rig_end(&rig), 0);
}

static void one_grant_lets_exactly_one_step_pass(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, three_notes);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  for (unsigned i = 1; i <= 2; i++) {
    assert_true(hd_control_grant(rig.control, 0));
    rig_await(&rig, rig_is_held, 0);
    assert_int_equal(rig_hear(rig.shared, 0), i);
  }
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void quiet_events_are_never_held(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, a_quiet_event_between);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  assert_true(hd_control_grant(rig.control, 0));
  rig_await(&rig, rig_is_said, 0);
  assert_int_equal(rig_pending(&rig, 0), HD_EV_NOTE);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_NAME), 2);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

// Steps main until both threads are held at their first note and main is blocked in its join.
static void bring_two_threads_to_their_notes(struct rig *rig)
{
  while (!rig_is_blocked(rig, 0)) {
    const bool main_is_held = rig_is_held(rig, 0);
    if (main_is_held)
      assert_true(hd_control_grant(rig->control, 0));
    hd_control_await(rig->control, &rig->seen, 2000000);
  }
  rig_step_to(rig, 1, HD_EV_NOTE);
  rig_step_to(rig, 2, HD_EV_NOTE);
}

static void the_viewer_chooses_which_thread_goes_next(void **state)
{
  (void)state;
  static const unsigned orders[3][4] = {{1, 1, 2, 2}, {2, 1, 2, 1}, {2, 2, 1, 1}};
  for (int o = 0; o < 3; o++) {
    struct rig rig;
    rig_start(&rig, &hold, two_threads);
    bring_two_threads_to_their_notes(&rig);
    for (unsigned i = 0; i < 4; i++) {
      const unsigned slot = orders[o][i];
      rig_await(&rig, rig_is_held, slot);
      assert_true(hd_control_grant(rig.control, slot));
      rig_await(&rig, rig_is_said, 1 + i);
      assert_int_equal(rig_hear(rig.shared, 1 + i), rig.control->slots[slot].object);
    }
    rig_let_all_go(&rig);
    assert_int_equal(rig_end(&rig), 0);
  }
}

static void stepping_one_thread_leaves_the_others_where_they_are(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, two_threads);
  bring_two_threads_to_their_notes(&rig);
  rig_step_to(&rig, 1, HD_EV_THREAD_ENDED);
  assert_int_equal(rig_hear(rig.shared, 0), 2);
  assert_int_equal(rig_pending(&rig, 2), HD_EV_NOTE);
  assert_int_equal(rig_recorded(&rig, 2, HD_EV_NOTE), 0);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void the_longest_held_thread_is_the_next(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, two_threads);
  bring_two_threads_to_their_notes(&rig); // 1 arrived at its note before 2
  assert_int_equal(hd_control_next(rig.control), 1);
  assert_true(hd_control_grant(rig.control, 1));
  rig_await(&rig, rig_is_held, 1);
  assert_int_equal(hd_control_next(rig.control), 2);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void a_computing_thread_is_not_settled_until_it_arrives(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, computes_between_two_notes);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  assert_true(hd_control_settled(rig.control));
  assert_true(hd_control_grant(rig.control, 0));
  rig_await(&rig, rig_is_said, 0);
  assert_false(hd_control_settled(rig.control));
  assert_false(hd_control_grant(rig.control, 0));
  rig_say(rig.shared, 1, 1);
  rig_await(&rig, rig_is_held, 0);
  assert_true(hd_control_settled(rig.control));
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void leaving_hold_mode_lets_everybody_go(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, two_threads);
  bring_two_threads_to_their_notes(&rig);
  hd_control_set_mode(rig.control, HD_MODE_OFF);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 4);
  assert_int_equal(rig_end(&rig), 0);
}

static void a_grant_that_came_too_late_does_not_pass_the_next_step(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, computes_between_two_notes);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  hd_control_set_mode(rig.control, HD_MODE_RECORD);
  rig_await(&rig, rig_is_said, 0);
  atomic_fetch_add(&rig.control->slots[0].granted, 1); // what a viewer does that looked a moment earlier
  hd_control_set_mode(rig.control, HD_MODE_HOLD);
  rig_say(rig.shared, 1, 1);
  rig_await(&rig, rig_is_held, 0);
  assert_int_equal(rig_pending(&rig, 0), HD_EV_NOTE);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void with_a_speed_held_threads_let_themselves_go(void **state)
{
  (void)state;
  struct rig rig;
  struct hd_live_opts slow = hold;
  slow.speed = HD_SPEED_ONE / 100; // a step takes 10 ms
  const uint64_t began = hd_os_now();
  rig_start(&rig, &slow, three_notes);
  rig_await(&rig, rig_ended, 0);
  assert_true(hd_os_now() - began >= 4 * HD_STEP_MODEL_NS * 100);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_NOTE), 3);
  assert_int_equal(rig_end(&rig), 0);
}

static void while_the_points_are_off_only_tallies_are_recorded(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, a_natural_phase);
  rig_await(&rig, rig_is_said, 0);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_NOTE), 0);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_TALLY), 1);
  rig_say(rig.shared, 1, 1);
  rig_step_to(&rig, 0, HD_EV_NOTE); // behind THREAD_STARTED, which the phase kept back
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_THREAD_STARTED), 1);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void switching_the_points_off_lets_held_threads_go(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &hold, switches_the_points_off_beside_a_held_thread);
  rig_step_to(&rig, 0, HD_EV_THREAD_CREATED);
  assert_true(hd_control_grant(rig.control, 0));
  rig_step_to(&rig, 1, HD_EV_NOTE);
  rig_say(rig.shared, 1, 1);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 1);
  assert_int_equal(rig_end(&rig), 0);
}

static void a_point_under_a_runtime_lock_aborts_a_debug_build(void **state)
{
  (void)state;
#ifdef NDEBUG
  skip();
#endif
  struct rig rig;
  rig_start(&rig, &record, passes_a_point_under_a_lock);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_end(&rig), -SIGABRT);
}

// ---- the viewer's death ----

static pid_t start_viewer(struct rig *rig)
{
  const pid_t viewer = fork();
  assert_true(viewer >= 0);
  if (viewer == 0) {
    struct hd_live *live;
    RIG_CHECK(hd_live_open(&live, rig->path) == HD_OK);
    RIG_CHECK(hd_live_lock(live) == HD_OK);
    rig_say(rig->shared, 15, 1);
    for (;;)
      (void)pause();
  }
  rig_await(rig, rig_is_said, 15);
  return viewer;
}

static void says_when_it_goes_on(struct rig_shared *shared)
{
  hd_note("held");
  rig_say(shared, 0, hd_os_now());
}

static void a_killed_viewer_releases_the_program_within_a_second(void **state)
{
  (void)state;
  struct rig rig;
  rig_make(&rig, &hold);
  const pid_t viewer = start_viewer(&rig);
  rig_run(&rig, says_when_it_goes_on);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  const uint64_t killed = hd_os_now();
  assert_int_equal(kill(viewer, SIGKILL), 0);
  assert_int_equal(waitpid(viewer, NULL, 0), viewer);
  rig_await(&rig, rig_ended, 0);
  assert_in_range(rig_hear(rig.shared, 0) - killed, 0, 1000000000);
  assert_int_equal(atomic_load(&rig.control->mode), HD_MODE_RECORD);
  assert_int_equal(rig_end(&rig), 0);
}

static void a_stopped_viewer_keeps_the_program_held(void **state)
{
  (void)state;
  struct rig rig;
  rig_make(&rig, &hold);
  const pid_t viewer = start_viewer(&rig);
  rig_run(&rig, says_when_it_goes_on);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  assert_int_equal(kill(viewer, SIGSTOP), 0);
  assert_int_equal(waitpid(viewer, NULL, WUNTRACED), viewer);
  // Longer than the program waits between two looks at its viewer: nothing may change in that time.
  uint32_t seen = atomic_load(&rig.control->arrivals);
  const uint32_t before = seen;
  hd_control_await(rig.control, &seen, 1000000000);
  assert_int_equal(seen, before);
  assert_true(rig_is_held(&rig, 0));
  assert_int_equal(kill(viewer, SIGKILL), 0);
  assert_int_equal(waitpid(viewer, NULL, 0), viewer);
  assert_int_equal(rig_end(&rig), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(nothing_is_recorded_while_the_mode_is_off),
      UNIT(every_step_is_recorded_and_none_held_in_record_mode),
      UNIT(a_held_thread_shows_the_step_it_is_about_to_take),
      UNIT(no_step_is_in_the_ring_before_it_was_let_go),
      UNIT(one_grant_lets_exactly_one_step_pass),
      UNIT(quiet_events_are_never_held),
      UNIT(the_viewer_chooses_which_thread_goes_next),
      UNIT(stepping_one_thread_leaves_the_others_where_they_are),
      UNIT(the_longest_held_thread_is_the_next),
      UNIT(a_computing_thread_is_not_settled_until_it_arrives),
      UNIT(leaving_hold_mode_lets_everybody_go),
      UNIT(a_grant_that_came_too_late_does_not_pass_the_next_step),
      UNIT(with_a_speed_held_threads_let_themselves_go),
      UNIT(while_the_points_are_off_only_tallies_are_recorded),
      UNIT(switching_the_points_off_lets_held_threads_go),
      UNIT(a_point_under_a_runtime_lock_aborts_a_debug_build),
      UNIT(a_killed_viewer_releases_the_program_within_a_second),
      UNIT(a_stopped_viewer_keeps_the_program_held),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
