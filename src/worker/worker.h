// A worker: a thread with a loop of its own, a data port to its parent, and a control port (online, error,
// exit). Node's worker_threads (W1-W5). Its code is a source file of its own with one entry function. At its
// end the parent drains the data port first, then the control port (W8).
#ifndef HD_WORKER_WORKER_H
#define HD_WORKER_WORKER_H

#include "port/port.h"

typedef struct hd_worker hd_worker;           // the parent's side
typedef struct hd_worker_self hd_worker_self; // the worker's side, valid in the worker's thread until its end

// The worker's main: sets up listeners, timers and so on, and returns; then its loop turns until nothing
// keeps it alive (W4).
typedef void hd_worker_entry(hd_worker_self *self);

struct hd_worker_opts {
  const char *name; // NULL: "worker N"
  const void *data; // workerData: copied at once (W2); may be NULL
  size_t data_size;
  size_t stack_bytes; // 0: the system's default
  // On the parent's loop, each may be NULL. The worker keeps the parent's loop alive until its exit callback.
  void (*on_online)(hd_worker *worker, void *context);
  void (*on_message)(hd_worker *worker, const void *bytes, size_t size, void *context);
  void (*on_error)(hd_worker *worker, int error, const char *message, void *context);
  void (*on_exit)(hd_worker *worker, int status,
                  void *context); // the last one; afterwards the worker is freed
  void *context;
};

// Starts a worker. HD_EINVAL, HD_ENOMEM, HD_EAGAIN (no thread), HD_ETHREAD. Messages posted before it listens
// are kept in order (W3).
int hd_worker_open(hd_worker **out, hd_loop *parent, hd_worker_entry *entry,
                   const struct hd_worker_opts *opts);
int hd_worker_post(hd_worker *worker, const void *bytes,
                   size_t size);                // to a dead worker: silently dropped (W1)
int hd_worker_ref(hd_worker *worker, bool ref); // unref'd: does not hold the parent's loop (W9)

// Ends it: its waits end at once, its computing at the next hd_safepoint(); exit status 1, no error, messages
// already posted still arrive (W7).
int hd_worker_terminate(hd_worker *worker);
unsigned hd_worker_number(const hd_worker *worker); // 1, 2, 3 ... process-wide (W1)

// ---- in the worker ----
hd_loop *hd_worker_loop(hd_worker_self *self);
hd_port *
hd_worker_port(hd_worker_self *self); // to the parent; hd_port_on_message() on it keeps the worker alive (W4)
const void *hd_worker_data(hd_worker_self *self, size_t *size); // NULL when none was given
unsigned hd_worker_self_number(const hd_worker_self *self);

// Whether the worker has been told to end; long computations ask now and then and return. Any thread; false
// outside a worker.
bool hd_safepoint(void);

#endif
