// The parking lot, see lot.h. Invariant: a sleeper is in the list exactly while its outcome is SLEEPING;
// whoever takes it out counts it as running and marks its slot RUNNING under the same hold of the lock. Any
// thread.
#include "step/lot.h"

#include "base/error.h"
#include "base/lock.h"
#include "step/clock.h"
#include "step/flow.h"
#include "step/self.h"

#include <limits.h>

enum outcome { SLEEPING, WOKEN, DUE };

static struct {
  hd_lock lock;
  struct hd_list sleepers; // longest first
  unsigned running;
  unsigned polling;     // sleepers that wait for real input or output
  uint64_t quiet_since; // real ns when running became 0
} lot = {.lock = HD_LOCK_INIT, .sleepers = {&lot.sleepers, &lot.sleepers}};

// Real input gets this much real time to arrive before virtual time jumps over it.
#define GRACE_NS 20000000u
// A sleeper in a poller cannot be kicked by the viewer, so it looks again by itself.
#define POLL_SLICE_NS 50000000u

// ---- who may sleep on a key: a small table of counters, so that waking nobody costs no lock and no system
// call ----

#define BUCKETS 64
static struct {
  _Alignas(HD_CACHE_LINE) _Atomic uint32_t sleepers;
} buckets[BUCKETS];

static _Atomic uint32_t *bucket(const void *key)
{
  const uint64_t hash = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;
  return &buckets[hash >> 58].sleepers;
}

void hd_lot_note(const void *key, uint32_t delta)
{
  (void)atomic_fetch_add_explicit(bucket(key), delta, memory_order_acq_rel);
}

bool hd_lot_anybody(const void *key)
{
  return atomic_fetch_add_explicit(bucket(key), 0, memory_order_acq_rel) != 0;
}

// ---- slots ----

void hd_lot_set_state(struct hd_slot *slot, enum hd_slot_state state)
{
  if (!slot)
    return;
  struct hd_control *control = hd_control_here();
  const uint32_t mode = atomic_load_explicit(&control->mode, memory_order_relaxed);
  atomic_store_explicit(&slot->state, (uint32_t)state, memory_order_release);
  if (!hd_managed() && mode == HD_MODE_OFF)
    return; // nobody looks: the word that all threads share stays untouched
  (void)atomic_fetch_add_explicit(&control->arrivals, 1, memory_order_acq_rel);
  if (hd_managed() || mode == HD_MODE_HOLD)
    hd_os_wake(&control->arrivals, INT_MAX, true);
}

_Atomic uint32_t *hd_lot_turn(struct hd_slot *slot)
{
  // Shared by threads without a slot: a wake too many is harmless. Never freed: a waker may be late.
  static _Atomic uint32_t spare[16];
  static _Atomic uint32_t next;
  static _Thread_local _Atomic uint32_t *mine;
  if (slot)
    return &slot->turn;
  if (!mine)
    mine = &spare[atomic_fetch_add_explicit(&next, 1, memory_order_relaxed) % 16];
  return mine;
}

void hd_lot_watchdog(uint64_t *checked)
{
  const uint64_t now = hd_os_now();
  if (now - *checked < HD_SLICE_NS)
    return;
  *checked = now;
  if (!hd_trace_viewer_alive())
    hd_control_release(hd_control_here());
}

// ---- all below with the lot's lock held ----

static void take_out(struct hd_sleeper *sleeper)
{
  hd_list_remove(&sleeper->link);
  hd_lot_note(sleeper->key, UINT32_MAX);
  lot.running++;
  lot.polling -= sleeper->poll != NULL;
  hd_lot_set_state(sleeper->slot, HD_SLOT_RUNNING);
}

static void wake(struct hd_sleeper *sleeper, enum outcome outcome)
{
  _Atomic uint32_t *turn = sleeper->turn;
  take_out(sleeper);
  if (sleeper->poll)
    hd_os_poller_notify(sleeper->poll->poller);
  atomic_store_explicit(&sleeper->outcome, (uint32_t)outcome, memory_order_release);
  // From here on the sleeper may be gone; its turn word never is.
  (void)atomic_fetch_add_explicit(turn, 1, memory_order_release);
  hd_os_wake(turn, INT_MAX, true);
}

static struct hd_sleeper *sleeper_of(struct hd_list *link)
{
  return hd_list_entry(link, struct hd_sleeper, link);
}

static void wake_due(uint64_t now)
{
  // All are marked before the first runs: a viewer that looks meanwhile must not take it for the only one
  // that can go on.
  for (struct hd_list *at = lot.sleepers.next; at != &lot.sleepers; at = at->next)
    if (sleeper_of(at)->deadline <= now)
      hd_lot_set_state(sleeper_of(at)->slot, HD_SLOT_RUNNING);
  for (struct hd_list *at = lot.sleepers.next, *next; at != &lot.sleepers; at = next) {
    next = at->next;
    if (sleeper_of(at)->deadline <= now)
      wake(sleeper_of(at), DUE);
  }
}

// Jumps to the least deadline when everybody waits and time is virtual. looker: the sleeper that looks, or
// NULL.
static void maybe_jump(const struct hd_sleeper *looker)
{
  if (lot.running != 0 || !hd_clock_is_virtual())
    return;
  // Only who has looked at its descriptors since everybody waits, and found nothing, may say that nothing is
  // coming.
  if (lot.polling != 0 && (!looker || !looker->poll || hd_os_now() - lot.quiet_since < GRACE_NS))
    return;
  uint64_t least = HD_FOREVER;
  for (struct hd_list *at = lot.sleepers.next; at != &lot.sleepers; at = at->next)
    if (sleeper_of(at)->deadline < least)
      least = sleeper_of(at)->deadline;
  if (least == HD_FOREVER)
    return;
  hd_clock_jump(least);
  wake_due(least);
}

