// Logs: every step is found again, whatever is cut off or damaged; what could not be written is said once,
// and clearly.
#include "trace_help.h"

#include "trace/emit.h"
#include "trace/log.h"

#include <sys/mount.h>

// ---- a program to be killed ----

static void counts_until_it_is_killed(void)
{
  for (uint64_t i = 1;; i++) {
    hd_trace_emit(&(struct hd_step){
        .kind = HD_EV_NOTE, .object = 3, .a = i, .text = "counting on and on and on", .text_size = 25});
    if (i == 5000)
      (void)!write(STDOUT_FILENO, "y", 1);
  }
}

// ---- making logs ----

static hd_log *create(const char *path)
{
  struct hd_trace_header header = {.seed = 4711, .lesson = "08_torn_write"};
  hd_log *log = NULL;
  assert_int_equal(hd_log_create(&log, path, &header), HD_OK);
  return log;
}

static char long_text[200000];

// The i-th event of a story with quiet events, texts and places in it.
static struct hd_entry event(uint64_t i)
{
  static char text[64];
  struct hd_entry entry = {
      .record = {.stamp = 100 + i, .object = (uint32_t)i, .kind = HD_EV_NOTE, .actor = 2, .a = i}};
  if (i % 5 == 3)
    entry.record.kind = HD_EV_NAME;
  if (i % 7 == 2)
    entry.place = 0x1000 + i;
  if (i % 3 == 1) {
    entry.text = text;
    entry.text_size = (uint32_t)snprintf(text, sizeof text, "text of event %llu", (unsigned long long)i);
  }
  if (i == 60 || i == 900) {
    entry.text = long_text;
    entry.text_size = i == 60 ? 50000 : sizeof long_text;
  }
  return entry;
}

static void append(hd_log *log, uint64_t count)
{
  memset(long_text, 'l', sizeof long_text);
  for (uint64_t i = 0; i < count; i++) {
    const struct hd_entry entry = event(i);
    assert_int_equal(hd_log_append(log, &entry), HD_OK);
  }
}

static bool same(const struct hd_entry *a, const struct hd_entry *b)
{
  return memcmp(&a->record, &b->record, sizeof a->record) == 0 && a->place == b->place &&
         a->text_size == b->text_size && (a->text_size == 0 || memcmp(a->text, b->text, a->text_size) == 0);
}

// Reads from the cursor to the end and expects the events of the story from `first` on. Returns the number of
// events.
static uint64_t expect_story(hd_log *log, struct hd_log_cursor cursor, uint64_t first)
{
  struct hd_entry entry;
  uint64_t i = first;
  while (hd_log_next(log, &cursor, &entry) == 1) {
    const struct hd_entry expected = event(i);
    if (!same(&entry, &expected))
      fail_msg("event %llu is another one", (unsigned long long)i);
    i++;
  }
  return i - first;
}

// ---- tests ----

static void what_is_appended_is_read_at_once_and_after_opening(void **state)
{
  (void)state;
  const char *path = trace_path("story.hdt");
  hd_log *log = create(path);
  append(log, 5000);
  assert_int_equal(expect_story(log, (struct hd_log_cursor){0}, 0), 5000);
  const uint64_t steps = hd_log_steps(log);
  assert_int_equal(steps, 4000);
  assert_int_equal(hd_log_close(log), HD_OK);
  assert_int_equal(hd_log_open(&log, path), HD_OK);
  assert_int_equal(hd_log_steps(log), steps);
  assert_int_equal(hd_log_header(log)->seed, 4711);
  assert_string_equal(hd_log_header(log)->lesson, "08_torn_write");
  assert_int_equal(expect_story(log, (struct hd_log_cursor){0}, 0), 5000);
  const struct hd_entry more = event(1);
  assert_int_equal(hd_log_append(log, &more), HD_EACCES);
  assert_int_equal(hd_log_close(log), HD_OK);
}

// For every step: the cursor a linear reading has behind it and its quiet events.
static void expect_every_step_is_found(hd_log *log)
{
  const uint64_t steps = hd_log_steps(log);
  struct hd_log_cursor linear = {0}, before, found;
  struct hd_entry entry;
  for (uint64_t step = 1; step <= steps; step++) {
    while (before = linear, hd_log_next(log, &linear, &entry) == 1)
      if (hd_entry_is_step(&entry) && before.step == step)
        break;
    if (step == steps) {
      before = linear;
      while (hd_log_next(log, &before, &entry) == 1)
        ;
    }
    linear = before;
    hd_log_seek(log, step, &found);
    assert_int_equal(found.step, step);
    assert_int_equal(found.record, before.record);
  }
  hd_log_seek(log, 0, &found);
  assert_true(found.record == 0 && found.step == 0);
  hd_log_seek(log, steps + 100, &found);
  assert_int_equal(found.step, steps);
  assert_int_equal(hd_log_next(log, &found, &entry), 0);
}

