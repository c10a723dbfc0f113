// heddle watch: attaches to a running program, as a flight recorder: nothing waits for the viewer, and
// leaving lets it run on. One thread.
#include "base/error.h"
#include "cli/say.h"
#include "cli/view.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What one live file tells about its program; an empty object when nobody writes it.
static json_t *describe(const char *path)
{
  struct hd_live *live;
  json_t *about = NULL;
  if (hd_live_open(&live, path) != HD_OK)
    return NULL;
  const struct hd_control *control = hd_live_control(live);
  uint32_t pid = atomic_load(&control->program_pid);
  if (pid != 0 && hd_live_program_alive(live)) {
    const struct hd_trace_header *header = hd_live_header(live);
    about = json_pack("{s:i, s:s, s:s, s:b}", "pid", (int)pid, "program", header->program, "lesson",
                      header->lesson, "watched", atomic_load(&control->viewer_pid) != 0);
  }
  hd_live_close(live);
  return about;
}

static json_t *list_programs(const char *folder)
{
  DIR *dir = opendir(folder);
  json_t *all = json_array();
  const struct dirent *entry;
  while (dir && (entry = readdir(dir)) != NULL) {
    struct hd_path path;
    size_t size = strlen(entry->d_name);
    if (size < 6 || strcmp(entry->d_name + size - 5, ".live") != 0 ||
        hd_path_print(&path, "%s/%s", folder, entry->d_name) != HD_OK)
      continue;
    json_t *about = describe(path.text);
    if (about)
      (void)json_array_append_new(all, about);
  }
  if (dir)
    (void)closedir(dir);
  return all;
}

static int list(bool json)
{
  struct hd_path folder;
  size_t i;
  const json_t *one;
  int rc = hd_live_folder(folder.text, sizeof folder.text);
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT,
                  "cannot look for running programs: %s; set XDG_RUNTIME_DIR to a folder of yours",
                  hd_error_text(rc));
  json_t *all = list_programs(folder.text);
  if (json) {
    (void)json_dumpf(all, stdout, JSON_INDENT(1));
    (void)putchar('\n');
  } else if (json_array_size(all) == 0) {
    (void)puts("No program that can be watched is running. One is when it uses heddle's library.");
  } else {
    json_array_foreach(all, i, one)
    {
      (void)printf("%8lld  %s%s\n", (long long)json_integer_value(json_object_get(one, "pid")),
                   json_string_value(json_object_get(one, "program")),
                   json_is_true(json_object_get(one, "watched")) ? "  (has a viewer already)" : "");
    }
    (void)puts("heddle watch PID attaches to one of them.");
  }
  json_decref(all);
  return HD_EXIT_OK;
}

static int find_program(const char *word, struct hd_path *path)
{
  char *end;
  errno = 0;
  unsigned long pid = strtoul(word, &end, 10);
  if (word[strspn(word, "0123456789")] != '\0' || pid == 0 || pid > INT32_MAX || errno != 0)
    return hd_say(HD_EXIT_USAGE, "\"%.40s\" is no process number; heddle watch alone lists what is running",
                  word);
  int rc = hd_live_find(path->text, sizeof path->text, (uint32_t)pid);
  if (rc == HD_OK)
    return HD_EXIT_OK;
  if (rc != HD_ENOENT)
    return hd_say(HD_EXIT_CANNOT, "cannot look for process %lu: %s", pid, hd_error_text(rc));
  if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
    return hd_say(HD_EXIT_USAGE, "there is no process %lu any more; heddle watch alone lists what is running",
                  pid);
  return hd_say(HD_EXIT_USAGE,
                "process %lu is not yours, or does not use heddle's library; heddle watch alone lists what "
                "can be watched",
                pid);
}

int hd_cmd_watch(const struct hd_args *args)
{
  struct hd_path path;
  enum hd_view view;
  hd_session *session;
  if (args->word_count == 0)
    return list(hd_args_has(args, HD_FLAG_JSON));
  int status = hd_view_choose(args, &view);
  if (status == HD_EXIT_OK)
    status = find_program(args->words[0], &path);
  if (status == HD_EXIT_OK)
    status = hd_session_attach(&session, path.text);
  if (status != HD_EXIT_OK)
    return status;
  char title[64];
  struct hd_view_end end = {.how = HDV_END_QUIT};
  (void)snprintf(title, sizeof title, "process %.20s", args->words[0]);
  do
    status = view == HD_VIEW_TERMINAL
                 ? hd_view_terminal(args, title, hd_session_log(session), session, 0, &end)
                 : hd_view_plain(session, false);
  while (status == HD_EXIT_OK && end.how == HDV_END_RESTART);
  int closed = hd_session_close(session);
  return status == HD_EXIT_OK && closed != HD_OK ? HD_EXIT_CANNOT : status;
}
