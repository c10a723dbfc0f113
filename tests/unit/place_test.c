// Places: addresses of this test program become its lines, and a log gets what replay needs, once.
#include "trace_help.h"

#include "trace/place.h"

#include <link.h>

static uint64_t load_base;

static int take_base(struct dl_phdr_info *info, size_t size, void *context)
{
  (void)size;
  (void)context;
  load_base = info->dlpi_addr;
  return 1;
}

static hd_places *open_self(void)
{
  hd_places *places = NULL;
  (void)dl_iterate_phdr(take_base, NULL);
  assert_int_equal(hd_places_open(&places, "/proc/self/exe"), HD_OK);
  return places;
}

// Where it is called, as a point does it. The line comes with it.
static _Atomic unsigned calls; // so that no two calls are made into one
static hd_noinline uint64_t here(void)
{
  atomic_fetch_add(&calls, 1);
  return hd_caller();
}

static inline __attribute__((always_inline)) uint64_t hd_of_the_runtime(void)
{
  const uint64_t place = here();
  return place ? place : 1;
}

static bool ends_with(const char *text, const char *end)
{
  const size_t length = strlen(text), tail = strlen(end);
  return length >= tail && strcmp(text + length - tail, end) == 0;
}

static void expect_here(hd_places *places, uint64_t address, unsigned line, const char *function)
{
  struct hd_place place;
  assert_int_equal(hd_places_find(places, address - load_base, &place), HD_OK);
  assert_true(ends_with(place.file, "unit/place_test.c"));
  assert_string_equal(place.function, function);
  assert_int_equal(place.line, line);
}

static void a_return_address_is_the_line_of_its_call(void **state)
{
  (void)state;
  hd_places *places = open_self();
  const unsigned line = __LINE__ + 1;
  const uint64_t a = here();
  expect_here(places, a, line, __func__);
  hd_places_close(places);
}

static void an_inline_function_of_the_runtime_is_the_line_that_calls_it(void **state)
{
  (void)state;
  hd_places *places = open_self();
  const unsigned line = __LINE__ + 1;
  const uint64_t a = hd_of_the_runtime();
  expect_here(places, a, line, __func__);
  hd_places_close(places);
}

static const unsigned entry_line = __LINE__ + 2; // compilers begin a function at its brace
static hd_noinline uint64_t a_function_of_a_thread(void)
{
  return hd_caller();
}

static void the_address_of_a_function_is_its_first_line(void **state)
{
  (void)state;
  hd_places *places = open_self();
  expect_here(places, (uint64_t)(uintptr_t)a_function_of_a_thread, entry_line, "a_function_of_a_thread");
  hd_places_close(places);
}

static void addresses_outside_the_program_are_unknown(void **state)
{
  (void)state;
  hd_places *places = open_self();
  struct hd_place place;
  static const uint64_t wild[] = {0, 1, 64, UINT64_MAX, UINT64_C(1) << 63, 0x7fff00000000};
  for (size_t i = 0; i < sizeof wild / sizeof *wild; i++)
    assert_int_equal(hd_places_find(places, wild[i], &place), HD_ENOENT);
  hd_places_close(places);
}

static void what_has_no_debug_information_is_refused(void **state)
{
  (void)state;
  hd_places *places = NULL;
  assert_int_equal(hd_places_open(&places, trace_path("nothing")), HD_ENOENT);
  assert_int_equal(hd_places_open(&places, "/dev/null"), HD_EFORMAT);
  assert_int_equal(hd_places_open(&places, "/bin/sh"), HD_EFORMAT);
  assert_null(places);
}

static void a_build_id_is_hexadecimal(void **state)
{
  (void)state;
  hd_places *places = open_self();
  const char *id = hd_places_build_id(places);
  assert_int_equal(strspn(id, "0123456789abcdef"), strlen(id));
  hd_places_close(places);
}

// A source file where the recorder will find it: under the name the compiler was given, from the current
// folder.
static void lay_out_source(const char *file)
{
  char path[600];
  (void)snprintf(path, sizeof path, "%s/%s", trace_folder(), file);
  for (char *slash = path + strlen(trace_folder()) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
    *slash = '\0';
    (void)mkdir(path, 0700);
    *slash = '/';
  }
  FILE *out = fopen(path, "w");
  assert_non_null(out);
  (void)fputs("the text of the source\n", out);
  assert_int_equal(fclose(out), 0);
  assert_int_equal(chdir(trace_folder()), 0);
}

static void a_log_gets_each_line_and_each_source_once(void **state)
{
  (void)state;
  hd_places *places = open_self();
  const uint64_t a = here(), b = here();
  struct hd_place place;
  assert_int_equal(hd_places_find(places, a - load_base, &place), HD_OK);
  char file[300];
  (void)snprintf(file, sizeof file, "%s", place.file);
  const bool relative = file[0] != '/';
  if (relative)
    lay_out_source(file);
  hd_log *log;
  const struct hd_trace_header header = {.load_base = load_base};
  assert_int_equal(hd_log_create(&log, NULL, &header), HD_OK);
  const uint64_t met[] = {a, b, a, 0, 12, b};
  for (size_t i = 0; i < sizeof met / sizeof *met; i++) {
    const struct hd_entry entry = {.record = {.kind = HD_EV_NOTE, .stamp = i}, .place = met[i]};
    assert_int_equal(hd_places_note(places, log, load_base, &entry), HD_OK);
  }
  hd_places_close(places);
  struct hd_log_cursor cursor = {0};
  struct hd_entry entry;
  unsigned lines = 0, sources = 0;
  while (hd_log_next(log, &cursor, &entry) == 1) {
    lines += entry.record.kind == HD_EV_LINE;
    sources += entry.record.kind == HD_EV_SOURCE;
  }
  assert_int_equal(lines, 2);
  assert_int_equal(sources, 1);
  struct hd_place found;
  assert_int_equal(hd_log_place(log, b, &found), HD_OK);
  assert_string_equal(found.file, file);
  assert_string_equal(found.function, __func__);
  assert_non_null(hd_log_source(log, file));
  if (relative)
    assert_string_equal(hd_log_source(log, file), "the text of the source\n");
  assert_int_equal(hd_log_close(log), HD_OK);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(a_return_address_is_the_line_of_its_call),
      UNIT(an_inline_function_of_the_runtime_is_the_line_that_calls_it),
      UNIT(the_address_of_a_function_is_its_first_line),
      UNIT(addresses_outside_the_program_are_unknown),
      UNIT(what_has_no_debug_information_is_refused),
      UNIT(a_build_id_is_hexadecimal),
      UNIT(a_log_gets_each_line_and_each_source_once),
  };
  return cmocka_run_group_tests(tests, NULL, trace_clean);
}
