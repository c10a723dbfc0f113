// What most verbs begin with: finding the library and the course, and telling in one line when that fails.
// One thread.
#ifndef HD_CLI_START_H
#define HD_CLI_START_H

#include "cli/course.h"

// HD_EXIT_OK, or the exit status that fits (told). The course is the caller's.
int hd_start_course(struct hd_kit *kit, struct hd_course *course);

// The same and the part that wanted names, with its info (the caller's).
int hd_start_part(struct hd_kit *kit, struct hd_course *course, enum hd_part_kind kind, const char *wanted,
                  struct hd_part *part, json_t **info);

#endif
