// The merged reader: nothing is lost that was not counted, every thread's order is kept, and no effect comes
// before its cause.
#include "trace_help.h"

#include "trace/emit.h"
#include "trace/merge.h"

#define THREADS 5u
#define EVENTS 20000u

// ---- the program: five threads, each counting its events ----

static void *writes_many(void *arg)
{
  const uint32_t self = (uint32_t)(uintptr_t)arg;
  char text[64];
  if (hd_trace_join(self) < 0)
    return NULL;
  for (uint32_t i = 0; i < EVENTS; i++) {
    // Every 97th has a text, so that some events take several records.
    const int size = i % 97 ? 0 : snprintf(text, sizeof text, "event %u of thread %u", i, self);
    hd_trace_emit(&(struct hd_step){.kind = i % 3 ? HD_EV_NOTE : HD_EV_TICK_QUEUED,
                                    .object = self,
                                    .a = i,
                                    .text = text,
                                    .text_size = (uint32_t)size});
  }
  hd_trace_leave();
  return NULL;
}

static int program(void)
{
  struct hd_os_thread thread[THREADS];
  for (uintptr_t i = 0; i < THREADS; i++)
    if (hd_os_thread_start(&thread[i], writes_many, (void *)(i + 1), 0, NULL) != HD_OK)
      return 1;
  for (unsigned i = 0; i < THREADS; i++)
    hd_os_thread_join(thread[i]);
  return 0;
}

// ---- what the test counts ----

struct tally {
  uint64_t events, records, slept, losses, told_lost;
  uint32_t next[THREADS + 1]; // per thread: the number expected next
  unsigned disorder, bad_text, no_text;
};

static void count(struct tally *tally, const struct hd_entry *entry)
{
  if (entry->record.kind == HD_EV_SLEPT_FOR_READER) {
    tally->slept++;
    return;
  }
  if (entry->record.kind == HD_EV_LOST) {
    tally->losses++;
    tally->told_lost += entry->record.a;
    return;
  }
  const uint32_t self = entry->record.object, number = (uint32_t)entry->record.a;
  tally->events++;
  tally->records += hd_entry_records(entry);
  if (self == 0 || self > THREADS || number < tally->next[self]) {
    tally->disorder++;
    return;
  }
  tally->next[self] = number + 1;
  char expected[64];
  const int size = snprintf(expected, sizeof expected, "event %u of thread %u", number, self);
  if (number % 97 == 0 && !entry->text)
    tally->no_text++;
  else if (number % 97 == 0 &&
           (entry->text_size != (uint32_t)size || memcmp(entry->text, expected, (size_t)size) != 0))
    tally->bad_text++;
}

// Starts the program, and reads while it runs or only when it has ended.
static struct tally run(const struct hd_live_opts *opts, bool read_while_it_runs,
                        struct hd_merge_counts *counts)
{
  const char *path = trace_path("many.live");
  struct hd_live *live;
  hd_merge *merge;
  struct hd_entry entry;
  struct tally tally = {0};
  assert_int_equal(hd_live_create(&live, path, opts), HD_OK);
  assert_int_equal(hd_live_lock(live), HD_OK);
  assert_int_equal(hd_merge_open(&merge, live), HD_OK);
  const pid_t child = trace_start_writer("program", path, NULL);
  if (!read_while_it_runs)
    assert_int_equal(trace_wait(child), 0);
  for (int got; (got = hd_merge_next(merge, &entry)) >= 0;)
    if (got)
      count(&tally, &entry);
    else
      hd_os_yield();
  if (read_while_it_runs)
    assert_int_equal(trace_wait(child), 0);
  hd_merge_counts(merge, counts);
  hd_merge_close(merge);
  hd_live_close(live);
  return tally;
}

static void a_lossless_run_loses_nothing(void **state)
{
  (void)state;
  struct hd_merge_counts counts;
  const struct hd_live_opts opts = {.mode = HD_MODE_RECORD, .lossless = true, .ring_records = 64};
  const struct tally tally = run(&opts, true, &counts);
  assert_int_equal(tally.events, THREADS * EVENTS);
  assert_int_equal(tally.disorder, 0);
  assert_int_equal(tally.bad_text + tally.no_text, 0);
  assert_int_equal(tally.told_lost, 0);
  assert_int_equal(counts.lost, 0);
  for (unsigned i = 1; i <= THREADS; i++)
    assert_int_equal(tally.next[i], EVENTS);
  assert_true(tally.slept > 0); // a ring of 64 for 20000 events: the writer has waited, and says so
}

