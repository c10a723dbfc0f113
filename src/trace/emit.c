// Writing records into the calling thread's ring. The hot path is one function without an atomic
// read-modify-write, a lock or an allocation. Invariant: `open` is set before a stamp is read and cleared
// after its record is published.
#include "trace/writer.h"

#include "base/os.h"

#include <string.h>

#define SLICE_NS 250000000ull // how long a writer sleeps before it asks whether its reader still lives

_Thread_local struct hd_writer hd_writer;

static const bool is_fresh[HD_EV_COUNT] = {
#define STEP 0
#define QUIET 0
#define FRESH true
#define LAST false
#define X(name, lane, weight, stamp, cause, a, b, sentence) [HD_EV_##name] = stamp,
#include "trace/event.def"
#undef X
#undef STEP
#undef QUIET
#undef FRESH
#undef LAST
};

static inline void put(struct hd_writer *writer, const struct hd_record *record)
{
  struct hd_ring *ring = writer->ring;
  struct hd_cell *cell = &ring->cells[writer->head & writer->mask];
  const uint64_t who = record->object | (uint64_t)record->kind << 32 | (uint64_t)record->actor << 48;
  // Readers that were lapped must see the head before they can see this cell's new words.
  atomic_thread_fence(memory_order_release);
  atomic_store_explicit(&cell->word[0], record->stamp, memory_order_relaxed);
  atomic_store_explicit(&cell->word[1], who, memory_order_relaxed);
  atomic_store_explicit(&cell->word[2], record->a, memory_order_relaxed);
  atomic_store_explicit(&cell->word[3], record->b, memory_order_relaxed);
  atomic_store_explicit(&ring->head, ++writer->head, memory_order_release);
}

// The stamp for a record. From here to end_record the reader hands out nothing later than our last stamp.
static inline uint64_t begin_record(struct hd_writer *writer, bool fresh)
{
  if (fresh) {
    atomic_store_explicit(&writer->ring->open, writer->stamp, memory_order_release);
    atomic_signal_fence(
        memory_order_seq_cst); // the stamp is read after that store, as far as the compiler goes
    writer->stamp = hd_os_stamp();
  }
  return writer->stamp;
}

static inline void end_record(struct hd_writer *writer, bool fresh)
{
  if (fresh)
    atomic_store_explicit(&writer->ring->open, 0, memory_order_release);
}

static void put_quiet(struct hd_writer *writer, enum hd_event_kind kind, uint64_t a)
{
  const uint64_t stamp = begin_record(writer, true);
  put(writer, &(struct hd_record){.stamp = stamp, .kind = (uint16_t)kind, .actor = writer->actor, .a = a});
  end_record(writer, true);
}

// Sets the limit anew from what the reader has taken. Returns whether `records` fit below it.
static bool look_at_reader(struct hd_writer *writer, uint64_t records)
{
  const uint64_t capacity = writer->mask + 1;
  const uint64_t tail = atomic_load_explicit(&writer->ring->tail, memory_order_acquire);
  // A tail ahead of the head is damage; it must not let us run for ever.
  writer->limit = (tail < writer->head ? tail : writer->head) + capacity / 8 * 7;
  return writer->head + records <= writer->limit;
}

// Makes room for so many records and a SLEPT_FOR_READER: in lossless mode by waiting for a live reader.
static hd_noinline void make_room(struct hd_writer *writer, uint64_t records)
{
  struct hd_control *control = hd_control_here();
  struct hd_ring *ring = writer->ring;
  uint64_t slept_at = 0;
  while (atomic_load(&control->lossless)) {
    const uint32_t room = atomic_load(&ring->room);
    if (look_at_reader(writer, records + 1)) {
      if (slept_at)
        put_quiet(writer, HD_EV_SLEPT_FOR_READER, hd_os_now() - slept_at);
      return;
    }
    if (!slept_at)
      slept_at = hd_os_now();
    (void)hd_os_wait(&ring->room, room, SLICE_NS, true);
    if (atomic_load(&ring->room) == room && !hd_trace_viewer_alive())
      hd_control_release(control);
  }
  // A flight recorder overwrites. It looks again from time to time, in case a viewer turns lossless on.
  writer->limit = writer->head + records + (writer->mask + 1) / 8;
}

// An event with a code address or a text.
static hd_noinline void emit_long(struct hd_writer *writer, const struct hd_step *step, uint64_t place)
{
  const bool fresh = step->kind < HD_EV_COUNT && is_fresh[step->kind];
  const uint64_t most = (writer->mask + 1) / 2 - 2; // records of one event; the rest of its text is cut
  struct hd_entry entry = {.record = {.object = step->object,
                                      .kind = step->kind,
                                      .actor = writer->actor,
                                      .a = step->a,
                                      .b = step->b},
                           .place = place,
                           .text = step->text,
                           .text_size = step->text_size};
  const uint64_t text_most = (most - 1) * HD_RECORD_PAYLOAD - 8;
  if (entry.text_size > text_most)
    entry.text_size = (uint32_t)text_most;
  const size_t records = hd_entry_records(&entry);
  if (writer->head + records > writer->limit)
    make_room(writer, records);
  entry.record.stamp = begin_record(writer, fresh);
  for (size_t i = 0; i < records; i++) {
    struct hd_record part;
    hd_entry_part(&entry, i, &part);
    put(writer, &part);
  }
  end_record(writer, fresh);
}

void hd_trace_emit(const struct hd_step *step)
{
  struct hd_writer *writer = &hd_writer;
  if (hd_unlikely(!writer->ring) && !hd_writer_ready(writer))
    return;
  const uint64_t place =
      atomic_load_explicit(&hd_control_here()->places, memory_order_relaxed) ? step->place : 0;
  if (hd_unlikely(place || step->text_size)) {
    emit_long(writer, step, place);
    return;
  }
  if (hd_unlikely(writer->head >= writer->limit))
    make_room(writer, 1);
  const bool fresh = step->kind < HD_EV_COUNT && is_fresh[step->kind];
  const uint64_t stamp = begin_record(writer, fresh);
  put(writer, &(struct hd_record){.stamp = stamp,
                                  .object = step->object,
                                  .kind = step->kind,
                                  .actor = writer->actor,
                                  .a = step->a,
                                  .b = step->b});
  end_record(writer, fresh);
}

uint64_t hd_trace_last_stamp(void)
{
  return hd_writer.stamp;
}
