#!/bin/sh
# Runs a lesson and checks what it prints: outcome.sh FILE.expect COMMAND ...
# Each line of the file is WHERE WHEN ERE. WHERE: all, c (not Node), told (through heddle, which tells the events).
# WHEN: has (a line matches), never (none does). Blank lines and lines with # are comments.
set -u
expect=$1
shift
case "$*" in
*lesson.mjs*) where='all' ;;
*--plain*) where='all c told' ;;
*) where='all c' ;;
esac

out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
trap 'exit 1' HUP INT TERM
"$@" >"$out" 2>&1
status=$?
wrong=0
if [ "$status" -ne 0 ]; then
  echo "exit status $status instead of 0"
  wrong=1
fi
while read -r scope when pattern; do
  case "$scope" in '' | '#'*) continue ;; esac
  case " $where " in *" $scope "*) ;; *) continue ;; esac
  found=never
  if grep -Eq -- "$pattern" "$out"; then found=has; fi
  if [ "$found" != "$when" ]; then
    echo "expected: $when $pattern"
    wrong=1
  fi
done <"$expect"
if [ "$wrong" -ne 0 ]; then
  echo "---- what it printed, at most the last 200 lines ----"
  tail -n 200 "$out"
fi
exit "$wrong"
