// The program's side: who may write where, and what happens when there is no room, no viewer or no file. The
// programs are this test program again, started with a role.
#include "trace_help.h"

#include "trace/emit.h"
#include "trace/merge.h"

#include <sys/mount.h>

static void note(uint64_t a)
{
  hd_trace_emit(&(struct hd_step){.kind = HD_EV_NOTE, .object = 5, .a = a});
}

// Ends a program with a number that the test shows.
#define CHECK(x)                                                                                             \
  do {                                                                                                       \
    if (!(x)) {                                                                                              \
      (void)fprintf(stderr, "emit_test.c:%d: in the program: %s\n", __LINE__, #x);                           \
      _exit(90);                                                                                             \
    }                                                                                                        \
  } while (0)

// ---- programs ----

static int says_hello(const char *argument)
{
  CHECK(getenv("HEDDLE_TRACE") == NULL); // what we start must not write into our file
  CHECK(hd_trace_join(9) == 0);
  CHECK(hd_trace_slot() == &hd_control_here()->slots[0]);
  CHECK(hd_trace_attach(argument) == HD_EBUSY);
  note(1);
  const uint64_t stamp = hd_trace_last_stamp();
  hd_trace_emit(&(struct hd_step){.kind = HD_EV_NAME, .object = 9, .text = "a name", .text_size = 6});
  CHECK(hd_trace_last_stamp() == stamp);
  hd_trace_emit(
      &(struct hd_step){.kind = HD_EV_NOTE, .a = 2, .place = 0x1234, .text = "hello", .text_size = 5});
  CHECK(hd_trace_last_stamp() >= stamp);
  return 0;
}

static void *joins_and_leaves(void *arg)
{
  CHECK(hd_trace_join(20) == 1);
  note((uint64_t)(uintptr_t)arg);
  hd_trace_leave();
  CHECK(hd_trace_slot() == NULL);
  return NULL;
}

static void *only_emits(void *arg)
{
  note((uint64_t)(uintptr_t)arg);
  CHECK(hd_trace_slot() == &hd_control_here()->slots[1]);
  return NULL;
}

static int reuses_slots(const char *argument)
{
  (void)argument;
  CHECK(hd_trace_join(1) == 0);
  void *(*const role[])(void *) = {joins_and_leaves, only_emits, only_emits, joins_and_leaves};
  for (uintptr_t i = 0; i < 4; i++) {
    struct hd_os_thread thread;
    CHECK(hd_os_thread_start(&thread, role[i], (void *)(i + 1), 0, NULL) == HD_OK);
    hd_os_thread_join(thread);
  }
  return 0;
}

#define CROWD (HD_SLOTS + 10)
static _Atomic uint32_t crowd_here, crowd_go;

static void *is_one_of_a_crowd(void *arg)
{
  (void)arg;
  const int slot = hd_trace_join(30);
  note(1); // untraced threads may emit as well: nothing happens, and nothing is counted twice
  note(2);
  atomic_fetch_add(&crowd_here, 1);
  hd_os_wake(&crowd_here, 1, false);
  while (!atomic_load(&crowd_go))
    (void)hd_os_wait(&crowd_go, 0, HD_FOREVER, false);
  if (slot >= 0)
    hd_trace_leave();
  return NULL;
}

static int comes_as_a_crowd(const char *argument)
{
  (void)argument;
  static struct hd_os_thread thread[CROWD];
  for (unsigned i = 0; i < CROWD; i++)
    CHECK(hd_os_thread_start(&thread[i], is_one_of_a_crowd, NULL, 65536, NULL) == HD_OK);
  for (uint32_t here; (here = atomic_load(&crowd_here)) < CROWD;)
    (void)hd_os_wait(&crowd_here, here, HD_FOREVER, false);
  CHECK(atomic_load(&hd_control_here()->untraced) == CROWD + 1 - HD_SLOTS); // the main thread has a slot, too
  atomic_store(&crowd_go, 1);
  hd_os_wake(&crowd_go, CROWD, false);
  for (unsigned i = 0; i < CROWD; i++)
    hd_os_thread_join(thread[i]);
  for (int i = 0; i < 2; i++) {
    struct hd_os_thread thread_again;
    CHECK(hd_os_thread_start(&thread_again, only_emits, NULL, 0, NULL) == HD_OK); // room again
    hd_os_thread_join(thread_again);
  }
  return 0;
}

static int forks(const char *argument)
{
  (void)argument;
  note(1);
  const pid_t child = fork();
  if (child == 0) {
    CHECK(hd_control_here()->mode == HD_MODE_OFF);
    CHECK(!hd_trace_viewer_alive());
    note(666);
    exit(0); // the exit hooks of a child must not remove its parent's file
  }
  CHECK(trace_wait(child) == 0);
  note(2);
  return 0;
}

static int writes_a_thousand(const char *argument)
{
  (void)argument;
  for (uint64_t i = 0; i < 1000; i++)
    note(i);
  return 0;
}

static int has_no_room(const char *argument)
{
  (void)argument;
  CHECK(hd_trace_join(1) >= 0);
  note(1);
  note(2);
  CHECK(atomic_load(&hd_control_here()->untraced) == 1);
  CHECK(atomic_load(&hd_control_here()->no_room) == 1);
  return 0;
}

static int starts_by_itself(const char *argument)
{
  hd_trace_start();
  hd_trace_start();
  CHECK(atomic_load(&hd_control_here()->program_pid) ==
        (strcmp(argument, "off") == 0 ? 0 : (uint32_t)getpid()));
  note(1); // nobody looks: not even a ring is made
  char line[8];
  (void)!write(STDOUT_FILENO, "y", 1);
  (void)!read(STDIN_FILENO, line, 1); // until the test has looked
  note(2);
  (void)!write(STDOUT_FILENO, "y", 1);
  (void)!read(STDIN_FILENO, line, 1);
  return 0;
}

static const struct {
  const char *role;
  int (*run)(const char *argument);
} programs[] = {
    {"says_hello", says_hello},
    {"reuses_slots", reuses_slots},
    {"comes_as_a_crowd", comes_as_a_crowd},
    {"forks", forks},
    {"writes_a_thousand", writes_a_thousand},
    {"has_no_room", has_no_room},
    {"starts_by_itself", starts_by_itself},
};

// ---- tests ----

static struct hd_live *make(const char *path, bool lossless, uint32_t ring_records)
{
  struct hd_live *live;
  const struct hd_live_opts opts = {
      .mode = HD_MODE_RECORD, .places = true, .lossless = lossless, .ring_records = ring_records};
  assert_int_equal(hd_live_create(&live, path, &opts), HD_OK);
  assert_int_equal(hd_live_lock(live), HD_OK);
  return live;
}

// Runs a program to its end, and merges what it wrote.
static hd_merge *run(struct hd_live *live, const char *path, const char *role)
{
  assert_int_equal(trace_wait(trace_start_writer(role, path, path)), 0);
  hd_merge *merge;
  assert_int_equal(hd_merge_open(&merge, live), HD_OK);
  return merge;
}

static void expect(hd_merge *merge, unsigned kind, unsigned actor, uint64_t a)
{
  struct hd_entry entry;
  assert_int_equal(hd_merge_next(merge, &entry), 1);
  assert_int_equal(entry.record.kind, kind);
  assert_int_equal(entry.record.actor, actor);
  assert_int_equal(entry.record.a, a);
}

static void finish(hd_merge *merge, struct hd_live *live)
{
  struct hd_entry entry;
  assert_int_equal(hd_merge_next(merge, &entry), HD_EEND);
  hd_merge_close(merge);
  hd_live_close(live);
}

static void without_a_live_file_nothing_happens(void **state)
{
  (void)state;
  assert_int_equal(hd_trace_join(1), -1);
  note(1);
  assert_null(hd_trace_slot());
  assert_false(hd_trace_viewer_alive());
  hd_trace_leave();
  assert_int_equal(hd_trace_attach(trace_path("nothing")), HD_ENOENT);
  assert_int_equal(hd_trace_attach("/dev/null"), HD_EFORMAT);
}

static void a_program_attaches_before_its_main(void **state)
{
  (void)state;
  const char *path = trace_path("hello");
  struct hd_live *live = make(path, false, 0);
  hd_merge *merge = run(live, path, "says_hello");
  const struct hd_trace_header *header = hd_live_header(live);
  char self[256] = {0};
  assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
  assert_string_equal(header->program, self);
  assert_int_equal(header->pid, atomic_load(&hd_live_control(live)->program_pid));
  assert_true(header->load_base % 4096 == 0);
  struct hd_entry entry;
  expect(merge, HD_EV_NOTE, 0, 1);
  assert_int_equal(hd_merge_next(merge, &entry), 1);
  assert_int_equal(entry.record.kind, HD_EV_NAME);
  assert_memory_equal(entry.text, "a name", 6);
  assert_int_equal(hd_merge_next(merge, &entry), 1);
  assert_int_equal(entry.place, 0x1234);
  assert_int_equal(entry.text_size, 5);
  assert_memory_equal(entry.text, "hello", 5);
  assert_int_equal(hd_live_control(live)->slots[0].object, 9);
  finish(merge, live);
}

static void a_second_program_is_refused(void **state)
{
  (void)state;
  const char *path = trace_path("second");
  struct hd_live *live = make(path, false, 0);
  const int fd = open(path, O_RDWR);
  assert_int_equal(hd_file_lock(fd, HD_FILE_PROGRAM), HD_OK); // as a program that runs does
  (void)fflush(NULL);
  const pid_t other = fork();
  if (other == 0)
    _exit(hd_trace_attach(path) == HD_EBUSY ? 0 : 1);
  assert_int_equal(trace_wait(other), 0);
  (void)close(fd);
  hd_live_close(live);
}

static void slots_and_rings_of_ended_threads_are_used_again(void **state)
{
  (void)state;
  const char *path = trace_path("reuse");
  struct hd_live *live = make(path, false, 0);
  hd_merge *merge = run(live, path, "reuses_slots");
  for (uint64_t a = 1; a <= 4; a++)
    expect(merge, HD_EV_NOTE, 1, a);
  assert_null(hd_live_ring(live, 2, NULL));
  assert_int_equal(atomic_load(&hd_live_control(live)->slots[1].state), HD_SLOT_FREE);
  finish(merge, live);
}

static void threads_beyond_the_slots_are_counted(void **state)
{
  (void)state;
  const char *path = trace_path("crowd");
  struct hd_live *live = make(path, false, 64);
  hd_merge *merge = run(live, path, "comes_as_a_crowd");
  struct hd_entry entry;
  unsigned events = 0;
  while (hd_merge_next(merge, &entry) == 1)
    events++;
  assert_int_equal(events, 2 * (HD_SLOTS - 1) + 2);
  finish(merge, live);
}

static void a_forked_child_writes_nothing(void **state)
{
  (void)state;
  const char *path = trace_path("fork");
  struct hd_live *live = make(path, false, 0);
  hd_merge *merge = run(live, path, "forks");
  assert_int_equal(access(path, F_OK), 0);
  expect(merge, HD_EV_NOTE, 0, 1);
  expect(merge, HD_EV_NOTE, 0, 2);
  finish(merge, live);
}

static void a_program_without_a_viewer_removes_its_file(void **state)
{
  (void)state;
  const char *path = trace_path("alone");
  struct hd_live *live;
  const struct hd_live_opts opts = {
      .mode = HD_MODE_RECORD, .lossless = true, .ring_records = 64, .keep = true};
  assert_int_equal(hd_live_create(&live, path, &opts), HD_OK);
  hd_live_close(live);
  assert_int_equal(trace_wait(trace_start_writer("writes_a_thousand", path, NULL)),
                   0); // and waits for nobody
  assert_int_not_equal(access(path, F_OK), 0);
}

static void be_a_viewer_that_never_reads(const char *path, int ready)
{
  struct hd_live *live;
  if (hd_live_open(&live, path) != HD_OK || hd_live_lock(live) != HD_OK)
    _exit(1);
  (void)!write(ready, "y", 1);
  for (;;)
    (void)pause();
}

static void a_dead_viewer_releases_a_writer_that_waits_for_it(void **state)
{
  (void)state;
  const char *path = trace_path("release");
  const struct hd_live_opts opts = {.mode = HD_MODE_HOLD, .lossless = true, .ring_records = 64};
  struct hd_live *live;
  assert_int_equal(hd_live_create(&live, path, &opts), HD_OK);
  int ready[2];
  char answer;
  assert_int_equal(pipe(ready), 0);
  (void)fflush(NULL);
  const pid_t viewer = fork();
  if (viewer == 0)
    be_a_viewer_that_never_reads(path, ready[1]);
  assert_int_equal(read(ready[0], &answer, 1), 1);
  const pid_t writer = trace_start_writer("writes_a_thousand", path, NULL);
  struct hd_ring *ring;
  while (!(ring = hd_live_ring(live, 0, NULL)) || atomic_load(&ring->head) < 50)
    hd_os_yield();
  assert_in_range(atomic_load(&ring->head), 50, 56); // 7/8 of the ring: it waits
  assert_int_equal(kill(viewer, SIGKILL), 0);
  assert_int_equal(trace_wait(viewer), 128 + SIGKILL);
  assert_int_equal(trace_wait(writer), 0);
  assert_true(atomic_load(&ring->head) >= 1000);
  assert_int_equal(atomic_load(&hd_live_control(live)->mode), HD_MODE_RECORD);
  (void)close(ready[0]);
  (void)close(ready[1]);
  hd_live_close(live);
}

static void a_thread_without_room_for_a_ring_runs_untraced(void **state)
{
  (void)state;
  const char *folder = trace_path("small");
  assert_int_equal(mkdir(folder, 0700), 0);
  if (mount("none", folder, "tmpfs", 0, "size=1m") != 0) {
    print_message("not allowed to mount a small tmpfs here\n");
    skip();
  }
  struct hd_live *live;
  const struct hd_live_opts opts = {.mode = HD_MODE_RECORD};
  const int made = hd_live_create(&live, trace_path("small/live"), &opts);
  const int ended = made ? 1 : trace_wait(trace_start_writer("has_no_room", trace_path("small/live"), NULL));
  if (!made)
    hd_live_close(live);
  assert_int_equal(umount(folder), 0);
  assert_int_equal(made, HD_OK);
  assert_int_equal(ended, 0);
}

// ---- programs that nobody started to be watched ----

struct conversation {
  int to, from;
  pid_t child;
};

static struct conversation start_alone(const char *wish)
{
  int to[2], from[2];
  assert_int_equal(pipe(to), 0);
  assert_int_equal(pipe(from), 0);
  (void)fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    (void)dup2(to[0], STDIN_FILENO);
    (void)dup2(from[1], STDOUT_FILENO);
    (void)close(to[0]);
    (void)close(to[1]);
    (void)close(from[0]);
    (void)close(from[1]);
    (void)setenv("XDG_RUNTIME_DIR", trace_folder(), 1);
    if (*wish)
      (void)setenv("HEDDLE_TRACE", wish, 1);
    (void)execl("/proc/self/exe", "writer", "starts_by_itself", wish, (char *)NULL);
    _exit(127);
  }
  (void)close(to[0]);
  (void)close(from[1]);
  return (struct conversation){.to = to[1], .from = from[0], .child = child};
}

