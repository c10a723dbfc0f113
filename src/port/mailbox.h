// Messages on their way, and the mailbox they wait in: a stack that anybody pushes on, which its owner takes
// whole and puts behind what it took before. Invariant: what is in the row is older than what is on the
// stack. Threads: push from any, the rest from the owner's.
#ifndef HD_PORT_MAILBOX_H
#define HD_PORT_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// task, pool: the task of a worker pool that it carries, or that it answers.
struct hd_message {
  struct hd_message *next;
  size_t size;
  uint32_t object, task, pool;
  bool closes; // not a message: the other end has closed
  _Alignas(max_align_t) unsigned char bytes[];
};

struct hd_mailbox {
  _Atomic(struct hd_message *) newest; // the stack
  struct hd_message *oldest, *last;    // the row
  uint32_t waiting;                    // in the row
};

// A message with a copy of the bytes; NULL: out of memory. Any thread.
struct hd_message *hd_message_new(const void *bytes, size_t size);

// true: the stack was empty before, so the owner has to be told.
bool hd_mailbox_push(struct hd_mailbox *box, struct hd_message *message);

// Moves what is on the stack to the row.
void hd_mailbox_collect(struct hd_mailbox *box);

// The oldest of the row out of it, or NULL.
struct hd_message *hd_mailbox_take(struct hd_mailbox *box);

static inline bool hd_mailbox_empty(struct hd_mailbox *box)
{
  return !box->oldest && atomic_load(&box->newest) == NULL;
}

#endif
