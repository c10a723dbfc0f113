// What cmocka's TAP output says: one result per test. Pure; any thread.
#ifndef HD_CLI_TAP_H
#define HD_CLI_TAP_H

#include <stdbool.h>
#include <stddef.h>

struct hd_tap_test {
  char name[128]; // as a sentence: "two threads count exactly"
  bool passed, skipped;
  const char *message; // the lines behind it, in the text; NULL when there are none
  size_t message_size;
};

// The next test at *at (start with the text); false at the end.
bool hd_tap_next(const char **at, struct hd_tap_test *out);

// How many tests the plan ("1..5") announces, 0 when there is none: a program that ends early cannot hide the
// rest.
unsigned hd_tap_planned(const char *text);

#endif
