// Taking records out of a ring that is being written. A copy is believed only after a second look at the head
// shows that the writer had not come round; what it overtook is counted and told as a LOST event. One thread,
// the reader's.
#include "trace/source.h"

#include "base/error.h"
#include "trace/event.h"

#include <stdlib.h>
#include <string.h>

#define ENTRY_MOST (2 + HD_TEXT_MAX / HD_RECORD_PAYLOAD) // records of the longest entry, rounded up

int hd_source_reserve(struct hd_source *source, size_t more)
{
  if (source->first == source->end) {
    source->first = source->end = source->eligible = 0;
  } else if (source->first > source->room / 2) {
    memmove(source->queue, source->queue + source->first,
            (source->end - source->first) * sizeof *source->queue);
    source->end -= source->first;
    source->eligible -= source->first;
    source->first = 0;
  }
  if (source->room - source->end >= more)
    return HD_OK;
  size_t room = source->room ? source->room : 64;
  while (room - source->end < more)
    room *= 2;
  struct hd_record *queue = realloc(source->queue, room * sizeof *queue);
  if (!queue)
    return HD_ENOMEM;
  source->queue = queue;
  source->room = room;
  return HD_OK;
}

static void load(const struct hd_cell *cell, struct hd_record *out)
{
  uint64_t word[4];
  for (int i = 0; i < 4; i++)
    word[i] = atomic_load_explicit(&cell->word[i], memory_order_relaxed);
  memcpy(out, word, sizeof *out);
}

// Copies count records from the ring's tail and moves the tail. Returns how many of the first ones are
// worthless by now.
static size_t copy(struct hd_source *source, struct hd_record *out, size_t count, bool still)
{
  for (size_t i = 0; i < count; i++)
    load(&source->ring->cells[(source->tail + i) & (source->capacity - 1)], &out[i]);
  atomic_thread_fence(memory_order_acquire);
  const uint64_t head = atomic_load_explicit(&source->ring->head, memory_order_relaxed);
  // The cell at head may be half overwritten, unless nobody writes any more.
  const uint64_t reached = head + (still ? 0 : 1);
  const uint64_t whole =
      reached > source->capacity ? reached - source->capacity : 0; // the first record that is
  uint64_t torn = whole > source->tail ? whole - source->tail : 0;
  source->tail += count;
  if (torn > count) {
    source->lost += torn - count;
    source->tail += torn - count;
    torn = count;
  }
  source->lost += torn;
  return (size_t)torn;
}

// Puts a LOST event before the count records at `at`, of which the first `bad` are worthless. Returns the
// records there now.
static size_t tell_loss(struct hd_source *source, struct hd_record *at, size_t count, size_t bad, bool still)
{
  while (bad < count && at[bad].kind == HD_EV_CONTINUED) { // of an event whose beginning is lost
    bad++;
    source->lost++;
  }
  if (bad == count && !still)
    return 0; // told together with the next record
  const uint64_t next = bad < count ? at[bad].stamp : 0;
  memmove(at + 1, at + bad, (count - bad) * sizeof *at);
  at[0] = (struct hd_record){.stamp = source->stamp ? source->stamp : next,
                             .kind = HD_EV_LOST,
                             .actor = (uint16_t)source->ring->slot,
                             .a = source->lost};
  source->lost = 0;
  return count - bad + 1;
}

int hd_source_drain(struct hd_source *source, bool still, struct hd_source_taken *taken)
{
  *taken = (struct hd_source_taken){0};
  const uint64_t head = atomic_load_explicit(&source->ring->head, memory_order_acquire);
  if (head <= source->tail)
    return HD_OK;
  if (head - source->tail > source->capacity) {
    source->lost += head - source->capacity - source->tail;
    source->tail = head - source->capacity;
  }
  // A reader whose caller does not keep up stops taking, so that its memory stays bounded.
  const size_t used = source->end - source->first, most = 2 * (size_t)source->capacity + ENTRY_MOST;
  size_t count = (size_t)(head - source->tail);
  if (used + count > most) {
    count = used < most ? most - used : 0;
    taken->clipped = true;
  }
  const int error = hd_source_reserve(source, count + 1);
  if (error)
    return error;
  struct hd_record *at = &source->queue[source->end];
  const size_t torn = copy(source, at, count, still);
  if (source->lost) {
    count = tell_loss(source, at, count, torn, still);
    taken->lost = source->lost ? 0 : at[0].a;
  }
  source->end += count;
  if (count)
    source->stamp = at[count - 1].stamp;
  taken->records = at;
  taken->count = count;
  return HD_OK;
}

void hd_source_give(struct hd_source *source, bool wake)
{
  atomic_store_explicit(&source->ring->tail, source->tail, memory_order_release);
  if (wake) {
    atomic_fetch_add(&source->ring->room, 1);
    hd_os_wake(&source->ring->room, 1, true);
  }
}
