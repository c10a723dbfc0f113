// What a student has done so far. Changes hold a lock on the state folder, and the file is renamed into
// place. One thread.
#include "cli/progress.h"

#include "base/error.h"
#include "cli/file.h"
#include "cli/path.h"
#include "cli/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static json_t *read_from(const char *state)
{
  struct hd_path path, aside;
  json_error_t error;
  if (hd_path_print(&path, "%s/progress.json", state) != HD_OK || !hd_path_is_file(path.text))
    return json_object();
  json_t *progress = json_load_file(path.text, 0, &error);
  if (json_is_object(progress))
    return progress;
  json_decref(progress);
  // Kept aside rather than overwritten: perhaps a person can mend it.
  if (hd_path_print(&aside, "%s.damaged", path.text) == HD_OK && rename(path.text, aside.text) == 0)
    (void)hd_say(0, "your progress could not be read and starts anew; the old file is %s", aside.text);
  return json_object();
}

json_t *hd_progress_read(void)
{
  struct hd_path state;
  return hd_path_home(&state, HD_PATH_STATE) == HD_OK ? read_from(state.text) : json_object();
}

static int write_to(const char *state, const json_t *progress)
{
  struct hd_path path;
  char *text = json_dumps(progress, JSON_INDENT(1) | JSON_SORT_KEYS);
  if (!text)
    return HD_ENOMEM;
  int rc = hd_path_print(&path, "%s/progress.json", state);
  if (rc == HD_OK)
    rc = hd_file_write(path.text, text, strlen(text));
  free(text);
  return rc;
}

int hd_progress_change(hd_progress_change_fn *change, void *context)
{
  struct hd_path state;
  int rc = hd_path_home(&state, HD_PATH_STATE);
  if (rc != HD_OK)
    return rc;
  int folder = open(state.text, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (folder < 0)
    return hd_error_from_errno(errno);
  while (flock(folder, LOCK_EX) != 0 && errno == EINTR)
    ;
  json_t *progress = read_from(state.text);
  int result = progress ? change(progress, context) : HD_ENOMEM;
  rc = result < 0 ? result : write_to(state.text, progress);
  json_decref(progress);
  (void)close(folder); // gives the lock back
  return rc != HD_OK ? rc : result;
}

static json_t *child(json_t *object, const char *key)
{
  json_t *found = json_object_get(object, key);
  if (json_is_object(found))
    return found;
  found = json_object();
  return found && json_object_set_new(object, key, found) == 0 ? found : NULL;
}

json_t *hd_progress_entry(json_t *progress, const char *group, const char *folder)
{
  json_t *entries = child(progress, group);
  return entries ? child(entries, folder) : NULL;
}

struct change {
  const char *group, *folder, *key;
  int number;
};

static int read_number(const json_t *entry, const char *key)
{
  const json_t *value = json_object_get(entry, key);
  return json_is_integer(value) ? (int)json_integer_value(value) : json_is_true(value);
}

static int add_number(json_t *progress, void *context)
{
  const struct change *change = context;
  json_t *entry = hd_progress_entry(progress, change->group, change->folder);
  if (!entry)
    return HD_ENOMEM;
  int sum = read_number(entry, change->key) + change->number;
  return json_object_set_new(entry, change->key, json_integer(sum)) == 0 ? sum : HD_ENOMEM;
}

static int set_truth(json_t *progress, void *context)
{
  const struct change *change = context;
  json_t *entry = hd_progress_entry(progress, change->group, change->folder);
  if (!entry)
    return HD_ENOMEM;
  return json_object_set_new(entry, change->key, json_boolean(change->number)) == 0 ? HD_OK : HD_ENOMEM;
}

int hd_progress_add(const char *group, const char *folder, const char *key, int add)
{
  return hd_progress_change(add_number, &(struct change){group, folder, key, add});
}

int hd_progress_set(const char *group, const char *folder, const char *key, int truth)
{
  return hd_progress_change(set_truth, &(struct change){group, folder, key, truth});
}

int hd_progress_number(const json_t *progress, const char *group, const char *folder, const char *key)
{
  return read_number(json_object_get(json_object_get(progress, group), folder), key);
}
