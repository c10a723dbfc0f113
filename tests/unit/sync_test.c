// Traced POSIX synchronisation. The programs below are plain POSIX: redirect.h does the rest, as it does for
// lessons.
#include "sync/redirect.h"

#include "rig.h"

#include "step/clock.h"
#include "step/lesson.h"

#include <errno.h>

#define MS 1000000ull
#define SECOND (1000 * MS)

static const struct hd_live_opts running = {.managed = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_RECORD};
static const struct hd_live_opts silent = {.managed = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_OFF};
static const struct hd_live_opts held = {.managed = true, .speed = 0, .mode = HD_MODE_HOLD};
static const struct hd_live_opts virtual = {.managed = true, .speed = 0, .mode = HD_MODE_RECORD};
static const struct hd_live_opts unmanaged = {.speed = HD_SPEED_ONE, .mode = HD_MODE_RECORD};
static const struct hd_live_opts *const everyhow[] = {&running, &silent, &virtual, &unmanaged};
#define HOWS (sizeof everyhow / sizeof *everyhow)

// Runs a program in every mode; it checks itself.
static void run_everyhow(void (*program)(struct rig_shared *))
{
  for (size_t i = 0; i < HOWS; i++) {
    struct rig rig;
    rig_start(&rig, everyhow[i], program);
    assert_int_equal(rig_end(&rig), 0);
  }
}

// The kinds of events of a slot that belong to a lane, in order.
static size_t kinds_of(struct rig *rig, unsigned slot, enum hd_lane lane, unsigned *kinds, size_t cap)
{
  static struct rig_event events[1024];
  const size_t count = rig_events(rig, slot, events, 1024);
  size_t found = 0;
  for (size_t i = 0; i < count && found < cap; i++)
    if (hd_event_info(events[i].kind)->lane == lane)
      kinds[found++] = events[i].kind;
  return found;
}

// ---- mutexes ----

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static uint64_t counter;

static void *adds(void *arg)
{
  for (int i = 0; i < 20000; i++) {
    RIG_CHECK(pthread_mutex_lock(&mutex) == 0);
    counter++;
    RIG_CHECK(pthread_mutex_unlock(&mutex) == 0);
  }
  return arg;
}

static void four_threads_add(struct rig_shared *shared)
{
  pthread_t threads[4];
  void *result;
  for (int i = 0; i < 4; i++)
    RIG_CHECK(pthread_create(&threads[i], NULL, adds, shared) == 0);
  for (int i = 0; i < 4; i++)
    RIG_CHECK(pthread_join(threads[i], &result) == 0 && result == shared);
  RIG_CHECK(counter == 80000);
}

static void a_mutex_excludes(void **state)
{
  (void)state;
  run_everyhow(four_threads_add);
}

static void *holds_the_mutex(void *arg)
{
  RIG_CHECK(pthread_mutex_lock(&mutex) == 0);
  rig_say(arg, 0, 1);
  rig_spin_until(arg, 1);
  RIG_CHECK(pthread_mutex_unlock(&mutex) == 0);
  return NULL;
}

static void waits_for_a_held_mutex(struct rig_shared *shared)
{
  pthread_t thread;
  hd_sync_name(&mutex, "the lock");
  RIG_CHECK(pthread_create(&thread, NULL, holds_the_mutex, shared) == 0);
  rig_spin_until(shared, 0);
  RIG_CHECK(pthread_mutex_lock(&mutex) == 0);
  RIG_CHECK(pthread_mutex_unlock(&mutex) == 0);
  RIG_CHECK(pthread_join(thread, NULL) == 0);
}

static void a_thread_that_waits_for_a_mutex_shows_it(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &running, waits_for_a_held_mutex);
  rig_await(&rig, rig_is_blocked, 0);
  rig_say(rig.shared, 1, 1);
  rig_await(&rig, rig_ended, 0);
  unsigned kinds[8];
  assert_int_equal(kinds_of(&rig, 0, HD_LANE_SYNC, kinds, 8), 3);
  assert_int_equal(kinds[0], HD_EV_LOCK_WANTED);
  assert_int_equal(kinds[1], HD_EV_LOCK_TAKEN);
  assert_int_equal(kinds[2], HD_EV_LOCK_GIVEN);
  static struct rig_event events[64];
  const size_t count = rig_events(&rig, 0, events, 64);
  unsigned named = 0, blocked = 0;
  for (size_t i = 0; i < count; i++) {
    named += events[i].kind == HD_EV_NAME && strcmp(events[i].text, "the lock") == 0;
    blocked += events[i].kind == HD_EV_BLOCKED && events[i].a == HD_REASON_LOCK && events[i].object != 0;
  }
  assert_int_equal(named, 1);
  assert_int_equal(blocked, 1);
  assert_int_equal(rig_end(&rig), 0);
}

