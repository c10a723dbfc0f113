// The point: the place in a program where a step that a person should see is recorded, may be held, and
// can be chosen. Two carriers fit behind it: OS threads (gate.c) and, for the explorer, coroutines.
// Invariant: no point is passed while a runtime lock is held (asserted in debug builds).
#ifndef HD_STEP_POINT_H
#define HD_STEP_POINT_H

#include "trace/emit.h"

#include <string.h>

// Passes the point: holds the thread if the mode says so, then records the step. Called through the inline functions below.
void hd_point_pass(const struct hd_step *step);

// One load and one branch.
static inline bool hd_point_on(void)
{
  return hd_unlikely(atomic_load_explicit(&hd_control_here()->mode, memory_order_relaxed) != HD_MODE_OFF);
}

// About to do `kind` to `object`. Off: a load and a branch. Any thread. The place recorded is the caller's.
// Functions of the runtime that a lesson calls use hd_point_at with hd_caller(), so that the lesson's line is shown.
static inline void hd_point_at(enum hd_event_kind kind, uint32_t object, uint64_t a, uint64_t b, uint64_t place)
{
  if (hd_point_on())
    hd_point_pass(&(struct hd_step){.kind = (uint16_t)kind, .object = object, .a = a, .b = b, .place = place});
}

// The same with a text (copied; may be NULL).
static inline void hd_point_text(enum hd_event_kind kind, uint32_t object, uint64_t a, uint64_t b, uint64_t place,
                                 const char *text)
{
  if (hd_point_on())
    hd_point_pass(&(struct hd_step){.kind = (uint16_t)kind, .object = object, .a = a, .b = b, .place = place,
                                    .text = text, .text_size = text ? (uint32_t)strlen(text) : 0});
}

// The plain form for lesson code: the place is the line that holds it. A macro, because the call inside an inlined
// function would count as a line of this header.
void hd_point_here(const struct hd_step *step);
#define hd_point(kind_, object_, a_, b_)                                                                               \
  (hd_point_on() ? hd_point_here(&(struct hd_step){.kind = (uint16_t)(kind_), .object = (object_), .a = (a_), .b = (b_)})   \
                 : (void)0)

// Gives an object a name for the viewers ("worker 3"); quiet, never held.
void hd_point_name(uint32_t object, const char *format, ...) hd_printf_like(2, 3);

// Switches the points of the whole process off and on again (counted, so pairs nest): the natural phase of a racy lesson,
// whose rates must not be those of the tool. Any thread. hd_tally() still records.
void hd_points_off(void);
void hd_points_on(void);

#endif
