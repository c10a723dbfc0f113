#!/bin/sh
# An edited lesson that does not compile: the compiler's own words, one line that says which file to edit, exit status 1, nothing left behind.
# What has been built is found again; an edit builds anew.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

lesson 01_broken <<'EOF'
#include <stdio.h>
int main(void)
{
  puts("hello"
  return 0;
}
EOF
cd course || exit 2
expect 1 "$heddle" run broken --plain
says err 'error:'
says err "edit $work/course/lessons/01_broken/lesson.c line "
[ "$(find "$XDG_CACHE_HOME" -type f | wc -l)" -eq 0 ] || fail "left behind: $(find "$XDG_CACHE_HOME" -type f)"
[ ! -e "$XDG_STATE_HOME/heddle/last.hdt" ] || fail 'a run was recorded'
nothing_left

sed -i 's/puts("hello"/puts("hello");/' lessons/01_broken/lesson.c
expect 0 "$heddle" run broken --plain; says out '  | hello'
built=$(find "$XDG_CACHE_HOME" -type f -name broken)
[ -n "$built" ] || fail 'nothing was built'
touch -d '2001-01-01' "$built"
expect 0 "$heddle" run broken --plain
[ -n "$(find "$built" ! -newermt 2002-01-01)" ] || fail 'it was built again without need'
for word in one two three four five six; do
    sed -i "s/puts(\".*\")/puts(\"$word\")/" lessons/01_broken/lesson.c
    expect 0 "$heddle" run broken --plain; says out "  | $word"
done
[ "$(find "$XDG_CACHE_HOME" -type f -name broken | wc -l)" -le 4 ] || fail 'old programs pile up'

# What a killed build has left goes with the next one.
mkdir "$XDG_CACHE_HOME/heddle/broken-0123.99999999"
sed -i 's/puts(".*")/puts("again")/' lessons/01_broken/lesson.c
expect 0 "$heddle" run broken --plain
nothing_left

# A warning is shown, and stops nobody.
sed -i 's/return 0;/int unused; return 0;/' lessons/01_broken/lesson.c
expect 0 "$heddle" run broken --plain; says err 'unused'

# No compiler, no source.
refuses 3 env CC=no-such-compiler "$heddle" run broken --plain; says err 'set CC'
rm lessons/01_broken/lesson.c
refuses 3 "$heddle" run broken --plain; says err 'no C file'
nothing_left
