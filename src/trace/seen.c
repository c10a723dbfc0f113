// Two bits per kind and object, in pages of a thousand neighbours found through a hash table. One thread.
#include "trace/seen.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_OBJECTS 1024u
#define PAGES_MOST (1u << 18) // 70 MB; honest programs stay far below

struct hd_seen_page {
  uint64_t key;
  uint8_t bits[PAGE_OBJECTS / 4];
};

void hd_seen_free(struct hd_seen *seen)
{
  free(seen->pages);
  free(seen->table);
  *seen = (struct hd_seen){0};
}

static uint64_t key_of(unsigned kind, uint32_t object)
{
  return (uint64_t)kind << 32 | object / PAGE_OBJECTS;
}

// Where key stands in the table, or the empty place where it belongs.
static size_t place_of(const struct hd_seen *seen, uint64_t key)
{
  size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & (seen->slots - 1);
  while (seen->table[at] && seen->pages[seen->table[at] - 1].key != key)
    at = (at + 1) & (seen->slots - 1);
  return at;
}

static int grow(struct hd_seen *seen)
{
  const size_t room = seen->room ? seen->room * 2 : 16;
  if (room > PAGES_MOST)
    return -1;
  struct hd_seen_page *pages = realloc(seen->pages, room * sizeof *pages);
  if (!pages)
    return -1;
  seen->pages = pages;
  uint32_t *table = calloc(room * 2, sizeof *table);
  if (!table)
    return -1;
  free(seen->table);
  seen->table = table;
  seen->room = room;
  seen->slots = room * 2;
  for (size_t i = 0; i < seen->count; i++)
    table[place_of(seen, pages[i].key)] = (uint32_t)(i + 1);
  return 0;
}

static struct hd_seen_page *page_for(struct hd_seen *seen, uint64_t key)
{
  if (seen->slots) {
    const uint32_t found = seen->table[place_of(seen, key)];
    if (found)
      return &seen->pages[found - 1];
  }
  if (seen->full || (seen->count == seen->room && grow(seen) != 0)) {
    seen->full = 1;
    return NULL;
  }
  struct hd_seen_page *page = &seen->pages[seen->count];
  memset(page, 0, sizeof *page);
  page->key = key;
  seen->table[place_of(seen, key)] = (uint32_t)++seen->count;
  return page;
}

void hd_seen_mark(struct hd_seen *seen, unsigned kind, uint32_t object, unsigned bits)
{
  struct hd_seen_page *page = page_for(seen, key_of(kind, object));
  if (page)
    page->bits[object % PAGE_OBJECTS / 4] |= (uint8_t)(bits << (object % 4 * 2));
}

unsigned hd_seen_get(const struct hd_seen *seen, unsigned kind, uint32_t object)
{
  const uint32_t found = seen->slots ? seen->table[place_of(seen, key_of(kind, object))] : 0;
  if (!found)
    return seen->full ? HD_SEEN_PASSED : 0;
  const unsigned four = seen->pages[found - 1].bits[object % PAGE_OBJECTS / 4];
  return (four >> (object % 4 * 2)) & 3u;
}
