// What the runtime tells: the events of a whole program, recorded, held and let go step by step. Callbacks
// never nest, every task is submitted, taken, done and called back once, and phases are told only when
// something happens in them.
#include "rig.h"

#include "heddle.h"
#include "trace/merge.h"

static const struct hd_live_opts recorded = {.managed = true, .speed = 0, .mode = HD_MODE_RECORD};
static const struct hd_live_opts lossless = {
    .managed = true, .speed = 0, .mode = HD_MODE_RECORD, .lossless = true};
static const struct hd_live_opts held = {.managed = true, .speed = 0, .mode = HD_MODE_HOLD};

// ---- one loop, told word by word ----

static void nothing(hd_loop *loop, void *data)
{
  (void)loop;
  (void)data;
}

static void queues_both(hd_loop *loop, void *data)
{
  (void)hd_microtask(loop, nothing, data);
  (void)hd_tick(loop, nothing, data);
}

static void one_of_each(struct rig_shared *shared)
{
  hd_loop *loop;
  (void)shared;
  RIG_CHECK(hd_loop_open(&loop, NULL) == HD_OK);
  RIG_CHECK(hd_timer_set(loop, nothing, NULL, 5, NULL) == HD_OK);
  RIG_CHECK(hd_immediate_set(loop, queues_both, NULL, NULL) == HD_OK);
  RIG_CHECK(hd_closing(loop, nothing, NULL) == HD_OK);
  RIG_CHECK(hd_loop_post(loop, nothing, NULL) == HD_OK);
  RIG_CHECK(hd_loop_run(loop) == 0);
  RIG_CHECK(hd_loop_close(loop) == HD_OK);
}

// The story of a slot, one word an event: callbacks and phases with what they are, waits left as they are.
static void tell(struct rig *rig, unsigned slot, char *out, size_t cap)
{
  static struct rig_event events[4096];
  size_t count = rig_events(rig, slot, events, sizeof events / sizeof *events);
  out[0] = '\0';
  for (size_t i = 0; i < count; i++) {
    const struct rig_event *event = &events[i];
    size_t used = strlen(out);
    char *end = out + used;
    if (event->kind == HD_EV_NAME || event->kind == HD_EV_CLOCK || event->kind == HD_EV_LOOP_STATE)
      continue;
    if (event->kind == HD_EV_PHASE)
      (void)snprintf(end, cap - used, "[%s] ", hd_phase_word(event->a));
    else if (event->kind == HD_EV_CALLBACK_BEGAN)
      (void)snprintf(end, cap - used, "(%s ", hd_callback_word(event->a));
    else if (event->kind == HD_EV_CALLBACK_ENDED)
      (void)snprintf(end, cap - used, "%s) ", hd_callback_word(event->a));
    else
      (void)snprintf(end, cap - used, "%s ", hd_event_info(event->kind)->name);
  }
}

static void the_events_of_a_loop_come_in_the_order_of_its_phases(void **state)
{
  (void)state;
  static char story[16384], expected[16384];
  struct rig rig;
  rig_start(&rig, &recorded, one_of_each);
  rig_await(&rig, rig_ended, 0);
  tell(&rig, 0, story, sizeof story);
  assert_int_equal(rig_end(&rig), 0);
  // The words of callbacks and phases are the table's own.
  const char *timer = hd_callback_word(HD_CALLBACK_TIMER),
             *immediate = hd_callback_word(HD_CALLBACK_IMMEDIATE);
  const char *tick = hd_callback_word(HD_CALLBACK_TICK), *micro = hd_callback_word(HD_CALLBACK_MICROTASK);
  const char *posted = hd_callback_word(HD_CALLBACK_POSTED), *close = hd_callback_word(HD_CALLBACK_CLOSE);
  (void)snprintf(expected, sizeof expected,
                 "THREAD_STARTED LOOP_OPENED TIMER_STARTED IMMEDIATE_QUEUED CLOSE_QUEUED POSTED LOOP_STARTED "
                 "[%s] (%s %s) [%s] (%s MICROTASK_QUEUED TICK_QUEUED %s) (%s %s) (%s %s) [%s] (%s %s) "
                 "[%s] BLOCKED READY [%s] (%s %s) LOOP_ENDED LOOP_CLOSED ",
                 hd_phase_word(HD_PHASE_POLL), posted, posted, hd_phase_word(HD_PHASE_CHECK), immediate,
                 immediate, tick, tick, micro, micro, hd_phase_word(HD_PHASE_CLOSE), close, close,
                 hd_phase_word(HD_PHASE_POLL), hd_phase_word(HD_PHASE_TIMERS), timer, timer);
  if (strstr(story, "THREAD_ENDED"))
    *strstr(story, "THREAD_ENDED") = '\0';
  assert_string_equal(story, expected);
}

