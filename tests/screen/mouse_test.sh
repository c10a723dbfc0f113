#!/bin/sh
# A click on a lane looks at its thread, the wheel scrolls the steps.
. "$(dirname "$0")/lib.sh"

make_log pool 3
show 80 24 "$TOOLS/show_log" "$WORK/pool.hdt"
wait_for "step 0 of 288"
keys : 8 1 Enter
wait_for "step 81 of 288"
wait_for "next: worker 8"

# mouse BUTTON COLUMN ROW, as a terminal reports it (the oldest form: three bytes, each 32 more); button 3: let go
mouse()
{
  tm send-keys -t s -H 1b 5b 4d "$(printf '%x' $((32 + $1)))" "$(printf '%x' $((33 + $2)))" "$(printf '%x' $((33 + $3)))"
}

click()
{
  mouse 0 "$1" "$2"
  mouse 3 "$1" "$2"
}

click 5 3
wait_for "next: worker 2"
click 5 3
wait_for "next: worker 8"
mouse 64 5 18
wait_for "1 back"
mouse 65 5 18
wait_gone "1 back"
keys q
wait_for "viewer ended: 0"
