// Callbacks posted from other threads, and closing callbacks (L7).
// Threads: hd_loop_post() from any thread, the rest on the loop's.
#include "loop/inside.h"

#include <stdlib.h>

// ---- posts ----

struct hd_post {
  struct hd_post *next;
  hd_callback_fn *fn;
  void *data;
  uint32_t object;
};

int hd_loop_post(hd_loop *loop, hd_callback_fn *fn, void *data)
{
  if (!loop || !fn)
    return HD_EINVAL;
  struct hd_post *post = malloc(sizeof(*post));
  if (!post)
    return HD_ENOMEM;
  *post = (struct hd_post){.fn = fn, .data = data, .object = hd_trace_object()};
  if (hd_point_on())
    hd_point_at(HD_EV_POSTED, post->object, loop->object, atomic_fetch_add(&loop->post_number, 1) + 1,
                hd_caller());
  // From the push on the loop may run it, end and be closed; it waits for its visitors then.
  atomic_fetch_add(&loop->visitors, 1);
  struct hd_post *newest = atomic_load_explicit(&loop->posts, memory_order_relaxed);
  do
    post->next = newest;
  while (!atomic_compare_exchange_weak(&loop->posts, &newest, post));
  if (!newest)
    hd_source_signal(&loop->post_source);
  atomic_fetch_sub(&loop->visitors, 1);
  return HD_OK;
}

static void take_posts(hd_loop *loop)
{
  struct hd_post *post = atomic_exchange(&loop->posts, NULL), *oldest = NULL, *next;
  for (; post; post = next) {
    next = post->next;
    post->next = oldest;
    oldest = post;
  }
  struct hd_post **end = &loop->posts_ready;
  while (*end)
    end = &(*end)->next;
  *end = oldest;
}

static void deliver_posts(struct hd_source *source)
{
  hd_loop *loop = source->loop;
  take_posts(loop);
  for (struct hd_post *post; (post = loop->posts_ready) != NULL && !hd_loop_halted(loop);) {
    hd_callback_fn *fn = post->fn;
    void *data = post->data;
    uint32_t object = post->object;
    loop->posts_ready = post->next;
    free(post);
    hd_callback_begin(loop, HD_CALLBACK_POSTED, object, hd_fn_place(fn));
    fn(loop, data);
    hd_callback_end(loop);
    hd_callback_drain(loop);
  }
  if (loop->posts_ready)
    hd_source_signal(source); // halted: the next run goes on here
}

void hd_posts_open(hd_loop *loop)
{
  hd_source_open(&loop->post_source, loop, deliver_posts);
}

bool hd_posts_waiting(const hd_loop *loop)
{
  return loop->posts_ready != NULL || atomic_load_explicit(&loop->posts, memory_order_relaxed) != NULL;
}

void hd_posts_close(hd_loop *loop)
{
  take_posts(loop);
  for (struct hd_post *post; (post = loop->posts_ready) != NULL;) {
    loop->posts_ready = post->next;
    free(post);
  }
}

// ---- closing ----

struct closing {
  struct hd_closer closer;
  hd_loop *loop;
  hd_callback_fn *fn;
  void *data;
};

void hd_loop_close_later(hd_loop *loop, struct hd_closer *closer, uint64_t place)
{
  closer->next = loop->closers;
  loop->closers = closer;
  if (closer->call)
    hd_point_at(HD_EV_CLOSE_QUEUED, closer->object, loop->object, ++loop->closer_number, place);
}

static void closing_call(struct hd_closer *closer)
{
  struct closing *closing = (struct closing *)(void *)closer;
  closing->fn(closing->loop, closing->data);
}

static void closing_free(struct hd_closer *closer)
{
  free(closer);
}

int hd_closing(hd_loop *loop, hd_callback_fn *fn, void *data)
{
  int status = hd_loop_check(loop);
  if (status != HD_OK || !fn)
    return status != HD_OK ? status : HD_EINVAL;
  struct closing *closing = malloc(sizeof(*closing));
  if (!closing)
    return HD_ENOMEM;
  *closing = (struct closing){
      .loop = loop,
      .fn = fn,
      .data = data,
      .closer = {
          .object = hd_trace_object(), .fn = hd_fn_place(fn), .call = closing_call, .after = closing_free}};
  hd_loop_close_later(loop, &closing->closer, hd_caller());
  return HD_OK;
}

// Those queued while the phase runs wait for the next turn; the one queued last is called first (libuv 1.46
// core.c).
void hd_closers_phase(hd_loop *loop)
{
  loop->phase = HD_PHASE_CLOSE;
  if (!loop->closing) {
    loop->closing = loop->closers;
    loop->closers = NULL;
  }
  for (struct hd_closer *closer; (closer = loop->closing) != NULL && !hd_loop_halted(loop);) {
    loop->closing = closer->next;
    bool called = closer->call != NULL;
    if (called) {
      hd_callback_begin(loop, HD_CALLBACK_CLOSE, closer->object, closer->fn);
      closer->call(closer);
      hd_callback_end(loop);
    }
    closer->after(closer);
    if (called)
      hd_callback_drain(loop);
  }
}

static void free_all(struct hd_closer **first)
{
  for (struct hd_closer *closer; (closer = *first) != NULL;) {
    *first = closer->next;
    closer->after(closer);
  }
}

void hd_closers_free(hd_loop *loop)
{
  free_all(&loop->closing);
  free_all(&loop->closers);
}
