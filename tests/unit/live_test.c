// Live files: made whole or not at all, believed only after checking, and locked by whoever lives.
#include "trace_help.h"

#include <sys/mount.h>
#include <time.h>

static const struct hd_live_opts plain = {
    .mode = HD_MODE_RECORD, .ring_records = 100, .seed = 77, .lesson = "21_worker_pool"};

static struct hd_live *create(const char *path, const struct hd_live_opts *opts)
{
  struct hd_live *live = NULL;
  assert_int_equal(hd_live_create(&live, path, opts), HD_OK);
  return live;
}

static void what_was_made_is_what_is_opened(void **state)
{
  (void)state;
  const char *path = trace_path("made.live");
  struct hd_live *made = create(path, &plain), *opened;
  assert_int_equal(hd_live_open(&opened, path), HD_OK);
  const struct hd_trace_header *header = hd_live_header(opened);
  assert_int_equal(header->ring_records, 128);
  assert_int_equal(header->seed, 77);
  assert_string_equal(header->lesson, "21_worker_pool");
  assert_true(header->rate.mult > 0);
  assert_int_equal(atomic_load(&hd_live_control(opened)->mode), HD_MODE_RECORD);
  hd_control_set_mode(hd_live_control(opened), HD_MODE_HOLD);
  assert_int_equal(atomic_load(&hd_live_control(made)->mode), HD_MODE_HOLD);
  assert_null(hd_live_ring(opened, 0, NULL));
  assert_null(hd_live_ring(opened, HD_SLOTS, NULL));
  assert_true(hd_live_program_alive(opened));
  assert_true(hd_live_is_reader(made));
  assert_false(hd_live_is_reader(opened));
  hd_live_close(opened);
  hd_live_close(made);
}

static void who_made_a_file_removes_it_unless_it_is_to_be_kept(void **state)
{
  (void)state;
  struct hd_live_opts keep = plain;
  keep.keep = true;
  hd_live_close(create(trace_path("gone.live"), &plain));
  hd_live_close(create(trace_path("kept.live"), &keep));
  assert_int_not_equal(access(trace_path("gone.live"), F_OK), 0);
  assert_int_equal(access(trace_path("kept.live"), F_OK), 0);
}

static void a_file_that_cannot_be_made_leaves_nothing_behind(void **state)
{
  (void)state;
  struct hd_live *live = NULL;
  assert_int_equal(hd_live_create(&live, trace_path("no/such/folder"), &plain), HD_ENOENT);
  assert_int_equal(mkdir(trace_path("taken"), 0700), 0);
  assert_int_not_equal(hd_live_create(&live, trace_path("taken"), &plain), HD_OK);
  assert_int_not_equal(access(trace_path("taken.new"), F_OK), 0);
  assert_null(live);
}

// ---- damaged files ----

static void write_file(const char *path, const void *bytes, size_t size)
{
  FILE *out = fopen(path, "w");
  assert_non_null(out);
  assert_int_equal(fwrite(bytes, 1, size, out), size);
  assert_int_equal(fclose(out), 0);
}

static void what_is_no_live_file_is_refused(void **state)
{
  (void)state;
  struct hd_live *live = NULL;
  assert_int_equal(hd_live_open(&live, trace_path("nothing")), HD_ENOENT);
  assert_int_equal(hd_live_open(&live, trace_folder()), HD_EFORMAT);
  assert_int_equal(hd_live_open(&live, "/dev/null"), HD_EFORMAT);
  assert_int_equal(mkfifo(trace_path("pipe"), 0600), 0);
  assert_int_equal(hd_live_open(&live, trace_path("pipe")), HD_EFORMAT);
  write_file(trace_path("short"), "heddle\x1a\n", 8);
  assert_int_equal(hd_live_open(&live, trace_path("short")), HD_EFORMAT);
  assert_null(live);
}

static void set(const char *path, size_t offset, const void *bytes, size_t size)
{
  const int fd = open(path, O_RDWR);
  assert_true(fd >= 0);
  assert_int_equal(pwrite(fd, bytes, size, (off_t)offset), size);
  (void)close(fd);
}

static void expect_header(size_t offset, uint32_t value, int error)
{
  const char *path = trace_path("header.live");
  struct hd_live_opts keep = plain;
  keep.keep = true;
  hd_live_close(create(path, &keep));
  set(path, offset, &value, sizeof value);
  struct hd_live *live = NULL;
  assert_int_equal(hd_live_open(&live, path), error);
}

