// Tells a run in sentences. Names are looked up in the state before a step where its object is known there
// already, else after the step and the quiet events that follow it: so a step that makes something is told
// when its name is known.
#include "cli/teller.h"

#include "base/error.h"
#include "cli/say.h"
#include "cli/summary.h"
#include "model/narrate.h"

#include <stdlib.h>
#include <string.h>

#define TALLIES 16 // names of tallies that are gathered at the same time
#define SENTENCE 2048
#define HELD_TEXT 4096 // bytes of text kept of a step that is not told yet

struct tally {
  struct hd_entry entry;
  char text[HDV_NAME_SIZE * 4];
  uint64_t step;
};

struct hd_teller {
  FILE *to;
  hd_log *log;
  hdv_model *model;
  struct hd_log_cursor cursor;
  bool silent;  // only takes in
  bool waiting; // held is a step that waits for its object's name
  struct hd_entry held;
  uint64_t held_step;
  char held_text[HELD_TEXT];
  // Tallies come every few milliseconds: of several of one name in a row the last is told.
  struct tally tallies[TALLIES];
  size_t tally_count;
  uint64_t deadlocks; // told so far
};

int hd_teller_open(hd_teller **out, hd_log *log, FILE *to)
{
  hd_teller *teller = calloc(1, sizeof *teller);
  if (!teller)
    return HD_ENOMEM;
  int rc = hdv_model_open(&teller->model);
  if (rc != HD_OK) {
    free(teller);
    return rc;
  }
  teller->log = log;
  teller->to = to;
  *out = teller;
  return HD_OK;
}

void hd_teller_close(hd_teller *teller)
{
  if (!teller)
    return;
  hdv_model_close(teller->model);
  free(teller);
}

const hdv_model *hd_teller_model(const hd_teller *teller)
{
  return teller->model;
}

static void tell_output(hd_teller *teller, const struct hd_entry *entry)
{
  const char *text = entry->text;
  size_t size = entry->text ? entry->text_size : 0;
  if (size > 0 && text[size - 1] == '\n')
    size--;
  (void)fputs(entry->record.a == 2 ? "  ! " : "  | ", teller->to);
  if (size > 0)
    hd_say_text(teller->to, text, size);
  (void)fputc('\n', teller->to);
}

static void tell_line(hd_teller *teller, const struct hd_entry *entry, uint64_t step)
{
  char sentence[SENTENCE];
  struct hd_place place;
  (void)hdv_narrate(teller->model, entry, sentence, sizeof sentence);
  (void)fprintf(teller->to, "%6llu  %s", (unsigned long long)step, sentence);
  // Lines of the runtime itself would not help anybody: their source is not in the recording.
  if (entry->place && hd_log_place(teller->log, entry->place, &place) == HD_OK &&
      hd_log_source(teller->log, place.file)) {
    (void)fputs("  [", teller->to);
    hd_say_text(teller->to, place.file, strlen(place.file));
    (void)fprintf(teller->to, ":%u]", place.line);
  }
  (void)fputc('\n', teller->to);
}

static void tell(hd_teller *teller, const struct hd_entry *entry, uint64_t step)
{
  if (teller->silent)
    return;
  switch (entry->record.kind) {
  case HD_EV_OUTPUT:
    tell_output(teller, entry);
    break;
  case HD_EV_STAGE:
    (void)fprintf(teller->to, "\n== Stage %llu: ", (unsigned long long)entry->record.a);
    if (entry->text)
      hd_say_text(teller->to, entry->text, entry->text_size);
    (void)fputc('\n', teller->to);
    break;
  default:
    tell_line(teller, entry, step);
  }
}

static void tell_tallies(hd_teller *teller)
{
  for (size_t i = 0; i < teller->tally_count; i++)
    tell(teller, &teller->tallies[i].entry, teller->tallies[i].step);
  teller->tally_count = 0;
}

static void tell_held(hd_teller *teller)
{
  if (teller->waiting)
    tell(teller, &teller->held, teller->held_step);
  teller->waiting = false;
}

