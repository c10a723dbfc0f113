// The layout: at every size every panel that has something to show is there, inside the screen, over no
// other.
#include "unit.h"

#include "terminal/layout.h"

#include <stdio.h>

#define BOXES 11

static void boxes_of(const struct hdv_layout *layout, struct hdv_box out[BOXES])
{
  const struct hdv_box all[BOXES] = {layout->title,    layout->lanes,   layout->queues, layout->loop,
                                     layout->value,    layout->code,    layout->log,    layout->output,
                                     layout->timeline, layout->caption, layout->bar};
  for (int i = 0; i < BOXES; i++)
    out[i] = all[i];
}

static bool apart(const struct hdv_box *a, const struct hdv_box *b)
{
  return a->w == 0 || b->w == 0 || a->x + a->w <= b->x || b->x + b->w <= a->x || a->y + a->h <= b->y ||
         b->y + b->h <= a->y;
}

static bool inside(const struct hdv_box *box, int w, int h)
{
  return box->w == 0 || (box->x >= 0 && box->y >= 0 && box->w > 0 && box->h > 0 && box->x + box->w <= w &&
                         box->y + box->h <= h);
}

static const struct hdv_parts cases[] = {
    {.lanes = 0},
    {.lanes = 2, .loop = true},
    {.lanes = 3, .value = true, .value_bytes = 8, .value_count = 1},
    {.lanes = 3, .value = true, .value_bytes = 512, .value_count = 2},
    {.lanes = 2, .loop = true, .value = true, .value_bytes = 64, .value_count = 1},
    {.lanes = 8, .loop = true, .pool = true},
    {.lanes = 8, .loop = true, .pool = true, .ports = true},
    {.lanes = 8, .loop = true, .pool = true, .value = true, .value_bytes = 8, .value_count = 1},
    {.lanes = 40, .loop = true, .pool = true, .value = true, .value_bytes = 256, .value_count = 3},
    {.lanes = 5, .loop = true, .ports = true},
};
#define CASES (sizeof cases / sizeof *cases)

static void check(int w, int h, const struct hdv_parts *parts)
{
  struct hdv_layout layout;
  struct hdv_box boxes[BOXES];
  hdv_layout(w, h, parts, &layout);
  boxes_of(&layout, boxes);
  for (int i = 0; i < BOXES; i++) {
    if (!inside(&boxes[i], w, h))
      fail_msg("box %d leaves a screen of %dx%d", i, w, h);
    for (int j = 0; j < i; j++) {
      if (!apart(&boxes[i], &boxes[j]))
        fail_msg("boxes %d and %d overlap at %dx%d", j, i, w, h);
    }
  }
  assert_true(layout.title.h == 1 && layout.bar.h == 1 && layout.caption.h == 3);
  assert_true(layout.log.w >= 40 && layout.log.h >= 4);
  int lanes = parts->lanes < 8 ? parts->lanes : 8;
  if (layout.lanes.h < 1 + lanes || layout.lanes.w < 48)
    fail_msg("%d lanes in %dx%d at %dx%d", parts->lanes, layout.lanes.w, layout.lanes.h, w, h);
  if (parts->loop && (layout.loop.h < 5 || layout.loop.w < 40))
    fail_msg("the loop has %dx%d at %dx%d", layout.loop.w, layout.loop.h, w, h);
  if (parts->value && (layout.value.h < 4 || layout.value.w < 26))
    fail_msg("the value has %dx%d at %dx%d", layout.value.w, layout.value.h, w, h);
  if ((parts->pool || parts->ports) && (layout.queues.h < (parts->pool ? 9 : 5) || layout.queues.w < 26))
    fail_msg("the queues have %dx%d at %dx%d", layout.queues.w, layout.queues.h, w, h);
  assert_int_equal(layout.loop.w > 0, parts->loop);
  assert_int_equal(layout.value.w > 0, parts->value);
  assert_int_equal(layout.queues.w > 0, parts->pool || parts->ports);
}

static void at_every_size_every_panel_is_whole_and_over_no_other(void **state)
{
  (void)state;
  for (int w = HDV_MIN_WIDTH; w <= 260; w += w < 130 ? 1 : 13) {
    for (int h = HDV_MIN_HEIGHT; h <= 100; h++) {
      for (size_t i = 0; i < CASES; i++)
        check(w, h, &cases[i]);
    }
  }
}

static void below_80x24_nothing_is_laid_out(void **state)
{
  (void)state;
  struct hdv_layout layout;
  hdv_layout(79, 24, &cases[5], &layout);
  assert_true(layout.too_small);
  assert_int_equal(layout.lanes.w, 0);
  hdv_layout(80, 23, &cases[5], &layout);
  assert_true(layout.too_small);
  hdv_layout(80, 24, &cases[5], &layout);
  assert_false(layout.too_small);
}

static void from_120_columns_the_story_runs_from_left_to_right(void **state)
{
  (void)state;
  struct hdv_layout layout;
  hdv_layout(119, 40, &cases[7], &layout);
  assert_false(layout.wide);
  hdv_layout(120, 40, &cases[7], &layout);
  assert_true(layout.wide);
  assert_true(layout.loop.x < layout.queues.x && layout.queues.x < layout.lanes.x);
  assert_int_equal(layout.loop.y, layout.queues.y);
  assert_int_equal(layout.loop.y, layout.lanes.y);
}

static void more_room_shows_more(void **state)
{
  (void)state;
  struct hdv_layout layout;
  hdv_layout(80, 24, &cases[5], &layout);
  assert_int_equal(layout.code.w, 0);
  hdv_layout(120, 40, &cases[5], &layout);
  assert_true(layout.code.h >= 6 && layout.output.h >= 3);
  hdv_layout(160, 60, &cases[5], &layout);
  assert_true(layout.timeline.h >= 9);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(at_every_size_every_panel_is_whole_and_over_no_other),
      UNIT(below_80x24_nothing_is_laid_out),
      UNIT(from_120_columns_the_story_runs_from_left_to_right),
      UNIT(more_room_shows_more),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
