// Two little programs told as events, for tests of what viewers draw: a pool of eight workers behind a loop,
// and a value that is torn. Everything is fixed: the same call gives the same events.
#ifndef HD_TESTS_SCREEN_STORY_H
#define HD_TESTS_SCREEN_STORY_H

#include "trace/event.h"
#include "trace/record.h"

#include <stdio.h>
#include <string.h>

typedef void story_fn(void *context, const struct hd_entry *entry);

struct story {
  story_fn *tell;
  void *context;
  uint64_t stamp, place;
};

enum {
  STORY_LOOP = 50,
  STORY_POOL = 51,
  STORY_VALUE = 52,
  STORY_LOCK = 53,
  STORY_TASKS = 100,
  STORY_OTHERS = 500
};
#define STORY_WORKERS 8
#define STORY_NOBODY 0xffffu // told by the recorder, by no thread

static const char story_source[] = "#include \"heddle.h\"\n"
                                   "\n"
                                   "static void count(struct hd_task *task)\n"
                                   "{\n"
                                   "  hd_work(5);\n"
                                   "  sum += number_of(task);\n"
                                   "}\n"
                                   "\n"
                                   "static void finished(struct hd_task *task)\n"
                                   "{\n"
                                   "  printf(\"finished %d\\n\", number_of(task));\n"
                                   "}\n"
                                   "\n"
                                   "int main(void)\n"
                                   "{\n"
                                   "  for (int i = 0; i < 24; i++)\n"
                                   "    hd_pool_submit(pool, &tasks[i], count, finished);\n"
                                   "  return hd_loop_run(loop);\n"
                                   "}\n";

static inline void story_text(struct story *story, uint16_t actor, unsigned kind, uint32_t object, uint64_t a,
                              uint64_t b, const void *text, size_t size)
{
  struct hd_entry entry = {.record = {.stamp = story->stamp += 33000000,
                                      .object = object,
                                      .kind = (uint16_t)kind,
                                      .actor = actor,
                                      .a = a,
                                      .b = b},
                           .place = story->place,
                           .text = text,
                           .text_size = (uint32_t)size};
  story->tell(story->context, &entry);
}

static inline void story_event(struct story *story, uint16_t actor, unsigned kind, uint32_t object,
                               uint64_t a, uint64_t b)
{
  story_text(story, actor, kind, object, a, b, NULL, 0);
}

static inline void story_say(struct story *story, uint16_t actor, unsigned kind, uint32_t object, uint64_t a,
                             const char *text)
{
  story_text(story, actor, kind, object, a, 0, text, strlen(text));
}

// The code addresses that stand for lines of story_source are 0x1000 + line.
static inline void story_begin(struct story *story)
{
  char text[sizeof story_source + 16];
  int head = snprintf(text, sizeof text, "lesson.c\n%s", story_source);
  story_text(story, 0, HD_EV_SOURCE, 0, 0, 0, text, (size_t)head);
  for (unsigned line = 1; line <= 19; line++) {
    const char *where = line < 8 ? "lesson.c\ncount" : line < 14 ? "lesson.c\nfinished" : "lesson.c\nmain";
    story_text(story, 0, HD_EV_LINE, 0, 0x1000 + line, line, where, strlen(where));
  }
  story_event(story, 0, HD_EV_THREAD_STARTED, 1, HD_ROLE_MAIN, 0);
  story_say(story, 0, HD_EV_NAME, 1, 0, "main thread");
}

