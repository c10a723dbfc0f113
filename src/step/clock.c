// Model time = what flowed at the viewer's speeds (flow.h) + what was jumped over while everybody waited.
// Invariant: it never goes back. Without a viewer that manages the program: real time since the first look.
// Any thread.
#include "step/clock.h"

#include "base/os.h"
#include "step/flow.h"
#include "step/point.h"
#include "step/self.h"

#include <sched.h>

static _Atomic uint64_t jumped;

struct span {
  uint32_t speed;
  uint64_t changed_at, flowed;
};

// Reads what the viewer wrote in one piece; false while it is writing, which is short unless it was stopped
// just there.
static bool try_span(const struct hd_control *control, struct span *out)
{
  const uint32_t seq = atomic_load_explicit(&control->clock_seq, memory_order_acquire);
  // Acquire: none of these may be read after the second look at seq.
  out->speed = atomic_load_explicit(&control->speed, memory_order_acquire);
  out->changed_at = atomic_load_explicit(&control->changed_at, memory_order_acquire);
  out->flowed = atomic_load_explicit(&control->flowed, memory_order_acquire);
  return !(seq & 1) && atomic_load_explicit(&control->clock_seq, memory_order_relaxed) == seq;
}

static bool read_span(struct span *out)
{
  for (int tries = 0; tries < 100; tries++) {
    if (try_span(hd_control_here(), out))
      return true;
    (void)sched_yield();
  }
  return false;
}

static uint64_t flow_of(const struct span *span)
{
  const uint64_t now = hd_os_now();
  return span->flowed + (now > span->changed_at ? hd_control_flow(now - span->changed_at, span->speed) : 0);
}

uint64_t hd_flow_now(void)
{
  static _Atomic uint64_t last; // stands in while the viewer is stopped in the middle of a change
  struct span span;
  if (!read_span(&span))
    return atomic_load_explicit(&last, memory_order_relaxed);
  const uint64_t now = flow_of(&span);
  atomic_store_explicit(&last, now, memory_order_relaxed);
  return now;
}

uint64_t hd_flow_real(uint64_t model_ns, uint32_t speed)
{
  if (speed == 0 || model_ns / speed >= UINT64_MAX / HD_SPEED_ONE / 2)
    return HD_FOREVER;
  return model_ns / speed * HD_SPEED_ONE + (model_ns % speed * HD_SPEED_ONE + speed - 1) / speed;
}

static uint64_t real_until(uint64_t now, uint64_t deadline)
{
  if (deadline == HD_FOREVER)
    return HD_FOREVER;
  if (now >= deadline)
    return 0;
  return hd_flow_real(deadline - now, atomic_load_explicit(&hd_control_here()->speed, memory_order_acquire));
}

uint64_t hd_flow_until(uint64_t flow)
{
  return real_until(hd_flow_now(), flow);
}

void hd_clock_jump(uint64_t to)
{
  const uint64_t now = hd_flow_now() + atomic_load_explicit(&jumped, memory_order_relaxed);
  if (now < to)
    (void)atomic_fetch_add_explicit(&jumped, to - now, memory_order_acq_rel);
}

static uint64_t unmanaged_now(void)
{
  static _Atomic uint64_t start;
  const uint64_t now = hd_os_now();
  uint64_t first = atomic_load_explicit(&start, memory_order_relaxed);
  if (first == 0 && atomic_compare_exchange_strong_explicit(&start, &first, now, memory_order_relaxed,
                                                            memory_order_relaxed))
    first = now;
  return now - first;
}

uint64_t hd_clock_now(void)
{
  if (!hd_managed())
    return unmanaged_now();
  const uint64_t now = hd_flow_now() + atomic_load_explicit(&jumped, memory_order_acquire);
  // A thread that read the old speed a moment ago may have been told a little more.
  _Atomic uint64_t *shown = &hd_control_here()->model_now;
  uint64_t last = atomic_load_explicit(shown, memory_order_relaxed);
  while (last < now)
    if (atomic_compare_exchange_weak_explicit(shown, &last, now, memory_order_relaxed, memory_order_relaxed))
      return now;
  return last;
}

bool hd_clock_is_virtual(void)
{
  return hd_managed() && atomic_load_explicit(&hd_control_here()->speed, memory_order_acquire) == 0;
}

uint64_t hd_clock_until(uint64_t deadline)
{
  if (deadline == HD_FOREVER)
    return HD_FOREVER;
  const uint64_t now = hd_clock_now();
  if (hd_managed())
    return real_until(now, deadline);
  return now < deadline ? deadline - now : 0;
}

uint64_t hd_clock_after(double ms)
{
  const double ns = ms * 1e6;
  if (!(ns > 0))
    return hd_clock_now();
  if (ns >= 9e18)
    return HD_FOREVER;
  return hd_clock_now() + (uint64_t)ns;
}

void hd_clock_note(void)
{
  static _Atomic uint64_t noted = UINT64_MAX;
  if (!hd_point_on())
    return;
  const uint64_t now = hd_clock_now();
  if (atomic_exchange_explicit(&noted, now, memory_order_relaxed) != now)
    hd_point_at(HD_EV_CLOCK, 0, now, 0, 0);
}
