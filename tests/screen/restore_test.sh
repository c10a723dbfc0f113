#!/bin/sh
# However the viewer ends, the terminal is as it was; suspended and continued it paints itself again.
. "$(dirname "$0")/lib.sh"

make_log pool 3

begin()
{
  show 80 24 "$TOOLS/show_log" "$WORK/pool.hdt"
  wait_for "step 0 of 288"
  step_to PageDown 0 2
  [ "$(tm display-message -p -t s '#{cursor_flag} #{alternate_on}')" = "0 1" ] || fail "not in its own screen"
}

# restored WAY: after the program has ended
restored()
{
  wait_for "over"
  [ "$(tm display-message -p -t s '#{cursor_flag} #{alternate_on} #{mouse_any_flag}')" = "1 0 0" ] ||
    fail "$1: cursor, screen or mouse are not as before: $(tm display-message -p -t s '#{cursor_flag} #{alternate_on} #{mouse_any_flag}')"
  cmp -s "$WORK/before" "$WORK/after" || fail "$1: stty differs"
}

begin
keys q
restored "q"
wait_for "viewer ended: 0"
for signal in INT TERM HUP; do
  begin
  kill -"$signal" "$(cat "$WORK/pid")"
  restored "SIG$signal"
  wait_for "viewer ended: 3, signal $(kill -l "$signal" 2>/dev/null || case $signal in INT) echo 2 ;; TERM) echo 15 ;; *) echo 1 ;; esac)"
done
begin
keys C-c
restored "Ctrl-C"
for signal in SEGV ABRT BUS; do
  begin
  kill -"$signal" "$(cat "$WORK/pid")"
  restored "SIG$signal"
done

# Stopped and continued from outside: whatever stands on the screen meanwhile is painted over.
begin
before=$(screen)
kill -STOP "$(cat "$WORK/pid")"
printf '\033[HGARBAGE' >"$(tm display-message -p -t s '#{pane_tty}')"
wait_for "GARBAGE"
kill -CONT "$(cat "$WORK/pid")"
wait_gone "GARBAGE"
same "$(screen)" "$before" "the picture after being stopped"
keys q
restored "q after SIGCONT"

# Suspended by Ctrl-Z: the shell's screen comes back, and fg brings ours.
start 80 24 "env PS1='ready> ' ENV= bash --norc --noprofile -i"
wait_for "ready>"
tm send-keys -t s "TERM=tmux-256color $TOOLS/show_log $WORK/pool.hdt" Enter
wait_for "step 0 of 288"
step_to PageDown 0 5
before=$(screen)
keys C-z
wait_gone "BEFORE"
wait_for "ready>"
[ "$(tm display-message -p -t s '#{cursor_flag} #{alternate_on}')" = "1 0" ] || fail "suspended, but the terminal is not free"
tm send-keys -t s "fg" Enter
wait_for "step 5 of 288"
same "$(screen)" "$before" "the picture after fg"
step_to PageDown 5 6
keys q
wait_for "viewer ended: 0"
