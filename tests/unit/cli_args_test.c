// The command line: flags before and after the verb, values of every kind, and what is refused.
#include "unit.h"

#include "base/error.h"
#include "cli/args.h"
#include "cli/near.h"

#include <math.h>
#include <string.h>

static struct hd_args args;

// Parses "heddle" and the words of line, which are parted by single blanks.
static int parse(const char *line)
{
  static char copy[512];
  static char *argv[32];
  int argc = 0;
  argv[argc++] = copy;
  (void)strcpy(copy, "heddle ");
  (void)strcat(copy, line);
  for (char *at = copy; *at; at++)
    if (*at == ' ' && at[1] != '\0') {
      *at = '\0';
      argv[argc++] = at + 1;
    }
  argv[argc] = NULL;
  return hd_args_parse(&args, argc, argv);
}

static void flags_stand_before_or_after_the_verb(void **state)
{
  (void)state;
  static const char *const lines[] = {"run 21 --speed 0.5 --plain", "--speed 0.5 --plain run 21",
                                      "--plain run --speed=0.5 21", "--speed 0.5 run --plain 21"};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    assert_int_equal(parse(lines[i]), HD_OK);
    assert_string_equal(args.command->verb, "run");
    assert_int_equal(args.word_count, 1);
    assert_string_equal(args.words[0], "21");
    assert_true(hd_args_has(&args, HD_FLAG_PLAIN));
    assert_true(args.number[HD_FLAG_SPEED] == 0.5);
  }
}

static void what_stands_behind_two_dashes_is_the_lessons(void **state)
{
  (void)state;
  assert_int_equal(parse("run 21 -- --speed fast 3"), HD_OK);
  assert_int_equal(args.rest_count, 3);
  assert_string_equal(args.rest[0], "--speed");
  assert_false(hd_args_has(&args, HD_FLAG_SPEED));
  assert_int_equal(parse("run 21 --"), HD_OK);
  assert_non_null(args.rest);
  assert_int_equal(args.rest_count, 0);
  assert_int_equal(parse("run 21"), HD_OK);
  assert_null(args.rest);
}

static void max_is_a_speed_without_end(void **state)
{
  (void)state;
  assert_int_equal(parse("run 21 --speed max"), HD_OK);
  assert_true(isinf(args.number[HD_FLAG_SPEED]));
}

static void a_choice_is_told_by_its_place(void **state)
{
  (void)state;
  assert_int_equal(parse("run 21 --theme contrast"), HD_OK);
  assert_int_equal(hd_args_choice(&args, HD_FLAG_THEME, 7), 2);
  assert_int_equal(hd_args_choice(&args, HD_FLAG_COLOR, 7), 7);
  assert_int_equal(parse("run 21 --theme contras"), HD_EINVAL);
  assert_int_equal(parse("run 21 --theme dark|light"), HD_EINVAL);
}

static void numbers_outside_their_range_are_refused(void **state)
{
  (void)state;
  static const char *const lines[] = {"run 21 --speed 1001", "run 21 --speed 0x1",
                                      "run 21 --speed inf",  "run 21 --speed 1e400",
                                      "run 21 --times 1.5",  "run 21 --times 99999999999999999999",
                                      "run 21 --fps 0",      "run 21 --seed -1",
                                      "replay --at 1e99",    "run 21 --seed 4294967296"};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    assert_int_equal(parse(lines[i]), HD_EINVAL);
    assert_true(args.problem[0] != '\0');
    assert_null(strchr(args.problem, '\n'));
  }
  assert_int_equal(parse("run 21 --seed 4294967295"), HD_OK);
}

static void every_flag_of_the_table_is_taken_by_some_verb(void **state)
{
  (void)state;
  for (int flag = 0; flag < HD_FLAGS; flag++) {
    int takers = 0;
    const struct hd_command *command;
    for (size_t i = 0; (command = hd_command_at(i)) != NULL; i++)
      takers += hd_command_takes(command, (enum hd_flag)flag);
    assert_true(takers > 0 || flag == HD_FLAG_VERSION);
  }
}

static void very_long_words_do_no_harm(void **state)
{
  (void)state;
  static char word[100000], flag[100002];
  memset(word, 'x', sizeof word - 1);
  (void)strcpy(flag, "--");
  (void)strcat(flag, word);
  char name[] = "heddle", verb[] = "run", value[] = "--theme";
  char *as_verb[] = {name, word, NULL}, *as_flag[] = {name, flag, NULL},
       *as_value[] = {name, verb, value, word, NULL};
  assert_int_equal(hd_args_parse(&args, 2, as_verb), HD_EINVAL);
  assert_int_equal(hd_args_parse(&args, 2, as_flag), HD_EINVAL);
  assert_int_equal(hd_args_parse(&args, 4, as_value), HD_EINVAL);
  assert_true(strlen(args.problem) < sizeof args.problem);
}

static void distance_counts_the_letters_that_differ(void **state)
{
  (void)state;
  assert_int_equal(hd_near_distance("run", "run"), 0);
  assert_int_equal(hd_near_distance("run", "rnu"), 1); // two letters swapped
  assert_int_equal(hd_near_distance("run", "runs"), 1);
  assert_int_equal(hd_near_distance("run", "un"), 1);
  assert_int_equal(hd_near_distance("run", "rum"), 1);
  assert_int_equal(hd_near_distance("", "run"), 3);
  assert_int_equal(hd_near_distance("kitten", "sitting"), 3);
}

static void the_nearest_names_come_best_first(void **state)
{
  (void)state;
  struct hd_near near = hd_near_to("replya");
  static const char *const names[] = {"run", "check", "replay", "repeat", "list"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    hd_near_try(&near, names[i]);
  assert_int_equal(near.count, HD_NEAR_KEPT);
  assert_string_equal(hd_near_best(&near), "replay");
  assert_string_equal(near.names[1], "repeat");
  near = hd_near_to("zzzzzz");
  hd_near_try(&near, "run");
  assert_null(hd_near_best(&near));
  assert_string_equal(hd_near_closest(&near), "run");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(flags_stand_before_or_after_the_verb),
      UNIT(what_stands_behind_two_dashes_is_the_lessons),
      UNIT(max_is_a_speed_without_end),
      UNIT(a_choice_is_told_by_its_place),
      UNIT(numbers_outside_their_range_are_refused),
      UNIT(every_flag_of_the_table_is_taken_by_some_verb),
      UNIT(very_long_words_do_no_harm),
      UNIT(distance_counts_the_letters_that_differ),
      UNIT(the_nearest_names_come_best_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
