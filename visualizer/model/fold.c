// The fold: reserves room, counts the step, notes that the actor runs, and hands the event to its lane.
// One thread at a time.
#include "model/fold.h"

// Whatever a thread does shows that it runs, even if the record of its waking was missed.
static void note_actor(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  struct hdv_thread *thread = thread_meet(state, record->actor);
  if (thread == NULL) {
    not_understood(state);
    return;
  }
  if (entry->place != 0)
    thread->place = entry->place;
  if (hd_event_info(record->kind)->step)
    count_up(&thread->steps);
  if (thread->state != HDV_RUNNING && record->kind != HD_EV_READY && record->kind != HD_EV_THREAD_ENDED) {
    thread_enter(state, thread, HDV_RUNNING);
    thread->since = record->stamp;
  }
  if (thread->depth > 0)
    lint_callback(state, thread);
}

int hdv_model_fold(hdv_model *model, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  if (arena_reserve(model, record->kind == HD_EV_VALUE_SHOWN) != HD_OK)
    return HD_ENOMEM;
  struct state *state = model->state;
  const struct hd_event_info *info = hd_event_info(record->kind);
  state->totals.stamp = record->stamp;
  if (record->kind >= HD_EV_COUNT) {
    not_understood(state);
    return HD_OK;
  }
  if (info->step)
    count_up(&state->totals.step);
  if (info->lane != HD_LANE_META)
    note_actor(state, entry);
  static void (*const folds[])(struct state *, const struct hd_entry *) = {
      [HD_LANE_THREAD] = fold_thread, [HD_LANE_LOOP] = fold_loop,     [HD_LANE_POOL] = fold_pool,
      [HD_LANE_PORT] = fold_port,     [HD_LANE_WORKER] = fold_worker, [HD_LANE_SYNC] = fold_sync,
      [HD_LANE_SHARE] = fold_share,   [HD_LANE_LESSON] = fold_lesson, [HD_LANE_META] = fold_meta,
  };
  folds[info->lane](state, entry);
  return HD_OK;
}
