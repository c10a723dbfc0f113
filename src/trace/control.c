// Commands to a traced program, and looking at its threads, through the shared control block.
// Invariant: whoever changes what a sleeper looks at bumps that sleeper's turn afterwards. Any thread of
// either process; grants, modes and speeds come from one viewer at a time.
#include "trace/control.h"

#include "base/os.h"

#include <limits.h>

void hd_control_update(struct hd_control *control)
{
  for (;;) {
    const uint32_t want = atomic_load(&control->want), quiet = atomic_load(&control->quiet);
    atomic_store(&control->mode, quiet ? HD_MODE_OFF : want);
    // Another updater may have stored a mode from older inputs between; then its own second look repairs it.
    if (atomic_load(&control->want) == want && atomic_load(&control->quiet) == quiet)
      return;
  }
}

static void kick_slot(struct hd_slot *slot)
{
  atomic_fetch_add(&slot->turn, 1);
  hd_os_wake(&slot->turn, UINT_MAX, true);
}

void hd_control_kick(struct hd_control *control)
{
  for (unsigned i = 0; i < HD_SLOTS; i++)
    if (atomic_load(&control->slots[i].state) != HD_SLOT_FREE)
      kick_slot(&control->slots[i]);
}

void hd_control_set_mode(struct hd_control *control, enum hd_mode mode)
{
  atomic_store(&control->want, (uint32_t)mode);
  hd_control_update(control);
  hd_control_kick(control);
}

// The writer's half of the clock's seqlock. seq is odd on entry when a viewer died in the middle.
static void change_speed(struct hd_control *control, uint32_t speed)
{
  const uint32_t seq = atomic_load(&control->clock_seq) | 1u;
  atomic_store(&control->clock_seq, seq);
  atomic_thread_fence(memory_order_release);
  const uint64_t now = hd_os_now(), changed = atomic_load(&control->changed_at);
  const uint64_t span = now > changed ? now - changed : 0;
  atomic_store(&control->flowed,
               atomic_load(&control->flowed) + hd_control_flow(span, atomic_load(&control->speed)));
  atomic_store(&control->speed, speed);
  atomic_store(&control->changed_at, now);
  atomic_store_explicit(&control->clock_seq, seq + 1, memory_order_release);
}

void hd_control_set_speed(struct hd_control *control, uint32_t speed)
{
  change_speed(control, speed);
  hd_control_kick(control);
}

void hd_control_release(struct hd_control *control)
{
  static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER; // several threads notice the viewer's death at once
  (void)pthread_mutex_lock(&one);
  const bool odd = atomic_load(&control->clock_seq) & 1u;
  if (odd || atomic_load(&control->speed) != HD_SPEED_ONE)
    change_speed(control, HD_SPEED_ONE);
  atomic_store(&control->lossless, 0);
  uint32_t hold = HD_MODE_HOLD;
  (void)atomic_compare_exchange_strong(&control->want, &hold, HD_MODE_RECORD);
  hd_control_update(control);
  (void)pthread_mutex_unlock(&one);
  hd_control_kick(control);
}

static bool is_held(const struct hd_slot *slot)
{
  // passed first: a thread let go becomes RUNNING and only then passes, so passed == granted and HELD mean a
  // new arrival.
  const uint32_t passed = atomic_load(&slot->passed);
  return atomic_load(&slot->granted) == passed && atomic_load(&slot->state) == HD_SLOT_HELD;
}

bool hd_control_grant(struct hd_control *control, unsigned index)
{
  if (index >= HD_SLOTS || !is_held(&control->slots[index]))
    return false;
  struct hd_slot *slot = &control->slots[index];
  atomic_fetch_add(&slot->granted, 1);
  kick_slot(slot);
  return true;
}

bool hd_control_pending(const struct hd_control *control, unsigned index, struct hd_pending *out)
{
  if (index >= HD_SLOTS)
    return false;
  const struct hd_slot *slot = &control->slots[index];
  if (!is_held(slot))
    return false;
  *out = slot->pending;
  if (out->text_size > HD_PENDING_TEXT)
    out->text_size = HD_PENDING_TEXT;
  // With a speed above 0 it may have let itself go, and arrived elsewhere, meanwhile: then the copy may be
  // torn.
  atomic_thread_fence(memory_order_acquire);
  return is_held(slot) && slot->pending.arrived == out->arrived;
}

int hd_control_next(const struct hd_control *control)
{
  int longest = -1;
  uint64_t since = 0;
  struct hd_pending pending;
  for (unsigned i = 0; i < HD_SLOTS; i++)
    if (hd_control_pending(control, i, &pending) && (longest < 0 || pending.arrived < since)) {
      longest = (int)i;
      since = pending.arrived;
    }
  return longest;
}

// One look at all slots. Adds up what changes whenever a thread is woken or let go.
static bool scan(const struct hd_control *control, uint64_t *sum)
{
  *sum = atomic_load(&control->arrivals);
  bool quiet = true;
  for (unsigned i = 0; i < HD_SLOTS; i++) {
    const struct hd_slot *slot = &control->slots[i];
    const uint32_t state = atomic_load(&slot->state);
    if (state == HD_SLOT_RUNNING || (state == HD_SLOT_HELD && !is_held(slot)))
      quiet = false;
    *sum += atomic_load(&slot->turn);
  }
  return quiet;
}

bool hd_control_settled(const struct hd_control *control)
{
  // One look is not enough: a thread seen blocked may be woken by one that blocks before its own turn to be
  // looked at. A wake bumps a turn, so two equal looks mean that nobody was woken between.
  uint64_t first, second;
  return scan(control, &first) && scan(control, &second) && first == second;
}

void hd_control_await(struct hd_control *control, uint32_t *seen, uint64_t timeout_ns)
{
  uint32_t now = atomic_load(&control->arrivals);
  if (now == *seen) {
    (void)hd_os_wait(&control->arrivals, now, timeout_ns, true);
    now = atomic_load(&control->arrivals);
  }
  *seen = now;
}
