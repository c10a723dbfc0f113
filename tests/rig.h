// A rig for tests of the gate and the clock: the test is the viewer, a forked child is the program. One child
// per scenario, because a process attaches once. The two share `struct rig_shared`; nobody sleeps to make an
// order true.
#ifndef HD_TESTS_RIG_H
#define HD_TESTS_RIG_H

#include "unit.h"

#include "base/error.h"
#include "base/os.h"
#include "step/point.h"
#include "trace/live.h"
#include "trace/record.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

#define RIG_PATIENCE_NS 30000000000ull // far beyond any true wait: a test that gets here has failed

// Whether the build watches for data races: it also reports the misuse of locks that some tests are about.
#if defined(__SANITIZE_THREAD__)
#define RIG_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RIG_TSAN 1
#endif
#endif
#ifndef RIG_TSAN
#define RIG_TSAN 0
#endif

struct rig_shared {
  _Atomic uint64_t word[16]; // what the scenario says
};

struct rig {
  struct hd_live *live;
  struct hd_control *control;
  struct rig_shared *shared;
  char path[64];
  pid_t child;
  uint32_t seen;
};

// In the child: a check that ends it with a status the test sees.
#define RIG_CHECK(x)                                                                                         \
  do {                                                                                                       \
    if (!(x)) {                                                                                              \
      (void)fprintf(stderr, "%s:%d: in the program: %s\n", __FILE__, __LINE__, #x);                          \
      _exit(99);                                                                                             \
    }                                                                                                        \
  } while (0)

static inline uint64_t rig_say(struct rig_shared *shared, unsigned word, uint64_t value)
{
  return atomic_exchange(&shared->word[word], value);
}

static inline uint64_t rig_hear(struct rig_shared *shared, unsigned word)
{
  return atomic_load(&shared->word[word]);
}

// In the child: computes (no point, no wait) until the test has said something.
static inline void rig_spin_until(struct rig_shared *shared, unsigned word)
{
  while (rig_hear(shared, word) == 0)
    hd_os_yield();
}

static inline void rig_make(struct rig *rig, const struct hd_live_opts *opts)
{
  static unsigned count;
  memset(rig, 0, sizeof *rig);
  rig->shared = mmap(NULL, sizeof *rig->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(rig->shared, MAP_FAILED);
  (void)snprintf(rig->path, sizeof rig->path, "/tmp/heddle-rig-%ld-%u", (long)getpid(), count++);
  assert_int_equal(hd_live_create(&rig->live, rig->path, opts), HD_OK);
  rig->control = hd_live_control(rig->live);
}

static inline void rig_run(struct rig *rig, void (*program)(struct rig_shared *))
{
  (void)fflush(NULL);
  rig->child = fork();
  assert_true(rig->child >= 0);
  if (rig->child == 0) {
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that fails leaves nobody behind
#endif
    RIG_CHECK(hd_trace_attach(rig->path) == HD_OK);
    program(rig->shared);
    _exit(0);
  }
}

static inline void rig_start(struct rig *rig, const struct hd_live_opts *opts,
                             void (*program)(struct rig_shared *))
{
  rig_make(rig, opts);
  assert_int_equal(hd_live_lock(rig->live), HD_OK);
  rig_run(rig, program);
}

static inline int rig_end(struct rig *rig)
{
  int status = 0;
  assert_int_equal(waitpid(rig->child, &status, 0), rig->child);
  hd_live_close(rig->live);
  (void)unlink(rig->path);
  (void)munmap(rig->shared, sizeof *rig->shared);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

typedef bool rig_condition(struct rig *rig, unsigned which);

// Waits for a condition, looking again whenever a thread changed its state.
static inline void rig_await(struct rig *rig, rig_condition *holds, unsigned which)
{
  const uint64_t give_up = hd_os_now() + RIG_PATIENCE_NS;
  while (!holds(rig, which)) {
    assert_true(hd_os_now() < give_up);
    hd_control_await(rig->control, &rig->seen, 2000000);
  }
}

static inline bool rig_is_said(struct rig *rig, unsigned word)
{
  return rig_hear(rig->shared, word) != 0;
}

static inline bool rig_is_held(struct rig *rig, unsigned slot)
{
  struct hd_pending pending;
  return hd_control_pending(rig->control, slot, &pending);
}

static inline bool rig_is_blocked(struct rig *rig, unsigned slot)
{
  return atomic_load(&rig->control->slots[slot].state) == HD_SLOT_BLOCKED;
}

static inline bool rig_is_free(struct rig *rig, unsigned slot)
{
  return atomic_load(&rig->control->slots[slot].state) == HD_SLOT_FREE;
}

static inline unsigned rig_count(struct rig *rig, enum hd_slot_state state)
{
  unsigned count = 0;
  for (unsigned i = 0; i < HD_SLOTS; i++)
    count += atomic_load(&rig->control->slots[i].state) == (uint32_t)state;
  return count;
}

// The kind of the step a held slot is about to take.
static inline unsigned rig_pending(struct rig *rig, unsigned slot)
{
  struct hd_pending pending;
  rig_await(rig, rig_is_held, slot);
  assert_true(hd_control_pending(rig->control, slot, &pending));
  return pending.kind;
}

static inline bool rig_ended(struct rig *rig, unsigned unused)
{
  (void)unused;
  siginfo_t info = {0};
  return waitid(P_PID, (id_t)rig->child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == rig->child;
}

// Lets the slot take steps until it is about to take one of a kind; that one stays held.
static inline void rig_step_to(struct rig *rig, unsigned slot, enum hd_event_kind kind)
{
  while (rig_pending(rig, slot) != kind)
    assert_true(hd_control_grant(rig->control, slot));
}

// Lets everybody go until the program has ended.
static inline void rig_let_all_go(struct rig *rig)
{
  hd_control_set_mode(rig->control, HD_MODE_RECORD);
}

// Reads what a slot's ring holds: at most cap records, continued ones joined. Returns the number of events.
struct rig_event {
  uint16_t kind;
  uint32_t object;
  uint64_t a, b, place;
  char text[48];
};

static inline size_t rig_events(struct rig *rig, unsigned slot, struct rig_event *out, size_t cap)
{
  uint32_t capacity = 0;
  struct hd_ring *ring = hd_live_ring(rig->live, slot, &capacity);
  if (!ring)
    return 0;
  const uint64_t head = atomic_load(&ring->head);
  struct hd_record *records = calloc(head + 1, sizeof *records);
  assert_non_null(records);
  for (uint64_t i = 0; i < head; i++)
    for (unsigned w = 0; w < 4; w++) {
      const uint64_t word = atomic_load(&ring->cells[i % capacity].word[w]);
      memcpy((char *)&records[i] + 8 * w, &word, 8);
    }
  size_t count = 0;
  for (uint64_t at = 0; at < head && count < cap;) {
    char text[48] = {0};
    struct hd_entry entry;
    const size_t used = hd_entry_decode(&entry, records + at, head - at, text, sizeof text - 1);
    if (used == 0)
      break;
    at += used;
    struct rig_event *event = &out[count++];
    *event = (struct rig_event){.kind = entry.record.kind,
                                .object = entry.record.object,
                                .a = entry.record.a,
                                .b = entry.record.b,
                                .place = entry.place};
    memcpy(event->text, text, sizeof text);
  }
  free(records);
  return count;
}

// How many events of a kind a slot's ring holds.
static inline unsigned rig_recorded(struct rig *rig, unsigned slot, enum hd_event_kind kind)
{
  static struct rig_event events[4096];
  const size_t count = rig_events(rig, slot, events, sizeof events / sizeof *events);
  unsigned found = 0;
  for (size_t i = 0; i < count; i++)
    found += events[i].kind == kind;
  return found;
}

#endif