static void seeking_a_step_is_the_same_as_reading_up_to_it(void **state)
{
  (void)state;
  const char *path = trace_path("seek.hdt");
  hd_log *log = create(path);
  append(log, 3000);
  expect_every_step_is_found(log);
  assert_int_equal(hd_log_close(log), HD_OK);
  assert_int_equal(hd_log_open(&log, path), HD_OK);
  expect_every_step_is_found(log);
  assert_int_equal(hd_log_close(log), HD_OK);
}

static void a_log_is_read_while_it_grows(void **state)
{
  (void)state;
  hd_log *log = create(NULL);
  struct hd_log_cursor cursor = {0};
  struct hd_entry entry;
  memset(long_text, 'l', sizeof long_text);
  for (uint64_t i = 0; i < 10000; i++) {
    const struct hd_entry in = event(i);
    assert_int_equal(hd_log_append(log, &in), HD_OK);
    if (i % 100 == 7)
      assert_int_equal(hd_log_flush(log), HD_OK);
    assert_int_equal(hd_log_next(log, &cursor, &entry), 1);
    const struct hd_entry expected = event(i);
    assert_true(same(&entry, &expected));
    assert_int_equal(hd_log_next(log, &cursor, &entry), 0);
  }
  assert_int_equal(hd_log_close(log), HD_OK);
}

static void a_log_cut_off_anywhere_is_still_a_log(void **state)
{
  (void)state;
  const char *path = trace_path("whole.hdt"), *part = trace_path("part.hdt");
  hd_log *log = create(path);
  append(log, 55);
  assert_int_equal(hd_log_close(log), HD_OK);
  static char bytes[65536];
  FILE *in = fopen(path, "r");
  const size_t size = fread(bytes, 1, sizeof bytes, in);
  (void)fclose(in);
  assert_in_range(size, 2000, sizeof bytes - 1);
  uint64_t longest = 0;
  for (size_t cut = 0; cut <= size; cut++) {
    const int fd = open(part, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, cut), cut);
    (void)close(fd);
    log = NULL;
    const int error = hd_log_open(&log, part);
    if (cut < sizeof(struct hd_trace_header)) {
      assert_int_equal(error, HD_EFORMAT);
      continue;
    }
    assert_int_equal(error, HD_OK);
    const uint64_t events = expect_story(log, (struct hd_log_cursor){0}, 0);
    assert_in_range(events, longest, longest + 1);
    longest = events;
    assert_int_equal(hd_log_close(log), HD_OK);
  }
  assert_int_equal(longest, 55);
}

static void what_is_no_log_is_refused(void **state)
{
  (void)state;
  hd_log *log = NULL;
  assert_int_equal(hd_log_open(&log, trace_path("nothing")), HD_ENOENT);
  assert_int_equal(hd_log_open(&log, trace_folder()), HD_EFORMAT);
  assert_int_equal(hd_log_open(&log, "/dev/null"), HD_EFORMAT);
  assert_int_equal(hd_log_open(&log, "/proc/self/exe"), HD_EFORMAT);
  const struct hd_trace_header header = {.seed = 1};
  assert_int_equal(hd_log_create(&log, trace_path("no/such/folder.hdt"), &header), HD_ENOENT);
  assert_int_equal(hd_log_create(&log, trace_folder(), &header), HD_EINVAL);
  assert_int_equal(hd_log_create(&log, "/dev/null", &header), HD_EINVAL);
  assert_int_equal(hd_log_create(&log, "/dev/full", &header), HD_ENOSPC);
  assert_null(log);
  struct stat is;
  assert_int_equal(stat("/dev/full", &is), 0);
  assert_true(S_ISCHR(is.st_mode));
}

static void a_new_log_does_not_disturb_who_reads_the_old_one(void **state)
{
  (void)state;
  const char *path = trace_path("last.hdt");
  hd_log *first = create(path), *old, *second;
  append(first, 8000); // more than a reader takes in at once
  assert_int_equal(hd_log_close(first), HD_OK);
  assert_int_equal(hd_log_open(&old, path), HD_OK);
  second = create(path);
  append(second, 3);
  assert_int_equal(expect_story(old, (struct hd_log_cursor){0}, 0), 8000);
  assert_int_equal(hd_log_close(second), HD_OK);
  assert_int_equal(hd_log_close(old), HD_OK);
}