static void the_viewer_decides_who_gets_the_mutex(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &held, waits_for_a_held_mutex);
  rig_say(rig.shared, 1, 1);
  rig_step_to(&rig, 0, HD_EV_THREAD_CREATED);
  assert_true(hd_control_grant(rig.control, 0));
  rig_step_to(&rig, 1, HD_EV_LOCK_GIVEN); // the other thread has it
  rig_step_to(&rig, 0, HD_EV_BLOCKED);
  assert_true(hd_control_grant(rig.control, 0));
  rig_await(&rig, rig_is_blocked, 0);
  assert_true(hd_control_settled(rig.control));
  assert_true(hd_control_grant(rig.control, 1));
  rig_step_to(&rig, 0, HD_EV_LOCK_TAKEN);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void checks_mutex_errors(struct rig_shared *shared)
{
  (void)shared;
  pthread_mutexattr_t attr;
  pthread_mutex_t m;
  RIG_CHECK(pthread_mutexattr_init(&attr) == 0);
  RIG_CHECK(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK) == 0);
  RIG_CHECK(pthread_mutex_init(&m, &attr) == 0);
  RIG_CHECK(RIG_TSAN || pthread_mutex_unlock(&m) == EPERM);
  RIG_CHECK(pthread_mutex_lock(&m) == 0);
  RIG_CHECK(pthread_mutex_lock(&m) == EDEADLK);
  RIG_CHECK(pthread_mutex_trylock(&m) == EBUSY);
  RIG_CHECK(pthread_mutex_unlock(&m) == 0);
  RIG_CHECK(pthread_mutex_destroy(&m) == 0);
  RIG_CHECK(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE) == 0);
  RIG_CHECK(pthread_mutex_init(&m, &attr) == 0);
  RIG_CHECK(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == 0 && pthread_mutex_trylock(&m) == 0);
  for (int i = 0; i < 3; i++)
    RIG_CHECK(pthread_mutex_unlock(&m) == 0);
  RIG_CHECK(pthread_mutex_destroy(&m) == 0);
  RIG_CHECK(pthread_mutex_init(&m, NULL) == 0);
  RIG_CHECK(pthread_mutex_lock(&m) == 0);
  const struct timespec past = {.tv_sec = 1}, odd = {.tv_nsec = 1000000000};
  RIG_CHECK(pthread_mutex_timedlock(&m, &past) == ETIMEDOUT);
  RIG_CHECK(pthread_mutex_timedlock(&m, &odd) == EINVAL);
  RIG_CHECK(pthread_mutex_unlock(&m) == 0);
  RIG_CHECK(pthread_mutex_timedlock(&m, &past) == 0);
  RIG_CHECK(pthread_mutex_unlock(&m) == 0);
}

static void mutexes_fail_as_posix_says(void **state)
{
  (void)state;
  run_everyhow(checks_mutex_errors);
}

// ---- condition variables ----

static int box; // 0: empty
static uint64_t sum;

static void *takes_from_the_box(void *arg)
{
  for (int i = 0; i < 2000; i++) {
    RIG_CHECK(pthread_mutex_lock(&mutex) == 0);
    while (box == 0)
      RIG_CHECK(pthread_cond_wait(&cond, &mutex) == 0);
    sum += (uint64_t)box;
    box = 0;
    RIG_CHECK(pthread_cond_broadcast(&cond) == 0);
    RIG_CHECK(pthread_mutex_unlock(&mutex) == 0);
  }
  return arg;
}

