// Live trace files: making, mapping, locking. Invariant: a mapping reaches only over bytes the file has, and
// a ring is handed out only after its numbers were checked. One thread, except that different mappings do not
// disturb each other.
#include "trace/file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct hd_live {
  int fd;
  bool writable, locked;
  char *path; // set when this mapping made the file and will remove it
  bool made;
  struct hd_file_head *head; // head and control block in one mapping
  struct hd_control *control;
  struct hd_trace_header header; // the checked copy
  struct {
    struct hd_ring *ring;
    uint32_t capacity;
    bool damaged;
  } slot[HD_SLOTS];
};

static int map_head(struct hd_live *live)
{
  // Without the right to write the pages become private: a stray store then changes nothing for anybody.
  void *at = mmap(NULL, HD_FILE_RINGS, PROT_READ | PROT_WRITE, live->writable ? MAP_SHARED : MAP_PRIVATE,
                  live->fd, 0);
  if (at == MAP_FAILED)
    return hd_error_from_errno(errno);
  live->head = at;
  live->control = (void *)((char *)at + HD_FILE_CONTROL);
  hd_file_entered(live->fd);
  return HD_OK;
}

// Frees everything but keeps the file.
static void drop(struct hd_live *live)
{
  for (unsigned i = 0; i < HD_SLOTS; i++)
    if (live->slot[i].ring)
      (void)munmap(live->slot[i].ring, hd_file_ring_size(live->slot[i].capacity));
  if (live->head) {
    hd_file_left(live->fd);
    (void)munmap(live->head, HD_FILE_RINGS);
  }
  if (live->fd >= 0)
    (void)close(live->fd);
  free(live->path);
  free(live);
}

static struct hd_live *blank(void)
{
  struct hd_live *live = calloc(1, sizeof *live);
  if (live)
    live->fd = -1;
  return live;
}

static uint32_t ring_records(uint32_t wanted)
{
  if (wanted == 0)
    return HD_RING_RECORDS;
  uint32_t capacity = HD_RING_LEAST;
  while (capacity < wanted && capacity < HD_RING_MOST)
    capacity *= 2;
  return capacity;
}

static void fill(struct hd_live *live, const struct hd_live_opts *opts)
{
  struct hd_trace_header *header = &live->head->header;
  hd_header_fill(header, HD_TRACE_LIVE);
  if (!opts->keep)
    hd_os_stamp_rate(&header->rate);
  header->ring_records = ring_records(opts->ring_records);
  header->seed = opts->seed;
  if (opts->lesson)
    (void)snprintf(header->lesson, sizeof header->lesson, "%s", opts->lesson);
  struct hd_control *control = live->control;
  atomic_store(&control->want, (uint32_t)opts->mode);
  atomic_store(&control->mode, (uint32_t)opts->mode);
  atomic_store(&control->lossless, opts->lossless);
  atomic_store(&control->managed, opts->managed);
  atomic_store(&control->places, opts->places);
  atomic_store(&control->speed, opts->speed);
  atomic_store(&control->changed_at, hd_os_now());
}

int hd_file_allocate(int fd, uint64_t offset, uint64_t size)
{
  int error;
  do
    error = posix_fallocate(fd, (off_t)offset, (off_t)size);
  while (error == EINTR);
  return error == EFBIG ? HD_ENOSPC : hd_error_from_errno(error);
}

