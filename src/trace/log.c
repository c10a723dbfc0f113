// Logs: making, opening, appending. Invariant: what the file holds up to `written` are whole events, and
// nothing is given back to the caller that is not there. One thread.
#include "trace/file.h"
#include "trace/logfile.h"
#include "trace/merge.h"

#include "base/error.h"
#include "trace/event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct hd_log *blank(bool writable)
{
  struct hd_log *log = calloc(1, sizeof *log);
  if (!log)
    return NULL;
  log->fd = -1;
  log->writable = writable;
  log->window.text = malloc(HD_TEXT_MAX);
  if (writable)
    log->buffer = malloc(HD_LOG_BUFFER * sizeof *log->buffer);
  if (log->window.text && (log->buffer || !writable))
    return log;
  free(log->window.text);
  free(log->buffer);
  free(log);
  return NULL;
}

static void drop(struct hd_log *log)
{
  if (log->fd >= 0)
    (void)close(log->fd);
  hd_log_free_places(log);
  free(log->window.at);
  free(log->window.text);
  free(log->buffer);
  free(log->index);
  free(log);
}

// ---- writing ----

// Writes all of it or says why not. How far it got does not matter: a reader stops at the last whole event.
static int write_at(int fd, const void *bytes, size_t size, uint64_t offset)
{
  const char *at = bytes;
  while (size) {
    const ssize_t done = pwrite(fd, at, size, (off_t)offset);
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return errno == EFBIG ? HD_ENOSPC : hd_error_from_errno(errno);
    if (done == 0)
      return HD_ENOSPC;
    at += done;
    size -= (size_t)done;
    offset += (uint64_t)done;
  }
  return HD_OK;
}

static uint64_t offset_of(uint64_t record)
{
  return HD_LOG_FIRST + record * sizeof(struct hd_record);
}

static int write_header(struct hd_log *log)
{
  char block[HD_LOG_FIRST] = {0};
  memcpy(block, &log->header, sizeof log->header);
  return write_at(log->fd, block, sizeof block, 0);
}

int hd_log_flush(hd_log *log)
{
  if (log->error || log->written == log->records)
    return log->error;
  log->error = write_at(log->fd, log->buffer, (size_t)(log->records - log->written) * sizeof *log->buffer,
                        offset_of(log->written));
  if (!log->error)
    log->written = log->records;
  return log->error;
}

// An event longer than the buffer goes into the file block by block. On error the file ends before it.
static int write_long(struct hd_log *log, const struct hd_entry *entry, size_t count)
{
  size_t done = 0;
  while (done < count && !log->error) {
    size_t block = 0;
    for (; block < HD_LOG_BUFFER && done + block < count; block++)
      hd_entry_part(entry, done + block, &log->buffer[block]);
    log->error = write_at(log->fd, log->buffer, block * sizeof *log->buffer, offset_of(log->records + done));
    done += block;
  }
  if (log->error && ftruncate(log->fd, (off_t)offset_of(log->written)) != 0)
    log->error = HD_ESYS;
  return log->error;
}

int hd_log_append(hd_log *log, const struct hd_entry *entry)
{
  if (!log->writable)
    return HD_EACCES;
  const size_t count = hd_entry_records(entry);
  if (log->records - log->written + count > HD_LOG_BUFFER && hd_log_flush(log) != HD_OK)
    return log->error;
  if (log->error)
    return log->error;
  const bool is_long = count > HD_LOG_BUFFER;
  if (!is_long)
    hd_entry_encode(entry, &log->buffer[log->records - log->written]);
  else if (write_long(log, entry, count) != HD_OK)
    return log->error;
  const int error = hd_log_account(log, entry, log->records, count);
  if (!error && is_long)
    log->written = log->records;
  return error;
}

static bool is_plain(const char *path)
{
  struct stat is;
  return lstat(path, &is) == 0 && S_ISREG(is.st_mode);
}

static int create_named(const char *path)
{
  // A new file, so that whoever reads the old one keeps it; but a device or a link is what the caller named.
  if (is_plain(path))
    (void)unlink(path);
  return open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0644);
}

static int create_unnamed(void)
{
  const char *folder = getenv("TMPDIR");
  char path[4096];
  if (!folder || folder[0] != '/' || strlen(folder) > sizeof path - 32)
    folder = "/tmp";
  (void)snprintf(path, sizeof path, "%s/heddle-XXXXXX", folder);
  const int fd = mkostemp(path, O_CLOEXEC);
  if (fd >= 0)
    (void)unlink(path);
  return fd;
}

static int start_file(struct hd_log *log, const char *path)
{
  log->fd = path ? create_named(path) : create_unnamed();
  if (log->fd < 0)
    return errno == EISDIR || errno == ENXIO ? HD_EINVAL : hd_error_from_errno(errno);
  struct stat is;
  if (fstat(log->fd, &is) != 0)
    return hd_error_from_errno(errno);
  const int error = write_header(log); // first, so that a full device says that it is full
  return error || S_ISREG(is.st_mode) ? error : HD_EINVAL;
}

