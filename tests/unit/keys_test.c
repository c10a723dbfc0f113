// The key map: what every key means, in both modes, and that help tells of it.
#include "unit.h"

#include "playback/keys.h"

#include <string.h>

static void check_command(int key, bool presenter, enum hdv_command command)
{
  struct hdv_binding binding = hdv_key_binding(key, presenter);
  assert_int_equal(binding.action, HDV_DO_COMMAND);
  assert_int_equal(binding.command, command);
}

static void clickers_step_and_while_presenting_go_by_stages(void **state)
{
  (void)state;
  check_command(HDV_KEY_PAGE_DOWN, false, HDV_STEP);
  check_command(HDV_KEY_PAGE_UP, false, HDV_STEP_BACK);
  check_command(HDV_KEY_PAGE_DOWN, true, HDV_NEXT_STAGE);
  check_command(HDV_KEY_PAGE_UP, true, HDV_PREVIOUS_STAGE);
  check_command('.', false, HDV_STEP);
  assert_int_equal(hdv_key_binding('.', true).action, HDV_DO_BLANK);
}

static void escape_never_does_anything(void **state)
{
  (void)state;
  assert_int_equal(hdv_key_binding(HDV_KEY_ESC, false).action, HDV_DO_NOTHING);
  assert_int_equal(hdv_key_binding(HDV_KEY_ESC, true).action, HDV_DO_NOTHING);
}

static void digits_choose_and_with_shift_highlight(void **state)
{
  (void)state;
  static const char shifted[] = ")!@#$%^&*";
  for (int digit = 0; digit <= 8; digit++) {
    check_command('0' + digit, false, (enum hdv_command)(HDV_CHOOSE_0 + digit));
    struct hdv_binding binding = hdv_key_binding(shifted[digit], false);
    assert_int_equal(binding.action, HDV_DO_HIGHLIGHT);
    assert_int_equal(binding.number, digit);
  }
}

static void every_command_has_a_key(void **state)
{
  (void)state;
  for (int command = HDV_NOTHING + 1; command < HDV_COMMANDS; command++) {
    bool found = false;
    for (int key = 1; key <= HDV_KEY_BACKSPACE; key = key == 0x7f ? HDV_KEY_PAGE_DOWN : key + 1) {
      struct hdv_binding binding = hdv_key_binding(key, false);
      found |= binding.action == HDV_DO_COMMAND && binding.command == (enum hdv_command)command;
    }
    if (!found)
      fail_msg("command %d has no key", command);
  }
}

static void help_has_a_line_for_every_group_and_ends(void **state)
{
  (void)state;
  size_t lines = 0;
  while (hdv_key_help(lines) != NULL) {
    assert_true(strlen(hdv_key_help(lines)) < 76);
    lines++;
  }
  assert_in_range(lines, 15, 22); // fits a small terminal
  assert_null(hdv_key_help(lines + 100));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(clickers_step_and_while_presenting_go_by_stages), UNIT(escape_never_does_anything),
      UNIT(digits_choose_and_with_shift_highlight),          UNIT(every_command_has_a_key),
      UNIT(help_has_a_line_for_every_group_and_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
