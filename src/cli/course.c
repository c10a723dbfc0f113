// The course: a folder with lessons/ and exercises/ in it. One thread.
#include "cli/course.h"

#include "base/error.h"
#include "cli/near.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const subfolders[] = {"lessons", "exercises"};
static const char *const words[] = {"lesson", "exercise"};

const char *hd_part_name(const struct hd_part *part)
{
  const char *name = part->folder + strspn(part->folder, "0123456789");
  return *name == '_' ? name + 1 : name;
}

static int by_folder(const void *a, const void *b)
{
  const struct hd_part *left = a, *right = b;
  if (left->number != right->number)
    return left->number < right->number ? -1 : 1;
  return strcmp(left->folder, right->folder);
}

// Whether the name of a folder is that of a part: digits, an underscore, a name.
static bool is_part(const char *name)
{
  size_t digits = strspn(name, "0123456789");
  return digits > 0 && digits < 7 && name[digits] == '_' && name[digits + 1] != '\0' &&
         strlen(name) < sizeof((struct hd_part *)0)->folder;
}

static int add_part(struct hd_course *course, enum hd_part_kind kind, const char *folder, const char *name)
{
  struct hd_part part = {0};
  if (hd_path_print(&part.path, "%s/%s", folder, name) != HD_OK || !hd_path_is_folder(part.path.text))
    return HD_OK;
  memcpy(part.folder, name, strlen(name) + 1); // is_part has measured it
  part.number = (unsigned)strtoul(name, NULL, 10);
  size_t count = course->counts[kind];
  struct hd_part *parts = realloc(course->parts[kind], (count + 1) * sizeof *parts);
  if (!parts)
    return HD_ENOMEM;
  parts[count] = part;
  course->parts[kind] = parts;
  course->counts[kind]++;
  return HD_OK;
}

static int read_parts(struct hd_course *course, enum hd_part_kind kind)
{
  struct hd_path folder;
  int rc = hd_path_print(&folder, "%s/%s", course->root.text, subfolders[kind]);
  DIR *dir = rc == HD_OK ? opendir(folder.text) : NULL;
  if (!dir)
    return rc;
  const struct dirent *entry;
  while (rc == HD_OK && (entry = readdir(dir)) != NULL)
    if (is_part(entry->d_name))
      rc = add_part(course, kind, folder.text, entry->d_name);
  (void)closedir(dir);
  if (course->counts[kind])
    qsort(course->parts[kind], course->counts[kind], sizeof course->parts[kind][0], by_folder);
  return rc;
}

int hd_course_read(struct hd_course *out, const char *root)
{
  memset(out, 0, sizeof *out);
  int rc = hd_path_print(&out->root, "%s", root);
  if (rc == HD_OK)
    rc = read_parts(out, HD_PART_LESSON);
  if (rc == HD_OK)
    rc = read_parts(out, HD_PART_EXERCISE);
  if (rc == HD_OK && out->counts[HD_PART_LESSON] + out->counts[HD_PART_EXERCISE] == 0)
    rc = HD_ENOENT;
  if (rc != HD_OK)
    hd_course_close(out);
  return rc;
}

void hd_course_close(struct hd_course *course)
{
  free(course->parts[HD_PART_LESSON]);
  free(course->parts[HD_PART_EXERCISE]);
  memset(course, 0, sizeof *course);
}

static bool has_marker(const char *folder)
{
  struct hd_path marker;
  return hd_path_print(&marker, "%s/.heddle", folder) == HD_OK && hd_path_is_file(marker.text);
}

static int find_marker(struct hd_path *out)
{
  if (!getcwd(out->text, sizeof out->text))
    return HD_ENOENT;
  for (;;) {
    if (has_marker(out->text[0] ? out->text : "/"))
      return HD_OK;
    char *slash = strrchr(out->text, '/');
    if (!slash || !out->text[0])
      return HD_ENOENT;
    *slash = '\0';
  }
}

int hd_course_own(struct hd_path *out)
{
  if (find_marker(out) == HD_OK)
    return HD_OK;
  const char *home = getenv("HEDDLE_HOME");
  if (home && home[0])
    return hd_path_print(out, "%s", home) == HD_OK && has_marker(home) ? HD_OK : HD_ENOENT;
  home = getenv("HOME");
  if (!home || hd_path_print(out, "%s/heddle", home) != HD_OK)
    return HD_ENOENT;
  return has_marker(out->text) ? HD_OK : HD_ENOENT;
}

int hd_course_open(struct hd_course *out, const struct hd_kit *kit)
{
  struct hd_path own;
  if (find_marker(&own) == HD_OK)
    return hd_course_read(out, own.text);
  const char *home = getenv("HEDDLE_HOME");
  if (home && home[0])
    return hd_course_read(out, home) == HD_OK ? HD_OK : HD_EINVAL;
  return hd_course_read(out, kit->course.text);
}

