// What the benchmark programs share: several starts of the program, several rounds in each, medians, and rows of JSON.
// A program's main calls bench_main with two functions: `measure` runs in each start and tells samples, `report` runs once at
// the end and prints rows from all of them. One thread.
#ifndef HD_TESTS_BENCH_H
#define HD_TESTS_BENCH_H

#include <stdint.h>

#define BENCH_ROUNDS 9  // of each variant, taken in turn (A B A B ...), in each start

// [--starts N] (6), or [--quick]: two starts. measure gets the number of its start, from 0; a program may measure one variant in
// even and another in odd starts. Returns the exit status: 0 when it could measure, else 3.
int bench_main(int argc, char **argv, void (*measure)(int start), void (*report)(void));

// In measure: one round's figure. Ends the start with a message when the value is not a number.
void bench_sample(const char *name, double value);

// In measure: gives up, with the reason on standard error.
_Noreturn void bench_fail(const char *what, int error);

// In report: over all samples of that name, or NAN when there is none.
double bench_median(const char *name);
double bench_least(const char *name);
double bench_most(const char *name);

// In report: the median of the ratios a/b, pair by pair, or NAN.
double bench_paired(const char *a, const char *b);

struct bench_row {
  int row;                   // of the table of targets
  const char *name, *unit;
  double heddle, least, most;
  double peer;               // NAN: none
  const char *peer_version;  // NULL: none
  const char *bar;           // in words
  int met;                   // 1, 0, or -1 when it cannot be judged
  const char *why;           // NULL, or what a reader must know; needed when met is -1
};

// Prints the row as one line of JSON.
void bench_row(const struct bench_row *row);

// Keeps this process on one processor. Starts inherit it.
void bench_pin(unsigned cpu);

// Nanoseconds of real time, and of processor time of the whole process.
uint64_t bench_now(void);
uint64_t bench_cpu(void);

// The compiler may not move or drop what is on either side.
#define bench_barrier() __asm__ volatile("" ::: "memory")

#endif