// Makes the file under the name aside, then gives it its final one.
static int make(struct hd_live *live, const char *aside, const char *path, const struct hd_live_opts *opts)
{
  (void)unlink(aside);
  live->fd = open(aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (live->fd < 0)
    return hd_error_from_errno(errno);
  int error = hd_file_allocate(live->fd, 0, HD_FILE_RINGS);
  if (!error)
    error = map_head(live);
  if (!error) {
    fill(live, opts);
    live->header = live->head->header;
    if (rename(aside, path) != 0)
      error = hd_error_from_errno(errno);
  }
  if (error)
    (void)unlink(aside);
  return error;
}

int hd_live_create(struct hd_live **out, const char *path, const struct hd_live_opts *opts)
{
  struct hd_live *live = blank();
  const size_t size = strlen(path) + sizeof ".new";
  char *aside = malloc(size);
  char *name = strdup(path);
  int error = live && aside && name ? HD_OK : HD_ENOMEM;
  if (!error) {
    (void)snprintf(aside, size, "%s.new", path);
    live->writable = live->made = true;
    error = make(live, aside, path, opts);
  }
  free(aside);
  if (error) {
    free(name);
    if (live)
      drop(live);
    return error;
  }
  live->path = name;
  if (opts->keep) {
    free(name);
    live->path = NULL;
  }
  *out = live;
  return HD_OK;
}

static int check_size(int fd)
{
  struct stat is;
  if (fstat(fd, &is) != 0)
    return hd_error_from_errno(errno);
  return S_ISREG(is.st_mode) && is.st_size >= (off_t)HD_FILE_RINGS ? HD_OK : HD_EFORMAT;
}

// Takes over the header as it stands in the file, if it is sound. A program that started by itself has not
// spent the time to measure its stamps: the reader, on the same machine, does.
static int take_header(struct hd_live *live)
{
  struct hd_trace_header now = live->head->header;
  if (now.rate.mult == 0)
    hd_os_stamp_rate(&now.rate);
  const int error = hd_header_check(&now, HD_TRACE_LIVE);
  if (!error)
    live->header = now;
  return error;
}

static int open_path(struct hd_live *live, const char *path)
{
  // O_NONBLOCK: the name of a pipe must not make us wait for its writer.
  live->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  live->writable = live->fd >= 0;
  if (live->fd < 0 && (errno == EACCES || errno == EROFS))
    live->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (live->fd < 0)
    return errno == EISDIR ? HD_EFORMAT : hd_error_from_errno(errno);
  int error = check_size(live->fd);
  if (!error)
    error = map_head(live);
  if (error)
    return error;
  return take_header(live);
}

int hd_live_open(struct hd_live **out, const char *path)
{
  struct hd_live *live = blank();
  if (!live)
    return HD_ENOMEM;
  const int error = open_path(live, path);
  if (error) {
    drop(live);
    return error;
  }
  *out = live;
  return HD_OK;
}

void hd_live_close(struct hd_live *live)
{
  if (!live)
    return;
  const bool waited_for = atomic_load(&live->control->program_pid) != 0 && hd_live_program_alive(live);
  if (live->path && !waited_for)
    (void)unlink(live->path);
  if (live->locked) {
    atomic_store(&live->control->viewer_pid, 0);
    hd_file_unlock(live->fd, HD_FILE_VIEWER);
  }
  drop(live);
}

struct hd_control *hd_live_control(struct hd_live *live)
{
  return live->control;
}

const struct hd_trace_header *hd_live_header(struct hd_live *live)
{
  (void)take_header(live); // what was damaged meanwhile does not count
  return &live->header;
}

static struct hd_ring *map_ring(struct hd_live *live, uint64_t offset, uint32_t capacity)
{
  struct stat is;
  const uint64_t size = hd_file_ring_size(capacity);
  if (offset % HD_FILE_UNIT || offset < HD_FILE_RINGS || fstat(live->fd, &is) != 0 ||
      (uint64_t)is.st_size < size || offset > (uint64_t)is.st_size - size)
    return NULL;
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, live->writable ? MAP_SHARED : MAP_PRIVATE, live->fd,
                  (off_t)offset);
  if (at == MAP_FAILED)
    return NULL;
  struct hd_ring *ring = at;
  if (ring->capacity == capacity)
    return ring;
  (void)munmap(at, size);
  return NULL;
}

struct hd_ring *hd_live_ring(struct hd_live *live, unsigned slot, uint32_t *capacity)
{
  if (slot >= HD_SLOTS || live->slot[slot].damaged)
    return NULL;
  if (!live->slot[slot].ring) {
    const uint64_t offset = atomic_load_explicit(&live->head->rings[slot], memory_order_acquire);
    if (!offset)
      return NULL;
    live->slot[slot].capacity = live->header.ring_records;
    live->slot[slot].ring = map_ring(live, offset, live->slot[slot].capacity);
    live->slot[slot].damaged = !live->slot[slot].ring;
  }
  if (capacity)
    *capacity = live->slot[slot].capacity;
  return live->slot[slot].ring;
}

int hd_live_lock(struct hd_live *live)
{
  const int error = live->writable ? hd_file_lock(live->fd, HD_FILE_VIEWER) : HD_EACCES;
  if (error)
    return error;
  live->locked = true;
  atomic_store(&live->control->viewer_pid, (uint32_t)getpid());
  return HD_OK;
}

bool hd_live_is_reader(const struct hd_live *live)
{
  return live->locked || live->made;
}

bool hd_live_program_alive(struct hd_live *live)
{
  const uint32_t pid = atomic_load(&live->control->program_pid);
  // A process does not see its own locks: when viewer and program are one process, it plainly lives.
  return pid == 0 || pid == (uint32_t)getpid() || hd_file_locked(live->fd, HD_FILE_PROGRAM);
}
