// The intrusive list: first in, first out, and nothing is ever half linked.
#include "unit.h"

#include "base/list.h"

struct thing {
  int number;
  struct hd_list link;
};

static int take_number(struct hd_list *list)
{
  struct hd_list *node = hd_list_take(list);
  return node ? hd_list_entry(node, struct thing, link)->number : 0;
}

static void what_goes_in_first_comes_out_first(void **state)
{
  (void)state;
  struct hd_list list;
  struct thing a = {.number = 1}, b = {.number = 2};
  hd_list_init(&list);
  assert_true(hd_list_empty(&list));
  hd_list_push(&list, &a.link);
  hd_list_push(&list, &b.link);
  assert_false(hd_list_empty(&list));
  assert_int_equal(take_number(&list), 1);
  assert_int_equal(take_number(&list), 2);
  assert_null(hd_list_take(&list));
}

static void a_node_can_leave_from_the_middle_and_twice(void **state)
{
  (void)state;
  struct hd_list list;
  struct thing things[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
  hd_list_init(&list);
  for (int i = 0; i < 3; i++)
    hd_list_push(&list, &things[i].link);
  hd_list_remove(&things[1].link);
  hd_list_remove(&things[1].link);
  assert_int_equal(take_number(&list), 1);
  assert_int_equal(take_number(&list), 3);
  assert_true(hd_list_empty(&list));
}

static void a_taken_node_can_be_linked_again(void **state)
{
  (void)state;
  struct hd_list list;
  struct thing a = {.number = 1};
  hd_list_init(&list);
  for (int i = 0; i < 3; i++) {
    hd_list_push(&list, &a.link);
    assert_int_equal(take_number(&list), 1);
  }
  assert_true(hd_list_empty(&list));
}

static void moving_all_keeps_the_order_and_empties_the_source(void **state)
{
  (void)state;
  struct hd_list to, from;
  struct thing things[4] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
  hd_list_init(&to);
  hd_list_init(&from);
  hd_list_push(&to, &things[0].link);
  for (int i = 1; i < 4; i++)
    hd_list_push(&from, &things[i].link);
  hd_list_move_all(&to, &from);
  hd_list_move_all(&to, &from); // nothing is left to move
  assert_true(hd_list_empty(&from));
  for (int i = 1; i <= 4; i++)
    assert_int_equal(take_number(&to), i);
  assert_true(hd_list_empty(&to));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(what_goes_in_first_comes_out_first),
      UNIT(a_node_can_leave_from_the_middle_and_twice),
      UNIT(a_taken_node_can_be_linked_again),
      UNIT(moving_all_keeps_the_order_and_empties_the_source),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
