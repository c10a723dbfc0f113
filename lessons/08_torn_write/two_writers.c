// Two writers store 256 bytes each, once per round, at the same time. When both have finished, whose bytes are there?
// Nobody reads while they write: what is mixed here is the final value.
#include "must.h"
#include "result.h"
#include "two_writers.h"

#include <sched.h>

static const double LONG_ENOUGH = 0.3;  // seconds
static const double TOO_LONG = 2.0;     // seconds until we give up waiting for a first mixed value
static const uint64_t FIRST = UINT64_C(0x1111111111111111), SECOND = UINT64_C(0x2222222222222222);

struct rounds {
  struct cell cell;
  struct result result;
  _Atomic unsigned here, meetings;
  bool last;  // the first writer decides before a meeting, the second one looks after it
};

// Both writers have to come here before either goes on. They spin: a thread that sleeps would start too late for a race.
static void meet(struct rounds *rounds)
{
  unsigned meeting = atomic_load(&rounds->meetings);
  if (atomic_fetch_add(&rounds->here, 1) == 1) {
    atomic_store(&rounds->here, 0);
    atomic_store(&rounds->meetings, meeting + 1);
    return;
  }
  for (unsigned spins = 1; atomic_load(&rounds->meetings) == meeting; spins++)
    if (spins % 1000 == 0)
      sched_yield();  // with one processor the other writer cannot come while we spin
}

static void *second_writer(void *data)
{
  struct rounds *rounds = data;
  for (meet(rounds); !rounds->last; meet(rounds)) {
    store_words(&rounds->cell, SECOND);
    meet(rounds);
  }
  return NULL;
}

static void first_writer(struct rounds *rounds)
{
  uint64_t seen[MOST_WORDS];
  double start = seconds(), told = start, now = start;
  for (meet(rounds); !rounds->last; meet(rounds)) {
    store_words(&rounds->cell, FIRST);
    meet(rounds);
    load_words(&rounds->cell, seen);  // both have finished: this is the final value of the round
    count(&rounds->result, seen, MOST_WORDS);
    now = seconds();
    if (now - told >= 0.01) {
      hd_tally("mixed final values", rounds->result.torn, rounds->result.reads);
      told = now;
    }
    rounds->last = now - start >= (rounds->result.torn > 0 ? LONG_ENOUGH : TOO_LONG);
  }
}

static void natural(struct rounds *rounds)
{
  pthread_t second;
  hd_note("natural: in each round both writers store their 256 bytes at the same time; then the value is read");
  hd_points_off();  // from here on nothing is shown, only counted
  must(pthread_create(&second, NULL, second_writer, rounds) == 0, "start the second writer");
  first_writer(rounds);
  pthread_join(second, NULL);
  hd_points_on();
}

static void *store_in_between(void *data)
{
  struct cell *cell = data;
  sem_wait(&cell->other_turn);
  store_words(cell, SECOND);
  sem_post(&cell->writer_turn);
  return NULL;
}

static void forced(struct cell *cell, struct result *result)
{
  uint64_t seen[MOST_WORDS];
  pthread_t second;
  hd_note("forced: the second writer gets its turn in the middle of the first writer's store");
  cell->forced = true;
  cell->interruptions = 1;
  must(pthread_create(&second, NULL, store_in_between, cell) == 0, "start the second writer");
  store_words(cell, FIRST);
  pthread_join(second, NULL);
  load_words(cell, seen);
  count(result, seen, MOST_WORDS);
  hd_value_saw(cell->shown, seen, sizeof seen, is_mixed(seen, MOST_WORDS));
}

void race_two_writers(void)
{
  struct rounds rounds = {.last = false};
  struct result one = {0};
  hd_stage("two writers of 256 bytes");
  open_cell(&rounds.cell, MOST_WORDS);
  natural(&rounds);
  print_result("two writers of 256 bytes", "rounds", &rounds.result, MOST_WORDS);
  forced(&rounds.cell, &one);
  print_result("  one round, step by step", "round", &one, MOST_WORDS);
  close_cell(&rounds.cell);
  hd_observe("mixed_final", (int64_t)(rounds.result.torn + one.torn));
}
