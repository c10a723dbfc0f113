// A loop's side of a pool: run a function in a pool thread, call back on the loop with E2 between callbacks
// (node rules P2, P3).
#ifndef HD_LOOP_OFFLOAD_H
#define HD_LOOP_OFFLOAD_H

#include "loop/loop.h"
#include "pool/pool.h"

typedef void hd_job_fn(void *data); // in a pool thread
typedef void hd_job_done_fn(hd_loop *loop, int status,
                            void *data); // on the loop; status HD_OK or HD_ECANCELED

struct hd_job {
  uint32_t index, generation;
};

// Runs job(data) in the pool, then done(loop, status, data) on the loop (done may be NULL). Keeps the loop
// alive. Callbacks come in the order of completion. out may be NULL. HD_EINVAL, HD_ENOMEM, HD_ECLOSED,
// HD_ETHREAD.
int hd_offload(hd_loop *loop, hd_pool *pool, hd_job_fn *job, hd_job_done_fn *done, void *data,
               struct hd_job *out);

// Takes it back if no thread has started it: done comes with HD_ECANCELED. HD_EBUSY: too late. HD_ENOENT:
// over.
int hd_job_cancel(hd_loop *loop, struct hd_job job);

#endif
