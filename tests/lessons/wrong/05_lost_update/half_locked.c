// Wrong: the additions are safe, but the reader does not lock.
#include "exercise.h"

#include <pthread.h>
#include <stdlib.h>

struct counter {
  long value;
  pthread_mutex_t lock;  // calloc'ed: all zeros is an initialised mutex on Linux
};

struct counter *counter_open(void)
{
  return calloc(1, sizeof(struct counter));
}

void counter_add(struct counter *counter, long n)
{
  pthread_mutex_lock(&counter->lock);
  counter->value += n;
  pthread_mutex_unlock(&counter->lock);
}

long counter_value(struct counter *counter)
{
  return counter->value;
}

void counter_close(struct counter *counter)
{
  free(counter);
}
