# What the tests of the command line share: a temporary home of its own, a small course, and words to check with.
# Sourced as: . shared.sh BUILD. A failed check tells itself and ends the test.
# shellcheck shell=sh disable=SC2034  # its variables are for the tests
heddle=$1/heddle
build=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 2
work=$(cd "$work" && pwd -P)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export HOME="$work/home" XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state" XDG_CONFIG_HOME="$work/config"
export XDG_RUNTIME_DIR="$work/run" LC_ALL=C.UTF-8
unset HEDDLE_HOME HEDDLE_TRACE VISUAL EDITOR NO_COLOR
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
cd "$work" || exit 2

fail() {
    echo "FAILED: $*"
    for file in out err; do
        [ -s "$work/$file" ] && { echo "-- $file"; tail -n 15 "$work/$file"; }
    done
    exit 1
}

# expect STATUS COMMAND...: runs it with its output in $work/out and $work/err, and checks how it ends.
expect() {
    wanted=$1
    shift
    "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ $status -eq "$wanted" ] || fail "$* ended with $status, not $wanted"
}

# refuses STATUS COMMAND...: the same, and it says why in one line.
refuses() {
    expect "$@"
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "$* says $(wc -l <"$work/err") lines, not one"
    case $(cat "$work/err") in 'heddle: '*) ;; *) fail "$* does not say who speaks" ;; esac
}

says() { grep -qF -- "$2" "$work/$1" || fail "$1 does not say: $2"; }
is_silent() { [ ! -s "$work/err" ] || fail 'it complains'; }

# Nothing of a run may stay behind: no live file, no program, nothing half-built.
nothing_left() {
    left=$(find "$work/run" "$work/cache" -name '*.live*' -o -type d -name '*-*.*' 2>/dev/null)
    [ -z "$left" ] || fail "left behind: $left"
}

# lesson NUMBER_NAME: makes a lesson of the course in $work/course from standard input.
lesson() {
    mkdir -p "$work/course/lessons/$1"
    echo '{"starters": {}}' >"$work/course/.heddle"
    cat >"$work/course/lessons/$1/lesson.c"
}

# Waits until the command succeeds; fails after ten seconds.
until_true() {
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    fail "never came true: $*"
}
gone() { ! kill -0 "$1" 2>/dev/null; }
