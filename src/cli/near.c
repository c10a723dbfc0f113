// The nearest known names to one that is unknown. Pure; one thread at a time.
#include "cli/near.h"

#include <string.h>

#define LONGEST 63

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

size_t hd_near_distance(const char *a, const char *b)
{
  size_t rows[3][LONGEST + 1];
  size_t *before = rows[0], *above = rows[1], *row = rows[2];
  size_t a_size = strnlen(a, LONGEST), b_size = strnlen(b, LONGEST);
  memset(rows, 0, sizeof rows);
  for (size_t j = 0; j <= b_size; j++)
    row[j] = j;
  for (size_t i = 1; i <= a_size; i++) {
    size_t *spare = before;
    before = above;
    above = row;
    row = spare;
    row[0] = i;
    for (size_t j = 1; j <= b_size; j++) {
      row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = least(row[j], before[j - 2] + 1);
    }
  }
  return row[b_size];
}

struct hd_near hd_near_to(const char *wanted)
{
  return (struct hd_near){.wanted = wanted};
}

void hd_near_try(struct hd_near *near, const char *name)
{
  size_t distance = hd_near_distance(near->wanted, name);
  size_t at = near->count;
  while (at > 0 && near->distances[at - 1] > distance)
    at--;
  if (at == HD_NEAR_KEPT)
    return;
  if (near->count < HD_NEAR_KEPT)
    near->count++;
  for (size_t i = near->count - 1; i > at; i--) {
    near->names[i] = near->names[i - 1];
    near->distances[i] = near->distances[i - 1];
  }
  near->names[at] = name;
  near->distances[at] = distance;
}

const char *hd_near_closest(const struct hd_near *near)
{
  return near->count ? near->names[0] : NULL;
}

const char *hd_near_best(const struct hd_near *near)
{
  if (!near->count || near->distances[0] > 1 + strlen(near->wanted) / 3)
    return NULL;
  return near->names[0];
}
