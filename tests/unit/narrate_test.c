// Narration: the sentences, their views, and that nothing in a trace can break the terminal that shows them.
#include "story.h"

#include "model/narrate.h"

// Tells the last event of the story in the state after it.
static const char *told(const struct story *story)
{
  static char out[512];
  hdv_model *model = story_model(story, story->count);
  size_t length = hdv_narrate(model, &story->events[story->count - 1], out, sizeof out);
  assert_int_equal(length, strlen(out));
  hdv_model_close(model);
  return out;
}

static void sentences_name_their_actors_and_objects(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  story_begin(&story);
  tell(&story, HD_EV_TASK_SUBMITTED, 0, 50, POOL, 17);
  assert_string_equal(told(&story), "main submits task 17 to pool 1");
  tell(&story, HD_EV_READY, 3, POOL, HD_REASON_TASK, 0);
  assert_string_equal(told(&story), "worker 3 goes on: the wait for a task is over");
  tell(&story, HD_EV_TASK_TAKEN, 3, 50, POOL, 0);
  assert_string_equal(told(&story), "worker 3 takes task 17 from the queue");
  tell(&story, HD_EV_TASK_TAKEN, 0, 50, POOL, THREAD + 2);
  assert_string_equal(told(&story), "worker 2 takes task 17 from the queue");
  tell(&story, HD_EV_TASK_DONE, 3, 50, POOL, 0);
  tell(&story, HD_EV_CALLBACK_BEGAN, 0, 50, HD_CALLBACK_TASK, LOOP);
  tell(&story, HD_EV_CALLBACK_ENDED, 0, 50, HD_CALLBACK_TASK, LOOP);
  assert_string_equal(told(&story), "the completion callback of task 17 has run to its end");
  tell(&story, HD_EV_POOL_JOINED, 0, POOL, 1, THREAD + 2);
  assert_string_equal(told(&story), "worker 2 joins pool 1 as its worker 2");
  tell(&story, HD_EV_PHASE, 0, LOOP, HD_PHASE_POLL, 12);
  assert_string_equal(told(&story), "loop 1 enters the poll phase, turn 12");
  tell(&story, HD_EV_STORE, 99, 77, 0, 4);
  assert_string_equal(told(&story), "thread 99 stores 4 bytes of object 77: unknown bytes");
  story_close(&story);
}

static void times_are_told_in_milliseconds_without_needless_zeros(void **state)
{
  (void)state;
  static const struct {
    uint64_t ns;
    const char *told;
  } cases[] = {{5000000, "main computes for 5 ms"},
               {250000, "main computes for 0.25 ms"},
               {1, "main computes for 0 ms"},
               {10000000000, "main computes for 10000 ms"},
               {UINT64_MAX, "main computes for 18446744073709.552 ms"}};
  struct story story;
  story_open(&story, 1);
  story_begin(&story);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tell(&story, HD_EV_WORK_BEGAN, 0, 0, cases[i].ns, 0);
    assert_string_equal(told(&story), cases[i].told);
  }
  story_close(&story);
}

static void stored_bytes_are_told_as_a_little_endian_machine_reads_them(void **state)
{
  (void)state;
  static const unsigned char bytes[20] = {0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, 9, 10,
                                          11,   12,   13,   14,   15,   16,   17,   18,   19, 20};
  static const struct {
    uint64_t size;
    const char *told;
  } cases[] = {{8, "main has read shared as 0x0123456789ABCDEF"},
               {4, "main has read shared as 0x89ABCDEF"},
               {3, "main has read shared as 0xEFCDAB"},
               {20, "main has read shared as 0xEFCDAB8967452301090A0B0C0D0E0F10..."}};
  struct story story;
  story_open(&story, 1);
  story_begin(&story);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tell_bytes(&story, HD_EV_SAW, 0, VALUE, 0, cases[i].size, bytes, cases[i].size);
    assert_string_equal(told(&story), cases[i].told);
  }
  story_close(&story);
}

