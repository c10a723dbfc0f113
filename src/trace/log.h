// The log (.hdt): a header and then nothing but records, in merged order, with random access by step. Sources
// and the line table are records too, so a log cut off anywhere is still a log. One thread. A viewer's
// history is a log; "the recording" is that log with a name.
#ifndef HD_TRACE_LOG_H
#define HD_TRACE_LOG_H

#include "trace/live.h"

typedef struct hd_log hd_log;

// A new log. path NULL: an unlinked temporary file in $TMPDIR or /tmp. Otherwise it grows under path itself
// while recording; what stood there before is replaced. header is copied; form and version become a log's.
// HD_EACCES, HD_ENOENT (no such folder), HD_EINVAL (path is no plain file), HD_ENOSPC, HD_ENOMEM.
int hd_log_create(hd_log **out, const char *path, const struct hd_trace_header *header);

// Opens a finished (or cut off) log for reading; checks header and size, trusts nothing else. A live file is
// accepted too: it is merged as far as it goes into an unlinked log (taking nothing away from its viewer).
// HD_ENOENT, HD_EACCES, HD_EFORMAT, HD_EVERSION, HD_ENOMEM, HD_EBUSY (a live file this process has open
// itself), HD_ENOSPC.
int hd_log_open(hd_log **out, const char *path);

// Flushes and closes. Returns HD_ENOSPC or HD_ESYS when something that was appended could not be written.
int hd_log_close(hd_log *log);

// Appends one event. After HD_ENOSPC the log stays readable up to the last whole event and takes no more.
// Events are readable at once, and reach the file in blocks; hd_log_flush writes what is left, for example
// once per frame.
int hd_log_append(hd_log *log, const struct hd_entry *entry);
int hd_log_flush(hd_log *log);

// The header as stored. The viewer may fill in pid, build id and load base once the program has attached.
const struct hd_trace_header *hd_log_header(const hd_log *log);
int hd_log_set_header(hd_log *log, const struct hd_trace_header *header);

// How many records at the end of an opened log were left out because no event can be read there.
uint64_t hd_log_ignored(const hd_log *log);

// The number of steps. Step numbers run from 1 to this.
uint64_t hd_log_steps(const hd_log *log);

// A cursor stands between two events. hd_log_seek puts it behind step `step` and the quiet events directly
// after it (0: the beginning; a step beyond the end: the end).
// hd_log_next reads the event behind it: 1, or 0 at the end. Text is valid until the next hd_log_next on this
// log.
struct hd_log_cursor {
  uint64_t record; // index of the next record
  uint64_t step;   // number of the last step passed
};
void hd_log_seek(const hd_log *log, uint64_t step, struct hd_log_cursor *out);
int hd_log_next(hd_log *log, struct hd_log_cursor *cursor, struct hd_entry *entry);

// The place of a code address as the log's own LINE records tell it. Strings live as long as the log.
// HD_ENOENT.
struct hd_place {
  const char *file; // as compiled, for example "lesson.c"
  const char *function;
  unsigned line;
};
int hd_log_place(hd_log *log, uint64_t address, struct hd_place *out);

// The text of a source file as the log carries it (NUL-terminated copy owned by the log), NULL when it does
// not.
const char *hd_log_source(hd_log *log, const char *file);

#endif
