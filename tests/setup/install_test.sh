#!/bin/sh
# install_test.sh BUILD: installs the build into a temporary prefix, builds a program outside the tree with what pkg-config
# says, and runs it and the installed heddle. Skipped (77) where the build cannot be used outside: sanitizers.
set -u
build=$1
here=$(cd "$(dirname "$0")" && pwd)
grep -q '^HEDDLE_SANITIZE:STRING=$' "$build/CMakeCache.txt" || exit 77
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

fail() { echo "$*"; exit 1; }

cmake --install "$build" --prefix "$prefix" >"$work/log" 2>&1 || { cat "$work/log"; fail 'the installation failed'; }
for file in bin/heddle share/man/man1/heddle.1 include/heddle/heddle.h share/heddle/lessons share/heddle/exercises; do
    [ -e "$prefix/$file" ] || fail "$file was not installed"
done

pc=$(find "$prefix" -name heddle.pc)
[ -n "$pc" ] || fail 'heddle.pc was not installed'
export PKG_CONFIG_PATH="${pc%/*}"
cp "$here/outside.c" "$work/outside.c"
cd "$work" || exit 2
# shellcheck disable=SC2046  # flags are words
cc -std=c11 -Wall -Wextra -Werror -o outside outside.c $(pkg-config --cflags --libs heddle) || fail 'the program does not build'
out=$(./outside) || fail "the program fails: $out"
[ "$out" = 'one two three' ] || fail "the program prints: $out"

# No header of ours is found by luck in the source tree, and nothing installed names it.
case $(pkg-config --cflags --libs heddle) in *"${here%/tests/setup}"*) fail 'heddle.pc points into the source tree' ;; esac

out=$(cd / && XDG_CACHE_HOME=$work XDG_STATE_HOME=$work XDG_CONFIG_HOME=$work "$prefix/bin/heddle" list </dev/null) ||
    fail "the installed heddle fails: $out"
case $out in *worker_pool*) ;; *) fail "the installed heddle lists: $out" ;; esac
echo 'the installed copy works'
