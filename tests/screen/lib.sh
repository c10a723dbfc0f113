# What every screen test uses: a terminal of its own (a tmux server under a private name), keys, and waiting for texts. Tests wait
# for what must appear, with a deadline; they never sleep to make an order true. Needs HEDDLE_TOOLS, the folder of show_log and make_log.
# shellcheck shell=sh
set -eu

command -v tmux >/dev/null || { echo "skipped: tmux is missing"; exit 77; }
TOOLS=${1:?the build folder}/screen
WORK=$(mktemp -d)
STARTED=0
SERVER=
export LC_ALL=C.UTF-8
unset NO_COLOR COLORTERM

tm()
{
  tmux -L "$SERVER" -f /dev/null "$@"
}

end_terminal()
{
  [ -z "$SERVER" ] || tm kill-server 2>/dev/null || true
}

stop()
{
  end_terminal
  rm -rf "$WORK"
}
trap stop EXIT
trap 'exit 1' INT TERM

fail()
{
  echo "FAILED: $*"
  tm capture-pane -p -t s 2>/dev/null || true
  exit 1
}

# start WIDTH HEIGHT COMMAND: runs a shell command in a fresh terminal.
start()
{
  end_terminal
  # A server that is just ending would take the next session with it: each terminal has its own.
  STARTED=$((STARTED + 1))
  SERVER=heddle-screen-$$-$STARTED
  tm new-session -d -s s -x "$1" -y "$2" "$3"
  tm set-option -g remain-on-exit on >/dev/null
  tm set-option -g escape-time 0 >/dev/null
}

# show WIDTH HEIGHT [VARIABLE=VALUE ...] FILE [WORD ...]: the viewer, with the terminal's settings noted before and after.
show()
{
  size="$1 $2"
  shift 2
  set -f
  # shellcheck disable=SC2086
  start $size "stty -a >'$WORK/before'; sh -c 'echo \$\$ >\"$WORK/pid\"; exec env TERM=${SHOW_TERM:-tmux-256color} $*' ;
    echo \"left with \$?\"; stty -a >'$WORK/after'; echo over; exec cat"
  set +f
}

keys()
{
  for key in "$@"; do
    tm send-keys -t s "$key"
  done
}

screen()
{
  tm capture-pane -p -t s
}

DEADLINE=${HEDDLE_SCREEN_DEADLINE:-20}

# wait_for TEXT: until the screen shows it.
wait_for()
{
  end=$(($(date +%s) + DEADLINE))
  until screen | grep -qF -- "$1"; do
    [ "$(date +%s)" -lt "$end" ] || fail "the screen never showed: $1"
  done
}

wait_gone()
{
  end=$(($(date +%s) + DEADLINE))
  while screen | grep -qF -- "$1"; do
    [ "$(date +%s)" -lt "$end" ] || fail "the screen still shows: $1"
  done
}

# step_to KEY FIRST LAST: presses the key until the title says LAST, waiting for each step.
step_to()
{
  step=$2
  while [ "$step" -ne "$3" ]; do
    [ "$step" -lt "$3" ] && step=$((step + 1)) || step=$((step - 1))
    keys "$1"
    wait_for "step $step of"
  done
}

same()
{
  [ "$1" = "$2" ] || fail "$3 differs:
$1
---
$2"
}

make_log()
{
  "$TOOLS/make_log" "$1" "$2" "$WORK/$1.hdt"
}
