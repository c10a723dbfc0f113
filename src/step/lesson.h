// What a lesson says to whoever watches: stages, notes, tallies, observations, and shared values byte by byte.
// Each is an event; without a viewer they cost a load and a branch. Any thread.
#ifndef HD_STEP_LESSON_H
#define HD_STEP_LESSON_H

#include "step/point.h"

// A named section of the lesson begins. Stages are numbered from 1 in the order they are begun.
void hd_stage(const char *name);

// One plain sentence from the lesson.
void hd_note(const char *format, ...) hd_printf_like(1, 2);

// So many of so many, for example torn reads of all reads. Recorded even while points are off; call it about every 10 ms.
void hd_tally(const char *what, uint64_t count, uint64_t of);

// What the lesson found out: decides the student's prediction, for example hd_observe("torn", torn > 0).
void hd_observe(const char *what, int64_t value);

// ---- shared values, byte by byte ----

// Shows size bytes at address under a name from now on. Returns the value's object id. The bytes must outlive hd_value_hide.
uint32_t hd_value_show(const char *name, const void *address, uint32_t size);
void hd_value_hide(uint32_t value);

// The calling thread is about to store / to load size bytes at address (inside a shown value). Put it directly before the access.
void hd_value_store(uint32_t value, const void *address, const void *bytes, uint32_t size);
void hd_value_load(uint32_t value, const void *address, uint32_t size);

// The calling thread has read the whole value as bytes; mixed: they come from two different writes.
void hd_value_saw(uint32_t value, const void *bytes, uint32_t size, bool mixed);

#endif
