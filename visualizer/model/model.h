// The model: state' = fold(state, event). No clock, no screen, no input or output; the same events give the same state.
// The state is one relocatable block (indices, not pointers), so a keyframe is a memcpy. One thread at a time.
#ifndef HDV_MODEL_MODEL_H
#define HDV_MODEL_MODEL_H

#include "trace/event.h"
#include "trace/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hdv_model hdv_model;

#define HDV_NAME_SIZE 24     // longest name kept, NUL included
#define HDV_VALUE_BYTES 512  // bytes of a shared value that are kept; longer ones are cut
#define HDV_NOBODY 0xffffu   // no thread

// An empty model. HD_ENOMEM.
int hdv_model_open(hdv_model **out);
void hdv_model_close(hdv_model *model);

// Applies one event. Returns HD_ENOMEM (nothing changed) or HD_OK: damaged or unknown events are counted and skipped.
int hdv_model_fold(hdv_model *model, const struct hd_entry *entry);

// The state as bytes, for keyframes and for comparing: equal states are equal bytes.
size_t hdv_model_size(const hdv_model *model);
const void *hdv_model_bytes(const hdv_model *model);
int hdv_model_restore(hdv_model *model, const void *bytes, size_t size);
int hdv_model_copy(hdv_model *to, const hdv_model *from);

// ---- what viewers read. Pointers are valid until the next fold or restore. ----

struct hdv_totals {
  uint64_t step;        // steps folded so far
  uint64_t stamp;       // of the last event
  uint64_t model_ns;    // last known model time
  uint32_t stage;       // number of the stage we are in, 0 before the first
  char stage_name[64];
  bool ended;           // the program has ended, with:
  int32_t status, signal;
  bool stuck;           // everybody waits for good: no step will ever come again by itself
  uint64_t lost, unknown;  // records missed; events that could not be understood
};
const struct hdv_totals *hdv_model_totals(const hdv_model *model);

enum hdv_thread_state {
  HDV_ABSENT,   // not started, or ended
  HDV_RUNNING,
  HDV_WAITING,  // has nothing to do (idle pool thread, polling loop, sleep)
  HDV_BLOCKED,  // wants something another thread has (lock, condition, semaphore, barrier, join)
};

struct hdv_thread {
  uint16_t slot;          // the actor number in events
  uint16_t role;          // enum hd_role
  uint16_t state;         // enum hdv_thread_state
  uint16_t reason;        // enum hd_reason while waiting or blocked
  uint32_t object;        // its own object
  uint32_t waits_for;     // object waited for, 0
  uint32_t task;          // task it has taken, 0
  uint32_t callback;      // object whose callback it runs, 0
  uint32_t worker;        // worker object it belongs to, 0
  uint32_t pool;          // pool it belongs to, 0
  uint32_t index;         // number in the pool (0-based); HDV_NOBODY: none
  uint16_t callback_kind; // enum hd_callback
  uint16_t depth;         // callbacks on its stack
  uint64_t place;         // code address of its last step that had one
  uint64_t since;         // stamp when the state began
  uint64_t steps;         // steps it has taken
  uint64_t working_until; // model ns while in hd_work, 0
  uint64_t callback_since;// model ns when the outermost callback began
  char name[HDV_NAME_SIZE];
};
// Threads in slot order, ended ones included until their slot is reused.
size_t hdv_model_threads(const hdv_model *model, const struct hdv_thread **out);
const struct hdv_thread *hdv_model_thread(const hdv_model *model, uint16_t slot);

enum hdv_object_kind {
  HDV_UNKNOWN, HDV_THREAD_OBJECT, HDV_LOOP, HDV_TICK, HDV_MICROTASK, HDV_IMMEDIATE, HDV_TIMER, HDV_CLOSING, HDV_WATCH, HDV_POST,
  HDV_POOL, HDV_TASK, HDV_PORT, HDV_MESSAGE, HDV_WORKER, HDV_LOCK, HDV_COND, HDV_SEMAPHORE, HDV_BARRIER, HDV_VALUE
};

// Queues an object can stand in. Each belongs to an owner object (a loop, a pool, a port).
enum hdv_queue {
  HDV_QUEUE_NONE, HDV_QUEUE_TICKS, HDV_QUEUE_MICROTASKS, HDV_QUEUE_IMMEDIATES, HDV_QUEUE_TIMERS, HDV_QUEUE_CLOSING, HDV_QUEUE_POSTS,
  HDV_QUEUE_WATCHES,
  HDV_QUEUE_TASKS,        // of a pool: submitted, not taken
  HDV_QUEUE_RUNNING,      // of a pool: taken, not done
  HDV_QUEUE_COMPLETIONS,  // of a pool: done, callback not yet run
  HDV_QUEUE_MESSAGES,     // of a port: posted, not taken
  HDV_QUEUE_WAITERS       // of a lock, condition, semaphore or barrier: the threads that wait for it (thread objects)
};

