#!/bin/sh
# On a terminal: questions first, a dumb terminal is told in sentences, the menu begins with a tour. Needs `script` for a terminal.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"
command -v script >/dev/null || exit 77

# on_terminal TERM INPUT COMMAND: runs it on a terminal of its own; what it shows is in $work/out.
on_terminal() {
    name=$1 input=$2
    shift 2
    printf '%b' "$input" | env TERM="$name" script -qec "$*; echo status \$?" /dev/null >"$work/out" 2>"$work/err"
}

lesson 01_asks <<'EOF'
#include "heddle.h"
int main(void)
{
  hd_observe("coin", 1);
  return 0;
}
EOF
cat >course/lessons/01_asks/lesson.json <<'EOF'
{"title": "Asks", "questions": [{"id": "coin", "text": "Which side?", "choices": [
  {"key": "A", "text": "heads", "outcome": {"observe": "coin", "is": "=0"}, "misconception": 5},
  {"key": "B", "text": "tails", "outcome": {"observe": "coin", "is": ">0"}}]}]}
EOF
cd course || exit 2

on_terminal dumb '' "$heddle" run asks
says out 'observed: coin = 1'; says out 'status 0'
on_terminal dumb '' "$heddle" run asks --terminal
says out 'use --plain or set TERM'; says out 'status 3'
on_terminal no-such-terminal '' "$heddle" run asks --skip-questions
says out 'use --plain or set TERM'; says out 'status 3'
nothing_left

# q leaves before anything has run; end of input too; what is no answer is asked again.
rm -rf "$XDG_STATE_HOME"
on_terminal xterm 'q\n' "$heddle" run asks
says out 'Which side?'; says out 'status 0'
[ ! -e "$XDG_STATE_HOME/heddle/last.hdt" ] || fail 'it ran without a prediction'
on_terminal xterm 'x\nzebra\nq\n' "$heddle" run asks
[ "$(grep -o 'Your answer' "$work/out" | wc -l)" -eq 3 ] || fail 'it is not asked again'
on_terminal xterm 'a\nq' "$heddle" run asks
says out 'status 0'
grep -q '"choice": "A"' "$XDG_STATE_HOME/heddle/progress.json" || fail 'the prediction is not kept'
grep -q '"misconception": 5' "$XDG_STATE_HOME/heddle/progress.json" || fail 'the misconception is not kept'

rm -rf "$XDG_STATE_HOME"
on_terminal xterm '\n\n\n\nlist\nnonsense\nq\n' "$heddle"
says out '1 of 4'; says out '4 of 4'; says out 'asks'; says out 'there is no lesson'; says out 'status 0'
on_terminal xterm 'q\n' "$heddle"
! grep -q '1 of 4' "$work/out" || fail 'the tour comes a second time'
nothing_left
exit 0
