// Records to entries and back. Pure; any thread. Reading never trusts a byte.
#include "trace/record.h"

#include "trace/event.h"

#include <string.h>

#define PLACE_SIZE 8u

int hd_entry_is_step(const struct hd_entry *entry)
{
  return hd_event_info(entry->record.kind)->step;
}

static uint32_t text_of(const struct hd_entry *entry)
{
  if (!entry->text)
    return 0;
  return entry->text_size < HD_TEXT_MAX ? entry->text_size : HD_TEXT_MAX;
}

// Bytes that follow the first record.
static uint32_t payload_of(const struct hd_entry *entry)
{
  const uint32_t text = text_of(entry);
  return entry->place || text ? PLACE_SIZE + text : 0;
}

static size_t parts_for(uint32_t payload)
{
  return (payload + HD_RECORD_PAYLOAD - 1) / HD_RECORD_PAYLOAD;
}

size_t hd_entry_records(const struct hd_entry *entry)
{
  return 1 + parts_for(payload_of(entry));
}

// Copies size bytes of the entry's text into a record's payload, which starts at `at`.
static void put_text(struct hd_record *out, size_t at, const char *text, size_t size)
{
  char bytes[HD_RECORD_PAYLOAD] = {0};
  if (at)
    memcpy(bytes, &out->a, at);
  memcpy(bytes + at, text, size);
  memcpy(&out->a, bytes, 8);
  memcpy(&out->b, bytes + 8, 8);
}

void hd_entry_part(const struct hd_entry *entry, size_t index, struct hd_record *out)
{
  const uint32_t payload = payload_of(entry);
  *out = entry->record;
  if (index == 0) {
    out->kind = (uint16_t)((entry->record.kind & HD_RECORD_KIND) | (payload ? HD_RECORD_MORE : 0));
    return;
  }
  const uint32_t done = (uint32_t)(index - 1) * HD_RECORD_PAYLOAD;
  const size_t at = index == 1 ? PLACE_SIZE : 0;
  const uint32_t left = payload - done;
  const size_t here = left < HD_RECORD_PAYLOAD ? left : HD_RECORD_PAYLOAD;
  out->kind = HD_EV_CONTINUED;
  out->object = left;
  out->a = index == 1 ? entry->place : 0;
  out->b = 0;
  if (here > at)
    put_text(out, at, entry->text + (done + at - PLACE_SIZE), here - at);
}

void hd_entry_encode(const struct hd_entry *entry, struct hd_record *out)
{
  const size_t count = hd_entry_records(entry);
  for (size_t i = 0; i < count; i++)
    hd_entry_part(entry, i, &out[i]);
}

// Whether in[1..] is the continuation of one entry, as far as count reaches. 1: whole, 0: more must come, -1:
// damaged.
static int check(const struct hd_record *in, size_t count, uint32_t *payload)
{
  if (count < 2)
    return 0;
  *payload = in[1].object;
  if (*payload < PLACE_SIZE || *payload - PLACE_SIZE > HD_TEXT_MAX)
    return -1;
  const size_t parts = parts_for(*payload);
  for (size_t i = 0; i < parts; i++) {
    if (1 + i >= count)
      return 0;
    if (in[1 + i].kind != HD_EV_CONTINUED || in[1 + i].object != *payload - i * HD_RECORD_PAYLOAD)
      return -1;
  }
  return 1;
}

static void take_text(struct hd_entry *entry, const struct hd_record *in, uint32_t size, char *text)
{
  for (uint32_t done = 0; done < size;) {
    const struct hd_record *part = &in[1 + (done + PLACE_SIZE) / HD_RECORD_PAYLOAD];
    const uint32_t at = (done + PLACE_SIZE) % HD_RECORD_PAYLOAD;
    uint32_t here = HD_RECORD_PAYLOAD - at;
    if (here > size - done)
      here = size - done;
    char bytes[HD_RECORD_PAYLOAD];
    memcpy(bytes, &part->a, 8);
    memcpy(bytes + 8, &part->b, 8);
    memcpy(text + done, bytes + at, here);
    done += here;
  }
  entry->text = size ? text : NULL;
  entry->text_size = size;
}

size_t hd_entry_decode(struct hd_entry *entry, const struct hd_record *in, size_t count, char *text,
                       size_t text_cap)
{
  if (count == 0)
    return 0;
  *entry = (struct hd_entry){.record = in[0]};
  entry->record.kind &= HD_RECORD_KIND;
  if (!(in[0].kind & HD_RECORD_MORE))
    return 1;
  uint32_t payload = 0;
  const int state = check(in, count, &payload);
  if (state <= 0)
    return state ? 1 : 0; // damaged: the records that follow are read, and skipped, on their own
  const uint32_t size = payload - PLACE_SIZE;
  entry->place = in[1].a;
  take_text(entry, in, size < text_cap ? size : (uint32_t)text_cap, text);
  return 1 + parts_for(payload);
}