static void puts_into_the_box(struct rig_shared *shared)
{
  pthread_t thread;
  RIG_CHECK(pthread_create(&thread, NULL, takes_from_the_box, shared) == 0);
  for (int i = 1; i <= 2000; i++) {
    RIG_CHECK(pthread_mutex_lock(&mutex) == 0);
    while (box != 0)
      RIG_CHECK(pthread_cond_wait(&cond, &mutex) == 0);
    box = i;
    RIG_CHECK(pthread_cond_signal(&cond) == 0);
    RIG_CHECK(pthread_mutex_unlock(&mutex) == 0);
  }
  RIG_CHECK(pthread_join(thread, NULL) == 0);
  RIG_CHECK(sum == 2001000);
}

static void no_signal_is_lost(void **state)
{
  (void)state;
  run_everyhow(puts_into_the_box);
}

static _Atomic unsigned awake;

static void *waits_for_one_signal(void *arg)
{
  RIG_CHECK(pthread_mutex_lock(&mutex) == 0);
  RIG_CHECK(pthread_cond_wait(&cond, &mutex) == 0); // no loop: a wait that ends without a signal is counted
  atomic_fetch_add(&awake, 1);
  RIG_CHECK(pthread_mutex_unlock(&mutex) == 0);
  return arg;
}

static void signals_one_then_all(struct rig_shared *shared)
{
  pthread_t threads[3];
  RIG_CHECK(pthread_cond_signal(&cond) == 0); // nobody waits: it is nothing, also for those who come later
  for (int i = 0; i < 3; i++)
    RIG_CHECK(pthread_create(&threads[i], NULL, waits_for_one_signal, NULL) == 0);
  sleep(1); // virtual: over when all three wait
  RIG_CHECK(pthread_cond_signal(&cond) == 0);
  sleep(1);
  rig_say(shared, 0, atomic_load(&awake));
  RIG_CHECK(pthread_cond_broadcast(&cond) == 0);
  for (int i = 0; i < 3; i++)
    RIG_CHECK(pthread_join(threads[i], NULL) == 0);
}

static void a_signal_wakes_one_waiter_and_a_broadcast_all(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &virtual, signals_one_then_all);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 1);
  static struct rig_event events[256];
  const size_t count = rig_events(&rig, 0, events, 256);
  uint64_t waited[3];
  unsigned signals = 0;
  for (size_t i = 0; i < count && signals < 3; i++)
    if (events[i].kind == HD_EV_COND_SIGNALLED)
      waited[signals++] = events[i].a;
  assert_int_equal(signals, 3);
  assert_true(waited[0] == 0 && waited[1] == 3 && waited[2] == 2);
  unsigned kinds[8];
  assert_int_equal(kinds_of(&rig, 1, HD_LANE_SYNC, kinds, 8), 5);
  static const unsigned expected[] = {HD_EV_LOCK_WANTED, HD_EV_LOCK_TAKEN, HD_EV_COND_WAITED,
                                      HD_EV_LOCK_TAKEN, HD_EV_LOCK_GIVEN};
  assert_memory_equal(kinds, expected, sizeof expected);
  assert_int_equal(rig_end(&rig), 0);
}

static struct timespec in_future(clockid_t clock, long ms)
{
  struct timespec t;
  (void)clock_gettime(clock, &t);
  t.tv_sec += ms / 1000;
  t.tv_nsec += ms % 1000 * 1000000;
  if (t.tv_nsec >= 1000000000) {
    t.tv_sec++;
    t.tv_nsec -= 1000000000;
  }
  return t;
}

