// Lints: what looks wrong in a program, found by the fold itself so that a replay finds it at the same step.
// They pause for what is unknown after lost records. One thread.
#include "model/fold.h"

#include <string.h>

#define LONG_CALLBACK_NS 50000000u
#define LONG_SLEEP_NS 50000000u
#define MANY_TURNS 8
#define MANY_WAITING 64

const char *hdv_lint_text(enum hdv_lint lint)
{
  static const char *const texts[HDV_LINT_COUNT] = {
      [HDV_LINT_CONSERVATION] =
          "tasks got lost or doubled: submitted is not queued + running + done + dropped + cancelled",
      [HDV_LINT_LOST_WAKEUP] = "a task waits and a worker sleeps, but nobody is running that could wake it",
      [HDV_LINT_NEVER_YIELDS] = "a callback runs for more than 50 ms; everything else of its loop waits",
      [HDV_LINT_GROWING_QUEUE] = "a queue grows turn after turn; work comes in faster than it is done",
      [HDV_LINT_LOCK_HELD] = "a thread waits while it holds a lock that others want",
      [HDV_LINT_DEADLOCK] = "a deadlock: whoever waits for it will never go on",
  };
  return (unsigned)lint < HDV_LINT_COUNT ? texts[lint] : "?";
}

void lint_warn(struct state *state, enum hdv_lint lint, uint32_t object)
{
  struct hdv_warning *warnings = arena_table(state, TABLE_WARNINGS);
  uint32_t rows = table_count(state, TABLE_WARNINGS), row = 0;
  while (row < rows && (warnings[row].lint != lint || warnings[row].object != object))
    row++;
  if (row == rows) {
    if (rows == WARNINGS_MAX || rows == state->table[TABLE_WARNINGS].capacity)
      return;
    struct hdv_warning *fresh = row_insert(state, TABLE_WARNINGS, row);
    fresh->lint = lint;
    fresh->object = object;
    fresh->first_step = state->totals.step;
  }
  warnings[row].last_step = state->totals.step;
  count_up(&warnings[row].times);
}

// ---- conservation ----

static uint32_t not_negative(int64_t value)
{
  return value < 0 ? 0 : clip32((uint64_t)value);
}

void lint_books(struct state *state, struct hdv_pool *pool)
{
  struct book *book = book_of(state, pool);
  uint64_t queued = queue_length(state, pool->id, HDV_QUEUE_TASKS) + book->hidden_queued;
  uint64_t running = queue_length(state, pool->id, HDV_QUEUE_RUNNING) + book->hidden_running;
  if (book->lossy) {
    book->taken = pool->done + running;
    pool->submitted = book->taken + pool->cancelled + pool->dropped + queued;
  }
  int64_t should_queue = (int64_t)(pool->submitted - book->taken - pool->cancelled - pool->dropped);
  int64_t should_run = (int64_t)(book->taken - pool->done);
  pool->queued = not_negative(should_queue);
  pool->running = not_negative(should_run);
  int64_t skew_queued = (int64_t)((uint64_t)should_queue - queued);
  int64_t skew_running = (int64_t)((uint64_t)should_run - running);
  bool changed = skew_queued != book->skew_queued || skew_running != book->skew_running;
  book->skew_queued = skew_queued;
  book->skew_running = skew_running;
  if (changed && (skew_queued != 0 || skew_running != 0) && pool->known)
    lint_warn(state, HDV_LINT_CONSERVATION, pool->id);
}

void lint_pool_closed(struct state *state, const struct hdv_pool *pool)
{
  bool left =
      queue_length(state, pool->id, HDV_QUEUE_TASKS) + queue_length(state, pool->id, HDV_QUEUE_RUNNING) > 0;
  if (left && pool->known && !book_of(state, pool)->lossy)
    lint_warn(state, HDV_LINT_CONSERVATION, pool->id);
}

// ---- lost wake-up ----

