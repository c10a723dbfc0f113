// What the tests of the model and the playback share: stories (traces made up event by event, plausible or garbage), folding
// them, and logs made of them. All from a seed, so every failure comes again.
#ifndef HD_TESTS_STORY_H
#define HD_TESTS_STORY_H

#include "unit.h"

#include "base/error.h"
#include "model/model.h"
#include "trace/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct story {
  struct hd_entry *events;
  size_t count, room;
  uint64_t stamp, clock, random;
  uint32_t ids;
};

static inline uint64_t story_random(struct story *story, uint64_t below)
{
  story->random ^= story->random << 13;
  story->random ^= story->random >> 7;
  story->random ^= story->random << 17;
  return (story->random >> 11) % below;
}

static inline void story_open(struct story *story, uint64_t seed)
{
  *story = (struct story){.random = seed * 0x9e3779b97f4a7c15u + 1, .ids = 100};
}

static inline void story_close(struct story *story)
{
  for (size_t i = 0; i < story->count; i++)
    free((void *)(uintptr_t)story->events[i].text);
  free(story->events);
}

static inline struct hd_entry *tell_bytes(struct story *story, unsigned kind, unsigned actor, uint32_t object, uint64_t a,
                                          uint64_t b, const void *bytes, size_t size)
{
  if (story->count == story->room) {
    story->room = story->room ? story->room * 2 : 256;
    story->events = realloc(story->events, story->room * sizeof *story->events);
    if (!story->events)
      abort();
  }
  char *text = NULL;
  if (bytes) {
    text = malloc(size + 1);
    if (!text)
      abort();
    memcpy(text, bytes, size);
    text[size] = '\0';
  }
  struct hd_entry *entry = &story->events[story->count++];
  *entry = (struct hd_entry){.record = {.stamp = story->stamp += 1000, .object = object, .kind = (uint16_t)kind,
                                        .actor = (uint16_t)actor, .a = a, .b = b},
                             .place = 0x400000 + story->count % 64, .text = text, .text_size = (uint32_t)(text ? size : 0)};
  return entry;
}

static inline struct hd_entry *tell_text(struct story *story, unsigned kind, unsigned actor, uint32_t object, uint64_t a,
                                         uint64_t b, const char *text)
{
  return tell_bytes(story, kind, actor, object, a, b, text, text ? strlen(text) : 0);
}

static inline struct hd_entry *tell(struct story *story, unsigned kind, unsigned actor, uint32_t object, uint64_t a,
                                    uint64_t b)
{
  return tell_bytes(story, kind, actor, object, a, b, NULL, 0);
}

// ---- a plausible program: a main loop in slot 0, a pool of four threads in slots 1 to 4 ----

enum { MAIN = 1, LOOP = 2, POOL = 3, PORT = 4, LOCK = 5, VALUE = 6, WORKERS = 4, THREAD = 10 };

struct cast {
  uint32_t queued[8][16];  // by callback kind: ids that wait
  unsigned queued_count[8];
  uint32_t waiting[64];    // tasks in the pool's queue
  unsigned waiting_count;
  uint32_t running[WORKERS + 1];
  bool holds[WORKERS + 1];
  uint64_t turn, tasks;
  uint32_t done[64];
  unsigned done_count;
};

static inline void story_begin(struct story *story)
{
  tell_text(story, HD_EV_NAME, 0, MAIN, 0, 0, "main");
  tell_text(story, HD_EV_THREAD_STARTED, 0, MAIN, HD_ROLE_MAIN, 4711, "main");
  tell(story, HD_EV_LOOP_OPENED, 0, LOOP, 0, 0);
  tell(story, HD_EV_POOL_OPENED, 0, POOL, WORKERS, 0);
  for (uint32_t i = 1; i <= WORKERS; i++) {
    char name[24];
    (void)snprintf(name, sizeof name, "worker %u", i);
    tell(story, HD_EV_THREAD_CREATED, 0, THREAD + i, 0, 0);
    tell_text(story, HD_EV_THREAD_STARTED, i, THREAD + i, HD_ROLE_POOL, 4711 + i, name);
    tell(story, HD_EV_POOL_JOINED, i, POOL, i - 1, 0);
    tell(story, HD_EV_BLOCKED, i, POOL, HD_REASON_TASK, 0);
  }
  tell(story, HD_EV_PORT_OPENED, 0, PORT, 0, LOOP);
  tell_text(story, HD_EV_NAME, 0, VALUE, 0, 0, "shared");
  tell_bytes(story, HD_EV_VALUE_SHOWN, 0, VALUE, 0x1000, 8, "01234567", 8);
  tell(story, HD_EV_LOOP_STARTED, 0, LOOP, 0, 0);
}

