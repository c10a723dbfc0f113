// The inside of the model: one block that begins with struct state; tables follow it at offsets. A "ref" is an index
// plus one, 0 is none. Invariant: the block's bytes are a function of the events folded, so every spare byte is zero.
// Private to visualizer/model.
#ifndef HDV_MODEL_STATE_H
#define HDV_MODEL_STATE_H

#include "base/error.h"
#include "model/model.h"
#include "trace/control.h"

#define KINDS (HDV_VALUE + 1)
#define GRAVES 128      // objects that are gone but whose names are still remembered
#define STACK_KEPT 8    // nested callbacks remembered by object
#define HELD_KEPT 8     // locks remembered per thread
#define LOOPS_MAX 256
#define POOLS_MAX 256
#define VALUES_MAX 64
#define COUNTS_MAX 64
#define WARNINGS_MAX 64
#define CLOSED_KEPT 8         // closed loops, and closed pools, that stay in the picture
#define COMPLETIONS_KEPT 4096 // finished tasks that nobody calls back: the oldest are forgotten

enum table_name {
  TABLE_NODES,    // objects
  TABLE_BUCKETS,  // of the hash from id to node
  TABLE_QUEUES,   // queues that are not empty
  TABLE_HEADS,    // of the hash from owner and kind to queue
  TABLE_THREADS,
  TABLE_MINDS,    // what the fold remembers of each thread besides; row for row with TABLE_THREADS
  TABLE_LOOPS,
  TABLE_POOLS,
  TABLE_BOOKS,    // what the fold remembers of each pool besides; row for row with TABLE_POOLS
  TABLE_VALUES,
  TABLE_COUNTS,
  TABLE_WARNINGS,
  TABLES
};

struct table {
  uint64_t offset;
  uint32_t count, capacity;
};

enum life { LIFE_FREE, LIFE_ALIVE, LIFE_GONE };

struct node {
  struct hdv_object object;
  uint32_t life;                // enum life
  uint32_t chain;               // ref of the next node of its hash bucket, or of the next free one
  uint32_t kind_next, kind_prev;    // alive: objects of its kind in order of making; gone: the graveyard
  uint32_t queue_next, queue_prev;  // neighbours in its queue
  uint32_t left, right;         // timers only: the search tree by deadline
  uint32_t task;                // workers only: the task it was given
  uint32_t spare;
  uint64_t order;               // timers only: equal deadlines come in this order
};

struct queue {
  uint32_t owner, kind;
  uint32_t chain;           // next of its hash bucket, or next free one
  uint32_t first, last, length;
  uint32_t root;            // timers only
  uint32_t grown;           // turns in a row at whose end it was longer than before
  uint64_t turn;            // the turn it was last measured in
  uint32_t measured;        // its length then
  uint32_t warned;
};

struct mind {
  uint64_t deadline;             // of the wait it is in, 0: none
  uint32_t stack[STACK_KEPT];    // objects of the callbacks on its stack
  uint32_t held[HELD_KEPT];      // locks it holds, 0: free entry
  uint16_t kinds[STACK_KEPT];
  uint32_t warned;               // this callback has been warned of
  uint32_t loop;                 // the loop it turned last
};

struct book {
  uint64_t taken;                // counted blindly like the pool's other counters, to be compared with the queues
  int64_t skew_queued, skew_running;  // the differences last warned of
  uint64_t hidden_queued, hidden_running;  // tasks that exist but were never seen, after a loss
  uint32_t lossy;                // records were lost: the books cannot be balanced until the pool is empty
  uint32_t suspect;              // everybody sleeps, a worker too, and a task waits
};

struct output {
  uint64_t lines;                // lines begun so far
  uint64_t open[2];              // number + 1 of the unfinished line of standard output, standard error
  uint8_t length[HDV_OUTPUT_LINES];
  char text[HDV_OUTPUT_LINES][HDV_OUTPUT_WIDTH];
};

struct state {
  uint64_t size;  // of the whole block
  struct table table[TABLES];
  struct hdv_totals totals;
  uint32_t free_node, free_queue;
  uint32_t kind_first[KINDS], kind_last[KINDS], kind_made[KINDS];
  uint32_t grave_first, grave_last, graves;
  uint32_t running;              // threads in state HDV_RUNNING
  uint64_t timers_started;       // gives equal deadlines their order
  uint64_t lost_step;            // step of the last loss
  uint64_t asleep_ns;            // model time when the last running thread went to sleep
  uint16_t row_of[HD_SLOTS];     // thread row + 1 of each slot
  struct output output;
};

struct hdv_model {
  struct state *state;
  size_t room;   // bytes allocated
  size_t limit;  // the block never grows beyond this
};

// ---- arena.c ----

// Makes room for what one event can add at most. HD_ENOMEM: nothing has changed.
int arena_reserve(struct hdv_model *model, bool value);
void *arena_table(const struct state *state, enum table_name name);

// Rows of a table that is kept in an order: a zeroed row at index (there must be room), and moving one.
void *row_insert(struct state *state, enum table_name name, uint32_t index);
void row_remove(struct state *state, enum table_name name, uint32_t index);
void row_move(struct state *state, enum table_name name, uint32_t from, uint32_t to);

static inline uint32_t table_count(const struct state *state, enum table_name name)
{
  return state->table[name].count;
}

uint32_t hash_mix(uint64_t key);
uint32_t *bucket_of(struct state *state, uint32_t id);
uint32_t *head_of(struct state *state, uint32_t owner, uint32_t kind);

static inline struct node *node_at(const struct state *state, uint32_t ref)
{
  return (struct node *)arena_table(state, TABLE_NODES) + (ref - 1);
}

static inline struct queue *queue_at(const struct state *state, uint32_t ref)
{
  return (struct queue *)arena_table(state, TABLE_QUEUES) + (ref - 1);
}

// ---- object.c: nodes are given as pointers, NULL for none ----

// The object of an id, also one that is gone but remembered.
struct node *node_find(const struct state *state, uint32_t id);
struct node *object_find(const struct state *state, uint32_t id);

// The object of an id as this kind: made, brought back, or made anew when the id meant something else. NULL for id 0.
struct node *object_make(struct state *state, uint32_t id, enum hdv_object_kind kind, uint16_t maker);

// The same, but an id that means something else is left alone: NULL.
struct node *object_touch(struct state *state, uint32_t id, enum hdv_object_kind kind, uint16_t maker);

void object_number(struct node *node, uint64_t number);
void object_name(struct node *node, const char *text, uint32_t size);

// The object is gone: out of its queue, its name remembered for a while. NULL is allowed.
void object_retire(struct state *state, struct node *node);

// ---- queue.c ----

uint32_t queue_find(const struct state *state, uint32_t owner, uint32_t kind);
uint32_t queue_length(const struct state *state, uint32_t owner, uint32_t kind);
struct node *queue_first(const struct state *state, uint32_t owner, uint32_t kind);

// Puts the node at the end of the owner's queue (timers: at its deadline), taking it out of the one it stands in.
// Returns the queue.
struct queue *queue_push(struct state *state, struct node *node, uint32_t owner, enum hdv_queue kind);
void queue_remove(struct state *state, struct node *node);

// ---- numbers ----

static inline void count_up(uint64_t *counter)
{
  *counter += *counter != UINT64_MAX;
}

static inline void count_down(uint64_t *counter)
{
  *counter -= *counter != 0;
}

static inline uint32_t clip32(uint64_t value)
{
  return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

#endif
