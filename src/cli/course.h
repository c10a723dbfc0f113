// The course: a folder with lessons/ and exercises/ in it, and how a person names one of them. One thread.
#ifndef HD_CLI_COURSE_H
#define HD_CLI_COURSE_H

#include "cli/kit.h"

#include <jansson.h>

enum hd_part_kind { HD_PART_LESSON, HD_PART_EXERCISE };

struct hd_part {
  char folder[64];     // "21_worker_pool"
  unsigned number;     // 21
  struct hd_path path; // the whole path of its folder
};

struct hd_course {
  struct hd_path root;
  struct hd_part *parts[2]; // by enum hd_part_kind, in order of their folders
  size_t counts[2];
};

// Finds the course: a `.heddle` marker upwards from the working directory, $HEDDLE_HOME, the folder that came
// with heddle. HD_ENOENT; HD_EINVAL when $HEDDLE_HOME is set and is no course; HD_ENOMEM.
int hd_course_open(struct hd_course *out, const struct hd_kit *kit);

// Reads the course of one folder.
int hd_course_read(struct hd_course *out, const char *root);
void hd_course_close(struct hd_course *course);

// The folder with a `.heddle` marker at or above the working directory, or $HEDDLE_HOME, or ~/heddle.
// HD_ENOENT.
int hd_course_own(struct hd_path *out);

// The name without its number: "worker_pool".
const char *hd_part_name(const struct hd_part *part);

// Finds a part by number ("21"), name ("worker_pool"), folder ("21_worker_pool"), a unique beginning of a
// name, or the path of its folder. HD_ENOENT or HD_EINVAL (fits several); then problem holds one line with
// the nearest names.
int hd_course_find(const struct hd_course *course, enum hd_part_kind kind, const char *wanted,
                   struct hd_part *out, char *problem, size_t cap);

// What lesson.json or exercise.json says; the caller gives it back with json_decref. A missing file is an
// empty object. HD_EFORMAT; then problem holds one line with file and line.
int hd_part_info(const struct hd_part *part, enum hd_part_kind kind, json_t **out, char *problem, size_t cap);

// A text or number of such an object, or otherwise when it has none.
const char *hd_info_text(const json_t *info, const char *key, const char *otherwise);
double hd_info_number(const json_t *info, const char *key, double otherwise);

#endif
