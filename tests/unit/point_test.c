// The point itself: where in the source it says it is, and that switching points off nests.
#include "rig.h"

static const struct hd_live_opts running = {
    .managed = true, .places = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_RECORD};
static const struct hd_live_opts placeless = {.managed = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_RECORD};

static hd_noinline void the_function_with_a_point(void)
{
  hd_point(HD_EV_NOTE, 5, 6, 7);
}

static void passes_a_point(struct rig_shared *shared)
{
  the_function_with_a_point();
  rig_say(shared, 0, (uint64_t)(uintptr_t)the_function_with_a_point);
}

static struct rig_event the_note(struct rig *rig)
{
  static struct rig_event events[8];
  const size_t count = rig_events(rig, 0, events, 8);
  assert_int_equal(count, 3);
  assert_int_equal(events[2].kind, HD_EV_NOTE);
  return events[2];
}

static void a_point_carries_its_numbers_and_its_place(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &running, passes_a_point);
  rig_await(&rig, rig_ended, 0);
  const struct rig_event note = the_note(&rig);
  assert_true(note.object == 5 && note.a == 6 && note.b == 7);
  const uint64_t function = rig_hear(rig.shared, 0);
  assert_in_range(note.place, function, function + 4096);
  assert_int_equal(rig_end(&rig), 0);
}

static void places_are_left_out_when_nobody_wants_them(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &placeless, passes_a_point);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(the_note(&rig).place, 0);
  assert_int_equal(rig_end(&rig), 0);
}

static void nests_off_and_on(struct rig_shared *shared)
{
  hd_points_off();
  hd_points_off();
  hd_point(HD_EV_NOTE, 0, 1, 0);
  hd_points_on();
  hd_point(HD_EV_NOTE, 0, 2, 0);
  RIG_CHECK(!hd_point_on());
  hd_points_on();
  RIG_CHECK(hd_point_on());
  hd_point(HD_EV_NOTE, 0, 3, 0);
  rig_say(shared, 0, 1);
}

static void switching_off_nests(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &running, nests_off_and_on);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(the_note(&rig).a, 3);
  assert_int_equal(rig_end(&rig), 0);
}

static void a_point_of_a_program_nobody_watches_is_off(void **state)
{
  (void)state;
  assert_false(hd_point_on());
  the_function_with_a_point();
  hd_point_name(7, "nobody %d", 7);
  hd_points_off();
  hd_points_on();
  assert_false(hd_point_on());
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(a_point_of_a_program_nobody_watches_is_off),
      UNIT(a_point_carries_its_numbers_and_its_place),
      UNIT(places_are_left_out_when_nobody_wants_them),
      UNIT(switching_off_nests),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
