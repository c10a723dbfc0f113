// A student's own course folder. Every file is written aside and renamed, the marker last: an update that was
// cut off is simply done again. One thread.
#include "cli/starter.h"

#include "base/error.h"
#include "cli/file.h"
#include "cli/interrupt.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct bring {
  struct hd_starter_counts *counts;
  const char *from, *to; // the two roots
  const json_t *before;  // what the marker says: {relative path: digest of the starter that was brought}
  json_t *after;
};

static int remember(struct bring *bring, const char *name, const char *digest)
{
  return json_object_set_new(bring->after, name, json_string(digest)) == 0 ? HD_OK : HD_ENOMEM;
}

static int copy_in(struct bring *bring, const char *name, const char *from, const char *to,
                   const char *digest)
{
  struct hd_path folder;
  int rc = hd_path_print(&folder, "%.*s", (int)(hd_path_last(to) - to - 1), to);
  if (rc == HD_OK)
    rc = hd_path_make(folder.text);
  if (rc == HD_OK)
    rc = hd_file_copy(from, to);
  return rc == HD_OK ? remember(bring, name, digest) : rc;
}

static int bring_file(struct bring *bring, const char *name)
{
  struct hd_path from, to;
  char starter[HD_DIGEST_SIZE], own[HD_DIGEST_SIZE];
  const char *brought = json_string_value(json_object_get(bring->before, name));
  int rc = hd_path_print(&from, "%s/%s", bring->from, name);
  if (rc == HD_OK)
    rc = hd_path_print(&to, "%s/%s", bring->to, name);
  if (rc == HD_OK)
    rc = hd_file_digest(from.text, starter);
  if (rc != HD_OK)
    return rc;
  rc = hd_file_digest(to.text, own);
  if (rc == HD_ENOENT) {
    bring->counts->brought++;
    return copy_in(bring, name, from.text, to.text, starter);
  }
  if (rc != HD_OK)
    return rc;
  if (strcmp(own, starter) == 0) {
    bring->counts->same++;
    return remember(bring, name, starter);
  }
  if (brought && strcmp(own, brought) == 0) {
    bring->counts->renewed++;
    return copy_in(bring, name, from.text, to.text, starter);
  }
  // Edited. It counts as kept only when there would have been something new.
  if (brought && strcmp(brought, starter) == 0) {
    bring->counts->same++;
  } else {
    bring->counts->kept++;
    (void)json_array_append_new(bring->counts->kept_names, json_string(name));
  }
  return brought ? remember(bring, name, brought) : HD_OK;
}

static int bring_folder(struct bring *bring, const char *name)
{
  struct hd_path from, inner;
  const struct dirent *entry;
  int rc = hd_path_print(&from, "%s/%s", bring->from, name);
  DIR *dir = rc == HD_OK ? opendir(from.text) : NULL;
  if (!dir)
    return rc != HD_OK || errno == ENOENT ? rc : hd_error_from_errno(errno);
  while (rc == HD_OK && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.')
      continue;
    if (hd_interrupted()) {
      rc = HD_ECANCELED;
      break;
    }
    rc = hd_path_print(&inner, "%s/%s/%s", bring->from, name, entry->d_name);
    bool folder = rc == HD_OK && hd_path_is_folder(inner.text);
    if (rc == HD_OK)
      rc = hd_path_print(&inner, "%s/%s", name, entry->d_name);
    if (rc == HD_OK)
      rc = folder ? bring_folder(bring, inner.text) : bring_file(bring, inner.text);
  }
  (void)closedir(dir);
  return rc;
}

// The marker's files; an empty object for a new folder.
static int read_marker(const char *path, json_t **out)
{
  json_error_t error;
  if (!hd_path_is_file(path)) {
    *out = json_object();
    return *out ? HD_OK : HD_ENOMEM;
  }
  json_t *marker = json_load_file(path, 0, &error);
  json_t *files = json_object_get(marker, "starters");
  *out = json_is_object(files) ? json_incref(files) : NULL;
  json_decref(marker);
  return *out ? HD_OK : HD_EFORMAT;
}

static int write_marker(const char *path, json_t *files)
{
  json_t *marker = json_pack("{s:s, s:O}", "heddle", hd_kit_version(), "starters", files);
  char *text = marker ? json_dumps(marker, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
  int rc = text ? hd_file_write(path, text, strlen(text)) : HD_ENOMEM;
  free(text);
  json_decref(marker);
  return rc;
}

// ---- the start script ----

#define SCRIPT_HEAD "#!/bin/sh\n# Starts heddle; made by heddle init, renewed by heddle update.\n"

// The path between single quotes of the shell. Whether it fits.
static bool quote(char *out, size_t cap, const char *path)
{
  size_t used = 0;
  for (; *path && used + 5 < cap; path++) {
    if (*path == '\'') {
      memcpy(out + used, "'\\''", 4);
      used += 4;
    } else {
      out[used++] = *path;
    }
  }
  out[used] = '\0';
  return !*path;
}

// A file of that name that is not ours stays.
static int write_script(const struct hd_kit *kit, const char *folder)
{
  struct hd_path path, launcher;
  char quoted[HD_PATH_SIZE], script[HD_PATH_SIZE + 512], *there = NULL;
  int rc = hd_path_print(&path, "%s/heddle", folder);
  if (rc == HD_OK)
    rc = hd_kit_launcher(&launcher, kit);
  if (rc != HD_OK)
    return rc;
  rc = hd_file_read(path.text, &there, NULL);
  bool foreign = rc != HD_ENOENT && (rc != HD_OK || strncmp(there, SCRIPT_HEAD, strlen(SCRIPT_HEAD)) != 0);
  free(there);
  if (foreign)
    return HD_OK;
  if (!quote(quoted, sizeof quoted, launcher.text))
    return HD_EINVAL;
  int size = snprintf(script, sizeof script,
                      SCRIPT_HEAD "program='%s'\n"
                                  "[ -x \"$program\" ] && exec \"$program\" \"$@\"\n"
                                  "echo \"heddle: $program is gone; run heddle update here with the heddle you have now\" >&2\n"
                                  "exit 3\n",
                      quoted);
  rc = hd_file_write(path.text, script, (size_t)size);
  return rc == HD_OK && chmod(path.text, 0755) != 0 ? hd_error_from_errno(errno) : rc;
}

int hd_starter_bring(struct hd_starter_counts *out, const struct hd_kit *kit, const char *folder)
{
  struct hd_path marker;
  json_t *before = NULL;
  *out = (struct hd_starter_counts){.kept_names = json_array()};
  struct bring bring = {.counts = out, .from = kit->course.text, .to = folder, .after = json_object()};
  int rc = hd_path_print(&marker, "%s/.heddle", folder);
  if (rc == HD_OK)
    rc = read_marker(marker.text, &before);
  bring.before = before;
  if (rc == HD_OK)
    rc = bring_folder(&bring, "lessons");
  if (rc == HD_OK)
    rc = bring_folder(&bring, "exercises");
  if (rc == HD_OK)
    rc = write_script(kit, folder);
  // What was brought is remembered even when the rest failed: the next update then knows which files are
  // unedited.
  if (rc == HD_OK || json_object_size(bring.after) > 0) {
    if (rc != HD_OK)
      (void)json_object_update_missing(bring.after, before);
    int written = write_marker(marker.text, bring.after);
    rc = rc != HD_OK ? rc : written;
  }
  json_decref(before);
  json_decref(bring.after);
  return rc;
}
