// Records: what is encoded is decoded again, and what is damaged is never believed.
#include "unit.h"

#include "trace/event.h"
#include "trace/record.h"

#include <stdlib.h>
#include <string.h>

static const struct hd_record plain = {
    .stamp = 7, .object = 42, .kind = HD_EV_NOTE, .actor = 3, .a = 11, .b = 12};

static char *make_text(size_t size)
{
  char *text = malloc(size + 1);
  assert_non_null(text);
  for (size_t i = 0; i < size; i++)
    text[i] = (char)(i * 31 + size);
  return text;
}

// Encodes and decodes; returns the number of records.
static size_t round_trip(uint64_t place, const char *text, size_t size, size_t cap)
{
  const struct hd_entry in = {.record = plain, .place = place, .text = text, .text_size = (uint32_t)size};
  const size_t count = hd_entry_records(&in);
  struct hd_record *records = calloc(count, sizeof *records);
  char *room = malloc(cap + 1);
  assert_non_null(records);
  assert_non_null(room);
  hd_entry_encode(&in, records);
  struct hd_entry out;
  for (size_t fewer = 0; fewer < count; fewer += fewer + 3 < count ? 1 + count / 50 : 1)
    assert_int_equal(hd_entry_decode(&out, records, fewer, room, cap), 0);
  assert_int_equal(hd_entry_decode(&out, records, count, room, cap), count);
  assert_memory_equal(&out.record, &plain, sizeof plain);
  assert_int_equal(out.place, place);
  const size_t expected = size < cap ? size : cap;
  assert_int_equal(out.text_size, expected);
  if (expected)
    assert_memory_equal(out.text, text, expected);
  else
    assert_null(out.text);
  free(room);
  free(records);
  return count;
}

static void texts_of_every_length_come_back(void **state)
{
  (void)state;
  for (size_t size = 0; size <= 100; size++) {
    char *text = make_text(size);
    const size_t expected = size ? 1 + (8 + size + 15) / 16 : 1;
    assert_int_equal(round_trip(0, text, size, 200), expected);
    assert_int_equal(round_trip(0x401136, text, size, 200), 1 + (8 + size + 15) / 16);
    free(text);
  }
}

static void a_very_long_text_comes_back(void **state)
{
  (void)state;
  char *text = make_text(100000);
  assert_int_equal(round_trip(99, text, 100000, HD_TEXT_MAX), 1 + 100008 / 16 + (100008 % 16 != 0));
  free(text);
}

static void a_text_longer_than_the_readers_room_is_cut(void **state)
{
  (void)state;
  char *text = make_text(100);
  (void)round_trip(5, text, 100, 37);
  (void)round_trip(5, text, 100, 0);
  free(text);
}

static void a_text_longer_than_the_longest_is_cut(void **state)
{
  (void)state;
  const size_t size = HD_TEXT_MAX + 1000;
  char *text = make_text(size);
  const struct hd_entry in = {.record = plain, .text = text, .text_size = (uint32_t)size};
  assert_int_equal(hd_entry_records(&in), 1 + (8 + HD_TEXT_MAX + 15) / 16);
  free(text);
}

static void one_part_at_a_time_is_the_same_as_all_at_once(void **state)
{
  (void)state;
  char *text = make_text(61);
  const struct hd_entry in = {.record = plain, .place = 0x1234, .text = text, .text_size = 61};
  struct hd_record all[16], one;
  hd_entry_encode(&in, all);
  for (size_t i = 0; i < hd_entry_records(&in); i++) {
    hd_entry_part(&in, i, &one);
    assert_memory_equal(&one, &all[i], sizeof one);
  }
  free(text);
}

// Encodes an event of five records, lets damage() spoil it, and expects one record without a text.
static void expect_damage_is_seen(void (*damage)(struct hd_record *records))
{
  char text[50], room[64];
  memset(text, 'x', sizeof text);
  const struct hd_entry in = {.record = plain, .place = 9, .text = text, .text_size = sizeof text};
  struct hd_record records[8];
  assert_int_equal(hd_entry_records(&in), 5);
  hd_entry_encode(&in, records);
  damage(records);
  struct hd_entry out;
  assert_int_equal(hd_entry_decode(&out, records, 5, room, sizeof room), 1);
  assert_null(out.text);
  assert_int_equal(out.place, 0);
  assert_int_equal(out.record.kind, plain.kind);
}

static void another_kind_in_the_middle(struct hd_record *records)
{
  records[3].kind = HD_EV_NOTE;
}
static void a_length_of_nothing(struct hd_record *records)
{
  records[1].object = 0;
}
static void a_length_beyond_all_bounds(struct hd_record *records)
{
  records[1].object = UINT32_MAX;
}
static void lengths_that_do_not_go_down(struct hd_record *records)
{
  records[2].object += 16;
}
static void a_part_that_is_missing(struct hd_record *records)
{
  memmove(&records[2], &records[3], 2 * sizeof *records);
}

static void damaged_continuations_become_an_event_without_text(void **state)
{
  (void)state;
  expect_damage_is_seen(another_kind_in_the_middle);
  expect_damage_is_seen(a_length_of_nothing);
  expect_damage_is_seen(a_length_beyond_all_bounds);
  expect_damage_is_seen(lengths_that_do_not_go_down);
  expect_damage_is_seen(a_part_that_is_missing);
}

static void only_steps_count_as_steps(void **state)
{
  (void)state;
  struct hd_entry entry = {.record = {.kind = HD_EV_TASK_TAKEN}};
  assert_true(hd_entry_is_step(&entry));
  entry.record.kind = HD_EV_NAME;
  assert_false(hd_entry_is_step(&entry));
  entry.record.kind = HD_EV_COUNT + 5;
  assert_false(hd_entry_is_step(&entry));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(texts_of_every_length_come_back),
      UNIT(a_very_long_text_comes_back),
      UNIT(a_text_longer_than_the_readers_room_is_cut),
      UNIT(a_text_longer_than_the_longest_is_cut),
      UNIT(one_part_at_a_time_is_the_same_as_all_at_once),
      UNIT(damaged_continuations_become_an_event_without_text),
      UNIT(only_steps_count_as_steps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
