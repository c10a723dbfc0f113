// Model time: what it does while the program is held, at other speeds, and while everybody waits.
#include "rig.h"

#include "step/clock.h"
#include "step/lesson.h"
#include "step/park.h"

#include <math.h>
#include <time.h>

#define MS 1000000ull
#define SECOND (1000 * MS)

static const struct hd_live_opts running = {.managed = true, .speed = HD_SPEED_ONE, .mode = HD_MODE_RECORD};
static const struct hd_live_opts held = {.managed = true, .speed = 0, .mode = HD_MODE_HOLD};
static const struct hd_live_opts virtual = {.managed = true, .speed = 0, .mode = HD_MODE_RECORD};

static const struct hd_wait waits = {.reason = HD_REASON_TASK};

// ---- while held, and at other speeds ----

static void notes_between_two_looks(struct rig_shared *shared)
{
  rig_say(shared, 0, hd_clock_now() + 1);
  hd_note("held here");
  rig_say(shared, 1, hd_clock_now() + 1);
}

static void time_stands_still_while_the_program_is_held(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &held, notes_between_two_looks);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  uint32_t seen = atomic_load(&rig.control->arrivals);
  hd_control_await(rig.control, &seen, 20 * MS); // lets real time pass
  assert_true(hd_control_grant(rig.control, 0));
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 1), rig_hear(rig.shared, 0));
  assert_int_equal(rig_end(&rig), 0);
}

static void counts_time_at_its_pace(struct rig_shared *shared)
{
  const uint64_t model = hd_clock_now(), real = hd_os_now();
  while (hd_os_now() - real < 50 * MS)
    ;
  const uint64_t real_passed = hd_os_now() - real, model_passed = hd_clock_now() - model;
  rig_say(shared, 0, model_passed * 1000 / real_passed);
}

static void model_time_runs_at_the_viewers_speed(void **state)
{
  (void)state;
  static const uint32_t thousandths[] = {10, 500, 1000, 20000};
  for (int i = 0; i < 4; i++) {
    struct rig rig;
    struct hd_live_opts opts = running;
    opts.speed = thousandths[i] * (HD_SPEED_ONE / 1000);
    rig_start(&rig, &opts, counts_time_at_its_pace);
    rig_await(&rig, rig_ended, 0);
    const uint64_t pace = rig_hear(rig.shared, 0); // two clocks are not read at one instant: a fifth is much
    assert_in_range(pace, thousandths[i] * 4 / 5, thousandths[i] * 6 / 5);
    assert_int_equal(rig_end(&rig), 0);
  }
}

static void spin_for(uint64_t ns)
{
  const uint64_t began = hd_os_now();
  while (hd_os_now() - began < ns)
    hd_os_yield();
}

static void looks_only_before_and_after(struct rig_shared *shared)
{
  spin_for(100 * MS);
  const uint64_t before = hd_clock_now();
  rig_say(shared, 0, 1);
  rig_spin_until(shared, 1);
  spin_for(20 * MS);
  rig_say(shared, 2, hd_clock_now() - before);
}

static void a_pause_that_nobody_noticed_is_no_time_and_all_other_time_counts(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &running, looks_only_before_and_after);
  rig_await(&rig, rig_is_said, 0);
  const uint64_t began = hd_os_now();
  hd_control_set_speed(rig.control, 0);
  spin_for(SECOND);
  hd_control_set_speed(rig.control, HD_SPEED_ONE);
  const uint64_t paused = hd_os_now() - began;
  rig_say(rig.shared, 1, 1);
  rig_await(&rig, rig_ended, 0);
  // What was not paused: the 20 ms, and the time to write a word and to be scheduled.
  assert_in_range(rig_hear(rig.shared, 2), 20 * MS, paused / 2);
  assert_int_equal(rig_end(&rig), 0);
}

static void looks_at_the_clock_all_the_time(struct rig_shared *shared)
{
  uint64_t last = 0;
  while (rig_hear(shared, 1) == 0) {
    const uint64_t now = hd_clock_now();
    RIG_CHECK(now >= last);
    last = now;
  }
}

static void *looks_too(void *arg)
{
  looks_at_the_clock_all_the_time(arg);
  return NULL;
}

static void two_threads_look(struct rig_shared *shared)
{
  hd_thread *other;
  RIG_CHECK(hd_thread_start(&other, looks_too, shared, NULL) == HD_OK);
  looks_at_the_clock_all_the_time(shared);
  hd_thread_join(other, NULL);
}

static void model_time_never_goes_back_however_the_speed_changes(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &running, two_threads_look);
  for (uint32_t i = 0; i < 20000; i++)
    hd_control_set_speed(rig.control, i % 7 * 300000);
  rig_say(rig.shared, 1, 1);
  hd_control_set_speed(rig.control, HD_SPEED_ONE);
  assert_int_equal(rig_end(&rig), 0);
}