static void waits_in_vain(struct rig_shared *shared)
{
  (void)shared;
  pthread_condattr_t attr;
  pthread_cond_t steady;
  RIG_CHECK(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
  RIG_CHECK(pthread_cond_init(&steady, &attr) == 0);
  RIG_CHECK(pthread_mutex_lock(&mutex) == 0);
  const uint64_t before = hd_clock_now();
  struct timespec until = in_future(CLOCK_REALTIME, 20);
  RIG_CHECK(pthread_cond_timedwait(&cond, &mutex, &until) == ETIMEDOUT);
  until = in_future(CLOCK_MONOTONIC, 20);
  RIG_CHECK(pthread_cond_timedwait(&steady, &mutex, &until) == ETIMEDOUT);
  RIG_CHECK(hd_clock_now() - before >=
            35 * MS); // the real clock moves on between the call's arguments and the call
  const struct timespec odd = {.tv_nsec = -1};
  RIG_CHECK(pthread_cond_timedwait(&cond, &mutex, &odd) == EINVAL);
  RIG_CHECK(pthread_mutex_trylock(&mutex) == EBUSY); // it is ours again
  RIG_CHECK(pthread_mutex_unlock(&mutex) == 0);
  RIG_CHECK(pthread_cond_destroy(&steady) == 0);
}

static void a_timed_wait_times_out_on_its_clock_and_holds_the_mutex_again(void **state)
{
  (void)state;
  run_everyhow(waits_in_vain);
}

// ---- semaphores ----

static sem_t first_turn, second_turn;

static void *takes_turns(void *arg)
{
  for (int i = 0; i < 5000; i++) {
    RIG_CHECK(sem_wait(&second_turn) == 0);
    counter++;
    RIG_CHECK(sem_post(&first_turn) == 0);
  }
  return arg;
}

static void two_threads_take_turns(struct rig_shared *shared)
{
  pthread_t thread;
  RIG_CHECK(sem_init(&first_turn, 0, 1) == 0 && sem_init(&second_turn, 0, 0) == 0);
  RIG_CHECK(pthread_create(&thread, NULL, takes_turns, shared) == 0);
  for (uint64_t i = 0; i < 5000; i++) {
    RIG_CHECK(sem_wait(&first_turn) == 0);
    RIG_CHECK(counter == i);
    RIG_CHECK(sem_post(&second_turn) == 0);
  }
  RIG_CHECK(pthread_join(thread, NULL) == 0);
  RIG_CHECK(sem_destroy(&first_turn) == 0 && sem_destroy(&second_turn) == 0);
}

static void semaphores_pass_the_turn(void **state)
{
  (void)state;
  run_everyhow(two_threads_take_turns);
}

static void checks_semaphore_errors(struct rig_shared *shared)
{
  (void)shared;
  sem_t sem;
  int value = -1;
  RIG_CHECK(sem_init(&sem, 0, 1) == 0);
  RIG_CHECK(sem_trywait(&sem) == 0);
  errno = 0;
  RIG_CHECK(sem_trywait(&sem) == -1 && errno == EAGAIN);
  const struct timespec past = {.tv_sec = 1}, odd = {.tv_nsec = 1000000000};
  RIG_CHECK(sem_timedwait(&sem, &past) == -1 && errno == ETIMEDOUT);
  RIG_CHECK(sem_timedwait(&sem, &odd) == -1 && errno == EINVAL);
  RIG_CHECK(sem_post(&sem) == 0);
  RIG_CHECK(sem_getvalue(&sem, &value) == 0 && value == 1);
  errno = 77;
  RIG_CHECK(sem_timedwait(&sem, &past) == 0 && errno == 77);
  RIG_CHECK(sem_destroy(&sem) == 0);
  RIG_CHECK(sem_init(&sem, 0, (unsigned)INT32_MAX + 1u) == -1 && errno == EINVAL);
}

static void semaphores_fail_as_posix_says(void **state)
{
  (void)state;
  run_everyhow(checks_semaphore_errors);
}

// ---- barriers ----

static pthread_barrier_t *barrier;
static _Atomic unsigned serial, reached[200];

static void *comes_to_the_barrier(void *arg)
{
  for (int i = 0; i < 200; i++) {
    atomic_fetch_add(&reached[i], 1);
    const int result = pthread_barrier_wait(barrier);
    RIG_CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
    RIG_CHECK(atomic_load(&reached[i]) == 3);
    if (result == PTHREAD_BARRIER_SERIAL_THREAD)
      atomic_fetch_add(&serial, 1);
  }
  return arg;
}

static void three_meet_again_and_again(struct rig_shared *shared)
{
  pthread_t threads[2];
  barrier = malloc(sizeof *barrier);
  RIG_CHECK(barrier && pthread_barrier_init(barrier, NULL, 3) == 0);
  for (int i = 0; i < 2; i++)
    RIG_CHECK(pthread_create(&threads[i], NULL, comes_to_the_barrier, shared) == 0);
  (void)comes_to_the_barrier(NULL);
  const bool at_once = atomic_load(&hd_control_here()->managed);
  if (at_once) { // the others may still be on their way out; the sanitizer's own barrier cannot do this
    RIG_CHECK(pthread_barrier_destroy(barrier) == 0);
    free(barrier);
  }
  for (int i = 0; i < 2; i++)
    RIG_CHECK(pthread_join(threads[i], NULL) == 0);
  if (!at_once) {
    RIG_CHECK(pthread_barrier_destroy(barrier) == 0);
    free(barrier);
  }
  RIG_CHECK(atomic_load(&serial) == 200);
  pthread_barrier_t none;
  RIG_CHECK(pthread_barrier_init(&none, NULL, 0) == EINVAL);
}

static void nobody_passes_a_barrier_before_all_have_come(void **state)
{
  (void)state;
  run_everyhow(three_meet_again_and_again);
}

static void *comes_once(void *arg)
{
  (void)pthread_barrier_wait(barrier);
  return arg;
}

static void two_meet_once(struct rig_shared *shared)
{
  static pthread_barrier_t meeting;
  pthread_t thread;
  barrier = &meeting;
  RIG_CHECK(pthread_barrier_init(barrier, NULL, 2) == 0);
  hd_sync_name(barrier, "the meeting");
  RIG_CHECK(pthread_create(&thread, NULL, comes_once, shared) == 0);
  (void)comes_once(NULL);
  RIG_CHECK(pthread_join(thread, NULL) == 0);
}

static void nobody_leaves_a_barrier_before_the_last_arrival_was_let_go(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &held, two_meet_once);
  rig_step_to(&rig, 0, HD_EV_THREAD_CREATED);
  assert_true(hd_control_grant(rig.control, 0));
  rig_step_to(&rig, 0, HD_EV_BARRIER_REACHED);
  rig_step_to(&rig, 1, HD_EV_BARRIER_REACHED);
  struct hd_pending a, b;
  assert_true(hd_control_pending(rig.control, 0, &a) && hd_control_pending(rig.control, 1, &b));
  assert_int_equal(a.a, 1);
  assert_int_equal(b.a, 2);
  assert_int_equal(a.b, 2);
  assert_true(hd_control_grant(rig.control, 1));
  rig_step_to(&rig, 1, HD_EV_BLOCKED); // number two waits for number one, whose arrival is not told yet
  assert_true(hd_control_grant(rig.control, 1));
  rig_await(&rig, rig_is_blocked, 1);
  assert_true(hd_control_grant(rig.control, 0));
  rig_step_to(&rig, 1, HD_EV_READY);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

// ---- threads and sleeping ----

static void *exits_with_its_argument(void *arg)
{
  pthread_exit(arg);
}

static pthread_t joiner;

static void *ends_after_a_second(void *arg)
{
  sleep(1);
  rig_say(arg, 0, 1);
  return NULL;
}

static void creates_and_joins(struct rig_shared *shared)
{
  pthread_t thread;
  pthread_attr_t attr;
  void *result = NULL;
  joiner = pthread_self();
  RIG_CHECK(pthread_join(joiner, NULL) == EDEADLK);
  RIG_CHECK(pthread_create(&thread, NULL, exits_with_its_argument, shared) == 0);
  RIG_CHECK(pthread_join(thread, &result) == 0 && result == shared);
  RIG_CHECK(pthread_attr_init(&attr) == 0 && pthread_attr_setstacksize(&attr, 256 << 10) == 0);
  RIG_CHECK(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
  RIG_CHECK(pthread_create(&thread, &attr, exits_with_its_argument, NULL) == 0);
  RIG_CHECK(pthread_attr_destroy(&attr) == 0);
  RIG_CHECK(pthread_create(&thread, NULL, ends_after_a_second, shared) == 0);
  RIG_CHECK(pthread_detach(thread) == 0);
  while (rig_hear(shared, 0) == 0)
    RIG_CHECK(usleep(1000) == 0);
}

static void threads_are_created_joined_and_detached_as_posix_says(void **state)
{
  (void)state;
  run_everyhow(creates_and_joins);
}

static void tells_its_place(struct rig_shared *shared)
{
  pthread_t thread;
  rig_say(shared, 0, (uint64_t)(uintptr_t)exits_with_its_argument);
  RIG_CHECK(pthread_create(&thread, NULL, exits_with_its_argument, NULL) == 0);
  RIG_CHECK(pthread_join(thread, NULL) == 0);
}

static void a_created_thread_is_known_by_its_function(void **state)
{
  (void)state;
  struct rig rig;
  struct hd_live_opts placed = running;
  placed.places = true;
  rig_start(&rig, &placed, tells_its_place);
  rig_await(&rig, rig_ended, 0);
  struct rig_event events[8];
  assert_true(rig_events(&rig, 1, events, 8) >= 2);
  assert_int_equal(events[1].kind, HD_EV_THREAD_STARTED);
  assert_int_equal(events[1].a, HD_ROLE_THREAD);
  assert_int_equal(events[1].place, rig_hear(rig.shared, 0) + 1);
  assert_int_equal(rig_recorded(&rig, 1, HD_EV_THREAD_ENDED), 1); // by pthread_exit
  assert_int_equal(rig_end(&rig), 0);
}

static void sleeps_every_way(struct rig_shared *shared)
{
  const uint64_t before = hd_clock_now();
  RIG_CHECK(sleep(2) == 0);
  RIG_CHECK(usleep(250000) == 0);
  const struct timespec time = {.tv_sec = 1, .tv_nsec = 5}, odd = {.tv_nsec = 1000000000};
  RIG_CHECK(nanosleep(&time, NULL) == 0);
  RIG_CHECK(nanosleep(&odd, NULL) == -1 && errno == EINVAL);
  rig_say(shared, 0, hd_clock_now() - before);
}

static void sleeping_is_model_time(void **state)
{
  (void)state;
  struct rig rig;
  const uint64_t began = hd_os_now();
  rig_start(&rig, &virtual, sleeps_every_way);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 3250 * MS + 5);
  assert_true(hd_os_now() - began < 3 * SECOND);
  assert_int_equal(rig_end(&rig), 0);
}

// A thread that waits for a lock must not keep virtual time from passing for the one that sleeps with it,
// also while points are off.
static void sleeps_with_the_lock(struct rig_shared *shared)
{
  pthread_t thread;
  hd_points_off();
  RIG_CHECK(pthread_mutex_lock(&mutex) == 0);
  RIG_CHECK(pthread_create(&thread, NULL, adds, shared) == 0);
  sleep(3600);
  RIG_CHECK(pthread_mutex_unlock(&mutex) == 0);
  RIG_CHECK(pthread_join(thread, NULL) == 0);
  hd_points_on();
  RIG_CHECK(hd_clock_now() == 3600 * SECOND);
}

static void virtual_time_passes_for_a_sleeper_that_others_wait_for_even_with_points_off(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &virtual, sleeps_with_the_lock);
  assert_int_equal(rig_end(&rig), 0);
}

