// The queue of a pool; see queue.h. Positions only grow, so a claim that lost cannot mistake a later task for
// its own.
#include "pool/queue.h"

#include "base/os.h"

// Stands in the slot of a cancelled task until its position is claimed. Were the slot empty, the next round
// could fill it before a slow claimer of this round looks, who would then take a task that is not yet its
// turn.
static hd_task hole;

static _Atomic(hd_task *) *slot_at(struct hd_queue *queue, uint64_t position)
{
  return &queue->ring[position & (HD_QUEUE_RING - 1)];
}

void hd_queue_init(struct hd_queue *queue)
{
  *queue = (struct hd_queue){0};
  hd_lock_init(&queue->lock);
}

void hd_queue_destroy(struct hd_queue *queue)
{
  hd_lock_destroy(&queue->lock);
}

// Under the lock. The slot itself is looked at, too: whoever claimed the position one round before may not
// have emptied it yet.
static bool ring_push(struct hd_queue *queue, hd_task *task)
{
  uint64_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
  _Atomic(hd_task *) *slot = slot_at(queue, tail);
  if (tail - atomic_load_explicit(&queue->head, memory_order_acquire) >= HD_QUEUE_RING ||
      atomic_load_explicit(slot, memory_order_acquire) != NULL)
    return false;
  task->queued.position = tail;
  atomic_store_explicit(&task->where, HD_QUEUE_IN_RING, memory_order_relaxed);
  atomic_store_explicit(slot, task, memory_order_relaxed);
  // Sequentially consistent: the pusher looks for sleepers next, and a sleeper announces itself before it
  // looks here.
  atomic_store(&queue->tail, tail + 1);
  return true;
}

// Under the lock.
static void list_push(struct hd_queue *queue, hd_task *task)
{
  task->next = NULL;
  task->queued.prev = queue->last;
  atomic_store_explicit(&task->where, HD_QUEUE_IN_LIST, memory_order_relaxed);
  if (queue->last)
    queue->last->next = task;
  else
    queue->first = task;
  queue->last = task;
  atomic_fetch_add(&queue->overflow, 1);
}

// Under the lock. prev and next are given, for the task itself may be gone already.
static void list_unlink(struct hd_queue *queue, hd_task *prev, hd_task *next)
{
  if (prev)
    prev->next = next;
  else
    queue->first = next;
  if (next)
    next->queued.prev = prev;
  else
    queue->last = prev;
  // The count goes down last: a task that moves to the ring counts twice for a moment, never not at all.
  atomic_fetch_sub(&queue->overflow, 1);
}

int hd_queue_push(struct hd_queue *queue, hd_task *task)
{
  int status = HD_OK;
  hd_lock_take(&queue->lock);
  if (queue->closed)
    status = HD_ECLOSED;
  else
    atomic_fetch_add_explicit(&queue->pushed, 1, memory_order_relaxed);
  if (status == HD_OK && (queue->first || !ring_push(queue, task)))
    list_push(queue, task);
  hd_lock_give(&queue->lock);
  return status;
}

static hd_task *claim(struct hd_queue *queue)
{
  uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
  while (head < atomic_load(&queue->tail)) {
    if (!atomic_compare_exchange_weak(&queue->head, &head, head + 1))
      continue;
    hd_task *task = atomic_exchange_explicit(slot_at(queue, head), NULL, memory_order_acq_rel);
    assert(task && "a claimed position is filled");
    if (task != &hole)
      return task;
    head++;
  }
  return NULL;
}

// Moves what fits from the list to the ring. Nobody needs waking for it: length counts the list, so pushes
// already woke for these.
static void refill(struct hd_queue *queue)
{
  hd_lock_take(&queue->lock);
  while (queue->first) {
    hd_task *task = queue->first, *next = task->next;
    if (!ring_push(queue, task))
      break;
    // From here on the task may be taken, run and freed at any time.
    list_unlink(queue, NULL, next);
  }
  hd_lock_give(&queue->lock);
}

hd_task *hd_queue_take(struct hd_queue *queue)
{
  for (;;) {
    hd_task *task = claim(queue);
    if (task)
      return task;
    if (atomic_load(&queue->overflow) == 0)
      return NULL;
    refill(queue);
    if (atomic_load(&queue->head) == atomic_load(&queue->tail))
      hd_os_yield(); // the next slot still belongs to a thread that claimed it a moment ago
  }
}

bool hd_queue_remove(struct hd_queue *queue, hd_task *task)
{
  bool removed = false;
  hd_lock_take(&queue->lock);
  if (task->where == HD_QUEUE_IN_LIST) {
    list_unlink(queue, task->queued.prev, task->next);
    removed = true;
  } else if (task->where == HD_QUEUE_IN_RING) {
    hd_task *expected = task; // another one stands there, or none, once it has been claimed
    removed = atomic_compare_exchange_strong(slot_at(queue, task->queued.position), &expected, &hole);
  }
  if (removed)
    task->where = HD_QUEUE_NOWHERE;
  hd_lock_give(&queue->lock);
  return removed;
}

void hd_queue_close(struct hd_queue *queue)
{
  hd_lock_take(&queue->lock);
  queue->closed = true;
  hd_lock_give(&queue->lock);
}

uint64_t hd_queue_length(const struct hd_queue *queue)
{
  uint64_t overflow = atomic_load(&queue->overflow);
  uint64_t head = atomic_load(&queue->head);
  return atomic_load(&queue->tail) - head + overflow;
}

uint64_t hd_queue_pushed(const struct hd_queue *queue)
{
  return atomic_load(&queue->pushed);
}
