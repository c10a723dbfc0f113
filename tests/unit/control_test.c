// The control block: commands take effect at once, and what a viewer asks about threads is answered truly.
#include "unit.h"

#include "base/os.h"
#include "trace/control.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct hd_control *make(void)
{
  struct hd_control *control = aligned_alloc(HD_CACHE_LINE, HD_CONTROL_SIZE);
  assert_non_null(control);
  memset(control, 0, HD_CONTROL_SIZE);
  return control;
}

static void hold(struct hd_control *control, unsigned slot, uint64_t arrived)
{
  control->slots[slot].pending = (struct hd_pending){.arrived = arrived, .kind = 5, .object = slot + 100};
  atomic_store(&control->slots[slot].state, HD_SLOT_HELD);
}

static void points_are_off_while_one_asks_for_quiet(void **state)
{
  (void)state;
  struct hd_control *control = make();
  hd_control_set_mode(control, HD_MODE_RECORD);
  assert_int_equal(atomic_load(&control->mode), HD_MODE_RECORD);
  atomic_fetch_add(&control->quiet, 1);
  hd_control_update(control);
  assert_int_equal(atomic_load(&control->mode), HD_MODE_OFF);
  hd_control_set_mode(control, HD_MODE_HOLD);
  assert_int_equal(atomic_load(&control->mode), HD_MODE_OFF);
  atomic_fetch_sub(&control->quiet, 1);
  hd_control_update(control);
  assert_int_equal(atomic_load(&control->mode), HD_MODE_HOLD);
  free(control);
}

static void a_step_is_granted_once_and_only_to_a_held_thread(void **state)
{
  (void)state;
  struct hd_control *control = make();
  assert_false(hd_control_grant(control, 3));
  atomic_store(&control->slots[3].state, HD_SLOT_RUNNING);
  assert_false(hd_control_grant(control, 3));
  hold(control, 3, 1);
  const uint32_t turn = atomic_load(&control->slots[3].turn);
  assert_true(hd_control_grant(control, 3));
  assert_int_not_equal(atomic_load(&control->slots[3].turn), turn);
  assert_false(hd_control_grant(control, 3));
  atomic_fetch_add(&control->slots[3].passed, 1);
  assert_true(hd_control_grant(control, 3));
  assert_false(hd_control_grant(control, HD_SLOTS));
  free(control);
}

static void the_thread_held_longest_is_next(void **state)
{
  (void)state;
  struct hd_control *control = make();
  assert_int_equal(hd_control_next(control), -1);
  hold(control, 0, 30);
  hold(control, 7, 10);
  hold(control, 9, 20);
  assert_int_equal(hd_control_next(control), 7);
  assert_true(hd_control_grant(control, 7));
  assert_int_equal(hd_control_next(control), 9);
  atomic_store(&control->slots[9].state, HD_SLOT_BLOCKED);
  assert_int_equal(hd_control_next(control), 0);
  free(control);
}

static void a_pending_step_is_copied_with_a_text_that_fits(void **state)
{
  (void)state;
  struct hd_control *control = make();
  struct hd_pending pending;
  assert_false(hd_control_pending(control, 4, &pending));
  assert_false(hd_control_pending(control, HD_SLOTS + 1, &pending));
  hold(control, 4, 77);
  control->slots[4].pending.text_size = 60000;
  assert_true(hd_control_pending(control, 4, &pending));
  assert_int_equal(pending.object, 104);
  assert_int_equal(pending.arrived, 77);
  assert_int_equal(pending.text_size, HD_PENDING_TEXT);
  free(control);
}

static void settled_means_that_nobody_runs(void **state)
{
  (void)state;
  struct hd_control *control = make();
  assert_true(hd_control_settled(control));
  hold(control, 1, 5);
  atomic_store(&control->slots[2].state, HD_SLOT_BLOCKED);
  assert_true(hd_control_settled(control));
  assert_true(hd_control_grant(control, 1)); // it is about to run
  assert_false(hd_control_settled(control));
  atomic_fetch_add(&control->slots[1].passed, 1);
  atomic_store(&control->slots[1].state, HD_SLOT_RUNNING);
  assert_false(hd_control_settled(control));
  atomic_store(&control->slots[1].state, HD_SLOT_FREE);
  assert_true(hd_control_settled(control));
  free(control);
}

// Two threads of which at every moment at least one runs: each wakes the other before it blocks.
struct relay {
  struct hd_control *control;
  unsigned self, other;
  _Atomic int *stop;
};

static void *pass_it_on(void *arg)
{
  const struct relay *relay = arg;
  struct hd_slot *self = &relay->control->slots[relay->self], *other = &relay->control->slots[relay->other];
  while (!atomic_load(relay->stop)) {
    if (atomic_load(&self->state) != HD_SLOT_RUNNING) {
      hd_os_yield();
      continue;
    }
    atomic_fetch_add(&other->turn, 1);
    atomic_store(&other->state, HD_SLOT_RUNNING);
    atomic_store(&self->state, HD_SLOT_BLOCKED);
  }
  return NULL;
}

