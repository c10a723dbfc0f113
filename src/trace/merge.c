// The merged reader. A look at the rings takes all records out into queues of our own, twice: the second time
// finds every cause of what the first time found, because a cause is in its ring before its effect can be.
// Then queues are merged by stamp up to a bound below which no writer can still write; an effect whose cause
// stands in another queue waits for it. One thread.
#include "trace/merge.h"

#include "trace/seen.h"
#include "trace/source.h"

#include "base/error.h"
#include "trace/event.h"

#include <stdlib.h>
#include <string.h>

#define SLACK_NS 50000u  // how long a store may stay invisible to other processors, very generously
#define PATIENCE 64      // looks an effect waits for a cause whose stamp lies in the future
#define NEVER UINT64_MAX // key of a source with nothing to hand out
#define ALL (UINT64_MAX - 1)

struct hd_merge {
  struct hd_live *live;
  struct hd_control *control;
  bool takes; // we are the reader that the writers wait for
  bool told;  // hd_merge_end
  bool still; // the program is gone
  bool ended; // one of the two: no bound any more
  bool final; // the last look has taken everything
  bool fresh; // looked since the last 0
  uint64_t bound, slack;
  uint64_t limit; // the caller may still add what is later
  struct hd_merge_counts counts;
  struct hd_seen seen;
  bool is_cause[HD_EV_COUNT], known[HD_SLOTS];
  size_t count, stalled;
  uint64_t key[HD_SLOTS + 1]; // stamp of each source's front, apart from the sources: one scan per event
  struct hd_source source[HD_SLOTS + 1];
  char text[]; // HD_TEXT_MAX bytes
};

int hd_merge_open(hd_merge **out, struct hd_live *live)
{
  hd_merge *merge = malloc(sizeof *merge + HD_TEXT_MAX);
  if (!merge)
    return HD_ENOMEM;
  memset(merge, 0, sizeof *merge);
  merge->live = live;
  merge->control = hd_live_control(live);
  merge->takes = hd_live_is_reader(live);
  const struct hd_os_rate *rate = &hd_live_header(live)->rate;
  merge->slack = ((uint64_t)SLACK_NS << (rate->shift < 40 ? rate->shift : 40)) / rate->mult;
  for (unsigned kind = 0; kind < HD_EV_COUNT; kind++)
    merge->is_cause[hd_event_info(kind)->cause] = true;
  merge->is_cause[HD_EV_NONE] = false;
  merge->limit = UINT64_MAX;
  merge->count = 1; // source 0 is our own
  merge->key[0] = NEVER;
  *out = merge;
  return HD_OK;
}

void hd_merge_close(hd_merge *merge)
{
  if (!merge)
    return;
  for (size_t i = 0; i < merge->count; i++)
    free(merge->source[i].queue);
  hd_seen_free(&merge->seen);
  free(merge);
}

void hd_merge_end(hd_merge *merge)
{
  merge->told = true;
}

void hd_merge_counts(const hd_merge *merge, struct hd_merge_counts *out)
{
  *out = merge->counts;
}

// ---- the queues ----

// Finds the front of a source: skips what continues nothing, and sets the key by which it is merged.
static void find_front(hd_merge *merge, size_t index)
{
  struct hd_source *source = &merge->source[index];
  merge->key[index] = NEVER;
  while (source->first < source->eligible) {
    const struct hd_record *front = &source->queue[source->first];
    if (front->kind == HD_EV_CONTINUED) {
      source->first++;
      merge->counts.lost++;
      continue;
    }
    struct hd_entry entry;
    if ((front->kind & HD_RECORD_MORE) &&
        !hd_entry_decode(&entry, front, source->end - source->first, NULL, 0)) {
      if (!merge->final)
        return; // the rest is being written
      merge->counts.lost += source->end - source->first;
      source->first = source->end;
      return;
    }
    merge->key[index] = front->stamp < ALL ? front->stamp : ALL;
    return;
  }
}