static void a_damaged_header_is_refused(void **state)
{
  (void)state;
  expect_header(0, 0, HD_EFORMAT);
  expect_header(offsetof(struct hd_trace_header, byte_order), 0x04030201, HD_EFORMAT);
  expect_header(offsetof(struct hd_trace_header, version), HD_TRACE_VERSION + 1, HD_EVERSION);
  expect_header(offsetof(struct hd_trace_header, form), HD_TRACE_LOG, HD_EFORMAT);
  expect_header(offsetof(struct hd_trace_header, header_size), 12, HD_EFORMAT);
  expect_header(offsetof(struct hd_trace_header, ring_records), 0, HD_EFORMAT);
  expect_header(offsetof(struct hd_trace_header, ring_records), 100, HD_EFORMAT);
  expect_header(offsetof(struct hd_trace_header, ring_records), 1u << 31, HD_EFORMAT);
}

static void strings_of_a_header_always_end(void **state)
{
  (void)state;
  const char *path = trace_path("strings.live");
  struct hd_live_opts keep = plain;
  keep.keep = true;
  hd_live_close(create(path, &keep));
  char full[1024];
  memset(full, 'x', sizeof full);
  set(path, offsetof(struct hd_trace_header, program), full, 256);
  set(path, offsetof(struct hd_trace_header, schedule), full, 1024);
  set(path, offsetof(struct hd_trace_header, rate.mult), (uint32_t[]){0, 99}, 8);
  struct hd_live *live;
  assert_int_equal(hd_live_open(&live, path), HD_OK);
  assert_int_equal(strlen(hd_live_header(live)->program), 255);
  assert_int_equal(strlen(hd_live_header(live)->schedule), 1023);
  assert_true(hd_live_header(live)->rate.mult > 0 && hd_live_header(live)->rate.shift < 64);
  hd_live_close(live);
}

static void expect_no_ring(uint64_t offset)
{
  struct trace_craft craft = trace_craft_make(trace_path("rings.live"), 64);
  struct hd_ring *ring = trace_craft_ring(&craft, 2);
  const uint64_t true_offset = atomic_load(&craft.head->rings[2]);
  if (offset == 0)
    ring->capacity = 128; // more than was allocated
  else
    atomic_store(&craft.head->rings[2], true_offset + offset);
  struct hd_live *live;
  assert_int_equal(hd_live_open(&live, trace_path("rings.live")), HD_OK);
  assert_null(hd_live_ring(live, 2, NULL));
  ring->capacity = 64;
  atomic_store(&craft.head->rings[2], true_offset);
  assert_null(hd_live_ring(live, 2, NULL)); // what was damaged once is not looked at again
  hd_live_close(live);
  trace_craft_drop(&craft);
}

static void a_ring_outside_the_file_is_refused(void **state)
{
  (void)state;
  expect_no_ring(0);
  expect_no_ring(64);
  expect_no_ring(HD_FILE_UNIT);
  expect_no_ring(UINT64_C(1) << 63);
  expect_no_ring((uint64_t)0 - HD_FILE_UNIT); // the control block is no ring
  expect_no_ring(UINT64_C(1) << 62);
}

// ---- locks ----

static void hold_the_viewers_lock(const char *path, int ready)
{
  struct hd_live *live;
  const bool held = hd_live_open(&live, path) == HD_OK && hd_live_lock(live) == HD_OK;
  (void)!write(ready, held ? "y" : "n", 1);
  (void)close(ready);
  for (;;)
    (void)pause();
}

static void the_viewers_lock_is_lost_with_the_viewer(void **state)
{
  (void)state;
  const char *path = trace_path("locked.live");
  struct hd_live *live = create(path, &plain);
  int ready[2];
  char answer = 0;
  assert_int_equal(pipe(ready), 0);
  (void)fflush(NULL);
  const pid_t viewer = fork();
  if (viewer == 0)
    hold_the_viewers_lock(path, ready[1]);
  (void)close(ready[1]);
  assert_int_equal(read(ready[0], &answer, 1), 1);
  (void)close(ready[0]);
  assert_int_equal(answer, 'y');
  assert_int_equal(hd_live_lock(live), HD_EBUSY);
  assert_int_equal(kill(viewer, SIGKILL), 0);
  assert_int_equal(trace_wait(viewer), 128 + SIGKILL);
  assert_int_equal(hd_live_lock(live), HD_OK);
  hd_live_close(live);
}

// ---- a full disk ----

static void a_full_disk_is_an_error_and_nothing_else(void **state)
{
  (void)state;
  const char *folder = trace_path("small");
  assert_int_equal(mkdir(folder, 0700), 0);
  if (mount("none", folder, "tmpfs", 0, "size=96k") != 0) {
    print_message("not allowed to mount a small tmpfs here\n");
    skip();
  }
  struct hd_live *live = NULL;
  const int made = hd_live_create(&live, trace_path("small/x.live"), &plain);
  const int name = access(trace_path("small/x.live"), F_OK),
            aside = access(trace_path("small/x.live.new"), F_OK);
  const int gone = umount(folder);
  assert_int_equal(made, HD_ENOSPC);
  assert_null(live);
  assert_int_not_equal(name, 0);
  assert_int_not_equal(aside, 0);
  assert_int_equal(gone, 0);
}