// Records that all events of all threads take.
static uint64_t written(void)
{
  uint64_t records = 0;
  char text[64];
  for (uint32_t self = 1; self <= THREADS; self++)
    for (uint32_t i = 0; i < EVENTS; i++) {
      const int size = i % 97 ? 0 : snprintf(text, sizeof text, "event %u of thread %u", i, self);
      records += hd_entry_records(&(struct hd_entry){.text = text, .text_size = (uint32_t)size});
    }
  return records;
}

static struct hd_merge_counts expect_every_record_is_read_or_counted(uint32_t ring_records,
                                                                     bool read_while_it_runs)
{
  struct hd_merge_counts counts;
  const struct hd_live_opts opts = {.mode = HD_MODE_RECORD, .ring_records = ring_records};
  const struct tally tally = run(&opts, read_while_it_runs, &counts);
  assert_int_equal(tally.disorder, 0);
  assert_int_equal(tally.bad_text, 0);
  assert_int_equal(tally.slept, 0);
  assert_int_equal(tally.records + counts.lost, written());
  assert_true(tally.told_lost <= counts.lost);
  assert_true(tally.no_text <=
              tally.losses); // its text was overwritten just when its beginning had been read
  return counts;
}

static void a_flight_recorder_counts_what_it_missed(void **state)
{
  (void)state;
  const struct hd_merge_counts counts = expect_every_record_is_read_or_counted(256, false);
  assert_true(counts.lost > 0);
  (void)expect_every_record_is_read_or_counted(64, true);
  (void)expect_every_record_is_read_or_counted(8192, true);
}

// ---- rings written by hand ----

struct hand {
  struct trace_craft craft;
  struct hd_live *live;
  hd_merge *merge;
};

static struct hand by_hand(uint32_t ring_records)
{
  struct hand hand = {.craft = trace_craft_make(trace_path("hand.live"), ring_records)};
  return hand;
}

static void read_it(struct hand *hand)
{
  assert_int_equal(hd_live_open(&hand->live, trace_path("hand.live")), HD_OK);
  assert_int_equal(hd_merge_open(&hand->merge, hand->live), HD_OK);
}

static struct hd_merge_counts put_away(struct hand *hand)
{
  struct hd_merge_counts counts;
  hd_merge_counts(hand->merge, &counts);
  hd_merge_close(hand->merge);
  hd_live_close(hand->live);
  trace_craft_drop(&hand->craft);
  return counts;
}

// As if this process were the program: then it plainly lives.
static void live_on(struct hand *hand)
{
  atomic_store(&hand->craft.control->program_pid, (uint32_t)getpid());
}

static void put(struct hd_ring *ring, enum hd_event_kind kind, uint32_t object, uint64_t stamp)
{
  trace_craft_put(
      ring, &(struct hd_record){
                .stamp = stamp, .object = object, .kind = (uint16_t)kind, .actor = (uint16_t)ring->slot});
}

static void expect(struct hand *hand, enum hd_event_kind kind, uint32_t object)
{
  struct hd_entry entry;
  assert_int_equal(hd_merge_next(hand->merge, &entry), 1);
  assert_int_equal(entry.record.kind, kind);
  assert_int_equal(entry.record.object, object);
}

static void expect_nothing(struct hand *hand, int nothing)
{
  struct hd_entry entry;
  assert_int_equal(hd_merge_next(hand->merge, &entry), nothing);
}

static void events_come_in_the_order_of_their_stamps(void **state)
{
  (void)state;
  struct hand hand = by_hand(64);
  struct hd_ring *a = trace_craft_ring(&hand.craft, 0), *b = trace_craft_ring(&hand.craft, 1);
  put(b, HD_EV_NOTE, 1, 10);
  put(a, HD_EV_NOTE, 2, 20);
  put(b, HD_EV_NOTE, 3, 30);
  put(b, HD_EV_NOTE, 4, 30);
  put(a, HD_EV_NOTE, 5, 40);
  read_it(&hand);
  for (uint32_t i = 1; i <= 5; i++)
    expect(&hand, HD_EV_NOTE, i);
  expect_nothing(&hand, HD_EEND);
  assert_int_equal(put_away(&hand).events, 5);
}

