// A heap of deadlines: four children per node, and the key beside the pointer, so that sifting rarely leaves
// the array. Equal keys come in the order of their ties. Invariant: a node knows its own place. One thread at
// a time.
#ifndef HD_LOOP_HEAP_H
#define HD_LOOP_HEAP_H

#include <stddef.h>
#include <stdint.h>

// Embed it in what has a deadline.
struct hd_heap_node {
  uint32_t index; // in the array
  uint64_t tie;
};

struct hd_heap {
  struct hd_heap_entry {
    uint64_t key;
    struct hd_heap_node *node;
  } * entries;
  uint32_t count, room;
};

void hd_heap_destroy(struct hd_heap *heap);

// HD_ENOMEM.
int hd_heap_push(struct hd_heap *heap, struct hd_heap_node *node, uint64_t key, uint64_t tie);
void hd_heap_remove(struct hd_heap *heap, struct hd_heap_node *node);

// Gives a node in the heap another key.
void hd_heap_move(struct hd_heap *heap, struct hd_heap_node *node, uint64_t key, uint64_t tie);

// The node with the least key, NULL when empty; its key in *key.
static inline struct hd_heap_node *hd_heap_top(const struct hd_heap *heap, uint64_t *key)
{
  if (heap->count == 0)
    return NULL;
  *key = heap->entries[0].key;
  return heap->entries[0].node;
}

#endif
