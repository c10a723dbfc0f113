#!/bin/sh
# The script, .ci/run and every test script pass shellcheck; in the tests remarks of style are allowed. Skipped (77) without shellcheck.
cd "$(dirname "$0")/../.." || exit 2
command -v shellcheck >/dev/null || exit 77
shellcheck heddle .ci/run && find tests -name '*.sh' -exec shellcheck -x -P SCRIPTDIR -S warning {} +
