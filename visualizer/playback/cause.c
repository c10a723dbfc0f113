// Why did this happen? The step before the one shown that made it possible: from the cause table, or by what
// the event is about (who queued this callback's object, who stored these bytes, who woke this thread). One
// thread.
#include "playback/inside.h"

#include <string.h>

struct question {
  const struct hd_record *of; // the event whose cause is wanted
  const hdv_model *model;
};

static bool same_object(const struct hd_entry *entry, const struct question *question, unsigned kind)
{
  return entry->record.kind == kind && entry->record.object == question->of->object;
}

static bool by_table(const struct hd_entry *entry, const void *context)
{
  const struct question *question = context;
  return same_object(entry, question, hd_event_info(question->of->kind)->cause);
}

// The event that put the object of a callback where it waited to be called.
static bool queued_it(const struct hd_entry *entry, const void *context)
{
  const struct question *question = context;
  if (entry->record.object != question->of->object)
    return false;
  switch (entry->record.kind) {
  case HD_EV_TICK_QUEUED:
  case HD_EV_MICROTASK_QUEUED:
  case HD_EV_IMMEDIATE_QUEUED:
  case HD_EV_TIMER_STARTED:
  case HD_EV_CLOSE_QUEUED:
  case HD_EV_FD_WATCHED:
  case HD_EV_POSTED:
  case HD_EV_TASK_DONE:
  case HD_EV_TASK_CANCELLED:
  case HD_EV_TASK_DROPPED:
  case HD_EV_MESSAGE_POSTED:
  case HD_EV_WORKER_ONLINE:
  case HD_EV_WORKER_FAILED:
  case HD_EV_WORKER_ENDED:
  case HD_EV_THROWN:
    return true;
  default:
    return false;
  }
}

static bool began(const struct hd_entry *entry, const void *context)
{
  return same_object(entry, context, HD_EV_CALLBACK_BEGAN);
}

static bool created(const struct hd_entry *entry, const void *context)
{
  return same_object(entry, context, HD_EV_THREAD_CREATED);
}

static bool began_work(const struct hd_entry *entry, const void *context)
{
  const struct question *question = context;
  return entry->record.kind == HD_EV_WORK_BEGAN && entry->record.actor == question->of->actor;
}

// A store into any of the bytes; a reading of the whole value has no address of its own.
static bool stored(const struct hd_entry *entry, const void *context)
{
  const struct question *question = context;
  const struct hd_record *of = question->of, *by = &entry->record;
  if (!same_object(entry, question, HD_EV_STORE))
    return false;
  if (of->kind == HD_EV_SAW)
    return true;
  return by->a < of->a ? of->a - by->a < by->b : by->a - of->a < of->b;
}

static bool gave_lock(const struct hd_entry *entry, const void *context)
{
  const struct question *question = context;
  bool left = entry->record.kind == HD_EV_COND_WAITED && entry->record.a == question->of->object;
  return entry->record.actor != question->of->actor &&
         (left || same_object(entry, question, HD_EV_LOCK_GIVEN));
}

static bool took_lock(const struct hd_entry *entry, const void *context)
{
  const struct question *question = context;
  return entry->record.actor != question->of->actor && same_object(entry, question, HD_EV_LOCK_TAKEN);
}

static bool names_object(const char *field)
{
  return strncmp(field, "object id", 9) == 0;
}

static bool concerns(const struct hd_entry *entry, uint32_t object, const hdv_model *model)
{
  const struct hd_event_info *info = hd_event_info(entry->record.kind);
  if (entry->record.object == object || (names_object(info->a) && entry->record.a == object) ||
      (names_object(info->b) && entry->record.b == object))
    return true;
  if (entry->record.kind != HD_EV_MESSAGE_POSTED || entry->record.a > UINT32_MAX)
    return false;
  const struct hdv_object *port = hdv_model_object(model, (uint32_t)entry->record.a);
  return port != NULL && port->kind == HDV_PORT && port->y == object;
}

// What another thread did to the thing waited for. A loop is also woken by the tasks and threads it has set
// going.
static bool woke(const struct hd_entry *entry, const void *context)
{
  const struct question *question = context;
  const struct hd_record *of = question->of;
  unsigned kind = entry->record.kind;
  if (entry->record.actor == of->actor || hd_event_info(kind)->lane == HD_LANE_META)
    return false;
  bool for_loop = kind == HD_EV_TASK_DONE || kind == HD_EV_TASK_CANCELLED || kind == HD_EV_WORKER_ONLINE ||
                  kind == HD_EV_WORKER_FAILED || kind == HD_EV_WORKER_ENDED;
  return (of->a == HD_REASON_POLL && for_loop) ||
         (of->object != 0 && concerns(entry, of->object, question->model));
}

static bool slept(const struct hd_entry *entry, const void *context)
{
  const struct question *question = context;
  return entry->record.kind == HD_EV_BLOCKED && entry->record.actor == question->of->actor;
}

static match_fn *matcher(const struct hd_record *of)
{
  switch (of->kind) {
  case HD_EV_CALLBACK_BEGAN:
    return queued_it;
  case HD_EV_CALLBACK_ENDED:
    return began;
  case HD_EV_THREAD_STARTED:
    return created;
  case HD_EV_WORK_ENDED:
    return began_work;
  case HD_EV_STORE:
  case HD_EV_LOAD:
  case HD_EV_SAW:
    return stored;
  case HD_EV_LOCK_TAKEN:
    return gave_lock;
  case HD_EV_BLOCKED:
    return of->a == HD_REASON_LOCK ? took_lock : NULL;
  case HD_EV_READY:
    return of->b == 1 ? slept : woke; // its time came: it set the alarm itself
  default:
    return hd_event_info(of->kind)->cause != HD_EV_NONE ? by_table : NULL;
  }
}

uint64_t find_cause(hdv_playback *playback)
{
  struct hd_entry entry;
  if (!hdv_playback_event(playback, &entry))
    return 0;
  const struct question question = {.of = &entry.record, .model = playback->model};
  match_fn *match = matcher(&entry.record);
  return match != NULL ? find_before(playback, playback->cursor.step, match, &question) : 0;
}
