#!/bin/sh
# A run without a terminal: told in sentences, with output, stages and a summary; kept as the last run; its exit status is the lesson's.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

lesson 01_story <<'EOF'
#include "heddle.h"
#include <stdio.h>
static void later(hd_loop *loop, void *data)
{
  (void)loop, (void)data;
  puts("the timer has fired");
  hd_observe("fired", 1);
}
int main(void)
{
  hd_loop *loop;
  struct hd_timer timer;
  hd_stage("waiting");
  fprintf(stderr, "on the other stream\n");
  if (hd_loop_open(&loop, NULL) != 0 || hd_timer_set(loop, later, NULL, 20, &timer) != 0)
    return 1;
  hd_loop_run(loop);
  hd_loop_close(loop);
  hd_tally("heads", 3, 4);
  hd_stage("the end");
  printf("no newline");
  return 0;
}
EOF
cd course || exit 2
expect 0 "$heddle" run story --plain
is_silent
says out '== Stage 1: waiting'
says out '== Stage 2: the end'
says out '  | the timer has fired'
says out '  ! on the other stream'
says out '  | no newline'
says out 'main opens loop 1  [lesson.c:'
says out 'heads: 3 of 4'
says out 'observed: fired = 1'
says out '[lesson.c:'
says out 'the program ended with exit status 0 after '
nothing_left
cp "$work/out" "$work/first"
expect 0 "$heddle" replay --plain; is_silent
cmp -s "$work/first" "$work/out" || fail "the replay tells another story: $(diff "$work/first" "$work/out" | head -n 5)"

# Without --plain it is the same when there is no terminal, or a dumb one.
expect 0 "$heddle" run story; says out 'observed: fired = 1'

# --at tells one step and what everybody does then.
expect 0 "$heddle" replay --plain --at 1; says out '     1  '; says out 'runs'
refuses 2 "$heddle" replay --plain --at 1000; says err 'behind its end'

# --record keeps it under a name, and the last run is that one.
expect 0 "$heddle" run story --plain --record "$work/kept.hdt"
cp "$work/out" "$work/first"
for file in "$work/kept.hdt" "$XDG_STATE_HOME/heddle/last.hdt"; do
    expect 0 "$heddle" replay "$file" --plain
    cmp -s "$work/first" "$work/out" || fail "the replay of $file tells another story"
done
expect 0 "$heddle" run story --plain
expect 0 "$heddle" replay "$work/kept.hdt" --plain
cmp -s "$work/first" "$work/out" || fail 'a later run has changed the recording'

# --times counts what was observed.
expect 0 "$heddle" run story --times 3; says out '3 runs'; says out 'in 3 of 3 runs'
expect 0 "$heddle" run story --times 2 --json; says out '"runs": 2'
refuses 2 "$heddle" run story --json

# Nothing is missed, however fast the lesson is: it waits for the recorder.
lesson 04_fast <<'EOF'
#include "heddle.h"
int main(void)
{
  for (int i = 1; i <= 200000; i++)
    hd_note("note %d", i);
  return 0;
}
EOF
expect 0 "$heddle" run fast --plain
[ "$(grep -c '  note [0-9]' "$work/out")" -eq 200000 ] || fail "$(grep -c '  note [0-9]' "$work/out") of 200000 notes"
says out 'after 200002 steps'

# The lesson's own failure, and its death.
lesson 02_fails <<'EOF'
int main(void) { return 7; }
EOF
lesson 03_dies <<'EOF'
#include <stdlib.h>
int main(void) { abort(); }
EOF
expect 1 "$heddle" run fails --plain; says out 'exit status 7'
expect 1 "$heddle" run dies --plain;  says out 'signal 6'
expect 1 "$heddle" run fails --times 2; says out '2 of them failed'
nothing_left

# A reader that leaves early ends the run, quietly.
"$heddle" run story --plain 2>"$work/err" | head -n 1 >"$work/out"
is_silent
nothing_left
