#!/bin/sh
# Every way to end a run ends the lesson too: Ctrl-C, SIGTERM, the death of either side. No program, no live file stays; the recording does.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

lesson 01_long <<'EOF'
#include "heddle.h"
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv)
{
  FILE *file = fopen(argv[1], "w");
  if (argc < 2 || !file)
    return 1;
  fprintf(file, "%ld\n", (long)getpid());
  fclose(file);
  for (int i = 0;; i++) {
    hd_note("still here, %d", i);
    hd_sleep(100);
  }
}
EOF
lesson 02_stubborn <<'EOF'
#include "heddle.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv)
{
  signal(SIGTERM, SIG_IGN);
  FILE *file = fopen(argv[1], "w");
  if (argc < 2 || !file)
    return 1;
  fprintf(file, "%ld\n", (long)getpid());
  fclose(file);
  for (;;)
    hd_sleep(100);
}
EOF
cd course || exit 2

# start LESSON FLAGS: a run in the background, its number in $viewer, its lesson's in $program.
start() {
    rm -f "$work/pid"
    name=$1
    shift
    # A shell ignores SIGINT for what it starts in the background, and heddle respects that.
    env --default-signal=INT "$heddle" run "$name" "$@" -- "$work/pid" >"$work/out" 2>"$work/err" </dev/null &
    viewer=$!
    until_true test -s "$work/pid"
    program=$(cat "$work/pid")
}

for signal in INT TERM HUP; do
    start long --plain
    until_true grep -q 'still here, 1' "$work/out"
    kill -$signal $viewer
    wait $viewer
    status=$?
    [ $status -eq 130 ] || fail "SIG$signal ends it with $status"
    gone "$program" || fail "after SIG$signal the lesson runs on"
    nothing_left
    expect 0 "$heddle" replay --plain; says out 'still here, 1'
done

start long --plain --step
kill -INT $viewer
wait $viewer
[ $? -eq 130 ] || fail 'a stepped run does not end with 130'
gone "$program" || fail 'a held lesson runs on'
nothing_left

start stubborn --plain
kill -INT $viewer
wait $viewer
[ $? -eq 130 ] || fail 'a stubborn run does not end with 130'
gone "$program" || fail 'a lesson that ignores SIGTERM runs on'
nothing_left

# The lesson is killed: the run tells it, and the recording opens.
start long --plain
until_true grep -q 'still here, 1' "$work/out"
kill -KILL "$program"
wait $viewer
[ $? -eq 1 ] || fail 'a killed lesson is no failure'
says out 'signal 9'
nothing_left
expect 0 "$heddle" replay --plain; says out 'signal 9'

# The viewer is killed: the lesson is let go within a second, and runs on to its end by itself.
for flags in '--plain' '--plain --step'; do
    # shellcheck disable=SC2086  # flags are words
    start long $flags
    kill -KILL $viewer
    wait $viewer 2>/dev/null
    before=$(awk '{ print $14 + $15, $3 }' "/proc/$program/stat" 2>/dev/null)
    [ -n "$before" ] || fail "the lesson died with its viewer ($flags)"
    sleep 1
    # Let go, it passes its notes and sleeps between them: a held one would be silent in a wait without end.
    switches=$(awk '/^voluntary/ { print $2 }' "/proc/$program/status")
    sleep 1
    later=$(awk '/^voluntary/ { print $2 }' "/proc/$program/status")
    [ $((later - switches)) -ge 5 ] || fail "the lesson is still held after a second ($flags): $switches, $later"
    kill -KILL "$program"
done
expect 0 "$heddle" watch
touch -d '1 minute ago' "$XDG_RUNTIME_DIR"/heddle/*.live 2>/dev/null
expect 0 "$heddle" watch
nothing_left
exit 0
