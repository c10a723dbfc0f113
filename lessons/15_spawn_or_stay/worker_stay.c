// The worker that stays. It listens on its port, and a port that listens keeps the worker's loop alive.
// Between two tasks it sleeps in its poll phase. It ends when it stops listening.
#include "workers.h"

#include <string.h>

static void on_task(hd_port *port, const void *bytes, size_t size, void *data)
{
  struct task task;
  struct answer answer;
  (void)size, (void)data;
  memcpy(&task, bytes, sizeof task);
  if (task.stop) {
    hd_port_on_message(port, NULL, NULL);
    return;
  }
  hd_work(1);
  for (int i = 0; i < NUMBERS; i++)
    answer.numbers[i] = task.first + i;
  hd_port_post(port, &answer, sizeof answer);
}

void worker_stay(hd_worker_self *self)
{
  hd_port_on_message(hd_worker_port(self), on_task, NULL);
}
