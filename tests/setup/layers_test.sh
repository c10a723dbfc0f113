#!/bin/sh
# The test of tests/layers.sh: a small tree that keeps to the architecture passes, and each planted violation is named.
set -u
layers=$(cd "$(dirname "$0")/.." && pwd)/layers.sh
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
failures=0

clean_tree() {
    rm -rf "$tree/src" "$tree/visualizer" "$tree/lessons"
    mkdir -p "$tree/src/base" "$tree/src/loop" "$tree/visualizer/model" "$tree/visualizer/terminal" "$tree/lessons/01_one"
    echo '#include "loop/loop.h"' >"$tree/src/heddle.h"
    echo 'int hd_os_now(void);' >"$tree/src/base/os.h"
    echo 'static int now(void) { return clock_gettime(0, 0); }' >"$tree/src/base/os_linux.c"
    printf '%s\n' '#include "base/os.h"' '#include "heap.h"' '// epoll_wait is not called here' '/* nor' 'epoll_ctl */' \
        'const char *text = "epoll_wait";' >"$tree/src/loop/loop.h"
    echo '#include <stdio.h>' >"$tree/src/loop/heap.h"
    echo '#include "trace/record.h"' >"$tree/visualizer/model/model.h"
    printf '%s\n' '#include "model/model.h"' '#include <curses.h>' >"$tree/visualizer/terminal/draw.c"
    printf '%s\n' '#include <heddle.h>' '#include "parts.h"' >"$tree/lessons/01_one/lesson.c"
    echo 'int parts;' >"$tree/lessons/01_one/parts.h"
}

# expect WHAT: the checker must accept the tree when WHAT is "", and otherwise refuse it and name WHAT.
expect() {
    out=$("$layers" "$tree" 2>&1)
    status=$?
    if [ -z "$1" ]; then
        [ $status -eq 0 ] && return
    else
        case $status$out in 1*"$1"*) return ;; esac
    fi
    echo "expected '${1:-no complaint}', got status $status: $out"
    failures=$((failures + 1))
}

# plant FILE LINE WHAT: adds the line to the file of a clean tree and expects WHAT.
plant() {
    clean_tree
    mkdir -p "$(dirname "$tree/$1")"
    printf '%s\n' "$2" >>"$tree/$1"
    expect "$3"
}

clean_tree
expect ''
plant src/base/error.c '#include "loop/loop.h"' 'src/base/error.c:1: src/base may not include loop/loop.h'
plant src/loop/loop.h '#include "model/model.h"' 'src/loop/loop.h:7: src/loop may not include model/model.h'
plant src/loop/loop.h '  #  include <port/port.h>' 'may not include port/port.h'
plant src/loop/loop.c '#include "../port/port.h"' 'may not include ../port/port.h'
plant src/loop/loop.c '#include "heddle.h"' 'may not include heddle.h'
plant visualizer/model/fold.c '#include "terminal/draw.h"' 'visualizer/model may not include terminal/draw.h'
plant visualizer/terminal/draw.c '#include "loop/loop.h"' 'visualizer/terminal may not include loop/loop.h'
plant visualizer/model/fold.c '#include <ncurses.h>' 'ncurses.h belongs to visualizer/terminal'
plant visualizer/model/fold.c '#include <ncursesw/curses.h>' 'curses.h belongs to visualizer/terminal'
plant src/loop/poll.c 'int n = epoll_wait(1, 0, 0, 0);' 'src/loop/poll.c:1: epoll_* belongs to src/base/os_'
plant src/loop/poll.c '/* a comment */ int n = nanosleep(0, 0);' 'nanosleep belongs to src/base/os_'
plant src/base/error.c 'int n = clock_gettime(0, 0);' 'clock_gettime belongs to src/base/os_'
plant src/extra/extra.c 'int extra;' 'layers.txt has no line for src/extra'
plant lessons/01_one/lesson.c '#include "loop/loop.h"' 'may not include loop/loop.h'
plant src/loop/loop.c '#include "gone.h"' 'may not include gone.h'

[ $failures -eq 0 ] && echo 'every planted violation was named'
exit $failures
