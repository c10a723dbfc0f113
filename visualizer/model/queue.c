// Queues: lists of objects that stand in line at an owner, found by owner and kind; only non-empty ones
// exist. A timer queue is besides a search tree by deadline (a treap: any order of deadlines costs log n).
// One thread.
#include "model/fold.h"

#include <string.h>

static uint32_t ref_of(const struct state *state, const struct node *node)
{
  return (uint32_t)(node - (const struct node *)arena_table(state, TABLE_NODES)) + 1;
}

uint32_t queue_find(const struct state *state, uint32_t owner, uint32_t kind)
{
  uint32_t ref = *head_of((struct state *)(uintptr_t)state, owner, kind);
  while (ref != 0 && (queue_at(state, ref)->owner != owner || queue_at(state, ref)->kind != kind))
    ref = queue_at(state, ref)->chain;
  return ref;
}

uint32_t queue_length(const struct state *state, uint32_t owner, uint32_t kind)
{
  uint32_t ref = queue_find(state, owner, kind);
  return ref != 0 ? queue_at(state, ref)->length : 0;
}

struct node *queue_first(const struct state *state, uint32_t owner, uint32_t kind)
{
  uint32_t ref = queue_find(state, owner, kind);
  return ref != 0 ? node_at(state, queue_at(state, ref)->first) : NULL;
}

static struct queue *queue_new(struct state *state, uint32_t owner, uint32_t kind)
{
  uint32_t ref = state->free_queue;
  if (ref != 0)
    state->free_queue = queue_at(state, ref)->chain;
  else
    ref = ++state->table[TABLE_QUEUES].count;
  struct queue *queue = queue_at(state, ref);
  uint32_t *head = head_of(state, owner, kind);
  queue->owner = owner;
  queue->kind = kind;
  queue->chain = *head;
  *head = ref;
  return queue;
}

static void queue_free(struct state *state, struct queue *queue)
{
  uint32_t ref = (uint32_t)(queue - queue_at(state, 1)) + 1;
  uint32_t *link = head_of(state, queue->owner, queue->kind);
  while (*link != ref)
    link = &queue_at(state, *link)->chain;
  *link = queue->chain;
  memset(queue, 0, sizeof *queue);
  queue->chain = state->free_queue;
  state->free_queue = ref;
}

// ---- the tree of timers ----

static bool earlier(const struct node *a, const struct node *b)
{
  return a->object.x != b->object.x ? a->object.x < b->object.x : a->order < b->order;
}

// Priorities follow from the order of starting, which no trace can choose freely against its deadlines.
static bool above(const struct node *a, const struct node *b)
{
  return hash_mix(a->order) >= hash_mix(b->order);
}

// Enters the node and returns the ref of the timer just before it, 0 when it is the first.
static uint32_t tree_insert(struct state *state, struct queue *queue, struct node *node)
{
  uint32_t *link = &queue->root, before = 0;
  while (*link != 0 && above(node_at(state, *link), node)) {
    struct node *here = node_at(state, *link);
    if (!earlier(node, here))
      before = *link;
    link = earlier(node, here) ? &here->left : &here->right;
  }
  uint32_t rest = *link, *left = &node->left, *right = &node->right;
  *link = ref_of(state, node);
  while (rest != 0) {
    struct node *here = node_at(state, rest);
    if (earlier(node, here)) {
      *right = rest;
      right = &here->left;
      rest = here->left;
    } else {
      *left = before = rest;
      left = &here->right;
      rest = here->right;
    }
  }
  *left = *right = 0;
  return before;
}

static void tree_remove(struct state *state, struct queue *queue, struct node *node)
{
  uint32_t *link = &queue->root, ref = ref_of(state, node);
  while (*link != ref) {
    struct node *here = node_at(state, *link);
    link = earlier(node, here) ? &here->left : &here->right;
  }
  uint32_t left = node->left, right = node->right;
  while (left != 0 && right != 0) {
    bool left_up = above(node_at(state, left), node_at(state, right));
    *link = left_up ? left : right;
    struct node *up = node_at(state, *link);
    link = left_up ? &up->right : &up->left;
    *(left_up ? &left : &right) = *link;
  }
  *link = left != 0 ? left : right;
  node->left = node->right = 0;
}

// ---- in and out ----

static void link_after(struct state *state, struct queue *queue, struct node *node, uint32_t before)
{
  uint32_t ref = ref_of(state, node);
  uint32_t *next = before != 0 ? &node_at(state, before)->queue_next : &queue->first;
  node->queue_prev = before;
  node->queue_next = *next;
  *(*next != 0 ? &node_at(state, *next)->queue_prev : &queue->last) = ref;
  *next = ref;
}

struct queue *queue_push(struct state *state, struct node *node, uint32_t owner, enum hdv_queue kind)
{
  queue_remove(state, node);
  uint32_t ref = queue_find(state, owner, kind);
  struct queue *queue = ref != 0 ? queue_at(state, ref) : queue_new(state, owner, kind);
  uint32_t before = queue->last;
  if (kind == HDV_QUEUE_TIMERS) {
    node->order = ++state->timers_started;
    before = tree_insert(state, queue, node);
  }
  link_after(state, queue, node, before);
  queue->length++;
  node->object.queue = (uint16_t)kind;
  node->object.owner = owner;
  node->object.changed = state->totals.step;
  return queue;
}

void queue_remove(struct state *state, struct node *node)
{
  if (node->object.queue == HDV_QUEUE_NONE)
    return;
  struct queue *queue = queue_at(state, queue_find(state, node->object.owner, node->object.queue));
  if (queue->kind == HDV_QUEUE_TIMERS)
    tree_remove(state, queue, node);
  *(node->queue_prev != 0 ? &node_at(state, node->queue_prev)->queue_next : &queue->first) = node->queue_next;
  *(node->queue_next != 0 ? &node_at(state, node->queue_next)->queue_prev : &queue->last) = node->queue_prev;
  node->queue_next = node->queue_prev = 0;
  node->object.queue = HDV_QUEUE_NONE;
  node->object.owner = 0;
  node->object.changed = state->totals.step;
  if (--queue->length == 0)
    queue_free(state, queue);
}