static void one_of_a_thing_is_singular(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  story_begin(&story);
  tell(&story, HD_EV_POOL_OPENED, 0, 50, 1, 0);
  assert_string_equal(told(&story), "main opens pool 2 with 1 worker");
  tell(&story, HD_EV_MESSAGE_TAKEN, 0, 51, PORT, 1);
  assert_string_equal(told(&story), "main receives message 1 (1 byte)");
  tell(&story, HD_EV_LOST, HDV_NOBODY, 0, 1, 0);
  assert_string_equal(told(&story), "1 record was missed here: the recorder could not keep up");
  tell(&story, HD_EV_LOST, HDV_NOBODY, 0, 2, 0);
  assert_string_equal(told(&story), "2 records were missed here: the recorder could not keep up");
  tell_text(&story, HD_EV_OBSERVED, 0, 0, (uint64_t)-3, 0, "balance");
  assert_string_equal(told(&story), "observed: balance = -3");
  story_close(&story);
}

static void what_the_program_prints_cannot_steer_the_terminal(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 1);
  story_begin(&story);
  tell_text(&story, HD_EV_OUTPUT, HDV_NOBODY, 0, 1, 0, "finished 3\n");
  assert_string_equal(told(&story), "the program prints: finished 3");
  tell_text(&story, HD_EV_OUTPUT, HDV_NOBODY, 0, 1, 0, "\x1b[2J\xc2\x9b" "a\tb\xe2\x80\xae\xff\xc0\xaf\xed\xa0\x80\xe4\xb8\x96");
  assert_string_equal(told(&story), "the program prints:  [2J a b ??????\xe4\xb8\x96");
  char long_text[4000];
  memset(long_text, 'x', sizeof long_text);
  tell_bytes(&story, HD_EV_NOTE, 0, 0, 0, 0, long_text, sizeof long_text);
  const char *sentence = told(&story);
  assert_true(strlen(sentence) < 200);
  assert_string_equal(sentence + strlen(sentence) - 4, "x...");
  story_close(&story);
}

static bool valid_utf8(const char *text)
{
  for (const unsigned char *at = (const unsigned char *)text; *at;) {
    int more = *at < 0x80 ? 0 : *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : *at >= 0xc2 ? 1 : -1;
    if (more < 0 || *at < 0x20 || *at == 0x7f)
      return false;
    for (at++; more > 0; more--, at++)
      if ((*at & 0xc0) != 0x80)
        return false;
  }
  return true;
}

static void whatever_the_trace_holds_the_sentence_is_clean_and_fits(void **state)
{
  (void)state;
  struct story story;
  story_open(&story, 9);
  story_garbage(&story, 20000);
  hdv_model *model = story_model(&story, 5000);
  char out[256];
  for (size_t i = 0; i < story.count; i++) {
    size_t cap = story_random(&story, sizeof out);
    memset(out, 'X', sizeof out);
    size_t length = hdv_narrate(model, &story.events[i], out, cap);
    assert_true(cap == 0 || (length < cap && length == strlen(out) && valid_utf8(out)));
    assert_int_equal(out[cap], 'X');
  }
  hdv_model_close(model);
  story_close(&story);
}

static void every_kind_has_a_sentence_without_leftover_braces(void **state)
{
  (void)state;
  hdv_model *model = story_model(&(struct story){0}, 0);
  char out[512];
  for (unsigned kind = 0; kind < HD_EV_COUNT; kind++) {
    struct hd_entry entry = {.record = {.kind = (uint16_t)kind, .object = 5, .a = 1, .b = 2}, .text = "text", .text_size = 4};
    assert_true(hdv_narrate(model, &entry, out, sizeof out) > 3);
    assert_null(strpbrk(out, "{}"));
  }
  hdv_model_close(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(sentences_name_their_actors_and_objects),
      UNIT(times_are_told_in_milliseconds_without_needless_zeros),
      UNIT(stored_bytes_are_told_as_a_little_endian_machine_reads_them),
      UNIT(one_of_a_thing_is_singular),
      UNIT(what_the_program_prints_cannot_steer_the_terminal),
      UNIT(whatever_the_trace_holds_the_sentence_is_clean_and_fits),
      UNIT(every_kind_has_a_sentence_without_leftover_braces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
