// What the pool's owner and its workers agree on: the task and the answer, both sent as plain bytes.
#ifndef SORT_WORKER_H
#define SORT_WORKER_H

#include "heddle.h"

struct sort_task {
  uint32_t seed;   // the numbers are made from it
  uint32_t count;  // so many
};

struct sort_answer {
  uint32_t smallest, largest;
  bool sorted;
};

// The entry of each worker: listens, sorts, answers.
void sort_worker(hd_worker_self *self);

#endif
