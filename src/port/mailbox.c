// Messages and mailboxes; see mailbox.h.
#include "port/mailbox.h"

#include "trace/emit.h"

#include <stdlib.h>
#include <string.h>

struct hd_message *hd_message_new(const void *bytes, size_t size)
{
  struct hd_message *message = size <= SIZE_MAX / 2 ? malloc(sizeof(*message) + size) : NULL;
  if (!message)
    return NULL;
  *message = (struct hd_message){.size = size, .object = hd_trace_object()};
  if (size > 0)
    memcpy(message->bytes, bytes, size);
  return message;
}

bool hd_mailbox_push(struct hd_mailbox *box, struct hd_message *message)
{
  struct hd_message *newest = atomic_load_explicit(&box->newest, memory_order_relaxed);
  do
    message->next = newest;
  while (!atomic_compare_exchange_weak(&box->newest, &newest, message));
  return newest == NULL;
}

void hd_mailbox_collect(struct hd_mailbox *box)
{
  if (atomic_load_explicit(&box->newest, memory_order_relaxed) == NULL)
    return;
  struct hd_message *message = atomic_exchange(&box->newest, NULL), *newest = message, *oldest = NULL, *next;
  for (; message; message = next) {
    next = message->next;
    message->next = oldest;
    oldest = message;
    box->waiting++;
  }
  if (box->oldest)
    box->last->next = oldest;
  else
    box->oldest = oldest;
  box->last = newest;
}

struct hd_message *hd_mailbox_take(struct hd_mailbox *box)
{
  struct hd_message *message = box->oldest;
  if (!message)
    return NULL;
  box->oldest = message->next;
  box->waiting--;
  return message;
}
