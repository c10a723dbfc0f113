// A worker of the pool: waits for a task, makes the task's numbers, sorts them, answers, waits again.
// Eight threads run this file at the same time. They share nothing: each has its own loop, port and numbers.
#include "sort_worker.h"

#include <stdlib.h>
#include <string.h>

// Pseudo-random numbers (xorshift): the same seed gives the same numbers, so every run has the same tasks.
static uint32_t next_number(uint32_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static int compare(const void *left, const void *right)
{
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

static struct sort_answer sort(uint32_t *numbers, const struct sort_task *task)
{
  uint32_t state = task->seed;
  for (uint32_t i = 0; i < task->count; i++)
    numbers[i] = next_number(&state);
  qsort(numbers, task->count, sizeof numbers[0], compare);

  struct sort_answer answer = {.smallest = numbers[0], .largest = numbers[task->count - 1], .sorted = true};
  for (uint32_t i = 1; i < task->count; i++)
    if (numbers[i - 1] > numbers[i])
      answer.sorted = false;
  return answer;
}

static void on_task(hd_port *port, const void *bytes, size_t size, void *data)
{
  struct sort_task task;
  (void)size, (void)data;
  memcpy(&task, bytes, sizeof task);
  uint32_t *numbers = malloc(task.count * sizeof numbers[0]);
  if (!numbers) {
    hd_throw(hd_port_loop(port), HD_ENOMEM, "no memory for the numbers");  // ends this worker; the pool makes a new one
    return;
  }
  struct sort_answer answer = sort(numbers, &task);
  free(numbers);
  // With --step, time passes only where the program says so: here 1 ms for each 10,000 numbers. Else the sorting takes it.
  if (hd_clock_is_virtual())
    hd_work(task.count / 10000.0);
  hd_port_post(port, &answer, sizeof answer);
}

void sort_worker(hd_worker_self *self)
{
  hd_port_on_message(hd_worker_port(self), on_task, NULL);
}