// Tasks go through three threads whose clocks differ by `shift`; in truth each event comes after the one
// before.
#define TASKS 200u
static struct hd_merge_counts run_tasks_with_shifted_clocks(uint64_t seed, uint64_t most)
{
  struct hand hand = by_hand(1024);
  struct hd_ring *ring[3];
  uint64_t shift[3], random = seed, stamp[3] = {0};
  for (unsigned i = 0; i < 3; i++) {
    ring[i] = trace_craft_ring(&hand.craft, i);
    shift[i] = most ? trace_random(&random) % most : 0;
  }
  static const enum hd_event_kind stage[3] = {HD_EV_TASK_SUBMITTED, HD_EV_TASK_TAKEN, HD_EV_TASK_DONE};
  unsigned done[TASKS] = {0};
  for (uint64_t now = 1000, left = 3 * TASKS; left; left--, now += 5) {
    uint32_t task;
    do
      task = (uint32_t)(trace_random(&random) % TASKS);
    while (done[task] == 3);
    const unsigned at = done[task]++;
    stamp[at] = now + shift[at];
    put(ring[at], stage[at], task + 1, stamp[at]);
  }
  read_it(&hand);
  memset(done, 0, sizeof done);
  struct hd_entry entry;
  for (unsigned i = 0; i < 3 * TASKS; i++) {
    assert_int_equal(hd_merge_next(hand.merge, &entry), 1);
    assert_true(entry.record.object >= 1 && entry.record.object <= TASKS);
    assert_int_equal(entry.record.kind, stage[done[entry.record.object - 1]++]);
  }
  expect_nothing(&hand, HD_EEND);
  return put_away(&hand);
}

static void no_effect_comes_before_its_cause_however_the_clocks_differ(void **state)
{
  (void)state;
  const struct hd_merge_counts good = run_tasks_with_shifted_clocks(5, 0);
  assert_int_equal(good.repaired + good.orphans, 0);
  uint64_t repaired = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    const struct hd_merge_counts counts = run_tasks_with_shifted_clocks(seed, seed * 37);
    assert_int_equal(counts.orphans, 0);
    repaired += counts.repaired;
  }
  assert_true(repaired > 100);
}

// One thread submits, another takes what was submitted, and the clock of the second one stands far behind.
#define RELAYED 20000u
struct relay {
  struct hd_ring *ring;
  _Atomic uint32_t *submitted;
};

static void *submits(void *arg)
{
  const struct relay *relay = arg;
  for (uint32_t i = 1; i <= RELAYED; i++) {
    put(relay->ring, HD_EV_TASK_SUBMITTED, i, 1000 + i);
    atomic_store(relay->submitted, i);
  }
  return NULL;
}

static void *takes(void *arg)
{
  const struct relay *relay = arg;
  for (uint32_t i = 1; i <= RELAYED; i++) {
    while (atomic_load(relay->submitted) < i)
      hd_os_yield();
    put(relay->ring, HD_EV_TASK_TAKEN, i, i);
  }
  return NULL;
}

static void no_effect_comes_before_its_cause_while_both_are_written(void **state)
{
  (void)state;
  // A ring full of something else stands between the two, so that the reader's look at them takes its time.
  enum { BETWEEN = 262144 };
  struct hand hand = by_hand(BETWEEN);
  _Atomic uint32_t submitted = 0;
  struct relay a = {trace_craft_ring(&hand.craft, 0), &submitted},
               b = {trace_craft_ring(&hand.craft, 2), &submitted};
  struct hd_ring *between = trace_craft_ring(&hand.craft, 1);
  for (uint32_t i = 1; i < BETWEEN; i++)
    put(between, HD_EV_NOTE, i, 5);
  live_on(&hand);
  read_it(&hand);
  struct hd_os_thread thread[2];
  assert_int_equal(hd_os_thread_start(&thread[0], submits, &a, 0, NULL), HD_OK);
  assert_int_equal(hd_os_thread_start(&thread[1], takes, &b, 0, NULL), HD_OK);
  uint32_t last_submitted = 0;
  unsigned early = 0;
  struct hd_entry entry;
  for (uint32_t events = 0; events < 2 * RELAYED;) {
    if (hd_merge_next(hand.merge, &entry) != 1 || entry.record.kind == HD_EV_NOTE)
      continue;
    events++;
    if (entry.record.kind == HD_EV_TASK_SUBMITTED)
      last_submitted = entry.record.object;
    else
      early += entry.record.object > last_submitted;
  }
  hd_os_thread_join(thread[0]);
  hd_os_thread_join(thread[1]);
  assert_int_equal(early, 0);
  assert_int_equal(put_away(&hand).orphans, 0);
}

