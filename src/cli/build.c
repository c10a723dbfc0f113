// Building a student's files: one compiler call into the cache. One thread.
#include "cli/build.h"

#include "base/error.h"
#include "cli/file.h"
#include "cli/interrupt.h"
#include "cli/proc.h"
#include "cli/say.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT 4 // cache entries of one name

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

// The sources to compile, sorted so that the hash does not depend on the order in the folder.
static int list_sources(struct hd_words *out, const struct hd_build_opts *opts)
{
  for (size_t i = 0; opts->sources && opts->sources[i]; i++)
    hd_words_add(out, "%s", opts->sources[i]);
  if (opts->sources)
    return out->error;
  DIR *dir = opendir(opts->folder);
  if (!dir)
    return hd_error_from_errno(errno);
  const struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    size_t size = strlen(entry->d_name);
    if (size > 2 && entry->d_name[0] != '.' && strcmp(entry->d_name + size - 2, ".c") == 0)
      hd_words_add(out, "%s", entry->d_name);
  }
  (void)closedir(dir);
  if (out->count > 0)
    qsort(out->list, out->count, sizeof out->list[0], by_name);
  return out->error != HD_OK ? out->error : out->count ? HD_OK : HD_ENOENT;
}

static void list_call(struct hd_words *out, const struct hd_kit *kit, const struct hd_build_opts *opts,
                      const struct hd_words *sources, const char *target)
{
  hd_kit_compiler(out);
  // Sibling calls would jump past the line that a step belongs to.
  hd_words_split(out, "-std=c11 -D_GNU_SOURCE -g -O2 -fno-optimize-sibling-calls -fno-omit-frame-pointer");
  hd_words_split(out, opts->quiet ? "-w" : "-Wall -Wextra");
  if (!opts->quiet && isatty(STDERR_FILENO))
    hd_words_add(out, "-fdiagnostics-color=always");
  hd_words_add(out, "-I%s", kit->include.text);
  if (opts->lesson) {
    hd_words_add(out, "-include");
    hd_words_add(out, "%s/sync/redirect.h", kit->include.text);
    hd_words_split(out,
                   "-u hd_trace_attach"); // the part of the library that attaches to the viewer, used or not
  }
  hd_words_split(out, opts->tsan ? "-fsanitize=thread" : HEDDLE_LESSON_FLAGS);
  if (opts->flags)
    hd_words_split(out, opts->flags);
  hd_words_add(out, "-o");
  hd_words_add(out, "%s", target);
  for (size_t i = 0; i < sources->count; i++)
    hd_words_add(out, "%s", sources->list[i]);
  hd_words_add(out, "%s", kit->library.text);
  if (opts->libraries)
    hd_words_split(out, opts->libraries);
  hd_words_split(out, "-pthread -lm");
}

// Headers of the folder count too: they can be included.
static int digest_headers(hd_digest *digest, const char *folder)
{
  DIR *dir = opendir(folder);
  struct hd_path path;
  int rc = HD_OK;
  if (!dir)
    return hd_error_from_errno(errno);
  const struct dirent *entry;
  while (rc == HD_OK && (entry = readdir(dir)) != NULL) {
    size_t size = strlen(entry->d_name);
    if (size < 3 || strcmp(entry->d_name + size - 2, ".h") != 0)
      continue;
    hd_digest_add_text(digest, entry->d_name);
    rc = hd_path_print(&path, "%s/%s", folder, entry->d_name);
    if (rc == HD_OK)
      rc = hd_digest_add_file(digest, path.text);
  }
  (void)closedir(dir);
  return rc;
}

static int digest_all(char out[HD_DIGEST_SIZE], const struct hd_kit *kit, const struct hd_build_opts *opts,
                      const struct hd_words *sources, const struct hd_words *call)
{
  hd_digest *digest;
  struct hd_path path;
  int rc = hd_digest_open(&digest);
  if (rc != HD_OK)
    return rc;
  hd_digest_add_text(digest, opts->folder); // it stands in the debug information
  for (size_t i = 0; i < call->count; i++)
    hd_digest_add_text(digest, call->list[i]);
  rc = digest_headers(digest, opts->folder);
  for (size_t i = 0; rc == HD_OK && i < sources->count; i++) {
    rc = hd_path_print(&path, "%s/%s", opts->folder, sources->list[i]);
    if (rc == HD_OK)
      rc = hd_digest_add_file(digest, path.text);
  }
  if (rc == HD_OK)
    rc = hd_digest_add_file(digest, kit->library.text);
  int closed = hd_digest_close(digest, out);
  return rc != HD_OK ? rc : closed;
}