static bool has_idle_worker(const struct state *state, uint32_t pool)
{
  const struct hdv_thread *threads = arena_table(state, TABLE_THREADS);
  for (uint32_t i = 0; i < table_count(state, TABLE_THREADS); i++) {
    bool idle = threads[i].state == HDV_WAITING && threads[i].task == 0 &&
                (threads[i].reason == HD_REASON_TASK || threads[i].reason == HD_REASON_POLL);
    if (threads[i].pool == pool && idle)
      return true;
  }
  return false;
}

// A wake may be on its way when everybody sleeps; only when time goes by and it does not come, it was lost.
void lint_asleep(struct state *state)
{
  if (state->running != 0)
    return;
  state->asleep_ns = state->totals.model_ns;
  struct hdv_pool *pools = arena_table(state, TABLE_POOLS);
  for (uint32_t i = 0; i < table_count(state, TABLE_POOLS); i++) {
    bool waits = pools[i].known && queue_length(state, pools[i].id, HDV_QUEUE_TASKS) > 0;
    book_of(state, &pools[i])->suspect = waits && has_idle_worker(state, pools[i].id);
  }
}

void lint_woken(struct state *state, const struct hdv_thread *thread)
{
  struct hdv_pool *pool = pool_find(state, thread->pool);
  if (pool != NULL)
    book_of(state, pool)->suspect = 0;
}

static void warn_of_suspects(struct state *state)
{
  struct hdv_pool *pools = arena_table(state, TABLE_POOLS);
  for (uint32_t i = 0; i < table_count(state, TABLE_POOLS); i++) {
    struct book *book = book_of(state, &pools[i]);
    if (book->suspect && pools[i].known)
      lint_warn(state, HDV_LINT_LOST_WAKEUP, pools[i].id);
    book->suspect = 0;
  }
}

void lint_time(struct state *state)
{
  if (state->totals.model_ns - state->asleep_ns >= LONG_SLEEP_NS)
    warn_of_suspects(state);
}

void lint_end(struct state *state)
{
  if (state->running == 0)
    warn_of_suspects(state);
}

// ---- the others ----

void lint_callback(struct state *state, const struct hdv_thread *thread)
{
  struct mind *mind = mind_of(state, thread);
  bool meant = thread->role == HD_ROLE_WORKER || mind->kinds[0] == HD_CALLBACK_MAIN;
  if (mind->warned || meant || state->totals.model_ns - thread->callback_since <= LONG_CALLBACK_NS)
    return;
  mind->warned = 1;
  lint_warn(state, HDV_LINT_NEVER_YIELDS, mind->stack[0]);
}

void lint_growth(struct state *state, struct queue *queue, uint64_t turn)
{
  if (turn == 0 || turn == queue->turn)
    return;
  uint32_t before = queue->length - 1;
  bool grew = queue->turn != 0 && turn == queue->turn + 1 && before > queue->measured;
  queue->grown = grew ? queue->grown + 1 : 0;
  queue->warned = grew && queue->warned;
  queue->measured = before;
  queue->turn = turn;
  if (queue->grown < MANY_TURNS || queue->length <= MANY_WAITING || queue->warned)
    return;
  queue->warned = 1;
  lint_warn(state, HDV_LINT_GROWING_QUEUE, queue->owner);
}

void lint_held(struct state *state, const struct hdv_thread *thread)
{
  const struct mind *mind = mind_of(state, thread);
  for (int i = 0; i < HELD_KEPT; i++)
    if (mind->held[i] != 0 && queue_length(state, mind->held[i], HDV_QUEUE_WAITERS) > 0)
      lint_warn(state, HDV_LINT_LOCK_HELD, mind->held[i]);
}

void lint_wanted(struct state *state, const struct node *lock)
{
  const struct hdv_thread *owner =
      lock->object.x != 0 ? thread_find(state, (uint16_t)(lock->object.x - 1)) : NULL;
  if (owner != NULL && (owner->state == HDV_WAITING || owner->state == HDV_BLOCKED))
    lint_warn(state, HDV_LINT_LOCK_HELD, lock->object.id);
}
