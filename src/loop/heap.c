// The deadline heap; see heap.h.
#include "loop/heap.h"

#include "base/error.h"

#include <stdbool.h>
#include <stdlib.h>

#define WAYS 4u

static bool before(const struct hd_heap_entry *a, const struct hd_heap_entry *b)
{
  return a->key != b->key ? a->key < b->key : a->node->tie < b->node->tie;
}

static void place(struct hd_heap *heap, uint32_t index, struct hd_heap_entry entry)
{
  heap->entries[index] = entry;
  entry.node->index = index;
}

static void sift_up(struct hd_heap *heap, uint32_t index, struct hd_heap_entry entry)
{
  while (index > 0) {
    uint32_t parent = (index - 1) / WAYS;
    if (!before(&entry, &heap->entries[parent]))
      break;
    place(heap, index, heap->entries[parent]);
    index = parent;
  }
  place(heap, index, entry);
}

static uint32_t least_child(const struct hd_heap *heap, uint32_t first)
{
  uint32_t end = first + WAYS < heap->count ? first + WAYS : heap->count;
  uint32_t least = first;
  for (uint32_t i = first + 1; i < end; i++)
    if (before(&heap->entries[i], &heap->entries[least]))
      least = i;
  return least;
}

static void sift_down(struct hd_heap *heap, uint32_t index, struct hd_heap_entry entry)
{
  for (;;) {
    uint32_t child = index * WAYS + 1;
    if (child >= heap->count)
      break;
    child = least_child(heap, child);
    if (!before(&heap->entries[child], &entry))
      break;
    place(heap, index, heap->entries[child]);
    index = child;
  }
  place(heap, index, entry);
}

static void settle(struct hd_heap *heap, uint32_t index, struct hd_heap_entry entry)
{
  if (index > 0 && before(&entry, &heap->entries[(index - 1) / WAYS]))
    sift_up(heap, index, entry);
  else
    sift_down(heap, index, entry);
}

void hd_heap_destroy(struct hd_heap *heap)
{
  free(heap->entries);
  *heap = (struct hd_heap){0};
}

int hd_heap_push(struct hd_heap *heap, struct hd_heap_node *node, uint64_t key, uint64_t tie)
{
  if (heap->count == heap->room) {
    uint32_t room = heap->room ? heap->room * 2 : 16;
    struct hd_heap_entry *entries = realloc(heap->entries, room * sizeof(*entries));
    if (!entries)
      return HD_ENOMEM;
    heap->entries = entries;
    heap->room = room;
  }
  node->tie = tie;
  sift_up(heap, heap->count++, (struct hd_heap_entry){.key = key, .node = node});
  return HD_OK;
}

void hd_heap_remove(struct hd_heap *heap, struct hd_heap_node *node)
{
  uint32_t index = node->index;
  struct hd_heap_entry last = heap->entries[--heap->count];
  if (last.node != node)
    settle(heap, index, last);
}

void hd_heap_move(struct hd_heap *heap, struct hd_heap_node *node, uint64_t key, uint64_t tie)
{
  node->tie = tie;
  settle(heap, node->index, (struct hd_heap_entry){.key = key, .node = node});
}