// "FILE:LINE" of the first error in what the compiler said, "" when it names none.
static void first_error(const char *text, char *out, size_t cap)
{
  out[0] = '\0';
  for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
    size_t size = strcspn(line, "\n");
    char plain[512];
    size_t used = 0;
    for (size_t i = 0; i < size && used + 1 < sizeof plain; i++) {
      if (line[i] == '\033') { // a colour
        while (i < size && line[i] != 'm' && line[i] != 'K')
          i++;
        continue;
      }
      plain[used++] = line[i];
    }
    plain[used] = '\0';
    const char *mark = strstr(plain, " error:");
    size_t name = strcspn(plain, ":");
    if (!mark || plain[name] != ':' || &plain[name] > mark)
      continue;
    size_t digits = strspn(plain + name + 1, "0123456789");
    if (digits == 0)
      continue;
    (void)snprintf(out, cap, "%.*s line %.*s", (int)name, plain, (int)digits, plain + name + 1);
    return;
  }
}

static int compile(struct hd_words *call, const struct hd_build_opts *opts)
{
  struct hd_proc_result result;
  char where[560];
  int rc = hd_proc_run(&result, &(struct hd_proc_opts){.argv = call->list, .folder = opts->folder});
  if (rc != HD_OK)
    return hd_say(rc, "cannot start the compiler %s: %s", call->list[0], hd_error_text(rc));
  if (result.interrupted)
    rc = HD_ECANCELED;
  else if (result.status == 127 && result.size < 4096) {
    rc = hd_say(HD_ENOENT, "there is no compiler %s; install gcc or set CC to the one you have",
                call->list[0]);
  } else if (result.status != 0 && strstr(result.text, strerror(ENOSPC))) {
    rc = hd_say(HD_ENOSPC, "the program could not be built: %s; make room in the cache folder or in $TMPDIR",
                hd_error_text(HD_ENOSPC));
  } else if (result.status != 0 && opts->probe) {
    rc = HD_EINVAL;
  } else if (result.status != 0) {
    (void)fputs(result.text, stderr);
    first_error(result.text, where, sizeof where);
    if (where[0] && where[0] != '/')
      rc = hd_say(HD_EINVAL, "it does not compile; edit %s/%s, then run it again", opts->folder, where);
    else
      rc = hd_say(HD_EINVAL, "it does not compile; edit %s/%s, then run it again", opts->folder, opts->edit);
  } else if (!opts->quiet && result.size > 0)
    (void)fputs(result.text, stderr);
  free(result.text);
  return rc;
}

struct entry {
  struct hd_path path;
  struct timespec used;
};

static int newest_first(const void *a, const void *b)
{
  const struct timespec *left = &((const struct entry *)a)->used, *right = &((const struct entry *)b)->used;
  if (left->tv_sec != right->tv_sec)
    return left->tv_sec > right->tv_sec ? -1 : 1;
  return left->tv_nsec > right->tv_nsec ? -1 : left->tv_nsec < right->tv_nsec;
}

// Removes what builds have left that were killed: "NAME-HASH.PID" of a process that is gone.
static void sweep(const char *cache)
{
  DIR *dir = opendir(cache);
  struct hd_path path;
  const struct dirent *found;
  while (dir && (found = readdir(dir)) != NULL) {
    const char *dot = strrchr(found->d_name, '.');
    long pid = dot && strchr(found->d_name, '-') && dot[1] ? strtol(dot + 1, NULL, 10) : 0;
    if (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH &&
        hd_path_print(&path, "%s/%s", cache, found->d_name) == HD_OK)
      hd_path_remove(path.text);
  }
  if (dir)
    (void)closedir(dir);
}

