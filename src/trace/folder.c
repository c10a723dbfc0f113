// The folder of live files: where it is, whether it can be trusted, and what lies in it. Any thread.
#include "trace/file.h"

#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX ".live"
#define YOUNG_SECONDS 10 // a file this new may not be locked yet by whoever made it
#define PATH_SIZE 4096

static int name_folder(char *out, size_t cap)
{
  const char *runtime = getenv("XDG_RUNTIME_DIR"), *temporary = getenv("TMPDIR");
  int length;
  // The variable may name the folder of a session that is over.
  if (runtime && runtime[0] == '/' && access(runtime, F_OK) == 0)
    length = snprintf(out, cap, "%s/heddle", runtime);
  else
    length = snprintf(out, cap, "%s/heddle-%u", temporary && temporary[0] == '/' ? temporary : "/tmp",
                      (unsigned)geteuid());
  return length > 0 && (size_t)length < cap ? HD_OK : HD_EINVAL;
}

static int trust(const char *folder)
{
  struct stat is;
  if (lstat(folder, &is) != 0)
    return hd_error_from_errno(errno);
  const bool ours = S_ISDIR(is.st_mode) && is.st_uid == geteuid() && (is.st_mode & 0077) == 0;
  return ours ? HD_OK : HD_EACCES;
}

// Calls visit for every live file in folder until it returns true.
static bool each(const char *folder, bool (*visit)(const char *path, const struct stat *is, void *context),
                 void *context)
{
  DIR *dir = opendir(folder);
  if (!dir)
    return false;
  bool done = false;
  const struct dirent *entry;
  while (!done && (entry = readdir(dir)) != NULL) {
    const size_t length = strlen(entry->d_name), suffix = sizeof SUFFIX - 1;
    const char *new = strstr(entry->d_name, SUFFIX ".new"); // left over from a creation that was killed
    if ((length <= suffix || strcmp(entry->d_name + length - suffix, SUFFIX) != 0) && !new)
      continue;
    char path[PATH_SIZE];
    struct stat is;
    const int size = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (size > 0 && (size_t)size < sizeof path && lstat(path, &is) == 0 && S_ISREG(is.st_mode))
      done = visit(path, &is, context);
  }
  (void)closedir(dir);
  return done;
}

// Whether a process holds the file. Opening and closing one of our own would drop our locks on it.
static bool is_held(const char *path, const struct stat *is)
{
  if (hd_file_is_open(is->st_dev, is->st_ino))
    return true;
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0)
    return true;
  const bool held = hd_file_locked(fd, HD_FILE_VIEWER) || hd_file_locked(fd, HD_FILE_PROGRAM);
  (void)close(fd);
  return held;
}

static bool remove_stale(const char *path, const struct stat *is, void *context)
{
  (void)context;
  if (time(NULL) - is->st_mtime > YOUNG_SECONDS && !is_held(path, is))
    (void)unlink(path);
  return false;
}

int hd_live_folder(char *out, size_t cap)
{
  int error = name_folder(out, cap);
  if (error)
    return error;
  if (mkdir(out, 0700) != 0 && errno != EEXIST)
    return errno == ENOSPC || errno == EDQUOT ? HD_ENOSPC : HD_EACCES;
  error = trust(out);
  if (!error)
    (void)each(out, remove_stale, NULL);
  return error;
}

int hd_live_new_path(char *out, size_t cap)
{
  static _Atomic unsigned count;
  char folder[PATH_SIZE];
  const int error = hd_live_folder(folder, sizeof folder);
  if (error)
    return error;
  // Two process-wide numbers: a process number comes again, and may meet what its last owner left behind.
  const int length = snprintf(out, cap, "%s/%ld-%llx-%u" SUFFIX, folder, (long)getpid(),
                              (unsigned long long)hd_os_now(), atomic_fetch_add(&count, 1));
  return length > 0 && (size_t)length < cap ? HD_OK : HD_EINVAL;
}

struct search {
  uint32_t pid;
  char *out;
  size_t cap;
  uint64_t started; // of the best so far
  bool found;
};

// Whether path is the file of the program wanted; its start in *started.
static bool matches(const char *path, uint32_t pid, uint64_t *started)
{
  struct hd_live *live;
  if (hd_live_open(&live, path) != HD_OK)
    return false;
  const uint32_t program = atomic_load(&hd_live_control(live)->program_pid);
  const bool fits = program != 0 && (pid == 0 || pid == program) && hd_live_program_alive(live);
  *started = hd_live_header(live)->started_unix_ns;
  hd_live_close(live);
  return fits;
}

static bool consider(const char *path, const struct stat *is, void *context)
{
  struct search *search = context;
  uint64_t started;
  if (hd_file_is_open(is->st_dev, is->st_ino) || !matches(path, search->pid, &started))
    return false;
  const size_t length = strlen(path);
  if (length < search->cap && (!search->found || started > search->started)) {
    memcpy(search->out, path, length + 1);
    search->started = started;
    search->found = true;
  }
  return false;
}

int hd_live_find(char *out, size_t cap, uint32_t pid)
{
  char folder[PATH_SIZE];
  const int error = hd_live_folder(folder, sizeof folder);
  if (error)
    return error;
  struct search search = {.pid = pid, .out = out, .cap = cap};
  (void)each(folder, consider, &search);
  return search.found ? HD_OK : HD_ENOENT;
}
