// Things named by handles: a handle is an index and a generation, so that a handle of something that is over
// is recognised. Items never move. Invariant: an item's generation is odd while it is taken. One thread at a
// time.
#ifndef HD_LOOP_SLAB_H
#define HD_LOOP_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The first field of every item.
struct hd_slab_item {
  uint32_t index, generation;
  struct hd_slab_item *next_free;
};

struct hd_slab {
  size_t item_size;
  char **chunks;
  uint32_t chunk_count, live;
  struct hd_slab_item *free;
};

// item_size: of the item with its head.
void hd_slab_init(struct hd_slab *slab, size_t item_size);

// Frees everything, taken or not.
void hd_slab_destroy(struct hd_slab *slab);

// An item, zeroed behind its head. NULL: out of memory.
void *hd_slab_take(struct hd_slab *slab);

// Gives it back: its handle is over.
void hd_slab_give(struct hd_slab *slab, void *item);

// The taken item of a handle, or NULL.
void *hd_slab_find(const struct hd_slab *slab, uint32_t index, uint32_t generation);

#endif