static void an_effect_without_a_cause_is_handed_out_and_counted(void **state)
{
  (void)state;
  struct hand hand = by_hand(64);
  struct hd_ring *a = trace_craft_ring(&hand.craft, 0);
  put(a, HD_EV_TASK_TAKEN, 7, 10);
  put(a, HD_EV_TASK_DONE, 7, 20);
  read_it(&hand);
  expect(&hand, HD_EV_TASK_TAKEN, 7);
  expect(&hand, HD_EV_TASK_DONE, 7);
  expect_nothing(&hand, HD_EEND);
  assert_int_equal(put_away(&hand).orphans, 1);
}

static void a_circle_of_causes_does_not_stop_the_reader(void **state)
{
  (void)state;
  struct hand hand = by_hand(64);
  struct hd_ring *a = trace_craft_ring(&hand.craft, 0), *b = trace_craft_ring(&hand.craft, 1);
  put(a, HD_EV_TASK_TAKEN, 1, 10);
  put(a, HD_EV_TASK_SUBMITTED, 2, 20);
  put(b, HD_EV_TASK_TAKEN, 2, 10);
  put(b, HD_EV_TASK_SUBMITTED, 1, 20);
  read_it(&hand);
  struct hd_entry entry;
  for (int i = 0; i < 4; i++)
    assert_int_equal(hd_merge_next(hand.merge, &entry), 1);
  expect_nothing(&hand, HD_EEND);
  assert_int_equal(put_away(&hand).orphans, 1);
}

static void nothing_is_handed_out_that_a_writer_may_still_precede(void **state)
{
  (void)state;
  struct hand hand = by_hand(64);
  struct hd_ring *a = trace_craft_ring(&hand.craft, 0), *b = trace_craft_ring(&hand.craft, 1);
  live_on(&hand);
  put(a, HD_EV_NOTE, 1, 10);
  atomic_store(&b->open, 15); // it has read its stamp, 15 or later, and not written yet
  put(a, HD_EV_NOTE, 3, 20);
  read_it(&hand);
  expect(&hand, HD_EV_NOTE, 1);
  expect_nothing(&hand, 0);
  expect_nothing(&hand, 0);
  put(b, HD_EV_NOTE, 2, 18);
  atomic_store(&b->open, 0);
  expect(&hand, HD_EV_NOTE, 2);
  expect(&hand, HD_EV_NOTE, 3);
  expect_nothing(&hand, 0);
  put(a, HD_EV_NAME, 4, 20); // reuses a stamp that is over: at once
  expect(&hand, HD_EV_NAME, 4);
  expect_nothing(&hand, 0);
  (void)put_away(&hand);
}

static void a_cause_from_the_future_is_not_waited_for_for_ever(void **state)
{
  (void)state;
  struct hand hand = by_hand(64);
  struct hd_ring *a = trace_craft_ring(&hand.craft, 0), *b = trace_craft_ring(&hand.craft, 1);
  live_on(&hand);
  put(b, HD_EV_TASK_SUBMITTED, 1, UINT64_MAX);
  put(a, HD_EV_TASK_TAKEN, 1, 10);
  read_it(&hand);
  struct hd_entry entry;
  int looks = 0, got;
  while ((got = hd_merge_next(hand.merge, &entry)) == 0 && looks < 1000)
    looks++;
  assert_int_equal(got, 1);
  assert_int_equal(entry.record.kind, HD_EV_TASK_SUBMITTED); // and even then the cause comes first
  expect(&hand, HD_EV_TASK_TAKEN, 1);
  expect_nothing(&hand, 0);
  assert_int_equal(put_away(&hand).repaired, 1);
}

