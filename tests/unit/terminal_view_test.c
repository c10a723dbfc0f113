// Pictures of the terminal viewer, drawn into a grid in memory and compared with the ones in
// tests/screen/golden. After a wanted change: HEDDLE_GOLDEN=tests/screen/golden ./terminal_view_test writes
// them anew, then look at the difference.
#include "unit.h"

#include "screen/story.h"
#include "terminal/view.h"
#include "trace/log.h"

#include <locale.h>
#include <stdlib.h>

struct rig {
  hd_log *log;
  hdv_playback *playback;
  struct hdv_view view;
  struct hdv_look look;
  struct hdv_grid grid;
};

static struct rig rig;

static void append(void *context, const struct hd_entry *entry)
{
  assert_int_equal(hd_log_append(context, entry), 0);
}

typedef void story_told(story_fn *tell, void *context, unsigned rounds);

static void open_rig(story_told *story, unsigned rounds, int w, int h)
{
  struct hd_trace_header header = {.magic = HD_TRACE_MAGIC,
                                   .version = HD_TRACE_VERSION,
                                   .form = HD_TRACE_LOG,
                                   .byte_order = 0x01020304,
                                   .header_size = sizeof header,
                                   .rate = {.mult = 1}};
  memset(&rig, 0, sizeof rig);
  assert_int_equal(hd_log_create(&rig.log, NULL, &header), 0);
  if (story)
    story(append, rig.log, rounds);
  struct hdv_playback_source source = {.log = rig.log};
  assert_int_equal(hdv_playback_open(&rig.playback, &source), 0);
  rig.view.lesson = "21 worker_pool";
  rig.view.focus = HDV_NOBODY;
  rig.look = (struct hdv_look){HDV_THEME_DARK, HDV_DEPTH_256, hdv_theme_glyphs(HDV_GLYPHS_FULL), false};
  assert_int_equal(hdv_grid_resize(&rig.grid, w, h), 0);
}

static void close_rig(void)
{
  hdv_view_close(&rig.view);
  hdv_grid_free(&rig.grid);
  hdv_playback_close(rig.playback);
  hd_log_close(rig.log);
}

static void draw_at(uint64_t step)
{
  hdv_playback_seek(rig.playback, step);
  hdv_view_read(&rig.view, rig.playback);
  hdv_view_draw(&rig.view, &rig.grid, &rig.look);
}

// ---- rows as text ----

static size_t put_utf8(char *out, uint32_t ch)
{
  if (ch < 0x80) {
    out[0] = (char)ch;
    return 1;
  }
  if (ch < 0x800) {
    out[0] = (char)(0xc0 | ch >> 6);
    out[1] = (char)(0x80 | (ch & 0x3f));
    return 2;
  }
  out[0] = (char)(0xe0 | ch >> 12);
  out[1] = (char)(0x80 | (ch >> 6 & 0x3f));
  out[2] = (char)(0x80 | (ch & 0x3f));
  return 3;
}

static const char *row_text(int y)
{
  static char text[1024];
  size_t used = 0;
  for (int x = 0; x < rig.grid.w; x++)
    used += put_utf8(text + used, rig.grid.cells[y * rig.grid.w + x].ch);
  while (used > 0 && text[used - 1] == ' ')
    used--;
  text[used] = 0;
  return text;
}

// The attributes of a row on a terminal without colours: b bold, d dim, r reverse, u underlined, . plain.
static const char *row_attributes(int y)
{
  static char text[1024];
  int x = 0;
  for (; x < rig.grid.w; x++) {
    const struct hdv_cell *cell = &rig.grid.cells[y * rig.grid.w + x];
    unsigned attr =
        hdv_theme_paint(HDV_THEME_DARK, HDV_DEPTH_MONO, (enum hdv_style)cell->style, cell->band).attr;
    bool blank = cell->ch == ' ' && !(attr & (HDV_REVERSE | HDV_UNDERLINE));
    text[x] = blank                  ? ' '
              : attr & HDV_REVERSE   ? 'r'
              : attr & HDV_UNDERLINE ? 'u'
              : attr & HDV_BOLD      ? 'b'
              : attr & HDV_DIM       ? 'd'
                                     : '.';
  }
  while (x > 0 && text[x - 1] == ' ')
    x--;
  text[x] = 0;
  return text;
}

typedef const char *row_fn(int y);