// ---- virtual time ----

static void sleeps_an_hour(struct rig_shared *shared)
{
  const uint64_t before = hd_clock_now();
  hd_sleep(3600e3);
  rig_say(shared, 0, hd_clock_now() - before);
}

static void virtual_time_jumps_to_the_deadline_when_all_wait(void **state)
{
  (void)state;
  struct rig rig;
  const uint64_t began = hd_os_now();
  rig_start(&rig, &virtual, sleeps_an_hour);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 3600 * SECOND);
  assert_true(hd_os_now() - began < 60 * SECOND);
  assert_int_equal(atomic_load(&rig.control->model_now), 3600 * SECOND);
  assert_int_equal(rig_end(&rig), 0);
}

static void *sleeps_ten_seconds(void *arg)
{
  hd_sleep(10e3);
  rig_say(arg, 2, hd_clock_now());
  return NULL;
}

static void computes_then_sleeps_five_seconds(struct rig_shared *shared)
{
  hd_thread *other;
  RIG_CHECK(hd_thread_start(&other, sleeps_ten_seconds, shared, NULL) == HD_OK);
  rig_say(shared, 0, 1);
  rig_spin_until(shared, 1);
  hd_sleep(5e3);
  rig_say(shared, 3, hd_clock_now());
  RIG_CHECK(rig_hear(shared, 2) == 0);
  hd_thread_join(other, NULL);
}

static void virtual_time_waits_for_a_thread_that_computes(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &virtual, computes_then_sleeps_five_seconds);
  rig_await(&rig, rig_is_said, 0);
  rig_await(&rig, rig_is_blocked, 1);
  hd_control_kick(rig.control); // the sleeper looks again, and must find that somebody runs
  uint32_t seen = atomic_load(&rig.control->arrivals);
  hd_control_await(rig.control, &seen, 20 * MS);
  assert_true(rig_is_blocked(&rig, 1));
  assert_int_equal(atomic_load(&rig.control->model_now), 0);
  rig_say(rig.shared, 1, 1);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 3), 5 * SECOND);
  assert_int_equal(rig_hear(rig.shared, 2), 10 * SECOND);
  assert_int_equal(rig_end(&rig), 0);
}

static void virtual_time_waits_for_a_held_thread(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &held, computes_then_sleeps_five_seconds);
  rig_say(rig.shared, 1, 1);
  rig_step_to(&rig, 0, HD_EV_THREAD_CREATED);
  assert_true(hd_control_grant(rig.control, 0));
  rig_step_to(&rig, 0, HD_EV_BLOCKED); // main stays held there
  rig_step_to(&rig, 1, HD_EV_BLOCKED);
  assert_true(hd_control_grant(rig.control, 1));
  rig_await(&rig, rig_is_blocked, 1);
  assert_true(hd_control_settled(rig.control));
  hd_control_kick(rig.control);
  assert_int_equal(atomic_load(&rig.control->model_now), 0);
  // When main waits too, time jumps to its deadline, which comes first.
  assert_true(hd_control_grant(rig.control, 0));
  rig_await(&rig, rig_is_held, 0);
  assert_int_equal(rig_pending(&rig, 0), HD_EV_READY);
  assert_int_equal(atomic_load(&rig.control->model_now), 5 * SECOND);
  assert_true(rig_is_blocked(&rig, 1));
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

static void *sleeps_and_counts(void *arg)
{
  hd_sleep(1e3);
  struct rig_shared *shared = arg;
  atomic_fetch_add(&shared->word[0], 1);
  rig_spin_until(shared, 1);
  return NULL;
}

static void three_sleep_until_the_same_time(struct rig_shared *shared)
{
  hd_thread *threads[3];
  for (int i = 0; i < 3; i++)
    RIG_CHECK(hd_thread_start(&threads[i], sleeps_and_counts, shared, NULL) == HD_OK);
  for (int i = 0; i < 3; i++)
    hd_thread_join(threads[i], NULL);
}

static bool all_three_are_awake(struct rig *rig, unsigned unused)
{
  (void)unused;
  return rig_hear(rig->shared, 0) == 3;
}

static void all_whose_deadline_has_come_wake(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &virtual, three_sleep_until_the_same_time);
  rig_await(&rig, all_three_are_awake, 0); // though none of them waits again before the test says so
  rig_say(rig.shared, 1, 1);
  assert_int_equal(rig_end(&rig), 0);
}

static void sleeps_a_second_of_slow_time(struct rig_shared *shared)
{
  rig_say(shared, 0, 1);
  hd_sleep(1e3);
  rig_say(shared, 1, 1);
}

