// The places and the source texts that a log carries in its own LINE and SOURCE records. One thread.
#include "trace/logfile.h"

#include "base/error.h"
#include "trace/event.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

// More than any honest log has; a damaged one must not eat the memory.
#define LINES_MOST (1u << 20)
#define SOURCES_MOST 4096u
#define NAME_MOST 4096u

// Splits text "name\nrest": a copy of name, and where rest begins. NULL: not of this form. *error: out of
// memory.
static char *take_name(const char *text, size_t size, size_t *rest, int *error)
{
  const char *end = size ? memchr(text, '\n', size < NAME_MOST ? size : NAME_MOST) : NULL;
  if (!end || memchr(text, '\0', (size_t)(end - text)))
    return NULL;
  *rest = (size_t)(end - text) + 1;
  char *name = strndup(text, (size_t)(end - text));
  if (!name)
    *error = HD_ENOMEM;
  return name;
}

static size_t slot_of(const struct hd_log_places *places, uint64_t address)
{
  size_t at = (size_t)(address * 0x9e3779b97f4a7c15u >> 32) & (places->slots - 1);
  while (places->table[at] && places->lines[places->table[at] - 1].address != address)
    at = (at + 1) & (places->slots - 1);
  return at;
}

static int grow_lines(struct hd_log_places *places)
{
  const size_t room = places->lines_room ? places->lines_room * 2 : 64;
  struct hd_log_line *lines = realloc(places->lines, room * sizeof *lines);
  if (!lines)
    return HD_ENOMEM;
  places->lines = lines;
  uint32_t *table = calloc(room * 2, sizeof *table);
  if (!table)
    return HD_ENOMEM;
  free(places->table);
  places->table = table;
  places->lines_room = room;
  places->slots = room * 2;
  for (size_t i = 0; i < places->lines_count; i++)
    table[slot_of(places, lines[i].address)] = (uint32_t)(i + 1);
  return HD_OK;
}

static int note_line(struct hd_log_places *places, const struct hd_entry *entry)
{
  if (places->slots && places->table[slot_of(places, entry->record.a)])
    return HD_OK; // known
  if (places->lines_count == LINES_MOST)
    return HD_OK;
  int error = places->lines_count == places->lines_room ? grow_lines(places) : HD_OK;
  if (error)
    return error;
  size_t rest = 0;
  char *file = take_name(entry->text, entry->text_size, &rest, &error);
  if (!file)
    return error;
  const size_t left = entry->text_size - rest;
  char *function = strndup(entry->text + rest, left < NAME_MOST ? left : NAME_MOST);
  if (!function) {
    free(file);
    return HD_ENOMEM;
  }
  const size_t at = slot_of(places, entry->record.a);
  places->lines[places->lines_count] =
      (struct hd_log_line){.address = entry->record.a,
                           .file = file,
                           .function = function,
                           .line = entry->record.b < UINT_MAX ? (unsigned)entry->record.b : 0};
  places->table[at] = (uint32_t)++places->lines_count;
  return HD_OK;
}

static struct hd_log_source *find_source(const struct hd_log_places *places, const char *file)
{
  for (size_t i = 0; i < places->sources_count; i++)
    if (strcmp(places->sources[i].file, file) == 0)
      return &places->sources[i];
  return NULL;
}

static int note_source(struct hd_log_places *places, const struct hd_entry *entry, uint64_t record)
{
  if (places->sources_count == places->sources_room) {
    const size_t room = places->sources_room ? places->sources_room * 2 : 8;
    struct hd_log_source *sources = realloc(places->sources, room * sizeof *sources);
    if (!sources)
      return HD_ENOMEM;
    places->sources = sources;
    places->sources_room = room;
  }
  int error = HD_OK;
  size_t rest;
  char *file = take_name(entry->text, entry->text_size, &rest, &error);
  if (!file)
    return error;
  if (find_source(places, file) || places->sources_count == SOURCES_MOST)
    free(file);
  else
    places->sources[places->sources_count++] = (struct hd_log_source){.file = file, .record = record};
  return HD_OK;
}

int hd_log_note_place(struct hd_log *log, const struct hd_entry *entry, uint64_t record)
{
  return entry->record.kind == HD_EV_LINE ? note_line(&log->places, entry)
                                          : note_source(&log->places, entry, record);
}

void hd_log_free_places(struct hd_log *log)
{
  struct hd_log_places *places = &log->places;
  for (size_t i = 0; i < places->lines_count; i++) {
    free(places->lines[i].file);
    free(places->lines[i].function);
  }
  for (size_t i = 0; i < places->sources_count; i++) {
    free(places->sources[i].file);
    free(places->sources[i].contents);
  }
  free(places->lines);
  free(places->table);
  free(places->sources);
}

int hd_log_place(hd_log *log, uint64_t address, struct hd_place *out)
{
  const struct hd_log_places *places = &log->places;
  const uint32_t found = places->slots ? places->table[slot_of(places, address)] : 0;
  if (!found)
    return HD_ENOENT;
  const struct hd_log_line *line = &places->lines[found - 1];
  *out = (struct hd_place){.file = line->file, .function = line->function, .line = line->line};
  return HD_OK;
}

// Reads aside: the entry that the caller holds from hd_log_next keeps its text. NULL: damaged or out of
// memory.
static char *read_contents(hd_log *log, uint64_t record, size_t skip)
{
  struct hd_entry entry;
  char *contents = NULL, *const kept = log->window.text;
  log->window.text = malloc(HD_TEXT_MAX);
  if (log->window.text && hd_log_read(log, record, log->records, &entry) && entry.text_size >= skip)
    contents = strndup(entry.text + skip, entry.text_size - skip);
  free(log->window.text);
  log->window.text = kept;
  return contents;
}

const char *hd_log_source(hd_log *log, const char *file)
{
  struct hd_log_source *source = find_source(&log->places, file);
  if (!source)
    return NULL;
  if (!source->contents)
    source->contents = read_contents(log, source->record, strlen(file) + 1);
  return source->contents;
}
