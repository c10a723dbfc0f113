#!/bin/sh
# picture.sh HEDDLE [STEP]: prints the README's picture as SVG: the worker pool is run and recorded, the recording is opened in
# a real terminal (tmux) at the step, and what stands there is drawn.
set -u
export LC_ALL=C.UTF-8
heddle=$1 step=${2:-900} columns=100 rows=30
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 2
terminal=$work/tmux
trap 'tmux -S "$terminal" kill-server 2>/dev/null; rm -rf "$work"' EXIT

"$heddle" run 21 --plain --skip-questions --record "$work/pool.hdt" >/dev/null || exit 1
tmux -S "$terminal" -f /dev/null new-session -d -x $columns -y $rows \
    "TERM=tmux-256color exec '$heddle' replay '$work/pool.hdt' --terminal --at $step"
for try in 1 2 3 4 5 6 7 8 9 10; do
    tmux -S "$terminal" capture-pane -p -e >"$work/screen"
    if grep -q "$step" "$work/screen"; then break; fi
    [ "$try" != 10 ] || exit 1
    sleep 0.3
done
LC_ALL=C awk -v columns=$columns -v rows=$rows -f "$here/svg.awk" "$work/screen"
