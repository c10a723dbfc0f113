#!/bin/sh
# Checks an exercise as a student would: exercise.sh HEDDLE EXERCISE SOURCE_DIR
# As shipped it fails, its solution passes, and every wrong answer fails. In a course folder of its own.
set -u
heddle=$1 exercise=$2 source=$3
tests=$source/tests/lessons

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state" XDG_CONFIG_HOME="$work/config"
unset HEDDLE_HOME
"$heddle" init "$work/course" >"$work/out" 2>&1 || {
  cat "$work/out"
  exit 1
}
cd "$work/course" || exit 1

wrong=0
# try WHAT EXPECTED: checks the exercise as it is now. EXPECTED is an exit status: 0 it holds, 1 it does not.
try() {
  "$heddle" check "$exercise" >"$work/out" 2>&1
  status=$?
  if [ "$status" -ne "$2" ]; then
    echo "$1: exit status $status instead of $2"
    cat "$work/out"
    wrong=1
  fi
}

try "as shipped" 1
cp "$tests/solutions/$exercise/exercise.c" "exercises/$exercise/exercise.c"
try "the solution" 0
for answer in "$tests/wrong/$exercise"/*.c; do
  cp "$answer" "exercises/$exercise/exercise.c"
  try "$(basename "$answer")" 1
done
exit "$wrong"
