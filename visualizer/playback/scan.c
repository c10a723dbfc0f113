// Looking for events in the log, forward or (in pieces) backward from a step; reading single steps; each
// thread's next one. One thread.
#include "playback/inside.h"

#include <stdlib.h>
#include <string.h>

#define PIECE 4096u // steps that a search backward reads at a time

uint64_t find_after(hdv_playback *playback, uint64_t from, match_fn *match, const void *context)
{
  struct hd_log_cursor cursor;
  struct hd_entry entry;
  hd_log_seek(playback->source.log, from, &cursor);
  while (hd_log_next(playback->source.log, &cursor, &entry) == 1)
    if (hd_entry_is_step(&entry) && match(&entry, context))
      return cursor.step;
  return 0;
}

uint64_t find_before(hdv_playback *playback, uint64_t from, match_fn *match, const void *context)
{
  struct hd_entry entry;
  uint64_t end = from;
  while (end > 1) {
    uint64_t begin = end > PIECE ? end - PIECE : 1, found = 0;
    struct hd_log_cursor cursor;
    hd_log_seek(playback->source.log, begin - 1, &cursor);
    while (cursor.step + 1 < end && hd_log_next(playback->source.log, &cursor, &entry) == 1)
      if (hd_entry_is_step(&entry) && match(&entry, context))
        found = cursor.step;
    if (found != 0)
      return found;
    end = begin;
  }
  return 0;
}

// Copies the text, because the log's own copy lives only until the log is asked again.
static void keep_text(struct hd_entry *entry, char *text)
{
  if (entry->text == NULL || entry->text_size == 0) {
    entry->text = NULL;
    entry->text_size = 0;
    return;
  }
  entry->text_size = entry->text_size < TEXT_KEPT ? entry->text_size : TEXT_KEPT;
  memcpy(text, entry->text, entry->text_size);
  entry->text = text;
}

bool read_step(hdv_playback *playback, uint64_t step, struct hd_entry *out, char *text)
{
  if (step == 0 || step > known_steps(playback))
    return false;
  struct hd_log_cursor cursor;
  hd_log_seek(playback->source.log, step - 1, &cursor);
  while (hd_log_next(playback->source.log, &cursor, out) == 1)
    if (hd_entry_is_step(out)) {
      keep_text(out, text);
      return true;
    }
  return false;
}

// ---- grains ----

static bool begins_callback(const struct hd_entry *entry, const void *context)
{
  (void)context;
  return entry->record.kind == HD_EV_CALLBACK_BEGAN;
}

bool grain_ends(enum hdv_grain grain, const struct hd_entry *entry)
{
  return grain == HDV_GRAIN_EVENT || entry->record.kind == HD_EV_PROGRAM_ENDED ||
         entry->record.kind == (grain == HDV_GRAIN_STAGE ? HD_EV_STAGE : HD_EV_CALLBACK_BEGAN);
}

uint64_t grain_after(hdv_playback *playback, enum hdv_grain grain, uint64_t from)
{
  uint64_t end = known_steps(playback), found = from < end ? from + 1 : end;
  if (grain == HDV_GRAIN_CALLBACK)
    found = find_after(playback, from, begins_callback, NULL);
  if (grain == HDV_GRAIN_STAGE) {
    size_t i = 0;
    while (i < playback->stage_count && playback->stages[i] <= from)
      i++;
    found = i < playback->stage_count ? playback->stages[i] : end;
  }
  return found != 0 ? found : end;
}

uint64_t grain_before(hdv_playback *playback, enum hdv_grain grain, uint64_t from)
{
  if (grain == HDV_GRAIN_CALLBACK)
    return find_before(playback, from, begins_callback, NULL);
  if (grain == HDV_GRAIN_STAGE) {
    size_t i = playback->stage_count;
    while (i > 0 && playback->stages[i - 1] >= from)
      i--;
    return i > 0 ? playback->stages[i - 1] : 0;
  }
  return from > 0 ? from - 1 : 0;
}

void index_stages(hdv_playback *playback)
{
  struct hd_entry entry;
  while (hd_log_next(playback->source.log, &playback->indexed, &entry) == 1) {
    if (entry.record.kind != HD_EV_STAGE)
      continue;
    if (playback->stage_count == playback->stage_room) {
      size_t room = playback->stage_room == 0 ? 16 : playback->stage_room * 2;
      uint64_t *stages = realloc(playback->stages, room * sizeof *stages);
      if (stages == NULL)
        return;
      playback->stages = stages;
      playback->stage_room = room;
    }
    playback->stages[playback->stage_count++] = playback->indexed.step;
  }
}

// ---- the event shown, and what each thread does next ----

bool hdv_playback_event(hdv_playback *playback, struct hd_entry *out)
{
  return read_step(playback, playback->cursor.step, out, playback->text);
}

// Searches on from where the last search for the same step ended: only what is new in the log.
static void look_ahead(hdv_playback *playback)
{
  if (playback->ahead.from.step != playback->cursor.step || playback->ahead.to.record == 0) {
    memset(playback->ahead.found, 0, sizeof playback->ahead.found);
    playback->ahead.from = playback->cursor;
    playback->ahead.to = playback->cursor;
  }
  struct hd_entry entry;
  struct hd_log_cursor before = playback->ahead.to;
  while (before.step - playback->ahead.from.step < AHEAD_STEPS &&
         hd_log_next(playback->source.log, &playback->ahead.to, &entry) == 1) {
    const struct hd_event_info *info = hd_event_info(entry.record.kind);
    uint16_t slot = entry.record.actor;
    if (info->step && info->lane != HD_LANE_META && slot < HD_SLOTS && !playback->ahead.found[slot]) {
      playback->ahead.found[slot] = true;
      playback->ahead.at[slot] = before;
    }
    before = playback->ahead.to;
  }
  playback->ahead.whole = before.step - playback->ahead.from.step < AHEAD_STEPS;
}

static bool pending_of(const hdv_playback *playback, uint16_t slot, struct hd_entry *out, char *text)
{
  struct hd_pending pending;
  if (!playback->live || !hd_control_pending(playback->source.control, slot, &pending))
    return false;
  uint32_t size = pending.text_size < HD_PENDING_TEXT ? pending.text_size : HD_PENDING_TEXT;
  memcpy(text, pending.text, size);
  *out = (struct hd_entry){.record = {.stamp = pending.arrived,
                                      .object = pending.object,
                                      .kind = pending.kind,
                                      .actor = slot,
                                      .a = pending.a,
                                      .b = pending.b},
                           .place = pending.place,
                           .text = size > 0 ? text : NULL,
                           .text_size = size};
  return true;
}

bool hdv_playback_next_of(hdv_playback *playback, uint16_t slot, struct hd_entry *out)
{
  if (slot >= HD_SLOTS)
    return false;
  look_ahead(playback);
  if (playback->ahead.found[slot]) {
    struct hd_log_cursor cursor = playback->ahead.at[slot];
    if (hd_log_next(playback->source.log, &cursor, out) != 1)
      return false;
    keep_text(out, playback->next_text);
    return true;
  }
  return playback->ahead.whole && pending_of(playback, slot, out, playback->next_text);
}

hd_log *hdv_playback_log(hdv_playback *playback)
{
  return playback->source.log;
}
