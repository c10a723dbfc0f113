#!/bin/sh
# Step mode tells the same story every time, down to the last byte, whatever the machine does; a seed tells another one, the same each time.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

lesson 01_four <<'EOF'
#include "heddle.h"
#include "step/park.h"
#include <stdio.h>
static void *count(void *name)
{
  for (int i = 0; i < 5; i++) {
    printf("%s counts %d\n", (const char *)name, i);
    hd_sleep(5);
    hd_work(3);
  }
  return NULL;
}
int main(void)
{
  static char *names[] = {"ann", "bob", "eve", "joe"};
  hd_thread *threads[4];
  for (int i = 0; i < 4; i++)
    if (hd_thread_start(&threads[i], count, names[i], NULL) != 0)
      return 1;
  for (int i = 0; i < 4; i++)
    hd_thread_join(threads[i], NULL);
  return 0;
}
EOF
cd course || exit 2
expect 0 "$heddle" run four --step --plain
cp "$work/out" "$work/first"
says out '  | joe counts 4'
for i in 1 2 3 4; do
    expect 0 "$heddle" run four --step --plain
    cmp -s "$work/first" "$work/out" || fail "run $i differs: $(diff "$work/first" "$work/out" | head -n 4)"
done
expect 0 "$heddle" replay --plain
cmp -s "$work/first" "$work/out" || fail 'the replay tells another story'

expect 0 "$heddle" run four --step --plain --seed 5
cp "$work/out" "$work/seeded"
expect 0 "$heddle" run four --step --plain --seed 5
cmp -s "$work/seeded" "$work/out" || fail 'the same seed tells two stories'
cmp -s "$work/first" "$work/out" && fail 'the seed changes nothing'

# The same for a pool of workers, with its messages and loops.
cd "$top" || exit 2
expect 0 "$heddle" run worker_pool --step --plain
cp "$work/out" "$work/first"
for i in 1 2; do
    expect 0 "$heddle" run worker_pool --step --plain
    cmp -s "$work/first" "$work/out" || fail "run $i differs: $(diff "$work/first" "$work/out" | head -n 4)"
done
nothing_left
exit 0
