// A program outside the tree: what somebody writes who has installed heddle. Prints "one two three".
#include <heddle.h>
#include <stdio.h>

static void print(hd_loop *loop, void *data)
{
  (void)loop;
  printf("%s", (const char *)data);
}

int main(void)
{
  hd_loop *loop;
  if (hd_loop_open(&loop, NULL) != HD_OK)
    return 1;
  int failed = hd_timer_set(loop, print, "three\n", 30, NULL);
  failed |= hd_immediate_set(loop, print, "two ", NULL);
  failed |= hd_tick(loop, print, "one ");
  const int status = hd_loop_run(loop);
  return failed || hd_loop_close(loop) != HD_OK ? 1 : status;
}
