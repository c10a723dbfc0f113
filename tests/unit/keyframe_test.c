// Keyframes: wherever one jumps from, the state is that of folding from the beginning, byte for byte.
#include "story.h"

#include "base/os.h"
#include "model/keyframe.h"

struct view {
  hd_log *log;
  hdv_model *model;
  hdv_keyframes *keyframes;
  struct hd_log_cursor cursor;
};

static void open_view(struct view *view, const struct story *story, size_t max_bytes)
{
  *view = (struct view){.log = story_log(story)};
  assert_int_equal(hdv_model_open(&view->model), HD_OK);
  assert_int_equal(hdv_keyframes_open(&view->keyframes, max_bytes), HD_OK);
}

static void close_view(struct view *view)
{
  hdv_keyframes_close(view->keyframes);
  hdv_model_close(view->model);
  assert_int_equal(hd_log_close(view->log), HD_OK);
}

static void seek(struct view *view, uint64_t step)
{
  assert_int_equal(hdv_keyframes_seek(view->keyframes, view->log, view->model, &view->cursor, step), HD_OK);
}

static void check_at(struct view *view, const struct story *story, uint64_t step)
{
  hdv_model *fresh = story_model_at(story, step);
  assert_int_equal(view->cursor.step, step);
  if (!same_state(view->model, fresh))
    fail_msg("step %u is not what a fresh fold makes it", (unsigned)step);
  hdv_model_close(fresh);
}

static void tell_any(struct story *story, uint64_t seed, size_t events)
{
  story_open(story, seed);
  if (seed % 3 == 0)
    story_garbage(story, events);
  else
    story_program(story, events, seed % 3 == 2);
}

static void stepping_back_from_every_step_equals_a_fresh_fold(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 3; seed++) {
    struct story story;
    struct view view;
    tell_any(&story, seed, 2500);
    open_view(&view, &story, 0);
    uint64_t steps = hd_log_steps(view.log);
    assert_true(steps > 1500);
    for (uint64_t k = 1; k <= steps; k++) {
      seek(&view, k);
      seek(&view, k - 1);
      check_at(&view, &story, k - 1);
    }
    close_view(&view);
    story_close(&story);
  }
}

static void jumping_anywhere_equals_a_fresh_fold(void **state)
{
  (void)state;
  for (uint64_t seed = 4; seed <= 9; seed++) {
    struct story story;
    struct view view;
    tell_any(&story, seed, 12000);
    // A bound that only a few frames fit into makes thinning happen.
    open_view(&view, &story, seed % 2 ? 0 : 300000);
    uint64_t steps = hd_log_steps(view.log);
    for (int i = 0; i < 60; i++) {
      uint64_t step = story_random(&story, steps + 1);
      seek(&view, step);
      check_at(&view, &story, step);
    }
    close_view(&view);
    story_close(&story);
  }
}

static void a_step_beyond_the_end_is_the_end_and_the_log_may_grow(void **state)
{
  (void)state;
  struct story story;
  struct view view;
  tell_any(&story, 1, 3000);
  struct story half = story;
  half.count = 1500;
  open_view(&view, &half, 0);
  seek(&view, UINT64_MAX);
  check_at(&view, &half, hd_log_steps(view.log));
  for (size_t i = half.count; i < story.count; i++)
    assert_int_equal(hd_log_append(view.log, &story.events[i]), HD_OK);
  uint64_t steps = hd_log_steps(view.log);
  seek(&view, steps);
  check_at(&view, &story, steps);
  seek(&view, 0);
  check_at(&view, &story, 0);
  close_view(&view);
  story_close(&story);
}

static void a_jump_in_a_hundred_thousand_events_is_quick(void **state)
{
  (void)state;
  struct story story;
  struct view view;
  story_open(&story, 1);
  story_program(&story, 100000, false);
  open_view(&view, &story, 0);
  uint64_t steps = hd_log_steps(view.log), began = hd_os_cpu_time(), worst = 0;
  seek(&view, steps);
  uint64_t first = hd_os_cpu_time() - began;
  for (int i = 0; i < 200; i++) {
    began = hd_os_cpu_time();
    seek(&view, story_random(&story, steps + 1));
    uint64_t took = hd_os_cpu_time() - began;
    worst = took > worst ? took : worst;
  }
  print_message("%u steps: first fold %.2f ms, worst jump %.2f ms of processor time\n", (unsigned)steps, (double)first / 1e6,
                (double)worst / 1e6);
  assert_true(worst < 50000000); // the promise; what is measured is far below it, sanitizers included
  assert_true(worst * 5 < first); // and it comes from the frames, not from a quick fold
  close_view(&view);
  story_close(&story);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(stepping_back_from_every_step_equals_a_fresh_fold),
      UNIT(jumping_anywhere_equals_a_fresh_fold),
      UNIT(a_step_beyond_the_end_is_the_end_and_the_log_may_grow),
      UNIT(a_jump_in_a_hundred_thousand_events_is_quick),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
