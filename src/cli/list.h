// The lessons and exercises as a table, with how far the student is. One thread.
#ifndef HD_CLI_LIST_H
#define HD_CLI_LIST_H

#include "cli/course.h"

#include <stdio.h>

void hd_list_text(const struct hd_course *course, FILE *to);

// The same as JSON; the caller's, NULL without memory.
json_t *hd_list_json(const struct hd_course *course);

#endif