int hd_log_create(hd_log **out, const char *path, const struct hd_trace_header *header)
{
  struct hd_log *log = blank(true);
  if (!log)
    return HD_ENOMEM;
  (void)hd_log_set_header(log, header);
  const int error = start_file(log, path);
  if (error) {
    if (path && log->fd >= 0 && is_plain(path))
      (void)unlink(path);
    drop(log);
    return error;
  }
  *out = log;
  return HD_OK;
}

int hd_log_close(hd_log *log)
{
  if (!log)
    return HD_OK;
  if (log->error == HD_ENOSPC) // there may be room again
    log->error = HD_OK;
  int error = log->writable ? hd_log_flush(log) : HD_OK;
  drop(log);
  return error;
}

const struct hd_trace_header *hd_log_header(const hd_log *log)
{
  return &log->header;
}

int hd_log_set_header(hd_log *log, const struct hd_trace_header *header)
{
  if (!log->writable)
    return HD_EACCES;
  struct hd_trace_header marks;
  hd_header_fill(&marks, HD_TRACE_LOG);
  log->header = *header;
  memcpy(log->header.magic, marks.magic, sizeof marks.magic);
  log->header.version = marks.version;
  log->header.form = marks.form;
  log->header.byte_order = marks.byte_order;
  log->header.header_size = marks.header_size;
  return log->fd >= 0 ? write_header(log) : HD_OK;
}

// ---- opening ----

// Goes once through the records: counts steps, makes the index, finds places and sources, and the last whole
// event.
static int scan(struct hd_log *log)
{
  const uint64_t end = log->written;
  struct hd_entry entry;
  int error = HD_OK;
  log->records = 0;
  for (size_t count; !error && (count = hd_log_read(log, log->records, end, &entry)) != 0;) {
    // Nobody writes such a record: a hole begins here, which may be long.
    if (entry.record.kind == HD_EV_NONE && entry.record.stamp == 0)
      break;
    error = hd_log_account(log, &entry, log->records, count);
  }
  log->ignored = end - log->records;
  log->written = log->records;
  return error;
}

static int open_log(struct hd_log *log, uint64_t size)
{
  const int error = hd_header_check(&log->header, HD_TRACE_LOG);
  if (error)
    return error;
  log->written = size > HD_LOG_FIRST ? (size - HD_LOG_FIRST) / sizeof(struct hd_record) : 0;
  return scan(log);
}

// A log of all that a live file holds.
static int merge_into(struct hd_log *log, struct hd_live *live)
{
  hd_merge *merge;
  int error = hd_merge_open(&merge, live);
  if (error)
    return error;
  hd_merge_end(merge);
  struct hd_entry entry;
  int more;
  while ((more = hd_merge_next(merge, &entry)) >= 0 && !error)
    if (more)
      error = hd_log_append(log, &entry);
  hd_merge_close(merge);
  return error || more == HD_EEND ? error : more;
}

static int open_live(hd_log **out, const char *path)
{
  struct hd_live *live;
  int error = hd_live_open(&live, path);
  if (error)
    return error;
  hd_log *log;
  error = hd_log_create(&log, NULL, hd_live_header(live));
  if (!error) {
    error = merge_into(log, live);
    if (error)
      (void)hd_log_close(log);
    else
      *out = log;
  }
  hd_live_close(live);
  return error;
}

// Opens the file, unless that would drop the locks of a live file this process has open.
static int open_file(const char *path, int *fd, uint64_t *size)
{
  struct stat is;
  if (stat(path, &is) != 0)
    return hd_error_from_errno(errno);
  if (!S_ISREG(is.st_mode))
    return HD_EFORMAT;
  if (hd_file_is_open(is.st_dev, is.st_ino))
    return HD_EBUSY;
  *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  *size = (uint64_t)is.st_size;
  return *fd >= 0 ? HD_OK : hd_error_from_errno(errno);
}

int hd_log_open(hd_log **out, const char *path)
{
  struct hd_log *log = blank(false);
  if (!log)
    return HD_ENOMEM;
  uint64_t size = 0;
  int error = open_file(path, &log->fd, &size);
  if (!error && pread(log->fd, &log->header, sizeof log->header, 0) != (ssize_t)sizeof log->header)
    error = HD_EFORMAT;
  struct hd_trace_header live = log->header;
  const bool is_live = !error && hd_header_check(&live, HD_TRACE_LIVE) == HD_OK;
  if (!error && !is_live)
    error = open_log(log, size);
  if (error || is_live) {
    drop(log);
    return error ? error : open_live(out, path);
  }
  *out = log;
  return HD_OK;
}
