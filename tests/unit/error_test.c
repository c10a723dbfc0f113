// Errors: every number has a name and a text, and none is used twice.
#include "unit.h"

#include "base/error.h"

#include <string.h>

static void every_error_has_a_name_and_a_text(void **state)
{
  (void)state;
#define X(name, number, text)                                                                                \
  assert_string_equal(hd_error_name(name), #name);                                                           \
  assert_string_equal(hd_error_text(-(number)), text);
#include "base/err.def"
#undef X
  assert_string_equal(hd_error_text(-9999), "an unknown error");
}

static void the_systems_refusals_keep_their_meaning(void **state)
{
  (void)state;
  assert_int_equal(hd_error_from_errno(28), HD_ENOSPC);
  assert_int_equal(hd_error_from_errno(13), HD_EACCES);
  assert_int_equal(hd_error_from_errno(0), HD_OK);
}

int main(void)
{
  const struct CMUnitTest tests[] = {UNIT(every_error_has_a_name_and_a_text), UNIT(the_systems_refusals_keep_their_meaning)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
