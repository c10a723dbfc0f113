// Wrong: an atomic load and an atomic store are two steps. No data race, so the ThreadSanitizer is silent; additions are lost.
#include "exercise.h"

#include <stdatomic.h>
#include <stdlib.h>

struct counter {
  _Atomic long value;
};

struct counter *counter_open(void)
{
  return calloc(1, sizeof(struct counter));
}

void counter_add(struct counter *counter, long n)
{
  atomic_store(&counter->value, atomic_load(&counter->value) + n);
}

long counter_value(struct counter *counter)
{
  return atomic_load(&counter->value);
}

void counter_close(struct counter *counter)
{
  free(counter);
}
