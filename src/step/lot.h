// The parking lot: every managed wait of the program sleeps here, so that one small lock sees who can run.
// Invariant: running == threads that entered and do not sleep here; whoever wakes a sleeper counts it in before it goes
// on itself. Model time jumps only when running is 0. For the files of this folder; any thread.
#ifndef HD_STEP_LOT_H
#define HD_STEP_LOT_H

#include "base/list.h"
#include "step/park.h"
#include "trace/emit.h"

// A wait on a poller that has descriptors to watch: it sleeps in the poller itself.
struct hd_lot_poll {
  hd_os_poller *poller;
  struct hd_os_ready *ready;
  size_t cap;
  int got;
};

struct hd_sleeper {
  // set by the caller
  const void *key;           // what hd_lot_wake() names
  uint64_t deadline;         // model ns, HD_FOREVER
  struct hd_lot_poll *poll;  // NULL: sleeps on its turn word
  bool virtual_only;         // goes on as soon as time is no longer virtual
  // set by hd_lot_sleep()
  _Atomic uint32_t outcome;
  struct hd_slot *slot;  // NULL when it runs untraced
  _Atomic uint32_t *turn;
  // the lot's lock guards
  struct hd_list link;
};

// Sleeps while must_wait(arg), which is asked once, under the lot's lock; the waker changes what it looks at first and then
// calls hd_lot_wake(). HD_OK when woken or need not wait, HD_ETIMEOUT at the deadline. Emits nothing.
int hd_lot_sleep(struct hd_sleeper *sleeper, hd_park_check *must_wait, void *arg);

// Wakes at most count sleepers of the key, longest first. Returns how many.
unsigned hd_lot_wake(const void *key, unsigned count);

// Counts threads in (+1) and out (-1) that run.
void hd_lot_count(int delta);

// In the child of a fork: only the calling thread is left; running: it has been counted.
void hd_lot_restart(bool running);

// Whether somebody may sleep on the key, here or in an unmanaged wait. The RMW orders it after the caller's change of the
// word, against hd_lot_note(): one of the two sees the other.
bool hd_lot_anybody(const void *key);
void hd_lot_note(const void *key, uint32_t delta);

// Asks every 250 ms (*checked: when last, in real ns) whether the viewer lives, and releases the program if not.
#define HD_SLICE_NS 250000000u
void hd_lot_watchdog(uint64_t *checked);

// The word that the calling thread sleeps on: its slot's turn, or a spare for threads without a slot.
_Atomic uint32_t *hd_lot_turn(struct hd_slot *slot);

// Stores the state of a slot (may be NULL) and tells the viewer.
void hd_lot_set_state(struct hd_slot *slot, enum hd_slot_state state);

#endif
