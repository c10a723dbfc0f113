// Reading logs: one window onto the file, an index of every 256th step, cursors. Never trusts a byte, and
// reads instead of mapping, so that a file cut off under our feet ends early rather than kills us. One
// thread.
#include "trace/logfile.h"

#include "base/error.h"
#include "trace/event.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define WINDOW 4096u // records read at a time
#define ENTRY_MOST (2 + HD_TEXT_MAX / HD_RECORD_PAYLOAD)

static size_t read_records(int fd, struct hd_record *out, uint64_t first, size_t count)
{
  char *at = (char *)out;
  size_t done = 0;
  const size_t size = count * sizeof *out;
  while (done < size) {
    const ssize_t got = pread(fd, at + done, size - done, (off_t)(HD_LOG_FIRST + first * sizeof *out + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    done += (size_t)got;
  }
  return done / sizeof *out;
}

// Fills the window with records from first on: count at least, if the file has them before end.
static int fill(struct hd_log *log, uint64_t first, size_t count, uint64_t end)
{
  struct hd_log_window *window = &log->window;
  if (count < WINDOW)
    count = WINDOW;
  if (count > end - first)
    count = (size_t)(end - first);
  if (count > window->room) {
    const size_t room = count < WINDOW ? WINDOW : count;
    struct hd_record *at = realloc(window->at, room * sizeof *at);
    if (!at)
      return HD_ENOMEM;
    window->at = at;
    window->room = room;
  }
  window->first = first;
  window->count = read_records(log->fd, window->at, first, count);
  return HD_OK;
}

// The records from first on; *got of them, which is less than wanted only where the log ends.
static const struct hd_record *view(struct hd_log *log, uint64_t first, size_t wanted, uint64_t end,
                                    size_t *got)
{
  *got = 0;
  if (first >= end)
    return NULL;
  if (first >= log->written) {
    *got = (size_t)(end - first);
    return &log->buffer[first - log->written];
  }
  if (end > log->written)
    end = log->written;
  const struct hd_log_window *window = &log->window;
  if (wanted > end - first)
    wanted = (size_t)(end - first);
  const bool inside = first >= window->first && first - window->first < window->count &&
                      window->count - (first - window->first) >= wanted;
  if (!inside && fill(log, first, wanted, end) != HD_OK)
    return NULL;
  *got = window->count - (size_t)(first - window->first);
  return &window->at[first - window->first];
}

size_t hd_log_read(struct hd_log *log, uint64_t record, uint64_t end, struct hd_entry *entry)
{
  // Most events stand whole in the window; one at its edge needs the next window, and only a text can be
  // longer.
  static const size_t tries[] = {1, WINDOW, ENTRY_MOST};
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    size_t got;
    const struct hd_record *at = view(log, record, tries[i], end, &got);
    const size_t count = at && got ? hd_entry_decode(entry, at, got, log->window.text, HD_TEXT_MAX) : 0;
    if (count || !got)
      return count;
  }
  return 0;
}

static int mark(struct hd_log *log, uint64_t record)
{
  if (log->marks == log->marks_room) {
    const size_t room = log->marks_room ? log->marks_room * 2 : 64;
    uint64_t *index = realloc(log->index, room * sizeof *index);
    if (!index)
      return HD_ENOMEM;
    log->index = index;
    log->marks_room = room;
  }
  log->index[log->marks++] = record;
  return HD_OK;
}

int hd_log_account(struct hd_log *log, const struct hd_entry *entry, uint64_t record, size_t count)
{
  int error = HD_OK;
  const bool step = hd_entry_is_step(entry);
  if (step && (log->steps + 1) % HD_LOG_STRIDE == 0)
    error = mark(log, record);
  else if (entry->record.kind == HD_EV_LINE || entry->record.kind == HD_EV_SOURCE)
    error = hd_log_note_place(log, entry, record);
  if (error)
    return error;
  log->steps += step;
  log->records = record + count;
  return HD_OK;
}

uint64_t hd_log_ignored(const hd_log *log)
{
  return log->ignored;
}

uint64_t hd_log_steps(const hd_log *log)
{
  return log->steps;
}

int hd_log_next(hd_log *log, struct hd_log_cursor *cursor, struct hd_entry *entry)
{
  const size_t count = hd_log_read(log, cursor->record, log->records, entry);
  if (!count)
    return 0;
  cursor->record += count;
  cursor->step += hd_entry_is_step(entry) ? 1 : 0;
  return 1;
}

void hd_log_seek(const hd_log *log, uint64_t step, struct hd_log_cursor *out)
{
  // Reading moves the window, which is no part of what the log says.
  struct hd_log *reader = (struct hd_log *)(uintptr_t)log;
  if (step >= log->steps) {
    *out = (struct hd_log_cursor){.record = log->records, .step = log->steps};
    return;
  }
  *out = (struct hd_log_cursor){0};
  if (step == 0)
    return;
  // From the last known step at or before step + 1, whose beginning is where we want to stand.
  const uint64_t known = (step + 1) / HD_LOG_STRIDE;
  if (known)
    *out = (struct hd_log_cursor){.record = log->index[known - 1], .step = known * HD_LOG_STRIDE - 1};
  struct hd_entry entry;
  for (size_t count; (count = hd_log_read(reader, out->record, log->records, &entry)) != 0;
       out->record += count) {
    if (!hd_entry_is_step(&entry))
      continue;
    if (out->step == step)
      return;
    out->step++;
  }
}
