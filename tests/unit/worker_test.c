// Workers: life cycle, messages, errors, the end (W1-W5, W7, W8, W13, W14).
#include "loop_help.h"

// ---- what the parent hears ----

static void says_online(hd_worker *worker, void *context)
{
  (void)worker;
  (void)context;
  say("online");
}

static void says_message(hd_worker *worker, const void *bytes, size_t size, void *context)
{
  (void)worker;
  (void)context;
  assert_int_equal(size, strlen(bytes) + 1);
  say(bytes);
}

static void says_error(hd_worker *worker, int error, const char *message, void *context)
{
  (void)worker;
  (void)context;
  say_number("error", error);
  say(message);
}

static void says_exit(hd_worker *worker, int status, void *context)
{
  (void)worker;
  (void)context;
  say_number("exit", status);
}

// Without online: while a worker lives its two ports race, so only some tests may ask for it (W8).
static const struct hd_worker_opts listens = {
    .on_message = says_message, .on_error = says_error, .on_exit = says_exit};
static hd_worker *worker;

static void open_worker(hd_worker_entry *entry)
{
  assert_int_equal(hd_worker_open(&worker, loop, entry, &listens), HD_OK);
}

// ---- what workers do ----

static void reply(hd_port *port, const char *word)
{
  (void)hd_port_post(port, word, strlen(word) + 1);
}

static void echoes_until_end(hd_port *port, const void *bytes, size_t size, void *data)
{
  (void)data;
  (void)hd_port_post(port, bytes, size);
  if (strcmp(bytes, "end") == 0)
    (void)hd_port_on_message(port, NULL, NULL);
}

static void echo_worker(hd_worker_self *self)
{
  (void)hd_port_on_message(hd_worker_port(self), echoes_until_end, NULL);
}

static void post(const char *word)
{
  assert_int_equal(hd_worker_post(worker, word, strlen(word) + 1), HD_OK);
}

// ---- life ----

static void does_nothing(hd_worker_self *self)
{
  (void)self;
}

static void W1_a_worker_is_online_then_exits(void **state)
{
  (void)state;
  struct hd_worker_opts opts = listens;
  opts.on_online = says_online;
  assert_int_equal(hd_worker_open(&worker, loop, does_nothing, &opts), HD_OK);
  run_loop();
  assert_string_equal(diary, "online exit0");
}

static unsigned number_inside;

static void notes_its_number(hd_worker_self *self)
{
  number_inside = hd_worker_self_number(self);
}

static void W1_numbers_are_given_out_in_the_constructor_process_wide(void **state)
{
  (void)state;
  open_worker(does_nothing);
  unsigned first = hd_worker_number(worker);
  open_worker(notes_its_number);
  assert_int_equal(hd_worker_number(worker), first + 1);
  run_loop();
  assert_int_equal(number_inside, first + 1);
}

static void says_data(hd_worker_self *self)
{
  size_t size;
  const char *data = hd_worker_data(self, &size);
  reply(hd_worker_port(self), data ? data : "none");
  if (data && size != strlen(data) + 1)
    reply(hd_worker_port(self), "wrong-size");
}

static void W2_worker_data_is_copied_when_the_worker_is_made(void **state)
{
  (void)state;
  char data[] = "first";
  struct hd_worker_opts opts = listens;
  opts.data = data;
  opts.data_size = sizeof data;
  assert_int_equal(hd_worker_open(&worker, loop, says_data, &opts), HD_OK);
  memcpy(data, "later", sizeof data);
  run_loop();
  opts.data = NULL;
  opts.data_size = 0;
  assert_int_equal(hd_worker_open(&worker, loop, says_data, &opts), HD_OK);
  run_loop();
  assert_string_equal(diary, "first exit0 none exit0");
}

static void listens_late(hd_loop *l, void *port)
{
  (void)l;
  (void)hd_port_on_message(port, echoes_until_end, NULL);
}

static void late_worker(hd_worker_self *self)
{
  (void)hd_timer_set(hd_worker_loop(self), listens_late, hd_worker_port(self), 5, NULL);
}

static void W3_messages_posted_before_it_listens_are_kept_in_order(void **state)
{
  (void)state;
  open_worker(late_worker);
  post("one");
  post("two");
  post("end");
  run_loop();
  assert_string_equal(diary, "one two end exit0");
}

