// Inside src/trace only: one source of the merged reader: a ring, and the queue of records already taken out
// of it. Invariant: what stands in the queue is whole and ours; the ring is read without trusting it. One
// thread.
#ifndef HD_TRACE_SOURCE_H
#define HD_TRACE_SOURCE_H

#include "trace/live.h"

struct hd_source {
  struct hd_ring *ring;              // NULL: the reader's own events
  uint64_t capacity, tail;           // tail: records taken out of the ring so far
  uint64_t lost;                     // missed since the last record taken
  uint64_t stamp;                    // of the last record taken
  struct hd_record *queue;           // [first, end) is taken and not handed out
  size_t first, end, room, eligible; // [first, eligible) was taken before the look for causes
  // While its front waits for a cause:
  bool stalled;
  uint64_t key; // the front's stamp
  unsigned cause, looks;
  uint32_t object;
};

struct hd_source_taken {
  const struct hd_record *records; // new in the queue, LOST told
  size_t count;
  uint64_t lost; // told by that
  bool clipped;  // more would have come: the queue is at its limit
};

// Makes room for `more` records at the end of the queue. HD_ENOMEM.
int hd_source_reserve(struct hd_source *source, size_t more);

// Takes out what the ring has. still: nobody writes any more. HD_ENOMEM.
int hd_source_drain(struct hd_source *source, bool still, struct hd_source_taken *taken);

// Lets the writer know how far we are, and wakes it when it waits for room.
void hd_source_give(struct hd_source *source, bool wake);

#endif
