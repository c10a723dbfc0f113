// What the runtime knows about the calling thread. For the files of this folder; the calling thread only.
#ifndef HD_STEP_SELF_H
#define HD_STEP_SELF_H

#include "trace/emit.h"

#define HD_THREAD_NAME 32

struct hd_self {
  uint32_t object;  // 0: not entered yet
  enum hd_role role;
  bool introduced;  // its THREAD_STARTED has been recorded
  bool traced;      // it has, or had, a slot
  uint64_t place;
  char name[HD_THREAD_NAME];
};

extern _Thread_local struct hd_self hd_self;

// Makes sure that the thread is counted, has an object and, while attached, a slot. A thread the runtime did not start
// leaves by itself when it ends.
struct hd_self *hd_self_enter(void);

// Enters a thread with a known identity.
void hd_self_enter_as(uint32_t object, enum hd_role role, const char *name, uint64_t place);

// Emits the name and THREAD_STARTED if that has not been done. Only while points are on.
void hd_self_introduce(void);

// Emits THREAD_ENDED; the thread still has its slot and counts as running.
void hd_self_end(void);

// Whether waits are accounted and model time can stop: set for good by whoever made the live file.
static inline bool hd_managed(void)
{
  return atomic_load_explicit(&hd_control_here()->managed, memory_order_relaxed) != 0;
}

#endif
