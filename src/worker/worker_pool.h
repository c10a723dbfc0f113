// WorkerPool(N): N workers made beforehand, tasks first in first out, the result back to the loop, callback
// there (Q2, Q4). Idle policy: the free worker with the lowest index gets the next task; a worker that has
// just finished takes the oldest waiting task. A worker that ends with an error is replaced and only its task
// fails, with HD_ECRASHED (Q3). Loop thread only.
#ifndef HD_WORKER_WORKER_POOL_H
#define HD_WORKER_WORKER_POOL_H

#include "worker/worker.h"

typedef struct hd_worker_pool hd_worker_pool;

// bytes: the worker's answer (valid during the call), NULL when status is not HD_OK.
typedef void hd_result_fn(hd_worker_pool *pool, int status, const void *bytes, size_t size, void *data);

struct hd_worker_pool_opts {
  const char *name; // NULL: "worker pool N"
  const void *data; // workerData for every worker
  size_t data_size;
};

// The entry listens on hd_worker_port() and answers each message with exactly one hd_port_post(). An idle
// pool does not keep the loop alive; a task does. n: 1 to 200. HD_EINVAL, HD_ENOMEM, HD_EAGAIN.
int hd_worker_pool_open(hd_worker_pool **out, hd_loop *loop, hd_worker_entry *entry, unsigned n,
                        const struct hd_worker_pool_opts *opts);

// Sends a copy of the bytes to the first free worker, or queues it. done may be NULL. HD_EINVAL, HD_ENOMEM,
// HD_ECLOSED.
int hd_worker_pool_submit(hd_worker_pool *pool, const void *bytes, size_t size, hd_result_fn *done,
                          void *data);

// No new tasks; when the last one is done the workers end and closed(loop, data) is called (may be NULL);
// then the pool is freed.
int hd_worker_pool_close(hd_worker_pool *pool, hd_callback_fn *closed, void *data);

struct hd_worker_pool_counts {
  unsigned workers, busy;
  uint64_t submitted, queued, done, failed, replaced;
};
void hd_worker_pool_counts(const hd_worker_pool *pool, struct hd_worker_pool_counts *out);
hd_loop *hd_worker_pool_loop(const hd_worker_pool *pool);

#endif
