// Inside src/trace only: what a log is made of. log.c writes and opens it, log_read.c reads and seeks,
// log_place.c keeps the places and sources it carries. Invariant: records [0, records) are whole events. One
// thread.
#ifndef HD_TRACE_LOGFILE_H
#define HD_TRACE_LOGFILE_H

#include "trace/log.h"

#define HD_LOG_FIRST 1536u  // where the records begin in the file
#define HD_LOG_BUFFER 2048u // records written at a time
#define HD_LOG_STRIDE 256u  // every so many steps the index knows the record
static_assert(sizeof(struct hd_trace_header) <= HD_LOG_FIRST, "the header fits before the records");

// A piece of the file in memory.
struct hd_log_window {
  struct hd_record *at;
  uint64_t first;
  size_t count, room;
  char *text; // HD_TEXT_MAX bytes: the text of the event read last
};

struct hd_log_line {
  uint64_t address;
  char *file, *function;
  unsigned line;
};

struct hd_log_source {
  char *file, *contents; // contents: read on demand
  uint64_t record;
};

struct hd_log_places {
  struct hd_log_line *lines;
  uint32_t *table; // hash of line numbers + 1
  size_t lines_count, lines_room, slots;
  struct hd_log_source *sources;
  size_t sources_count, sources_room;
};

struct hd_log {
  uint64_t ignored; // records at the end that hold no event
  int fd;
  bool writable;
  int error; // the first that a write met; then nothing is taken any more
  struct hd_trace_header header;
  uint64_t records, steps; // whole events only
  uint64_t written;        // records in the file; the rest stands in buffer. Always the end of an event
  struct hd_record *buffer;
  uint64_t *index; // record of step (i + 1) * HD_LOG_STRIDE
  size_t marks, marks_room;
  struct hd_log_window window;
  struct hd_log_places places;
};

// Enters an event that begins at record and takes count records into the counts, the index and the places.
// HD_ENOMEM.
int hd_log_account(struct hd_log *log, const struct hd_entry *entry, uint64_t record, size_t count);

// Reads the event at record, looking no further than end. Returns the number of records, 0 when there is no
// whole one.
size_t hd_log_read(struct hd_log *log, uint64_t record, uint64_t end, struct hd_entry *entry);

// LINE and SOURCE records as they come by. HD_ENOMEM.
int hd_log_note_place(struct hd_log *log, const struct hd_entry *entry, uint64_t record);
void hd_log_free_places(struct hd_log *log);

#endif
