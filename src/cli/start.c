// What most verbs begin with: finding the library and the course. One thread.
#include "cli/start.h"

#include "base/error.h"
#include "cli/say.h"

int hd_start_course(struct hd_kit *kit, struct hd_course *course)
{
  if (hd_kit_find(kit) != HD_OK)
    return hd_say(HD_EXIT_CANNOT,
                  "heddle is not complete: %s or its headers are missing; build or install it again",
                  kit->library.text);
  int rc = hd_course_open(course, kit);
  if (rc == HD_EINVAL)
    return hd_say(HD_EXIT_USAGE,
                  "$HEDDLE_HOME names no folder with lessons; unset it, or make one with heddle init");
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "there are no lessons in %s: %s", kit->course.text, hd_error_text(rc));
  return HD_EXIT_OK;
}

int hd_start_part(struct hd_kit *kit, struct hd_course *course, enum hd_part_kind kind, const char *wanted,
                  struct hd_part *part, json_t **info)
{
  char problem[1024] = "";
  int status = hd_start_course(kit, course);
  if (status != HD_EXIT_OK)
    return status;
  int rc = hd_course_find(course, kind, wanted, part, problem, sizeof problem);
  if (rc == HD_OK)
    rc = hd_part_info(part, kind, info, problem, sizeof problem);
  if (rc == HD_OK)
    return HD_EXIT_OK;
  hd_course_close(course);
  return hd_say(HD_EXIT_USAGE, "%s", problem[0] ? problem : hd_error_text(rc));
}
