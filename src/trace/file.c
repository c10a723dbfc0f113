// Headers and locks of trace files. Any thread. The table of open files is guarded by its own lock.
#include "trace/file.h"

#include "base/error.h"
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BYTE_ORDER_MARK 0x01020304u

void hd_header_fill(struct hd_trace_header *header, enum hd_trace_form form)
{
  memcpy(header->magic, HD_TRACE_MAGIC, sizeof header->magic);
  header->version = HD_TRACE_VERSION;
  header->form = (uint32_t)form;
  header->byte_order = BYTE_ORDER_MARK;
  header->header_size = sizeof *header;
  header->cores = hd_os_cpus();
  struct timespec now = {0};
  (void)timespec_get(&now, TIME_UTC);
  header->started_unix_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool is_power_of_two(uint32_t x)
{
  return x && (x & (x - 1)) == 0;
}

int hd_header_check(struct hd_trace_header *header, enum hd_trace_form form)
{
  if (memcmp(header->magic, HD_TRACE_MAGIC, sizeof header->magic) != 0 ||
      header->byte_order != BYTE_ORDER_MARK)
    return HD_EFORMAT;
  if (header->version != HD_TRACE_VERSION)
    return HD_EVERSION;
  if (header->form != (uint32_t)form || header->header_size != sizeof *header)
    return HD_EFORMAT;
  if (form == HD_TRACE_LIVE && (!is_power_of_two(header->ring_records) ||
                                header->ring_records < HD_RING_LEAST || header->ring_records > HD_RING_MOST))
    return HD_EFORMAT;
  header->build_id[sizeof header->build_id - 1] = '\0';
  header->program[sizeof header->program - 1] = '\0';
  header->lesson[sizeof header->lesson - 1] = '\0';
  header->schedule[sizeof header->schedule - 1] = '\0';
  if (header->rate.shift > 63)
    header->rate.shift = 63;
  if (header->rate.mult == 0)
    header->rate.mult = 1;
  return HD_OK;
}

static struct flock range(enum hd_file_byte byte, short type)
{
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)byte, .l_len = 1};
}

int hd_file_lock(int fd, enum hd_file_byte byte)
{
  struct flock lock = range(byte, F_WRLCK);
  if (fcntl(fd, F_SETLK, &lock) == 0)
    return HD_OK;
  if (errno == EAGAIN || errno == EACCES)
    return HD_EBUSY;
  return errno == EBADF ? HD_EACCES : hd_error_from_errno(errno); // EBADF: open for reading only
}

void hd_file_unlock(int fd, enum hd_file_byte byte)
{
  struct flock lock = range(byte, F_UNLCK);
  (void)fcntl(fd, F_SETLK, &lock);
}

bool hd_file_locked(int fd, enum hd_file_byte byte)
{
  struct flock lock = range(byte, F_WRLCK);
  return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

#define OPEN_MOST 64

static struct {
  hd_lock lock;
  size_t count;
  struct {
    dev_t device;
    ino_t inode;
  } file[OPEN_MOST];
} open_files = {.lock = HD_LOCK_INIT};

static size_t find(dev_t device, ino_t inode)
{
  size_t i = 0;
  while (i < open_files.count && (open_files.file[i].device != device || open_files.file[i].inode != inode))
    i++;
  return i;
}

void hd_file_entered(int fd)
{
  struct stat is;
  if (fstat(fd, &is) != 0)
    return;
  hd_lock_take(&open_files.lock);
  if (open_files.count < OPEN_MOST) {
    open_files.file[open_files.count].device = is.st_dev;
    open_files.file[open_files.count].inode = is.st_ino;
    open_files.count++;
  }
  hd_lock_give(&open_files.lock);
}

void hd_file_left(int fd)
{
  struct stat is;
  if (fstat(fd, &is) != 0)
    return;
  hd_lock_take(&open_files.lock);
  const size_t i = find(is.st_dev, is.st_ino);
  if (i < open_files.count)
    open_files.file[i] = open_files.file[--open_files.count];
  hd_lock_give(&open_files.lock);
}

bool hd_file_is_open(dev_t device, ino_t inode)
{
  hd_lock_take(&open_files.lock);
  const bool found = find(device, inode) < open_files.count || open_files.count == OPEN_MOST;
  hd_lock_give(&open_files.lock);
  return found;
}