// ---- the folder ----

static void the_folder_is_made_and_belongs_to_us_alone(void **state)
{
  (void)state;
  char folder[256], again[256];
  struct stat is;
  assert_int_equal(mkdir(trace_path("run"), 0700), 0);
  assert_int_equal(setenv("XDG_RUNTIME_DIR", trace_path("run"), 1), 0);
  assert_int_equal(hd_live_folder(folder, sizeof folder), HD_OK);
  assert_string_equal(folder, trace_path("run/heddle"));
  assert_int_equal(stat(folder, &is), 0);
  assert_int_equal(is.st_mode & 0777, 0700);
  assert_int_equal(hd_live_folder(again, 10), HD_EINVAL);
  assert_int_equal(chmod(folder, 0750), 0);
  assert_int_equal(hd_live_folder(again, sizeof again), HD_EACCES);
  assert_int_equal(rmdir(folder), 0);
  assert_int_equal(symlink("/tmp", folder), 0);
  assert_int_equal(hd_live_folder(again, sizeof again), HD_EACCES);
  assert_int_equal(unlink(folder), 0);
}

static void without_a_runtime_folder_a_temporary_one_is_used(void **state)
{
  (void)state;
  char folder[256], expected[256];
  assert_int_equal(setenv("XDG_RUNTIME_DIR", "/run/user/of/a/session/that/is/over", 1), 0);
  assert_int_equal(setenv("TMPDIR", trace_folder(), 1), 0);
  (void)snprintf(expected, sizeof expected, "%s/heddle-%u", trace_folder(), (unsigned)geteuid());
  assert_int_equal(hd_live_folder(folder, sizeof folder), HD_OK);
  assert_string_equal(folder, expected);
  assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
  assert_int_equal(hd_live_folder(folder, sizeof folder), HD_OK);
  assert_string_equal(folder, expected);
  assert_int_equal(unsetenv("TMPDIR"), 0);
}

static void make_old(const char *path)
{
  const struct timespec hour_ago[2] = {{.tv_sec = time(NULL) - 3600}, {.tv_sec = time(NULL) - 3600}};
  assert_int_equal(utimensat(AT_FDCWD, path, hour_ago, 0), 0);
}

static void files_that_nobody_holds_are_removed_from_the_folder(void **state)
{
  (void)state;
  assert_int_equal(setenv("XDG_RUNTIME_DIR", trace_folder(), 1), 0);
  char stale[256], young[256], ours[256], folder[256];
  struct hd_live_opts keep = plain;
  keep.keep = true;
  assert_int_equal(hd_live_new_path(stale, sizeof stale), HD_OK);
  assert_int_equal(hd_live_new_path(young, sizeof young), HD_OK);
  assert_int_equal(hd_live_new_path(ours, sizeof ours), HD_OK);
  assert_string_not_equal(stale, young);
  hd_live_close(create(stale, &keep));
  hd_live_close(create(young, &keep));
  struct hd_live *open = create(ours, &plain);
  assert_int_equal(hd_live_lock(open), HD_OK);
  make_old(stale);
  make_old(ours);
  assert_int_equal(hd_live_folder(folder, sizeof folder), HD_OK);
  assert_int_not_equal(access(stale, F_OK), 0);
  assert_int_equal(access(young, F_OK), 0);
  assert_int_equal(access(ours, F_OK), 0);
  char found[256];
  assert_int_equal(hd_live_find(found, sizeof found, 0), HD_ENOENT);
  hd_live_close(open);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(what_was_made_is_what_is_opened),
      UNIT(who_made_a_file_removes_it_unless_it_is_to_be_kept),
      UNIT(a_file_that_cannot_be_made_leaves_nothing_behind),
      UNIT(what_is_no_live_file_is_refused),
      UNIT(a_damaged_header_is_refused),
      UNIT(strings_of_a_header_always_end),
      UNIT(a_ring_outside_the_file_is_refused),
      UNIT(the_viewers_lock_is_lost_with_the_viewer),
      UNIT(a_full_disk_is_an_error_and_nothing_else),
      UNIT(the_folder_is_made_and_belongs_to_us_alone),
      UNIT(without_a_runtime_folder_a_temporary_one_is_used),
      UNIT(files_that_nobody_holds_are_removed_from_the_folder),
  };
  return cmocka_run_group_tests(tests, NULL, trace_clean);
}
