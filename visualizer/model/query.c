// What viewers ask of the state. Nothing here changes it. One thread.
#include "model/state.h"
#include "model/text.h"

#include <stdio.h>
#include <string.h>

const struct hdv_totals *hdv_model_totals(const hdv_model *model)
{
  return &model->state->totals;
}

size_t hdv_model_threads(const hdv_model *model, const struct hdv_thread **out)
{
  *out = arena_table(model->state, TABLE_THREADS);
  return table_count(model->state, TABLE_THREADS);
}

const struct hdv_thread *hdv_model_thread(const hdv_model *model, uint16_t slot)
{
  const struct state *state = model->state;
  if (slot >= HD_SLOTS || state->row_of[slot] == 0)
    return NULL;
  return (const struct hdv_thread *)arena_table(state, TABLE_THREADS) + (state->row_of[slot] - 1);
}

const struct hdv_object *hdv_model_object(const hdv_model *model, uint32_t id)
{
  const struct node *node = object_find(model->state, id);
  return node != NULL ? &node->object : NULL;
}

static const char *const kind_words[KINDS] = {
    [HDV_UNKNOWN] = "object",      [HDV_THREAD_OBJECT] = "thread",
    [HDV_LOOP] = "loop",           [HDV_TICK] = "tick",
    [HDV_MICROTASK] = "microtask", [HDV_IMMEDIATE] = "immediate",
    [HDV_TIMER] = "timer",         [HDV_CLOSING] = "closing",
    [HDV_WATCH] = "watch",         [HDV_POST] = "post",
    [HDV_POOL] = "pool",           [HDV_TASK] = "task",
    [HDV_PORT] = "port",           [HDV_MESSAGE] = "message",
    [HDV_WORKER] = "worker",       [HDV_LOCK] = "lock",
    [HDV_COND] = "condition",      [HDV_SEMAPHORE] = "semaphore",
    [HDV_BARRIER] = "barrier",     [HDV_VALUE] = "value",
};

const char *hdv_model_name(const hdv_model *model, uint32_t id, char *out, size_t cap)
{
  if (cap == 0)
    return out;
  const struct node *node = node_find(model->state, id);
  if (id == 0)
    snprintf(out, cap, "nothing");
  else if (node == NULL)
    snprintf(out, cap, "object %u", (unsigned)id);
  else if (node->object.name[0] != '\0')
    text_clean(out, cap, node->object.name, strlen(node->object.name));
  else
    snprintf(out, cap, "%s %u", kind_words[node->object.kind],
             node->object.number != 0 ? (unsigned)node->object.number : (unsigned)id);
  return out;
}

static const struct hdv_object *at(const struct state *state, uint32_t *cursor, uint32_t ref)
{
  if (ref == 0)
    return NULL;
  *cursor = ref;
  return &node_at(state, ref)->object;
}

const struct hdv_object *hdv_model_each(const hdv_model *model, enum hdv_object_kind kind, uint32_t *cursor)
{
  const struct state *state = model->state;
  if ((unsigned)kind >= KINDS || *cursor > table_count(state, TABLE_NODES))
    return NULL;
  return at(state, cursor, *cursor == 0 ? state->kind_first[kind] : node_at(state, *cursor)->kind_next);
}

const struct hdv_object *hdv_model_queue(const hdv_model *model, uint32_t owner, enum hdv_queue queue,
                                         uint32_t *cursor)
{
  const struct state *state = model->state;
  uint32_t ref = queue_find(state, owner, queue);
  if (ref == 0 || *cursor > table_count(state, TABLE_NODES))
    return NULL;
  return at(state, cursor, *cursor == 0 ? queue_at(state, ref)->first : node_at(state, *cursor)->queue_next);
}

uint32_t hdv_model_queue_length(const hdv_model *model, uint32_t owner, enum hdv_queue queue)
{
  return queue_length(model->state, owner, queue);
}

size_t hdv_model_loops(const hdv_model *model, const struct hdv_loop **out)
{
  *out = arena_table(model->state, TABLE_LOOPS);
  return table_count(model->state, TABLE_LOOPS);
}

size_t hdv_model_pools(const hdv_model *model, const struct hdv_pool **out)
{
  *out = arena_table(model->state, TABLE_POOLS);
  return table_count(model->state, TABLE_POOLS);
}

size_t hdv_model_values(const hdv_model *model, const struct hdv_value **out)
{
  *out = arena_table(model->state, TABLE_VALUES);
  return table_count(model->state, TABLE_VALUES);
}

size_t hdv_model_counts(const hdv_model *model, const struct hdv_count **out)
{
  *out = arena_table(model->state, TABLE_COUNTS);
  return table_count(model->state, TABLE_COUNTS);
}

size_t hdv_model_warnings(const hdv_model *model, const struct hdv_warning **out)
{
  *out = arena_table(model->state, TABLE_WARNINGS);
  return table_count(model->state, TABLE_WARNINGS);
}

size_t hdv_model_output(const hdv_model *model, char lines[HDV_OUTPUT_LINES][HDV_OUTPUT_WIDTH])
{
  const struct output *output = &model->state->output;
  uint64_t kept = output->lines < HDV_OUTPUT_LINES ? output->lines : HDV_OUTPUT_LINES;
  for (uint64_t i = 0; i < kept; i++) {
    uint64_t from = (output->lines - kept + i) % HDV_OUTPUT_LINES;
    text_clean(lines[i], HDV_OUTPUT_WIDTH, output->text[from], output->length[from]);
  }
  return (size_t)kept;
}
