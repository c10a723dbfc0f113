// heddle for programs: everything a lesson, an exercise or a program of yours needs. One include.
#ifndef HD_HEDDLE_H
#define HD_HEDDLE_H

#include "loop/loop.h"
#include "loop/offload.h"
#include "loop/watch.h"
#include "pool/pool.h"
#include "port/port.h"
#include "step/clock.h"
#include "step/lesson.h"
#include "sync/name.h"
#include "worker/worker.h"
#include "worker/worker_pool.h"

#endif
