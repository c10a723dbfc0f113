// How other threads hand things to a loop; see source.h. Invariant: a signalled source is in the inbox, in
// the list of ready ones, or about to be pushed by the thread that set the flag.
#include "loop/inside.h"

void hd_source_open(struct hd_source *source, hd_loop *loop, void (*deliver)(struct hd_source *source))
{
  *source = (struct hd_source){.loop = loop, .order = ++loop->source_orders, .deliver = deliver};
  hd_list_init(&source->ready);
}

void hd_source_signal(struct hd_source *source)
{
  if (atomic_exchange(&source->signalled, 1))
    return;
  hd_loop *loop = source->loop;
  atomic_fetch_add(&loop->visitors, 1);
  source->next = atomic_load_explicit(&loop->inbox, memory_order_relaxed);
  while (!atomic_compare_exchange_weak(&loop->inbox, &source->next, source))
    ;
  hd_loop_wake(loop);
  atomic_fetch_sub(&loop->visitors, 1);
}

// A loop that goes to sleep says so first and looks at its inbox then; here it is the other way round.
void hd_loop_wake(hd_loop *loop)
{
  uint32_t asleep = atomic_load(&loop->asleep);
  if (asleep == HD_AWAKE || !atomic_compare_exchange_strong(&loop->asleep, &asleep, HD_AWAKE))
    return;
  if (asleep == HD_ASLEEP_IN_POLLER)
    hd_park_notify(loop->poller);
  else
    hd_unpark(&loop->asleep, 1);
}

void hd_source_close(struct hd_source *source)
{
  hd_sources_collect(source->loop);
  hd_list_remove(&source->ready);
}

// Few sources are ready at a time and they mostly come in order, so each is sorted in from the back.
static void sort_in(hd_loop *loop, struct hd_source *source)
{
  struct hd_list *after = loop->ready.prev;
  while (after != &loop->ready && hd_list_entry(after, struct hd_source, ready)->order > source->order)
    after = after->prev;
  hd_list_push(after->next, &source->ready);
}

void hd_sources_collect(hd_loop *loop)
{
  if (atomic_load(&loop->inbox) == NULL)
    return;
  struct hd_source *source = atomic_exchange(&loop->inbox, NULL), *next;
  for (; source; source = next) {
    next = source->next;
    sort_in(loop, source);
  }
}

static struct hd_source *next_ready(hd_loop *loop, uint64_t after, uint64_t last)
{
  for (struct hd_list *node = loop->ready.next; node != &loop->ready; node = node->next) {
    struct hd_source *source = hd_list_entry(node, struct hd_source, ready);
    if (source->order > after)
      return source->order <= last ? source : NULL;
  }
  return NULL;
}

void hd_sources_deliver(hd_loop *loop)
{
  uint64_t done = 0, last = loop->source_orders;
  while (!hd_loop_halted(loop)) {
    hd_sources_collect(loop);
    struct hd_source *source = next_ready(loop, done, last);
    if (!source)
      return;
    done = source->order;
    hd_list_remove(&source->ready);
    atomic_store(&source->signalled, 0); // before it is emptied: what comes later signals again
    source->deliver(source);
  }
}
