#!/bin/sh
# Every shell script of the tree passes shellcheck. Skipped (77) where shellcheck is not installed.
cd "$(dirname "$0")/../.." || exit 2
command -v shellcheck >/dev/null || exit 77
find tests lessons exercises -name '*.sh' -exec shellcheck heddle .ci/run {} +
