// Threads that the gate accounts for. Invariant: a thread is counted as running, and has its slot, before
// hd_thread_start() returns; its THREAD_CREATED is recorded before its THREAD_STARTED. hd_thread_join() once
// per thread, any thread.
#include "base/error.h"
#include "step/lot.h"
#include "step/park.h"
#include "step/point.h"
#include "step/self.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

struct hd_thread {
  struct hd_os_thread os;
  // set once
  void *(*fn)(void *);
  void *arg;
  uint32_t object;
  enum hd_role role;
  uint64_t place;
  char name[HD_THREAD_NAME];
  // between creator and thread
  _Atomic uint32_t go;   // the creator has passed its point
  _Atomic uint32_t here; // the thread has its slot
  _Atomic uint32_t ended;
  _Atomic uint32_t fate; // enum fate: who of two frees it
  void *result;
};

enum fate { JOINABLE, DETACHED, OVER };

static _Thread_local struct hd_thread *current;

// A short wait that needs no accounting: who waits counts as running, and who is waited for cannot be held
// meanwhile.
static void await_flag(_Atomic uint32_t *flag)
{
  while (atomic_load_explicit(flag, memory_order_acquire) == 0)
    (void)hd_os_wait(flag, 0, HD_FOREVER, false);
}

static void raise_flag(_Atomic uint32_t *flag)
{
  atomic_store_explicit(flag, 1, memory_order_release);
  hd_os_wake(flag, 1, false);
}

// Runs at the thread's end, also when it ends by pthread_exit().
static void finish(void *arg)
{
  struct hd_thread *thread = arg;
  hd_self_end();
  // Who joins is woken before this thread gives its slot back and is counted out: neither a viewer nor the
  // clock sees a gap in which the thread has gone and its end has not come.
  atomic_store_explicit(&thread->ended, 1, memory_order_release);
  hd_unpark(&thread->ended, INT_MAX);
  hd_trace_leave();
  hd_lot_count(-1);
  if (atomic_exchange_explicit(&thread->fate, OVER, memory_order_acq_rel) == DETACHED)
    free(thread);
}

static void *run(void *arg)
{
  struct hd_thread *thread = arg;
  current = thread;
  await_flag(&thread->go);
  hd_self_enter_as(thread->object, thread->role, thread->name[0] ? thread->name : NULL, thread->place);
  raise_flag(&thread->here);
  pthread_cleanup_push(finish, thread);
  hd_self_introduce();
  thread->result = thread->fn(thread->arg);
  pthread_cleanup_pop(1);
  return NULL;
}

static struct hd_thread *make(void *(*fn)(void *), void *arg, const struct hd_thread_opts *opts)
{
  struct hd_thread *thread = calloc(1, sizeof *thread);
  if (!thread)
    return NULL;
  thread->fn = fn;
  thread->arg = arg;
  thread->object = hd_trace_object();
  thread->role = opts->role;
  // Readers take a place for a return address and look at the byte before it.
  thread->place = opts->place ? opts->place + 1 : 0;
  if (opts->name)
    (void)snprintf(thread->name, sizeof thread->name, "%s", opts->name);
  return thread;
}

int hd_thread_start(hd_thread **out, void *(*fn)(void *), void *arg, const struct hd_thread_opts *opts)
{
  static const struct hd_thread_opts plain = {.role = HD_ROLE_THREAD};
  if (!out || !fn)
    return HD_EINVAL;
  if (!opts)
    opts = &plain;
  struct hd_thread *thread = make(fn, arg, opts);
  if (!thread)
    return HD_ENOMEM;
  const int error = hd_os_thread_start(&thread->os, run, thread, opts->stack_bytes, opts->name);
  if (error) {
    free(thread);
    return error;
  }
  // It waits for `go`, unknown to the gate, until the creator was let go at this point.
  if (opts->name)
    hd_point_name(thread->object, "%s", thread->name);
  hd_point_at(HD_EV_THREAD_CREATED, thread->object, 0, 0, opts->maker);
  hd_lot_count(1);
  raise_flag(&thread->go);
  if (hd_managed())
    await_flag(&thread->here);
  *out = thread;
  return HD_OK;
}

void hd_thread_join(hd_thread *thread, void **result)
{
  hd_thread_join_at(thread, result, hd_caller());
}

void hd_thread_join_at(hd_thread *thread, void **result, uint64_t place)
{
  const struct hd_wait wait = {.reason = HD_REASON_JOIN, .object = thread->object, .place = place};
  while (atomic_load_explicit(&thread->ended, memory_order_acquire) == 0)
    (void)hd_park(&thread->ended, 0, HD_FOREVER, &wait);
  hd_os_thread_join(thread->os);
  if (result)
    *result = thread->result;
  hd_point_at(HD_EV_THREAD_JOINED, thread->object, 0, 0, place);
  free(thread);
}

void hd_thread_detach(hd_thread *thread)
{
  hd_os_thread_detach(thread->os);
  if (atomic_exchange_explicit(&thread->fate, DETACHED, memory_order_acq_rel) == OVER)
    free(thread);
}

void hd_thread_exit(void *result)
{
  if (current)
    current->result = result;
  pthread_exit(result);
}

pthread_t hd_thread_handle(const hd_thread *thread)
{
  return thread->os.handle;
}

uint32_t hd_thread_object(const hd_thread *thread)
{
  return thread ? thread->object : hd_self_enter()->object;
}
