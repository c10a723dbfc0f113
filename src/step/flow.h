// The flow: model time as it runs at the viewer's speeds, without the jumps. For the files of this folder; any thread.
#ifndef HD_STEP_FLOW_H
#define HD_STEP_FLOW_H

#include <stdint.h>

// Model ns that have flowed, and real ns until they reach `flow` at the present speed (HD_FOREVER: never, 0: they have).
uint64_t hd_flow_now(void);
uint64_t hd_flow_until(uint64_t flow);

// The real time that model_ns take at a speed, rounded up; HD_FOREVER at speed 0.
uint64_t hd_flow_real(uint64_t model_ns, uint32_t speed);

// Moves virtual time on to `to` if it is not there yet. With the lot's lock held, while nobody runs.
void hd_clock_jump(uint64_t to);

#endif
