// What came out of many reads of a value. Each result belongs to one thread.
#include "result.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

bool is_mixed(const uint64_t *seen, unsigned words)
{
  uint32_t part = (uint32_t)seen[0];
  for (unsigned i = 0; i < words; i++)
    if ((uint32_t)seen[i] != part || (uint32_t)(seen[i] >> 32) != part)
      return true;
  return false;
}

void count(struct result *result, const uint64_t *seen, unsigned words)
{
  result->reads++;
  if (!is_mixed(seen, words))
    return;
  if (result->torn++ == 0)
    memcpy(result->first, seen, words * sizeof seen[0]);
}

void print_result(const char *name, const char *unit, const struct result *result, unsigned words)
{
  printf("%s: %" PRIu64 " %s, %" PRIu64 " torn", name, result->reads, unit, result->torn);
  if (result->torn > 0 && result->reads > 1000)  // a rate made from three reads says nothing
    printf(" (%.1f per million)", 1e6 * (double)result->torn / (double)result->reads);
  if (result->torn > 0) {
    unsigned seam = 1;
    while (seam < words && result->first[seam] == result->first[0])
      seam++;
    printf(", first: 0x%016" PRIX64, result->first[0]);
    if (seam < words)
      printf(" then 0x%016" PRIX64, result->first[seam]);
  }
  printf("\n");
}

double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
