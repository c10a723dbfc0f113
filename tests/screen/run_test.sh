#!/bin/sh
# A live program, held: ten steps on and three back show step 7 as it was on the way; threads can be chosen; q asks.
: "${HEDDLE_SCREEN_DEADLINE:=60}" # the lesson is compiled first
. "$(dirname "$0")/lib.sh"

[ -x "$1/heddle" ] || { echo "skipped: the program is not built"; exit 77; }
export HOME="$WORK/home" XDG_CACHE_HOME="$WORK/cache" XDG_STATE_HOME="$WORK/state" XDG_RUNTIME_DIR="$WORK/run"
mkdir -p "$HOME" "$WORK/run"
chmod 700 "$WORK/run"

# What is told about the step itself: all but the title, which says how many steps are known, and the key bar.
body()
{
  screen | sed '1d;$d'
}

show 80 24 "$1/heddle" run 21 --step --skip-questions
wait_for "step 0 of"
step=0
while [ "$step" -lt 10 ]; do
  step=$((step + 1))
  keys PageDown
  wait_for "step $step of"
  if [ "$step" = 7 ]; then
    wait_for "next:"
    seven=$(body)
  fi
done
step_to PageUp 10 7
wait_for "looking back"
same "$(body)" "$seven" "step 7 from the other side"
keys End
wait_for "step 10 of 10"
keys 8
wait_for "That thread cannot go now"
keys 0
wait_for "step 11 of 11"
screen | grep -q "▌ main" || fail "the loop's thread was chosen, but somebody else went"
keys q
wait_for "Quit?"
keys Escape
wait_gone "Quit?"
keys q
wait_for "Quit?"
keys y
wait_for "over"
cmp -s "$WORK/before" "$WORK/after" || fail "stty differs"
