// One record: 32 bytes, the unit of rings and of .hdt files. Little-endian on disk as in memory.
// A record whose kind carries HD_RECORD_MORE is followed by CONTINUED records: its code address and its text.
#ifndef HD_TRACE_RECORD_H
#define HD_TRACE_RECORD_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

struct hd_record {
  uint64_t stamp;  // see hd_os_stamp(); never falls within one ring
  uint32_t object; // what it is about: an object id, 0 for none
  uint16_t kind;   // enum hd_event_kind, with HD_RECORD_MORE when continued
  uint16_t actor;  // who acts: the thread's slot number, from 0
  uint64_t a, b;   // see event.def
};
static_assert(sizeof(struct hd_record) == 32, "the trace format is made of 32-byte records");

#define HD_RECORD_MORE 0x8000u
#define HD_RECORD_KIND 0x7fffu

// CONTINUED records: object is the number of bytes of this group still to come, this record's 16 included
// when full. The bytes (in a and b) are first the 8 bytes of the code address (0: none), then the text. Stamp
// and actor are the first record's.
#define HD_RECORD_PAYLOAD 16
#define HD_TEXT_MAX (1u << 20) // longest text of one event, in bytes; longer ones are cut

// One event as readers see it: the record joined with its continuation.
struct hd_entry {
  struct hd_record record; // kind without HD_RECORD_MORE
  uint64_t place;          // code address of the caller, 0 when not recorded
  const char *text;        // not NUL-terminated; NULL when there is none; owned by whoever filled the entry
  uint32_t text_size;
};

// Whether the entry is one step of the viewer.
int hd_entry_is_step(const struct hd_entry *entry);

// How many records an entry takes when written, and writing them (out has room for that many).
size_t hd_entry_records(const struct hd_entry *entry);
void hd_entry_encode(const struct hd_entry *entry, struct hd_record *out);

// Writes only the index-th of those records, so that a ring can be filled without a copy between.
void hd_entry_part(const struct hd_entry *entry, size_t index, struct hd_record *out);

// Joins the entry that starts at in[0], looking at no more than count records. text receives at most text_cap
// bytes of text and entry->text points there. Returns the number of records consumed, 0 when the entry
// is not complete in count records. Never trusts a byte: damaged continuations become an entry without text,
// and a CONTINUED record that belongs to nothing is an entry of that kind, for the caller to skip.
size_t hd_entry_decode(struct hd_entry *entry, const struct hd_record *in, size_t count, char *text,
                       size_t text_cap);

#endif