static void settled_is_not_fooled_by_threads_that_wake_each_other(void **state)
{
  (void)state;
  struct hd_control *control = make();
  static _Atomic int stop;
  atomic_store(&stop, 0);
  struct relay relay[2] = {{control, 0, 200, &stop}, {control, 200, 0, &stop}};
  atomic_store(&control->slots[0].state, HD_SLOT_RUNNING);
  atomic_store(&control->slots[200].state, HD_SLOT_BLOCKED);
  struct hd_os_thread thread[2];
  for (int i = 0; i < 2; i++)
    assert_int_equal(hd_os_thread_start(&thread[i], pass_it_on, &relay[i], 0, NULL), 0);
  int fooled = 0;
  for (int i = 0; i < 20000; i++)
    fooled += hd_control_settled(control);
  atomic_store(&stop, 1);
  for (int i = 0; i < 2; i++)
    hd_os_thread_join(thread[i]);
  assert_int_equal(fooled, 0);
  free(control);
}

static void a_change_of_speed_keeps_the_time_that_has_flowed(void **state)
{
  (void)state;
  struct hd_control *control = make();
  atomic_store(&control->speed, HD_SPEED_ONE / 2);
  const uint64_t begin = hd_os_now() - 1000000000u;
  atomic_store(&control->changed_at, begin);
  hd_control_set_speed(control, 0);
  const uint64_t flowed = atomic_load(&control->flowed), passed = atomic_load(&control->changed_at) - begin;
  assert_in_range(flowed, passed / 2 - 2, passed / 2 + 2);
  assert_int_equal(atomic_load(&control->clock_seq) % 2, 0);
  assert_int_equal(atomic_load(&control->speed), 0);
  hd_control_set_speed(control, HD_SPEED_ONE); // no time flows while it stands still
  assert_int_equal(atomic_load(&control->flowed), flowed);
  free(control);
}

static void a_dead_viewer_leaves_nobody_waiting(void **state)
{
  (void)state;
  struct hd_control *control = make();
  atomic_store(&control->lossless, 1);
  atomic_store(&control->clock_seq, 7); // it died in the middle of a change of speed
  hd_control_set_mode(control, HD_MODE_HOLD);
  hold(control, 0, 1);
  const uint32_t turn = atomic_load(&control->slots[0].turn);
  hd_control_release(control);
  assert_int_equal(atomic_load(&control->mode), HD_MODE_RECORD);
  assert_int_equal(atomic_load(&control->lossless), 0);
  assert_int_equal(atomic_load(&control->speed), HD_SPEED_ONE);
  assert_int_equal(atomic_load(&control->clock_seq) % 2, 0);
  assert_int_not_equal(atomic_load(&control->slots[0].turn), turn);
  const uint32_t seq = atomic_load(&control->clock_seq);
  hd_control_release(control); // everybody who notices may call it
  assert_int_equal(atomic_load(&control->clock_seq), seq);
  hd_control_set_mode(control, HD_MODE_OFF);
  hd_control_release(control);
  assert_int_equal(atomic_load(&control->want), HD_MODE_OFF);
  free(control);
}

static void *arrive(void *control)
{
  atomic_fetch_add(&((struct hd_control *)control)->arrivals, 1);
  hd_os_wake(&((struct hd_control *)control)->arrivals, 1, true);
  return NULL;
}

static void a_viewer_wakes_when_a_thread_arrives(void **state)
{
  (void)state;
  struct hd_control *control = make();
  uint32_t seen = 0;
  hd_control_await(control, &seen, 1000);
  assert_int_equal(seen, 0);
  struct hd_os_thread thread;
  assert_int_equal(hd_os_thread_start(&thread, arrive, control, 0, NULL), 0);
  while (seen == 0) // it may wake without a reason
    hd_control_await(control, &seen, HD_FOREVER);
  hd_os_thread_join(thread);
  assert_int_equal(seen, 1);
  free(control);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(points_are_off_while_one_asks_for_quiet),
      UNIT(a_step_is_granted_once_and_only_to_a_held_thread),
      UNIT(the_thread_held_longest_is_next),
      UNIT(a_pending_step_is_copied_with_a_text_that_fits),
      UNIT(settled_means_that_nobody_runs),
      UNIT(settled_is_not_fooled_by_threads_that_wake_each_other),
      UNIT(a_change_of_speed_keeps_the_time_that_has_flowed),
      UNIT(a_dead_viewer_leaves_nobody_waiting),
      UNIT(a_viewer_wakes_when_a_thread_arrives),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
