#!/bin/sh
# Wrong usage: an unknown verb, lesson, flag or number is one line that says what to do, and exit status 2.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

refuses 2 "$heddle" rnu 21;                says err 'did you mean heddle run?'
refuses 2 "$heddle" export;                says err 'there is no verb "export"'
refuses 2 "$heddle" run nothing_like_it;   says err 'there is no lesson'; says err 'heddle list'
refuses 2 "$heddle" run worker_pol;        says err 'worker_pool'
refuses 2 "$heddle" run 99;                says err 'there is no lesson "99"'
refuses 2 "$heddle" run;                   says err 'needs a name'
refuses 2 "$heddle" run 21 22;             says err 'does not know what to do with "22"'
refuses 2 "$heddle" run 21 --sped 2;       says err 'did you mean --speed?'
refuses 2 "$heddle" run 21 --speed fast;   says err '0.001 to 1000 or max'
refuses 2 "$heddle" run 21 --speed 0;      says err '0.001'
refuses 2 "$heddle" run 21 --speed nan;    says err '0.001'
refuses 2 "$heddle" run 21 --speed;        says err 'needs a value'
refuses 2 "$heddle" run 21 --times 0;      says err 'whole number from 1'
refuses 2 "$heddle" run 21 --times -3;     says err 'whole number from 1'
refuses 2 "$heddle" run 21 --seed 1e3;     says err 'whole number'
refuses 2 "$heddle" run 21 --theme green;  says err 'dark|light|contrast'
refuses 2 "$heddle" run 21 --plain=yes;    says err 'takes no value'
refuses 2 "$heddle" run 21 --plain --terminal; says err 'choose one'
refuses 2 "$heddle" run 21 --step --speed 2;   says err 'choose --step or --speed'
refuses 2 "$heddle" list --speed 2;        says err 'heddle list has no --speed'
refuses 2 "$heddle" --speed 2;             says err 'needs a verb'
refuses 2 "$heddle" replay --at soon;      says err 'whole number'
refuses 2 "$heddle" watch me;              says err 'is no process number'
refuses 2 "$heddle" watch 99999999999;     says err 'is no process number'
refuses 2 "$heddle" check nothing_like_it; says err 'there is no exercise'
refuses 2 "$heddle" hint;                  says err 'needs a name'
refuses 2 "$heddle" help nix;              says err 'did you mean heddle help'
refuses 2 "$heddle" update;                says err 'heddle init makes one'
refuses 3 "$heddle" run 21 --window;       says err 'no window'
refuses 3 "$heddle" run 21 --terminal;     says err 'use --plain'
refuses 2 env HEDDLE_HOME="$work/nowhere" "$heddle" list; says err 'HEDDLE_HOME'

# Several that fit: their names, and no choice of our own.
echo 'int main(void) { return 0; }' | lesson 01_apple_tree
echo 'int main(void) { return 0; }' | lesson 02_apple_pie
cd course || exit 2
refuses 2 "$heddle" run apple; says err '01_apple_tree 02_apple_pie'
refuses 2 "$heddle" run 3;     says err 'there is no lesson "3"'
echo '{ "title": "x",' >lessons/01_apple_tree/lesson.json
refuses 2 "$heddle" run 1 --plain; says err 'lesson.json line'
cd ..

# Help needs no course and no terminal, and comes in every form.
for call in '' '--help' 'help' '-h'; do
    # shellcheck disable=SC2086  # no word, or one
    expect 0 "$heddle" $call; is_silent; says out 'heddle run LESSON'
done
for verb in list init update run watch replay check hint doctor bench test help; do
    expect 0 "$heddle" $verb --help; is_silent; says out "heddle "
    expect 0 "$heddle" --help $verb; is_silent
done
expect 0 "$heddle" help run; says out '--skip-questions'
expect 0 "$heddle" --version; says out 'heddle '
expect 3 sh -c '"$0" list >/dev/full' "$heddle"; says err 'standard output'
