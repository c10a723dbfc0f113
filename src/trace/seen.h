// Inside src/trace only: two bits for every pair of kind and object, exact and small, for the merged reader's
// question "has the cause of this event come?". Invariant: bounded memory, whatever object ids a damaged file
// holds. One thread.
#ifndef HD_TRACE_SEEN_H
#define HD_TRACE_SEEN_H

#include <stddef.h>
#include <stdint.h>

enum { HD_SEEN_ARRIVED = 1, HD_SEEN_PASSED = 2 };

struct hd_seen_page;

// Starts as {0}.
struct hd_seen {
  struct hd_seen_page *pages;
  uint32_t *table; // hash of page numbers, 0: empty
  size_t count, room, slots;
  int full; // no more pages: what is not there counts as passed
};

void hd_seen_free(struct hd_seen *seen);
void hd_seen_mark(struct hd_seen *seen, unsigned kind, uint32_t object, unsigned bits);
unsigned hd_seen_get(const struct hd_seen *seen, unsigned kind, uint32_t object);

#endif