static void count(int delta)
{
  lot.running += (unsigned)delta;
  if (lot.running == 0) {
    lot.quiet_since = hd_os_now();
    maybe_jump(NULL);
  }
}

static bool asleep(const struct hd_sleeper *sleeper)
{
  return atomic_load_explicit(&sleeper->outcome, memory_order_acquire) == SLEEPING;
}

// ---- the public side ----

void hd_lot_count(int delta)
{
  hd_lock_take(&lot.lock);
  count(delta);
  hd_lock_give(&lot.lock);
}

void hd_lot_restart(bool running)
{
  hd_lock_init(&lot.lock);
  hd_list_init(&lot.sleepers);
  lot.running = running;
  lot.polling = 0;
}

unsigned hd_lot_wake(const void *key, unsigned limit)
{
  unsigned woken = 0;
  hd_lock_take(&lot.lock);
  for (struct hd_list *at = lot.sleepers.next, *next; at != &lot.sleepers && woken < limit; at = next) {
    next = at->next;
    if (sleeper_of(at)->key == key) {
      wake(sleeper_of(at), WOKEN);
      woken++;
    }
  }
  hd_lock_give(&lot.lock);
  return woken;
}

// Lies down; false when there is nothing to wait for.
static bool lie_down(struct hd_sleeper *sleeper, hd_park_check *must_wait, void *arg)
{
  hd_lock_take(&lot.lock);
  hd_lot_note(sleeper->key, 1); // before the check: a waker that comes after it must find somebody
  atomic_init(&sleeper->outcome, WOKEN);
  if (must_wait(arg)) {
    const bool due = sleeper->deadline != HD_FOREVER && sleeper->deadline <= hd_clock_now();
    atomic_init(&sleeper->outcome, due ? DUE : SLEEPING);
  }
  const bool lies = asleep(sleeper);
  if (lies) {
    hd_list_push(&lot.sleepers, &sleeper->link);
    lot.polling += sleeper->poll != NULL;
    hd_lot_set_state(sleeper->slot, HD_SLOT_BLOCKED);
    count(-1);
  } else {
    hd_lot_note(sleeper->key, UINT32_MAX);
  }
  hd_lock_give(&lot.lock);
  return lies;
}

// The sleeper itself goes on, unless somebody woke it just now.
static void get_up(struct hd_sleeper *sleeper, enum outcome outcome)
{
  if (!asleep(sleeper))
    return;
  take_out(sleeper);
  atomic_store_explicit(&sleeper->outcome, (uint32_t)outcome, memory_order_relaxed);
}

// Looks again at the clock, which the viewer may have changed.
static void look_again(struct hd_sleeper *sleeper)
{
  hd_lock_take(&lot.lock);
  if (sleeper->virtual_only && !hd_clock_is_virtual())
    get_up(sleeper, WOKEN);
  if (sleeper->deadline <= hd_clock_now())
    get_up(sleeper, DUE);
  maybe_jump(sleeper);
  hd_lock_give(&lot.lock);
}

static void doze_in_poller(struct hd_sleeper *sleeper, uint64_t timeout)
{
  struct hd_lot_poll *poll = sleeper->poll;
  const uint64_t slice = hd_clock_is_virtual() ? GRACE_NS : POLL_SLICE_NS;
  const uint64_t notices = hd_os_poller_notices(poll->poller);
  poll->got = hd_os_poller_wait(poll->poller, poll->ready, poll->cap, timeout < slice ? timeout : slice);
  if (poll->got <= 0 && hd_os_poller_notices(poll->poller) == notices)
    return;
  hd_lock_take(&lot.lock);
  get_up(sleeper, WOKEN);
  hd_lock_give(&lot.lock);
}

// The turn was read before the sleeper looked at the clock, so a change since then ends the wait at once.
static void doze(struct hd_sleeper *sleeper, uint32_t turn)
{
  uint64_t timeout = hd_clock_until(sleeper->deadline);
  if (timeout > HD_SLICE_NS)
    timeout = HD_SLICE_NS;
  if (sleeper->poll)
    doze_in_poller(sleeper, timeout);
  else if (timeout != 0)
    (void)hd_os_wait(sleeper->turn, turn, timeout, true);
}

int hd_lot_sleep(struct hd_sleeper *sleeper, hd_park_check *must_wait, void *arg)
{
  sleeper->slot = hd_trace_slot();
  sleeper->turn = hd_lot_turn(sleeper->slot);
  hd_list_init(&sleeper->link);
  if (lie_down(sleeper, must_wait, arg)) {
    uint64_t checked = hd_os_now();
    for (;;) {
      const uint32_t turn = atomic_load_explicit(sleeper->turn, memory_order_acquire);
      if (!asleep(sleeper))
        break;
      look_again(sleeper);
      if (!asleep(sleeper))
        break;
      doze(sleeper, turn);
      hd_lot_watchdog(&checked);
    }
    if (sleeper->poll) {
      // The waker may still be notifying the poller, which its owner may close next.
      hd_lock_take(&lot.lock);
      hd_lock_give(&lot.lock);
    }
  }
  return atomic_load_explicit(&sleeper->outcome, memory_order_acquire) == DUE ? HD_ETIMEOUT : HD_OK;
}
