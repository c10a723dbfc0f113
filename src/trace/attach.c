// Attaching this process to a live file: before main when $HEDDLE_TRACE names one, else to a file of its own.
// Invariant: one file per process, for good; a forked child is never attached. Any thread.
#include "trace/file.h"
#include "trace/writer.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

_Alignas(HD_CONTROL_SIZE) union hd_control_page hd_control_page;

struct hd_program hd_program = {.lock = HD_LOCK_INIT, .fd = -1};

static pthread_key_t leaver; // gives back the slot of a thread that ends without hd_trace_leave
static pthread_once_t hooks_once = PTHREAD_ONCE_INIT, start_once = PTHREAD_ONCE_INIT;

// ---- what the header tells about this program ----

static void put_hex(char *out, size_t cap, const unsigned char *bytes, size_t size)
{
  for (size_t i = 0; i < size && 2 * i + 2 < cap; i++)
    (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void find_build_id(const struct dl_phdr_info *info, const ElfW(Phdr) * segment,
                          struct hd_trace_header *header)
{
  const char *at = (const char *)(info->dlpi_addr + segment->p_vaddr), *end = at + segment->p_memsz;
  while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    memcpy(&note, at, sizeof note);
    const size_t name = (note.n_namesz + 3u) & ~3u, body = (note.n_descsz + 3u) & ~3u;
    at += sizeof note;
    if ((size_t)(end - at) < name + body)
      return;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(at, "GNU", 4) == 0)
      put_hex(header->build_id, sizeof header->build_id, (const unsigned char *)at + name, note.n_descsz);
    at += name + body;
  }
}

static int describe_object(struct dl_phdr_info *info, size_t size, void *context)
{
  (void)size;
  struct hd_trace_header *header = context;
  header->load_base = info->dlpi_addr;
  for (unsigned i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_NOTE)
      find_build_id(info, &info->dlpi_phdr[i], header);
  return 1; // the first object is the program itself
}

static void describe(struct hd_trace_header *header)
{
  header->pid = (uint32_t)getpid();
  header->cores = hd_os_cpus();
  (void)dl_iterate_phdr(describe_object, header);
  char path[sizeof header->program];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length > 0) {
    path[length] = '\0';
    memcpy(header->program, path, (size_t)length + 1);
  }
}

// ---- attaching ----

