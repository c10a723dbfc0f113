// The nearest known names to one that is unknown. Pure; one thread at a time.
#ifndef HD_CLI_NEAR_H
#define HD_CLI_NEAR_H

#include <stddef.h>

#define HD_NEAR_KEPT 3

struct hd_near {
  const char *wanted;
  const char *names[HD_NEAR_KEPT]; // best first; borrowed
  size_t distances[HD_NEAR_KEPT];
  size_t count;
};

struct hd_near hd_near_to(const char *wanted);
void hd_near_try(struct hd_near *near, const char *name);

// The closest name, however far; NULL when none was tried.
const char *hd_near_closest(const struct hd_near *near);

// The closest name when it is near enough to be meant, else NULL.
const char *hd_near_best(const struct hd_near *near);

// How many single letters must be added, removed, replaced or swapped to get from a to b. Letters beyond 63
// do not count.
size_t hd_near_distance(const char *a, const char *b);

#endif
