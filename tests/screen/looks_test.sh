#!/bin/sh
# Colours and characters: $NO_COLOR, terminals with few colours or none, ASCII.
. "$(dirname "$0")/lib.sh"

make_log pool 3

# counts the colour escapes that the program itself writes
colours()
{
  tm pipe-pane -t s "cat >'$WORK/bytes'"
  keys End
  wait_for "step 288 of 288"
  keys Home
  wait_for "step 0 of 288"
  keys 1 q
  wait_for "over"
  tm pipe-pane -t s
  LC_ALL=C grep -aoE "$(printf '\033')\[[0-9;]*m" "$WORK/bytes" | LC_ALL=C grep -aocE '[[;](3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]' || true
}

look()
{
  show 80 24 "$@"
  wait_for "step 0 of 288"
}

look "$TOOLS/show_log" "$WORK/pool.hdt"
[ "$(colours)" -gt 20 ] || fail "no colours where there should be some"
look NO_COLOR=1 "$TOOLS/show_log" "$WORK/pool.hdt"
[ "$(colours)" = 0 ] || fail "colours in spite of NO_COLOR"
look NO_COLOR= "$TOOLS/show_log" "$WORK/pool.hdt"
[ "$(colours)" -gt 20 ] || fail "an empty NO_COLOR means nothing"

SHOW_TERM=vt100
look "$TOOLS/show_log" "$WORK/pool.hdt"
step_to PageDown 0 7
[ "$(screen | LC_ALL=C grep -c '[^ -~]')" = 0 ] || fail "a vt100 has ASCII only"
[ "$(colours)" = 0 ] || fail "a vt100 has no colours"
for SHOW_TERM in linux xterm-16color xterm-256color xterm; do
  [ -n "$(infocmp "$SHOW_TERM" 2>/dev/null)" ] || continue
  look "$TOOLS/show_log" "$WORK/pool.hdt"
  step_to PageDown 0 3
  wait_for "running"
  [ "$(colours)" -gt 20 ] || fail "no colours on $SHOW_TERM"
done

SHOW_TERM=tmux-256color
look "$TOOLS/show_log" "$WORK/pool.hdt" ascii
keys End
wait_for "step 288 of 288"
[ "$(screen | LC_ALL=C grep -c '[^ -~]')" = 0 ] || fail "more than ASCII"
keys q
wait_for "over"
look LC_ALL=C "$TOOLS/show_log" "$WORK/pool.hdt"
keys End
wait_for "step 288 of 288"
[ "$(screen | LC_ALL=C grep -c '[^ -~]')" = 0 ] || fail "more than ASCII in a locale without UTF-8"
SHOW_TERM=dumb
show 80 24 "$TOOLS/show_log" "$WORK/pool.hdt"
wait_for "left with 1"
wait_for "over"
