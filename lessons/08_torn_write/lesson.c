// Torn writes: can a reader see a value that nobody has ever written?
//
// Predict  A writer stores 0x0000000000000000 and 0xFFFFFFFFFFFFFFFF in turn, each as two halves. What can a reader see?
// Run      heddle run torn_write          (on one processor: taskset -c 0 heddle run torn_write)
// Watch    The bytes of the value have the colour of who wrote them. When are some of them old and some new?
// Change   Let store_halves() in stores.c store half[1] first. Which mixed value do you expect in the step by step part?
//
// stores.c has the ways to store a value, result.c counts, two_writers.c is the stage with two writers.
#include "must.h"
#include "result.h"
#include "two_writers.h"

#include <sched.h>

static const uint64_t ZEROS = UINT64_C(0x0000000000000000), ONES = UINT64_C(0xFFFFFFFFFFFFFFFF);
static const double LONG_ENOUGH = 0.3;  // seconds for each way
static const double TOO_LONG = 2.0;     // seconds until we give up waiting for a first mixed value

// One way to keep a value in memory.
struct way {
  const char *name;
  const char *observed;
  unsigned words;  // of 8 bytes
  store_fn *store;
  load_fn *load;
  bool tears;  // we expect mixed values
};

static const struct way RACY[] = {
    {"two halves of 4 bytes", "torn", 1, store_halves, load_halves, true},
    {"struct of 16 bytes", "torn_struct", 2, store_words, load_words, true},
    {"copy of 64 bytes", "torn_copy", 8, store_words, load_words, true},
};
static const struct way CONTROLS[] = {
    {"8 aligned bytes at once", "torn_control_aligned", 1, store_atomic, load_atomic, false},
    {"C11 atomic", "torn_control_atomic", 1, store_strict, load_strict, false},
    {"mutex", "torn_control_mutex", 2, store_locked, load_locked, false},
    {"sequence lock", "torn_control_seqlock", 2, store_sequenced, load_sequenced, false},
};

struct trial {
  const struct way *way;
  struct cell cell;
  struct result natural, forced;
  _Atomic bool stop;  // the writer of the natural phase ends
  bool stored;        // the writer of the forced phase has finished
};

// ---- the natural phase: a writer and a reader, as fast as they can, and nothing between them ----

static void *write_on_and_on(void *data)
{
  struct trial *trial = data;
  while (!atomic_load_explicit(&trial->stop, memory_order_relaxed)) {
    trial->way->store(&trial->cell, ONES);
    trial->way->store(&trial->cell, ZEROS);
  }
  return NULL;
}

static void read_on_and_on(struct trial *trial)
{
  const struct way *way = trial->way;
  struct result *result = &trial->natural;
  uint64_t seen[MOST_WORDS];
  double start = seconds(), told = start, now = start;
  while (now - start < LONG_ENOUGH || (way->tears && result->torn == 0 && now - start < TOO_LONG)) {
    for (unsigned i = 0; i < 1000; i++) {
      way->load(&trial->cell, seen);
      count(result, seen, way->words);
    }
    now = seconds();
    if (now - told >= 0.01) {
      hd_tally("torn reads", result->torn, result->reads);
      sched_yield();  // with one processor the writer cannot run while we read
      told = seconds();
    }
  }
}

static void natural(struct trial *trial)
{
  pthread_t writer;
  hd_note("natural: one thread stores all ones and all zeros in turn, as fast as it can, and one thread reads");
  hd_points_off();  // from here on nothing is shown, only counted
  must(pthread_create(&writer, NULL, write_on_and_on, trial) == 0, "start the writer");
  read_on_and_on(trial);
  atomic_store(&trial->stop, true);
  pthread_join(writer, NULL);
  hd_points_on();
}

// ---- the forced phase: the same functions, one store, and a read before it, in the middle of it, and after it ----

static void *write_once(void *data)
{
  struct trial *trial = data;
  struct cell *cell = &trial->cell;
  sem_wait(&cell->writer_turn);
  trial->way->store(cell, ONES);  // gives the reader its turn in the middle
  trial->stored = true;
  sem_post(&cell->other_turn);
  return NULL;
}

static void read_once(struct trial *trial)
{
  const struct way *way = trial->way;
  uint64_t seen[MOST_WORDS];
  way->load(&trial->cell, seen);
  count(&trial->forced, seen, way->words);
  hd_value_saw(trial->cell.shown, seen, way->words * 8, is_mixed(seen, way->words));
}

static void forced(struct trial *trial)
{
  struct cell *cell = &trial->cell;
  pthread_t writer;
  hd_note("forced: one store of all ones over all zeros; a read before it, in the middle of it, and after it");
  cell->forced = true;
  trial->way->store(cell, ZEROS);  // our bytes: each byte has the colour of the thread that stored it
  cell->interruptions = 1;
  must(pthread_create(&writer, NULL, write_once, trial) == 0, "start the writer");
  read_once(trial);
  do {
    sem_post(&cell->writer_turn);
    sem_wait(&cell->other_turn);
    read_once(trial);
  } while (!trial->stored);
  pthread_join(writer, NULL);
}

// Both phases for one way: a stage. Returns the torn reads of the forced phase.
static uint64_t try_way(const struct way *way)
{
  struct trial trial = {.way = way};
  hd_stage(way->name);
  open_cell(&trial.cell, way->words);
  natural(&trial);
  print_result(way->name, "reads", &trial.natural, way->words);
  forced(&trial);
  print_result("  one store, step by step", "reads", &trial.forced, way->words);
  close_cell(&trial.cell);
  hd_observe(way->observed, (int64_t)(trial.natural.torn + trial.forced.torn));
  return trial.forced.torn;
}

int main(void)
{
  uint64_t forced_torn = 0;
  for (size_t i = 0; i < sizeof RACY / sizeof RACY[0]; i++)
    forced_torn += try_way(&RACY[i]);
  race_two_writers();
  for (size_t i = 0; i < sizeof CONTROLS / sizeof CONTROLS[0]; i++)
    forced_torn += try_way(&CONTROLS[i]);
  hd_observe("torn_forced", (int64_t)forced_torn);  // one for each of the racy ways
  return EXIT_SUCCESS;
}
