// The smallest program that can lose an addition: two threads add 1, once each. It holds when both arrive.
#include "exercise.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *add_one(void *data)
{
  counter_add(data, 1);
  return NULL;
}

int main(void)
{
  struct counter *counter = counter_open();
  pthread_t first, second;
  if (!counter || pthread_create(&first, NULL, add_one, counter) != 0 ||
      pthread_create(&second, NULL, add_one, counter) != 0) {
    fprintf(stderr, "cannot start two threads\n");
    return EXIT_FAILURE;
  }
  pthread_join(first, NULL);
  pthread_join(second, NULL);
  long value = counter_value(counter);
  counter_close(counter);
  printf("two threads added 1 each, and the counter stands at %ld\n", value);
  return value == 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}
