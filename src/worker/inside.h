// The inside of a worker, and what worker pools need beyond worker.h. For this folder only. Invariant:
// online, failed and ended are said in that order, each at most once; ended is the last thing the worker's
// thread does to this struct. Threads: each group of fields says whose it is.
#ifndef HD_WORKER_INSIDE_H
#define HD_WORKER_INSIDE_H

#include "base/hints.h"
#include "base/lock.h"
#include "loop/source.h"
#include "port/inside.h"
#include "step/park.h"
#include "step/point.h"
#include "worker/worker.h"

// What a worker has said; its control port carries nothing else.
enum { HD_SAID_ONLINE = 1, HD_SAID_FAILED = 2, HD_SAID_ENDED = 4 };

// Instead of the callbacks of hd_worker_opts: called without a bracket of callback events, each brackets what
// it calls. exit is the last; the worker is freed when it returns.
struct hd_worker_hooks {
  void (*message)(hd_worker *worker, const struct hd_message *message, void *context);
  void (*exit)(hd_worker *worker, int status, void *context);
  void *context;
};

struct hd_worker_self {
  hd_worker *worker;
  hd_loop *loop;
  hd_port *port;
};

struct hd_worker {
  // set once
  hd_loop *parent;
  hd_worker_entry *entry;
  struct hd_worker_opts opts;
  struct hd_worker_hooks hooks;
  unsigned number;
  uint32_t object;
  void *data;
  // the parent's thread
  hd_thread *thread;
  hd_port *port; // the parent's end
  struct hd_source control;
  struct hd_attached attached;
  uint32_t heard;
  bool refed;
  // any thread
  _Atomic uint32_t said;
  _Atomic bool terminated;
  // guard
  hd_lock guard;
  hd_loop *loop; // the worker's, while it runs
  // the worker's thread; the parent's once it is said
  struct hd_worker_self self;
  int error, status;
  char *message;
};

// What the worker's thread does, from its first step to its last.
void *hd_worker_run(void *worker);

// hooks may be NULL; place is the caller's code address, for the picture.
int hd_worker_open_at(hd_worker **out, hd_loop *parent, hd_worker_entry *entry,
                      const struct hd_worker_opts *opts, const struct hd_worker_hooks *hooks, uint64_t place);

// Sends a prepared message; never fails.
void hd_worker_send(hd_worker *worker, struct hd_message *message, uint64_t place);
int hd_worker_terminate_at(hd_worker *worker, uint64_t place);

// Ends it, waits for its end and frees it, without callbacks.
void hd_worker_discard(hd_worker *worker);

#endif
