// The vocabulary of events: kinds, and the words for the numbers they carry. Made from event.def.
// Pure data; any thread.
#ifndef HD_TRACE_EVENT_H
#define HD_TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

enum hd_event_kind {
#define X(name, lane, weight, stamp, cause, a, b, sentence) HD_EV_##name,
#include "trace/event.def"
#undef X
  HD_EV_COUNT
};

enum hd_lane {
  HD_LANE_THREAD,
  HD_LANE_LOOP,
  HD_LANE_POOL,
  HD_LANE_PORT,
  HD_LANE_WORKER,
  HD_LANE_SYNC,
  HD_LANE_SHARE,
  HD_LANE_LESSON,
  HD_LANE_META
};

struct hd_event_info {
  const char *name; // "TASK_TAKEN"
  enum hd_lane lane;
  bool step;  // one step of the viewer; else folded silently
  bool fresh; // reads the clock
  enum hd_event_kind cause;
  const char *a, *b;    // what the numbers are
  const char *sentence; // the template of its sentence
};

// The row of the table for a kind; for a number that is no kind the row of NONE. Never NULL.
const struct hd_event_info *hd_event_info(unsigned kind);

// Where in a turn the loop is. The order is libuv's since 1.45 (node rule L1).
enum hd_phase {
  HD_PHASE_NONE, // not turning
  HD_PHASE_TIMERS,
  HD_PHASE_PENDING,
  HD_PHASE_PREPARE,
  HD_PHASE_POLL,
  HD_PHASE_CHECK,
  HD_PHASE_CLOSE,
  HD_PHASE_COUNT
};

// Who calls back (the a of CALLBACK_BEGAN).
enum hd_callback {
  HD_CALLBACK_MAIN, // the program before its loop turns
  HD_CALLBACK_TICK,
  HD_CALLBACK_MICROTASK,
  HD_CALLBACK_TIMER,
  HD_CALLBACK_IMMEDIATE,
  HD_CALLBACK_POSTED, // hd_loop_post from any thread
  HD_CALLBACK_TASK,   // a pool's completion
  HD_CALLBACK_MESSAGE,
  HD_CALLBACK_FD,
  HD_CALLBACK_CLOSE,
  HD_CALLBACK_WORKER, // online, error, exit
  HD_CALLBACK_EXIT,   // before-exit and exit hooks
  HD_CALLBACK_COUNT
};

// Why a thread waits (the a of BLOCKED and READY).
enum hd_reason {
  HD_REASON_NONE,
  HD_REASON_POLL, // a loop with nothing to do
  HD_REASON_TASK, // a pool thread with an empty queue
  HD_REASON_LOCK,
  HD_REASON_COND,
  HD_REASON_SEMAPHORE,
  HD_REASON_BARRIER,
  HD_REASON_JOIN, // for another thread's end
  HD_REASON_SLEEP,
  HD_REASON_COUNT
};

// What a thread is for (the a of THREAD_STARTED).
enum hd_role {
  HD_ROLE_MAIN,
  HD_ROLE_POOL,   // a bare thread of a pool
  HD_ROLE_WORKER, // a thread with its own loop and ports
  HD_ROLE_THREAD, // a thread the program made itself
  HD_ROLE_COUNT
};

// Words for those numbers, for example hd_phase_word(HD_PHASE_POLL) = "poll". "?" for a number out of range.
const char *hd_phase_word(uint64_t phase);
const char *hd_callback_word(uint64_t callback);
const char *hd_reason_word(uint64_t reason); // completes "waits: ", for example "for the next event"
const char *hd_role_word(uint64_t role);
const char *hd_signal_word(uint64_t number); // "Segmentation fault"; "unknown" for one that ends no program here

#endif
