// The loop itself: opening, turning, ending. The phase order is libuv's since 1.45: timers last, one early
// pass (L1). Invariant: at most one callback of a loop is on the stack (E1). Loop thread only, except
// hd_loop_kill().
#include "loop/inside.h"

#include <stdio.h>
#include <stdlib.h>

_Thread_local char hd_loop_thread;

void hd_loop_must_be_here(const hd_loop *loop, const char *call)
{
#ifndef NDEBUG
  if (!hd_loop_is_here(loop)) {
    fprintf(stderr, "heddle: %s() was called from a thread that does not own the loop\n", call);
    abort();
  }
#else
  (void)loop;
  (void)call;
#endif
}

// ---- opening and closing ----

int hd_loop_open(hd_loop **out, const struct hd_loop_opts *opts)
{
  if (!out)
    return HD_EINVAL;
  hd_trace_start();
  hd_loop *loop = aligned_alloc(HD_CACHE_LINE, sizeof(*loop));
  if (!loop)
    return HD_ENOMEM;
  *loop = (hd_loop){.owner = &hd_loop_thread, .object = hd_trace_object()};
  hd_list_init(&loop->ready);
  hd_list_init(&loop->attached);
  hd_list_init(&loop->watches);
  hd_immediates_open(loop);
  hd_timers_open(loop);
  hd_jobs_open(loop); // the oldest source: what a job's callback posts to a port comes in the same phase (M7)
  hd_posts_open(loop);
  if (opts && opts->name)
    hd_point_name(loop->object, "%s", opts->name);
  hd_point_at(HD_EV_LOOP_OPENED, loop->object, 0, 0, hd_caller());
  *out = loop;
  return HD_OK;
}

static bool owes(const hd_loop *loop)
{
  for (struct hd_list *node = loop->attached.next; node != &loop->attached; node = node->next) {
    const struct hd_attached *attached = hd_list_entry(node, struct hd_attached, link);
    if (attached->owes(attached))
      return true;
  }
  return !hd_list_empty(&loop->jobs.live);
}

static void abandon_attached(hd_loop *loop)
{
  while (!hd_list_empty(&loop->attached)) {
    struct hd_attached *attached = hd_list_entry(loop->attached.next, struct hd_attached, link);
    attached->abandon(attached);
  }
}

static void loop_free(hd_loop *loop)
{
  hd_closers_free(loop);
  abandon_attached(loop);
  hd_watches_close(loop);
  hd_posts_close(loop);
  hd_jobs_close(loop);
  hd_timers_close(loop);
  hd_immediates_close(loop);
  hd_micro_destroy(&loop->ticks);
  hd_micro_destroy(&loop->microtasks);
  free(loop->message);
  free(loop);
}

int hd_loop_close(hd_loop *loop)
{
  int status = hd_loop_check(loop);
  if (status != HD_OK)
    return status;
  if (loop->running || owes(loop))
    return HD_EBUSY;
  // Whoever handed in the last thing may still be on the way out.
  while (atomic_load(&loop->visitors) != 0)
    hd_os_yield();
  hd_point_at(HD_EV_LOOP_CLOSED, loop->object, 0, 0, hd_caller());
  loop_free(loop);
  return HD_OK;
}

void hd_loop_abandon(hd_loop *loop)
{
  hd_closers_free(loop); // first: some of them belong to attached things
  abandon_attached(loop);
  hd_jobs_abandon(loop);
}

// ---- turning ----

bool hd_loop_halted(const hd_loop *loop)
{
  return atomic_load_explicit(&loop->halt, memory_order_relaxed) != HD_HALT_NOT;
}

// One turn. What callbacks have submitted to pools that wake deferred is flushed after each phase.
static void turn(hd_loop *loop)
{
  loop->turn++;
  loop->shown_phase = HD_PHASE_NONE;
  static void (*const phases[])(hd_loop *) = {hd_poll_phase, hd_immediates_phase, hd_closers_phase,
                                              hd_timers_phase};
  for (unsigned i = 0; i < sizeof(phases) / sizeof(phases[0]) && !hd_loop_halted(loop); i++) {
    phases[i](loop);
    hd_jobs_flush(loop);
  }
}

static void turn_until_empty(hd_loop *loop)
{
  if (hd_loop_alive(loop) && !hd_loop_halted(loop)) {
    hd_timers_phase(loop); // the early pass
    hd_jobs_flush(loop);
  }
  while (hd_loop_alive(loop) && !hd_loop_halted(loop))
    turn(loop);
  loop->phase = loop->shown_phase = HD_PHASE_NONE;
}

