// What came out of many reads of a value: how many, how many of them mixed, and the first mixed one.
#ifndef RESULT_H
#define RESULT_H

#include "stores.h"

struct result {
  uint64_t reads, torn;
  uint64_t first[MOST_WORDS];
};

// Whether the bytes come from two different stores. Every store fills the value with one pattern whose halves are
// equal, so unequal halves can only come from different stores.
bool is_mixed(const uint64_t *seen, unsigned words);

// Counts one more read.
void count(struct result *result, const uint64_t *seen, unsigned words);

// Prints one line: the counts, the rate, and the place in the first mixed value where one store ends and the other begins.
void print_result(const char *name, const char *unit, const struct result *result, unsigned words);

// Real time in seconds. In the natural phase the points are off: nothing holds us, and no clock stands still.
double seconds(void);

#endif
