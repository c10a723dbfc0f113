// Wrong: every call locks a mutex of its own, so nobody ever waits for anybody.
#include "exercise.h"

#include <pthread.h>
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
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&lock);
  counter->value += n;
  pthread_mutex_unlock(&lock);
}

long counter_value(struct counter *counter)
{
  return counter->value;
}

void counter_close(struct counter *counter)
{
  free(counter);
}