// Removes all but the newest entries of this name.
static void prune(const char *cache, const char *name)
{
  DIR *dir = opendir(cache);
  struct entry *entries = calloc(64, sizeof *entries);
  size_t count = 0, size = strlen(name);
  const struct dirent *found;
  while (dir && entries && count < 64 && (found = readdir(dir)) != NULL) {
    struct stat info;
    bool ours = strncmp(found->d_name, name, size) == 0 && found->d_name[size] == '-' &&
                strspn(found->d_name + size + 1, "0123456789abcdef") == 32 &&
                strlen(found->d_name) == size + 33;
    if (!ours || hd_path_print(&entries[count].path, "%s/%s", cache, found->d_name) != HD_OK ||
        stat(entries[count].path.text, &info) != 0)
      continue;
    entries[count++].used = info.st_mtim;
  }
  if (dir)
    (void)closedir(dir);
  if (count > KEPT)
    qsort(entries, count, sizeof *entries, newest_first);
  for (size_t i = KEPT; i < count; i++)
    hd_path_remove(entries[i].path.text);
  free(entries);
}

static int build_aside(const struct hd_kit *kit, const struct hd_build_opts *opts,
                       const struct hd_words *sources, const char *entry)
{
  struct hd_path aside, target;
  struct hd_words call = {0};
  int rc = hd_path_print(&aside, "%s.%ld", entry, (long)getpid());
  if (rc == HD_OK)
    rc = hd_path_print(&target, "%s/%s", aside.text, opts->name);
  if (rc == HD_OK)
    rc = hd_path_make(aside.text);
  if (rc != HD_OK)
    return hd_say(rc, "cannot write to %s: %s; set XDG_CACHE_HOME to a folder that you may write to", entry,
                  hd_error_text(rc));
  list_call(&call, kit, opts, sources, target.text);
  rc = call.error != HD_OK ? call.error : compile(&call, opts);
  if (rc == HD_OK && rename(aside.text, entry) != 0 && errno != EEXIST && errno != ENOTEMPTY) {
    rc = hd_error_from_errno(errno);
    (void)hd_say(rc, "cannot write to %s: %s", entry, hd_error_text(rc));
  }
  hd_path_remove(aside.text); // after a rename it is not there any more
  hd_words_free(&call);
  return rc;
}

static int build_with(struct hd_path *program, const struct hd_kit *kit, const struct hd_build_opts *opts,
                      const struct hd_words *sources)
{
  struct hd_path cache, entry;
  struct hd_words call = {0};
  char digest[HD_DIGEST_SIZE];
  list_call(&call, kit, opts, sources, opts->name);
  int rc = call.error != HD_OK ? call.error : digest_all(digest, kit, opts, sources, &call);
  hd_words_free(&call);
  if (rc != HD_OK)
    return hd_say(rc, "cannot read the files of %s: %s", opts->folder, hd_error_text(rc));
  rc = hd_path_home(&cache, HD_PATH_CACHE);
  if (rc != HD_OK)
    return hd_say(rc, "cannot write to the cache: %s; set XDG_CACHE_HOME to a folder that you may write to",
                  hd_error_text(rc));
  rc = hd_path_print(&entry, "%s/%s-%.32s", cache.text, opts->name, digest);
  if (rc == HD_OK)
    rc = hd_path_print(program, "%s/%s", entry.text, opts->name);
  if (rc != HD_OK || hd_path_is_file(program->text))
    return rc;
  rc = build_aside(kit, opts, sources, entry.text);
  if (rc == HD_OK)
    prune(cache.text, opts->name);
  sweep(cache.text);
  return rc;
}

int hd_build(struct hd_path *program, const struct hd_kit *kit, const struct hd_build_opts *opts)
{
  struct hd_words sources = {0};
  int rc = list_sources(&sources, opts);
  if (rc != HD_OK)
    rc = hd_say(rc, "there is no C file to build in %s: %s", opts->folder, hd_error_text(rc));
  else
    rc = build_with(program, kit, opts, &sources);
  hd_words_free(&sources);
  return rc;
}

int hd_build_exit(int error)
{
  switch (error) {
  case HD_OK:
    return HD_EXIT_OK;
  case HD_EINVAL:
    return HD_EXIT_FAILED;
  case HD_ECANCELED:
    return HD_EXIT_INTERRUPTED;
  default:
    return HD_EXIT_CANNOT;
  }
}
