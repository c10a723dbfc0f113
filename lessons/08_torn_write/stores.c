// The ways to store and to load one value. In the natural phase (`forced` is false) each is just its loads and stores.
// In the forced phase a point stands before each access, and the other thread gets its turn in the middle.
#include "stores.h"

#include "must.h"

#include <sched.h>
#include <string.h>

// We are in the middle of a store: the other thread runs now, and then we go on.
static void interrupt(struct cell *cell)
{
  if (cell->interruptions == 0)
    return;
  cell->interruptions--;
  sem_post(&cell->other_turn);
  sem_wait(&cell->writer_turn);
}

// The reader's turn came in the middle of a store, and it finds that it cannot read now: the writer goes on first.
static void let_the_writer_finish(struct cell *cell)
{
  sem_post(&cell->writer_turn);
  sem_wait(&cell->other_turn);
}

// ---- 8 bytes as two stores of 4 bytes ----
// Each half is a C11 atomic with the strictest order there is. That makes the halves whole, not the value.

void store_halves(struct cell *cell, uint64_t pattern)
{
  uint32_t half = (uint32_t)pattern;
  if (cell->forced)
    hd_value_store(cell->shown, &cell->half[0], &half, sizeof half);
  cell->half[0] = half;

  if (cell->forced) {
    interrupt(cell);
    hd_value_store(cell->shown, &cell->half[1], &half, sizeof half);
  }
  cell->half[1] = half;
}

void load_halves(struct cell *cell, uint64_t *seen)
{
  uint32_t half[2];
  if (cell->forced)
    hd_value_load(cell->shown, &cell->half[0], sizeof half[0]);
  half[0] = cell->half[0];
  if (cell->forced)
    hd_value_load(cell->shown, &cell->half[1], sizeof half[1]);
  half[1] = cell->half[1];
  memcpy(seen, half, sizeof half);
}

// ---- a larger value as several stores of 8 bytes: what a struct assignment or memcpy does ----
// Release and acquire cost nothing extra on x86-64; only the sequence lock below needs them.

void store_words(struct cell *cell, uint64_t pattern)
{
  for (unsigned i = 0; i < cell->words; i++) {
    if (cell->forced && i == cell->words / 2)
      interrupt(cell);
    if (cell->forced)
      hd_value_store(cell->shown, &cell->word[i], &pattern, sizeof pattern);
    atomic_store_explicit(&cell->word[i], pattern, memory_order_release);
  }
}

void load_words(struct cell *cell, uint64_t *seen)
{
  for (unsigned i = 0; i < cell->words; i++) {
    if (cell->forced)
      hd_value_load(cell->shown, &cell->word[i], sizeof seen[i]);
    seen[i] = atomic_load_explicit(&cell->word[i], memory_order_acquire);
  }
}

// ---- control: 8 aligned bytes in one store ----

void store_atomic(struct cell *cell, uint64_t pattern)
{
  if (cell->forced)
    hd_value_store(cell->shown, &cell->word[0], &pattern, sizeof pattern);
  atomic_store_explicit(&cell->word[0], pattern, memory_order_relaxed);
}

void load_atomic(struct cell *cell, uint64_t *seen)
{
  if (cell->forced)
    hd_value_load(cell->shown, &cell->word[0], sizeof seen[0]);
  seen[0] = atomic_load_explicit(&cell->word[0], memory_order_relaxed);
}

// ---- control: the same with the order that _Atomic has when you say nothing ----

void store_strict(struct cell *cell, uint64_t pattern)
{
  if (cell->forced)
    hd_value_store(cell->shown, &cell->word[0], &pattern, sizeof pattern);
  cell->word[0] = pattern;
}

void load_strict(struct cell *cell, uint64_t *seen)
{
  if (cell->forced)
    hd_value_load(cell->shown, &cell->word[0], sizeof seen[0]);
  seen[0] = cell->word[0];
}

// ---- control: 16 bytes, and a mutex that both sides lock ----

void store_locked(struct cell *cell, uint64_t pattern)
{
  pthread_mutex_lock(&cell->lock);
  store_words(cell, pattern);
  pthread_mutex_unlock(&cell->lock);
}

// The forced phase has one turn for all: a reader that slept in pthread_mutex_lock() would never give it back.
static void lock_to_read(struct cell *cell)
{
  if (!cell->forced) {
    pthread_mutex_lock(&cell->lock);
    return;
  }
  while (pthread_mutex_trylock(&cell->lock) != 0) {
    hd_note("the value is locked: the reader has to wait for the writer");
    let_the_writer_finish(cell);
  }
}

void load_locked(struct cell *cell, uint64_t *seen)
{
  lock_to_read(cell);
  load_words(cell, seen);
  pthread_mutex_unlock(&cell->lock);
}

// ---- control: 16 bytes, and a sequence lock: the reader reads again when a write came between ----

void store_sequenced(struct cell *cell, uint64_t pattern)
{
  uint32_t before = atomic_load_explicit(&cell->sequence, memory_order_relaxed);
  atomic_store_explicit(&cell->sequence, before + 1, memory_order_relaxed);  // odd: do not trust the value
  store_words(cell, pattern);  // release: whoever sees one of these words sees the odd number too
  atomic_store_explicit(&cell->sequence, before + 2, memory_order_release);  // even: trust it again
}

void load_sequenced(struct cell *cell, uint64_t *seen)
{
  for (;;) {
    uint32_t before = atomic_load_explicit(&cell->sequence, memory_order_acquire);
    load_words(cell, seen);  // acquire: the number below is read after the words
    uint32_t after = atomic_load_explicit(&cell->sequence, memory_order_relaxed);
    if (before == after && before % 2 == 0)
      return;
    if (cell->forced) {
      hd_note("the number is %s: the reader throws away what it has read", before % 2 == 1 ? "odd" : "another one now");
      let_the_writer_finish(cell);
    } else
      sched_yield();  // with one processor the writer cannot finish while we try
  }
}

// ---- the value itself ----

void open_cell(struct cell *cell, unsigned words)
{
  memset(cell, 0, sizeof *cell);
  cell->words = words;
  must(pthread_mutex_init(&cell->lock, NULL) == 0, "make a mutex");
  must(sem_init(&cell->other_turn, 0, 0) == 0, "make a semaphore");
  must(sem_init(&cell->writer_turn, 0, 0) == 0, "make a semaphore");
  hd_sync_name(&cell->lock, "value's lock");
  hd_sync_name(&cell->other_turn, "other's turn");
  hd_sync_name(&cell->writer_turn, "writer's turn");
  cell->shown = hd_value_show("value", cell->word, words * 8);
}

void close_cell(struct cell *cell)
{
  hd_value_hide(cell->shown);
  sem_destroy(&cell->writer_turn);
  sem_destroy(&cell->other_turn);
  pthread_mutex_destroy(&cell->lock);
}
