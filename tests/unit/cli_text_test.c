// The small readers and writers of texts: conditions of predictions, hints, test results, lesson texts, lines
// of output.
#include "unit.h"

#include "base/error.h"
#include "cli/hints.h"
#include "cli/markdown.h"
#include "cli/output.h"
#include "cli/predict.h"
#include "cli/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fits(const char *condition, int64_t value)
{
  bool answer = false;
  assert_int_equal(hd_predict_fits(condition, value, &answer), HD_OK);
  return answer;
}

static void a_condition_compares_with_a_number(void **state)
{
  (void)state;
  assert_true(fits(">0", 1));
  assert_false(fits(">0", 0));
  assert_true(fits("=0", 0));
  assert_true(fits("==0", 0));
  assert_true(fits("7", 7));
  assert_false(fits("7", 8));
  assert_true(fits("!=3", 4));
  assert_true(fits(">=3", 3));
  assert_true(fits("<=3", 3));
  assert_false(fits("<3", 3));
  assert_true(fits(" > -2 ", -1));
}

static void what_is_no_condition_is_refused(void **state)
{
  (void)state;
  bool answer;
  static const char *const wrong[] = {"", ">", "some", ">0 or 3", "=>1", "> 99999999999999999999"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_int_equal(hd_predict_fits(wrong[i], 0, &answer), HD_EFORMAT);
}

static void hints_are_the_sections_of_that_name(void **state)
{
  (void)state;
  static const char text[] =
      "# Hints\n\nfirst words\n\n## Hint 1\n\nLook.\nAgain.\n\n## Hint 2\n\n\n## Hint 3\nThe end";
  size_t size;
  assert_int_equal(hd_hints_count(text), 3);
  assert_memory_equal(hd_hints_at(text, 1, &size), "Look.\nAgain.", 12);
  assert_int_equal(size, 12);
  (void)hd_hints_at(text, 2, &size);
  assert_int_equal(size, 0);
  assert_memory_equal(hd_hints_at(text, 3, &size), "The end", 7);
  assert_int_equal(size, 7);
  (void)hd_hints_at(text, 9, &size);
  assert_int_equal(size, 0);
  assert_int_equal(hd_hints_count("## Hin"), 0);
}

static void test_results_are_told_as_sentences(void **state)
{
  (void)state;
  const char *text =
      "1..4\nnoise\nok 1 - it_works\nnot ok 2 - it_fails\n# 0x1 != 0x2\n# x.c:4: error: Failure!\n"
      "not ok 3 # SKIP it_waits\nok 4 - the_last\n# not ok - group\n";
  struct hd_tap_test test;
  assert_int_equal(hd_tap_planned(text), 4);
  assert_true(hd_tap_next(&text, &test));
  assert_string_equal(test.name, "it works");
  assert_true(test.passed);
  assert_null(test.message);
  assert_true(hd_tap_next(&text, &test));
  assert_string_equal(test.name, "it fails");
  assert_false(test.passed);
  assert_int_equal(test.message_size, strlen("# 0x1 != 0x2\n# x.c:4: error: Failure!\n"));
  assert_true(hd_tap_next(&text, &test));
  assert_true(test.skipped);
  assert_string_equal(test.name, "it waits");
  assert_true(hd_tap_next(&text, &test));
  assert_null(test.message);
  assert_false(hd_tap_next(&text, &test));
  assert_int_equal(hd_tap_planned("ok"), 0);
}

static void a_lesson_text_is_wrapped_and_plain(void **state)
{
  (void)state;
  static const char text[] = "# A *title*\n\nSome words that are `longer` than the line.\n\n- one\n- two "
                             "words here and more\n\n```c\nint x;\nint y;\n```\nend\n";
  char *out = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&out, &size);
  assert_non_null(to);
  assert_int_equal(hd_markdown_print(text, sizeof text - 1, 20, to), HD_OK);
  (void)fclose(to);
  assert_string_equal(
      out,
      "== A title\n\nSome words that are\nlonger than the\nline.\n\n- one\n- two words here and\n  more\n\n"
      "    int x;\n    int y;\n\nend\n");
  free(out);
}

struct lines {
  char text[256];
  int count, refuse_at;
};

static int take_line(void *context, int stream, const char *text, size_t size)
{
  struct lines *lines = context;
  if (++lines->count == lines->refuse_at)
    return HD_ENOSPC;
  (void)snprintf(lines->text + strlen(lines->text), sizeof lines->text - strlen(lines->text), "%d<%.*s>",
                 stream, (int)size, text);
  return HD_OK;
}

static void output_comes_line_by_line_and_the_rest_when_no_more_is_there(void **state)
{
  (void)state;
  int ends[2];
  struct hd_output output = {.stream = 2};
  struct lines lines = {.count = 0};
  assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
  assert_int_equal(hd_output_drain(&output, ends[0], take_line, &lines), 0);
  assert_int_equal(write(ends[1], "one\ntwo\nthr", 11), 11);
  assert_int_equal(hd_output_drain(&output, ends[0], take_line, &lines), 1);
  assert_string_equal(lines.text, "2<one\n>2<two\n>2<thr>");
  assert_int_equal(write(ends[1], "ee\n", 3), 3);
  (void)close(ends[1]);
  assert_int_equal(hd_output_drain(&output, ends[0], take_line, &lines), HD_EEND);
  assert_string_equal(lines.text, "2<one\n>2<two\n>2<thr>2<ee\n>");
  (void)close(ends[0]);
}

static void a_line_that_cannot_be_taken_stops_the_reading(void **state)
{
  (void)state;
  int ends[2];
  struct hd_output output = {.stream = 1};
  struct lines lines = {.refuse_at = 2};
  assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
  assert_int_equal(write(ends[1], "a\nb\nc\n", 6), 6);
  assert_int_equal(hd_output_drain(&output, ends[0], take_line, &lines), HD_ENOSPC);
  assert_string_equal(lines.text, "1<a\n>");
  (void)close(ends[0]);
  (void)close(ends[1]);
}

static void a_line_without_end_comes_in_pieces(void **state)
{
  (void)state;
  int ends[2];
  static char block[HD_OUTPUT_LINE * 2 + 10];
  struct hd_output output = {.stream = 1};
  struct lines lines = {.count = 0};
  memset(block, 'x', sizeof block);
  assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
  assert_int_equal(write(ends[1], block, sizeof block), sizeof block);
  assert_int_equal(hd_output_drain(&output, ends[0], take_line, &lines), 1);
  assert_int_equal(lines.count, 3);
  (void)close(ends[0]);
  (void)close(ends[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(a_condition_compares_with_a_number),
      UNIT(what_is_no_condition_is_refused),
      UNIT(hints_are_the_sections_of_that_name),
      UNIT(test_results_are_told_as_sentences),
      UNIT(a_lesson_text_is_wrapped_and_plain),
      UNIT(output_comes_line_by_line_and_the_rest_when_no_more_is_there),
      UNIT(a_line_that_cannot_be_taken_stops_the_reading),
      UNIT(a_line_without_end_comes_in_pieces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
