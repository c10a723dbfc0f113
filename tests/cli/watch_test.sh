#!/bin/sh
# watch: lists what can be watched, attaches to it and lets it run on; a PID that is gone or is not ours is one line and exit status 2.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

# A program of one's own: heddle's library and no viewer.
cat >own.c <<'EOF'
#include "heddle.h"
#include <stdio.h>
static hd_loop *loop;
static void beat(hd_loop *self, void *data)
{
  (void)self, (void)data;
  hd_note("a beat");
  puts("beat");
}
int main(void)
{
  struct hd_timer timer;
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (hd_loop_open(&loop, NULL) != 0 || hd_interval_set(loop, beat, NULL, 20, &timer) != 0)
    return 1;
  hd_loop_run(loop);
  return 0;
}
EOF
flags=$(sed -n 's/^HEDDLE_SANITIZE:STRING=\(..*\)$/-fsanitize=\1/p' "$build/CMakeCache.txt")
# shellcheck disable=SC2086  # none or one
"${CC:-cc}" $flags -std=c11 -g -I"$top/src" own.c "$build/libheddle.a" -pthread -lm -o own || fail 'the program does not build'

expect 0 "$heddle" watch; says out 'No program'
expect 0 "$heddle" watch --json; says out '[]'

./own >beats &
own=$!
until_true test -s beats
expect 0 "$heddle" watch; says out "$own"
expect 0 "$heddle" watch --json; says out "\"pid\": $own"

env --default-signal=INT "$heddle" watch $own --plain >out 2>err </dev/null &
viewer=$!
until_true grep -q 'a beat' out
refuses_second=$("$heddle" watch $own --plain 2>&1 </dev/null)
[ $? -eq 2 ] || fail "a second viewer is let in: $refuses_second"
kill -INT $viewer
wait $viewer
[ $? -eq 130 ] || fail 'Ctrl-C does not end watching with 130'

# It runs on, and can be watched again.
count=$(wc -l <beats)
more() { [ "$(wc -l <beats)" -gt $((count + 3)) ]; }
until_true more
env --default-signal=INT "$heddle" watch $own --plain >out 2>err </dev/null &
viewer=$!
until_true grep -q 'a beat' out
kill -TERM $own
wait $viewer
[ $? -eq 0 ] || fail 'the end of the program is not the end of watching'
wait $own 2>/dev/null

refuses 2 "$heddle" watch $own --plain;  says err 'no process'
refuses 2 "$heddle" watch 1 --plain;     says err 'not yours'
refuses 2 "$heddle" watch $$ --plain;    says err "does not use heddle's library"
refuses 2 "$heddle" watch 0
exit 0
