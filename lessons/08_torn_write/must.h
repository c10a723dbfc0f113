// Ends the program with one line when something it cannot do without has failed.
#ifndef MUST_H
#define MUST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void must(bool done, const char *what)
{
  if (!done) {
    fprintf(stderr, "cannot %s\n", what);
    exit(EXIT_FAILURE);
  }
}

#endif