static inline void story_queue(struct story *story, struct cast *cast)
{
  static const struct {
    unsigned event, callback;
  } ways[] = {{HD_EV_TICK_QUEUED, HD_CALLBACK_TICK},           {HD_EV_MICROTASK_QUEUED, HD_CALLBACK_MICROTASK},
              {HD_EV_IMMEDIATE_QUEUED, HD_CALLBACK_IMMEDIATE}, {HD_EV_TIMER_STARTED, HD_CALLBACK_TIMER},
              {HD_EV_POSTED, HD_CALLBACK_POSTED}};
  unsigned way = (unsigned)story_random(story, 5), callback = ways[way].callback;
  if (cast->queued_count[callback] == 16)
    return;
  uint32_t id = story->ids++;
  bool timer = callback == HD_CALLBACK_TIMER;
  uint64_t due = story->clock + story_random(story, 1000000);
  tell(story, ways[way].event, 0, id, timer ? due : LOOP, timer ? LOOP : id - 99);
  cast->queued[callback][cast->queued_count[callback]++] = id;
}

static inline void story_call(struct story *story, struct cast *cast)
{
  unsigned callback = 1 + (unsigned)story_random(story, 5);
  if (cast->queued_count[callback] == 0)
    return;
  uint32_t id = cast->queued[callback][--cast->queued_count[callback]];
  tell(story, HD_EV_CALLBACK_BEGAN, 0, id, callback, LOOP);
  story_queue(story, cast);
  if (callback == HD_CALLBACK_TIMER && story_random(story, 3) == 0 && cast->queued_count[callback] < 16) {
    tell(story, HD_EV_TIMER_STARTED, 0, id, story->clock + 500000, LOOP);
    cast->queued[callback][cast->queued_count[callback]++] = id;
  }
  tell(story, HD_EV_CALLBACK_ENDED, 0, id, callback, LOOP);
}

static inline void story_submit(struct story *story, struct cast *cast)
{
  if (cast->waiting_count == 64)
    return;
  uint32_t id = story->ids++;
  tell(story, HD_EV_TASK_SUBMITTED, 0, id, POOL, ++cast->tasks);
  cast->waiting[cast->waiting_count++] = id;
}

static inline void story_work(struct story *story, struct cast *cast)
{
  unsigned worker = 1 + (unsigned)story_random(story, WORKERS);
  if (cast->running[worker] == 0 && cast->waiting_count > 0) {
    uint32_t id = cast->waiting[0];
    memmove(cast->waiting, cast->waiting + 1, --cast->waiting_count * sizeof id);
    tell(story, HD_EV_READY, worker, POOL, HD_REASON_TASK, 0);
    tell(story, HD_EV_TASK_TAKEN, worker, id, POOL, 0);
    cast->running[worker] = id;
  } else if (cast->running[worker] != 0 && !cast->holds[worker] && cast->done_count < 64) {
    tell(story, HD_EV_TASK_DONE, worker, cast->running[worker], POOL, 0);
    tell(story, HD_EV_BLOCKED, worker, POOL, HD_REASON_TASK, 0);
    cast->done[cast->done_count++] = cast->running[worker];
    cast->running[worker] = 0;
  }
}

static inline void story_complete(struct story *story, struct cast *cast)
{
  if (cast->done_count == 0)
    return;
  uint32_t id = cast->done[--cast->done_count];
  tell(story, HD_EV_CALLBACK_BEGAN, 0, id, HD_CALLBACK_TASK, LOOP);
  tell(story, HD_EV_CALLBACK_ENDED, 0, id, HD_CALLBACK_TASK, LOOP);
}

static inline void story_share(struct story *story, struct cast *cast)
{
  unsigned worker = 1 + (unsigned)story_random(story, WORKERS);
  if (cast->running[worker] == 0)
    return;
  uint64_t half = story->random, size = 4;
  tell_bytes(story, HD_EV_STORE, worker, VALUE, 0x1000 + 4 * story_random(story, 2), size, &half, size);
  tell(story, HD_EV_LOAD, 0, VALUE, 0x1000, 8);
  tell_bytes(story, HD_EV_SAW, 0, VALUE, story_random(story, 2), 8, &story->random, 8);
  bool taken = false;
  for (unsigned i = 1; i <= WORKERS; i++)
    taken |= cast->holds[i];
  if (!taken) {
    tell(story, HD_EV_LOCK_WANTED, worker, LOCK, 0, 0);
    tell(story, HD_EV_LOCK_TAKEN, worker, LOCK, 0, 0);
    cast->holds[worker] = true;
  } else if (cast->holds[worker]) {
    tell(story, HD_EV_LOCK_GIVEN, worker, LOCK, 0, 0);
    cast->holds[worker] = false;
  }
}

