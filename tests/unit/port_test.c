// Ports: order, delivery in the poll phase, waiting for a listener, closing (M1-M4, M6-M8).
#include "loop_help.h"

static hd_port *a, *b;

static int open_pair(void **state)
{
  return open_loop(state) + hd_port_pair(&a, &b, "line") + hd_port_bind(a, loop) + hd_port_bind(b, loop);
}

#define PAIR_TEST(function) cmocka_unit_test_setup_teardown(function, open_pair, close_loop)

static void post(hd_port *port, const char *word)
{
  assert_int_equal(hd_port_post(port, word, strlen(word) + 1), HD_OK);
}

static void says_message(hd_port *port, const void *bytes, size_t size, void *data)
{
  (void)data;
  assert_int_equal(size, strlen(bytes) + 1);
  say(bytes);
  assert_int_equal(hd_tick(hd_port_loop(port), says, "tick"), HD_OK);
  assert_int_equal(hd_microtask(hd_port_loop(port), says, "micro"), HD_OK);
}

static void says_and_closes_at_end(hd_port *port, const void *bytes, size_t size, void *data)
{
  (void)size;
  (void)data;
  say(bytes);
  if (strcmp(bytes, "end") == 0)
    assert_int_equal(hd_port_close(port, NULL, NULL), HD_OK);
}

static void says_closed(hd_port *port, void *word)
{
  (void)port;
  say(word);
}

