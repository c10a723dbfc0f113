// The interpreter of the sentences in event.def: {field} or {field:view}, with names from the model. Nothing
// here knows a single kind of event but those whose actor is told in b. Pure.
#include "model/narrate.h"
#include "model/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TEXT_TOLD 160 // bytes of a text that a sentence shows
#define BYTES_TOLD 16

struct teller {
  const hdv_model *model;
  const struct hd_entry *entry;
  char *out;
  size_t cap, used;
  bool one; // the number just told was 1: what it counts is singular
};

static void put(struct teller *teller, const char *text, size_t size)
{
  teller->used += text_clean(teller->out + teller->used, teller->cap - teller->used, text, size);
}

static void put_word(struct teller *teller, const char *word)
{
  put(teller, word, strlen(word));
}

// ---- views of a number ----

static void put_number(struct teller *teller, uint64_t value)
{
  char digits[24];
  snprintf(digits, sizeof digits, "%" PRId64, (int64_t)value);
  put_word(teller, digits);
  teller->one = value == 1;
}

// Nanoseconds as milliseconds, at most three decimals, no zeros at the end.
static void put_ms(struct teller *teller, uint64_t ns)
{
  char digits[40];
  uint64_t us = ns / 1000 + (ns % 1000 >= 500);
  int length = snprintf(digits, sizeof digits, "%" PRIu64 ".%03u", us / 1000, (unsigned)(us % 1000));
  while (digits[length - 1] == '0')
    length--;
  if (digits[length - 1] == '.')
    length--;
  snprintf(digits + length, sizeof digits - (size_t)length, " ms");
  put_word(teller, digits);
}

static void put_object(struct teller *teller, uint64_t id)
{
  char name[64];
  put_word(teller,
           id <= UINT32_MAX ? hdv_model_name(teller->model, (uint32_t)id, name, sizeof name) : "something");
}

static void put_value(struct teller *teller, uint64_t value, const char *view)
{
  char hex[24];
  if (strcmp(view, "object") == 0)
    put_object(teller, value);
  else if (strcmp(view, "ms") == 0)
    put_ms(teller, value);
  else if (strcmp(view, "reason") == 0)
    put_word(teller, hd_reason_word(value));
  else if (strcmp(view, "phase") == 0)
    put_word(teller, hd_phase_word(value));
  else if (strcmp(view, "role") == 0)
    put_word(teller, hd_role_word(value));
  else if (strcmp(view, "callback") == 0)
    put_word(teller, hd_callback_word(value));
  else if (strcmp(view, "hex") == 0) {
    snprintf(hex, sizeof hex, "0x%" PRIX64, value);
    put_word(teller, hex);
  } else
    put_number(teller, value);
}

// ---- the other fields ----

// What a little-endian machine reads as one number is told as that number; else the bytes in memory order.
static void put_bytes(struct teller *teller, const unsigned char *bytes, size_t size)
{
  bool number = size == 1 || size == 2 || size == 4 || size == 8;
  size_t told = size < BYTES_TOLD ? size : BYTES_TOLD;
  char hex[2 + 2 * BYTES_TOLD + 1] = "0x";
  for (size_t i = 0; i < told; i++)
    snprintf(hex + 2 + 2 * i, 3, "%02X", bytes[number ? told - 1 - i : i]);
  if (size == 0)
    put_word(teller, "unknown bytes");
  else
    put_word(teller, hex);
  if (size > told)
    put_word(teller, "...");
}

static void put_text(struct teller *teller, bool as_bytes)
{
  const struct hd_entry *entry = teller->entry;
  size_t size = entry->text != NULL ? entry->text_size : 0;
  if (as_bytes) {
    put_bytes(teller, (const unsigned char *)entry->text, size);
    return;
  }
  while (size > 0 && (entry->text[size - 1] == '\n' || entry->text[size - 1] == '\r'))
    size--;
  char told[TEXT_TOLD];
  size_t length = size > 0 ? text_clean(told, sizeof told, entry->text, size) : 0;
  put(teller, told, length);
  // Cleaning may shorten a text; only a full buffer tells that it was cut, wherever its last character ended.
  if (size >= sizeof told && length + 4 >= sizeof told)
    put_word(teller, "...");
}

