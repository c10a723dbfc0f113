// Waiting: no wake is lost, every wait is bracketed, and threads are accounted for from before they run until
// after they end.
#include "rig.h"

#include "base/lock.h"
#include "step/clock.h"
#include "step/lesson.h"
#include "step/park.h"

#include <pthread.h>

#define MS 1000000ull
#define SECOND (1000 * MS)

static const struct hd_live_opts running = {.managed = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_RECORD};
static const struct hd_live_opts silent = {.managed = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_OFF};
static const struct hd_live_opts held = {.managed = true, .speed = 0, .mode = HD_MODE_HOLD};
static const struct hd_live_opts virtual = {.managed = true, .speed = 0, .mode = HD_MODE_RECORD};
static const struct hd_live_opts unmanaged = {.speed = HD_SPEED_ONE, .mode = HD_MODE_RECORD};

static const struct hd_wait waits = {.reason = HD_REASON_TASK, .object = 42};

// ---- lost wake-ups ----

static _Atomic uint32_t ball;

static void play(uint32_t me, uint32_t rounds)
{
  for (uint32_t i = 0; i < rounds; i++) {
    uint32_t now;
    while ((now = atomic_load(&ball)) % 2 != me)
      (void)hd_park(&ball, now, HD_FOREVER, &waits);
    atomic_store(&ball, now + 1);
    hd_unpark(&ball, 1);
  }
}

static void *plays_second(void *arg)
{
  play(1, *(uint32_t *)arg);
  return NULL;
}

// It ends: a lost wake-up would let both wait for ever, and the test run into its time limit.
static void play_rounds(uint32_t rounds)
{
  hd_thread *other;
  atomic_store(&ball, 0);
  RIG_CHECK(hd_thread_start(&other, plays_second, &rounds, NULL) == HD_OK);
  play(0, rounds);
  hd_thread_join(other, NULL);
  RIG_CHECK(atomic_load(&ball) == 2 * rounds);
}

static void plays_many_rounds(struct rig_shared *shared)
{
  // Without a futex a thread sleeps in memory that is shared with the viewer by looking again and again.
  play_rounds(strcmp(hd_os_name(), "posix") == 0 ? 5000 : 100000);
  rig_say(shared, 0, 1);
}

static void no_wake_is_lost_in_100000_rounds_without_a_viewer(void **state)
{
  (void)state;
  play_rounds(100000);
}

static void no_wake_is_lost_in_as_many_rounds_with_one(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    struct rig rig;
    rig_start(&rig, i ? &silent : &running, plays_many_rounds);
    rig_await(&rig, rig_ended, 0);
    assert_int_equal(rig_hear(rig.shared, 0), 1);
    assert_int_equal(rig_end(&rig), 0);
  }
}

// ---- one wait ----

static _Atomic uint32_t word;

static void parks_until_told(struct rig_shared *shared)
{
  (void)shared;
  (void)hd_park(&word, 1, HD_FOREVER, &waits); // it is 0: nothing to wait for
  RIG_CHECK(hd_park(&word, 0, hd_clock_after(5), &waits) == HD_ETIMEOUT);
}

static void a_wait_is_bracketed_and_one_without_need_is_not_shown(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    struct rig rig;
    rig_start(&rig, i ? &running : &unmanaged, parks_until_told);
    rig_await(&rig, rig_ended, 0);
    struct rig_event events[16];
    const size_t count = rig_events(&rig, 0, events, 16);
    assert_int_equal(count, 5); // name, started, blocked, clock, ready
    assert_int_equal(events[2].kind, HD_EV_BLOCKED);
    assert_int_equal(events[2].object, 42);
    assert_int_equal(events[2].a, HD_REASON_TASK);
    assert_true(events[2].b >= 5 * MS);
    assert_int_equal(events[3].kind, HD_EV_CLOCK);
    assert_true(events[3].a >= events[2].b);
    assert_int_equal(events[4].kind, HD_EV_READY);
    assert_int_equal(events[4].b, 1); // its time came
    assert_int_equal(rig_end(&rig), 0);
  }
}

static void parks_for_ever(struct rig_shared *shared)
{
  rig_say(shared, 0, 1);
  while (atomic_load(&word) == 0)
    (void)hd_park(&word, 0, HD_FOREVER, &waits);
}

static void *changes_the_word_and_unparks(void *arg)
{
  hd_lock lock = HD_LOCK_INIT;
  rig_spin_until(arg, 1);
  hd_lock_take(&lock);
  atomic_store(&word, 1);
  hd_unpark(&word, 1);
  hd_lock_give(&lock);
  return NULL;
}