// ---- a loop, a pool, a worker pool and a worker ----

enum { JOBS = 40, TASKS = 24 };

static int jobs_done, results;

static void works(void *data)
{
  (void)data;
  hd_work(1);
}

static void counts_job(hd_loop *loop, int status, void *data)
{
  (void)data;
  jobs_done += status == HD_OK;
  RIG_CHECK(hd_tick(loop, nothing, NULL) == HD_OK);
}

static void answers(hd_port *port, const void *bytes, size_t size, void *data)
{
  (void)data;
  hd_work(2);
  (void)hd_port_post(port, bytes, size);
}

static void answering_worker(hd_worker_self *self)
{
  (void)hd_port_on_message(hd_worker_port(self), answers, NULL);
}

static void posting_worker(hd_worker_self *self)
{
  for (char i = 0; i < 3; i++)
    (void)hd_port_post(hd_worker_port(self), &i, 1);
}

static void counts_message(hd_worker *worker, const void *bytes, size_t size, void *count)
{
  (void)worker;
  (void)bytes;
  *(int *)count += (int)size;
}

static void counts_result(hd_worker_pool *pool, int status, const void *bytes, size_t size, void *data)
{
  (void)bytes;
  (void)size;
  (void)data;
  results += status == HD_OK;
  if (results == TASKS)
    RIG_CHECK(hd_worker_pool_close(pool, NULL, NULL) == HD_OK);
}

static void everything(struct rig_shared *shared)
{
  hd_loop *loop;
  hd_pool *pool;
  hd_worker_pool *workers;
  hd_worker *worker;
  int messages = 0;
  (void)shared;
  RIG_CHECK(hd_loop_open(&loop, NULL) == HD_OK);
  RIG_CHECK(hd_pool_open(&pool, &(struct hd_pool_opts){.threads = 2}) == HD_OK);
  RIG_CHECK(hd_worker_pool_open(&workers, loop, answering_worker, 3, NULL) == HD_OK);
  const struct hd_worker_opts opts = {.on_message = counts_message, .context = &messages};
  RIG_CHECK(hd_worker_open(&worker, loop, posting_worker, &opts) == HD_OK);
  for (int i = 0; i < JOBS; i++)
    RIG_CHECK(hd_offload(loop, pool, works, counts_job, NULL, NULL) == HD_OK);
  for (int i = 0; i < TASKS; i++)
    RIG_CHECK(hd_worker_pool_submit(workers, &i, sizeof i, counts_result, NULL) == HD_OK);
  RIG_CHECK(hd_loop_run(loop) == 0);
  RIG_CHECK(jobs_done == JOBS && results == TASKS && messages == 3);
  hd_pool_close(pool);
  RIG_CHECK(hd_loop_close(loop) == HD_OK);
}

struct tally {
  uint64_t of[HD_EV_COUNT];
  uint64_t task_callbacks, nested, mismatched, missing_cause;
  struct {
    bool in_callback;
    uint32_t object;
    uint64_t kind;
  } actor[HD_SLOTS];
  uint8_t task[65536]; // by object: 1 submitted, 2 taken, 3 done, 4 called back
};

static void count(struct tally *tally, const struct hd_record *record)
{
  tally->of[record->kind]++;
  uint16_t actor = record->actor;
  if (actor >= HD_SLOTS)
    return;
  uint8_t *task = &tally->task[record->object % sizeof tally->task];
  switch (record->kind) {
  case HD_EV_TASK_SUBMITTED:
    *task = 1;
    break;
  case HD_EV_TASK_TAKEN:
    tally->missing_cause += *task != 1;
    *task = 2;
    break;
  case HD_EV_TASK_DONE:
    tally->missing_cause += *task != 2;
    *task = 3;
    break;
  case HD_EV_CALLBACK_BEGAN:
    tally->nested += tally->actor[actor].in_callback;
    tally->actor[actor].in_callback = true;
    tally->actor[actor].object = record->object;
    tally->actor[actor].kind = record->a;
    if (record->a == HD_CALLBACK_TASK) {
      tally->task_callbacks++;
      tally->missing_cause += *task != 3;
      *task = 4;
    }
    break;
  case HD_EV_CALLBACK_ENDED:
    tally->mismatched += !tally->actor[actor].in_callback || tally->actor[actor].object != record->object ||
                         tally->actor[actor].kind != record->a;
    tally->actor[actor].in_callback = false;
    break;
  default:
    break;
  }
}

