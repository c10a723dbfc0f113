// heddle list: the lessons and exercises, with how far the student is. One thread.
#include "cli/args.h"
#include "cli/list.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/start.h"

#include <string.h>

static const char *const groups[] = {"lessons", "exercises"};

static json_t *info_of(const struct hd_part *part, enum hd_part_kind kind)
{
  json_t *info = NULL;
  char problem[1024];
  if (hd_part_info(part, kind, &info, problem, sizeof problem) < 0)
    return json_object(); // the list goes on without the title; run and check tell the problem
  return info;
}

static void print_progress(const json_t *progress, enum hd_part_kind kind, const char *folder, FILE *to)
{
  if (kind == HD_PART_LESSON) {
    int runs = hd_progress_number(progress, "lessons", folder, "runs");
    if (runs > 0)
      (void)fprintf(to, "ran %d time%s", runs, runs == 1 ? "" : "s");
    return;
  }
  int tries = hd_progress_number(progress, "exercises", folder, "tries");
  if (hd_progress_number(progress, "exercises", folder, "passed"))
    (void)fputs("passed", to);
  else if (tries > 0)
    (void)fprintf(to, "tried %d time%s", tries, tries == 1 ? "" : "s");
}

// As wide as the longest name and title, so that a line fits 80 columns while they do.
struct widths {
  int name, title;
};

static struct widths measure(const struct hd_course *course)
{
  struct widths widths = {0, 0};
  for (int kind = HD_PART_LESSON; kind <= HD_PART_EXERCISE; kind++)
    for (size_t i = 0; i < course->counts[kind]; i++) {
      const struct hd_part *part = &course->parts[kind][i];
      json_t *info = info_of(part, (enum hd_part_kind)kind);
      int name = (int)strlen(hd_part_name(part)), title = (int)strlen(hd_info_text(info, "title", ""));
      widths.name = name > widths.name ? name : widths.name;
      widths.title = title > widths.title ? title : widths.title;
      json_decref(info);
    }
  return widths;
}

static void print_part(const struct hd_part *part, enum hd_part_kind kind, const json_t *progress,
                       struct widths widths, FILE *to)
{
  json_t *info = info_of(part, kind);
  int minutes = (int)hd_info_number(info, "minutes", 0);
  (void)fprintf(to, "  %02u  %-*s  %-*s", part->number, widths.name, hd_part_name(part), widths.title,
                hd_info_text(info, "title", hd_part_name(part)));
  if (minutes > 0)
    (void)fprintf(to, " %3d min", minutes);
  else
    (void)fputs("        ", to);
  (void)fputs("  ", to);
  print_progress(progress, kind, part->folder, to);
  (void)fputc('\n', to);
  json_decref(info);
}

void hd_list_text(const struct hd_course *course, FILE *to)
{
  static const char *const titles[] = {"Lessons (heddle run NAME)", "Exercises (heddle check NAME)"};
  json_t *progress = hd_progress_read();
  const struct widths widths = measure(course);
  for (int kind = HD_PART_LESSON; kind <= HD_PART_EXERCISE; kind++) {
    if (course->counts[kind] == 0)
      continue;
    (void)fprintf(to, "%s\n", titles[kind]);
    for (size_t i = 0; i < course->counts[kind]; i++)
      print_part(&course->parts[kind][i], (enum hd_part_kind)kind, progress, widths, to);
    (void)fputc('\n', to);
  }
  (void)fprintf(to, "The course is in %s\n", course->root.text);
  json_decref(progress);
}

static json_t *part_json(const struct hd_part *part, enum hd_part_kind kind, const json_t *progress)
{
  json_t *info = info_of(part, kind);
  json_t *one = json_pack("{s:i, s:s, s:s, s:s, s:s, s:f}", "number", (int)part->number, "name",
                          hd_part_name(part), "folder", part->folder, "path", part->path.text, "title",
                          hd_info_text(info, "title", hd_part_name(part)), "minutes",
                          hd_info_number(info, "minutes", 0));
  const json_t *entry = json_object_get(json_object_get(progress, groups[kind]), part->folder);
  if (one && json_is_object(entry))
    (void)json_object_set_new(one, "progress", json_deep_copy(entry));
  json_decref(info);
  return one;
}

json_t *hd_list_json(const struct hd_course *course)
{
  json_t *all = json_object(), *progress = hd_progress_read();
  for (int kind = HD_PART_LESSON; kind <= HD_PART_EXERCISE && all; kind++) {
    json_t *parts = json_array();
    for (size_t i = 0; i < course->counts[kind] && parts; i++)
      (void)json_array_append_new(parts,
                                  part_json(&course->parts[kind][i], (enum hd_part_kind)kind, progress));
    (void)json_object_set_new(all, groups[kind], parts);
  }
  (void)json_object_set_new(all, "course", json_string(course->root.text));
  json_decref(progress);
  return all;
}

int hd_cmd_list(const struct hd_args *args)
{
  struct hd_kit kit;
  struct hd_course course;
  int status = hd_start_course(&kit, &course);
  if (status != HD_EXIT_OK)
    return status;
  if (hd_args_has(args, HD_FLAG_JSON)) {
    json_t *all = hd_list_json(&course);
    (void)json_dumpf(all, stdout, JSON_INDENT(1));
    (void)putchar('\n');
    json_decref(all);
  } else {
    hd_list_text(&course, stdout);
  }
  hd_course_close(&course);
  return HD_EXIT_OK;
}