struct hdv_object {
  uint32_t id;
  uint16_t kind;        // enum hdv_object_kind
  uint16_t queue;       // where it stands, enum hdv_queue
  uint32_t owner;       // object id of that queue's owner, 0
  uint32_t number;      // the number in its name ("task 17"), 0 when it has none
  uint16_t maker;       // slot of the thread that made it
  uint16_t worker;      // slot of the thread that took, holds or wrote it last; HDV_NOBODY
  uint64_t made;        // step number when it was made
  uint64_t changed;     // step number of its last change
  uint64_t x, y;        // timer: due model ns, loop; message: bytes; value: address, bytes; lock: owner slot + 1, times taken;
                        // task: worker object or 0, pool; worker: pool, index + 1; port: other end, loop; watch: descriptor;
                        // barrier: come, awaited
  char name[HDV_NAME_SIZE];
};
// The object of an id, NULL when unknown (never seen, gone, or missed).
const struct hdv_object *hdv_model_object(const hdv_model *model, uint32_t id);

// Its name for people: given name, else kind and number ("task 17"). Writes into out and returns it.
const char *hdv_model_name(const hdv_model *model, uint32_t id, char *out, size_t cap);

// The objects of a kind in order of making: calls with *at = 0 first; NULL at the end.
const struct hdv_object *hdv_model_each(const hdv_model *model, enum hdv_object_kind kind, uint32_t *at);

// The queue of an owner, front first: calls with *at = 0 first; NULL at the end. Timers come in order of their deadline.
const struct hdv_object *hdv_model_queue(const hdv_model *model, uint32_t owner, enum hdv_queue queue, uint32_t *at);
uint32_t hdv_model_queue_length(const hdv_model *model, uint32_t owner, enum hdv_queue queue);

struct hdv_loop {
  uint32_t id;
  uint16_t thread;     // slot that turns it, HDV_NOBODY before it starts
  uint16_t phase;      // enum hd_phase
  uint64_t turn;
  bool running, known; // known: false after lost records until the next LOOP_STATE
  bool closed;         // gone; the last few closed ones stay behind the open ones
};
// The open ones in order of making, then the closed ones, newest first. The same for pools.
size_t hdv_model_loops(const hdv_model *model, const struct hdv_loop **out);

struct hdv_pool {
  uint32_t id;
  uint32_t workers;
  bool of_workers;     // a worker pool (threads with loops), else bare threads
  bool known;          // false after lost records until the next POOL_STATE
  bool closed;
  uint64_t submitted, done, called_back, cancelled, dropped;
  uint32_t queued, running;  // counted by the fold; equal to the queues' lengths while nothing was lost
};
size_t hdv_model_pools(const hdv_model *model, const struct hdv_pool **out);

struct hdv_value {
  uint32_t id;
  uint32_t size;                       // bytes kept
  uint64_t address;
  uint8_t bytes[HDV_VALUE_BYTES];
  uint8_t known[HDV_VALUE_BYTES];      // 1 when the byte has been stored since it is shown
  uint16_t writer[HDV_VALUE_BYTES];    // slot that stored it last, HDV_NOBODY
  uint64_t written[HDV_VALUE_BYTES];   // step of that store
  bool seen, seen_mixed;               // somebody has read the whole value; the last reading was mixed
  uint8_t seen_bytes[HDV_VALUE_BYTES];
  uint16_t seen_by;
  uint64_t torn;                       // mixed readings so far
};
// At most 64 at a time; further ones are objects only.
size_t hdv_model_values(const hdv_model *model, const struct hdv_value **out);

struct hdv_count {       // tallies and observations, newest value per name
  char name[48];
  uint64_t count, of;    // of: 0 for an observation
  bool observation;
};
size_t hdv_model_counts(const hdv_model *model, const struct hdv_count **out);

// What the program printed: the last lines, oldest first. Kept: 64 lines of up to 120 bytes.
#define HDV_OUTPUT_LINES 64
#define HDV_OUTPUT_WIDTH 120
size_t hdv_model_output(const hdv_model *model, char lines[HDV_OUTPUT_LINES][HDV_OUTPUT_WIDTH]);

// ---- lints: part of the fold ----

enum hdv_lint {
  HDV_LINT_CONSERVATION,   // submitted != queued + running + done + dropped + cancelled
  HDV_LINT_LOST_WAKEUP,    // a task waits, a worker sleeps, and nobody was running for 50 ms of model time that could wake it
  HDV_LINT_NEVER_YIELDS,   // a callback of more than 50 ms of model time (not in workers: they are there for it)
  HDV_LINT_GROWING_QUEUE,  // a queue grew through 8 turns in a row and holds more than 64
  HDV_LINT_LOCK_HELD,      // a blocked or waiting thread holds a lock that others want
  HDV_LINT_DEADLOCK,       // threads wait for each other in a circle, or nobody can go on any more
  HDV_LINT_COUNT
};
struct hdv_warning {
  enum hdv_lint lint;
  uint32_t object;
  uint64_t first_step, last_step, times;
};
size_t hdv_model_warnings(const hdv_model *model, const struct hdv_warning **out);
const char *hdv_lint_text(enum hdv_lint lint);

// Who waits for whom: "thread 1 waits for mutex 2, which thread 2 holds; thread 2 waits ...". Returns the length, 0
// when there is no deadlock in the state.
size_t hdv_model_deadlock(const hdv_model *model, char *out, size_t cap);

#endif
