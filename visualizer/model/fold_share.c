// Shared values, byte by byte: what each byte holds, and which thread stored it when. One thread.
#include "model/fold.h"

#include <string.h>

static struct hdv_value *row_at(const struct state *state, uint32_t row)
{
  return (struct hdv_value *)arena_table(state, TABLE_VALUES) + row;
}

static struct hdv_value *value_find(const struct state *state, uint32_t id)
{
  for (uint32_t i = 0; id != 0 && i < table_count(state, TABLE_VALUES); i++)
    if (row_at(state, i)->id == id)
      return row_at(state, i);
  return NULL;
}

static void show(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  struct node *node = object_make(state, record->object, HDV_VALUE, record->actor);
  if (node == NULL) {
    not_understood(state);
    return;
  }
  node->object.x = record->a;
  node->object.y = record->b;
  struct hdv_value *value = value_find(state, record->object);
  if (value != NULL)
    memset(value, 0, sizeof *value);
  else if (table_count(state, TABLE_VALUES) < VALUES_MAX)
    value = row_insert(state, TABLE_VALUES, table_count(state, TABLE_VALUES));
  if (value == NULL) {
    not_understood(state);
    return;
  }
  value->id = record->object;
  value->address = record->a;
  value->size = record->b < HDV_VALUE_BYTES ? (uint32_t)record->b : HDV_VALUE_BYTES;
  value->seen_by = HDV_NOBODY;
  for (int i = 0; i < HDV_VALUE_BYTES; i++)
    value->writer[i] = HDV_NOBODY;
  // The text is what the bytes hold now, before anybody's store; the name comes in a NAME event.
  uint32_t told = text_size(entry) < value->size ? text_size(entry) : value->size;
  if (told > 0)
    memcpy(value->bytes, entry->text, told);
}

static void store(struct state *state, struct hdv_value *value, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  if (record->a < value->address || record->a - value->address >= value->size) {
    not_understood(state);
    return;
  }
  uint32_t from = (uint32_t)(record->a - value->address);
  uint32_t size = record->b < value->size - from ? (uint32_t)record->b : value->size - from;
  uint32_t told = text_size(entry) < size ? text_size(entry) : size;
  for (uint32_t i = 0; i < size; i++) {
    value->bytes[from + i] = i < told ? (uint8_t)entry->text[i] : 0;
    value->known[from + i] = i < told;
    value->writer[from + i] = record->actor;
    value->written[from + i] = state->totals.step;
  }
}

static void saw(struct hdv_value *value, const struct hd_entry *entry)
{
  uint32_t told = text_size(entry) < value->size ? text_size(entry) : value->size;
  memset(value->seen_bytes, 0, sizeof value->seen_bytes);
  if (told > 0)
    memcpy(value->seen_bytes, entry->text, told);
  value->seen = true;
  value->seen_mixed = entry->record.a == 1;
  value->seen_by = entry->record.actor;
  if (value->seen_mixed)
    count_up(&value->torn);
}

static void hide(struct state *state, uint32_t id)
{
  struct hdv_value *value = value_find(state, id);
  if (value != NULL)
    row_remove(state, TABLE_VALUES, (uint32_t)(value - row_at(state, 0)));
  struct node *node = object_find(state, id);
  if (node != NULL && node->object.kind == HDV_VALUE)
    object_retire(state, node);
}

void fold_share(struct state *state, const struct hd_entry *entry)
{
  const struct hd_record *record = &entry->record;
  if (record->kind == HD_EV_VALUE_SHOWN) {
    show(state, entry);
    return;
  }
  if (record->kind == HD_EV_VALUE_HIDDEN) {
    hide(state, record->object);
    return;
  }
  struct hdv_value *value = value_find(state, record->object);
  if (value == NULL) {
    not_understood(state);
    return;
  }
  struct node *node = object_touch(state, record->object, HDV_VALUE, record->actor);
  if (record->kind == HD_EV_STORE) {
    store(state, value, entry);
    if (node != NULL)
      node->object.worker = record->actor;
  } else if (record->kind == HD_EV_SAW) {
    saw(value, entry);
  }
}
