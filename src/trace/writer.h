// Inside src/trace only: the calling thread's pen on its ring. The hot path (emit.c) touches nothing else;
// slots and rings are given out by attach.c. Invariant: one thread holds a ring's writer at a time.
#ifndef HD_TRACE_WRITER_H
#define HD_TRACE_WRITER_H

#include "base/lock.h"
#include "trace/emit.h"
#include "trace/file.h"

struct hd_writer {
  struct hd_ring *ring; // NULL: nothing can be written yet
  uint64_t head;        // = ring->head; ours alone
  uint64_t limit;       // head may grow to this without looking at the reader
  uint64_t stamp;       // of the last FRESH record
  uint64_t mask;        // capacity - 1
  uint16_t actor;       // slot number
  bool joined;          // has slot `actor`
  bool refused;         // found no slot or no room for a ring: runs untraced
  uint32_t object;
  uint32_t next_object, last_object; // the rest of this thread's block of object ids
};

extern _Thread_local struct hd_writer hd_writer;

// The file this process is attached to.
struct hd_program {
  hd_lock lock; // guards what follows `attached`
  _Atomic bool attached;
  int fd;
  bool own; // we made the file: it goes with us
  char *path;
  struct hd_file_head *head;
  uint32_t ring_records;
  uint64_t end; // of the file: the next ring comes here
  bool taken[HD_SLOTS];
  struct hd_ring *rings[HD_SLOTS]; // stay mapped when their thread ends: the next one goes on there
};
extern struct hd_program hd_program;

// With a value not NULL: when the calling thread ends, its slot is given back. NULL: no longer.
void hd_program_watch_thread(void *value);

// Gives the calling thread a ring when it may have one. false: this step is not recorded.
bool hd_writer_ready(struct hd_writer *writer);

#endif
