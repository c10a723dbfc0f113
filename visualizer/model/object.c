// The objects by id, and the lists of each kind in order of making. Objects that are gone stay findable by
// name for the next GRAVES departures, so that the sentence that tells of their end can name them. One
// thread.
#include "model/fold.h"
#include "model/text.h"

#include <string.h>

static uint32_t ref_of(const struct state *state, const struct node *node)
{
  return (uint32_t)(node - (const struct node *)arena_table(state, TABLE_NODES)) + 1;
}

struct node *node_find(const struct state *state, uint32_t id)
{
  if (id == 0)
    return NULL;
  uint32_t ref = *bucket_of((struct state *)(uintptr_t)state, id);
  while (ref != 0 && node_at(state, ref)->object.id != id)
    ref = node_at(state, ref)->chain;
  return ref != 0 ? node_at(state, ref) : NULL;
}

struct node *object_find(const struct state *state, uint32_t id)
{
  struct node *node = node_find(state, id);
  return node != NULL && node->life == LIFE_ALIVE ? node : NULL;
}

// ---- two kinds of lists over the same links: alive objects by kind, and the graveyard ----

static void list_push(struct state *state, struct node *node, uint32_t *first, uint32_t *last)
{
  uint32_t ref = ref_of(state, node);
  node->kind_next = 0;
  node->kind_prev = *last;
  *(*last != 0 ? &node_at(state, *last)->kind_next : first) = ref;
  *last = ref;
}

static void list_remove(struct state *state, struct node *node, uint32_t *first, uint32_t *last)
{
  *(node->kind_prev != 0 ? &node_at(state, node->kind_prev)->kind_next : first) = node->kind_next;
  *(node->kind_next != 0 ? &node_at(state, node->kind_next)->kind_prev : last) = node->kind_prev;
  node->kind_next = node->kind_prev = 0;
}

static void kind_push(struct state *state, struct node *node)
{
  list_push(state, node, &state->kind_first[node->object.kind], &state->kind_last[node->object.kind]);
}

static void kind_remove(struct state *state, struct node *node)
{
  list_remove(state, node, &state->kind_first[node->object.kind], &state->kind_last[node->object.kind]);
}

// ---- life and death ----

static void node_free(struct state *state, struct node *node)
{
  uint32_t ref = ref_of(state, node);
  uint32_t *link = bucket_of(state, node->object.id);
  while (*link != ref)
    link = &node_at(state, *link)->chain;
  *link = node->chain;
  memset(node, 0, sizeof *node);
  node->chain = state->free_node;
  state->free_node = ref;
}

static struct node *node_new(struct state *state, uint32_t id)
{
  uint32_t ref = state->free_node;
  if (ref != 0)
    state->free_node = node_at(state, ref)->chain;
  else
    ref = ++state->table[TABLE_NODES].count;
  struct node *node = node_at(state, ref);
  uint32_t *bucket = bucket_of(state, id);
  node->object.id = id;
  node->chain = *bucket;
  *bucket = ref;
  return node;
}

static void exhume(struct state *state, struct node *node)
{
  list_remove(state, node, &state->grave_first, &state->grave_last);
  state->graves--;
  node->life = LIFE_FREE;
}

void object_retire(struct state *state, struct node *node)
{
  if (node == NULL || node->life != LIFE_ALIVE)
    return;
  queue_remove(state, node);
  kind_remove(state, node);
  node->life = LIFE_GONE;
  list_push(state, node, &state->grave_first, &state->grave_last);
  if (++state->graves <= GRAVES)
    return;
  struct node *oldest = node_at(state, state->grave_first);
  exhume(state, oldest);
  node_free(state, oldest);
}

// Makes a node of no kind yet (new, or just exhumed) into an object of the kind.
static void be_born(struct state *state, struct node *node, enum hdv_object_kind kind, uint16_t maker)
{
  uint32_t id = node->object.id, chain = node->chain;
  memset(node, 0, sizeof *node);
  node->chain = chain;
  node->life = LIFE_ALIVE;
  node->object.id = id;
  node->object.kind = (uint16_t)kind;
  node->object.maker = maker;
  node->object.worker = HDV_NOBODY;
  node->object.made = node->object.changed = state->totals.step;
  node->object.number = kind == HDV_UNKNOWN ? 0 : ++state->kind_made[kind];
  kind_push(state, node);
}

// An object of which only the name was known turns out to be of this kind.
static void find_kind(struct state *state, struct node *node, enum hdv_object_kind kind, uint16_t maker)
{
  char name[HDV_NAME_SIZE];
  memcpy(name, node->object.name, sizeof name);
  kind_remove(state, node);
  be_born(state, node, kind, maker);
  memcpy(node->object.name, name, sizeof name);
}

static void bring_back(struct state *state, struct node *node)
{
  exhume(state, node);
  node->life = LIFE_ALIVE;
  node->object.changed = state->totals.step;
  kind_push(state, node);
}

struct node *object_touch(struct state *state, uint32_t id, enum hdv_object_kind kind, uint16_t maker)
{
  if (id == 0)
    return NULL;
  struct node *node = node_find(state, id);
  if (node == NULL) {
    node = node_new(state, id);
    be_born(state, node, kind, maker);
    return node;
  }
  bool same = node->object.kind == kind || kind == HDV_UNKNOWN;
  if (node->life == LIFE_GONE && same)
    bring_back(state, node);
  else if (node->life == LIFE_GONE) {
    exhume(state, node);
    be_born(state, node, kind, maker);
  } else if (!same && node->object.kind == HDV_UNKNOWN)
    find_kind(state, node, kind, maker);
  else if (!same)
    return NULL;
  node->object.changed = state->totals.step;
  return node;
}

struct node *object_make(struct state *state, uint32_t id, enum hdv_object_kind kind, uint16_t maker)
{
  struct node *node = object_touch(state, id, kind, maker);
  if (node != NULL || id == 0)
    return node;
  object_retire(state, node_find(state, id));
  return object_touch(state, id, kind, maker);
}

void object_number(struct node *node, uint64_t number)
{
  if (number != 0)
    node->object.number = clip32(number);
}

void object_name(struct node *node, const char *text, uint32_t size)
{
  memset(node->object.name, 0, sizeof node->object.name);
  text_clean(node->object.name, sizeof node->object.name, text, size);
}