static void note_cause(hd_merge *merge, const struct hd_record *record, unsigned bits)
{
  const unsigned kind = record->kind & HD_RECORD_KIND;
  if (kind < HD_EV_COUNT && merge->is_cause[kind])
    hd_seen_mark(&merge->seen, kind, record->object, bits);
}

static int drain(hd_merge *merge, struct hd_source *source)
{
  struct hd_source_taken taken;
  const uint64_t before = source->tail;
  const int error = hd_source_drain(source, merge->still, &taken);
  if (error)
    return error;
  for (size_t i = 0; i < taken.count; i++)
    note_cause(merge, &taken.records[i], HD_SEEN_ARRIVED);
  merge->counts.lost += taken.lost;
  if (taken.clipped)
    merge->final = false;
  if (merge->takes && source->tail != before)
    hd_source_give(source, atomic_load(&merge->control->lossless));
  return HD_OK;
}

// ---- a look at the rings ----

static void discover(hd_merge *merge)
{
  for (unsigned slot = 0; slot < HD_SLOTS; slot++) {
    uint32_t capacity;
    struct hd_ring *ring = merge->known[slot] ? NULL : hd_live_ring(merge->live, slot, &capacity);
    if (!ring)
      continue;
    merge->known[slot] = true;
    struct hd_source *source = &merge->source[merge->count];
    *source = (struct hd_source){.ring = ring, .capacity = capacity};
    // A second viewer goes on where the first one left off.
    const uint64_t tail = atomic_load(&ring->tail), head = atomic_load(&ring->head);
    if (merge->takes && tail <= head)
      source->tail = tail;
    merge->key[merge->count++] = NEVER;
  }
}

// Below which stamp nobody can still write. Before the rings are read.
static void set_bound(hd_merge *merge)
{
  const uint64_t now = hd_os_stamp();
  merge->still = !hd_live_program_alive(merge->live);
  merge->ended = merge->final = merge->still || merge->told;
  if (merge->ended) {
    merge->bound = ALL;
    return;
  }
  // A thread that stands has made all its stores visible: it stored its state after them.
  const bool settled = atomic_load(&merge->control->managed) && hd_control_settled(merge->control);
  merge->bound = settled ? now : now - merge->slack;
  if (merge->limit < merge->bound)
    merge->bound = merge->limit;
  for (size_t i = 1; i < merge->count; i++) {
    const uint64_t open = atomic_load_explicit(&merge->source[i].ring->open, memory_order_acquire);
    if (open && open < merge->bound)
      merge->bound = open;
  }
}

static int look(hd_merge *merge)
{
  discover(merge);
  set_bound(merge);
  int error = HD_OK;
  for (size_t i = 1; i < merge->count && !error; i++) {
    error = drain(merge, &merge->source[i]);
    merge->source[i].eligible = merge->source[i].end;
  }
  discover(merge);
  for (size_t i = 1; i < merge->count && !error; i++)
    error = drain(merge, &merge->source[i]);
  for (size_t i = 0; i < merge->count; i++) {
    struct hd_source *source = &merge->source[i];
    if (source->stalled)
      source->looks++;
    else
      find_front(merge, i);
  }
  return error;
}

// ---- choosing ----

static size_t least(const hd_merge *merge)
{
  size_t best = 0;
  for (size_t i = 1; i < merge->count; i++)
    if (merge->key[i] < merge->key[best])
      best = i;
  return best;
}

// Whether the front of the source must wait for its cause; then it is put aside.
static bool must_wait(hd_merge *merge, size_t index)
{
  struct hd_source *source = &merge->source[index];
  const struct hd_record *front = &source->queue[source->first];
  const unsigned cause = hd_event_info(front->kind & HD_RECORD_KIND)->cause;
  if (cause == HD_EV_NONE || front->object == 0)
    return false;
  const unsigned bits = hd_seen_get(&merge->seen, cause, front->object);
  if (bits & HD_SEEN_PASSED)
    return false;
  if (!(bits & HD_SEEN_ARRIVED)) {
    merge->counts.orphans++;
    return false;
  }
  source->stalled = true;
  source->key = merge->key[index];
  source->cause = cause;
  source->object = front->object;
  source->looks = 0;
  merge->key[index] = NEVER;
  merge->stalled++;
  return true;
}