static void the_header_can_be_completed_later(void **state)
{
  (void)state;
  const char *path = trace_path("header.hdt");
  hd_log *log = create(path);
  append(log, 10);
  struct hd_trace_header header = *hd_log_header(log);
  header.load_base = 0x5555;
  header.form = HD_TRACE_LIVE; // as it stands in the live file
  assert_int_equal(hd_log_set_header(log, &header), HD_OK);
  assert_int_equal(hd_log_close(log), HD_OK);
  assert_int_equal(hd_log_open(&log, path), HD_OK);
  assert_int_equal(hd_log_header(log)->load_base, 0x5555);
  assert_int_equal(expect_story(log, (struct hd_log_cursor){0}, 0), 10);
  assert_int_equal(hd_log_close(log), HD_OK);
}

static void put_text(hd_log *log, enum hd_event_kind kind, uint64_t a, uint64_t b, const char *text)
{
  const struct hd_entry entry = {
      .record = {.kind = (uint16_t)kind, .a = a, .b = b}, .text = text, .text_size = (uint32_t)strlen(text)};
  assert_int_equal(hd_log_append(log, &entry), HD_OK);
}

static void expect_places(hd_log *log)
{
  struct hd_place place;
  assert_int_equal(hd_log_place(log, 0x401000, &place), HD_OK);
  assert_string_equal(place.file, "lesson.c");
  assert_string_equal(place.function, "main");
  assert_int_equal(place.line, 12);
  for (uint64_t i = 1; i <= 500; i++) {
    assert_int_equal(hd_log_place(log, 0x500000 + i * 16, &place), HD_OK);
    assert_int_equal(place.line, i);
  }
  assert_int_equal(hd_log_place(log, 0x401001, &place), HD_ENOENT);
  assert_int_equal(hd_log_place(log, 0x402000, &place), HD_ENOENT);
  assert_string_equal(hd_log_source(log, "lesson.c"), "int main(void)\n{\n}\n");
  assert_string_equal(hd_log_source(log, "lesson.c"), "int main(void)\n{\n}\n");
  assert_null(hd_log_source(log, "other.c"));
  assert_int_equal(hd_log_steps(log), 0);
}

static void places_and_sources_travel_with_the_log(void **state)
{
  (void)state;
  const char *path = trace_path("places.hdt");
  hd_log *log = create(path);
  put_text(log, HD_EV_LINE, 0x401000, 12, "lesson.c\nmain");
  put_text(log, HD_EV_LINE, 0x401000, 99, "other.c\nsecond"); // the first one counts
  put_text(log, HD_EV_LINE, 0x402000, 12, "no function");
  put_text(log, HD_EV_SOURCE, 0, 0, "lesson.c\nint main(void)\n{\n}\n");
  put_text(log, HD_EV_SOURCE, 0, 0, "no contents");
  for (uint64_t i = 1; i <= 500; i++)
    put_text(log, HD_EV_LINE, 0x500000 + i * 16, i, "lesson.c\nmany");
  expect_places(log);
  assert_int_equal(hd_log_close(log), HD_OK);
  assert_int_equal(hd_log_open(&log, path), HD_OK);
  expect_places(log);
  assert_int_equal(hd_log_close(log), HD_OK);
}

// ---- a full disk ----

// Appends until the disk is full. Returns the events the log took.
static uint64_t fill(hd_log *log, int *error)
{
  memset(long_text, 'l', sizeof long_text);
  for (uint64_t i = 0; i < 1000000; i++) {
    const struct hd_entry entry = event(i);
    *error = hd_log_append(log, &entry);
    if (*error)
      return i;
  }
  return 0;
}

