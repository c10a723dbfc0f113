// Model time: the only clock that loops, timers, waits and lessons see. It runs at the viewer's speed, stands still while
// the program is held, and in step mode jumps to the next deadline when every thread waits. Without a viewer it is real time.
#ifndef HD_STEP_CLOCK_H
#define HD_STEP_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

// Model time in nanoseconds. Never goes back. Any thread.
uint64_t hd_clock_now(void);

// Whether model time stands still unless everybody waits (step mode).
bool hd_clock_is_virtual(void);

// Model ns from now, HD_FOREVER-safe: now + ms milliseconds (less than 0 and NaN count as 0).
uint64_t hd_clock_after(double ms);

// Real ns until the model time reaches deadline at the present speed: 0 when it has, HD_FOREVER when time stands still.
uint64_t hd_clock_until(uint64_t deadline);

// Records the model time for the viewers (a quiet CLOCK event) if it has changed since the last one. The calling thread.
void hd_clock_note(void);

// Computes for ms milliseconds of model time: a real spin of processor time at speed, model time that
// passes without spinning in step mode. A begin and an end event. The calling thread only.
void hd_work(double ms);

// Sleeps for ms milliseconds of model time (a bracketed wait).
void hd_sleep(double ms);
void hd_sleep_at(double ms, uint64_t place);

#endif
