// Timers as in Node: one first-in-first-out list per duration, and a heap that orders lists by the expiry of
// their head (T1-T10; node 20 internal/timers). Invariant: a list in the heap is in a bucket, and holds a
// timer unless it is the one of the running pass. Loop thread only.
#include "loop/inside.h"

#include <stdlib.h>

#define NS_PER_MS 1000000u
#define LONGEST_MS 2147483647.0

struct hd_timer_list {
  struct hd_heap_node node; // its tie is the list's age (T2)
  struct hd_list timers;
  struct hd_timer_list *next; // in its bucket, or among the spare ones
  uint32_t ms;
  bool deserted; // emptied by a clear during its own pass: Node has given it up, and its next timer opens a
                 // new one
};

enum timer_state { TIMER_WAITS, TIMER_RUNS, TIMER_STOPPED };

struct timer {
  struct hd_slab_item item;
  struct hd_list link; // in its list
  struct hd_timer_list *list;
  uint64_t start; // model ms
  hd_callback_fn *fn;
  void *data;
  uint32_t ms, object;
  enum timer_state state;
  bool repeats, refed;
  bool running; // its callback is on the stack
};

// ---- lists by duration ----

static struct hd_timer_list **bucket(const struct hd_timers *timers, uint32_t ms)
{
  uint64_t hash = ms * 0x9E3779B97F4A7C15u; // Fibonacci hashing: the high bits are mixed best
  return &timers->buckets[(hash >> 32) & (timers->bucket_count - 1)];
}

static struct hd_timer_list *list_find(const struct hd_timers *timers, uint32_t ms)
{
  struct hd_timer_list *list = timers->bucket_count ? *bucket(timers, ms) : NULL;
  while (list && list->ms != ms)
    list = list->next;
  return list;
}

// More buckets when there are more lists than buckets; without memory it stays as it is, only slower.
static bool buckets_grow(struct hd_timers *timers)
{
  uint32_t old_count = timers->bucket_count;
  struct hd_timer_list **old = timers->buckets;
  struct hd_timer_list **fresh =
      calloc(old_count ? old_count * 2 : HD_TIMER_BUCKETS, sizeof(struct hd_timer_list *));
  if (!fresh)
    return old_count != 0;
  timers->buckets = fresh;
  timers->bucket_count = old_count ? old_count * 2 : HD_TIMER_BUCKETS;
  for (uint32_t i = 0; i < old_count; i++)
    for (struct hd_timer_list *list = old[i], *next; list; list = next) {
      next = list->next;
      struct hd_timer_list **home = bucket(timers, list->ms);
      list->next = *home;
      *home = list;
    }
  free(old);
  return true;
}

static struct hd_timer_list *list_alloc(struct hd_timers *timers)
{
  struct hd_timer_list *list = timers->spare;
  if (!list)
    return malloc(sizeof(*list));
  timers->spare = list->next;
  return list;
}

static int list_new(struct hd_timers *timers, uint32_t ms, uint64_t expiry, struct hd_timer_list **out)
{
  if (timers->list_count >= timers->bucket_count && !buckets_grow(timers))
    return HD_ENOMEM;
  struct hd_timer_list *list = list_alloc(timers);
  if (!list)
    return HD_ENOMEM;
  if (hd_heap_push(&timers->heap, &list->node, expiry, ++timers->ids) != HD_OK) {
    list->next = timers->spare;
    timers->spare = list;
    return HD_ENOMEM;
  }
  hd_list_init(&list->timers);
  list->ms = ms;
  list->deserted = false;
  struct hd_timer_list **home = bucket(timers, ms);
  list->next = *home;
  *home = list;
  timers->list_count++;
  *out = list;
  return HD_OK;
}

static void list_retire(struct hd_timers *timers, struct hd_timer_list *list)
{
  struct hd_timer_list **home = bucket(timers, list->ms);
  while (*home != list)
    home = &(*home)->next;
  *home = list->next;
  hd_heap_remove(&timers->heap, &list->node);
  timers->list_count--;
  list->next = timers->spare;
  timers->spare = list;
}

// ---- timers ----

static uint64_t fresh_ms(void)
{
  return hd_clock_now() / NS_PER_MS;
}

static uint32_t duration(double ms)
{
  return ms >= 1 && ms <= LONGEST_MS ? (uint32_t)ms : 1; // a NaN compares false (T1)
}

