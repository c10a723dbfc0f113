// Inside src/trace only: how a live file is laid out, its locks, and the checking of headers.
// [header and ring directory][control block][rings, made on demand]; each part begins at a multiple of 64
// KiB.
#ifndef HD_TRACE_FILE_H
#define HD_TRACE_FILE_H

#include "trace/live.h"

#include <sys/types.h>

#define HD_FILE_UNIT 65536u // a multiple of every page size in use
#define HD_FILE_CONTROL HD_FILE_UNIT
#define HD_FILE_RINGS (HD_FILE_CONTROL + HD_CONTROL_SIZE)
#define HD_RING_LEAST 64u
#define HD_RING_MOST (1u << 24)

// The first unit of a live file.
struct hd_file_head {
  struct hd_trace_header header;
  _Alignas(HD_CACHE_LINE) _Atomic uint64_t
      rings[HD_SLOTS]; // program: where each slot's ring lies in the file, 0: none yet
};
static_assert(sizeof(struct hd_file_head) <= HD_FILE_UNIT, "header and ring directory fit one unit");

// Bytes a ring takes in the file.
static inline uint64_t hd_file_ring_size(uint32_t capacity)
{
  const uint64_t bytes = sizeof(struct hd_ring) + (uint64_t)capacity * sizeof(struct hd_cell);
  return (bytes + HD_FILE_UNIT - 1) / HD_FILE_UNIT * HD_FILE_UNIT;
}

// Fills in what every header says, but for the rate of stamps. Checks one that was read: HD_EFORMAT,
// HD_EVERSION; makes its strings end and its rate usable.
void hd_header_fill(struct hd_trace_header *header, enum hd_trace_form form);
int hd_header_check(struct hd_trace_header *header, enum hd_trace_form form);

// Really allocates the bytes: HD_ENOSPC when there is no room, nothing else later.
int hd_file_allocate(int fd, uint64_t offset, uint64_t size);

// The lock bytes. A process loses its locks on a file when it closes any descriptor of that file, so
// every open live file is entered here and never opened a second time by chance (hd_file_is_open).
enum hd_file_byte { HD_FILE_VIEWER, HD_FILE_PROGRAM };
int hd_file_lock(int fd, enum hd_file_byte byte); // HD_EBUSY, HD_EACCES
void hd_file_unlock(int fd, enum hd_file_byte byte);
bool hd_file_locked(int fd, enum hd_file_byte byte); // by another process
void hd_file_entered(int fd);
void hd_file_left(int fd);
bool hd_file_is_open(dev_t device, ino_t inode);

#endif
