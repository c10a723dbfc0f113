// The table of synchronisation objects. Invariant: an entry with an address has an id; nothing here
// allocates, a full bucket leaves further objects without an id. The lock is held for a few instructions
// only. Any thread.
#include "sync/object.h"

#include "step/clock.h"
#include "sync/sync.h"

#include <stdio.h>

#define BUCKETS 256
#define DEPTH 8
#define NAME 24

struct entry {
  const void *address; // NULL: free
  uint32_t id;
  uint32_t number; // among its kind
  bool steady, told;
  char name[NAME];
};

static hd_lock lock = HD_LOCK_INIT;
static struct entry table[BUCKETS][DEPTH];
static uint32_t numbers[HD_SYNC_KINDS];

static struct entry *bucket_of(const void *address)
{
  const uint64_t hash = (uint64_t)(uintptr_t)address * 0x9e3779b97f4a7c15u;
  return table[hash >> 56];
}

static struct entry *find(const void *address)
{
  struct entry *bucket = bucket_of(address);
  for (int i = 0; i < DEPTH; i++)
    if (bucket[i].address == address)
      return &bucket[i];
  return NULL;
}

static struct entry *add(const void *address, enum hd_sync_kind kind)
{
  static const char *const words[HD_SYNC_KINDS] = {"mutex", "condition", "semaphore", "barrier"};
  struct entry *entry = NULL, *bucket = bucket_of(address);
  for (int i = 0; i < DEPTH && !entry; i++)
    if (!bucket[i].address)
      entry = &bucket[i];
  if (!entry)
    return NULL;
  *entry = (struct entry){.address = address, .id = hd_trace_object(), .number = ++numbers[kind]};
  (void)snprintf(entry->name, sizeof entry->name, "%s %u", words[kind], entry->number);
  return entry;
}

uint32_t hd_sync_object(const void *address, enum hd_sync_kind kind)
{
  if (!hd_point_on())
    return 0;
  struct entry copy = {0};
  hd_lock_take(&lock);
  struct entry *entry = find(address);
  if (!entry)
    entry = add(address, kind);
  if (entry) {
    copy = *entry;
    entry->told = true;
  }
  hd_lock_give(&lock);
  if (entry && !copy.told)
    hd_point_name(copy.id, "%s", copy.name);
  return copy.id;
}

void hd_sync_gone(const void *address)
{
  hd_lock_take(&lock);
  struct entry *entry = find(address);
  if (entry)
    entry->address = NULL;
  hd_lock_give(&lock);
}

void hd_sync_made(const void *address, enum hd_sync_kind kind, bool steady)
{
  hd_lock_take(&lock);
  struct entry *entry = find(address);
  if (entry)
    entry->address = NULL;
  entry = add(address, kind);
  if (entry)
    entry->steady = steady;
  hd_lock_give(&lock);
}

bool hd_sync_is_steady(const void *cond)
{
  hd_lock_take(&lock);
  const struct entry *entry = find(cond);
  const bool steady = entry && entry->steady;
  hd_lock_give(&lock);
  return steady;
}

void hd_sync_name(const void *object, const char *name)
{
  uint32_t id = 0;
  hd_lock_take(&lock);
  struct entry *entry = find(object);
  if (!entry)
    entry = add(object, HD_SYNC_MUTEX); // made by a static initialiser: only mutexes and conditions can be
  if (entry) {
    (void)snprintf(entry->name, sizeof entry->name, "%s", name);
    entry->told = hd_point_on();
    id = entry->id;
  }
  hd_lock_give(&lock);
  if (id)
    hd_point_name(id, "%s", name);
}

bool hd_sync_deadline(const struct timespec *until, bool steady, uint64_t *deadline)
{
  if (until->tv_nsec < 0 || until->tv_nsec >= 1000000000)
    return false;
  const uint64_t now = steady ? hd_os_now() : hd_os_wall();
  const uint64_t then =
      until->tv_sec < 0 ? 0 : (uint64_t)until->tv_sec * 1000000000u + (uint64_t)until->tv_nsec;
  *deadline = hd_clock_now() + (then > now ? then - now : 0);
  return true;
}
