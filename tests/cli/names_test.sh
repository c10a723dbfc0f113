#!/bin/sh
# A lesson is named by number, name, folder, the beginning of its name, or the path of its folder; flags stand before or after the verb; and
# the course is found upwards from where one stands, then by $HEDDLE_HOME, then beside the program.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

lesson 07_greeting <<'EOF'
#include <stdio.h>
int main(int argc, char **argv)
{
  printf("hello %s\n", argc > 1 ? argv[1] : "nobody");
  return 0;
}
EOF
echo '{"title": "Greeting", "args": ["reader"]}' >course/lessons/07_greeting/lesson.json
mkdir -p course/deep/down
cd course/deep/down || exit 2

for name in 7 07 007 greeting 07_greeting greet ../../lessons/07_greeting "$work/course/lessons/07_greeting/"; do
    expect 0 "$heddle" run "$name" --plain; is_silent; says out '| hello reader'
done
expect 0 "$heddle" --plain run 7;             says out '| hello reader'
expect 0 "$heddle" --record "$work/r.hdt" run 7; says out '| hello reader'
expect 0 "$heddle" run --plain 7 -- you;      says out '| hello you'
expect 0 "$heddle" run 7 --plain --;          says out '| hello nobody'
expect 0 "$heddle" list;                      says out 'greeting'; says out 'Greeting'; says out 'ran 12 times'

cd "$work" || exit 2
expect 0 env HEDDLE_HOME="$work/course" "$heddle" run greeting --plain; says out '| hello reader'
refuses 2 "$heddle" run greeting --plain
expect 0 "$heddle" list; says out 'worker_pool'
refuses 2 env HEDDLE_HOME="$work/course" "$heddle" run 99; says err '"99"; there are: 7 ('
nothing_left
