#!/bin/sh
# The installed copy is enough: it lists, runs and checks without the source tree, and knows what belongs to the source tree only.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"
grep -q '^HEDDLE_SANITIZE:STRING=$' "$build/CMakeCache.txt" || exit 77

cmake --install "$build" --prefix "$work/prefix" >out 2>err || fail 'the installation failed'
heddle=$work/prefix/bin/heddle
expect 0 "$heddle" list; says out "The course is in $work/prefix"
expect 0 "$heddle" run spawn_or_stay --plain; says out 'the program ended with exit status 0'
cp out first
expect 0 "$heddle" replay --plain
cmp -s first out || fail 'the replay tells another story'
expect 0 "$heddle" init mine
cd mine || exit 2
cat >>lessons/15_spawn_or_stay/lesson.c <<'EOF'
__attribute__((constructor)) static void mine(void) { puts("my own copy"); }
EOF
expect 0 "$heddle" run 15 --plain; says out '| my own copy'
expect 1 "$heddle" check lost_update; says out 'NOT YET'
expect 0 "$heddle" doctor; says out 'lessons can be run'
refuses 3 "$heddle" test;  says err './heddle test'
refuses 3 "$heddle" bench; says err './heddle bench'
nothing_left
