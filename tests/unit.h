// What every unit test includes: cmocka and the headers it wants before itself.
// cmocka's assertions work on the test's own thread only: other threads write results, the test thread asserts.
#ifndef HD_TESTS_UNIT_H
#define HD_TESTS_UNIT_H

// IWYU pragma: begin_exports
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// IWYU pragma: end_exports

#define UNIT(function) cmocka_unit_test(function)

#endif