static void two_one_parks_one_unparks(struct rig_shared *shared)
{
  hd_thread *other;
  RIG_CHECK(hd_thread_start(&other, changes_the_word_and_unparks, shared, NULL) == HD_OK);
  parks_for_ever(shared);
  hd_thread_join(other, NULL);
}

static void a_word_that_changed_at_the_blocked_point_is_no_wait(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &held, two_one_parks_one_unparks);
  rig_step_to(&rig, 0, HD_EV_BLOCKED);
  rig_say(rig.shared, 1, 1);
  rig_step_to(&rig, 1, HD_EV_THREAD_ENDED); // the unpark came while main was still held before its wait
  assert_true(hd_control_grant(rig.control, 0));
  assert_int_equal(rig_pending(&rig, 0), HD_EV_READY);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void a_woken_thread_shows_as_running_when_the_waker_goes_on(void **state)
{
  (void)state;
  for (int round = 0; round < 50; round++) {
    struct rig rig;
    rig_start(&rig, &held, two_one_parks_one_unparks);
    rig_step_to(&rig, 0, HD_EV_BLOCKED);
    assert_true(hd_control_grant(rig.control, 0));
    rig_await(&rig, rig_is_blocked, 0);
    rig_step_to(&rig, 1, HD_EV_THREAD_STARTED);
    rig_say(rig.shared, 1, 1);
    assert_true(hd_control_grant(rig.control, 1));
    rig_await(&rig, rig_is_held, 1); // it has unparked main and stands at its end
    assert_int_equal(rig_pending(&rig, 1), HD_EV_THREAD_ENDED);
    assert_false(rig_is_blocked(&rig, 0));
    rig_let_all_go(&rig);
    assert_int_equal(rig_end(&rig), 0);
  }
}

static _Atomic uint32_t woken;

static void *parks_once(void *arg)
{
  (void)arg;
  (void)hd_park(&word, 0, HD_FOREVER, &waits);
  atomic_fetch_add(&woken, 1);
  return NULL;
}

static void three_park_one_unparks_two(struct rig_shared *shared)
{
  hd_thread *threads[3];
  for (int i = 0; i < 3; i++)
    RIG_CHECK(hd_thread_start(&threads[i], parks_once, NULL, NULL) == HD_OK);
  rig_say(shared, 0, 1);
  rig_spin_until(shared, 1);
  hd_unpark(&word, 2);
  while (atomic_load(&woken) < 2)
    hd_os_yield();
  rig_say(shared, 2, 1);
  rig_spin_until(shared, 3);
  RIG_CHECK(atomic_load(&woken) == 2);
  hd_unpark(&word, 1);
  for (int i = 0; i < 3; i++)
    hd_thread_join(threads[i], NULL);
}

static void an_unpark_wakes_no_more_than_it_is_asked_to_and_the_longest_first(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &running, three_park_one_unparks_two);
  rig_await(&rig, rig_is_said, 0);
  for (unsigned slot = 1; slot <= 3; slot++)
    rig_await(&rig, rig_is_blocked, slot);
  rig_say(rig.shared, 1, 1);
  rig_await(&rig, rig_is_said, 2);
  assert_int_equal(rig_count(&rig, HD_SLOT_BLOCKED), 1);
  rig_say(rig.shared, 3, 1);
  assert_int_equal(rig_end(&rig), 0);
}

// ---- pollers ----

static hd_os_poller *poller;

static void *notifies(void *arg)
{
  rig_spin_until(arg, 1);
  hd_park_notify(poller);
  return NULL;
}

static void polls_until_notified(struct rig_shared *shared)
{
  struct hd_os_ready ready[4];
  hd_thread *other;
  RIG_CHECK(hd_os_poller_open(&poller) == HD_OK);
  RIG_CHECK(hd_thread_start(&other, notifies, shared, NULL) == HD_OK);
  RIG_CHECK(hd_park_poll(poller, ready, 4, HD_FOREVER, &waits) == 0);
  hd_park_notify(poller);
  RIG_CHECK(hd_park_poll(poller, ready, 4, HD_FOREVER, &waits) == 0); // at once: it was notified before
  const uint64_t before = hd_clock_now();
  RIG_CHECK(hd_park_poll(poller, ready, 4, hd_clock_after(10), &waits) == 0);
  RIG_CHECK(hd_clock_now() - before >= 10 * MS);
  hd_thread_join(other, NULL);
  hd_os_poller_close(poller);
}

