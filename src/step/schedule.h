// A schedule: which thread took each step, as a short string ("1 1 2 2 1", runs as "1x3"). Pure; any thread.
#ifndef HD_STEP_SCHEDULE_H
#define HD_STEP_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

// Writes steps[0..count) into out, NUL-terminated. Returns the length, or HD_EFULL when cap is too small.
int hd_schedule_print(char *out, size_t cap, const uint16_t *steps, size_t count);

// Reads such a string into steps (at most cap). Returns the number of steps, HD_EINVAL when the string is no schedule,
// HD_EFULL when it has more than cap steps.
int hd_schedule_parse(uint16_t *steps, size_t cap, const char *text);

#endif
