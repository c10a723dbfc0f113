// What the lesson says, what the program prints, and what the recording knows about itself. One thread.
#include "model/fold.h"
#include "model/text.h"

#include <string.h>

static void begin_stage(struct state *state, const struct hd_entry *entry)
{
  struct hdv_totals *totals = &state->totals;
  totals->stage = clip32(entry->record.a);
  memset(totals->stage_name, 0, sizeof totals->stage_name);
  if (text_size(entry) > 0)
    text_clean(totals->stage_name, sizeof totals->stage_name, entry->text, entry->text_size);
}

// The newest value of each name; when there are too many names the oldest one is forgotten.
static void count(struct state *state, const struct hd_entry *entry, bool observation)
{
  char name[sizeof(((struct hdv_count *)NULL)->name)] = {0};
  if (text_size(entry) > 0)
    text_clean(name, sizeof name, entry->text, entry->text_size);
  struct hdv_count *counts = arena_table(state, TABLE_COUNTS);
  uint32_t rows = table_count(state, TABLE_COUNTS), row = 0;
  while (row < rows &&
         (counts[row].observation != observation || memcmp(counts[row].name, name, sizeof name) != 0))
    row++;
  if (row == COUNTS_MAX)
    row_remove(state, TABLE_COUNTS, 0);
  if (row == rows)
    row = table_count(state, TABLE_COUNTS);
  struct hdv_count *found =
      row < table_count(state, TABLE_COUNTS) ? &counts[row] : row_insert(state, TABLE_COUNTS, row);
  memcpy(found->name, name, sizeof name);
  found->count = entry->record.a;
  found->of = observation ? 0 : entry->record.b;
  found->observation = observation;
}

void fold_lesson(struct state *state, const struct hd_entry *entry)
{
  switch (entry->record.kind) {
  case HD_EV_STAGE:
    begin_stage(state, entry);
    break;
  case HD_EV_TALLY:
    count(state, entry, false);
    break;
  case HD_EV_OBSERVED:
    count(state, entry, true);
    break;
  default:
    break;
  }
}

// ---- output: chunks of two streams become lines; a line too long is cut ----

static uint32_t begin_line(struct output *output)
{
  uint32_t at = (uint32_t)(output->lines % HDV_OUTPUT_LINES);
  memset(output->text[at], 0, HDV_OUTPUT_WIDTH);
  output->length[at] = 0;
  output->lines++;
  return at;
}

static void print(struct output *output, const struct hd_entry *entry)
{
  uint64_t *open = &output->open[entry->record.a == 2];
  for (uint32_t i = 0; i < text_size(entry); i++) {
    bool gone = *open == 0 || output->lines - (*open - 1) > HDV_OUTPUT_LINES;
    if (gone) {
      begin_line(output);
      *open = output->lines;
    }
    uint32_t at = (uint32_t)((*open - 1) % HDV_OUTPUT_LINES);
    if (entry->text[i] == '\n')
      *open = 0;
    else if (output->length[at] < HDV_OUTPUT_WIDTH - 1)
      output->text[at][output->length[at]++] = entry->text[i];
  }
}

static void end_program(struct state *state, const struct hd_record *record)
{
  lint_end(state);
  state->totals.ended = true;
  state->totals.stuck = false;
  state->totals.status = (int32_t)(uint32_t)record->a;
  state->totals.signal = (int32_t)(uint32_t)record->b;
  struct hdv_thread *threads = arena_table(state, TABLE_THREADS);
  for (uint32_t i = 0; i < table_count(state, TABLE_THREADS); i++)
    thread_enter(state, &threads[i], HDV_ABSENT);
}

static void lose(struct state *state, uint64_t records)
{
  uint64_t *lost = &state->totals.lost;
  *lost = records > UINT64_MAX - *lost ? UINT64_MAX : *lost + records;
  state->lost_step = state->totals.step;
  struct hdv_loop *loops = arena_table(state, TABLE_LOOPS);
  for (uint32_t i = 0; i < table_count(state, TABLE_LOOPS); i++)
    loops[i].known = false;
  struct hdv_pool *pools = arena_table(state, TABLE_POOLS);
  for (uint32_t i = 0; i < table_count(state, TABLE_POOLS); i++) {
    pools[i].known = false;
    book_of(state, &pools[i])->lossy = 1;
  }
}

static void name(struct state *state, const struct hd_entry *entry)
{
  uint32_t id = entry->record.object;
  struct node *node = node_find(state, id);
  if (node == NULL)
    node = object_touch(state, id, HDV_UNKNOWN, entry->record.actor);
  if (node == NULL || text_size(entry) == 0)
    return;
  object_name(node, entry->text, entry->text_size);
  struct hdv_thread *thread =
      node->object.kind == HDV_THREAD_OBJECT ? thread_find(state, node->object.worker) : NULL;
  if (thread != NULL && thread->object == id)
    memcpy(thread->name, node->object.name, sizeof thread->name);
}

void fold_meta(struct state *state, const struct hd_entry *entry)
{
  switch (entry->record.kind) {
  case HD_EV_OUTPUT:
    print(&state->output, entry);
    break;
  case HD_EV_PROGRAM_ENDED:
    end_program(state, &entry->record);
    break;
  case HD_EV_LOST:
    lose(state, entry->record.a);
    break;
  case HD_EV_NAME:
    name(state, entry);
    break;
  case HD_EV_CLOCK:
    time_passes(state, entry->record.a);
    break;
  case HD_EV_STILL:
    lint_still(state);
    break;
  case HD_EV_CONTINUED:
    not_understood(state);
    break;
  default:
    break;
  }
}