static inline void story_pool_opens(struct story *story)
{
  char name[32];
  story_event(story, 0, HD_EV_LOOP_OPENED, STORY_LOOP, 0, 0);
  story_event(story, 0, HD_EV_POOL_OPENED, STORY_POOL, STORY_WORKERS, 0);
  for (uint16_t w = 1; w <= STORY_WORKERS; w++) {
    story_event(story, w, HD_EV_THREAD_STARTED, 1u + w, HD_ROLE_POOL, 0);
    snprintf(name, sizeof name, "worker %u", (unsigned)w);
    story_say(story, w, HD_EV_NAME, 1u + w, 0, name);
    story_event(story, w, HD_EV_POOL_JOINED, STORY_POOL, w - 1u, 0);
    story_event(story, w, HD_EV_BLOCKED, STORY_POOL, HD_REASON_TASK, 0);
  }
  story_event(story, 0, HD_EV_TIMER_STARTED, STORY_OTHERS, 40000000, STORY_LOOP);
  story_event(story, 0, HD_EV_TICK_QUEUED, STORY_OTHERS + 1, STORY_LOOP, 1);
  story_event(story, 0, HD_EV_MICROTASK_QUEUED, STORY_OTHERS + 2, STORY_LOOP, 1);
  story_event(story, 0, HD_EV_IMMEDIATE_QUEUED, STORY_OTHERS + 3, STORY_LOOP, 1);
}

static inline void story_worker_takes(struct story *story, uint16_t worker, uint32_t task)
{
  story->place = 0x1005;
  story_event(story, worker, HD_EV_READY, STORY_POOL, HD_REASON_TASK, 0);
  story_event(story, worker, HD_EV_TASK_TAKEN, STORY_TASKS + task, STORY_POOL, 0);
  story_event(story, worker, HD_EV_WORK_BEGAN, 0, 5000000ull * worker, 0);
}

static inline void story_worker_finishes(struct story *story, uint16_t worker, uint32_t task)
{
  story->place = 0x1006;
  story_event(story, worker, HD_EV_WORK_ENDED, 0, 5000000ull * worker, 0);
  story_event(story, worker, HD_EV_TASK_DONE, STORY_TASKS + task, STORY_POOL, 0);
  story_event(story, worker, HD_EV_BLOCKED, STORY_POOL, HD_REASON_TASK, 0);
}

static inline void story_callback(struct story *story, uint32_t task)
{
  char line[32];
  story->place = 0x100b;
  story_event(story, 0, HD_EV_CALLBACK_BEGAN, STORY_TASKS + task, HD_CALLBACK_TASK, STORY_LOOP);
  snprintf(line, sizeof line, "finished %u\n", task);
  story_say(story, STORY_NOBODY, HD_EV_OUTPUT, 0, 1, line);
  story_event(story, 0, HD_EV_CALLBACK_ENDED, STORY_TASKS + task, HD_CALLBACK_TASK, STORY_LOOP);
}

// Twenty-four tasks through eight workers; `rounds` times eight of them, then the loop gets their
// completions.
static inline void story_pool(story_fn *tell, void *context, unsigned rounds)
{
  struct story story = {.tell = tell, .context = context};
  story_begin(&story);
  story_say(&story, 0, HD_EV_STAGE, 0, 1, "eight workers wait for tasks");
  story_pool_opens(&story);
  story.place = 0x1011;
  story_say(&story, 0, HD_EV_STAGE, 0, 2, "the pool works");
  for (uint32_t task = 1; task <= 8 * rounds; task++)
    story_event(&story, 0, HD_EV_TASK_SUBMITTED, STORY_TASKS + task, STORY_POOL, task);
  story.place = 0x1012;
  story_event(&story, 0, HD_EV_LOOP_STARTED, STORY_LOOP, 0, 0);
  for (uint32_t round = 0; round < rounds; round++) {
    story.place = 0;
    story_event(&story, 0, HD_EV_PHASE, STORY_LOOP, HD_PHASE_TIMERS, round + 1);
    story_event(&story, 0, HD_EV_PHASE, STORY_LOOP, HD_PHASE_POLL, round + 1);
    for (uint16_t w = 1; w <= STORY_WORKERS; w++)
      story_worker_takes(&story, w, round * 8 + w);
    story_event(&story, 0, HD_EV_BLOCKED, STORY_LOOP, HD_REASON_POLL, 0);
    for (uint16_t w = 1; w <= STORY_WORKERS; w++)
      story_worker_finishes(&story, w, round * 8 + w);
    story_event(&story, 0, HD_EV_READY, STORY_LOOP, HD_REASON_POLL, 0);
    for (uint32_t w = 1; w <= STORY_WORKERS; w++)
      story_callback(&story, round * 8 + w);
  }
  story.place = 0;
  story_event(&story, 0, HD_EV_LOOP_ENDED, STORY_LOOP, 0, rounds);
  story_event(&story, STORY_NOBODY, HD_EV_PROGRAM_ENDED, 0, 0, 0);
}

