// A trace of the benchmark's own: a live file in the live folder that this process writes to. One thread.
#ifndef HD_TESTS_BENCH_TRACE_H
#define HD_TESTS_BENCH_TRACE_H

#include <stddef.h>
#include <stdint.h>

// Makes the live file, with rings of so many records (0: the default), a flight recorder whose points are off. Its path is put
// into path. Ends the start when it cannot.
void bench_make_trace(char *path, size_t cap, uint32_t ring_records);

// Makes one and attaches this process; the file is removed at its exit.
void bench_attach(void);

#endif
