// Chunks of items and a free list; see slab.h.
#include "loop/slab.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 64u // items

void hd_slab_init(struct hd_slab *slab, size_t item_size)
{
  *slab = (struct hd_slab){.item_size = item_size};
}

void hd_slab_destroy(struct hd_slab *slab)
{
  for (uint32_t i = 0; i < slab->chunk_count; i++)
    free(slab->chunks[i]);
  free(slab->chunks);
  *slab = (struct hd_slab){.item_size = slab->item_size};
}

static struct hd_slab_item *item_at(const struct hd_slab *slab, uint32_t index)
{
  return (struct hd_slab_item *)(void *)(slab->chunks[index / CHUNK] + slab->item_size * (index % CHUNK));
}

static bool grow(struct hd_slab *slab)
{
  char **chunks = realloc(slab->chunks, (slab->chunk_count + 1) * sizeof(*chunks));
  if (!chunks)
    return false;
  slab->chunks = chunks;
  char *chunk = calloc(CHUNK, slab->item_size);
  if (!chunk)
    return false;
  chunks[slab->chunk_count++] = chunk;
  // From the back, so that the lowest index is taken first.
  for (uint32_t i = CHUNK; i-- > 0;) {
    struct hd_slab_item *item = item_at(slab, (slab->chunk_count - 1) * CHUNK + i);
    item->index = (slab->chunk_count - 1) * CHUNK + i;
    item->next_free = slab->free;
    slab->free = item;
  }
  return true;
}

void *hd_slab_take(struct hd_slab *slab)
{
  if (!slab->free && !grow(slab))
    return NULL;
  struct hd_slab_item *item = slab->free;
  slab->free = item->next_free;
  item->generation++;
  item->next_free = NULL;
  memset(item + 1, 0, slab->item_size - sizeof(*item));
  slab->live++;
  return item;
}

void hd_slab_give(struct hd_slab *slab, void *given)
{
  struct hd_slab_item *item = given;
  item->generation++;
  item->next_free = slab->free;
  slab->free = item;
  slab->live--;
}

void *hd_slab_find(const struct hd_slab *slab, uint32_t index, uint32_t generation)
{
  if (index / CHUNK >= slab->chunk_count || generation % 2 == 0)
    return NULL;
  struct hd_slab_item *item = item_at(slab, index);
  return item->generation == generation ? item : NULL;
}
