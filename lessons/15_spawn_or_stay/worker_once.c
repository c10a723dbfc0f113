// The worker that is made for one task. The task comes along when it is made.
// It returns and nothing keeps its loop alive: no listener, no timer. So its thread ends.
#include "workers.h"

#include <string.h>

void worker_once(hd_worker_self *self)
{
  struct task task;
  struct answer answer;
  memcpy(&task, hd_worker_data(self, NULL), sizeof task);
  hd_work(1);
  for (int i = 0; i < NUMBERS; i++)
    answer.numbers[i] = task.first + i;
  hd_port_post(hd_worker_port(self), &answer, sizeof answer);
}