static void keep_tally(hd_teller *teller, const struct hd_entry *entry, uint64_t step)
{
  struct tally *tally = NULL;
  for (size_t i = 0; i < teller->tally_count && !tally; i++)
    if (teller->tallies[i].entry.text_size == entry->text_size &&
        memcmp(teller->tallies[i].text, entry->text, entry->text_size) == 0)
      tally = &teller->tallies[i];
  if (!tally) {
    if (teller->tally_count == TALLIES)
      tell_tallies(teller);
    tally = &teller->tallies[teller->tally_count++];
  }
  tally->entry = *entry;
  tally->step = step;
  memcpy(tally->text, entry->text, entry->text_size);
  tally->entry.text = tally->text;
}

static void hold(hd_teller *teller, const struct hd_entry *entry, uint64_t step)
{
  teller->held = *entry;
  teller->held_step = step;
  if (teller->held.text_size > HELD_TEXT)
    teller->held.text_size = HELD_TEXT;
  if (entry->text) {
    memcpy(teller->held_text, entry->text, teller->held.text_size);
    teller->held.text = teller->held_text;
  }
  teller->waiting = true;
}

static bool is_tally(const struct hd_entry *entry)
{
  return entry->record.kind == HD_EV_TALLY && entry->text &&
         entry->text_size <= sizeof((struct tally *)0)->text;
}

static void take_step(hd_teller *teller, const struct hd_entry *entry)
{
  uint64_t step = teller->cursor.step;
  if (is_tally(entry)) {
    tell_held(teller);
    keep_tally(teller, entry, step);
    return;
  }
  tell_tallies(teller);
  tell_held(teller);
  uint32_t object = entry->record.object;
  if (object == 0 || hdv_model_object(teller->model, object))
    tell(teller, entry, step);
  else
    hold(teller, entry, step);
}

// A deadlock is told at the moment it is found: nothing may come any more that would bring the summary.
static void tell_deadlock(hd_teller *teller)
{
  const struct hdv_warning *warnings;
  size_t count = hdv_model_warnings(teller->model, &warnings);
  uint64_t found = 0;
  char sentence[SENTENCE];
  for (size_t i = 0; i < count; i++)
    found += warnings[i].lint == HDV_LINT_DEADLOCK ? warnings[i].times : 0;
  if (found == teller->deadlocks)
    return;
  teller->deadlocks = found;
  if (hdv_model_deadlock(teller->model, sentence, sizeof sentence) == 0 || teller->silent)
    return;
  tell_tallies(teller);
  tell_held(teller);
  (void)fprintf(teller->to, "warning: deadlock: %s\n", sentence);
}

// Takes in at most what stands before or at step `last`.
static int take(hd_teller *teller, uint64_t last)
{
  struct hd_entry entry;
  int rc = HD_OK;
  while (rc == HD_OK) {
    struct hd_log_cursor before = teller->cursor;
    int got = hd_log_next(teller->log, &teller->cursor, &entry);
    if (got <= 0)
      return got;
    if (teller->cursor.step > last) {
      teller->cursor = before;
      return HD_OK;
    }
    if (hd_entry_is_step(&entry))
      take_step(teller, &entry);
    rc = hdv_model_fold(teller->model, &entry);
    if (entry.record.kind == HD_EV_BLOCKED || entry.record.kind == HD_EV_STILL)
      tell_deadlock(teller);
  }
  return rc;
}

int hd_teller_more(hd_teller *teller)
{
  int rc = take(teller, UINT64_MAX);
  if (rc == HD_OK && (fflush(teller->to) != 0 || ferror(teller->to)))
    rc = HD_ESYS;
  return rc;
}

int hd_teller_finish(hd_teller *teller)
{
  int rc = take(teller, UINT64_MAX);
  tell_tallies(teller);
  tell_held(teller);
  if (rc == HD_OK)
    hd_summary_tell(teller->model, teller->to);
  if (rc == HD_OK && (fflush(teller->to) != 0 || ferror(teller->to)))
    rc = HD_ESYS;
  return rc;
}

int hd_teller_at(hd_teller *teller, uint64_t step)
{
  if (step > hd_log_steps(teller->log))
    return HD_EINVAL;
  teller->silent = true;
  int rc = step > 0 ? take(teller, step - 1) : HD_OK;
  tell_tallies(teller);
  tell_held(teller);
  teller->silent = false;
  if (rc == HD_OK)
    rc = take(teller, step);
  tell_tallies(teller);
  tell_held(teller);
  if (rc == HD_OK)
    hd_summary_threads(teller->model, teller->to);
  if (rc == HD_OK && (fflush(teller->to) != 0 || ferror(teller->to)))
    rc = HD_ESYS;
  return rc;
}