static void uses_more_mutexes_than_the_table_holds(struct rig_shared *shared)
{
  enum { MANY = 5000 };
  pthread_mutex_t *many = calloc(MANY, sizeof *many);
  RIG_CHECK(many != NULL);
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < MANY; i++) {
      RIG_CHECK(pthread_mutex_init(&many[i], NULL) == 0);
      RIG_CHECK(pthread_mutex_lock(&many[i]) == 0);
      RIG_CHECK(pthread_mutex_unlock(&many[i]) == 0);
      if (round == 0)
        RIG_CHECK(pthread_mutex_destroy(&many[i]) == 0);
    }
  free(many);
  rig_say(shared, 0, 1);
}

static void objects_beyond_the_table_work_without_a_name(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &running, uses_more_mutexes_than_the_table_holds);
  assert_int_equal(rig_end(&rig), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(a_mutex_excludes),
      UNIT(a_thread_that_waits_for_a_mutex_shows_it),
      UNIT(the_viewer_decides_who_gets_the_mutex),
      UNIT(mutexes_fail_as_posix_says),
      UNIT(no_signal_is_lost),
      UNIT(a_signal_wakes_one_waiter_and_a_broadcast_all),
      UNIT(a_timed_wait_times_out_on_its_clock_and_holds_the_mutex_again),
      UNIT(semaphores_pass_the_turn),
      UNIT(semaphores_fail_as_posix_says),
      UNIT(nobody_passes_a_barrier_before_all_have_come),
      UNIT(nobody_leaves_a_barrier_before_the_last_arrival_was_let_go),
      UNIT(threads_are_created_joined_and_detached_as_posix_says),
      UNIT(a_created_thread_is_known_by_its_function),
      UNIT(sleeping_is_model_time),
      UNIT(virtual_time_passes_for_a_sleeper_that_others_wait_for_even_with_points_off),
      UNIT(objects_beyond_the_table_work_without_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