static int map_file(int fd)
{
  struct stat is;
  if (fstat(fd, &is) != 0)
    return hd_error_from_errno(errno);
  if (!S_ISREG(is.st_mode) || is.st_size < (off_t)HD_FILE_RINGS)
    return HD_EFORMAT;
  void *head = mmap(NULL, HD_FILE_UNIT, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (head == MAP_FAILED)
    return hd_error_from_errno(errno);
  hd_program.head = head;
  hd_program.end = ((uint64_t)is.st_size + HD_FILE_UNIT - 1) / HD_FILE_UNIT * HD_FILE_UNIT;
  struct hd_trace_header header = hd_program.head->header;
  const int error = hd_header_check(&header, HD_TRACE_LIVE);
  hd_program.ring_records = header.ring_records;
  return error;
}

// Other threads may pass points meanwhile: they see the old page or the new one.
static int map_control(int fd)
{
  const uint32_t quiet = atomic_load(&hd_control_here()->quiet);
  if (mmap(&hd_control_page, HD_CONTROL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
           HD_FILE_CONTROL) == MAP_FAILED)
    return hd_error_from_errno(errno);
  atomic_fetch_add(&hd_control_here()->quiet, quiet);
  hd_control_update(hd_control_here());
  return HD_OK;
}

static int attach_fd(int fd)
{
  int error = map_file(fd);
  if (error)
    return error;
  error = hd_file_lock(fd, HD_FILE_PROGRAM);
  if (error)
    return error;
  describe(&hd_program.head->header);
  return map_control(fd);
}

static void forget_file(void)
{
  if (hd_program.head)
    (void)munmap(hd_program.head, HD_FILE_UNIT);
  if (hd_program.fd >= 0)
    (void)close(hd_program.fd);
  free(hd_program.path);
  hd_program.head = NULL;
  hd_program.fd = -1;
  hd_program.path = NULL;
}

static void at_exit(void)
{
  if (!atomic_load(&hd_program.attached))
    return;
  // Without a viewer nobody else would remove the file of a program that ends.
  if (hd_program.path && (hd_program.own || !hd_trace_viewer_alive()))
    (void)unlink(hd_program.path);
}

// A child's threads must not write into its parent's rings.
static void in_forked_child(void)
{
  hd_writer = (struct hd_writer){0};
  hd_lock_init(&hd_program.lock);
  memset(hd_program.taken, 0, sizeof hd_program.taken);
  memset(hd_program.rings, 0, sizeof hd_program.rings);
  if (!atomic_exchange(&hd_program.attached, false))
    return;
  hd_program.own = false;
  (void)mmap(&hd_control_page, HD_CONTROL_SIZE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

void hd_program_watch_thread(void *value)
{
  (void)pthread_setspecific(leaver, value);
}

static void leave_at_thread_end(void *writer)
{
  (void)writer;
  hd_trace_leave();
}

static void install_hooks(void)
{
  (void)pthread_key_create(&leaver, leave_at_thread_end);
  (void)pthread_atfork(NULL, NULL, in_forked_child);
  (void)atexit(at_exit);
}

int hd_trace_attach(const char *path)
{
  (void)pthread_once(&hooks_once, install_hooks);
  hd_lock_take(&hd_program.lock);
  int error = atomic_load(&hd_program.attached) ? HD_EBUSY : HD_OK;
  if (!error) {
    hd_program.path = strdup(path);
    hd_program.fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (!hd_program.path)
      error = HD_ENOMEM;
    else if (hd_program.fd < 0)
      error = hd_error_from_errno(errno);
    else
      error = attach_fd(hd_program.fd);
    if (error) {
      forget_file();
    } else {
      hd_file_entered(hd_program.fd);
      atomic_store(&hd_program.attached, true);
      // Published last: who sees the number finds the header filled in.
      atomic_store(&hd_control_here()->program_pid, (uint32_t)getpid());
      atomic_fetch_add(&hd_control_here()->arrivals, 1);
      hd_os_wake(&hd_control_here()->arrivals, 1, true);
    }
  }
  hd_lock_give(&hd_program.lock);
  return error;
}

static void start(void)
{
  const char *wish = getenv("HEDDLE_TRACE");
  if (atomic_load(&hd_program.attached) || (wish && strcmp(wish, "off") == 0))
    return;
  char path[1024];
  struct hd_live *live;
  const struct hd_live_opts opts = {.places = true, .mode = HD_MODE_OFF, .speed = HD_SPEED_ONE, .keep = true};
  if (hd_live_new_path(path, sizeof path) != HD_OK || hd_live_create(&live, path, &opts) != HD_OK)
    return;
  hd_live_close(live);
  if (hd_trace_attach(path) == HD_OK)
    hd_program.own = true;
  else
    (void)unlink(path);
}

void hd_trace_start(void)
{
  (void)pthread_once(&start_once, start);
}

#if defined(__GNUC__)
__attribute__((constructor)) static void attach_before_main(void)
{
  const char *path = getenv("HEDDLE_TRACE");
  if (!path || !*path || strcmp(path, "off") == 0)
    return;
  const int error = hd_trace_attach(path);
  if (error) {
    (void)fprintf(stderr, "heddle: cannot record into %s: %s\n", path, hd_error_text(error));
    return;
  }
  // From now on the viewer sees that the main thread runs, before its first point.
  (void)hd_trace_join(hd_trace_object());
  // The programs we start must not write into our file.
  (void)unsetenv("HEDDLE_TRACE");
  (void)setvbuf(stdout, NULL, _IOLBF, 0);
  (void)signal(SIGPIPE, SIG_IGN);
}
#endif

bool hd_trace_viewer_alive(void)
{
  if (!atomic_load_explicit(&hd_program.attached, memory_order_relaxed))
    return false;
  // A process does not see its own locks: when viewer and program are one process, it plainly lives.
  return atomic_load(&hd_control_here()->viewer_pid) == (uint32_t)getpid() ||
         hd_file_locked(hd_program.fd, HD_FILE_VIEWER);
}
