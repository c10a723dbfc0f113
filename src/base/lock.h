// A mutex of the runtime's own. Invariant: no point is passed while one is held (step/point.h asserts it in debug
// builds through hd_lock_held), because a thread held at a point would then hold everybody who needs the lock.
#ifndef HD_BASE_LOCK_H
#define HD_BASE_LOCK_H

#include <pthread.h>
#include <stdbool.h>

typedef pthread_mutex_t hd_lock;
#define HD_LOCK_INIT PTHREAD_MUTEX_INITIALIZER

#ifndef NDEBUG
extern _Thread_local int hd_locks_held;
#define HD_LOCK_COUNT(delta) (hd_locks_held += (delta))
#else
#define HD_LOCK_COUNT(delta) ((void)0)
#endif

static inline void hd_lock_init(hd_lock *lock)
{
  (void)pthread_mutex_init(lock, NULL);  // a default mutex never fails to initialise on Linux, BSD or macOS
}

static inline void hd_lock_destroy(hd_lock *lock)
{
  (void)pthread_mutex_destroy(lock);
}

static inline void hd_lock_take(hd_lock *lock)
{
  (void)pthread_mutex_lock(lock);
  HD_LOCK_COUNT(1);
}

static inline void hd_lock_give(hd_lock *lock)
{
  HD_LOCK_COUNT(-1);
  (void)pthread_mutex_unlock(lock);
}

// Whether the calling thread holds a runtime lock; always false in release builds.
static inline bool hd_lock_held(void)
{
#ifndef NDEBUG
  return hd_locks_held != 0;
#else
  return false;
#endif
}

#endif
