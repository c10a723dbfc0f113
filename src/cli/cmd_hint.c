// heddle hint: one more hint for an exercise each time. The hints are the sections "## Hint N" of its
// hints.md. One thread.
#include "base/error.h"
#include "cli/args.h"
#include "cli/file.h"
#include "cli/hints.h"
#include "cli/markdown.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/start.h"

#include <stdlib.h>
#include <string.h>

// The start of the next line that begins a hint, or the end.
static const char *next_hint(const char *at)
{
  for (; *at; at += strcspn(at, "\n"), at += *at == '\n')
    if (strncmp(at, "## Hint", 7) == 0)
      break;
  return at;
}

unsigned hd_hints_count(const char *text)
{
  unsigned count = 0;
  for (const char *at = next_hint(text); *at; at = next_hint(at + 1))
    count++;
  return count;
}

const char *hd_hints_at(const char *text, unsigned number, size_t *size)
{
  const char *at = next_hint(text);
  for (unsigned i = 1; i < number && *at; i++)
    at = next_hint(at + 1);
  at += strcspn(at, "\n");
  at += strspn(at, " \n");
  *size = (size_t)(next_hint(at) - at);
  while (*size > 0 && strchr(" \n", at[*size - 1]))
    --*size;
  return at;
}

static int tell(const struct hd_args *args, const struct hd_part *part, const char *text)
{
  unsigned count = hd_hints_count(text);
  if (count == 0)
    return hd_say(HD_EXIT_CANNOT, "exercise %s has no hints", hd_part_name(part));
  int asked = hd_progress_add("exercises", part->folder, "hints", 1);
  if (asked < 0)
    (void)hd_say(0, "how many hints you have seen is not kept: %s", hd_error_text(asked));
  unsigned number = asked < 1 ? 1 : (unsigned)asked < count ? (unsigned)asked : count;
  size_t size;
  const char *hint = hd_hints_at(text, number, &size);
  if (hd_args_has(args, HD_FLAG_JSON)) {
    json_t *all = json_pack("{s:s, s:i, s:i, s:s%}", "exercise", part->folder, "hint", (int)number, "of",
                            (int)count, "text", hint, size);
    (void)json_dumpf(all, stdout, JSON_INDENT(1));
    (void)putchar('\n');
    json_decref(all);
    return HD_EXIT_OK;
  }
  (void)printf("Hint %u of %u for %s\n\n", number, count, hd_part_name(part));
  (void)hd_markdown_print(hint, size, 80, stdout);
  if ((unsigned)asked > count)
    (void)puts("\nThat was the last one; there are no more.");
  return HD_EXIT_OK;
}

int hd_cmd_hint(const struct hd_args *args)
{
  struct hd_kit kit;
  struct hd_course course;
  struct hd_part part;
  struct hd_path path;
  json_t *info;
  char *text;
  int status = hd_start_part(&kit, &course, HD_PART_EXERCISE, args->words[0], &part, &info);
  if (status != HD_EXIT_OK)
    return status;
  int rc = hd_path_print(&path, "%s/hints.md", part.path.text);
  if (rc == HD_OK)
    rc = hd_file_read(path.text, &text, NULL);
  if (rc == HD_OK) {
    status = tell(args, &part, text);
    free(text);
  } else {
    status = hd_say(HD_EXIT_CANNOT, "exercise %s has no hints: %s", hd_part_name(&part), hd_error_text(rc));
  }
  json_decref(info);
  hd_course_close(&course);
  return status;
}