static inline void story_speak(struct story *story, struct cast *cast)
{
  uint32_t id = story->ids++;
  switch (story_random(story, 8)) {
  case 0:
    tell_text(story, HD_EV_OUTPUT, 0, 0, 1 + story_random(story, 2), 0, story_random(story, 2) ? "finished" : " one\nand");
    break;
  case 1:
    tell_text(story, HD_EV_TALLY, 0, 0, story_random(story, 100), 100, story_random(story, 2) ? "torn" : "whole");
    break;
  case 2:
    tell(story, HD_EV_MESSAGE_POSTED, 1, id, PORT, 12);
    tell(story, HD_EV_MESSAGE_TAKEN, 0, id, PORT, 12);
    break;
  case 3:
    tell_text(story, HD_EV_STAGE, 0, 0, story->count / 256 + 1, 0, "the next part");
    break;
  case 4:
    tell(story, HD_EV_POOL_STATE, 0, POOL, (uint64_t)cast->waiting_count << 32, 0);
    break;
  default:
    tell(story, HD_EV_PHASE, 0, LOOP, story_random(story, HD_PHASE_COUNT), ++cast->turn / 4);
    tell(story, HD_EV_CLOCK, 0, 0, story->clock += story_random(story, 1000000), 0);
    break;
  }
}

// About so many events of it. lossy: records are missing here and there, and it says so.
static inline void story_program(struct story *story, size_t events, bool lossy)
{
  static void (*const acts[])(struct story *, struct cast *) = {story_queue, story_call,  story_submit, story_work, story_work,
                                                               story_work,  story_complete, story_complete, story_share, story_speak};
  struct cast cast = {0};
  story_begin(story);
  while (story->count < events) {
    acts[story_random(story, sizeof acts / sizeof acts[0])](story, &cast);
    if (lossy && story_random(story, 200) == 0) {
      tell(story, HD_EV_LOST, 0, 0, 3, 0);
      cast.waiting_count /= 2;
      tell(story, HD_EV_LOOP_STATE, 0, LOOP, HD_PHASE_POLL, cast.turn / 4);
      tell(story, HD_EV_POOL_STATE, 0, POOL, (uint64_t)cast.waiting_count << 32 | 2, cast.tasks / 2);
    }
  }
}

// Anything at all: any kinds, ids, sizes, texts; small numbers more often, so that events meet.
static inline uint64_t story_number(struct story *story)
{
  switch (story_random(story, 8)) {
  case 0:
    return story->random;
  case 1:
    return (uint32_t)story->random;
  case 2:
    return 0;
  default:
    return story_random(story, 60);
  }
}

static inline void story_garbage(struct story *story, size_t events)
{
  while (story->count < events) {
    char text[80];
    size_t size = story_random(story, sizeof text);
    for (size_t i = 0; i < size; i++)
      text[i] = (char)(story_random(story, 4) ? 'a' + story_random(story, 26) : story_random(story, 256));
    unsigned kind = (unsigned)(story_random(story, 32) ? story_random(story, HD_EV_COUNT) : story->random & HD_RECORD_KIND);
    unsigned actor = (unsigned)(story_random(story, 8) ? story_random(story, 6) : story->random & 0xffff);
    struct hd_entry *entry = tell_bytes(story, kind, actor, (uint32_t)story_number(story), story_number(story),
                                        story_number(story), story_random(story, 2) ? text : NULL, size);
    if (story_random(story, 8) == 0)
      entry->record.stamp = story->random;
  }
}

// ---- folding and logs ----

static inline hdv_model *story_model(const struct story *story, size_t events)
{
  hdv_model *model;
  if (hdv_model_open(&model) != HD_OK)
    abort();
  for (size_t i = 0; i < events && i < story->count; i++)
    if (hdv_model_fold(model, &story->events[i]) != HD_OK)
      abort();
  return model;
}

// The state at a step: everything before the next step, quiet events included.
static inline hdv_model *story_model_at(const struct story *story, uint64_t step)
{
  uint64_t steps = 0;
  size_t events = 0;
  for (; events < story->count; events++) {
    steps += hd_entry_is_step(&story->events[events]) != 0;
    if (steps > step)
      break;
  }
  return story_model(story, events);
}

static inline bool same_state(const hdv_model *a, const hdv_model *b)
{
  return hdv_model_size(a) == hdv_model_size(b) && memcmp(hdv_model_bytes(a), hdv_model_bytes(b), hdv_model_size(a)) == 0;
}

static inline hd_log *story_log(const struct story *story)
{
  hd_log *log;
  struct hd_trace_header header = {.rate = {.mult = 1}};
  if (hd_log_create(&log, NULL, &header) != HD_OK)
    abort();
  for (size_t i = 0; i < story->count; i++)
    if (hd_log_append(log, &story->events[i]) != HD_OK)
      abort();
  return log;
}

#endif
