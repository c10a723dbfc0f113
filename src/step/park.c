// The waits of the runtime: bracketed by points, accounted by the parking lot when managed, else the plain
// system call. Invariant: no runtime lock is held while one waits. Any thread.
#include "step/park.h"

#include "base/error.h"
#include "step/clock.h"
#include "step/lot.h"
#include "step/point.h"
#include "step/self.h"

static void blocked(const struct hd_wait *wait, uint64_t deadline)
{
  hd_point_at(HD_EV_BLOCKED, wait->object, (uint64_t)wait->reason, deadline == HD_FOREVER ? 0 : deadline,
              wait->place);
}

static void ready(const struct hd_wait *wait, bool timed_out)
{
  hd_clock_note();
  hd_point_at(HD_EV_READY, wait->object, (uint64_t)wait->reason, timed_out, wait->place);
}

// ---- on a key ----

int hd_park_while(const void *key, hd_park_check *must_wait, void *arg, uint64_t deadline,
                  const struct hd_wait *wait)
{
  (void)hd_self_enter();
  blocked(wait, deadline);
  struct hd_sleeper sleeper = {.key = key, .deadline = deadline};
  const int result = hd_lot_sleep(&sleeper, must_wait, arg);
  ready(wait, result == HD_ETIMEOUT);
  return result;
}

unsigned hd_unpark_key(const void *key, unsigned count)
{
  return hd_lot_anybody(key) ? hd_lot_wake(key, count) : 0;
}

// ---- on a word ----

struct word {
  _Atomic uint32_t *word;
  uint32_t expected;
};

static bool word_is_unchanged(void *arg)
{
  const struct word *watched = arg;
  return atomic_load_explicit(watched->word, memory_order_acquire) == watched->expected;
}

static int park_unmanaged(struct word *watched, uint64_t deadline, const struct hd_wait *wait)
{
  blocked(wait, deadline);
  struct hd_slot *slot = hd_trace_slot();
  hd_lot_set_state(slot, HD_SLOT_BLOCKED);
  hd_lot_note(watched->word, 1);
  const int result = hd_os_wait(watched->word, watched->expected, hd_clock_until(deadline), false);
  hd_lot_note(watched->word, UINT32_MAX);
  hd_lot_set_state(slot, HD_SLOT_RUNNING);
  ready(wait, result == HD_ETIMEOUT);
  return result;
}

int hd_park(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline, const struct hd_wait *wait)
{
  struct word watched = {word, expected};
  if (!word_is_unchanged(&watched))
    return HD_OK;
  if (!hd_managed())
    return park_unmanaged(&watched, deadline, wait);
  return hd_park_while(word, word_is_unchanged, &watched, deadline, wait);
}

void hd_unpark(_Atomic uint32_t *word, unsigned count)
{
  if (!hd_lot_anybody(word))
    return;
  if (hd_managed())
    (void)hd_lot_wake(word, count);
  else
    hd_os_wake(word, count, false);
}

// ---- on a poller ----

// Looks without waiting. true: the wait is over (something is ready, or it was notified).
static bool look(struct hd_lot_poll *poll)
{
  const uint64_t notices = hd_os_poller_notices(poll->poller);
  poll->got = hd_os_poller_wait(poll->poller, poll->ready, poll->cap, 0);
  return poll->got > 0 || hd_os_poller_notices(poll->poller) != notices;
}

static bool nothing_to_see(void *arg)
{
  return !look(arg);
}

static int poll_unmanaged(struct hd_lot_poll *poll, uint64_t deadline, const struct hd_wait *wait)
{
  blocked(wait, deadline);
  struct hd_slot *slot = hd_trace_slot();
  hd_lot_set_state(slot, HD_SLOT_BLOCKED);
  const uint64_t timeout = hd_clock_until(deadline);
  const uint64_t notices = hd_os_poller_notices(poll->poller);
  poll->got = hd_os_poller_wait(poll->poller, poll->ready, poll->cap, timeout);
  hd_lot_set_state(slot, HD_SLOT_RUNNING);
  ready(wait, poll->got == 0 && hd_os_poller_notices(poll->poller) == notices);
  return poll->got;
}

static int poll_managed(struct hd_lot_poll *poll, uint64_t deadline, const struct hd_wait *wait)
{
  (void)hd_self_enter();
  blocked(wait, deadline);
  const bool real = hd_os_poller_watched(poll->poller) != 0;
  struct hd_sleeper sleeper = {.key = poll->poller, .deadline = deadline, .poll = real ? poll : NULL};
  const int result = hd_lot_sleep(&sleeper, nothing_to_see, poll);
  if (!real)
    (void)look(poll); // takes the notice that woke it
  ready(wait, result == HD_ETIMEOUT);
  return poll->got;
}

int hd_park_poll(hd_os_poller *poller, struct hd_os_ready *ready_out, size_t cap, uint64_t deadline,
                 const struct hd_wait *wait)
{
  struct hd_lot_poll poll = {.poller = poller, .ready = ready_out, .cap = cap};
  const bool due = deadline != HD_FOREVER && hd_clock_until(deadline) == 0;
  if (due || hd_managed() || hd_point_on()) {
    // A look first: what is there already is no wait, and shows none.
    if (look(&poll) || due)
      return poll.got;
  }
  return hd_managed() ? poll_managed(&poll, deadline, wait) : poll_unmanaged(&poll, deadline, wait);
}

void hd_park_notify(hd_os_poller *poller)
{
  // The notice first: who is about to lie down looks for it, who lies already is found.
  hd_os_poller_notify(poller);
  if (hd_managed() && hd_lot_anybody(poller))
    (void)hd_lot_wake(poller, 1);
}
