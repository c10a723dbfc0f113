// An intrusive doubly linked list: the links live inside the listed thing, so linking never allocates.
// Invariant: an empty list, and a node in no list, points to itself. Not thread-safe; its owner guards it.
#ifndef HD_BASE_LIST_H
#define HD_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct hd_list {
  struct hd_list *next, *prev;
};

// The thing of TYPE whose field FIELD is the given node.
#define hd_list_entry(node, type, field) ((type *)(void *)((char *)(node)-offsetof(type, field)))

static inline void hd_list_init(struct hd_list *list)
{
  list->next = list->prev = list;
}

static inline bool hd_list_empty(const struct hd_list *list)
{
  return list->next == list;
}

// Puts node at the end; taking from the front then gives first in, first out.
static inline void hd_list_push(struct hd_list *list, struct hd_list *node)
{
  node->prev = list->prev;
  node->next = list;
  list->prev->next = node;
  list->prev = node;
}

// Unlinks node; harmless when it is in no list.
static inline void hd_list_remove(struct hd_list *node)
{
  node->prev->next = node->next;
  node->next->prev = node->prev;
  hd_list_init(node);
}

// Takes the first node, or NULL when the list is empty.
static inline struct hd_list *hd_list_take(struct hd_list *list)
{
  struct hd_list *first = list->next;
  if (first == list)
    return NULL;
  hd_list_remove(first);
  return first;
}

// Moves every node of from to the end of to; from is empty afterwards.
static inline void hd_list_move_all(struct hd_list *to, struct hd_list *from)
{
  if (hd_list_empty(from))
    return;
  from->next->prev = to->prev;
  to->prev->next = from->next;
  from->prev->next = to;
  to->prev = from->prev;
  hd_list_init(from);
}

#endif