static void M1_messages_arrive_in_the_order_they_were_posted(void **state)
{
  (void)state;
  post(a, "one");
  post(a, "two");
  post(a, "end");
  assert_int_equal(hd_port_on_message(b, says_and_closes_at_end, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "one two end");
}

static void closes_a(hd_loop *l, void *unused)
{
  (void)l;
  (void)unused;
  assert_int_equal(hd_port_close(a, NULL, NULL), HD_OK);
}

static void M2_one_callback_per_message_with_E2_between(void **state)
{
  (void)state;
  post(a, "one");
  post(a, "two");
  assert_int_equal(hd_port_on_message(b, says_message, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, says, "check", NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, closes_a, NULL, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "one tick micro two tick micro check");
}

static void a_message_is_a_copy(void **state)
{
  (void)state;
  char text[] = "end";
  assert_int_equal(hd_port_post(a, text, sizeof text), HD_OK);
  memset(text, 'x', sizeof text - 1);
  assert_int_equal(hd_port_on_message(b, says_and_closes_at_end, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "end");
}

static void takes_an_empty_one(hd_port *port, const void *bytes, size_t size, void *data)
{
  (void)data;
  assert_non_null(bytes);
  assert_int_equal(size, 0);
  say("empty");
  assert_int_equal(hd_port_close(port, NULL, NULL), HD_OK);
}

static void a_message_may_be_empty(void **state)
{
  (void)state;
  assert_int_equal(hd_port_post(a, NULL, 0), HD_OK);
  assert_int_equal(hd_port_on_message(b, takes_an_empty_one, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "empty");
}

// ---- M3 ----

static int fed;
static int fed_before_immediate;

static void feeds_itself(hd_port *port, const void *bytes, size_t size, void *data)
{
  (void)data;
  if (++fed == 5000)
    assert_int_equal(hd_port_close(port, NULL, NULL), HD_OK);
  else
    assert_int_equal(hd_port_post(a, bytes, size), HD_OK);
}

static void notes_how_many(hd_loop *l, void *unused)
{
  (void)l;
  (void)unused;
  if (fed_before_immediate == 0)
    fed_before_immediate = fed;
}

static void M3_a_port_that_feeds_itself_lets_the_immediate_in_after_1000_messages(void **state)
{
  (void)state;
  fed = fed_before_immediate = 0;
  post(a, "again");
  assert_int_equal(hd_port_on_message(b, feeds_itself, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, notes_how_many, NULL, NULL), HD_OK);
  run_loop();
  assert_int_equal(fed_before_immediate, 1000);
}

static void counts_to_1700(hd_port *port, const void *bytes, size_t size, void *data)
{
  (void)bytes;
  (void)size;
  (void)data;
  if (++fed == 1700)
    assert_int_equal(hd_port_close(port, NULL, NULL), HD_OK);
}

static void M3_a_backlog_of_1700_is_delivered_whole(void **state)
{
  (void)state;
  fed = fed_before_immediate = 0;
  for (int i = 0; i < 1700; i++)
    post(a, "x");
  assert_int_equal(hd_port_on_message(b, counts_to_1700, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, notes_how_many, NULL, NULL), HD_OK);
  run_loop();
  assert_int_equal(fed_before_immediate, 1700);
}

// ---- M4 ----

static void listens(hd_loop *l, void *unused)
{
  (void)l;
  (void)unused;
  say("listens");
  assert_int_equal(hd_port_on_message(b, says_and_closes_at_end, NULL), HD_OK);
}

static void M4_messages_wait_until_somebody_listens(void **state)
{
  (void)state;
  post(a, "early");
  post(a, "end");
  assert_int_equal(hd_timer_set(loop, listens, NULL, 5, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "listens early end");
}

static void M4_a_port_without_a_listener_does_not_keep_the_loop_alive(void **state)
{
  (void)state;
  post(a, "never");
  run_loop();
  assert_int_equal(hd_port_on_message(b, says_and_closes_at_end, NULL), HD_OK);
  assert_int_equal(hd_port_on_message(b, NULL, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "");
  closes_a(loop, NULL);
  assert_int_equal(hd_port_close(b, NULL, NULL), HD_OK);
  run_loop();
}

static void M4_an_unrefed_listener_does_not_keep_the_loop_alive_a_refed_port_does(void **state)
{
  (void)state;
  assert_int_equal(hd_port_on_message(b, says_and_closes_at_end, NULL), HD_OK);
  assert_int_equal(hd_port_ref(b, false), HD_OK);
  run_loop();
  assert_int_equal(hd_port_ref(b, true), HD_OK);
  assert_int_equal(hd_timer_set(loop, closes_a, NULL, 5, NULL), HD_OK);
  run_loop(); // until the other end has closed
}

// ---- M6 ----

static void M6_what_was_posted_before_closing_is_delivered_then_both_ends_close_the_closer_first(void **state)
{
  (void)state;
  hd_port_on_close(b, says_closed, "b-closed");
  assert_int_equal(hd_port_on_message(b, says_and_closes_at_end, NULL), HD_OK);
  post(a, "one");
  post(a, "two");
  assert_int_equal(hd_port_close(a, says_closed, "a-closed"), HD_OK);
  run_loop();
  assert_string_equal(diary, "one two a-closed b-closed");
}

static void M6_a_port_that_does_not_listen_closes_too_when_nothing_waits_in_it(void **state)
{
  (void)state;
  hd_port_on_close(b, says_closed, "b-closed");
  assert_int_equal(hd_port_close(a, says_closed, "a-closed"), HD_OK);
  assert_int_equal(hd_port_ref(b, true), HD_OK);
  run_loop();
  assert_string_equal(diary, "a-closed b-closed");
}

static void M6_posting_to_a_closed_end_is_silent_and_on_a_closed_end_is_refused(void **state)
{
  (void)state;
  assert_int_equal(hd_port_on_message(b, says_and_closes_at_end, NULL), HD_OK);
  assert_int_equal(hd_port_close(b, says_closed, "b-closed"), HD_OK);
  post(a, "lost");
  assert_int_equal(hd_port_post(b, "x", 2), HD_ECLOSED);
  assert_int_equal(hd_port_close(b, NULL, NULL), HD_ECLOSED);
  assert_int_equal(hd_port_on_message(b, NULL, NULL), HD_ECLOSED);
  assert_int_equal(hd_port_ref(a, true), HD_OK);
  run_loop();
  assert_string_equal(diary, "b-closed");
}

static void closes_at_first(hd_port *port, const void *bytes, size_t size, void *data)
{
  (void)size;
  (void)data;
  say(bytes);
  (void)hd_port_close(port, says_closed, "closed");
}

static void M6_closing_in_a_listener_does_not_stop_the_running_batch(void **state)
{
  (void)state;
  post(a, "one");
  post(a, "two");
  assert_int_equal(hd_port_on_message(b, closes_at_first, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "one two closed");
}

// ---- M7, M8 ----

static void M8_ports_that_are_pending_together_are_delivered_in_the_order_they_were_bound(void **state)
{
  (void)state;
  post(b, "to-a");
  hd_port *c, *d;
  assert_int_equal(hd_port_pair(&c, &d, NULL), HD_OK);
  assert_int_equal(hd_port_bind(d, loop), HD_OK);
  assert_int_equal(hd_port_on_message(d, says_and_closes_at_end, NULL), HD_OK);
  post(c, "end");
  assert_int_equal(hd_port_on_message(a, says_message, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, closes_a, NULL, NULL), HD_OK);
  assert_int_equal(hd_port_close(c, NULL, NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "to-a tick micro end");
}

static void posts_and_sets(hd_loop *l, void *word)
{
  say(word);
  post(a, "end");
  assert_int_equal(hd_immediate_set(l, says, "immediate", NULL), HD_OK);
  assert_int_equal(hd_timer_set(l, says, "timer", 1, NULL), HD_OK);
  hd_work(3);
}

static void
M7_a_message_posted_in_the_check_phase_comes_after_overdue_timers_and_before_the_next_immediate(void **state)
{
  (void)state;
  assert_int_equal(hd_port_on_message(b, says_and_closes_at_end, NULL), HD_OK);
  assert_int_equal(hd_immediate_set(loop, posts_and_sets, "check", NULL), HD_OK);
  run_loop();
  assert_string_equal(diary, "check timer end immediate");
}

// ---- between threads ----

enum { MESSAGES = 100000, SENDERS = 4 };

struct sender {
  hd_port *port;
  int status;
};

static void *sends_many(void *arg)
{
  struct sender *sender = arg;
  hd_loop *own;
  sender->status = hd_loop_open(&own, NULL);
  if (sender->status == HD_OK)
    sender->status = hd_port_bind(sender->port, own);
  for (uint32_t i = 0; i < MESSAGES && sender->status == HD_OK; i++)
    sender->status = hd_port_post(sender->port, &i, sizeof i);
  if (sender->status == HD_OK)
    sender->status = hd_port_close(sender->port, NULL, NULL) + hd_loop_run(own) + hd_loop_close(own);
  return NULL;
}

static uint32_t wrong;

static void counts_messages(hd_port *port, const void *bytes, size_t size, void *data)
{
  uint32_t number, *next = data;
  (void)port;
  wrong += size != sizeof number;
  memcpy(&number, bytes, sizeof number);
  wrong += number != (*next)++;
}

static void M1_a_hundred_thousand_messages_of_each_of_four_threads_arrive_in_order(void **state)
{
  (void)state;
  hd_port *mine[SENDERS];
  struct sender senders[SENDERS] = {{0}};
  hd_thread *threads[SENDERS];
  uint32_t next[SENDERS] = {0};
  wrong = 0;
  for (int i = 0; i < SENDERS; i++) {
    assert_int_equal(hd_port_pair(&mine[i], &senders[i].port, NULL), HD_OK);
    assert_int_equal(hd_port_bind(mine[i], loop), HD_OK);
    assert_int_equal(hd_port_on_message(mine[i], counts_messages, &next[i]), HD_OK);
    assert_int_equal(hd_thread_start(&threads[i], sends_many, &senders[i], NULL), HD_OK);
  }
  run_loop(); // until each has closed
  for (int i = 0; i < SENDERS; i++) {
    hd_thread_join(threads[i], NULL);
    assert_int_equal(senders[i].status, HD_OK);
    assert_int_equal(next[i], MESSAGES);
  }
  assert_int_equal(wrong, 0);
}

struct partner {
  hd_port *port;
  int status;
  uint32_t rounds;
};

static void answers_plus_one(hd_port *port, const void *bytes, size_t size, void *data)
{
  uint32_t number;
  (void)data;
  memcpy(&number, bytes, sizeof number);
  number++;
  (void)hd_port_post(port, &number, size);
}

static void *is_a_partner(void *arg)
{
  struct partner *partner = arg;
  hd_loop *own;
  partner->status = hd_loop_open(&own, NULL);
  if (partner->status == HD_OK)
    partner->status =
        hd_port_bind(partner->port, own) + hd_port_on_message(partner->port, answers_plus_one, NULL);
  if (partner->status == HD_OK)
    partner->status = hd_loop_run(own) + hd_loop_close(own);
  return NULL;
}

static void plays_until_40000(hd_port *port, const void *bytes, size_t size, void *data)
{
  uint32_t number;
  (void)data;
  memcpy(&number, bytes, sizeof number);
  if (number >= 40000)
    assert_int_equal(hd_port_close(port, NULL, NULL), HD_OK);
  else
    answers_plus_one(port, bytes, size, data);
}

// Both loops go to sleep all the time: a lost wake-up would stop the game.
static void no_wake_is_lost_in_a_game_of_ping_pong(void **state)
{
  (void)state;
  hd_port *mine;
  hd_thread *thread;
  struct partner partner = {0};
  uint32_t start = 0;
  assert_int_equal(hd_port_pair(&mine, &partner.port, NULL), HD_OK);
  assert_int_equal(hd_port_bind(mine, loop), HD_OK);
  assert_int_equal(hd_port_on_message(mine, plays_until_40000, NULL), HD_OK);
  assert_int_equal(hd_thread_start(&thread, is_a_partner, &partner, NULL), HD_OK);
  assert_int_equal(hd_port_post(mine, &start, sizeof start), HD_OK);
  run_loop();
  hd_thread_join(thread, NULL);
  assert_int_equal(partner.status, HD_OK);
}

// ---- ends and errors ----

static void a_loop_with_open_ports_is_not_closed(void **state)
{
  (void)state;
  assert_int_equal(hd_loop_close(loop), HD_EBUSY);
  closes_a(loop, NULL);
  assert_int_equal(hd_port_ref(b, true), HD_OK);
  run_loop();
}

static void ends_that_were_never_bound_are_freed_when_closed(void **state)
{
  (void)state;
  hd_port *c, *d;
  assert_int_equal(hd_port_pair(&c, &d, NULL), HD_OK);
  post(c, "never");
  assert_int_equal(hd_port_on_message(c, says_message, NULL), HD_EINVAL);
  assert_int_equal(hd_port_close(c, says_closed, "never"), HD_OK);
  assert_int_equal(hd_port_close(d, NULL, NULL), HD_OK);
  assert_string_equal(diary, "");
}

static void wrong_arguments_are_refused(void **state)
{
  (void)state;
  hd_port *c, *d;
  assert_int_equal(hd_port_pair(NULL, &d, NULL), HD_EINVAL);
  assert_int_equal(hd_port_pair(&c, &d, NULL), HD_OK);
  assert_int_equal(hd_port_bind(c, NULL), HD_EINVAL);
  assert_int_equal(hd_port_bind(c, loop), HD_OK);
  assert_int_equal(hd_port_bind(c, loop), HD_EBUSY);
  assert_int_equal(hd_port_post(c, NULL, 1), HD_EINVAL);
  assert_int_equal(hd_port_post(NULL, "x", 1), HD_EINVAL);
  assert_ptr_equal(hd_port_loop(c), loop);
  assert_null(hd_port_loop(d));
  assert_int_not_equal(hd_port_object(c), hd_port_object(d));
  assert_int_equal(hd_port_close(d, NULL, NULL), HD_OK);
  assert_int_equal(hd_port_close(c, NULL, NULL), HD_OK);
  run_loop();
}

static const struct CMUnitTest tests[] = {
    PAIR_TEST(M1_messages_arrive_in_the_order_they_were_posted),
    PAIR_TEST(M2_one_callback_per_message_with_E2_between),
    PAIR_TEST(a_message_is_a_copy),
    PAIR_TEST(a_message_may_be_empty),
    PAIR_TEST(M3_a_port_that_feeds_itself_lets_the_immediate_in_after_1000_messages),
    PAIR_TEST(M3_a_backlog_of_1700_is_delivered_whole),
    PAIR_TEST(M4_messages_wait_until_somebody_listens),
    PAIR_TEST(M4_a_port_without_a_listener_does_not_keep_the_loop_alive),
    PAIR_TEST(M4_an_unrefed_listener_does_not_keep_the_loop_alive_a_refed_port_does),
    PAIR_TEST(M6_what_was_posted_before_closing_is_delivered_then_both_ends_close_the_closer_first),
    PAIR_TEST(M6_a_port_that_does_not_listen_closes_too_when_nothing_waits_in_it),
    PAIR_TEST(M6_posting_to_a_closed_end_is_silent_and_on_a_closed_end_is_refused),
    PAIR_TEST(M6_closing_in_a_listener_does_not_stop_the_running_batch),
    PAIR_TEST(M8_ports_that_are_pending_together_are_delivered_in_the_order_they_were_bound),
    PAIR_TEST(
        M7_a_message_posted_in_the_check_phase_comes_after_overdue_timers_and_before_the_next_immediate),
    LOOP_TEST(M1_a_hundred_thousand_messages_of_each_of_four_threads_arrive_in_order),
    LOOP_TEST(no_wake_is_lost_in_a_game_of_ping_pong),
    PAIR_TEST(a_loop_with_open_ports_is_not_closed),
    LOOP_TEST(ends_that_were_never_bound_are_freed_when_closed),
    LOOP_TEST(wrong_arguments_are_refused),
};

RUN_TWICE(tests)
