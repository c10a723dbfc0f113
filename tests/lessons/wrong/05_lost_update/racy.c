// Wrong: one line of C is not one step. Compilers often make one instruction of it, which is right by luck on one processor.
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
  counter->value += n;
}

long counter_value(struct counter *counter)
{
  return counter->value;
}

void counter_close(struct counter *counter)
{
  free(counter);
}