static void put_actor(struct teller *teller)
{
  const struct hd_record *record = &teller->entry->record;
  // A worker pool's main thread records these for its workers.
  bool by_worker = record->kind == HD_EV_TASK_TAKEN || record->kind == HD_EV_POOL_JOINED;
  if (by_worker && record->b != 0) {
    put_object(teller, record->b);
    return;
  }
  const struct hdv_thread *thread = hdv_model_thread(teller->model, record->actor);
  char name[24];
  if (thread != NULL && thread->name[0] != '\0')
    put_word(teller, thread->name);
  else if (thread != NULL && thread->object != 0)
    put_object(teller, thread->object);
  else if (record->actor == 0)
    put_word(teller, "main");
  else if (record->actor == HDV_NOBODY)
    put_word(teller, "somebody");
  else {
    snprintf(name, sizeof name, "thread %u", (unsigned)record->actor);
    put_word(teller, name);
  }
}

// An index counts from 0, people and names count from 1.
static uint64_t counted(uint64_t value, const char *meaning)
{
  return value + (strncmp(meaning, "index", 5) == 0);
}

// How the program ended: by itself, or by a signal.
static void put_end(struct teller *teller)
{
  const struct hd_record *record = &teller->entry->record;
  char text[80];
  if (record->b != 0)
    snprintf(text, sizeof text, "was ended by signal %" PRIu64 " (%s)", record->b, hd_signal_word(record->b));
  else
    snprintf(text, sizeof text, "ended with exit status %" PRId64, (int64_t)record->a);
  put_word(teller, text);
}

static void put_field(struct teller *teller, const char *field, const char *view)
{
  const struct hd_entry *entry = teller->entry;
  teller->one = false;
  if (strcmp(field, "actor") == 0)
    put_actor(teller);
  else if (strcmp(field, "object") == 0)
    put_object(teller, entry->record.object);
  else if (strcmp(view, "end") == 0)
    put_end(teller);
  else if (strcmp(field, "a") == 0)
    put_value(teller, counted(entry->record.a, hd_event_info(entry->record.kind)->a), view);
  else if (strcmp(field, "b") == 0)
    put_value(teller, entry->record.b, view);
  else if (strcmp(field, "place") == 0)
    put_value(teller, entry->place, "hex");
  else
    put_text(teller, strcmp(view, "bytes") == 0);
}

// ---- the sentence ----

// Plain text up to the next field. After a 1, "workers" becomes "worker", and "were" "was".
static const char *tell_plain(struct teller *teller, const char *at)
{
  size_t length = strcspn(at, "{");
  if (teller->one && at[0] == ' ') {
    size_t word = 1 + strcspn(at + 1, " {;,)");
    bool plural = word > 3 && word <= length && at[word - 1] == 's' && strchr(" ;,)", at[word]) != NULL;
    if (plural) {
      put(teller, at, word - 1);
      at += word;
      length -= word;
      if (strncmp(at, " were", 5) == 0) {
        put_word(teller, " was");
        at += 5;
        length -= 5;
      }
    }
  }
  put(teller, at, length);
  teller->one = false;
  return at + length;
}

static const char *tell_field(struct teller *teller, const char *at)
{
  char field[32] = {0};
  size_t length = strcspn(at, "}");
  size_t size = length - 1 < sizeof field - 1 ? length - 1 : sizeof field - 1;
  memcpy(field, at + 1, size);
  char *view = strchr(field, ':');
  if (view != NULL)
    *view++ = '\0';
  put_field(teller, field, view != NULL ? view : "");
  return at[length] == '}' ? at + length + 1 : at + length;
}

size_t hdv_narrate(const hdv_model *model, const struct hd_entry *entry, char *out, size_t cap)
{
  if (cap == 0)
    return 0;
  out[0] = '\0';
  struct teller teller = {.model = model, .entry = entry, .out = out, .cap = cap};
  const char *at = hd_event_info(entry->record.kind)->sentence;
  while (*at != '\0')
    at = *at == '{' ? tell_field(&teller, at) : tell_plain(&teller, at);
  return teller.used;
}
