// Threads enter the runtime's books here: an object, a slot in the control block, a place in the count of
// running threads. Threads that the runtime did not start enter at their first point or wait, and leave when
// they end. Calling thread only.
#include "step/self.h"

#include "base/os.h"
#include "step/lot.h"
#include "step/point.h"

#include <pthread.h>
#include <stdio.h>

_Thread_local struct hd_self hd_self;
static _Atomic uint32_t threads; // names "thread 1", "thread 2" ...

static pthread_key_t strangers; // calls leave_stranger when such a thread ends
static pthread_once_t strangers_once = PTHREAD_ONCE_INIT;
static pthread_t main_thread;

static void in_forked_child(void)
{
  main_thread = pthread_self();
  hd_lot_restart(hd_self.object != 0);
}

__attribute__((constructor)) static void remember_main_thread(void)
{
  main_thread = pthread_self();
  (void)pthread_atfork(NULL, NULL, in_forked_child);
}

static void leave_stranger(void *unused)
{
  (void)unused;
  if (hd_self.traced && !hd_trace_slot())
    (void)hd_trace_join(hd_self.object); // the trace's own farewell to the thread came first
  hd_self_end();
  hd_trace_leave();
  hd_lot_count(-1);
}

static void make_key(void)
{
  (void)pthread_key_create(&strangers, leave_stranger);
}

void hd_self_enter_as(uint32_t object, enum hd_role role, const char *name, uint64_t place)
{
  hd_self = (struct hd_self){.object = object, .role = role, .place = place};
  if (name)
    (void)snprintf(hd_self.name, sizeof hd_self.name, "%s", name);
  else
    (void)snprintf(hd_self.name, sizeof hd_self.name, "thread %u",
                   atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) + 1);
  if (!hd_trace_slot())
    (void)hd_trace_join(object);
  hd_self.traced = hd_trace_slot() != NULL;
}

static void enter_stranger(void)
{
  const bool is_main = pthread_equal(pthread_self(), main_thread) != 0;
  const struct hd_slot *slot = hd_trace_slot();
  const uint32_t object = slot && slot->object ? slot->object : hd_trace_object();
  hd_self_enter_as(object, is_main ? HD_ROLE_MAIN : HD_ROLE_THREAD, is_main ? "main" : NULL, 0);
  hd_lot_count(1);
  (void)pthread_once(&strangers_once, make_key);
  (void)pthread_setspecific(strangers, &hd_self); // any value but NULL makes the key's function run
}

struct hd_self *hd_self_enter(void)
{
  if (!hd_self.object)
    enter_stranger();
  return &hd_self;
}

void hd_self_introduce(void)
{
  if (hd_self.introduced || !hd_point_on())
    return;
  hd_self.introduced = true; // first: what follows are points themselves
  hd_point_name(hd_self.object, "%s", hd_self.name);
  hd_self.traced = hd_trace_slot() != NULL; // it may have been attached since it entered
  hd_point_at(HD_EV_THREAD_STARTED, hd_self.object, (uint64_t)hd_self.role, hd_os_thread_id(), hd_self.place);
}

void hd_self_end(void)
{
  hd_point_at(HD_EV_THREAD_ENDED, hd_self.object, 0, 0, 0);
}
