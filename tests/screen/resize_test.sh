#!/bin/sh
# A new size is laid out anew; below 80x24 there is a word in the middle, and q still quits.
. "$(dirname "$0")/lib.sh"

make_log pool 3
show 80 24 "$TOOLS/show_log" "$WORK/pool.hdt"
wait_for "step 0 of 288"
keys : 4 0 Enter
wait_for "step 40 of 288"
small=$(screen)
tm resize-window -t s -x 130 -y 44
wait_for "WHO MOVED"
wait_for "SOURCE"
[ "$(screen | grep -c "step 40 of 288")" = 1 ] || fail "the title stands there twice"
tm resize-window -t s -x 60 -y 20
wait_for "too small: have 60x20, needs 80x24"
[ "$(screen | grep -c .)" = 2 ] || fail "something is left of the larger picture"
tm resize-window -t s -x 80 -y 24
wait_for "step 40 of 288"
same "$(screen)" "$small" "the old size"
tm resize-window -t s -x 60 -y 20
wait_for "too small"
keys q
wait_for "viewer ended: 0, signal 0"
