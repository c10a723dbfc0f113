// heddle check: tests the student's solution of an exercise, once or after every change. One thread.
#include "base/error.h"
#include "cli/args.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/start.h"
#include "cli/verdict.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

// A number that changes when a file of the folder does.
static uint64_t state_of(const char *folder)
{
  uint64_t sum = 0;
  DIR *dir = opendir(folder);
  const struct dirent *entry;
  while (dir && (entry = readdir(dir)) != NULL) {
    struct hd_path path;
    struct stat info;
    if (entry->d_name[0] == '.' || hd_path_print(&path, "%s/%s", folder, entry->d_name) != HD_OK ||
        stat(path.text, &info) != 0)
      continue;
    uint64_t one = (uint64_t)info.st_mtim.tv_sec * 1000000007u + (uint64_t)info.st_mtim.tv_nsec;
    sum +=
        (one ^ (uint64_t)info.st_size * 2654435761u ^ (uint64_t)info.st_ino) * UINT64_C(0x9e3779b97f4a7c15);
  }
  if (dir)
    (void)closedir(dir);
  return sum;
}

static int check_again_and_again(const struct hd_kit *kit, const struct hd_part *part, const json_t *info,
                                 bool json)
{
  for (;;) {
    uint64_t state = state_of(part->path.text);
    int status = hd_verdict_check(kit, part, info, json);
    if (status == HD_EXIT_CANNOT || status == HD_EXIT_INTERRUPTED)
      return status;
    if (!json)
      (void)puts("Waiting for you to save a change; Ctrl-C ends.\n");
    (void)fflush(stdout);
    while (state_of(part->path.text) == state && !hd_interrupted())
      (void)poll(NULL, 0, 250);
    if (hd_interrupted())
      return HD_EXIT_INTERRUPTED;
  }
}

// The exercise whose folder we stand in, else the first that has not passed yet.
static const char *choose(const struct hd_course *course, struct hd_part *here)
{
  char problem[1024];
  if (hd_course_find(course, HD_PART_EXERCISE, ".", here, problem, sizeof problem) == HD_OK)
    return ".";
  json_t *progress = hd_progress_read();
  const char *found = NULL;
  for (size_t i = 0; i < course->counts[HD_PART_EXERCISE] && !found; i++) {
    const struct hd_part *part = &course->parts[HD_PART_EXERCISE][i];
    if (!hd_progress_number(progress, "exercises", part->folder, "passed"))
      found = part->folder;
  }
  json_decref(progress);
  return found;
}

int hd_cmd_check(const struct hd_args *args)
{
  struct hd_kit kit;
  struct hd_course course;
  struct hd_part part;
  json_t *info = NULL;
  char problem[1024] = "";
  int status = hd_start_course(&kit, &course);
  if (status != HD_EXIT_OK)
    return status;
  const char *wanted = args->word_count ? args->words[0] : choose(&course, &part);
  if (!wanted) {
    hd_course_close(&course);
    return hd_say(HD_EXIT_USAGE, "no exercise is left to pass; name one to check it again");
  }
  int rc = hd_course_find(&course, HD_PART_EXERCISE, wanted, &part, problem, sizeof problem);
  if (rc == HD_OK)
    rc = hd_part_info(&part, HD_PART_EXERCISE, &info, problem, sizeof problem);
  if (rc != HD_OK)
    status = hd_say(HD_EXIT_USAGE, "%s", problem);
  else if (hd_args_has(args, HD_FLAG_WATCH))
    status = check_again_and_again(&kit, &part, info, hd_args_has(args, HD_FLAG_JSON));
  else
    status = hd_verdict_check(&kit, &part, info, hd_args_has(args, HD_FLAG_JSON));
  json_decref(info);
  hd_course_close(&course);
  return status;
}
