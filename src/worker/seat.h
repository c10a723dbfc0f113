// The inside of a worker pool, for worker_pool.c (its life) and seat.c (its tasks and workers). Loop thread
// only. Invariant: while a task waits, every seat is taken by a worker that has a task, or is empty because
// no worker could be started for it.
#ifndef HD_WORKER_SEAT_H
#define HD_WORKER_SEAT_H

#include "worker/inside.h"
#include "worker/worker_pool.h"

struct hd_pool_task {
  struct hd_list link;        // in the pool's waiting list
  struct hd_message *message; // until it is sent
  uint32_t object, number;
  hd_result_fn *done;
  void *data;
};

// A place for a worker; a worker that ended with an error is replaced in its place.
struct hd_seat {
  hd_worker_pool *pool;
  hd_worker *worker;         // NULL: ended, and not yet replaced
  struct hd_pool_task *task; // what the worker has been given and has not answered
  bool busy;                 // has a task, or its result is being called back
};

struct hd_worker_pool {
  hd_loop *loop;
  hd_worker_entry *entry;
  struct hd_worker_opts worker_opts;
  void *data;
  uint32_t object;
  struct hd_seat *seats;
  unsigned count, living;
  struct hd_list waiting;
  struct hd_worker_pool_counts counts;
  struct hd_attached attached;
  bool closing;
  struct hd_closer closer;
  hd_callback_fn *closed;
  void *closed_data;
};

// seat.c: tasks
enum hd_pool_task_state {
  HD_POOL_TASK_SUBMITTED,
  HD_POOL_TASK_TAKEN,
  HD_POOL_TASK_FAILED,
  HD_POOL_TASK_OVER
};
void hd_pool_task_set_state(hd_worker_pool *pool, struct hd_pool_task *task, enum hd_pool_task_state state,
                            uint64_t b, uint64_t place);
void hd_pool_task_free(struct hd_pool_task *task);

// seat.c: the oldest tasks to the free workers with the lowest indexes
void hd_seats_hand_out(hd_worker_pool *pool, uint64_t place);
int hd_seat_fill(struct hd_seat *seat, uint64_t place);

// seat.c: replaces the workers that have ended. HD_OK when at least one lives then.
int hd_seats_refill(hd_worker_pool *pool, uint64_t place);

// worker_pool.c: a pool that closes ends its workers when its last task is over, and itself when its last
// worker has ended
void hd_worker_pool_end_if_idle(hd_worker_pool *pool);

#endif
