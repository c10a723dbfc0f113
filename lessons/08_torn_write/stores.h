// The ways to store and to load one value. lesson.c tries each of them.
#ifndef STORES_H
#define STORES_H

#include "heddle.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum { MOST_WORDS = 32 };  // 256 bytes

// A value that two threads use, and what belongs to it.
struct cell {
  _Alignas(64) union {  // the value: two halves, or words of 8 bytes
    _Atomic uint32_t half[2];
    _Atomic uint64_t word[MOST_WORDS];
  };
  unsigned words;  // how many words of it are in use

  pthread_mutex_t lock;          // for store_locked and load_locked
  _Atomic uint32_t sequence;     // for store_sequenced and load_sequenced: odd while a write is under way

  uint32_t shown;                // the value in the picture

  // The forced phase: every access is a step that you see, and one store is interrupted in the middle.
  bool forced;
  unsigned interruptions;        // how many are still to come
  sem_t other_turn, writer_turn;
};

// A store fills the whole value with one pattern. A load copies the value to seen[0], seen[1] and so on.
typedef void store_fn(struct cell *cell, uint64_t pattern);
typedef void load_fn(struct cell *cell, uint64_t *seen);

store_fn store_halves, store_words, store_atomic, store_strict, store_locked, store_sequenced;
load_fn load_halves, load_words, load_atomic, load_strict, load_locked, load_sequenced;

// Makes a value of so many words, all bytes 0, and shows it. Ends the program when the system has no semaphore left.
void open_cell(struct cell *cell, unsigned words);
void close_cell(struct cell *cell);

#endif