static void W4_a_listener_on_its_port_keeps_a_worker_alive_until_it_is_removed(void **state)
{
  (void)state;
  open_worker(echo_worker);
  post("one");
  post("end");
  post("lost");
  run_loop();
  assert_string_equal(diary, "one end exit0");
}

static void closes_its_port(hd_worker_self *self)
{
  reply(hd_worker_port(self), "before");
  (void)hd_port_close(hd_worker_port(self), NULL, NULL);
  if (hd_port_post(hd_worker_port(self), "after", 6) != HD_ECLOSED)
    reply(hd_worker_port(self), "not-refused");
}

static void W4_after_it_closed_its_port_its_posts_are_dropped(void **state)
{
  (void)state;
  open_worker(closes_its_port);
  run_loop();
  assert_string_equal(diary, "before exit0");
}

// ---- errors ----

static void exit_hook(hd_loop *l, void *port)
{
  (void)l;
  reply(port, "hook");
}

static void fails(hd_worker_self *self)
{
  hd_loop_on_exit(hd_worker_loop(self), exit_hook, hd_worker_port(self));
  reply(hd_worker_port(self), "before");
  (void)hd_immediate_set(hd_worker_loop(self), says, "never", NULL);
  (void)hd_throw(hd_worker_loop(self), 77, "broken");
}

static void W5_an_uncaught_error_runs_the_exit_hook_then_comes_as_error_and_exit_1(void **state)
{
  (void)state;
  open_worker(fails);
  run_loop();
  // Messages and the error come through two ports, which race; each keeps its order, and exit is the last.
  const char *before = strstr(diary, "before"), *hook = strstr(diary, "hook"),
             *error = strstr(diary, "error77 broken");
  assert_true(before && hook && error && before < hook);
  assert_string_equal(strrchr(diary, ' '), " exit1");
  assert_null(strstr(diary, "never"));
}

static void throws_in_a_timer(hd_loop *l, void *unused)
{
  (void)unused;
  (void)hd_throw(l, 78, NULL);
}

static void fails_late(hd_worker_self *self)
{
  (void)hd_port_on_message(hd_worker_port(self), echoes_until_end, NULL);
  (void)hd_timer_set(hd_worker_loop(self), throws_in_a_timer, NULL, 1, NULL);
}

static void W5_an_error_in_a_callback_ends_a_worker_that_listens(void **state)
{
  (void)state;
  struct hd_worker_opts opts = listens;
  opts.on_error = NULL;
  // Nobody listens for the error: it becomes the parent's own uncaught error.
  assert_int_equal(hd_worker_open(&worker, loop, fails_late, &opts), HD_OK);
  assert_int_equal(hd_loop_run(loop), 1);
  assert_string_equal(diary, "");
  hd_worker_terminate(worker);
  (void)hd_loop_run(loop);
  assert_string_equal(diary, "exit1");
}

// ---- the end ----

static void posts_three_and_fails(hd_worker_self *self)
{
  reply(hd_worker_port(self), "one");
  reply(hd_worker_port(self), "two");
  reply(hd_worker_port(self), "three");
  (void)hd_throw(hd_worker_loop(self), 5, "late");
}

// Node prints the same when its main thread is busy while the worker lives.
static void W8_at_its_end_the_parent_drains_the_data_port_first_then_online_and_error_then_exit(void **state)
{
  (void)state;
  struct hd_worker_opts opts = listens;
  if (!hd_clock_is_virtual())
    skip(); // only virtual time knows when nobody but this thread is left
  opts.on_online = says_online;
  assert_int_equal(hd_worker_open(&worker, loop, posts_three_and_fails, &opts), HD_OK);
  hd_sleep(1);
  run_loop();
  assert_string_equal(diary, "one two three online error5 late exit1");
}

static void W9_an_unrefed_worker_does_not_hold_the_parent(void **state)
{
  (void)state;
  open_worker(echo_worker);
  assert_int_equal(hd_worker_ref(worker, false), HD_OK);
  run_loop();
  assert_int_equal(hd_loop_close(loop), HD_EBUSY);
  assert_int_equal(hd_worker_ref(worker, true), HD_OK);
  post("end");
  run_loop();
}

static _Atomic uint32_t spinning;

