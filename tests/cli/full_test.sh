#!/bin/sh
# A full disk: one line, exit status 3, nothing left behind, and what was there before is still there. Needs a small file system of its
# own; skipped (77) where none can be mounted.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

small=$work/small
mkdir "$small"
mount -t tmpfs -o size=256k,mode=700 none "$small" 2>/dev/null || exit 77
trap 'umount "$small"; rm -rf "$work"' EXIT

lesson 01_talks <<'EOF'
#include "heddle.h"
int main(void)
{
  for (int i = 0; i < 30000; i++)
    hd_note("a note that takes some room, number %d", i);
  return 0;
}
EOF
lesson 02_threads <<'EOF'
#include "heddle.h"
#include <pthread.h>
static void *work(void *arg)
{
  for (int i = 0; i < 100; i++) {
    hd_note("a thread at work, %d", i);
    hd_sleep(10);
  }
  return arg;
}
int main(void)
{
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    if (pthread_create(&threads[i], NULL, work, NULL) != 0)
      return 1;
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  return 0;
}
EOF
cd course || exit 2
fill() { head -c 10000000 /dev/zero >"$small/filler" 2>/dev/null; }
empty() { rm -rf "${small:?}"/* "$small"/.[!.]*; }

fill
refuses 3 env XDG_RUNTIME_DIR="$small" "$heddle" run talks --plain; says err 'the disk is full'
refuses 3 env XDG_CACHE_HOME="$small" "$heddle" run talks --plain;  says err 'the disk is full'
refuses 3 "$heddle" run talks --plain --record "$small/x.hdt";      says err 'the disk is full'
refuses 3 "$heddle" init "$small/mine"
expect 0 env XDG_STATE_HOME="$small" "$heddle" run talks --plain;   says err 'will not be kept'
[ -z "$(find "$small" -mindepth 1 ! -name filler ! -name heddle)" ] || fail "left behind: $(find "$small")"
empty

# It gets full while the lesson runs: what was recorded so far can be replayed.
refuses 3 "$heddle" run talks --plain --record "$small/x.hdt"; says err 'the disk is full'
expect 0 "$heddle" replay "$small/x.hdt" --plain; says out 'number 100'
! pgrep -f "$XDG_CACHE_HOME" >/dev/null || fail 'the lesson runs on'
empty

# Progress that cannot be stored does not destroy what there is.
mkdir -p "$small/heddle"
echo '{"exercises": {"05_lost_update": {"passed": true}}}' >"$small/heddle/progress.json"
fill
expect 0 env XDG_STATE_HOME="$small" "$heddle" run talks --plain
expect 0 env XDG_STATE_HOME="$small" HEDDLE_HOME="$top" "$heddle" list
grep -q '"passed": true' "$small/heddle/progress.json" || fail 'the progress is lost'
empty

# A live folder with room for some of the threads: a recording without the others would not be true.
mount -t tmpfs -o size=5m,mode=700 none "$small" || exit 77
trap 'umount "$small"; umount "$small"; rm -rf "$work"' EXIT
for flags in --plain '--plain --step' '--times 3'; do
    # shellcheck disable=SC2086  # flags are words
    refuses 3 env XDG_RUNTIME_DIR="$small" "$heddle" run threads $flags
    says err 'no room for the trace of'; says err "$small/heddle"; says err 'set XDG_RUNTIME_DIR'
    [ -z "$(find "$small" -name '*.live*')" ] || fail "left behind: $(find "$small")"
done
! pgrep -f "$XDG_CACHE_HOME" >/dev/null || fail 'the lesson runs on'
umount "$small"
trap 'umount "$small"; rm -rf "$work"' EXIT
expect 0 "$heddle" run threads --plain
is_silent
nothing_left