static void a_notice_ends_the_current_or_the_next_poll(void **state)
{
  (void)state;
  const struct hd_live_opts *all[] = {&running, &unmanaged, &virtual};
  for (int i = 0; i < 3; i++) {
    struct rig rig;
    rig_start(&rig, all[i], polls_until_notified);
    rig_await(&rig, rig_is_blocked, 0);
    rig_say(rig.shared, 1, 1);
    assert_int_equal(rig_end(&rig), 0);
  }
}

static int ends[2];

static void *writes_when_told(void *arg)
{
  rig_spin_until(arg, 1);
  RIG_CHECK(write(ends[1], "x", 1) == 1);
  return NULL;
}

static void polls_a_pipe(struct rig_shared *shared)
{
  struct hd_os_ready ready[4];
  hd_thread *other;
  RIG_CHECK(pipe(ends) == 0);
  RIG_CHECK(hd_os_poller_open(&poller) == HD_OK);
  RIG_CHECK(hd_os_poller_set(poller, ends[0], HD_OS_READ, ends) == HD_OK);
  RIG_CHECK(hd_thread_start(&other, writes_when_told, shared, NULL) == HD_OK);
  // The deadline is nobody's: data that comes first must be seen first, in virtual time too.
  RIG_CHECK(hd_park_poll(poller, ready, 4, hd_clock_now() + 3600 * SECOND, &waits) == 1);
  RIG_CHECK(ready[0].fd == ends[0] && ready[0].data == ends && ready[0].events & HD_OS_READ);
  char byte;
  RIG_CHECK(read(ends[0], &byte, 1) == 1);
  if (hd_clock_is_virtual()) {
    RIG_CHECK(hd_park_poll(poller, ready, 4, hd_clock_now() + 3600 * SECOND, &waits) == 0);
    RIG_CHECK(hd_clock_now() >= 3600 * SECOND);
  }
  hd_thread_join(other, NULL);
  hd_os_poller_close(poller);
}

static void a_ready_descriptor_ends_the_poll_before_virtual_time_jumps(void **state)
{
  (void)state;
  const struct hd_live_opts *all[] = {&running, &unmanaged, &virtual};
  for (int i = 0; i < 3; i++) {
    struct rig rig;
    rig_start(&rig, all[i], polls_a_pipe);
    rig_await(&rig, rig_is_blocked, 0);
    rig_say(rig.shared, 1, 1);
    assert_int_equal(rig_end(&rig), 0);
  }
}

static _Atomic uint32_t bytes;

// Writes and at once waits itself: from then on nobody runs, though the other has data.
static void *writes_and_waits(void *arg)
{
  for (uint32_t i = 0; i < 300; i++) {
    RIG_CHECK(write(ends[1], "x", 1) == 1);
    while (atomic_load(&bytes) == i)
      (void)hd_park(&bytes, i, HD_FOREVER, &waits);
  }
  return arg;
}

static void polls_for_300_bytes(struct rig_shared *shared)
{
  struct hd_os_ready ready[4];
  hd_thread *other;
  char byte;
  RIG_CHECK(pipe(ends) == 0);
  RIG_CHECK(hd_os_poller_open(&poller) == HD_OK);
  RIG_CHECK(hd_os_poller_set(poller, ends[0], HD_OS_READ, ends) == HD_OK);
  RIG_CHECK(hd_thread_start(&other, writes_and_waits, NULL, NULL) == HD_OK);
  for (uint32_t i = 0; i < 300; i++) {
    RIG_CHECK(hd_park_poll(poller, ready, 4, hd_clock_now() + 1, &waits) == 1);
    RIG_CHECK(read(ends[0], &byte, 1) == 1);
    atomic_store(&bytes, i + 1);
    hd_unpark(&bytes, 1);
  }
  hd_thread_join(other, NULL);
  hd_os_poller_close(poller);
  rig_say(shared, 0, 1 + hd_clock_now());
}

static void virtual_time_gives_data_on_its_way_a_chance(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &virtual, polls_for_300_bytes);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 1); // no time has passed at all
  assert_int_equal(rig_end(&rig), 0);
}

#define NOTICES 5000
static _Atomic uint32_t given, taken;

static void *gives_notices(void *arg)
{
  (void)arg;
  for (uint32_t i = 0; i < NOTICES; i++) {
    atomic_fetch_add(&given, 1);
    hd_park_notify(poller);
    while (atomic_load(&taken) <= i)
      hd_os_yield();
  }
  return NULL;
}

