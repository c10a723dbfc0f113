// The block: one allocation that holds struct state and its tables. Growing makes a new layout and copies
// every table whole, so what the block looks like depends on the events alone. One thread.
#include "model/state.h"

#include <stdlib.h>
#include <string.h>

static const uint32_t element_size[TABLES] = {
    [TABLE_NODES] = sizeof(struct node),         [TABLE_BUCKETS] = sizeof(uint32_t),
    [TABLE_QUEUES] = sizeof(struct queue),       [TABLE_HEADS] = sizeof(uint32_t),
    [TABLE_THREADS] = sizeof(struct hdv_thread), [TABLE_MINDS] = sizeof(struct mind),
    [TABLE_LOOPS] = sizeof(struct hdv_loop),     [TABLE_POOLS] = sizeof(struct hdv_pool),
    [TABLE_BOOKS] = sizeof(struct book),         [TABLE_VALUES] = sizeof(struct hdv_value),
    [TABLE_COUNTS] = sizeof(struct hdv_count),   [TABLE_WARNINGS] = sizeof(struct hdv_warning),
};

// Capacities of the empty model. Hash tables are powers of two, as large as what they index.
static const uint32_t first_capacity[TABLES] = {
    [TABLE_NODES] = 64,  [TABLE_BUCKETS] = 64, [TABLE_QUEUES] = 16, [TABLE_HEADS] = 16,
    [TABLE_THREADS] = 8, [TABLE_MINDS] = 8,    [TABLE_LOOPS] = 2,   [TABLE_POOLS] = 2,
    [TABLE_BOOKS] = 2,   [TABLE_VALUES] = 0,   [TABLE_COUNTS] = 8,  [TABLE_WARNINGS] = 8,
};

// How many entries one event can add at most. Values are large, so only the event that shows one asks for
// room.
static const uint32_t per_event[TABLES] = {
    [TABLE_NODES] = 4, [TABLE_QUEUES] = 4, [TABLE_THREADS] = 2, [TABLE_MINDS] = 2,    [TABLE_LOOPS] = 2,
    [TABLE_POOLS] = 2, [TABLE_BOOKS] = 2,  [TABLE_COUNTS] = 1,  [TABLE_WARNINGS] = 4,
};

void *arena_table(const struct state *state, enum table_name name)
{
  return (char *)(uintptr_t)state + state->table[name].offset;
}

uint32_t hash_mix(uint64_t key)
{
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9u;
  key = (key ^ (key >> 27)) * 0x94d049bb133111ebu;
  return (uint32_t)(key ^ (key >> 31));
}

uint32_t *bucket_of(struct state *state, uint32_t id)
{
  uint32_t mask = state->table[TABLE_BUCKETS].capacity - 1;
  return (uint32_t *)arena_table(state, TABLE_BUCKETS) + (hash_mix(id) & mask);
}

uint32_t *head_of(struct state *state, uint32_t owner, uint32_t kind)
{
  uint32_t mask = state->table[TABLE_HEADS].capacity - 1;
  return (uint32_t *)arena_table(state, TABLE_HEADS) + (hash_mix((uint64_t)kind << 32 | owner) & mask);
}

// The size of a block with these capacities; fills in the offsets.
static uint64_t lay_out(struct table tables[TABLES])
{
  uint64_t offset = (sizeof(struct state) + 15) & ~(uint64_t)15;
  for (int i = 0; i < TABLES; i++) {
    tables[i].offset = offset;
    offset += ((uint64_t)tables[i].capacity * element_size[i] + 15) & ~(uint64_t)15;
  }
  return offset;
}

static void rehash(struct state *state)
{
  memset(arena_table(state, TABLE_BUCKETS), 0, state->table[TABLE_BUCKETS].capacity * sizeof(uint32_t));
  for (uint32_t ref = 1; ref <= table_count(state, TABLE_NODES); ref++) {
    struct node *node = node_at(state, ref);
    if (node->life == LIFE_FREE)
      continue;
    uint32_t *bucket = bucket_of(state, node->object.id);
    node->chain = *bucket;
    *bucket = ref;
  }
  memset(arena_table(state, TABLE_HEADS), 0, state->table[TABLE_HEADS].capacity * sizeof(uint32_t));
  for (uint32_t ref = 1; ref <= table_count(state, TABLE_QUEUES); ref++) {
    struct queue *queue = queue_at(state, ref);
    if (queue->length == 0)
      continue;
    uint32_t *head = head_of(state, queue->owner, queue->kind);
    queue->chain = *head;
    *head = ref;
  }
}

