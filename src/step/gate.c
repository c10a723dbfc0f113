// The gate: where a thread at a point may be held. Invariant: no step is in the ring before it was let go,
// and a slot's pending step is stable while the slot is HELD and granted == passed. The calling thread's own
// slot only.
#include "base/lock.h"
#include "step/flow.h"
#include "step/lot.h"
#include "step/point.h"
#include "step/self.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static enum hd_mode mode_now(void)
{
  return (enum hd_mode)atomic_load_explicit(&hd_control_here()->mode, memory_order_acquire);
}

// A thread held here would hold everybody who needs the lock, and the viewer could never let it go.
static void refuse_under_a_lock(const struct hd_step *step)
{
  if (!hd_lock_held())
    return;
  (void)fprintf(stderr, "heddle: the point %s is passed while a lock of the runtime is held\n",
                hd_event_info(step->kind)->name);
  abort();
}

static void fill_pending(struct hd_slot *slot, const struct hd_step *step)
{
  struct hd_pending *pending = &slot->pending;
  *pending = (struct hd_pending){.arrived = hd_os_stamp(),
                                 .a = step->a,
                                 .b = step->b,
                                 .place = step->place,
                                 .object = step->object,
                                 .kind = step->kind};
  const uint32_t size = step->text_size < HD_PENDING_TEXT ? step->text_size : HD_PENDING_TEXT;
  if (step->text && size) {
    pending->text_size = (uint16_t)size;
    memcpy(pending->text, step->text, size);
  }
}

// Real ns that the thread stays held at most, 0: it may go on.
static uint64_t still_held(const struct hd_slot *slot, uint64_t until)
{
  const uint32_t granted = atomic_load_explicit(&slot->granted, memory_order_acquire);
  if (granted != atomic_load_explicit(&slot->passed, memory_order_relaxed) || mode_now() != HD_MODE_HOLD)
    return 0;
  return hd_flow_until(until);
}

static void hold(struct hd_slot *slot, const struct hd_step *step)
{
  // A grant for an earlier step, which the thread passed for another reason, is void.
  atomic_store_explicit(&slot->passed, atomic_load_explicit(&slot->granted, memory_order_acquire),
                        memory_order_relaxed);
  fill_pending(slot, step);
  const uint64_t until = hd_flow_now() + HD_STEP_MODEL_NS;
  uint64_t checked = hd_os_now();
  hd_lot_set_state(slot, HD_SLOT_HELD);
  for (;;) {
    const uint32_t turn = atomic_load_explicit(&slot->turn, memory_order_acquire);
    const uint64_t timeout = still_held(slot, until);
    if (timeout == 0)
      break;
    (void)hd_os_wait(&slot->turn, turn, timeout < HD_SLICE_NS ? timeout : HD_SLICE_NS, true);
    hd_lot_watchdog(&checked);
  }
  // RUNNING comes before passed == granted: nobody may see "held, nothing granted" of a thread that is on its
  // way.
  hd_lot_set_state(slot, HD_SLOT_RUNNING);
  atomic_store_explicit(&slot->passed, atomic_load_explicit(&slot->granted, memory_order_acquire),
                        memory_order_release);
}

static hd_noinline void introduce(void)
{
  (void)hd_self_enter();
  hd_self_introduce();
}

void hd_point_pass(const struct hd_step *step)
{
  refuse_under_a_lock(step);
  if (hd_unlikely(!hd_self.introduced))
    introduce();
  if (hd_unlikely(mode_now() == HD_MODE_HOLD)) {
    struct hd_slot *slot = hd_trace_slot();
    if (slot && hd_event_info(step->kind)->step)
      hold(slot, step);
  }
  hd_trace_emit(step);
}

hd_noinline void hd_point_here(const struct hd_step *step)
{
  struct hd_step placed = *step;
  placed.place = hd_caller();
  hd_point_pass(&placed);
}

void hd_point_name(uint32_t object, const char *format, ...)
{
  if (!hd_point_on())
    return;
  char name[64];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(name, sizeof name, format, args);
  va_end(args);
  hd_point_text(HD_EV_NAME, object, 0, 0, 0, name);
}

void hd_points_off(void)
{
  struct hd_control *control = hd_control_here();
  (void)atomic_fetch_add_explicit(&control->quiet, 1, memory_order_acq_rel);
  hd_control_update(control);
  hd_control_kick(control); // whoever is held now is not held any more
}

void hd_points_on(void)
{
  struct hd_control *control = hd_control_here();
  (void)atomic_fetch_sub_explicit(&control->quiet, 1, memory_order_acq_rel);
  hd_control_update(control);
}
