// Lesson code stays plain POSIX: compiled with `cc -include sync/redirect.h`, its calls become traced ones.
// The system's headers come first, so that their declarations keep their names.
#ifndef HD_SYNC_REDIRECT_H
#define HD_SYNC_REDIRECT_H

#include "sync/sync.h"

#define pthread_mutex_init hd_sync_mutex_init
#define pthread_mutex_destroy hd_sync_mutex_destroy
#define pthread_mutex_lock hd_sync_mutex_lock
#define pthread_mutex_trylock hd_sync_mutex_trylock
#define pthread_mutex_timedlock hd_sync_mutex_timedlock
#define pthread_mutex_unlock hd_sync_mutex_unlock

#define pthread_cond_init hd_sync_cond_init
#define pthread_cond_destroy hd_sync_cond_destroy
#define pthread_cond_wait hd_sync_cond_wait
#define pthread_cond_timedwait hd_sync_cond_timedwait
#define pthread_cond_signal hd_sync_cond_signal
#define pthread_cond_broadcast hd_sync_cond_broadcast

#define sem_init hd_sync_sem_init
#define sem_destroy hd_sync_sem_destroy
#define sem_wait hd_sync_sem_wait
#define sem_trywait hd_sync_sem_trywait
#define sem_timedwait hd_sync_sem_timedwait
#define sem_post hd_sync_sem_post

#if defined(_POSIX_BARRIERS) && _POSIX_BARRIERS > 0
#define pthread_barrier_init hd_sync_barrier_init
#define pthread_barrier_destroy hd_sync_barrier_destroy
#define pthread_barrier_wait hd_sync_barrier_wait
#endif

#define pthread_create hd_sync_thread_create
#define pthread_join hd_sync_thread_join
#define pthread_detach hd_sync_thread_detach
#define pthread_exit hd_sync_thread_exit

#define sleep hd_sync_sleep
#define usleep hd_sync_usleep
#define nanosleep hd_sync_nanosleep

#endif
