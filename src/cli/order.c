// Who goes next when a program is stepped without a person. One thread.
// It waits until nobody runs, so that the threads that stand at their points are the same on every machine.
#include "cli/order.h"

#include "base/error.h"
#include "step/schedule.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST 65536u // choices remembered; longer schedules do not fit the header anyway

void hd_order_open(struct hd_order *order, const uint64_t *seed)
{
  memset(order, 0, sizeof *order);
  order->seeded = seed != NULL;
  order->random = seed ? *seed : 0;
}

void hd_order_close(struct hd_order *order)
{
  free(order->chosen);
  order->chosen = NULL;
}

// splitmix64 (Steele, Lea, Flood 2014): every seed gives a good sequence, 0 included.
static uint64_t next_random(struct hd_order *order)
{
  uint64_t z = order->random += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static void note_arrivals(struct hd_order *order, struct hd_control *control)
{
  struct hd_pending pending;
  for (unsigned slot = 0; slot < HD_SLOTS; slot++) {
    if (order->queued[slot] || !hd_control_pending(control, slot, &pending))
      continue;
    order->queued[slot] = true;
    order->queue[order->count++] = (uint16_t)slot;
  }
}

static void remember(struct hd_order *order, uint16_t slot)
{
  if (order->chosen_count == order->chosen_room && order->chosen_room < LONGEST) {
    size_t room = order->chosen_room ? 2 * order->chosen_room : 256;
    uint16_t *chosen = realloc(order->chosen, room * sizeof *chosen);
    if (chosen) {
      order->chosen = chosen;
      order->chosen_room = room;
    }
  }
  if (order->chosen_count < order->chosen_room)
    order->chosen[order->chosen_count] = slot;
  order->chosen_count++;
}

bool hd_order_grant(struct hd_order *order, struct hd_control *control)
{
  if (!hd_control_settled(control))
    return false;
  note_arrivals(order, control);
  while (order->count > 0) {
    unsigned at = order->seeded ? (unsigned)(next_random(order) % order->count) : 0;
    uint16_t slot = order->queue[at];
    memmove(&order->queue[at], &order->queue[at + 1], (order->count - at - 1) * sizeof order->queue[0]);
    order->count--;
    order->queued[slot] = false;
    if (!hd_control_grant(control, slot))
      continue; // it was let go by somebody else
    remember(order, slot);
    return true;
  }
  return false;
}

bool hd_order_print(const struct hd_order *order, char *out, size_t cap)
{
  if (order->chosen_count == 0 || order->chosen_count > order->chosen_room)
    return false;
  if (hd_schedule_print(out, cap, order->chosen, order->chosen_count) >= 0)
    return true;
  memset(out, 0, cap);
  return false;
}
