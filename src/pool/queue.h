// The queue of a pool: a ring that many may fill (under a tiny lock) and whose threads claim by
// compare-and-swap, and behind it an overflow list. Invariant: whatever is in the ring is older than whatever
// is in the overflow list. Any thread may call everything here. No point is passed, nothing is allocated.
#ifndef HD_POOL_QUEUE_H
#define HD_POOL_QUEUE_H

#include "base/hints.h"
#include "base/lock.h"
#include "pool/pool.h"

#include <stdatomic.h>

#define HD_QUEUE_RING 1024u // a power of two

// Where a task stands; changed under the lock, left as it is when a thread claims the task from the ring.
enum hd_queue_where { HD_QUEUE_NOWHERE, HD_QUEUE_IN_RING, HD_QUEUE_IN_LIST };

struct hd_queue {
  // lock guards who fills the ring, the overflow list, and closed
  _Alignas(HD_CACHE_LINE) hd_lock lock;
  hd_task *first, *last;
  bool closed;
  _Atomic uint64_t pushed;
  // written under the lock, read by everybody
  _Alignas(HD_CACHE_LINE) _Atomic uint64_t tail;
  _Atomic uint64_t overflow; // how many in the list
  // claimed by compare-and-swap
  _Alignas(HD_CACHE_LINE) _Atomic uint64_t head;
  _Alignas(HD_CACHE_LINE) _Atomic(hd_task *) ring[HD_QUEUE_RING]; // NULL: taken
};

void hd_queue_init(struct hd_queue *queue);
void hd_queue_destroy(struct hd_queue *queue);

// Appends the task. HD_ECLOSED after hd_queue_close().
int hd_queue_push(struct hd_queue *queue, hd_task *task);

// The oldest task, or NULL when there is none.
hd_task *hd_queue_take(struct hd_queue *queue);

// Takes this very task out. false: it is not in the queue any more.
bool hd_queue_remove(struct hd_queue *queue, hd_task *task);

// Refuses pushes from now on; what is queued stays.
void hd_queue_close(struct hd_queue *queue);

// How many were pushed so far.
uint64_t hd_queue_pushed(const struct hd_queue *queue);

// How many are queued, cancelled holes of the ring included. Never 0 while a task is queued whose push has
// returned.
uint64_t hd_queue_length(const struct hd_queue *queue);

#endif
