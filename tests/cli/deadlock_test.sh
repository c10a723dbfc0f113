#!/bin/sh
# Programs that cannot go on are told so: two mutexes taken in opposite order, a signal that came before the wait, and a crash.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"
# The sanitizers have words and exit statuses of their own for such programs.
grep -q '^HEDDLE_SANITIZE:STRING=$' "$build/CMakeCache.txt" || exit 77

lesson 01_opposite <<'END'
#include "heddle.h"
#include <pthread.h>
#include <semaphore.h>
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static sem_t first, second;
static void *one(void *unused)
{
  pthread_mutex_lock(&a);
  sem_post(&first);
  sem_wait(&second);
  pthread_mutex_lock(&b);
  return unused;
}
static void *two(void *unused)
{
  pthread_mutex_lock(&b);
  sem_post(&second);
  sem_wait(&first);
  pthread_mutex_lock(&a);
  return unused;
}
int main(void)
{
  pthread_t threads[2];
  sem_init(&first, 0, 0);
  sem_init(&second, 0, 0);
  hd_sync_name(&a, "apple");
  hd_sync_name(&b, "banana");
  pthread_create(&threads[0], NULL, one, NULL);
  pthread_create(&threads[1], NULL, two, NULL);
  pthread_join(threads[0], NULL);
  pthread_join(threads[1], NULL);
  return 0;
}
END

lesson 02_early_signal <<'END'
#include <pthread.h>
int main(void)
{
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t sign = PTHREAD_COND_INITIALIZER;
  pthread_cond_signal(&sign);
  pthread_mutex_lock(&lock);
  pthread_cond_wait(&sign, &lock);
  return 0;
}
END

lesson 03_crash <<'END'
int main(void)
{
  *(volatile int *)0 = 1;
  return 0;
}
END
cd course || exit 2

# When stepped nothing can ever happen any more, so it ends by itself.
expect 1 "$heddle" run opposite --step --plain
says out deadlock; says out apple; says out banana
nothing_left
expect 1 "$heddle" run early_signal --step --plain
says out warning
nothing_left

# In real time it goes on waiting, as the program does, and says why at once.
"$heddle" run opposite --plain >"$work/out" 2>"$work/err" </dev/null &
run=$!
until_true grep -qF deadlock "$work/out"
kill -TERM $run
wait $run && fail 'terminated, it ended with status 0'
nothing_left

expect 1 "$heddle" run crash --plain
says out 'ended by signal 11'