static void spins_to_its_safepoint(hd_worker_self *self)
{
  reply(hd_worker_port(self), "already-posted");
  hd_loop_on_exit(hd_worker_loop(self), exit_hook, hd_worker_port(self));
  (void)hd_tick(hd_worker_loop(self), exit_hook, hd_worker_port(self));
  spinning = 1;
  while (!hd_safepoint())
    ;
}

static void W7_terminate_ends_a_spin_at_its_safepoint_with_status_1_and_no_hook(void **state)
{
  (void)state;
  spinning = 0;
  open_worker(spins_to_its_safepoint);
  await_at_least(&spinning, 1);
  assert_int_equal(hd_worker_terminate(worker), HD_OK);
  assert_int_equal(hd_worker_terminate(worker), HD_OK);
  run_loop();
  assert_non_null(strstr(diary, "already-posted"));
  assert_null(strstr(diary, "hook"));
  assert_null(strstr(diary, "error"));
  assert_non_null(strstr(diary, "exit1"));
}

static void W7_terminate_ends_a_worker_that_waits_for_messages(void **state)
{
  (void)state;
  open_worker(echo_worker);
  post("one");
  assert_int_equal(hd_worker_terminate(worker), HD_OK);
  run_loop();
  assert_non_null(strstr(diary, "exit1"));
}

static void terminates(hd_worker *w, void *context)
{
  (void)context;
  say("online");
  assert_int_equal(hd_worker_terminate(w), HD_OK);
}

static void ticks_for_ever(hd_loop *l, void *unused)
{
  (void)hd_tick(l, ticks_for_ever, unused);
}

static void never_yields(hd_worker_self *self)
{
  (void)hd_tick(hd_worker_loop(self), ticks_for_ever, NULL);
}

static void W7_terminate_ends_endless_ticks(void **state)
{
  (void)state;
  struct hd_worker_opts opts = listens;
  opts.on_online = terminates;
  assert_int_equal(hd_worker_open(&worker, loop, never_yields, &opts), HD_OK);
  run_loop();
  assert_string_equal(diary, "online exit1");
}

static void posts_when_over(hd_worker *w, int status, void *context)
{
  says_exit(w, status, context);
  assert_int_equal(hd_worker_post(w, "lost", 5), HD_OK);
  assert_int_equal(hd_worker_terminate(w), HD_OK);
}

static void W1_posting_to_a_dead_worker_is_silent(void **state)
{
  (void)state;
  struct hd_worker_opts opts = listens;
  opts.on_exit = posts_when_over;
  assert_int_equal(hd_worker_open(&worker, loop, does_nothing, &opts), HD_OK);
  run_loop();
  assert_string_equal(diary, "exit0");
}

// ---- workers of workers, many workers ----

static void passes_on(hd_worker *w, const void *bytes, size_t size, void *port)
{
  (void)w;
  (void)hd_port_post(port, bytes, size);
}

static void grandchild(hd_worker_self *self)
{
  reply(hd_worker_port(self), "from-the-grandchild");
}

static void child_with_a_child(hd_worker_self *self)
{
  hd_worker *mine;
  const struct hd_worker_opts opts = {.on_message = passes_on, .context = hd_worker_port(self)};
  if (hd_worker_open(&mine, hd_worker_loop(self), grandchild, &opts) != HD_OK)
    reply(hd_worker_port(self), "failed");
}

static void W14_a_worker_may_have_workers_whose_messages_go_to_it_alone(void **state)
{
  (void)state;
  open_worker(child_with_a_child);
  run_loop();
  assert_string_equal(diary, "from-the-grandchild exit0");
}

static void parent_of_a_listener(hd_worker_self *self)
{
  hd_worker *mine;
  (void)hd_worker_open(&mine, hd_worker_loop(self), echo_worker, NULL);
  (void)hd_worker_ref(mine, false);
}

static void W9_the_end_of_a_worker_ends_its_unrefed_workers(void **state)
{
  (void)state;
  open_worker(parent_of_a_listener);
  run_loop();
  assert_string_equal(diary, "exit0");
}

static int exits;

static void counts_exits(hd_worker *w, int status, void *context)
{
  (void)w;
  (void)context;
  exits += status == 0;
}

static void adds_and_answers(hd_port *port, const void *bytes, size_t size, void *sum)
{
  uint32_t number;
  memcpy(&number, bytes, sizeof number);
  (void)size;
  if (number == 0)
    (void)hd_port_on_message(port, NULL, NULL);
  else
    (void)hd_port_post(port, bytes, size);
  (void)sum;
}

