#!/bin/sh
# Every listing has --json, and it parses. Needs node or python3.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"
if command -v python3 >/dev/null; then parses() { python3 -m json.tool >/dev/null; }
elif command -v node >/dev/null; then parses() { node -e 'JSON.parse(require("fs").readFileSync(0))'; }
else exit 77; fi

for call in 'list' 'watch' 'init mine' 'hint 5'; do
    # shellcheck disable=SC2086  # words
    expect 0 "$heddle" $call --json
    parses <"$work/out" || fail "heddle $call --json does not parse"
done
"$heddle" doctor --json >out 2>err </dev/null
parses <out || fail 'heddle doctor --json does not parse'
says out '"C compiler"'
expect 0 "$heddle" doctor; says out 'C compiler'
exit 0