static bool write_golden(const char *name, row_fn *row)
{
  const char *folder = getenv("HEDDLE_GOLDEN");
  char path[1024];
  if (!folder)
    return false;
  snprintf(path, sizeof path, "%s/%s.inc", folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  for (int y = 0; y < rig.grid.h; y++) {
    fputs("\"", file);
    for (const char *at = row(y); *at; at++)
      fprintf(file, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    fputs("\",\n", file);
  }
  fclose(file);
  return true;
}

static void compare(const char *name, row_fn *row, const char *const *want, size_t rows)
{
  if (write_golden(name, row))
    return;
  assert_int_equal(rows, rig.grid.h);
  for (int y = 0; y < rig.grid.h; y++) {
    if (strcmp(row(y), want[y]) != 0)
      fail_msg("%s, row %d:\n have |%s|\n want |%s|", name, y, row(y), want[y]);
  }
}

#define ROWS(table) table, sizeof table / sizeof *table

// ---- the pictures ----

#define BUSY 181 // a step in the middle of the pool's work
#define TORN 22  // a step in the middle of a store

static const char *const pool_80x24[] = {
#include "screen/golden/pool_80x24.inc"
};
static const char *const pool_120x40[] = {
#include "screen/golden/pool_120x40.inc"
};
static const char *const pool_160x60[] = {
#include "screen/golden/pool_160x60.inc"
};
static const char *const pool_ascii[] = {
#include "screen/golden/pool_ascii.inc"
};
static const char *const pool_mono[] = {
#include "screen/golden/pool_mono.inc"
};
static const char *const torn_80x24[] = {
#include "screen/golden/torn_80x24.inc"
};
static const char *const torn_mono[] = {
#include "screen/golden/torn_mono.inc"
};
static const char *const help_80x24[] = {
#include "screen/golden/help_80x24.inc"
};

static void the_pool_fills_80x24(void **state)
{
  (void)state;
  open_rig(story_pool, 3, 80, 24);
  draw_at(BUSY);
  compare("pool_80x24", row_text, ROWS(pool_80x24));
  compare("pool_mono", row_attributes, ROWS(pool_mono));
  close_rig();
}

static void more_room_shows_source_output_and_who_moved(void **state)
{
  (void)state;
  open_rig(story_pool, 3, 120, 40);
  draw_at(BUSY);
  compare("pool_120x40", row_text, ROWS(pool_120x40));
  assert_int_equal(hdv_grid_resize(&rig.grid, 160, 60), 0);
  draw_at(BUSY);
  compare("pool_160x60", row_text, ROWS(pool_160x60));
  close_rig();
}

static void ascii_shows_the_same_without_other_characters(void **state)
{
  (void)state;
  open_rig(story_pool, 3, 80, 24);
  rig.look.glyphs = hdv_theme_glyphs(HDV_GLYPHS_ASCII);
  draw_at(BUSY);
  compare("pool_ascii", row_text, ROWS(pool_ascii));
  close_rig();
}

static void a_torn_value_takes_the_room_of_the_missing_loop(void **state)
{
  (void)state;
  open_rig(story_torn, 4, 80, 24);
  draw_at(TORN);
  compare("torn_80x24", row_text, ROWS(torn_80x24));
  compare("torn_mono", row_attributes, ROWS(torn_mono));
  close_rig();
}

static void help_lies_over_the_picture(void **state)
{
  (void)state;
  open_rig(story_pool, 3, 80, 24);
  rig.view.overlay = HDV_OVERLAY_HELP;
  draw_at(BUSY);
  compare("help_80x24", row_text, ROWS(help_80x24));
  close_rig();
}

// ---- what must hold for every picture ----

static void a_step_looks_the_same_from_both_sides(void **state)
{
  (void)state;
  open_rig(story_pool, 3, 80, 24);
  struct hdv_grid there = {0};
  assert_int_equal(hdv_grid_resize(&there, 80, 24), 0);
  for (uint64_t step = 0; step < 280; step += 7) {
    draw_at(step);
    memcpy(there.cells, rig.grid.cells, sizeof *there.cells * 80 * 24);
    draw_at(step + 5);
    draw_at(step);
    assert_memory_equal(there.cells, rig.grid.cells, sizeof *there.cells * 80 * 24);
  }
  hdv_grid_free(&there);
  close_rig();
}

static void every_step_is_ascii_in_ascii_and_has_its_caption(void **state)
{
  (void)state;
  story_told *const stories[] = {story_pool, story_torn};
  for (int i = 0; i < 2; i++) {
    open_rig(stories[i], 2, 80, 24);
    rig.look.glyphs = hdv_theme_glyphs(HDV_GLYPHS_ASCII);
    for (uint64_t step = 0; step <= hd_log_steps(rig.log); step++) {
      draw_at(step);
      for (int cell = 0; cell < 80 * 24; cell++)
        assert_true(rig.grid.cells[cell].ch >= ' ' && rig.grid.cells[cell].ch < 0x7f);
      if (step > 0)
        assert_non_null(strstr(row_text(20), rig.view.told[rig.view.told_count - 1].text));
    }
    close_rig();
  }
}

static bool has_word(int y, const struct hdv_thread *thread)
{
  return strstr(row_text(y), hdv_face_word(hdv_face_of(thread))) != NULL;
}

static void every_lane_tells_its_state_in_a_word_at_every_step(void **state)
{
  (void)state;
  open_rig(story_torn, 2, 80, 24);
  bool blocked = false;
  for (uint64_t step = 1; step <= hd_log_steps(rig.log); step++) {
    const struct hdv_thread *lanes[HDV_LANES];
    draw_at(step);
    size_t count = hdv_view_lanes(&rig.view, lanes);
    for (size_t i = 0; i < count; i++) {
      assert_true(has_word(2 + (int)i, lanes[i]));
      blocked = blocked || hdv_face_of(lanes[i]) == HDV_FACE_BLOCKED;
    }
  }
  assert_true(blocked);
  close_rig();
}

static void every_size_draws_every_step(void **state)
{
  (void)state;
  open_rig(story_pool, 1, 80, 24);
  for (int w = 1; w <= 220; w += w < 20 ? 3 : 23) {
    for (int h = 1; h <= 80; h += h < 20 ? 3 : 9) {
      assert_int_equal(hdv_grid_resize(&rig.grid, w, h), 0);
      for (uint64_t step = 0; step <= hd_log_steps(rig.log); step += 13)
        draw_at(step);
    }
  }
  close_rig();
}

static void too_small_says_what_it_has_and_what_it_needs(void **state)
{
  (void)state;
  open_rig(story_pool, 1, 60, 20);
  draw_at(5);
  assert_string_equal(row_text(9), "             too small: have 60x20, needs 80x24");
  assert_string_equal(row_text(10), "                make it larger, or q to quit");
  close_rig();
}

static void an_empty_log_draws_and_says_how_to_begin(void **state)
{
  (void)state;
  open_rig(NULL, 0, 80, 24);
  draw_at(0);
  assert_non_null(strstr(row_text(2), "no thread has started yet"));
  assert_non_null(strstr(row_text(20), "Before the first step"));
  close_rig();
}

static void what_has_just_moved_stands_out(void **state)
{
  (void)state;
  open_rig(story_pool, 3, 80, 24);
  draw_at(BUSY);
  int moved = 0;
  for (int cell = 0; cell < 80 * 24; cell++)
    moved += rig.grid.cells[cell].style == HDV_STYLE_MOVED;
  assert_int_equal(moved, 2); // the two digits of task 15 among the completions
  draw_at(BUSY + 1);
  for (int cell = 0; cell < 80 * 24; cell++)
    assert_int_not_equal(rig.grid.cells[cell].style, HDV_STYLE_MOVED);
  close_rig();
}

static void a_click_finds_the_lane_under_it(void **state)
{
  (void)state;
  open_rig(story_pool, 3, 80, 24);
  draw_at(BUSY);
  assert_int_equal(hdv_view_lane_at(&rig.view, 80, 24, 5, 2), 1);
  assert_int_equal(hdv_view_lane_at(&rig.view, 80, 24, 5, 9), 8);
  assert_int_equal(hdv_view_lane_at(&rig.view, 80, 24, 5, 1), HDV_NOBODY);
  assert_int_equal(hdv_view_lane_at(&rig.view, 80, 24, 70, 5), HDV_NOBODY);
  assert_int_equal(hdv_view_lane_at(&rig.view, 60, 20, 5, 2), HDV_NOBODY);
  close_rig();
}

static void digits_name_the_loops_thread_and_the_workers(void **state)
{
  (void)state;
  open_rig(story_pool, 3, 80, 24);
  draw_at(BUSY);
  for (uint16_t slot = 0; slot <= 8; slot++)
    assert_int_equal(hdv_view_lane_key(&rig.view, hdv_model_thread(rig.view.model, slot)), slot);
  close_rig();
}

static void the_line_about_to_run_is_the_next_steps(void **state)
{
  (void)state;
  open_rig(story_pool, 3, 80, 24);
  draw_at(BUSY - 2);
  assert_string_equal(row_text(22), " \xe2\x96\x8c lesson.c:6  sum += number_of(task);");
  assert_true(rig.view.line_is_next);
  close_rig();
}

static int set_up(void **state)
{
  (void)state;
  return setlocale(LC_CTYPE, "C.UTF-8") || setlocale(LC_CTYPE, "en_US.UTF-8") ? 0 : 1;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(the_pool_fills_80x24),
      UNIT(more_room_shows_source_output_and_who_moved),
      UNIT(ascii_shows_the_same_without_other_characters),
      UNIT(a_torn_value_takes_the_room_of_the_missing_loop),
      UNIT(help_lies_over_the_picture),
      UNIT(a_step_looks_the_same_from_both_sides),
      UNIT(every_step_is_ascii_in_ascii_and_has_its_caption),
      UNIT(every_lane_tells_its_state_in_a_word_at_every_step),
      UNIT(every_size_draws_every_step),
      UNIT(too_small_says_what_it_has_and_what_it_needs),
      UNIT(an_empty_log_draws_and_says_how_to_begin),
      UNIT(what_has_just_moved_stands_out),
      UNIT(a_click_finds_the_lane_under_it),
      UNIT(digits_name_the_loops_thread_and_the_workers),
      UNIT(the_line_about_to_run_is_the_next_steps),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
