// What a lesson says, as events. No state but the number of the stage. Any thread.
#include "step/lesson.h"

#include <stdarg.h>
#include <stdio.h>

void hd_stage(const char *name)
{
  static _Atomic uint64_t stages;
  const uint64_t number = atomic_fetch_add_explicit(&stages, 1, memory_order_relaxed) + 1;
  hd_point_text(HD_EV_STAGE, 0, number, 0, hd_caller(), name);
}

void hd_note(const char *format, ...)
{
  if (!hd_point_on())
    return;
  char text[1024];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(text, sizeof text, format, args);
  va_end(args);
  hd_point_text(HD_EV_NOTE, 0, 0, 0, hd_caller(), text);
}

void hd_tally(const char *what, uint64_t count, uint64_t of)
{
  if (atomic_load_explicit(&hd_control_here()->want, memory_order_relaxed) == HD_MODE_OFF)
    return;
  // Not hd_point_at: a tally tells of a phase whose points are off. While they are off nobody is held.
  hd_point_pass(&(struct hd_step){.kind = HD_EV_TALLY,
                                  .a = count,
                                  .b = of,
                                  .place = hd_caller(),
                                  .text = what,
                                  .text_size = what ? (uint32_t)strlen(what) : 0});
}

void hd_observe(const char *what, int64_t value)
{
  hd_point_text(HD_EV_OBSERVED, 0, (uint64_t)value, 0, hd_caller(), what);
}

// ---- shared values ----

static void pass_bytes(enum hd_event_kind kind, uint32_t value, uint64_t a, const void *bytes, uint32_t size,
                       uint64_t place)
{
  if (hd_point_on())
    hd_point_pass(&(struct hd_step){.kind = (uint16_t)kind,
                                    .object = value,
                                    .a = a,
                                    .b = size,
                                    .place = place,
                                    .text = bytes,
                                    .text_size = bytes ? size : 0});
}

static uint64_t number_of(const void *address)
{
  return (uint64_t)(uintptr_t)address;
}

uint32_t hd_value_show(const char *name, const void *address, uint32_t size)
{
  const uint32_t value = hd_trace_object();
  hd_point_name(value, "%s", name);
  pass_bytes(HD_EV_VALUE_SHOWN, value, number_of(address), address, size, hd_caller());
  return value;
}

void hd_value_hide(uint32_t value)
{
  hd_point_at(HD_EV_VALUE_HIDDEN, value, 0, 0, hd_caller());
}

void hd_value_store(uint32_t value, const void *address, const void *bytes, uint32_t size)
{
  pass_bytes(HD_EV_STORE, value, number_of(address), bytes, size, hd_caller());
}

void hd_value_load(uint32_t value, const void *address, uint32_t size)
{
  pass_bytes(HD_EV_LOAD, value, number_of(address), NULL, size, hd_caller());
}

void hd_value_saw(uint32_t value, const void *bytes, uint32_t size, bool mixed)
{
  pass_bytes(HD_EV_SAW, value, mixed, bytes, size, hd_caller());
}
