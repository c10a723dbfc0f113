// The canvas: nothing leaves its box, wide characters stay whole, and no bytes a program prints can break the
// picture.
#include "unit.h"

#include "terminal/canvas.h"

#include <locale.h>
#include <string.h>

static struct hdv_look look;
static struct hdv_grid grid;

static struct hdv_canvas canvas_of(int w, int h, enum hdv_glyph_set set)
{
  look.glyphs = hdv_theme_glyphs(set);
  assert_int_equal(hdv_grid_resize(&grid, w, h), 0);
  return (struct hdv_canvas){&grid, &look, {0, 0, w, h}};
}

static uint32_t at(int x, int y)
{
  return grid.cells[y * grid.w + x].ch;
}

// A row of the grid as ASCII; other characters as '*', the right half of a wide one as '<'.
static const char *row(int y)
{
  static char text[128];
  for (int x = 0; x < grid.w; x++) {
    uint32_t ch = at(x, y);
    text[x] = ch == 0 ? '<' : ch < 0x7f ? (char)ch : '*';
  }
  text[grid.w] = 0;
  return text;
}

static void text_is_cut_at_its_box(void **state)
{
  (void)state;
  struct hdv_canvas all = canvas_of(10, 3, HDV_GLYPHS_FULL);
  struct hdv_canvas part = hdv_canvas_in(&all, (struct hdv_box){2, 1, 5, 1});
  hdv_put(&part, 0, 0, HDV_STYLE_TEXT, "abcdefghij");
  hdv_put(&part, -2, 0, HDV_STYLE_TEXT, "XY");
  hdv_put(&part, 0, 1, HDV_STYLE_TEXT, "below");
  hdv_put(&part, 0, -1, HDV_STYLE_TEXT, "above");
  assert_string_equal(row(0), "          ");
  assert_string_equal(row(1), "  abcde   ");
  assert_string_equal(row(2), "          ");
}

static void a_part_never_reaches_beyond_the_canvas_it_is_a_part_of(void **state)
{
  (void)state;
  struct hdv_canvas all = canvas_of(6, 2, HDV_GLYPHS_FULL);
  struct hdv_canvas part = hdv_canvas_in(&all, (struct hdv_box){4, 1, 50, 50});
  assert_int_equal(part.box.w, 2);
  assert_int_equal(part.box.h, 1);
  struct hdv_canvas none = hdv_canvas_in(&all, (struct hdv_box){7, 0, 3, 1});
  assert_int_equal(none.box.w, 0);
  hdv_put(&none, 0, 0, HDV_STYLE_TEXT, "x");
  hdv_band(&part, 0);
  assert_int_equal(grid.cells[1 * 6 + 3].band, 0);
  assert_int_equal(grid.cells[1 * 6 + 4].band, 1);
}

static void longer_text_ends_with_an_ellipsis(void **state)
{
  (void)state;
  struct hdv_canvas all = canvas_of(12, 2, HDV_GLYPHS_ASCII);
  assert_int_equal(hdv_put_cut(&all, 0, 0, 5, HDV_STYLE_TEXT, "worker 12"), 5);
  assert_string_equal(row(0), "work~       ");
  assert_int_equal(hdv_put_cut(&all, 0, 1, 9, HDV_STYLE_TEXT, "worker 12"), 9);
  assert_string_equal(row(1), "worker 12   ");
}

static void a_wide_character_is_never_cut_in_half(void **state)
{
  (void)state;
  struct hdv_canvas all = canvas_of(6, 2, HDV_GLYPHS_FULL);
  hdv_put(&all, 0, 0, HDV_STYLE_TEXT, "a\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e");
  assert_string_equal(row(0), "a*<*< ");
  assert_int_equal(hdv_width("a\xe6\x97\xa5"), 3);
}

static void a_combining_mark_joins_the_letter_before_it(void **state)
{
  (void)state;
  struct hdv_canvas all = canvas_of(6, 1, HDV_GLYPHS_FULL);
  assert_int_equal(hdv_put(&all, 0, 0, HDV_STYLE_TEXT, "e\xcc\x81x"), 2);
  assert_int_equal(grid.cells[0].mark, 0x301);
  assert_string_equal(row(0), "ex    ");
}

static void bytes_that_are_no_text_become_question_marks(void **state)
{
  (void)state;
  struct hdv_canvas all = canvas_of(16, 1, HDV_GLYPHS_FULL);
  hdv_put(&all, 0, 0, HDV_STYLE_TEXT, "a\033[2J\x01\xff\xc3|\xe2\x82");
  assert_string_equal(row(0), "a?[2J???|??     ");
}

static void an_ascii_picture_has_only_ascii(void **state)
{
  (void)state;
  struct hdv_canvas all = canvas_of(24, 2, HDV_GLYPHS_ASCII);
  hdv_put(&all, 0, 0, HDV_STYLE_TEXT, "5 \xc2\xb5s \xe2\x80\x94 \xd0\x9f\xe2\x80\xa6");
  hdv_header(&(struct hdv_canvas){&grid, &look, {0, 1, 24, 1}}, "LOOP", "turn 3");
  hdv_meter(&all, 10, 0, 8, HDV_STYLE_TEXT, 0.55);
  assert_string_equal(row(1), "LOOP ------------ turn 3");
  for (int x = 0; x < 24; x++)
    assert_true(at(x, 0) >= ' ' && at(x, 0) < 0x7f);
}

static void long_sentences_break_at_spaces(void **state)
{
  (void)state;
  struct hdv_canvas all = canvas_of(16, 3, HDV_GLYPHS_ASCII);
  const char *text = "main thread submits task 17 to the pool";
  assert_int_equal(hdv_wrapped_rows(16, text), 3);
  assert_int_equal(hdv_put_wrapped(&all, 0, 0, 16, 2, HDV_STYLE_TEXT, text), 2);
  assert_string_equal(row(0), "main thread     ");
  assert_string_equal(row(1), "submits task 17~");
  assert_int_equal(hdv_wrapped_rows(4, "abcdefghij"), 3);
  assert_int_equal(hdv_wrapped_rows(4, ""), 0);
}

static void a_meter_is_as_full_as_its_part(void **state)
{
  (void)state;
  struct hdv_canvas all = canvas_of(8, 4, HDV_GLYPHS_ASCII);
  const double parts[] = {0, 0.5, 1, 7};
  const char *const want[] = {"........", "####....", "########", "########"};
  for (int i = 0; i < 4; i++) {
    hdv_meter(&all, 0, i, 8, HDV_STYLE_TEXT, parts[i]);
    assert_string_equal(row(i), want[i]);
  }
}

static int set_up(void **state)
{
  (void)state;
  return setlocale(LC_CTYPE, "C.UTF-8") || setlocale(LC_CTYPE, "en_US.UTF-8") ? 0 : 1;
}

static int tear_down(void **state)
{
  (void)state;
  hdv_grid_free(&grid);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(text_is_cut_at_its_box),
      UNIT(a_part_never_reaches_beyond_the_canvas_it_is_a_part_of),
      UNIT(longer_text_ends_with_an_ellipsis),
      UNIT(a_wide_character_is_never_cut_in_half),
      UNIT(a_combining_mark_joins_the_letter_before_it),
      UNIT(bytes_that_are_no_text_become_question_marks),
      UNIT(an_ascii_picture_has_only_ascii),
      UNIT(long_sentences_break_at_spaces),
      UNIT(a_meter_is_as_full_as_its_part),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
