#!/bin/sh
# Keys move through the steps; the same step looks the same from both sides; Esc does not quit.
. "$(dirname "$0")/lib.sh"

make_log pool 3
show 80 24 "$TOOLS/show_log" "$WORK/pool.hdt"
wait_for "step 0 of 288"
step_to PageDown 0 7
seven=$(screen)
step_to PageDown 7 10
step_to PageUp 10 7
same "$(screen)" "$seven" "step 7 from the other side"

keys Escape
keys End
wait_for "step 288 of 288"
keys Home
wait_for "step 0 of 288"
keys :
wait_for "go to step"
keys 4 2 Enter
wait_for "step 42 of 288"
keys : 9 Escape
wait_gone "go to step"
wait_for "step 42 of 288"
keys '?'
wait_for "KEYS"
keys Escape
wait_gone "KEYS"
keys : 2 7 0 Enter
wait_for "step 270 of 288"
keys t Tab Space
wait_for "step 288 of 288"
keys q
wait_for "viewer ended: 0, signal 0"