// One thread stores a value in two halves, another reads it in between.
static inline void story_torn(story_fn *tell, void *context, unsigned rounds)
{
  struct story story = {.tell = tell, .context = context};
  static const char ones[8] = {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11};
  static const char twos[8] = {0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22};
  static const char mixed[8] = {0x22, 0x22, 0x22, 0x22, 0x11, 0x11, 0x11, 0x11};
  story_begin(&story);
  story_say(&story, 0, HD_EV_STAGE, 0, 1, "a value in two halves");
  story_event(&story, 0, HD_EV_THREAD_CREATED, 2, 0, 0);
  story_event(&story, 1, HD_EV_THREAD_STARTED, 2, HD_ROLE_THREAD, 0);
  story_say(&story, 1, HD_EV_NAME, 2, 0, "writer 1");
  story_event(&story, 2, HD_EV_THREAD_STARTED, 3, HD_ROLE_THREAD, 0);
  story_say(&story, 2, HD_EV_NAME, 3, 0, "writer 2");
  story_text(&story, 0, HD_EV_VALUE_SHOWN, STORY_VALUE, 0x7000, 8, "\0\0\0\0\0\0\0", 8);
  story_say(&story, 0, HD_EV_NAME, STORY_VALUE, 0, "balance");
  story_event(&story, 0, HD_EV_BLOCKED, 2, HD_REASON_JOIN, 0);
  story_say(&story, 1, HD_EV_NAME, STORY_LOCK, 0, "door");
  story.place = 0x1006;
  for (unsigned round = 0; round < rounds; round++) {
    story_text(&story, 1, HD_EV_STORE, STORY_VALUE, 0x7000, 4, ones, 4);
    story_text(&story, 1, HD_EV_STORE, STORY_VALUE, 0x7004, 4, ones, 4);
    story_text(&story, 2, HD_EV_STORE, STORY_VALUE, 0x7000, 4, twos, 4);
    story_text(&story, 1, HD_EV_SAW, STORY_VALUE, 1, 8, mixed, 8);
    story_text(&story, 2, HD_EV_STORE, STORY_VALUE, 0x7004, 4, twos, 4);
    story_event(&story, 1, HD_EV_LOCK_WANTED, STORY_LOCK, 0, 0);
    story_event(&story, 1, HD_EV_LOCK_TAKEN, STORY_LOCK, 0, 0);
    story_event(&story, 2, HD_EV_LOCK_WANTED, STORY_LOCK, 0, 0);
    story_event(&story, 2, HD_EV_BLOCKED, STORY_LOCK, HD_REASON_LOCK, 0);
    story_text(&story, 0, HD_EV_TALLY, 0, round + 1, (round + 1) * 1000, "torn", 4);
    story_event(&story, 1, HD_EV_LOCK_GIVEN, STORY_LOCK, 0, 0);
    story_event(&story, 2, HD_EV_READY, STORY_LOCK, HD_REASON_LOCK, 0);
    story_event(&story, 2, HD_EV_LOCK_TAKEN, STORY_LOCK, 0, 0);
    story_event(&story, 2, HD_EV_LOCK_GIVEN, STORY_LOCK, 0, 0);
  }
  story.place = 0;
  story_say(&story, 0, HD_EV_OBSERVED, 0, 1, "torn");
  story_event(&story, STORY_NOBODY, HD_EV_PROGRAM_ENDED, 0, 0, 0);
}

#endif
