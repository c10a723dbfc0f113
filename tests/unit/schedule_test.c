// Schedules as strings: what is printed is read back, and what is no schedule is refused.
#include "unit.h"

#include "base/error.h"
#include "step/schedule.h"

#include <string.h>

static void runs_are_counted(void **state)
{
  (void)state;
  const uint16_t steps[] = {2, 2, 2, 1, 65535, 65535};
  char out[32];
  assert_int_equal(hd_schedule_print(out, sizeof out, steps, 6), strlen("2x3 1 65535x2"));
  assert_string_equal(out, "2x3 1 65535x2");
  assert_int_equal(hd_schedule_print(out, sizeof out, steps, 0), 0);
  assert_string_equal(out, "");
}

static void a_buffer_too_small_is_refused(void **state)
{
  (void)state;
  const uint16_t steps[] = {2, 2, 2, 1};
  char out[8];
  assert_int_equal(hd_schedule_print(out, 6, steps, 4), 5);
  assert_int_equal(hd_schedule_print(out, 5, steps, 4), HD_EFULL);
  assert_int_equal(hd_schedule_print(out, 0, steps, 4), HD_EFULL);
}

static void singles_and_runs_are_read(void **state)
{
  (void)state;
  static const uint16_t expected[] = {1, 1, 2, 2, 1};
  uint16_t steps[5];
  assert_int_equal(hd_schedule_parse(steps, 5, "1 1 2 2 1"), 5);
  assert_memory_equal(steps, expected, sizeof expected);
  assert_int_equal(hd_schedule_parse(steps, 5, "  1x2 2x2  1 "), 5);
  assert_memory_equal(steps, expected, sizeof expected);
  assert_int_equal(hd_schedule_parse(steps, 5, ""), 0);
}

static void what_is_no_schedule_is_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "a", "1x", "x2", "1x0", "-1", "1,2", "65536", "1 2b", "1x2x3", "1x99999999999999999999", "1\t2"};
  uint16_t steps[16];
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(hd_schedule_parse(steps, 16, bad[i]), HD_EINVAL);
}

static void a_schedule_longer_than_its_room_is_refused(void **state)
{
  (void)state;
  uint16_t steps[4];
  assert_int_equal(hd_schedule_parse(steps, 4, "1x5"), HD_EFULL);
  assert_int_equal(hd_schedule_parse(steps, 4, "1 1 1 1 1"), HD_EFULL);
  assert_int_equal(hd_schedule_parse(steps, 4, "1x2147483647"), HD_EFULL);
  assert_int_equal(hd_schedule_parse(steps, 4, "1x4"), 4);
}

static void what_is_printed_is_read_back(void **state)
{
  (void)state;
  uint16_t steps[200], back[200];
  char out[1200];
  uint32_t seed = 1;
  for (int round = 0; round < 200; round++) {
    for (int i = 0; i < 200; i++) {
      seed = seed * 1664525u + 1013904223u;
      steps[i] = (uint16_t)(seed >> 30);
    }
    assert_true(hd_schedule_print(out, sizeof out, steps, 200) > 0);
    assert_int_equal(hd_schedule_parse(back, 200, out), 200);
    assert_memory_equal(steps, back, sizeof steps);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(runs_are_counted),
      UNIT(a_buffer_too_small_is_refused),
      UNIT(singles_and_runs_are_read),
      UNIT(what_is_no_schedule_is_refused),
      UNIT(a_schedule_longer_than_its_room_is_refused),
      UNIT(what_is_printed_is_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