static void hear(const struct conversation *with)
{
  char said = 0;
  assert_int_equal(read(with->from, &said, 1), 1);
}

static void end_alone(const struct conversation *with)
{
  (void)close(with->to);
  assert_int_equal(trace_wait(with->child), 0);
  (void)close(with->from);
}

static void a_program_started_without_a_viewer_can_be_watched(void **state)
{
  (void)state;
  assert_int_equal(setenv("XDG_RUNTIME_DIR", trace_folder(), 1), 0);
  const struct conversation with = start_alone("");
  hear(&with);
  char path[256];
  struct hd_live *live;
  hd_merge *merge;
  assert_int_equal(hd_live_find(path, sizeof path, (uint32_t)with.child), HD_OK);
  assert_int_equal(hd_live_find(path, sizeof path, 0), HD_OK);
  assert_int_equal(hd_live_open(&live, path), HD_OK);
  assert_int_equal(hd_live_lock(live), HD_OK);
  assert_null(hd_live_ring(live, 0, NULL));
  hd_control_set_mode(hd_live_control(live), HD_MODE_RECORD);
  assert_int_equal(write(with.to, "g", 1), 1);
  hear(&with);
  assert_int_equal(hd_merge_open(&merge, live), HD_OK);
  end_alone(&with);
  expect(merge, HD_EV_NOTE, 0, 2);
  finish(merge, live);
  assert_int_not_equal(access(path, F_OK), 0);
  assert_int_equal(hd_live_find(path, sizeof path, 0), HD_ENOENT);
}

