#!/bin/sh
# A trace that is none, or a damaged one: one line, no crash. A recording cut off anywhere is still a recording.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

refuses 2 "$heddle" replay --plain;                    says err 'no last run yet'
refuses 2 "$heddle" replay "$work/missing.hdt" --plain; says err 'there is no such thing'
refuses 2 "$heddle" replay "$work" --plain
: >empty.hdt
refuses 2 "$heddle" replay empty.hdt --plain;          says err 'not a heddle trace'
echo 'this is a letter, not a trace' >letter.hdt
refuses 2 "$heddle" replay letter.hdt --plain;         says err 'not a heddle trace'
refuses 2 "$heddle" replay /dev/null --plain

lesson 01_short <<'EOF'
#include "heddle.h"
int main(void)
{
  for (int i = 0; i < 40; i++)
    hd_note("note %d", i);
  return 0;
}
EOF
cd course || exit 2
expect 0 "$heddle" run short --plain --record "$work/whole.hdt"
cd ..
size=$(wc -c <whole.hdt)
for cut in 100 1000 $((size / 2)) $((size - 17)) $((size - 1)); do
    head -c "$cut" whole.hdt >cut.hdt
    "$heddle" replay cut.hdt --plain >out 2>err </dev/null
    status=$?
    case $status in 0|2) ;; *) fail "a recording cut at $cut ends with $status" ;; esac
    [ $status -eq 0 ] || [ "$(wc -l <err)" -eq 1 ] || fail "a recording cut at $cut: $(cat err)"
done
says out 'note 30'

# Every 97th byte of it turned over, one at a time.
i=40
while [ $i -lt "$size" ]; do
    { head -c "$i" whole.hdt; printf '\377'; tail -c +$((i + 2)) whole.hdt; } >bad.hdt
    "$heddle" replay bad.hdt --plain >out 2>err </dev/null
    status=$?
    case $status in 0|2) ;; *) fail "with byte $i damaged it ends with $status" ;; esac
    i=$((i + 97))
done
exit 0
