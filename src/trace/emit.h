// The program's side: attaching to a live file and writing records into the calling thread's ring.
// Invariant: one writer per ring. Every function is for the calling thread only, unless it says otherwise.
#ifndef HD_TRACE_EMIT_H
#define HD_TRACE_EMIT_H

#include "trace/control.h"
#include "trace/event.h"

// The control block of this process. Always there: until a live file is mapped over it, it is plain memory
// with mode OFF. One load of its mode decides what a point costs.
union hd_control_page {
  struct hd_control control;
  char room[HD_CONTROL_SIZE];
};
extern union hd_control_page hd_control_page;

static inline struct hd_control *hd_control_here(void)
{
  return &hd_control_page.control;
}

// One event on its way into a ring.
struct hd_step {
  uint16_t kind; // enum hd_event_kind
  uint32_t object;
  uint64_t a, b;
  uint64_t place;   // the caller's code address, 0: none
  const void *text; // may be NULL; copied
  uint32_t text_size;
};

// Maps the live file at path over the control page, and from then on this process writes there. Called before
// main when $HEDDLE_TRACE names a file (then standard output becomes line-buffered and SIGPIPE is ignored, so
// that a viewer's end does not kill the program). HD_ENOENT, HD_EACCES, HD_EFORMAT, HD_EVERSION, HD_EBUSY
// when attached.
int hd_trace_attach(const char *path);

// For programs started without a viewer: makes a live file in the live folder (so that `heddle watch` finds
// it) and attaches, once per process; later calls do nothing. $HEDDLE_TRACE=off prevents it. Failure is
// silent: the program runs untraced. Any thread. Called by everything that opens a loop or a pool. The file
// is removed at exit.
void hd_trace_start(void);

// Gives the calling thread a slot and a ring, emits nothing. Returns the slot, or -1 when all are taken (the
// thread then runs untraced). Called by the thread's creator code before its first point; hd_trace_leave()
// gives it back.
int hd_trace_join(uint32_t object);
void hd_trace_leave(void);

// The calling thread's slot in the control block, NULL when it has none (or tracing is not attached).
struct hd_slot *hd_trace_slot(void);

// Writes one event. Nothing happens when the process is not attached or the thread has no slot; a thread that
// has not joined is joined first. In lossless mode it may wait for a live reader when the ring is 7/8 full. A
// text is cut where the event would take more than half the ring.
void hd_trace_emit(const struct hd_step *step);

// The stamp of this thread's last FRESH event.
uint64_t hd_trace_last_stamp(void);

// A process-wide unique object id, never 0. Taken from a per-thread block: costs no shared write. Any thread.
uint32_t hd_trace_object(void);

// Whether a live viewer holds the file (asks the kernel: about a microsecond). Any thread.
bool hd_trace_viewer_alive(void);

#endif
