#!/bin/sh
# init makes a course folder of one's own; update brings what is new and never touches an edited file.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

expect 0 "$heddle" init; says out "$HOME/heddle: "
mine=$HOME/heddle
[ -f "$mine/.heddle" ] || fail 'there is no marker'
cmp -s "$mine/lessons/21_worker_pool/lesson.c" "$top/lessons/21_worker_pool/lesson.c" || fail 'the lesson is not there'
cmp -s "$mine/exercises/05_lost_update/exercise.c" "$top/exercises/05_lost_update/exercise.c" || fail 'the exercise is not there'
[ "$(find "$HOME" -mindepth 1 -maxdepth 1 | wc -l)" -eq 1 ] || fail "left behind: $(ls -a "$HOME")"


# The folder has a start script, so that it works when heddle is not on PATH; it says so when the program is gone.
says out './heddle run 21'
cd "$mine" || exit 2
expect 0 ./heddle list; says out "The course is in $mine"
cp heddle "$work/script"
sed -i "s|^program=.*|program='/nowhere/heddle'|" heddle
refuses 3 ./heddle list; says err 'is gone'
expect 0 "$heddle" update
cmp -s heddle "$work/script" || fail 'update did not renew the start script'
echo 'mine' >heddle
expect 0 "$heddle" update
[ "$(cat heddle)" = mine ] || fail 'a file of the student was replaced'
cp "$work/script" heddle

refuses 2 "$heddle" init;                    says err 'heddle update'
mkdir "$work/full" && : >"$work/full/something"
refuses 2 "$heddle" init "$work/full";       says err 'is not empty'
mkdir "$work/empty"
expect 0 "$heddle" init "$work/empty";       [ -f "$work/empty/.heddle" ] || fail 'an empty folder was not filled'
expect 0 "$heddle" init "$work/new/"; [ -f "$work/new/.heddle" ] || fail 'a new folder was not made'

# What was edited stays; what was deleted comes back; what nobody edited follows its starter.
cd "$mine/lessons" || exit 2
echo '// mine' >>21_worker_pool/lesson.c
rm 15_spawn_or_stay/README.md
echo '// an older starter' >01_run_to_completion/lesson.c
old=$(sha256sum 01_run_to_completion/lesson.c | cut -d' ' -f1)
sed -i "s|\(\"lessons/01_run_to_completion/lesson.c\": \)\"[0-9a-f]*\"|\1\"$old\"|" ../.heddle
cp 21_worker_pool/lesson.c "$work/edited"
expect 0 "$heddle" update; is_silent; says out '1 files new, 1 renewed'
cmp -s 21_worker_pool/lesson.c "$work/edited" || fail 'an edited file was touched'
cmp -s 15_spawn_or_stay/README.md "$top/lessons/15_spawn_or_stay/README.md" || fail 'a deleted file did not come back'
cmp -s 01_run_to_completion/lesson.c "$top/lessons/01_run_to_completion/lesson.c" || fail 'an unedited file did not follow'

# An edited file whose starter has changed too is kept, and told.
sed -i "s|\(\"lessons/21_worker_pool/lesson.c\": \)\"[0-9a-f]*\"|\1\"$old\"|" ../.heddle
expect 0 "$heddle" update; says out 'kept yours, though the starter has changed: lessons/21_worker_pool/lesson.c'
cmp -s 21_worker_pool/lesson.c "$work/edited" || fail 'an edited file was touched'
expect 0 "$heddle" update --json; says out '"kept"'

# In that folder the edited lesson is the one that runs.
expect 0 "$heddle" list; says out "The course is in $mine"

echo 'no json' >../.heddle
refuses 3 "$heddle" update; says err 'damaged'
cmp -s 21_worker_pool/lesson.c "$work/edited" || fail 'an edited file was touched'