static void a_sleeper_notices_that_the_speed_has_changed(void **state)
{
  (void)state;
  struct rig rig;
  struct hd_live_opts slow = running;
  slow.speed = HD_SPEED_ONE / 1000; // the sleep would take a quarter of an hour
  rig_start(&rig, &slow, sleeps_a_second_of_slow_time);
  rig_await(&rig, rig_is_said, 0);
  rig_await(&rig, rig_is_blocked, 0);
  hd_control_set_speed(rig.control, HD_SPEED_ONE * 100);
  rig_await(&rig, rig_is_said, 1);
  assert_int_equal(rig_end(&rig), 0);
}

static void pausing_ends_the_wait_of_a_sleeper_that_everybody_waits_for(void **state)
{
  (void)state;
  struct rig rig;
  struct hd_live_opts slow = running;
  slow.speed = HD_SPEED_ONE / 1000;
  rig_start(&rig, &slow, sleeps_a_second_of_slow_time);
  rig_await(&rig, rig_is_said, 0);
  rig_await(&rig, rig_is_blocked, 0);
  hd_control_set_speed(rig.control, 0); // the kick finds that nobody runs
  rig_await(&rig, rig_is_said, 1);
  assert_int_equal(rig_end(&rig), 0);
}

// ---- a wake that is on its way ----

#define ROUNDS 20000
static _Atomic uint32_t ball;

// Waits for its turn with a deadline that virtual time must never reach, then passes the ball.
static bool play(uint32_t me)
{
  for (uint32_t i = 0; i < ROUNDS; i++) {
    uint32_t now;
    while ((now = atomic_load(&ball)) % 2 != me)
      if (hd_park(&ball, now, 1000 * SECOND, &waits) == HD_ETIMEOUT)
        return false;
    atomic_store(&ball, now + 1);
    hd_unpark(&ball, 1);
  }
  return true;
}

static void *plays_second(void *arg)
{
  (void)arg;
  return play(1) ? &ball : NULL;
}

static void two_threads_play(struct rig_shared *shared)
{
  hd_thread *other;
  void *result = NULL;
  RIG_CHECK(hd_thread_start(&other, plays_second, NULL, NULL) == HD_OK);
  const bool fine = play(0);
  hd_thread_join(other, &result);
  RIG_CHECK(fine && result);
  rig_say(shared, 0, 1);
}

static void virtual_time_never_jumps_over_a_wake_that_is_on_its_way(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &virtual, two_threads_play);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 0), 1);
  assert_int_equal(atomic_load(&rig.control->model_now), 0);
  assert_int_equal(rig_end(&rig), 0);
}

// ---- work ----

static void works(struct rig_shared *shared)
{
  const uint64_t cpu = hd_os_cpu_time(), model = hd_clock_now();
  rig_say(shared, 0, 1);
  hd_work((double)rig_hear(shared, 3));
  rig_say(shared, 1, hd_os_cpu_time() - cpu);
  rig_say(shared, 2, hd_clock_now() - model);
}

static void run_works(struct rig *rig, const struct hd_live_opts *opts, uint64_t ms)
{
  rig_make(rig, opts);
  assert_int_equal(hd_live_lock(rig->live), HD_OK);
  rig_say(rig->shared, 3, ms);
  rig_run(rig, works);
}

static void work_under_virtual_time_takes_model_time_only(void **state)
{
  (void)state;
  struct rig rig;
  const uint64_t began = hd_os_now();
  run_works(&rig, &virtual, 3600000);
  rig_await(&rig, rig_ended, 0);
  assert_int_equal(rig_hear(rig.shared, 2), 3600 * SECOND);
  assert_true(rig_hear(rig.shared, 1) < 1 * SECOND);
  assert_true(hd_os_now() - began < 60 * SECOND);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_WORK_BEGAN), 1);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_WORK_ENDED), 1);
  assert_int_equal(rig_recorded(&rig, 0, HD_EV_BLOCKED), 0);
  assert_int_equal(rig_end(&rig), 0);
}

static void work_at_speed_one_costs_that_much_processor_time(void **state)
{
  (void)state;
  struct rig rig;
  run_works(&rig, &running, 30);
  rig_await(&rig, rig_ended, 0);
  assert_in_range(rig_hear(rig.shared, 1), 30 * MS, 60 * MS);
  assert_int_equal(rig_end(&rig), 0);
}

static void work_at_double_speed_costs_half_the_processor_time(void **state)
{
  (void)state;
  struct rig rig;
  struct hd_live_opts fast = running;
  fast.speed = 2 * HD_SPEED_ONE;
  run_works(&rig, &fast, 60);
  rig_await(&rig, rig_ended, 0);
  assert_in_range(rig_hear(rig.shared, 1), 30 * MS, 55 * MS);
  assert_int_equal(rig_end(&rig), 0);
}

