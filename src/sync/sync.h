// Traced POSIX synchronisation: what redirect.h puts in the place of the system's functions. Unmanaged programs: the plain call. Managed:
// points and the parking lot, so that the gate and the clock know who waits; the real mutex and semaphore stay inside.
// Arguments, results and errno are POSIX's. Not covered: objects shared by processes, cancellation of a waiting thread.
#ifndef HD_SYNC_SYNC_H
#define HD_SYNC_SYNC_H

#include "sync/name.h"

#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

int hd_sync_mutex_init(pthread_mutex_t *restrict mutex, const pthread_mutexattr_t *restrict attr);
int hd_sync_mutex_destroy(pthread_mutex_t *mutex);
int hd_sync_mutex_lock(pthread_mutex_t *mutex);
int hd_sync_mutex_trylock(pthread_mutex_t *mutex);
int hd_sync_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until);
int hd_sync_mutex_unlock(pthread_mutex_t *mutex);

int hd_sync_cond_init(pthread_cond_t *restrict cond, const pthread_condattr_t *restrict attr);
int hd_sync_cond_destroy(pthread_cond_t *cond);
int hd_sync_cond_wait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex);
// In a managed program `until` counts as so much model time from now as it is real time from now.
int hd_sync_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until);
int hd_sync_cond_signal(pthread_cond_t *cond);
int hd_sync_cond_broadcast(pthread_cond_t *cond);

int hd_sync_sem_init(sem_t *sem, int shared, unsigned value);
int hd_sync_sem_destroy(sem_t *sem);
int hd_sync_sem_wait(sem_t *sem);
int hd_sync_sem_trywait(sem_t *sem);
int hd_sync_sem_timedwait(sem_t *restrict sem, const struct timespec *restrict until);
int hd_sync_sem_post(sem_t *sem);

#if defined(_POSIX_BARRIERS) && _POSIX_BARRIERS > 0
int hd_sync_barrier_init(pthread_barrier_t *restrict barrier, const pthread_barrierattr_t *restrict attr,
                         unsigned count);
int hd_sync_barrier_destroy(pthread_barrier_t *barrier);
int hd_sync_barrier_wait(pthread_barrier_t *barrier);
#endif

// Of the attributes a managed program honours the stack size and the detached state.
int hd_sync_thread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr, void *(*fn)(void *),
                          void *restrict arg);
int hd_sync_thread_join(pthread_t thread, void **result);
int hd_sync_thread_detach(pthread_t thread);
_Noreturn void hd_sync_thread_exit(void *result);

// Model time (step/clock.h).
unsigned hd_sync_sleep(unsigned seconds);
int hd_sync_usleep(useconds_t us);
int hd_sync_nanosleep(const struct timespec *time, struct timespec *rest);

#endif
