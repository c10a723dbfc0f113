// What cmocka's TAP output says. Pure; any thread.
#include "cli/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *next_line(const char *at)
{
  at += strcspn(at, "\n");
  return *at ? at + 1 : at;
}

// Skips "ok 3 - " or "not ok 3 - "; NULL when the line is no result.
static const char *result_name(const char *line, bool *passed)
{
  *passed = strncmp(line, "ok ", 3) == 0;
  if (!*passed && strncmp(line, "not ok ", 7) != 0)
    return NULL;
  line += *passed ? 3 : 7;
  line += strspn(line, "0123456789");
  return line + strspn(line, " -");
}

static void name_test(struct hd_tap_test *out, const char *name)
{
  out->skipped = strncmp(name, "# SKIP ", 7) == 0;
  name += out->skipped ? 7 : 0;
  size_t size = strcspn(name, "\n");
  (void)snprintf(out->name, sizeof out->name, "%.*s", (int)size, name);
  for (char *c = out->name; *c; c++)
    if (*c == '_')
      *c = ' ';
}

bool hd_tap_next(const char **at, struct hd_tap_test *out)
{
  const char *name = NULL;
  bool passed = false, other;
  memset(out, 0, sizeof *out);
  for (; **at; *at = next_line(*at))
    if ((name = result_name(*at, &passed)) != NULL)
      break;
  if (!name)
    return false;
  out->passed = passed;
  name_test(out, name);
  *at = next_line(*at);
  const char *end = *at;
  while (*end == '#' && !result_name(end + 2, &other)) // "# not ok - NAME" is the whole group's
    end = next_line(end);
  if (end > *at) {
    out->message = *at;
    out->message_size = (size_t)(end - *at);
  }
  *at = end;
  return true;
}

unsigned hd_tap_planned(const char *text)
{
  for (; *text; text = next_line(text))
    if (strncmp(text, "1..", 3) == 0)
      return (unsigned)strtoul(text + 3, NULL, 10);
  return 0;
}