static void a_full_disk_ends_a_log_that_stays_readable(void **state)
{
  (void)state;
  const char *folder = trace_path("small");
  assert_int_equal(mkdir(folder, 0700), 0);
  if (mount("none", folder, "tmpfs", 0, "size=600k") != 0) {
    print_message("not allowed to mount a small tmpfs here\n");
    skip();
  }
  hd_log *log = create(trace_path("small/full.hdt"));
  int error, again = HD_OK;
  const uint64_t taken = fill(log, &error);
  const struct hd_entry entry = event(0);
  again = hd_log_append(log, &entry);
  const uint64_t readable = expect_story(log, (struct hd_log_cursor){0}, 0);
  const int closed = hd_log_close(log);
  const int opened = hd_log_open(&log, trace_path("small/full.hdt"));
  const uint64_t kept = opened ? 0 : expect_story(log, (struct hd_log_cursor){0}, 0);
  if (!opened)
    assert_int_equal(hd_log_close(log), HD_OK);
  hd_log *second = NULL;
  const struct hd_trace_header header = {.seed = 1};
  const int refused = hd_log_create(&second, trace_path("small/second.hdt"), &header);
  const int left = access(trace_path("small/second.hdt"), F_OK);
  assert_int_equal(umount(folder), 0);
  assert_int_equal(error, HD_ENOSPC);
  assert_int_equal(again, HD_ENOSPC);
  assert_true(taken > 100);
  assert_int_equal(readable, taken);
  assert_int_equal(closed, HD_ENOSPC);
  assert_int_equal(opened, HD_OK);
  assert_in_range(kept, 100, taken);
  assert_int_equal(refused, HD_ENOSPC);
  assert_int_not_equal(left, 0);
}

// ---- live files as logs ----

static void a_killed_program_leaves_a_readable_trace(void **state)
{
  (void)state;
  const char *path = trace_path("killed.live");
  struct hd_live *live;
  const struct hd_live_opts opts = {.mode = HD_MODE_RECORD, .ring_records = 4096, .keep = true, .seed = 5};
  assert_int_equal(hd_live_create(&live, path, &opts), HD_OK);
  hd_live_close(live);
  int said[2];
  char answer;
  assert_int_equal(pipe(said), 0);
  (void)fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    (void)dup2(said[1], STDOUT_FILENO);
    (void)setenv("HEDDLE_TRACE", path, 1);
    (void)execl("/proc/self/exe", "writer", "counts", (char *)NULL);
    _exit(127);
  }
  assert_int_equal(read(said[0], &answer, 1), 1);
  hd_log *log;
  assert_int_equal(hd_log_open(&log, path),
                   HD_OK); // while it still runs: whatever it has not overwritten meanwhile
  assert_int_equal(hd_log_close(log), HD_OK);
  assert_int_equal(kill(child, SIGKILL), 0);
  assert_int_equal(trace_wait(child), 128 + SIGKILL);
  assert_int_equal(hd_log_open(&log, path), HD_OK);
  assert_int_equal(hd_log_header(log)->seed, 5);
  assert_int_equal(hd_log_header(log)->pid, child);
  struct hd_log_cursor cursor = {0};
  struct hd_entry entry;
  uint64_t last = 0, notes = 0;
  while (hd_log_next(log, &cursor, &entry) == 1) {
    if (entry.record.kind != HD_EV_NOTE)
      continue;
    assert_true(entry.record.a == last + 1 || last == 0);
    assert_memory_equal(entry.text, "counting on and on and on", 25);
    last = entry.record.a;
    notes++;
  }
  assert_true(last >= 5000);
  assert_in_range(notes, 1000, 4096 / 4 + 400); // what the ring holds: four records each
  assert_int_equal(hd_log_close(log), HD_OK);
  (void)close(said[0]);
  (void)close(said[1]);
}

static void a_live_file_we_hold_is_not_opened_a_second_time(void **state)
{
  (void)state;
  const char *path = trace_path("held.live");
  struct hd_live *live;
  const struct hd_live_opts opts = {.mode = HD_MODE_RECORD};
  assert_int_equal(hd_live_create(&live, path, &opts), HD_OK);
  hd_log *log = NULL;
  assert_int_equal(hd_log_open(&log, path), HD_EBUSY); // closing it would drop our own lock
  hd_live_close(live);
  assert_null(log);
}

int main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "counts") == 0)
    counts_until_it_is_killed();
  const struct CMUnitTest tests[] = {
      UNIT(what_is_appended_is_read_at_once_and_after_opening),
      UNIT(seeking_a_step_is_the_same_as_reading_up_to_it),
      UNIT(a_log_is_read_while_it_grows),
      UNIT(a_log_cut_off_anywhere_is_still_a_log),
      UNIT(what_is_no_log_is_refused),
      UNIT(a_new_log_does_not_disturb_who_reads_the_old_one),
      UNIT(the_header_can_be_completed_later),
      UNIT(places_and_sources_travel_with_the_log),
      UNIT(a_full_disk_ends_a_log_that_stays_readable),
      UNIT(a_killed_program_leaves_a_readable_trace),
      UNIT(a_live_file_we_hold_is_not_opened_a_second_time),
  };
  return cmocka_run_group_tests(tests, NULL, trace_clean);
}
