#!/bin/sh
# The manual names every verb and every flag of the command line's tables, and is well-formed.
set -u
cd "$(dirname "$0")/../.." || exit 2
page=src/cli/heddle.1 missing=0

verbs=$(sed -n 's/^X(\([a-z]*\),.*/\1/p' src/cli/commands.def)
flags=$(sed -n 's/^X([A-Z_]*, *"\([a-z-]*\)".*/--\1/p' src/cli/flags.def | sed 's/-/\\\\-/g')
if [ -z "$verbs" ] || [ -z "$flags" ]; then echo 'the tables of verbs and flags have changed their form'; exit 1; fi
for word in $verbs $flags; do
    grep -q "^\.B[IR]* $word\( \|$\)" $page || { echo "$page does not explain $word"; missing=1; }
done
if command -v groff >/dev/null; then
    complaints=$(groff -man -Tutf8 -ww $page 2>&1 >/dev/null)
    [ -z "$complaints" ] || { echo "$complaints"; missing=1; }
fi
exit $missing
