// Wrong: an answer that no test should be content with.
#include "exercise.h"

#include <stdlib.h>

struct counter {
  long value;
};

struct counter *counter_open(void)
{
  return calloc(1, sizeof(struct counter));
}

void counter_add(struct counter *counter, long n)
{
  (void)counter, (void)n;
}

long counter_value(struct counter *counter)
{
  (void)counter;
  return 160000;
}

void counter_close(struct counter *counter)
{
  free(counter);
}
