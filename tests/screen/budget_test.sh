#!/bin/sh
# A frame costs at most 600 bytes at 80x24 while every frame is a new step; a picture that stays the same costs nothing.
. "$(dirname "$0")/lib.sh"

make_log pool 3
show 80 24 "$TOOLS/show_log" "$WORK/pool.hdt"
wait_for "step 0 of 288"
: >"$WORK/bytes"
tm pipe-pane -t s "cat >>'$WORK/bytes'"

frames()
{
  LC_ALL=C grep -ao "$(printf '\033')\[?2026h" "$WORK/bytes" | wc -l
}

ticks()
{
  sed 's/.*) //' "/proc/$(cat "$WORK/pid")/stat" 2>/dev/null | cut -d' ' -f12,13 | tr ' ' '+'
}

# The story takes 33 ms a step in real time: about a step a frame.
began=$(date +%s%N)
cpu=$(($(ticks || echo 0)))
keys Space
wait_for "step 288 of 288"
cpu=$(($(ticks || echo 0) - cpu))
took=$((($(date +%s%N) - began) / 1000000))
count=$(frames)
bytes=$(wc -c <"$WORK/bytes")
echo "$count frames, $bytes bytes, $((bytes / count)) bytes a frame, $((cpu * 10)) ms of processor time in $took ms"
[ "$count" -ge 50 ] || fail "too few frames to judge"
[ $((bytes / count)) -le 600 ] || fail "more than 600 bytes a frame"

# A key that means nothing changes nothing; the step after it is the next frame.
settled=$(frames)
keys z x F9 z
keys PageUp
wait_for "step 287 of 288"
keys PageDown
wait_for "step 288 of 288"
end=$(($(date +%s) + DEADLINE))
until [ "$(frames)" -ge $((settled + 2)) ]; do
  [ "$(date +%s)" -lt "$end" ] || fail "the frames never arrived"
done
[ "$(frames)" -eq $((settled + 2)) ] || fail "$(($(frames) - settled)) frames for two changes"
keys q
wait_for "viewer ended: 0"
