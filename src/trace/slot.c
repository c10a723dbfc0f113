// Slots and rings for the threads of this process. Invariant: hd_program.lock guards which slots are taken
// and the end of the file; a slot's ring is written by the thread that has the slot. The calling thread only.
#include "trace/file.h"
#include "trace/writer.h"

#include "base/error.h"

#include <sys/mman.h>

static void announce(struct hd_slot *slot, enum hd_slot_state state)
{
  struct hd_control *control = hd_control_here();
  atomic_store(&slot->state, (uint32_t)state);
  atomic_fetch_add(&control->arrivals, 1);
  hd_os_wake(&control->arrivals, 1, true);
}

static struct hd_ring *make_ring(unsigned slot)
{
  const uint64_t size = hd_file_ring_size(hd_program.ring_records);
  if (hd_file_allocate(hd_program.fd, hd_program.end, size) != HD_OK)
    return NULL;
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, hd_program.fd, (off_t)hd_program.end);
  if (at == MAP_FAILED)
    return NULL;
  struct hd_ring *ring = at;
  ring->capacity = hd_program.ring_records;
  ring->slot = slot;
  atomic_store_explicit(&hd_program.head->rings[slot], hd_program.end, memory_order_release);
  hd_program.end += size;
  hd_program.rings[slot] = ring;
  return ring;
}

// Takes up the ring where its last writer left it.
static void begin_writing(struct hd_writer *writer, struct hd_ring *ring)
{
  writer->head = atomic_load(&ring->head);
  writer->mask = hd_program.ring_records - 1;
  writer->limit = 0;
  const uint64_t now = hd_os_stamp();
  const uint64_t last =
      writer->head ? atomic_load(&ring->cells[(writer->head - 1) & writer->mask].word[0]) : 1;
  writer->stamp = now > last ? now : last;
  writer->ring = ring;
}

static void refuse(struct hd_writer *writer)
{
  writer->refused = true;
  atomic_fetch_add(&hd_control_here()->untraced, 1);
}

static void take_ring(struct hd_writer *writer)
{
  hd_lock_take(&hd_program.lock);
  struct hd_ring *ring = hd_program.rings[writer->actor];
  if (!ring)
    ring = make_ring(writer->actor);
  hd_lock_give(&hd_program.lock);
  if (ring) {
    begin_writing(writer, ring);
    return;
  }
  refuse(writer);
  atomic_fetch_add(&hd_control_here()->no_room, 1);
  atomic_fetch_add(&hd_control_here()->arrivals, 1); // a viewer that waits looks at once
  hd_os_wake(&hd_control_here()->arrivals, 1, true);
}

static int take_slot(void)
{
  hd_lock_take(&hd_program.lock);
  unsigned slot = 0;
  while (slot < HD_SLOTS && hd_program.taken[slot])
    slot++;
  if (slot < HD_SLOTS)
    hd_program.taken[slot] = true;
  hd_lock_give(&hd_program.lock);
  return slot < HD_SLOTS ? (int)slot : -1;
}

static bool is_wanted(void)
{
  return atomic_load(&hd_control_here()->want) != HD_MODE_OFF;
}

int hd_trace_join(uint32_t object)
{
  struct hd_writer *writer = &hd_writer;
  writer->object = object;
  if (!atomic_load(&hd_program.attached))
    return -1;
  if (!writer->joined) {
    const int index = take_slot();
    if (index < 0) {
      refuse(writer);
      return -1;
    }
    writer->actor = (uint16_t)index;
    writer->joined = true;
    writer->refused = false;
    hd_program_watch_thread(writer);
  }
  struct hd_slot *slot = hd_trace_slot();
  slot->thread = hd_os_thread_id();
  slot->object = object;
  atomic_store(&slot->granted, atomic_load(&slot->passed));
  announce(slot, HD_SLOT_RUNNING);
  if (!writer->ring && !writer->refused && is_wanted())
    take_ring(writer);
  return writer->actor;
}

void hd_trace_leave(void)
{
  struct hd_writer *writer = &hd_writer;
  if (writer->joined) {
    hd_program_watch_thread(NULL);
    hd_lock_take(&hd_program.lock);
    // Both under the lock: whoever sees it free and takes a slot then, takes the lowest.
    announce(hd_trace_slot(), HD_SLOT_FREE);
    hd_program.taken[writer->actor] = false;
    hd_lock_give(&hd_program.lock);
  }
  writer->ring = NULL;
  writer->joined = writer->refused = false;
}

struct hd_slot *hd_trace_slot(void)
{
  return hd_writer.joined ? &hd_control_here()->slots[hd_writer.actor] : NULL;
}

bool hd_writer_ready(struct hd_writer *writer)
{
  if (writer->refused || !atomic_load(&hd_program.attached) || !is_wanted())
    return false;
  if (!writer->joined)
    return hd_trace_join(writer->object) >= 0 && writer->ring;
  take_ring(writer);
  return writer->ring != NULL;
}

uint32_t hd_trace_object(void)
{
  static _Atomic uint32_t next = 1;
  struct hd_writer *writer = &hd_writer;
  if (writer->next_object == writer->last_object) {
    writer->next_object = atomic_fetch_add(&next, 1024);
    writer->last_object = writer->next_object + 1024;
  }
  const uint32_t object = writer->next_object++;
  return object ? object : hd_trace_object();
}