// Reads until the program has ended; in hold mode it lets whoever has waited longest take one step at a time.
static void follow(struct rig *rig, struct tally *tally, bool stepping)
{
  hd_merge *merge;
  struct hd_entry entry;
  uint64_t give_up = hd_os_now() + RIG_PATIENCE_NS;
  assert_int_equal(hd_merge_open(&merge, rig->live), HD_OK);
  for (bool ended = false;;) {
    int next;
    while ((next = hd_merge_next(merge, &entry)) == 1)
      count(tally, &entry.record);
    if (next == HD_EEND)
      break;
    assert_int_equal(next, 0);
    assert_true(hd_os_now() < give_up);
    if (ended || (ended = rig_ended(rig, 0))) {
      hd_merge_end(merge);
      continue;
    }
    int slot = stepping && hd_control_settled(rig->control) ? hd_control_next(rig->control) : -1;
    if (slot >= 0)
      (void)hd_control_grant(rig->control, (unsigned)slot);
    else
      hd_control_await(rig->control, &rig->seen, 1000000);
  }
  struct hd_merge_counts counts;
  hd_merge_counts(merge, &counts);
  assert_int_equal(counts.orphans, 0);
  hd_merge_close(merge);
}

static void check(const struct tally *tally)
{
  assert_int_equal(tally->nested, 0);
  assert_int_equal(tally->mismatched, 0);
  assert_int_equal(tally->missing_cause, 0);
  assert_int_equal(tally->of[HD_EV_CALLBACK_BEGAN], tally->of[HD_EV_CALLBACK_ENDED]);
  assert_int_equal(tally->of[HD_EV_TASK_SUBMITTED], JOBS + TASKS);
  assert_int_equal(tally->of[HD_EV_TASK_TAKEN], JOBS + TASKS);
  assert_int_equal(tally->of[HD_EV_TASK_DONE], JOBS + TASKS);
  assert_int_equal(tally->task_callbacks, JOBS + TASKS);
  assert_int_equal(tally->of[HD_EV_TICK_QUEUED], JOBS);
  assert_int_equal(tally->of[HD_EV_POOL_OPENED], 2);
  assert_int_equal(tally->of[HD_EV_POOL_JOINED], 2 + 3);
  assert_int_equal(tally->of[HD_EV_POOL_CLOSED], 2);
  assert_int_equal(tally->of[HD_EV_WORKER_OPENED], 4);
  assert_int_equal(tally->of[HD_EV_WORKER_ONLINE], 4);
  assert_int_equal(tally->of[HD_EV_WORKER_ENDED], 4);
  assert_int_equal(tally->of[HD_EV_MESSAGE_POSTED], 2 * TASKS + 3);
  assert_int_equal(tally->of[HD_EV_MESSAGE_TAKEN] + tally->of[HD_EV_MESSAGE_DROPPED], 2 * TASKS + 3);
  assert_int_equal(tally->of[HD_EV_PORT_OPENED], 8);
  assert_int_equal(tally->of[HD_EV_PORT_CLOSED], 8);
  assert_int_equal(tally->of[HD_EV_LOOP_OPENED], 5);
  assert_int_equal(tally->of[HD_EV_LOOP_ENDED], 5);
  assert_int_equal(tally->of[HD_EV_LOOP_CLOSED], 5);
  assert_int_equal(tally->of[HD_EV_THREAD_CREATED], 2 + 4);
  assert_int_equal(tally->of[HD_EV_THREAD_JOINED], 2 + 4);
  assert_int_equal(tally->of[HD_EV_THREAD_STARTED], 1 + 2 + 4);
}

static void follow_everything(const struct hd_live_opts *opts, bool stepping)
{
  struct rig rig;
  struct tally *tally = calloc(1, sizeof *tally);
  assert_non_null(tally);
  rig_start(&rig, opts, everything);
  follow(&rig, tally, stepping);
  assert_int_equal(rig_end(&rig), 0);
  check(tally);
  free(tally);
}

static void callbacks_never_nest_and_every_task_is_told_from_submit_to_callback(void **state)
{
  (void)state;
  for (int i = 0; i < 5; i++)
    follow_everything(&lossless, false);
}

static void a_program_held_at_every_step_ends_when_it_is_let_go_one_step_at_a_time(void **state)
{
  (void)state;
  follow_everything(&held, true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(the_events_of_a_loop_come_in_the_order_of_its_phases),
      UNIT(callbacks_never_nest_and_every_task_is_told_from_submit_to_callback),
      UNIT(a_program_held_at_every_step_ends_when_it_is_let_go_one_step_at_a_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
