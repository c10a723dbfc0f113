// What the parent and its two kinds of workers agree on: the task and the answer, both sent as plain bytes.
#ifndef WORKERS_H
#define WORKERS_H

#include "heddle.h"

enum { NUMBERS = 10 };

struct task {
  int first;  // the numbers to make begin here
  bool stop;  // no more tasks (only for the worker that stays)
};

struct answer {
  int numbers[NUMBERS];
};

// worker_once.c: gets one task when it is made, answers, and ends.
void worker_once(hd_worker_self *self);

// worker_stay.c: waits for tasks, answers each, and goes on until it is told to stop.
void worker_stay(hd_worker_self *self);

#endif
