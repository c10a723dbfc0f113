// The poll phase: where a loop sleeps, and where everything from outside comes in (L3, L8, M2).
// Invariant: asleep is set before the inbox is looked at for the last time. Loop thread only.
#include "loop/inside.h"

#define NS_PER_MS 1000000u
#define READY_ROOM 64u

uint64_t hd_loop_now(hd_loop *loop)
{
  if (!loop->now_known)
    loop->now_ms = hd_clock_now() / NS_PER_MS;
  loop->now_known = true;
  return loop->now_ms;
}

bool hd_loop_alive(const hd_loop *loop)
{
  return loop->refs > 0 || loop->immediates.refs > 0 || loop->closers || loop->closing ||
         hd_posts_waiting(loop);
}

// When the loop must be awake again at the latest, model ns; 0: it must not sleep (L8).
static uint64_t sleep_limit(hd_loop *loop)
{
  if (!hd_list_empty(&loop->ready) || loop->immediates.refs > 0 || loop->closers || loop->closing ||
      hd_loop_halted(loop))
    return 0;
  uint64_t next = hd_timers_next(loop);
  if (next == HD_FOREVER)
    return HD_FOREVER;
  loop->now_known = false;
  return next > hd_loop_now(loop) ? next * NS_PER_MS : 0;
}

void hd_loop_sleep(hd_loop *loop, uint64_t deadline)
{
  const struct hd_wait wait = {.reason = HD_REASON_POLL, .object = loop->object};
  atomic_store(&loop->asleep, HD_ASLEEP_ON_WORD);
  if (atomic_load(&loop->inbox) == NULL && atomic_load(&loop->halt) == HD_HALT_NOT)
    while (hd_park(&loop->asleep, HD_ASLEEP_ON_WORD, deadline, &wait) == HD_OK)
      if (atomic_load(&loop->asleep) != HD_ASLEEP_ON_WORD)
        break;
  atomic_store(&loop->asleep, HD_AWAKE);
}

void hd_poll_phase(hd_loop *loop)
{
  struct hd_os_ready ready[READY_ROOM];
  unsigned count = 0;
  loop->phase = HD_PHASE_POLL;
  hd_sources_collect(loop);
  uint64_t limit = sleep_limit(loop);
  if (limit != 0)
    hd_loop_show_phase(loop);
  if (loop->watched > 0)
    count = hd_watches_wait(loop, ready, READY_ROOM, limit);
  else if (limit != 0)
    hd_loop_sleep(loop, limit);
  loop->now_known = false;
  hd_sources_deliver(loop);
  hd_watches_deliver(loop, ready, count);
}
