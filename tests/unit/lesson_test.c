// What lessons say: every call is the event it promises, and nothing at all without a viewer.
#include "rig.h"

#include "step/lesson.h"

static const struct hd_live_opts running = {
    .managed = true, .places = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_RECORD};

static const uint64_t whole = 0x1111111122222222u;

static void says_everything(struct rig_shared *shared)
{
  hd_stage("first");
  hd_note("%d and %s", 2, "three");
  hd_tally("torn", 3, 10);
  hd_observe("torn", -1);
  hd_stage("second");
  const uint32_t value = hd_value_show("x", &whole, 8);
  const uint32_t half = 0x33333333;
  hd_value_store(value, (const char *)&whole + 4, &half, 4);
  hd_value_load(value, &whole, 8);
  hd_value_saw(value, &whole, 8, true);
  hd_value_hide(value);
  rig_say(shared, 0, value);
}

static const struct rig_event *next(const struct rig_event **at, enum hd_event_kind kind)
{
  while ((*at)->kind != kind) {
    assert_int_equal((*at)->kind, HD_EV_NAME);
    ++*at;
  }
  return (*at)++;
}

static void every_word_of_a_lesson_is_an_event(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &running, says_everything);
  rig_await(&rig, rig_ended, 0);
  static struct rig_event events[32];
  assert_int_equal(rig_events(&rig, 0, events, 32), 13);
  const uint64_t value = rig_hear(rig.shared, 0), address = (uint64_t)(uintptr_t)&whole;
  const struct rig_event *at = events, *e;
  (void)next(&at, HD_EV_THREAD_STARTED);
  e = next(&at, HD_EV_STAGE);
  assert_int_equal(e->a, 1);
  assert_string_equal(e->text, "first");
  assert_int_not_equal(e->place, 0);
  assert_string_equal(next(&at, HD_EV_NOTE)->text, "2 and three");
  e = next(&at, HD_EV_TALLY);
  assert_true(e->a == 3 && e->b == 10);
  assert_string_equal(e->text, "torn");
  e = next(&at, HD_EV_OBSERVED);
  assert_true((int64_t)e->a == -1);
  assert_int_equal(next(&at, HD_EV_STAGE)->a, 2);
  e = next(&at, HD_EV_VALUE_SHOWN);
  assert_true(e->object == value && e->a == address && e->b == 8);
  assert_memory_equal(e->text, &whole, 8);
  e = next(&at, HD_EV_STORE);
  assert_true(e->object == value && e->a == address + 4 && e->b == 4);
  assert_string_equal(e->text, "3333");
  e = next(&at, HD_EV_LOAD);
  assert_true(e->object == value && e->a == address && e->b == 8);
  e = next(&at, HD_EV_SAW);
  assert_true(e->object == value && e->a == 1 && e->b == 8);
  assert_memory_equal(e->text, &whole, 8);
  assert_int_equal(next(&at, HD_EV_VALUE_HIDDEN)->object, value);
  assert_int_equal(rig_end(&rig), 0);
}

static void without_a_viewer_a_lesson_says_it_to_nobody(void **state)
{
  (void)state;
  hd_stage("alone");
  hd_note("alone %d", 1);
  hd_tally("alone", 1, 2);
  hd_observe("alone", 1);
  const uint32_t value = hd_value_show("x", &whole, 8);
  assert_int_not_equal(value, 0);
  hd_value_hide(value);
  assert_int_equal(atomic_load(&hd_control_here()->mode), HD_MODE_OFF);
}

static void a_long_text_is_kept_whole_or_cut_but_never_breaks(struct rig_shared *shared)
{
  char text[5000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  hd_note("%s", text);
  hd_stage(text);
  hd_stage(NULL);
  rig_say(shared, 0, 1);
}

static void long_texts_and_no_text_are_fine(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &running, a_long_text_is_kept_whole_or_cut_but_never_breaks);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_NOTE), 1);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_STAGE), 2);
  assert_int_equal(rig_hear(rig.shared, 0), 1);
  assert_int_equal(rig_end(&rig), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(every_word_of_a_lesson_is_an_event), // first: stages are numbered through the whole process
      UNIT(without_a_viewer_a_lesson_says_it_to_nobody),
      UNIT(long_texts_and_no_text_are_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
