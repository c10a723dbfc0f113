// heddle without a verb: the menu of lessons and exercises; the first time a tour of a minute before it. One
// thread.
#include "base/error.h"
#include "cli/args.h"
#include "cli/file.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/list.h"
#include "cli/markdown.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const tour[] = {
    "heddle runs real C programs and shows every step they take.\n\n"
    "A heddle is the loop in a loom that a thread passes through. Here you\n"
    "see threads, event loops, queues, workers and shared values at work,\n"
    "and you can hold them.\n",

    "First you predict, then you look.\n\n"
    "A lesson asks what you think will happen. Answer before it runs:\n"
    "people who predict first understand more, whether they were right or\n"
    "wrong.\n",

    "Then you drive.\n\n"
    "Space pauses. PageDown takes one step, PageUp goes back. Home and End jump.\n"
    "0 to 8 choose which thread goes next. ? shows all keys, q leaves.\n",

    "Then you change it.\n\n"
    "heddle init makes a folder of your own with all lessons. Press e at\n"
    "any step to edit the line you see; the lesson is built and run again.\n"
    "Exercises are checked with heddle check, and heddle hint helps a\n"
    "little further each time.\n"};

// Reads a line; false at the end of input or when a signal came.
static bool read_line(const char *prompt, char *out, size_t cap)
{
  (void)fputs(prompt, stdout);
  (void)fflush(stdout);
  if (!fgets(out, (int)cap, stdin) || hd_interrupted()) {
    (void)putchar('\n');
    return false;
  }
  out[strcspn(out, "\n")] = '\0';
  return true;
}

static int mark_tour(json_t *progress, void *context)
{
  (void)context;
  return json_object_set_new(progress, "tour", json_true()) == 0 ? HD_OK : HD_ENOMEM;
}

static bool give_tour(void)
{
  char line[64];
  json_t *progress = hd_progress_read();
  bool seen = json_is_true(json_object_get(progress, "tour"));
  json_decref(progress);
  if (seen)
    return true;
  for (size_t i = 0; i < sizeof tour / sizeof tour[0]; i++) {
    (void)printf("\n%zu of %zu\n\n%s\n", i + 1, sizeof tour / sizeof tour[0], tour[i]);
    if (!read_line("Enter goes on, q skips the rest: ", line, sizeof line))
      return false;
    if (line[0] == 'q')
      break;
  }
  // Not kept without a state folder: then the tour comes again, which does no harm.
  (void)hd_progress_change(mark_tour, NULL);
  return true;
}

static int show_text(const struct hd_course *course, const char *wanted)
{
  struct hd_part part;
  struct hd_path path;
  char problem[1024], *text;
  size_t size;
  if (hd_course_find(course, HD_PART_LESSON, wanted, &part, problem, sizeof problem) != HD_OK &&
      hd_course_find(course, HD_PART_EXERCISE, wanted, &part, problem, sizeof problem) != HD_OK)
    return hd_say(HD_EXIT_USAGE, "%s", problem);
  int rc = hd_path_print(&path, "%s/README.md", part.path.text);
  if (rc == HD_OK)
    rc = hd_file_read(path.text, &text, &size);
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "%s has no text: %s", part.folder, hd_error_text(rc));
  (void)putchar('\n');
  (void)hd_markdown_print(text, size, 80, stdout);
  free(text);
  return HD_EXIT_OK;
}

// Runs another verb of ours on one name, with the looks that the menu was given.
static int run_verb(const struct hd_args *menu, const char *verb, const char *name)
{
  struct hd_args args = *menu;
  args.command = hd_command_find(verb);
  args.word_count = 0;
  if (name[0])
    args.words[args.word_count++] = name;
  if (args.word_count < args.command->fewest)
    return hd_say(HD_EXIT_USAGE, "%s needs a name, for example: %s 21", verb, verb);
  return args.command->run(&args);
}

static void choose(const struct hd_args *args, const struct hd_course *course, char *line)
{
  char *word = strtok(line, " \t"), *name = word ? strtok(NULL, " \t") : NULL;
  const char *second = name ? name : "";
  if (!word)
    return;
  if (strcmp(word, "read") == 0)
    (void)show_text(course, second);
  else if (strcmp(word, "list") == 0)
    hd_list_text(course, stdout);
  else if (strcmp(word, "help") == 0 || strcmp(word, "?") == 0)
    hd_help_all(stdout);
  else if (strcmp(word, "check") == 0 || strcmp(word, "hint") == 0 || strcmp(word, "run") == 0)
    (void)run_verb(args, word, second);
  else
    (void)run_verb(args, "run", word);
}

static int menu(const struct hd_args *args, const struct hd_course *course)
{
  char line[256];
  if (!give_tour())
    return hd_interrupted() ? HD_EXIT_INTERRUPTED : HD_EXIT_OK;
  (void)putchar('\n');
  hd_list_text(course, stdout);
  for (;;) {
    (void)puts("\nA number runs a lesson. read N, check N, hint N, list, help; q leaves.");
    if (!read_line("> ", line, sizeof line))
      return hd_interrupted() ? HD_EXIT_INTERRUPTED : HD_EXIT_OK;
    if (strcmp(line, "q") == 0)
      return HD_EXIT_OK;
    choose(args, course, line);
    if (hd_interrupted())
      return HD_EXIT_INTERRUPTED;
  }
}

int hd_cmd_menu(const struct hd_args *args)
{
  struct hd_kit kit;
  struct hd_course course;
  if (!hd_say_can_ask()) {
    hd_help_all(stdout);
    return HD_EXIT_OK;
  }
  int status = hd_start_course(&kit, &course);
  if (status != HD_EXIT_OK)
    return status;
  status = menu(args, &course);
  hd_course_close(&course);
  return status;
}