static void set_state(hd_loop *loop, struct timer *timer, enum timer_state state, uint64_t place)
{
  timer->state = state;
  if (state == TIMER_WAITS)
    hd_point_at(HD_EV_TIMER_STARTED, timer->object, (timer->start + timer->ms) * NS_PER_MS, loop->object,
                place);
  else if (state == TIMER_STOPPED)
    hd_point_at(HD_EV_TIMER_STOPPED, timer->object, 0, loop->object, place);
}

static void set_refed(hd_loop *loop, struct timer *timer, bool refed)
{
  if (timer->refed != refed)
    loop->refs += refed ? 1u : -1ull;
  timer->refed = refed;
}

// Appends the timer to the list of its duration. Fails only when it needs a list and none was there before.
static int arm(hd_loop *loop, struct timer *timer, uint64_t start)
{
  struct hd_timers *timers = &loop->timers;
  struct hd_timer_list *list = list_find(timers, timer->ms);
  if (!list) {
    int status = list_new(timers, timer->ms, start + timer->ms, &list);
    if (status != HD_OK)
      return status;
  } else if (list->deserted) {
    list->deserted = false;
    hd_heap_move(&timers->heap, &list->node, start + timer->ms, ++timers->ids);
    timers->pass = NULL; // the pass is over: this is a new list
  }
  timer->list = list;
  timer->start = start;
  hd_list_push(&list->timers, &timer->link);
  return HD_OK;
}

static void disarm(hd_loop *loop, struct timer *timer)
{
  struct hd_timer_list *list = timer->list;
  hd_list_remove(&timer->link);
  if (!hd_list_empty(&list->timers))
    return;
  if (list == loop->timers.pass)
    list->deserted = true; // kept until the pass ends, so that an interval always finds its list
  else
    list_retire(&loop->timers, list);
}

static void forget(hd_loop *loop, struct timer *timer)
{
  set_refed(loop, timer, false);
  hd_slab_give(&loop->timers.slab, timer);
}

struct timer_request {
  hd_callback_fn *fn;
  void *data;
  double ms;
  bool repeats;
  uint64_t place;
};

static int timer_new(hd_loop *loop, const struct timer_request *request, struct hd_timer *out)
{
  int status = hd_loop_check(loop);
  if (status != HD_OK || !request->fn)
    return status != HD_OK ? status : HD_EINVAL;
  struct timer *timer = hd_slab_take(&loop->timers.slab);
  if (!timer)
    return HD_ENOMEM;
  timer->fn = request->fn;
  timer->data = request->data;
  timer->ms = duration(request->ms);
  timer->repeats = request->repeats;
  hd_list_init(&timer->link);
  if (arm(loop, timer, fresh_ms()) != HD_OK) {
    hd_slab_give(&loop->timers.slab, timer);
    return HD_ENOMEM;
  }
  timer->object = hd_trace_object();
  set_refed(loop, timer, true);
  if (out)
    *out = (struct hd_timer){timer->item.index, timer->item.generation};
  set_state(loop, timer, TIMER_WAITS, request->place);
  return HD_OK;
}

int hd_timer_set(hd_loop *loop, hd_callback_fn *fn, void *data, double ms, struct hd_timer *out)
{
  const struct timer_request request = {.fn = fn, .data = data, .ms = ms, .place = hd_caller()};
  return timer_new(loop, &request, out);
}

int hd_interval_set(hd_loop *loop, hd_callback_fn *fn, void *data, double ms, struct hd_timer *out)
{
  const struct timer_request request = {
      .fn = fn, .data = data, .ms = ms, .repeats = true, .place = hd_caller()};
  return timer_new(loop, &request, out);
}

static int find(const hd_loop *loop, struct hd_timer handle, struct timer **out)
{
  int status = hd_loop_check(loop);
  if (status != HD_OK)
    return status;
  *out = hd_slab_find(&loop->timers.slab, handle.index, handle.generation);
  return *out && (*out)->state != TIMER_STOPPED ? HD_OK : HD_ENOENT;
}

int hd_timer_clear(hd_loop *loop, struct hd_timer handle)
{
  struct timer *timer;
  int status = find(loop, handle, &timer);
  if (status != HD_OK)
    return status;
  bool runs = timer->running;
  if (timer->state == TIMER_WAITS)
    disarm(loop, timer);
  set_state(loop, timer, TIMER_STOPPED, hd_caller());
  if (!runs)
    forget(loop, timer);
  return HD_OK;
}

