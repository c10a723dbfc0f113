// What the tests of src/trace share: files in memory where there is such a folder, writers in processes of
// their own, and live files made by hand. A test program that is started again with a first argument is the
// writer of that name.
#ifndef HD_TESTS_TRACE_HELP_H
#define HD_TESTS_TRACE_HELP_H

#include "unit.h"

#include "base/error.h"
#include "trace/event.h"
#include "trace/file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// A folder of this test program's own; removed by trace_clean.
static inline const char *trace_folder(void)
{
  static char folder[64];
  if (!folder[0]) {
    struct stat is;
    (void)snprintf(folder, sizeof folder, "%s/heddle-test-XXXXXX",
                   stat("/dev/shm", &is) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(folder))
      abort();
  }
  return folder;
}

static inline const char *trace_path(const char *name)
{
  static char path[16][256]; // so many are good at the same time
  static unsigned turn;
  char *out = path[turn++ % 16];
  (void)snprintf(out, sizeof path[0], "%s/%s", trace_folder(), name);
  return out;
}

static inline int trace_clean(void **state)
{
  (void)state;
  char command[128];
  (void)snprintf(command, sizeof command, "rm -rf '%s'", trace_folder());
  return system(command);
}

// Starts this program again as the writer `role` for the live file; it attaches before its main. Returns its
// process.
static inline pid_t trace_start_writer(const char *role, const char *live, const char *argument)
{
  (void)fflush(NULL);
  const pid_t child = fork();
  if (child)
    return child;
  if (live)
    (void)setenv("HEDDLE_TRACE", live, 1);
  (void)execl("/proc/self/exe", "writer", role, argument ? argument : "", (char *)NULL);
  _exit(127);
}

// Its exit status, or 128 + the signal that ended it.
static inline int trace_wait(pid_t child)
{
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child)
    return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// ---- live files made by hand ----

struct trace_craft {
  int fd;
  struct hd_file_head *head;
  struct hd_control *control;
  uint32_t capacity;
  uint64_t end;
};

// Makes a live file whose program (already attached, says the file) is a process that is gone.
static inline struct trace_craft trace_craft_make(const char *path, uint32_t capacity)
{
  struct hd_live *live;
  const struct hd_live_opts opts = {.ring_records = capacity, .mode = HD_MODE_RECORD, .keep = true};
  assert_int_equal(hd_live_create(&live, path, &opts), HD_OK);
  struct trace_craft craft = {.capacity = hd_live_header(live)->ring_records, .end = HD_FILE_RINGS};
  hd_live_close(live);
  craft.fd = open(path, O_RDWR);
  assert_true(craft.fd >= 0);
  void *at = mmap(NULL, HD_FILE_RINGS, PROT_READ | PROT_WRITE, MAP_SHARED, craft.fd, 0);
  assert_ptr_not_equal(at, MAP_FAILED);
  craft.head = at;
  craft.control = (void *)((char *)at + HD_FILE_CONTROL);
  atomic_store(&craft.control->program_pid, 1);
  return craft;
}

static inline struct hd_ring *trace_craft_ring(struct trace_craft *craft, unsigned slot)
{
  const uint64_t size = hd_file_ring_size(craft->capacity);
  assert_int_equal(hd_file_allocate(craft->fd, craft->end, size), HD_OK);
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, craft->fd, (off_t)craft->end);
  assert_ptr_not_equal(at, MAP_FAILED);
  struct hd_ring *ring = at;
  ring->capacity = craft->capacity;
  ring->slot = slot;
  atomic_store(&craft->head->rings[slot], craft->end);
  craft->end += size;
  return ring;
}

static inline void trace_craft_put(struct hd_ring *ring, const struct hd_record *record)
{
  const uint64_t head = atomic_load(&ring->head);
  uint64_t word[4];
  memcpy(word, record, sizeof word);
  for (int i = 0; i < 4; i++)
    atomic_store(&ring->cells[head % ring->capacity].word[i], word[i]);
  atomic_store(&ring->head, head + 1);
}

static inline void trace_craft_drop(struct trace_craft *craft)
{
  (void)munmap(craft->head, HD_FILE_RINGS);
  (void)close(craft->fd);
}

// A small generator of numbers, the same on every machine.
static inline uint64_t trace_random(uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

#endif
