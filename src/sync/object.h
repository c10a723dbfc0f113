// Object ids and names of synchronisation objects, by their address. Made at init or at the first traced use.
// For the files of this folder; any thread.
#ifndef HD_SYNC_OBJECT_H
#define HD_SYNC_OBJECT_H

#include "base/lock.h"
#include "step/park.h"
#include "step/point.h"

enum hd_sync_kind { HD_SYNC_MUTEX, HD_SYNC_COND, HD_SYNC_SEM, HD_SYNC_BARRIER, HD_SYNC_KINDS };

// Whether waits are accounted. Constant from before main on.
static inline bool hd_sync_managed(void)
{
  return atomic_load_explicit(&hd_control_here()->managed, memory_order_relaxed) != 0;
}

// The object's id while points are on, else 0; emits its name the first time. 0 too when the table is full.
uint32_t hd_sync_object(const void *address, enum hd_sync_kind kind);

// A new object lives at the address; whatever lived there before is forgotten. steady: a condition on the monotonic clock.
void hd_sync_made(const void *address, enum hd_sync_kind kind, bool steady);
void hd_sync_gone(const void *address);
bool hd_sync_is_steady(const void *cond);

// The model time that is as far away as `until` on that clock. false: `until` is no time (EINVAL).
bool hd_sync_deadline(const struct timespec *until, bool steady, uint64_t *deadline);

// Passes a point about the object.
static inline void hd_sync_point(enum hd_event_kind kind, const void *address, enum hd_sync_kind what, uint64_t a,
                                 uint64_t b, uint64_t place)
{
  if (hd_point_on())
    hd_point_at(kind, hd_sync_object(address, what), a, b, place);
}

// Waits for a mutex that was busy, until it is taken. 0, an error number of pthread_mutex_trylock(), ETIMEDOUT.
int hd_sync_mutex_await(pthread_mutex_t *mutex, uint64_t deadline, uint64_t place);

#endif