static int grow(struct hdv_model *model, const uint32_t capacity[TABLES])
{
  struct table tables[TABLES];
  memcpy(tables, model->state->table, sizeof tables);
  for (int i = 0; i < TABLES; i++)
    tables[i].capacity = capacity[i];
  uint64_t size = lay_out(tables);
  if (size > model->limit)
    return HD_ENOMEM;
  struct state *state = calloc(1, size);
  if (state == NULL)
    return HD_ENOMEM;
  memcpy(state, model->state, sizeof *state);
  memcpy(state->table, tables, sizeof tables);
  state->size = size;
  for (int i = 0; i < TABLES; i++)
    memcpy(arena_table(state, (enum table_name)i), arena_table(model->state, (enum table_name)i),
           (size_t)model->state->table[i].capacity * element_size[i]);
  rehash(state);
  free(model->state);
  model->state = state;
  model->room = size;
  return HD_OK;
}

int arena_reserve(struct hdv_model *model, bool value)
{
  uint32_t capacity[TABLES];
  bool enough = true;
  for (int i = 0; i < TABLES; i++) {
    const struct table *table = &model->state->table[i];
    uint32_t more = i == TABLE_VALUES ? value && table->count < VALUES_MAX : per_event[i];
    capacity[i] = table->capacity;
    if (table->count + more > table->capacity) {
      if (table->capacity > UINT32_MAX / 4)
        return HD_ENOMEM;
      capacity[i] = table->capacity == 0 ? 1 : table->capacity * 2;
      enough = false;
    }
  }
  if (enough)
    return HD_OK;
  capacity[TABLE_BUCKETS] = capacity[TABLE_NODES];
  capacity[TABLE_HEADS] = capacity[TABLE_QUEUES];
  return grow(model, capacity);
}

void *row_insert(struct state *state, enum table_name name, uint32_t index)
{
  struct table *table = &state->table[name];
  size_t size = element_size[name];
  char *row = (char *)arena_table(state, name) + index * size;
  memmove(row + size, row, (table->count - index) * size);
  memset(row, 0, size);
  table->count++;
  return row;
}

void row_remove(struct state *state, enum table_name name, uint32_t index)
{
  struct table *table = &state->table[name];
  size_t size = element_size[name];
  char *rows = arena_table(state, name);
  table->count--;
  memmove(rows + index * size, rows + (index + 1) * size, (table->count - index) * size);
  memset(rows + table->count * size, 0, size);
}

void row_move(struct state *state, enum table_name name, uint32_t from, uint32_t to)
{
  char saved[sizeof(struct mind) + sizeof(struct hdv_thread)];
  size_t size = element_size[name];
  assert(size <= sizeof saved);
  char *rows = arena_table(state, name);
  memcpy(saved, rows + from * size, size);
  if (from < to)
    memmove(rows + from * size, rows + (from + 1) * size, (to - from) * size);
  else
    memmove(rows + (to + 1) * size, rows + to * size, (from - to) * size);
  memcpy(rows + to * size, saved, size);
}

int hdv_model_open(hdv_model **out)
{
  struct table tables[TABLES] = {0};
  for (int i = 0; i < TABLES; i++)
    tables[i].capacity = first_capacity[i];
  uint64_t size = lay_out(tables);
  struct hdv_model *model = calloc(1, sizeof *model);
  struct state *state = calloc(1, size);
  if (model == NULL || state == NULL) {
    free(model);
    free(state);
    return HD_ENOMEM;
  }
  memcpy(state->table, tables, sizeof tables);
  state->size = size;
  *model = (struct hdv_model){.state = state, .room = size, .limit = (size_t)1 << 32};
  *out = model;
  return HD_OK;
}

void hdv_model_close(hdv_model *model)
{
  if (model == NULL)
    return;
  free(model->state);
  free(model);
}

size_t hdv_model_size(const hdv_model *model)
{
  return model->state->size;
}

const void *hdv_model_bytes(const hdv_model *model)
{
  return model->state;
}

int hdv_model_restore(hdv_model *model, const void *bytes, size_t size)
{
  if (size < sizeof(struct state) || ((const struct state *)bytes)->size != size)
    return HD_EINVAL;
  if (size > model->room || size < model->room / 4) {
    struct state *state = malloc(size);
    if (state == NULL)
      return HD_ENOMEM;
    free(model->state);
    model->state = state;
    model->room = size;
  }
  memcpy(model->state, bytes, size);
  return HD_OK;
}

int hdv_model_copy(hdv_model *to, const hdv_model *from)
{
  return hdv_model_restore(to, from->state, from->state->size);
}