static int by_path(const char *wanted, enum hd_part_kind kind, struct hd_part *out)
{
  struct hd_path source;
  struct hd_part part = {0};
  const char *file = kind == HD_PART_LESSON ? "lesson.c" : "exercise.c";
  if (hd_path_absolute(&part.path, wanted) != HD_OK ||
      hd_path_print(&source, "%s/%s", part.path.text, file) != HD_OK || !hd_path_is_file(source.text))
    return HD_ENOENT;
  (void)snprintf(part.folder, sizeof part.folder, "%.63s", hd_path_last(part.path.text));
  part.number = (unsigned)strtoul(part.folder, NULL, 10);
  *out = part;
  return HD_OK;
}

enum fit { NO_FIT, BEGINS, EXACT };

static enum fit fits(const struct hd_part *part, const char *wanted)
{
  const char *name = hd_part_name(part);
  size_t size = strlen(wanted);
  if (wanted[strspn(wanted, "0123456789")] == '\0')
    return size > 0 && size < 7 && strtoul(wanted, NULL, 10) == part->number ? EXACT : NO_FIT;
  if (strcmp(wanted, name) == 0 || strcmp(wanted, part->folder) == 0)
    return EXACT;
  return size > 0 && strncmp(wanted, name, size) == 0 ? BEGINS : NO_FIT;
}

static void tell_nearest(const struct hd_course *course, enum hd_part_kind kind, const char *wanted,
                         char *problem, size_t cap)
{
  struct hd_near near = hd_near_to(wanted);
  const struct hd_part *parts = course->parts[kind];
  for (size_t i = 0; i < course->counts[kind]; i++)
    hd_near_try(&near, hd_part_name(&parts[i]));
  size_t used = (size_t)snprintf(problem, cap, "there is no %s \"%.60s\"", words[kind], wanted);
  bool number = wanted[0] && wanted[strspn(wanted, "0123456789")] == '\0';
  for (size_t i = 0; number && i < course->counts[kind] && used < cap; i++)
    used +=
        (size_t)snprintf(problem + used, cap - used, "%s %u", i == 0 ? "; there are:" : ",", parts[i].number);
  if (number)
    near.count = 0; // names that are near a number mean nothing
  for (size_t i = 0; i < near.count && near.distances[i] <= 2 && used < cap; i++)
    used += (size_t)snprintf(problem + used, cap - used, "%s %s", i == 0 ? "; near it:" : ",", near.names[i]);
  if (used < cap)
    (void)snprintf(problem + used, cap - used, " (heddle list shows all)");
}

static void tell_several(const struct hd_course *course, enum hd_part_kind kind, const char *wanted,
                         enum fit best, char *problem, size_t cap)
{
  size_t used = (size_t)snprintf(problem, cap, "\"%.60s\" fits several %ss:", wanted, words[kind]);
  for (size_t i = 0; i < course->counts[kind] && used < cap; i++) {
    const struct hd_part *part = &course->parts[kind][i];
    if (fits(part, wanted) == best)
      used += (size_t)snprintf(problem + used, cap - used, " %s", part->folder);
  }
}

int hd_course_find(const struct hd_course *course, enum hd_part_kind kind, const char *wanted,
                   struct hd_part *out, char *problem, size_t cap)
{
  size_t found[EXACT + 1] = {0};
  const struct hd_part *first[EXACT + 1] = {NULL};
  for (size_t i = 0; i < course->counts[kind]; i++) {
    enum fit fit = fits(&course->parts[kind][i], wanted);
    if (found[fit]++ == 0)
      first[fit] = &course->parts[kind][i];
  }
  enum fit best = found[EXACT] ? EXACT : BEGINS;
  if (found[best] == 1) {
    *out = *first[best];
    return HD_OK;
  }
  if (found[best] > 1) {
    tell_several(course, kind, wanted, best, problem, cap);
    return HD_EINVAL;
  }
  bool path = strchr(wanted, '/') || wanted[0] == '.';
  if (path && by_path(wanted, kind, out) == HD_OK)
    return HD_OK;
  tell_nearest(course, kind, wanted, problem, cap);
  return HD_ENOENT;
}

int hd_part_info(const struct hd_part *part, enum hd_part_kind kind, json_t **out, char *problem, size_t cap)
{
  struct hd_path path;
  json_error_t error;
  int rc = hd_path_print(&path, "%s/%s.json", part->path.text, words[kind]);
  if (rc != HD_OK)
    return rc;
  if (!hd_path_is_file(path.text)) {
    *out = json_object();
    return *out ? HD_OK : HD_ENOMEM;
  }
  json_t *info = json_load_file(path.text, 0, &error);
  if (info && json_is_object(info)) {
    *out = info;
    return HD_OK;
  }
  (void)snprintf(problem, cap, "%s line %d: %s", path.text, info ? 1 : error.line,
                 info ? "it is no JSON object" : error.text);
  json_decref(info);
  return HD_EFORMAT;
}

const char *hd_info_text(const json_t *info, const char *key, const char *otherwise)
{
  const char *text = json_string_value(json_object_get(info, key));
  return text ? text : otherwise;
}

double hd_info_number(const json_t *info, const char *key, double otherwise)
{
  const json_t *value = json_object_get(info, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}