static void call_hook(hd_loop *loop, hd_callback_fn *hook, void *data)
{
  if (!hook)
    return;
  hd_callback_begin(loop, HD_CALLBACK_EXIT, loop->object, hd_fn_place(hook));
  hook(loop, data);
  hd_callback_end(loop);
}

// Node's order: empty, before-exit, perhaps on again, at last the exit hook (E9). A stopped or killed loop
// has no hooks; a failed one the last.
static void run_to_the_end(hd_loop *loop)
{
  do {
    turn_until_empty(loop);
    if (hd_loop_halted(loop))
      break;
    call_hook(loop, loop->on_before_exit, loop->on_before_exit_data);
    hd_callback_drain(loop);
    hd_jobs_flush(loop);
  } while (hd_loop_alive(loop) && !hd_loop_halted(loop));
  if (!hd_loop_halted(loop) || loop->uncaught)
    call_hook(loop, loop->on_exit, loop->on_exit_data);
}

static void run_main(hd_loop *loop, hd_callback_fn *fn, void *data, uint64_t shown)
{
  if (!fn || hd_loop_halted(loop))
    return;
  hd_callback_begin(loop, HD_CALLBACK_MAIN, loop->object, shown);
  fn(loop, data);
  hd_callback_end(loop);
}

static int run(hd_loop *loop, hd_callback_fn *fn, void *data, uint64_t place)
{
  loop->running = true;
  loop->uncaught = 0;
  hd_point_at(HD_EV_LOOP_STARTED, loop->object, 0, 0, place);
  run_main(loop, fn, data, place);
  hd_callback_drain(loop); // of the main program: ticks first (E6)
  hd_jobs_flush(loop);
  run_to_the_end(loop);
  hd_point_at(HD_EV_LOOP_ENDED, loop->object, (uint64_t)(int64_t)loop->status, loop->turn, 0);
  loop->running = false;
  int status = loop->status;
  loop->status = 0;
  uint32_t halt = atomic_load(&loop->halt);
  while (halt < HD_HALT_KILLED && !atomic_compare_exchange_weak(&loop->halt, &halt, HD_HALT_NOT))
    ;
  return status;
}

int hd_loop_run(hd_loop *loop)
{
  int status = hd_loop_check(loop);
  if (status != HD_OK)
    return status;
  return loop->running ? HD_EBUSY : run(loop, NULL, NULL, hd_caller());
}

int hd_loop_run_main(hd_loop *loop, hd_callback_fn *fn, uint64_t shown, void *data)
{
  return run(loop, fn, data, shown);
}

void hd_loop_stop(hd_loop *loop)
{
  hd_loop_must_be_here(loop, "hd_loop_stop");
  uint32_t going = HD_HALT_NOT;
  (void)atomic_compare_exchange_strong(&loop->halt, &going, HD_HALT_STOPPED);
}

void hd_loop_kill(hd_loop *loop)
{
  atomic_fetch_add(&loop->visitors, 1);
  atomic_store(&loop->halt, HD_HALT_KILLED);
  hd_loop_wake(loop);
  atomic_fetch_sub(&loop->visitors, 1);
}

void hd_loop_set_status(hd_loop *loop, int status)
{
  hd_loop_must_be_here(loop, "hd_loop_set_status");
  loop->status = status;
}

// ---- what others ask and add ----

double hd_loop_time(hd_loop *loop)
{
  return (double)hd_loop_now(loop);
}

uint32_t hd_loop_object(const hd_loop *loop)
{
  return loop->object;
}

bool hd_loop_is_here(const hd_loop *loop)
{
  return loop->owner == &hd_loop_thread;
}

void hd_loop_hold(hd_loop *loop)
{
  loop->refs++;
}

void hd_loop_let_go(hd_loop *loop)
{
  loop->refs--;
}

void hd_loop_attach(hd_loop *loop, struct hd_attached *attached)
{
  hd_list_push(&loop->attached, &attached->link);
}

void hd_loop_detach(hd_loop *loop, struct hd_attached *attached)
{
  (void)loop;
  hd_list_remove(&attached->link);
}

void hd_loop_on_before_exit(hd_loop *loop, hd_callback_fn *hook, void *data)
{
  hd_loop_must_be_here(loop, "hd_loop_on_before_exit");
  loop->on_before_exit = hook;
  loop->on_before_exit_data = data;
}

void hd_loop_on_exit(hd_loop *loop, hd_callback_fn *hook, void *data)
{
  hd_loop_must_be_here(loop, "hd_loop_on_exit");
  loop->on_exit = hook;
  loop->on_exit_data = data;
}
