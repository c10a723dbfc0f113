// The hints of an exercise, cut out of its hints.md. Pure; any thread.
#ifndef HD_CLI_HINTS_H
#define HD_CLI_HINTS_H

#include <stddef.h>

// How many sections "## Hint ..." the text has.
unsigned hd_hints_count(const char *text);

// The text of the hint of a number (from 1), without its heading and the blank lines around it; *size is its
// length.
const char *hd_hints_at(const char *text, unsigned number, size_t *size);

#endif
