// Schedules as strings of runs: "2x3 1" is thread 2 three times, then thread 1. Pure; any thread.
#include "step/schedule.h"

#include "base/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

static size_t run_length(const uint16_t *steps, size_t count)
{
  size_t length = 1;
  while (length < count && steps[length] == steps[0])
    length++;
  return length;
}

int hd_schedule_print(char *out, size_t cap, const uint16_t *steps, size_t count)
{
  if (cap == 0)
    return HD_EFULL;
  size_t length = 0;
  out[0] = '\0';
  for (size_t i = 0; i < count;) {
    const size_t run = run_length(steps + i, count - i);
    const char *gap = i ? " " : "";
    const int more = run > 1 ? snprintf(out + length, cap - length, "%s%ux%zu", gap, steps[i], run)
                             : snprintf(out + length, cap - length, "%s%u", gap, steps[i]);
    if (more < 0 || (size_t)more >= cap - length || length + (size_t)more > INT_MAX)
      return HD_EFULL;
    length += (size_t)more;
    i += run;
  }
  return (int)length;
}

// Reads decimal digits; false when there are none or the number is above most.
static bool read_number(const char **text, size_t most, size_t *out)
{
  const char *at = *text;
  size_t value = 0;
  for (; *at >= '0' && *at <= '9'; at++) {
    value = value * 10 + (size_t)(*at - '0');
    if (value > most)
      return false;
  }
  const bool some = at != *text;
  *text = at;
  *out = value;
  return some;
}

static bool read_run(const char **text, size_t *thread, size_t *times)
{
  *times = 1;
  if (!read_number(text, UINT16_MAX, thread))
    return false;
  if (**text == 'x') {
    ++*text;
    if (!read_number(text, INT_MAX, times) || *times == 0)
      return false;
  }
  return **text == '\0' || **text == ' ';
}

int hd_schedule_parse(uint16_t *steps, size_t cap, const char *text)
{
  size_t count = 0;
  for (;;) {
    while (*text == ' ')
      text++;
    if (*text == '\0')
      return count > INT_MAX ? HD_EFULL : (int)count;
    size_t thread, times;
    if (!read_run(&text, &thread, &times))
      return HD_EINVAL;
    if (times > cap - count)
      return HD_EFULL;
    while (times-- > 0)
      steps[count++] = (uint16_t)thread;
  }
}