int hd_timer_refresh(hd_loop *loop, struct hd_timer handle)
{
  struct timer *timer;
  int status = find(loop, handle, &timer);
  if (status != HD_OK)
    return status;
  hd_list_remove(&timer->link);
  status = arm(loop, timer, fresh_ms()); // its list is still there
  if (status == HD_OK)
    set_state(loop, timer, TIMER_WAITS, hd_caller());
  return status;
}

int hd_timer_ref(hd_loop *loop, struct hd_timer handle, bool ref)
{
  struct timer *timer;
  int status = find(loop, handle, &timer);
  if (status == HD_OK)
    set_refed(loop, timer, ref);
  return status;
}

int hd_timer_has_ref(hd_loop *loop, struct hd_timer handle)
{
  struct timer *timer;
  int status = find(loop, handle, &timer);
  return status == HD_OK ? timer->refed : status;
}

// ---- the phase ----

void hd_timers_open(hd_loop *loop)
{
  hd_slab_init(&loop->timers.slab, sizeof(struct timer));
}

void hd_timers_close(hd_loop *loop)
{
  struct hd_timers *timers = &loop->timers;
  for (uint32_t i = 0; i < timers->bucket_count; i++)
    while (timers->buckets[i])
      list_retire(timers, timers->buckets[i]);
  for (struct hd_timer_list *list; (list = timers->spare) != NULL;) {
    timers->spare = list->next;
    free(list);
  }
  free(timers->buckets);
  hd_heap_destroy(&timers->heap);
  hd_slab_destroy(&timers->slab);
}

uint64_t hd_timers_next(const hd_loop *loop)
{
  uint64_t expiry;
  return hd_heap_top(&loop->timers.heap, &expiry) ? expiry : HD_FOREVER;
}

static void after_run(hd_loop *loop, struct timer *timer, uint64_t start)
{
  timer->running = false;
  if (timer->state == TIMER_STOPPED || (timer->state == TIMER_RUNS && !timer->repeats)) {
    forget(loop, timer);
  } else if (timer->repeats) {
    // From before the callback, but behind what the callback has set (T7). Its list is there, or was a moment
    // ago.
    hd_list_remove(&timer->link);
    if (arm(loop, timer, start) == HD_OK)
      set_state(loop, timer, TIMER_WAITS, 0);
  }
}

static void run_timer(hd_loop *loop, struct timer *timer)
{
  hd_callback_fn *fn = timer->fn;
  hd_list_remove(&timer->link);
  uint64_t start = timer->repeats ? fresh_ms() : 0;
  timer->running = true;
  set_state(loop, timer, TIMER_RUNS, 0);
  hd_callback_begin(loop, HD_CALLBACK_TIMER, timer->object, hd_fn_place(fn));
  fn(loop, timer->data);
  hd_callback_end(loop);
  after_run(loop, timer, start);
  hd_callback_drain(loop);
}

// Runs every timer of the list that was due when the pass began (T4, T5).
static void run_list(hd_loop *loop, struct hd_timer_list *list, uint64_t now)
{
  struct hd_timers *timers = &loop->timers;
  timers->pass = list;
  while (!hd_list_empty(&list->timers)) {
    struct timer *timer = hd_list_entry(list->timers.next, struct timer, link);
    uint64_t due = timer->start + timer->ms;
    if (due > now) {
      hd_heap_move(&timers->heap, &list->node, due, ++timers->ids);
      break;
    }
    run_timer(loop, timer);
    if (timers->pass != list)
      return; // it ended and is a list of its own now, or none
    if (hd_loop_halted(loop))
      break;
  }
  timers->pass = NULL;
  list->deserted = false;
  if (hd_list_empty(&list->timers))
    list_retire(timers, list);
}

void hd_timers_phase(hd_loop *loop)
{
  uint64_t expiry;
  struct hd_heap_node *top = hd_heap_top(&loop->timers.heap, &expiry);
  loop->now_known = false;
  if (!top)
    return;
  uint64_t now = hd_loop_now(loop);
  loop->phase = HD_PHASE_TIMERS;
  while (!hd_loop_halted(loop) && (top = hd_heap_top(&loop->timers.heap, &expiry)) != NULL && expiry <= now)
    run_list(loop, hd_list_entry(top, struct hd_timer_list, node), now);
}
