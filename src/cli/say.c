// What heddle says to a person: an error is one line on standard error. One thread.
#include "cli/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int hd_say(int status, const char *format, ...)
{
  char line[8192];
  va_list list;
  va_start(list, format);
  (void)vsnprintf(line, sizeof line, format, list);
  va_end(list);
  (void)fflush(stdout);
  (void)fprintf(stderr, "heddle: %s\n", line);
  return status;
}

bool hd_say_can_ask(void)
{
  return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

bool hd_say_on_terminal(void)
{
  const char *term = getenv("TERM");
  return hd_say_can_ask() && term && term[0] && strcmp(term, "dumb") != 0;
}
