#!/bin/sh
# No permission: one line that says what to do, exit status 3; what can go on goes on. A file where a folder should be refuses everybody,
# the superuser too.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

lesson 01_ok <<'EOF'
#include <stdio.h>
int main(void) { puts("ran"); return 0; }
EOF
: >"$work/file"
cd course || exit 2

refuses 3 env XDG_CACHE_HOME="$work/file" "$heddle" run ok --plain;   says err 'XDG_CACHE_HOME'
refuses 3 env XDG_RUNTIME_DIR="$work/file" "$heddle" run ok --plain;  says err 'XDG_RUNTIME_DIR'
refuses 3 "$heddle" run ok --plain --record "$work/nowhere/x.hdt";    says err 'its folder does not exist'
refuses 2 "$heddle" run ok --plain --record "$work";                  says err 'it is a folder'
refuses 2 "$heddle" run ok --plain --record /dev/null;                says err 'it is no ordinary file'
refuses 2 "$heddle" init "$work/file/inside"
refuses 2 "$heddle" init "$work/file"
nothing_left

# Without a state folder it runs, and says that it is not kept.
expect 0 env XDG_STATE_HOME="$work/file" "$heddle" run ok --plain
says out '  | ran'
says err 'will not be kept'

# A recording replaces a recording or an empty file, and nothing else.
echo 'my homework' >"$work/homework.c"
refuses 2 "$heddle" run ok --plain --record "$work/homework.c"; says err 'not a heddle trace'
[ "$(cat "$work/homework.c")" = 'my homework' ] || fail 'a file of the student is gone'
: >"$work/empty.hdt"
expect 0 "$heddle" run ok --plain --record "$work/empty.hdt"
expect 0 "$heddle" run ok --plain --record "$work/empty.hdt"; is_silent
expect 0 "$heddle" replay "$work/empty.hdt" --plain; says out '  | ran'

# A folder for live traces that others may read is not trusted.
mkdir -p "$work/open/heddle"
chmod 755 "$work/open/heddle"
refuses 3 env XDG_RUNTIME_DIR="$work/open" "$heddle" run ok --plain; says err 'XDG_RUNTIME_DIR'
says err "$work/open/heddle"
says err 'mode 0700'

if [ "$(id -u)" -ne 0 ]; then
    mkdir "$work/locked"
    chmod 500 "$work/locked"
    refuses 3 env XDG_CACHE_HOME="$work/locked" "$heddle" run ok --plain; says err 'no permission'
    refuses 3 "$heddle" run ok --plain --record "$work/locked/x.hdt";     says err 'no permission'
    refuses 3 "$heddle" init "$work/locked/mine";                         says err 'no permission'
fi

# A progress file that was damaged is kept aside, and everything goes on.
expect 0 "$heddle" run ok --plain
echo '{ "lessons":' >"$XDG_STATE_HOME/heddle/progress.json"
expect 0 "$heddle" run ok --plain; says err 'progress.json.damaged'
expect 0 "$heddle" list; is_silent; says out 'ran 1 time'
nothing_left
