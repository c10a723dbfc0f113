// Computing and sleeping in model time. Invariant: while time is virtual a computing thread waits in the
// parking lot without BLOCKED and READY, so that time can pass; else it really spins. The calling thread
// only.
#include "base/error.h"
#include "step/clock.h"
#include "step/flow.h"
#include "step/lot.h"
#include "step/point.h"
#include "step/self.h"

#define CHECK_NS 50000u // how soon a spin notices that the viewer has changed the speed

static bool always(void *unused)
{
  (void)unused;
  return true;
}

// Lets ns of model time pass while time is virtual; returns what is left when it became real.
static uint64_t work_virtually(uint64_t ns)
{
  const uint64_t deadline = hd_clock_now() + ns;
  struct hd_sleeper sleeper = {.key = &sleeper, .deadline = deadline, .virtual_only = true};
  if (hd_lot_sleep(&sleeper, always, NULL) == HD_ETIMEOUT)
    return 0;
  const uint64_t now = hd_clock_now();
  return now < deadline ? deadline - now : 0;
}

// Spins for at most real_ns of real time; returns the processor time it took.
static uint64_t spin(uint64_t real_ns)
{
  const uint64_t began = hd_os_cpu_time(), end = hd_os_now() + real_ns;
  while (hd_os_now() < end)
    ;
  return hd_os_cpu_time() - began;
}

static uint32_t spin_speed(void)
{
  return hd_managed() ? atomic_load_explicit(&hd_control_here()->speed, memory_order_relaxed) : HD_SPEED_ONE;
}

// Spins ns of model time away at one speed; returns what is left when the viewer has changed the speed.
static uint64_t work_at(uint32_t speed, uint64_t ns, uint64_t *checked)
{
  uint64_t used = 0; // processor time
  for (;;) {
    const uint64_t done = hd_control_flow(used, speed);
    if (done >= ns)
      return 0;
    if (spin_speed() != speed)
      return ns - done;
    const uint64_t rest = hd_flow_real(ns - done, speed);
    used += spin(rest < CHECK_NS ? rest : CHECK_NS);
    if (hd_managed())
      hd_lot_watchdog(checked);
  }
}

static void work(uint64_t ns)
{
  uint64_t checked = hd_os_now();
  while (ns != 0) {
    const uint32_t speed = spin_speed();
    ns = speed == 0 ? work_virtually(ns) : work_at(speed, ns, &checked);
  }
}

void hd_work(double ms)
{
  const uint64_t place = hd_caller();
  const double wanted = ms * 1e6;
  const uint64_t ns = !(wanted > 0) ? 0 : wanted >= 9e18 ? (uint64_t)9e18 : (uint64_t)wanted;
  if (hd_managed())
    (void)hd_self_enter();
  hd_clock_note();
  hd_point_at(HD_EV_WORK_BEGAN, 0, ns, 0, place);
  work(ns);
  hd_clock_note();
  hd_point_at(HD_EV_WORK_ENDED, 0, ns, 0, place);
}

void hd_sleep(double ms)
{
  hd_sleep_at(ms, hd_caller());
}

void hd_sleep_at(double ms, uint64_t place)
{
  _Atomic uint32_t nobody_changes_this = 0;
  const struct hd_wait wait = {.reason = HD_REASON_SLEEP, .place = place};
  const uint64_t deadline = hd_clock_after(ms);
  while (hd_park(&nobody_changes_this, 0, deadline, &wait) != HD_ETIMEOUT)
    ;
}
