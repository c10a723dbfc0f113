// The control block: the one place where a viewer writes back to the program it watches. It lies in the
// live trace file, mapped by both, so every shared field is atomic. Commands are counters and words: nothing
// is queued. Writers: "viewer" fields by the process that holds the viewer lock, "slot" fields by the slot's
// own thread.
#ifndef HD_TRACE_CONTROL_H
#define HD_TRACE_CONTROL_H

#include "base/hints.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hd_mode {
  HD_MODE_OFF,    // points cost one load and one branch
  HD_MODE_RECORD, // points are recorded
  HD_MODE_HOLD    // a thread at a point waits until it is let go
};

enum hd_slot_state {
  HD_SLOT_FREE,
  HD_SLOT_RUNNING, // executing; a viewer that waits for it shows "computing"
  HD_SLOT_HELD,    // at a point; pending says what it is about to do
  HD_SLOT_BLOCKED  // in a bracketed wait; somebody else must wake it
};

#define HD_SLOTS 256       // threads traced at the same time; further ones run untraced and are counted
#define HD_PENDING_TEXT 32 // first bytes of the pending step's text

// What a held thread is about to do. Stable while the slot is HELD and granted == passed.
struct hd_pending {
  uint64_t arrived; // stamp of the arrival: the longest held thread is let go first
  uint64_t a, b, place;
  uint32_t object;
  uint16_t kind, text_size;
  char text[HD_PENDING_TEXT];
};

struct hd_slot {
  _Alignas(HD_CACHE_LINE) _Atomic uint32_t state; // enum hd_slot_state; slot's thread, or who wakes it
  _Atomic uint32_t turn;    // the word the slot's thread sleeps on; bumped by everything that concerns it
  _Atomic uint32_t granted; // viewer: steps allowed so far
  _Atomic uint32_t passed;  // slot: held steps let go so far
  uint32_t thread;          // slot: the system's thread number
  uint32_t object;          // slot: the thread's object id
  struct hd_pending pending;
};
static_assert(sizeof(struct hd_slot) <= 192, "256 slots fit the control block");

#define HD_CONTROL_SIZE 65536 // also its alignment: a multiple of every page size in use

struct hd_control {
  _Atomic uint32_t mode;     // enum hd_mode in force; see hd_control_update()
  _Atomic uint32_t want;     // viewer: the mode it asks for
  _Atomic uint32_t quiet;    // program: > 0 while a lesson has its points switched off (natural phases)
  _Atomic uint32_t lossless; // set by whoever makes the file: a full ring waits for the reader
  _Atomic uint32_t
      managed;             // set by whoever makes the file: waits are accounted, model time can stop and jump
  _Atomic uint32_t places; // viewer: record the caller's code address with each step
  // The clock, viewer: model time runs at speed / HD_SPEED_ONE of real time since changed_at; 0: it stands
  // still, and jumps to the next deadline when every thread waits.
  _Atomic uint32_t clock_seq; // odd while the viewer changes the three fields below
  _Atomic uint32_t speed;
  _Atomic uint64_t changed_at; // hd_os_now() of the change
  _Atomic uint64_t
      flowed; // model ns that had flowed by then, at all the speeds before; jumps are the program's
  // The model time as last read by the program, for the viewer's title.
  _Atomic uint64_t model_now;
  _Alignas(
      HD_CACHE_LINE) _Atomic uint32_t arrivals; // program: bumped and woken when a slot changes its state
  _Atomic uint32_t untraced; // program: threads that found no free slot, or no room for a ring
  _Atomic uint32_t no_room;  // program: those of them that found no room
  _Atomic uint32_t viewer_pid, program_pid;
  struct hd_slot slots[HD_SLOTS];
};
static_assert(sizeof(struct hd_control) <= HD_CONTROL_SIZE, "the control block fits its pages");

#define HD_SPEED_ONE 1000000u // real time
#define HD_STEP_MODEL_NS                                                                                     \
  100000ull // below real time a step takes this much model time: at 0.001, ten steps a second

// ---- for viewers (any process that has the file mapped; one at a time, see hd_live_lock) ----

// Asks for a mode, recomputes the one in force and wakes every thread so that it looks again.
void hd_control_set_mode(struct hd_control *control, enum hd_mode mode);

// Sets the speed of model time, in HD_SPEED_ONE; 0 stops it (time then jumps from deadline to deadline). With
// mode HOLD and a speed above 0, held threads let themselves go after HD_STEP_MODEL_NS of model time.
// Adds hd_control_flow() of the ending span to `flowed`, so that no span is lost however late the program
// looks.
void hd_control_set_speed(struct hd_control *control, uint32_t speed);

// Lets the thread of the slot pass one step. false: it is not held, or was let go already.
bool hd_control_grant(struct hd_control *control, unsigned slot);

// The held slot that has waited longest, or -1 when none is held.
int hd_control_next(const struct hd_control *control);

// Whether no thread runs: each is free, blocked, or held with nothing granted.
bool hd_control_settled(const struct hd_control *control);

// Copies the pending step of a held slot. false when the slot is not held (the copy is then meaningless).
bool hd_control_pending(const struct hd_control *control, unsigned slot, struct hd_pending *out);

// Sleeps until a slot has changed its state since *seen (updated), at most timeout_ns.
void hd_control_await(struct hd_control *control, uint32_t *seen, uint64_t timeout_ns);

// ---- for both sides ----

// Model ns that pass in real_ns of real time at a speed; without overflow for centuries.
static inline uint64_t hd_control_flow(uint64_t real_ns, uint32_t speed)
{
  return real_ns / HD_SPEED_ONE * speed + real_ns % HD_SPEED_ONE * speed / HD_SPEED_ONE;
}

// The viewer has died: whoever notices lets the program run on by itself. A wanted HOLD becomes RECORD, time
// real, nothing waits for a reader any more, and every sleeper looks again.
void hd_control_release(struct hd_control *control);

// mode = quiet ? OFF : want. Called by whoever changed one of the two.
void hd_control_update(struct hd_control *control);

// Wakes every sleeping thread of the program so that it looks at the control block again.
void hd_control_kick(struct hd_control *control);

#endif
