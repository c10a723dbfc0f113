// heddle init: makes a course folder of the student's own. heddle update: brings new starters into it. One
// thread.
#include "base/error.h"
#include "cli/args.h"
#include "cli/course.h"
#include "cli/file.h"
#include "cli/say.h"
#include "cli/starter.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_empty(const char *folder)
{
  DIR *dir = opendir(folder);
  const struct dirent *entry;
  bool empty = dir != NULL;
  while (dir && (entry = readdir(dir)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      empty = false;
  if (dir)
    (void)closedir(dir);
  return empty;
}

static int find_kit(struct hd_kit *kit)
{
  if (hd_kit_find(kit) == HD_OK)
    return HD_EXIT_OK;
  return hd_say(HD_EXIT_CANNOT,
                "heddle is not complete: %s or its headers are missing; build or install it again",
                kit->library.text);
}

static int choose_folder(const struct hd_args *args, struct hd_path *folder)
{
  struct hd_path wanted;
  const char *home = getenv("HOME");
  int rc;
  if (args->word_count > 0)
    rc = hd_path_print(&wanted, "%s", args->words[0]);
  else if (home && home[0])
    rc = hd_path_print(&wanted, "%s/heddle", home);
  else
    return hd_say(HD_EXIT_USAGE, "HOME is not set; name the folder: heddle init DIR");
  size_t size = strlen(wanted.text);
  while (size > 1 && wanted.text[size - 1] == '/')
    wanted.text[--size] = '\0';
  if (rc == HD_OK)
    rc = hd_path_absolute(folder, wanted.text);
  if (rc != HD_OK)
    return hd_say(HD_EXIT_USAGE, "cannot make %s: %s", wanted.text, hd_error_text(rc));
  return HD_EXIT_OK;
}

static int check_folder(const char *folder)
{
  struct hd_path marker;
  if (hd_path_print(&marker, "%s/.heddle", folder) == HD_OK && hd_path_is_file(marker.text))
    return hd_say(HD_EXIT_USAGE, "%s is a course folder already; heddle update brings what is new", folder);
  if (hd_path_is_file(folder))
    return hd_say(HD_EXIT_USAGE, "%s is a file; name a folder that is new or empty", folder);
  if (hd_path_is_folder(folder) && !is_empty(folder))
    return hd_say(HD_EXIT_USAGE, "%s is not empty; name a folder that is new or empty", folder);
  return HD_EXIT_OK;
}

static void tell(const struct hd_args *args, const char *folder, const struct hd_starter_counts *counts)
{
  size_t i;
  const json_t *name;
  if (hd_args_has(args, HD_FLAG_JSON)) {
    json_t *all =
        json_pack("{s:s, s:i, s:i, s:i, s:O}", "folder", folder, "brought", (int)counts->brought, "renewed",
                  (int)counts->renewed, "same", (int)counts->same, "kept", counts->kept_names);
    (void)json_dumpf(all, stdout, JSON_INDENT(1));
    (void)putchar('\n');
    json_decref(all);
    return;
  }
  (void)printf("%s: %u files new, %u renewed, %u as they were\n", folder, counts->brought, counts->renewed,
               counts->same);
  json_array_foreach(counts->kept_names, i, name)(void)
      printf("kept yours, though the starter has changed: %s\n", json_string_value(name));
}

static int bring(const struct hd_args *args, const struct hd_kit *kit, const char *folder)
{
  struct hd_starter_counts counts;
  int rc = hd_starter_bring(&counts, kit, folder);
  if (rc == HD_OK)
    tell(args, folder, &counts);
  json_decref(counts.kept_names);
  if (rc == HD_OK)
    return HD_EXIT_OK;
  if (rc == HD_ECANCELED)
    return HD_EXIT_INTERRUPTED;
  if (rc == HD_EFORMAT)
    return hd_say(HD_EXIT_CANNOT,
                  "%s/.heddle is damaged; delete it, then heddle update keeps every file that differs",
                  folder);
  return hd_say(HD_EXIT_CANNOT, "cannot bring the course into %s: %s", folder, hd_error_text(rc));
}

int hd_cmd_init(const struct hd_args *args)
{
  struct hd_kit kit;
  struct hd_path folder, aside;
  int status = find_kit(&kit);
  if (status == HD_EXIT_OK)
    status = choose_folder(args, &folder);
  if (status == HD_EXIT_OK)
    status = check_folder(folder.text);
  if (status != HD_EXIT_OK)
    return status;
  // Made aside and renamed: an interrupted init leaves nothing behind.
  int rc = hd_path_print(&aside, "%s.%ld", folder.text, (long)getpid());
  if (rc == HD_OK)
    rc = hd_path_make(aside.text);
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "cannot make %s: %s", folder.text, hd_error_text(rc));
  struct hd_starter_counts counts;
  rc = hd_starter_bring(&counts, &kit, aside.text);
  if (rc == HD_OK && rename(aside.text, folder.text) != 0)
    rc = HD_EACCES;
  if (rc == HD_OK)
    tell(args, folder.text, &counts);
  json_decref(counts.kept_names);
  hd_path_remove(aside.text);
  if (rc == HD_ECANCELED)
    return HD_EXIT_INTERRUPTED;
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "cannot make %s: %s", folder.text, hd_error_text(rc));
  if (!hd_args_has(args, HD_FLAG_JSON))
    (void)printf("Yours to edit. Try: cd %s && ./heddle run 21\n", folder.text);
  return HD_EXIT_OK;
}

int hd_cmd_update(const struct hd_args *args)
{
  struct hd_kit kit;
  struct hd_path folder;
  int status = find_kit(&kit);
  if (status != HD_EXIT_OK)
    return status;
  if (hd_course_own(&folder) != HD_OK)
    return hd_say(HD_EXIT_USAGE, "there is no course folder of yours here; heddle init makes one");
  return bring(args, &kit, folder.text);
}