static void a_program_that_does_not_wish_to_be_watched_makes_no_file(void **state)
{
  (void)state;
  assert_int_equal(setenv("XDG_RUNTIME_DIR", trace_folder(), 1), 0);
  const struct conversation with = start_alone("off");
  char path[256];
  hear(&with);
  assert_int_equal(hd_live_find(path, sizeof path, (uint32_t)with.child), HD_ENOENT);
  assert_int_equal(write(with.to, "g", 1), 1);
  end_alone(&with);
}

// ---- object ids ----

#define IDS 5000
static uint32_t ids[4][IDS];

static void *take_ids(void *arg)
{
  for (int i = 0; i < IDS; i++)
    ((uint32_t *)arg)[i] = hd_trace_object();
  return NULL;
}

static int by_number(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void object_ids_are_never_given_twice(void **state)
{
  (void)state;
  struct hd_os_thread thread[4];
  for (int i = 0; i < 4; i++)
    assert_int_equal(hd_os_thread_start(&thread[i], take_ids, ids[i], 0, NULL), HD_OK);
  for (int i = 0; i < 4; i++)
    hd_os_thread_join(thread[i]);
  uint32_t *all = &ids[0][0];
  const size_t count = sizeof ids / sizeof ids[0][0];
  qsort(all, count, sizeof *all, by_number);
  assert_int_not_equal(all[0], 0);
  for (size_t i = 1; i < count; i++)
    assert_int_not_equal(all[i], all[i - 1]);
}

int main(int argc, char **argv)
{
  for (size_t i = 0; argc > 1 && i < sizeof programs / sizeof *programs; i++)
    if (strcmp(argv[1], programs[i].role) == 0)
      return programs[i].run(argc > 2 ? argv[2] : "");
  const struct CMUnitTest tests[] = {
      UNIT(without_a_live_file_nothing_happens),
      UNIT(a_program_attaches_before_its_main),
      UNIT(a_second_program_is_refused),
      UNIT(slots_and_rings_of_ended_threads_are_used_again),
      UNIT(threads_beyond_the_slots_are_counted),
      UNIT(a_forked_child_writes_nothing),
      UNIT(a_program_without_a_viewer_removes_its_file),
      UNIT(a_dead_viewer_releases_a_writer_that_waits_for_it),
      UNIT(a_thread_without_room_for_a_ring_runs_untraced),
      UNIT(a_program_started_without_a_viewer_can_be_watched),
      UNIT(a_program_that_does_not_wish_to_be_watched_makes_no_file),
      UNIT(object_ids_are_never_given_twice),
  };
  return cmocka_run_group_tests(tests, NULL, trace_clean);
}