static void adder(hd_worker_self *self)
{
  (void)hd_port_on_message(hd_worker_port(self), adds_and_answers, NULL);
}

static uint64_t sum;

static void sums(hd_worker *w, const void *bytes, size_t size, void *context)
{
  uint32_t number;
  (void)w;
  (void)context;
  assert_int_equal(size, sizeof number);
  memcpy(&number, bytes, sizeof number);
  sum += number;
}

static void W13_sixteen_workers_answer_a_thousand_messages_each(void **state)
{
  (void)state;
  const struct hd_worker_opts opts = {.on_message = sums, .on_exit = counts_exits};
  exits = 0;
  sum = 0;
  for (int i = 0; i < 16; i++) {
    assert_int_equal(hd_worker_open(&worker, loop, adder, &opts), HD_OK);
    for (uint32_t n = 1000; n <= 1000; n--) {
      assert_int_equal(hd_worker_post(worker, &n, sizeof n), HD_OK);
      if (n == 0)
        break;
    }
  }
  run_loop();
  assert_int_equal(exits, 16);
  assert_int_equal(sum, 16 * 1000 * 1001 / 2);
}

static void safepoints_outside_a_worker_say_no(void **state)
{
  (void)state;
  assert_false(hd_safepoint());
}

static void *opens_from_outside(void *arg)
{
  hd_worker *mine;
  *(int *)arg = hd_worker_open(&mine, loop, does_nothing, NULL);
  return NULL;
}

static void wrong_arguments_are_refused(void **state)
{
  (void)state;
  int from_outside = HD_OK;
  pthread_t thread;
  assert_int_equal(hd_worker_open(NULL, loop, does_nothing, NULL), HD_EINVAL);
  assert_int_equal(hd_worker_open(&worker, NULL, does_nothing, NULL), HD_EINVAL);
  assert_int_equal(hd_worker_open(&worker, loop, NULL, NULL), HD_EINVAL);
  assert_int_equal(hd_worker_open(&worker, loop, does_nothing, &(struct hd_worker_opts){.data_size = 1}),
                   HD_EINVAL);
  assert_int_equal(hd_worker_post(NULL, "x", 2), HD_EINVAL);
  assert_int_equal(hd_worker_terminate(NULL), HD_EINVAL);
  assert_int_equal(pthread_create(&thread, NULL, opens_from_outside, &from_outside), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(from_outside, HD_ETHREAD);
}

static const struct CMUnitTest tests[] = {
    LOOP_TEST(W1_a_worker_is_online_then_exits),
    LOOP_TEST(W1_numbers_are_given_out_in_the_constructor_process_wide),
    LOOP_TEST(W2_worker_data_is_copied_when_the_worker_is_made),
    LOOP_TEST(W3_messages_posted_before_it_listens_are_kept_in_order),
    LOOP_TEST(W4_a_listener_on_its_port_keeps_a_worker_alive_until_it_is_removed),
    LOOP_TEST(W4_after_it_closed_its_port_its_posts_are_dropped),
    LOOP_TEST(W5_an_uncaught_error_runs_the_exit_hook_then_comes_as_error_and_exit_1),
    LOOP_TEST(W5_an_error_in_a_callback_ends_a_worker_that_listens),
    LOOP_TEST(W8_at_its_end_the_parent_drains_the_data_port_first_then_online_and_error_then_exit),
    LOOP_TEST(W9_an_unrefed_worker_does_not_hold_the_parent),
    LOOP_TEST(W7_terminate_ends_a_spin_at_its_safepoint_with_status_1_and_no_hook),
    LOOP_TEST(W7_terminate_ends_a_worker_that_waits_for_messages),
    LOOP_TEST(W7_terminate_ends_endless_ticks),
    LOOP_TEST(W1_posting_to_a_dead_worker_is_silent),
    LOOP_TEST(W14_a_worker_may_have_workers_whose_messages_go_to_it_alone),
    LOOP_TEST(W9_the_end_of_a_worker_ends_its_unrefed_workers),
    LOOP_TEST(W13_sixteen_workers_answer_a_thousand_messages_each),
    LOOP_TEST(safepoints_outside_a_worker_say_no),
    LOOP_TEST(wrong_arguments_are_refused),
};

RUN_TWICE(tests)