static void the_readers_own_events_stand_in_their_time(void **state)
{
  (void)state;
  struct hand hand = by_hand(64);
  struct hd_ring *a = trace_craft_ring(&hand.craft, 0);
  put(a, HD_EV_NOTE, 1, hd_os_stamp());
  read_it(&hand);
  char text[5000];
  memset(text, 'o', sizeof text);
  const struct hd_entry own = {
      .record = {.kind = HD_EV_OUTPUT, .a = 1}, .text = text, .text_size = sizeof text};
  assert_int_equal(hd_merge_add(hand.merge, &own), HD_OK);
  put(a, HD_EV_NOTE, 2, hd_os_stamp() + 1);
  struct hd_entry entry;
  expect(&hand, HD_EV_NOTE, 1);
  assert_int_equal(hd_merge_next(hand.merge, &entry), 1);
  assert_int_equal(entry.record.kind, HD_EV_OUTPUT);
  assert_int_equal(entry.text_size, sizeof text);
  assert_memory_equal(entry.text, text, sizeof text);
  expect(&hand, HD_EV_NOTE, 2);
  expect_nothing(&hand, HD_EEND);
  assert_int_equal(hd_merge_add(hand.merge, &own), HD_OK); // the viewer's last word, after the program's end
  expect(&hand, HD_EV_OUTPUT, 0);
  expect_nothing(&hand, HD_EEND);
  (void)put_away(&hand);
}

static void a_program_that_never_attached_can_be_ended(void **state)
{
  (void)state;
  struct hand hand = by_hand(64);
  atomic_store(&hand.craft.control->program_pid, 0);
  read_it(&hand);
  expect_nothing(&hand, 0);
  hd_merge_end(hand.merge);
  expect_nothing(&hand, HD_EEND);
  (void)put_away(&hand);
}

static void an_event_cut_off_in_the_middle_is_counted_as_lost(void **state)
{
  (void)state;
  struct hand hand = by_hand(64);
  struct hd_ring *a = trace_craft_ring(&hand.craft, 0);
  struct hd_record parts[8];
  const struct hd_entry entry = {.record = {.stamp = 5, .kind = HD_EV_NOTE},
                                 .text = "a text of several records, this is",
                                 .text_size = 34};
  hd_entry_encode(&entry, parts);
  put(a, HD_EV_NOTE, 1, 4);
  trace_craft_put(a, &parts[0]);
  trace_craft_put(a, &parts[1]); // killed here
  read_it(&hand);
  expect(&hand, HD_EV_NOTE, 1);
  expect_nothing(&hand, HD_EEND);
  assert_int_equal(put_away(&hand).lost, 2);
}

static void a_head_that_lies_harms_nobody(void **state)
{
  (void)state;
  struct hand hand = by_hand(64);
  struct hd_ring *a = trace_craft_ring(&hand.craft, 0), *b = trace_craft_ring(&hand.craft, 1);
  put(b, HD_EV_NOTE, 9, 3);
  atomic_store(&a->head, UINT64_MAX - 5);
  atomic_store(&a->tail, UINT64_MAX);
  read_it(&hand);
  struct hd_entry entry;
  int events = 0;
  while (hd_merge_next(hand.merge, &entry) == 1)
    events++;
  assert_in_range(events, 2, 66);
  (void)put_away(&hand);
}

int main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "program") == 0)
    return program();
  const struct CMUnitTest tests[] = {
      UNIT(a_lossless_run_loses_nothing),
      UNIT(a_flight_recorder_counts_what_it_missed),
      UNIT(events_come_in_the_order_of_their_stamps),
      UNIT(no_effect_comes_before_its_cause_however_the_clocks_differ),
      UNIT(no_effect_comes_before_its_cause_while_both_are_written),
      UNIT(an_effect_without_a_cause_is_handed_out_and_counted),
      UNIT(a_circle_of_causes_does_not_stop_the_reader),
      UNIT(nothing_is_handed_out_that_a_writer_may_still_precede),
      UNIT(a_cause_from_the_future_is_not_waited_for_for_ever),
      UNIT(the_readers_own_events_stand_in_their_time),
      UNIT(a_program_that_never_attached_can_be_ended),
      UNIT(an_event_cut_off_in_the_middle_is_counted_as_lost),
      UNIT(a_head_that_lies_harms_nobody),
  };
  return cmocka_run_group_tests(tests, NULL, trace_clean);
}
