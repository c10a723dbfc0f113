// Wrong: volatile makes the compiler load and store each time, it does not make the three steps one.
#include "exercise.h"

#include <stdlib.h>

struct counter {
  volatile long value;
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