// Whether the program has really used some processor time.
static bool has_computed(struct rig *rig, unsigned ms)
{
  clockid_t clock;
  struct timespec used = {0};
  return clock_getcpuclockid(rig->child, &clock) == 0 && clock_gettime(clock, &used) == 0 &&
         (uint64_t)used.tv_sec * SECOND + (uint64_t)used.tv_nsec >= ms * MS;
}

static void pausing_turns_the_rest_of_the_work_into_virtual_waiting(void **state)
{
  (void)state;
  struct rig rig;
  run_works(&rig, &running, 3600000);
  rig_await(&rig, rig_is_said, 0);
  rig_await(&rig, has_computed, 100); // it is in the middle of it
  hd_control_set_speed(rig.control, 0);
  rig_await(&rig, rig_ended, 0);
  assert_in_range(rig_hear(rig.shared, 2), 3600 * SECOND - SECOND, 3600 * SECOND + SECOND);
  assert_int_equal(rig_end(&rig), 0);
}

static void *works_an_hour(void *arg)
{
  (void)arg;
  hd_work(3600e3);
  return NULL;
}

static void works_beside_a_held_thread(struct rig_shared *shared)
{
  hd_thread *other;
  RIG_CHECK(hd_thread_start(&other, works_an_hour, shared, NULL) == HD_OK);
  hd_note("held");
  hd_thread_join(other, NULL);
}

static void a_thread_that_computes_in_step_mode_is_settled_until_all_wait(void **state)
{
  (void)state;
  struct rig rig;
  rig_start(&rig, &held, works_beside_a_held_thread);
  rig_step_to(&rig, 0, HD_EV_NOTE);
  rig_step_to(&rig, 1, HD_EV_WORK_BEGAN);
  assert_true(hd_control_grant(rig.control, 1));
  rig_await(&rig, rig_is_blocked, 1);
  assert_true(hd_control_settled(rig.control));
  assert_int_equal(rig_recorded(&rig, 1, HD_EV_WORK_BEGAN), 1);
  assert_int_equal(rig_recorded(&rig, 1, HD_EV_WORK_ENDED), 0);
  rig_step_to(&rig, 0, HD_EV_BLOCKED);
  assert_true(hd_control_grant(rig.control, 0));
  assert_int_equal(rig_pending(&rig, 1), HD_EV_WORK_ENDED);
  rig_let_all_go(&rig);
  assert_int_equal(rig_end(&rig), 0);
}

// ---- without a viewer ----

static void unmanaged_time_is_real_and_starts_at_zero(void **state)
{
  (void)state;
  const uint64_t first = hd_clock_now(), real = hd_os_now();
  assert_true(first < SECOND);
  assert_false(hd_clock_is_virtual());
  hd_sleep(5);
  hd_work(5);
  const uint64_t passed = hd_clock_now() - first;
  assert_true(passed >= 10 * MS);
  assert_true(passed <= hd_os_now() - real + MS);
}

static void odd_durations_count_as_nothing_or_for_ever(void **state)
{
  (void)state;
  const uint64_t now = hd_clock_now();
  assert_true(hd_clock_after(-1) < now + SECOND);
  assert_true(hd_clock_after((double)NAN) < now + SECOND);
  assert_true(hd_clock_after(1e300) == HD_FOREVER);
  hd_work(-5);
  hd_sleep(-5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(unmanaged_time_is_real_and_starts_at_zero),
      UNIT(odd_durations_count_as_nothing_or_for_ever),
      UNIT(time_stands_still_while_the_program_is_held),
      UNIT(model_time_runs_at_the_viewers_speed),
      UNIT(a_pause_that_nobody_noticed_is_no_time_and_all_other_time_counts),
      UNIT(model_time_never_goes_back_however_the_speed_changes),
      UNIT(virtual_time_jumps_to_the_deadline_when_all_wait),
      UNIT(virtual_time_waits_for_a_thread_that_computes),
      UNIT(virtual_time_waits_for_a_held_thread),
      UNIT(all_whose_deadline_has_come_wake),
      UNIT(a_sleeper_notices_that_the_speed_has_changed),
      UNIT(pausing_ends_the_wait_of_a_sleeper_that_everybody_waits_for),
      UNIT(virtual_time_never_jumps_over_a_wake_that_is_on_its_way),
      UNIT(work_under_virtual_time_takes_model_time_only),
      UNIT(work_at_speed_one_costs_that_much_processor_time),
      UNIT(work_at_double_speed_costs_half_the_processor_time),
      UNIT(pausing_turns_the_rest_of_the_work_into_virtual_waiting),
      UNIT(a_thread_that_computes_in_step_mode_is_settled_until_all_wait),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