static void takes_notices(struct rig_shared *shared)
{
  (void)shared;
  struct hd_os_ready ready[4];
  hd_thread *other;
  RIG_CHECK(hd_os_poller_open(&poller) == HD_OK);
  RIG_CHECK(hd_thread_start(&other, gives_notices, NULL, NULL) == HD_OK);
  while (atomic_load(&taken) < NOTICES) {
    if (atomic_load(&given) == atomic_load(&taken))
      (void)hd_park_poll(poller, ready, 4, HD_FOREVER, &waits);
    atomic_store(&taken, atomic_load(&given));
  }
  hd_thread_join(other, NULL);
  hd_os_poller_close(poller);
}

static void no_notice_is_lost(void **state)
{
  (void)state;
  const struct hd_live_opts *all[] = {&running, &unmanaged, &silent};
  for (int i = 0; i < 3; i++) {
    struct rig rig;
    rig_start(&rig, all[i], takes_notices);
    assert_int_equal(rig_end(&rig), 0);
  }
}

// ---- threads ----

static void *returns_its_argument(void *arg)
{
  return arg;
}

static void starts_and_joins(struct rig_shared *shared)
{
  hd_thread *thread;
  void *result = NULL;
  const struct hd_thread_opts opts = {.role = HD_ROLE_POOL, .name = "worker 3", .place = 0x1234};
  RIG_CHECK(hd_thread_start(&thread, returns_its_argument, shared, &opts) == HD_OK);
  rig_say(shared, 0, hd_thread_object(thread));
  hd_thread_join(thread, &result);
  RIG_CHECK(result == shared);
}

static void a_thread_starts_is_named_ends_and_is_joined_in_that_order(void **state)
{
  (void)state;
  struct rig rig;
  struct hd_live_opts placed = running;
  placed.places = true;
  rig_start(&rig, &placed, starts_and_joins);
  rig_await(&rig, rig_ended, 0);
  struct rig_event events[8];
  assert_int_equal(rig_events(&rig, 1, events, 8), 3);
  assert_int_equal(events[0].kind, HD_EV_NAME);
  assert_string_equal(events[0].text, "worker 3");
  assert_int_equal(events[1].kind, HD_EV_THREAD_STARTED);
  assert_int_equal(events[1].object, rig_hear(rig.shared, 0));
  assert_int_equal(events[1].a, HD_ROLE_POOL);
  assert_int_equal(events[1].place, 0x1235); // readers look at the byte before
  assert_int_equal(events[2].kind, HD_EV_THREAD_ENDED);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_THREAD_CREATED), 1);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_THREAD_JOINED), 1);
  assert_true(rig_is_free(&rig, 1));
  assert_int_equal(rig_end(&rig), 0);
}

static void *exits_early(void *arg)
{
  hd_thread_exit(arg);
}

static void exits_and_detaches(struct rig_shared *shared)
{
  hd_thread *thread;
  void *result = NULL;
  RIG_CHECK(hd_thread_start(&thread, exits_early, shared, NULL) == HD_OK);
  hd_thread_join(thread, &result);
  RIG_CHECK(result == shared);
  for (int i = 0; i < 100; i++) {
    RIG_CHECK(hd_thread_start(&thread, exits_early, NULL, NULL) == HD_OK);
    hd_thread_detach(thread);
  }
  hd_sleep(1); // virtual: over when all of them are counted out
  rig_say(shared, 0, 1);
}

static void a_thread_may_exit_early_and_may_be_detached(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &virtual, exits_and_detaches);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 1);
  assert_int_equal(rig_end(&rig), 0);
}

static void a_thread_has_its_slot_before_its_creator_goes_on(void **state)
{
  (void)state;
  for (int round = 0; round < 50; round++) {
    struct rig rig;
    rig_start(&rig, &held, starts_and_joins);
    rig_step_to(&rig, 0, HD_EV_THREAD_CREATED);
    assert_int_equal(rig_count(&rig, HD_SLOT_FREE), HD_SLOTS - 1);
    assert_true(hd_control_grant(rig.control, 0));
    rig_await(&rig, rig_is_held, 0); // at its join
    assert_int_equal(rig_count(&rig, HD_SLOT_FREE), HD_SLOTS - 2);
    rig_let_all_go(&rig);
    assert_int_equal(rig_end(&rig), 0);
  }
}

static void *a_stranger_speaks(void *arg)
{
  (void)arg;
  hd_note("hello");
  return NULL;
}

static void starts_a_thread_by_hand(struct rig_shared *shared)
{
  pthread_t stranger;
  hd_note("first");
  RIG_CHECK(pthread_create(&stranger, NULL, a_stranger_speaks, NULL) == 0);
  RIG_CHECK(pthread_join(stranger, NULL) == 0);
  hd_sleep(3600e3); // virtual time: ends only when nobody else is counted as running
  rig_say(shared, 0, 1);
}

