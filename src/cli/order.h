// Who goes next when a program is stepped without a person: first come, first served, or by a seed. One
// thread. Invariant: the choice depends on the program and the seed only, not on the machine's timing.
#ifndef HD_CLI_ORDER_H
#define HD_CLI_ORDER_H

#include "trace/control.h"

struct hd_order {
  bool seeded;
  uint64_t random;
  uint16_t
      queue[HD_SLOTS]; // held slots, in order of arrival; those that came together in order of their number
  bool queued[HD_SLOTS];
  unsigned count;
  uint16_t *chosen; // every choice so far
  size_t chosen_count, chosen_room;
};

// seed NULL: first come, first served.
void hd_order_open(struct hd_order *order, const uint64_t *seed);
void hd_order_close(struct hd_order *order);

// Lets one thread take one step, if no thread runs. false: some still run, or none is held.
bool hd_order_grant(struct hd_order *order, struct hd_control *control);

// Prints the choices as a schedule. false when there are none or they do not fit.
bool hd_order_print(const struct hd_order *order, char *out, size_t cap);

#endif