static void resume(hd_merge *merge, size_t index)
{
  merge->source[index].stalled = false;
  merge->key[index] = merge->source[index].key;
  merge->stalled--;
}

static void resume_effects(hd_merge *merge, unsigned kind, uint32_t object)
{
  for (size_t i = 0; merge->stalled && i < merge->count; i++) {
    const struct hd_source *source = &merge->source[i];
    if (source->stalled && source->cause == kind && source->object == object) {
      merge->counts.repaired++;
      resume(merge, i);
    }
  }
}

static void hand_out(hd_merge *merge, size_t index, struct hd_entry *entry)
{
  struct hd_source *source = &merge->source[index];
  const struct hd_record *front = &source->queue[source->first];
  source->first += hd_entry_decode(entry, front, source->end - source->first, merge->text, HD_TEXT_MAX);
  merge->counts.events++;
  note_cause(merge, &entry->record, HD_SEEN_ARRIVED | HD_SEEN_PASSED);
  resume_effects(merge, entry->record.kind, entry->record.object);
  find_front(merge, index);
}

// The stalled source with the least stamp that has waited for at least so many looks; merge->count when there
// is none.
static size_t longest_stalled(const hd_merge *merge, unsigned looks)
{
  size_t best = merge->count;
  for (size_t i = 0; i < merge->count; i++) {
    const struct hd_source *source = &merge->source[i];
    if (source->stalled && source->looks >= looks &&
        (best == merge->count || source->key < merge->source[best].key))
      best = i;
  }
  return best;
}

static bool pick(hd_merge *merge, struct hd_entry *entry)
{
  for (;;) {
    const size_t best = least(merge);
    // A cause from the future (a damaged or shifted stamp) is handed out before its time rather than never.
    const bool hurry = merge->stalled && longest_stalled(merge, PATIENCE) < merge->count;
    if (merge->key[best] != NEVER && (merge->key[best] <= merge->bound || hurry)) {
      if (must_wait(merge, best))
        continue;
      hand_out(merge, best, entry);
      return true;
    }
    if (!merge->stalled || !(merge->ended || hurry))
      return false;
    // Everything waits for something: only damage makes such a circle, or a cause cut off in the middle.
    const size_t stuck = longest_stalled(merge, 0);
    merge->counts.orphans++;
    resume(merge, stuck);
    hand_out(merge, stuck, entry);
    return true;
  }
}

int hd_merge_next(hd_merge *merge, struct hd_entry *entry)
{
  if (pick(merge, entry))
    return 1;
  if (merge->final)
    return HD_EEND;
  if (merge->fresh && !merge->ended) {
    merge->fresh = false;
    return 0;
  }
  const int error = look(merge);
  if (error)
    return error;
  merge->fresh = true;
  if (pick(merge, entry))
    return 1;
  merge->fresh = false;
  return merge->final ? HD_EEND : 0;
}

void hd_merge_limit(hd_merge *merge, uint64_t stamp)
{
  merge->limit = stamp;
}

int hd_merge_add(hd_merge *merge, const struct hd_entry *entry)
{
  return hd_merge_add_at(merge, entry, hd_os_stamp());
}

int hd_merge_add_at(hd_merge *merge, const struct hd_entry *entry, uint64_t stamp)
{
  struct hd_source *own = &merge->source[0];
  const size_t count = hd_entry_records(entry);
  const int error = hd_source_reserve(own, count);
  if (error)
    return error;
  struct hd_entry stamped = *entry;
  own->stamp = stamped.record.stamp = stamp > own->stamp ? stamp : own->stamp;
  hd_entry_encode(&stamped, &own->queue[own->end]);
  note_cause(merge, &stamped.record, HD_SEEN_ARRIVED);
  own->end += count;
  own->eligible = own->end;
  find_front(merge, 0);
  return HD_OK;
}