static void a_thread_started_by_hand_enters_at_its_first_point_and_leaves_at_its_end(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &virtual, starts_a_thread_by_hand);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 1);
  assert_int_equal(rig_recorded(&rig, 1, HD_EV_THREAD_STARTED), 1);
  assert_int_equal(rig_recorded(&rig, 1, HD_EV_NOTE), 1);
  assert_int_equal(rig_recorded(&rig, 1, HD_EV_THREAD_ENDED), 1);
  assert_true(rig_is_free(&rig, 1));
  assert_int_equal(rig_end(&rig), 0);
}

#define MANY (HD_SLOTS + 20)

static void *waits_for_the_word(void *arg)
{
  (void)arg;
  hd_note("here");
  while (atomic_load(&word) == 0)
    (void)hd_park(&word, 0, HD_FOREVER, &waits);
  return NULL;
}

static void starts_more_threads_than_there_are_slots(struct rig_shared *shared)
{
  static hd_thread *threads[MANY];
  const struct hd_thread_opts opts = {.role = HD_ROLE_THREAD, .stack_bytes = 128 << 10};
  for (int i = 0; i < MANY; i++)
    RIG_CHECK(hd_thread_start(&threads[i], waits_for_the_word, shared, &opts) == HD_OK);
  hd_sleep(1); // time is virtual: over when all of them wait
  atomic_store(&word, 1);
  hd_unpark(&word, MANY);
  for (int i = 0; i < MANY; i++)
    hd_thread_join(threads[i], NULL);
  rig_say(shared, 0, 1);
}

static void threads_beyond_the_last_slot_run_untraced_but_accounted(void **state)
{
  (void)state;
  struct rig rig;
  struct hd_live_opts small = virtual;
  small.ring_records = 64;
  rig_start(&rig, &small, starts_more_threads_than_there_are_slots);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 1);
  assert_int_equal(atomic_load(&rig.control->untraced), MANY - (HD_SLOTS - 1));
  assert_int_equal(rig_end(&rig), 0);
}

static void forks(struct rig_shared *shared)
{
  hd_note("before");
  const pid_t child = fork();
  if (child == 0) {
    hd_thread *thread;
    hd_note("never recorded");
    RIG_CHECK(hd_thread_start(&thread, returns_its_argument, NULL, NULL) == HD_OK);
    hd_thread_join(thread, NULL);
    hd_sleep(1);
    _exit(0);
  }
  int status = 1;
  RIG_CHECK(waitpid(child, &status, 0) == child);
  rig_say(shared, 0, 1 + (uint64_t)status);
}

static void a_forked_child_runs_on_untraced(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &virtual, forks);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 1);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_NOTE), 1);
  assert_int_equal(rig_end(&rig), 0);
}

static void bad_arguments_start_no_thread(void **state)
{
  (void)state;
  hd_thread *thread = NULL;
  assert_int_equal(hd_thread_start(NULL, returns_its_argument, NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_thread_start(&thread, NULL, NULL, NULL), HD_EINVAL);
  const struct hd_thread_opts tiny = {.stack_bytes = 1};
  assert_int_equal(hd_thread_start(&thread, returns_its_argument, NULL, &tiny), HD_EINVAL);
  assert_null(thread);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(no_wake_is_lost_in_100000_rounds_without_a_viewer),
      UNIT(no_wake_is_lost_in_as_many_rounds_with_one),
      UNIT(a_wait_is_bracketed_and_one_without_need_is_not_shown),
      UNIT(a_word_that_changed_at_the_blocked_point_is_no_wait),
      UNIT(a_woken_thread_shows_as_running_when_the_waker_goes_on),
      UNIT(an_unpark_wakes_no_more_than_it_is_asked_to_and_the_longest_first),
      UNIT(a_notice_ends_the_current_or_the_next_poll),
      UNIT(a_ready_descriptor_ends_the_poll_before_virtual_time_jumps),
      UNIT(virtual_time_gives_data_on_its_way_a_chance),
      UNIT(no_notice_is_lost),
      UNIT(a_thread_starts_is_named_ends_and_is_joined_in_that_order),
      UNIT(a_thread_may_exit_early_and_may_be_detached),
      UNIT(a_thread_has_its_slot_before_its_creator_goes_on),
      UNIT(a_thread_started_by_hand_enters_at_its_first_point_and_leaves_at_its_end),
      UNIT(threads_beyond_the_last_slot_run_untraced_but_accounted),
      UNIT(a_forked_child_runs_on_untraced),
      UNIT(bad_arguments_start_no_thread),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
