#!/bin/sh
# Tests the script `heddle` in a small tree, with a PATH on which the compiler, cmake, the package managers, sudo and id are
# fakes that note how they were called. Nothing is installed, nothing of the real tree is built.
set -u
script=$(cd "$(dirname "$0")/../.." && pwd)/heddle
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
tree=$work/tree fakes=$work/fakes calls=$work/calls failures=0
unset HEDDLE_BUILD CI

# fake NAME BODY: a command on the tests' PATH that notes its call and then does BODY.
fake() {
    printf '#!/bin/sh\necho "%s $*" >>"%s"\n%s\n' "$1" "$calls" "$2" >"$fakes/$1"
    chmod +x "$fakes/$1"
}

# A fresh tree with every package there, called by root on Debian. $work/lacks: the pkg-config modules that are missing.
new_tree() {
    rm -rf "$tree" "$fakes" "$calls" "$work/lacks"
    mkdir -p "$tree/src/base" "$tree/visualizer" "$tree/lessons" "$fakes"
    : >"$calls"
    : >"$work/lacks"
    cp "$script" "$tree/heddle"
    echo 'int x;' >"$tree/src/base/x.c"
    echo 'project(x)' >"$tree/CMakeLists.txt"
    touch -t 202001010000 "$tree/src/base/x.c" "$tree/src/base" "$tree/src" "$tree/visualizer" "$tree/CMakeLists.txt"
    for tool in sh dirname readlink mkdir chmod find head tail awk sed mv rm tee grep; do
        ln -s "$(command -v $tool)" "$fakes/$tool"
    done
    fake getconf 'echo 2'
    fake id 'echo 0'
    fake cc :
    fake make :
    fake tmux :
    fake ctest 'echo "100% tests passed"'
    fake pkg-config "! grep -qx \"\$2\" \"$work/lacks\""
    fake apt-get "case \$* in install*) : >\"$work/lacks\" ;; esac"
    # shellcheck disable=SC2016
    fake cmake 'case $1 in --build)
        echo "[ 50%] Building"
        printf "%s\n" "#!/bin/sh" "echo \"program \$*\"" "exit 7" >"$2/heddle" && chmod +x "$2/heddle" ;; esac'
}

# Runs the script without a terminal; $out is what it said, $status its exit status.
heddle() {
    out=$(PATH=$fakes "$tree/heddle" "$@" 2>&1 </dev/null)
    status=$?
}

# The same in a terminal where somebody types $1.
heddle_on_terminal() {
    typed=$1
    shift
    out=$(echo "$typed" | PATH=$fakes:$PATH script -qec "env PATH=$fakes $tree/heddle $*" /dev/null)
    status=$?
}

wrong() {
    echo "$name: $1 (exit status $status)"
    printf '%s\n' "$out" | sed 's/^/    /'
    sed 's/^/    called: /' "$calls"
    failures=$((failures + 1))
}
says() { case $out in *"$1"*) ;; *) wrong "does not say '$1'" ;; esac; }
exits() { [ "$status" -eq "$1" ] || wrong "should exit with $1"; }
called() { grep -qxF -- "$1" "$calls" || wrong "did not call '$1'"; }
not_called() { if grep -q "^$1" "$calls"; then wrong "called '$1'"; fi; }
# Forgets the calls so far and makes the last build older than whatever is edited from now on.
later() { : >"$calls"; touch -t 202001020000 "$tree/build/.heddle-built"; }

name='the first call builds and runs the program with its arguments and its exit status'; new_tree
heddle run 21 --plain
says 'program run 21 --plain'; exits 7; says "building in $tree/build"
called "cmake -S $tree -B $tree/build"
called "cmake --build $tree/build --parallel 2 --target heddle heddle_runtime"; not_called apt-get

name='the second call does not call cmake'; later
heddle run 21
says 'program run 21'; exits 7; not_called cmake; not_called pkg-config

name='an edited source is built again'; later
echo 'int y;' >>"$tree/src/base/x.c"
heddle list; called "cmake -S $tree -B $tree/build"; says 'program list'
later; touch -t 202001010000 "$tree/src/base/x.c" "$tree/src/base"
heddle list; not_called cmake

name='a new source file is built'; later
touch -t 202001010000 "$tree/src/base/y.c"
heddle list; called "cmake -S $tree -B $tree/build"

name='a removed source file is noticed'; later
touch -t 202001010000 "$tree/src/base"
heddle list; not_called cmake
rm "$tree/src/base/y.c"
heddle list; called "cmake -S $tree -B $tree/build"

name='an edited lesson is not the script'\''s business'; later
touch -t 202001010000 "$tree/src/base"
echo x >"$tree/lessons/lesson.c"
heddle run 1; not_called cmake

name='--yes is the script'\''s, except behind --'
heddle --yes run 1 --yes -- --yes; says 'program run 1 -- --yes'

name='root without a terminal installs what is missing, and nothing else'; new_tree
printf '%s\n' md4c libdw cmocka >"$work/lacks"
heddle list; exits 7
called 'apt-get install -y --no-install-recommends libmd4c-dev libdw-dev'; not_called 'apt-get update'

name='package lists that are absent are fetched, then it installs'; new_tree
echo md4c >"$work/lacks"
fake apt-get "case \$* in update) : >\"$work/lists\" ;; *) [ -e \"$work/lists\" ] && : >\"$work/lacks\" ;; esac"
heddle list; exits 7; called 'apt-get update'; rm "$work/lists"

name='a failed installation shows the log'\''s end and the command'; new_tree
echo md4c >"$work/lacks"
fake apt-get 'echo "E: no network"; exit 100'
heddle list; exits 3; says 'E: no network'; says "$tree/build/install.log"; says 'apt-get install -y'; not_called cmake

name='check wants cmocka even when the program is built'; new_tree
heddle list
later; echo cmocka >"$work/lacks"
heddle check 5; exits 7; called 'apt-get install -y --no-install-recommends libcmocka-dev'; not_called cmake

name='bench builds the benchmarks and wants its peers'; new_tree
echo libuv >"$work/lacks"
heddle bench --json; exits 7; says 'program bench --json'
called 'apt-get install -y --no-install-recommends libuv1-dev'
called "cmake --build $tree/build --parallel 2 --target heddle heddle_runtime heddle_bench"

name='somebody without rights is told what root must run'; new_tree
fake id 'echo 1000'
echo md4c >"$work/lacks"
heddle list; exits 3; says 'as root run: apt-get install -y --no-install-recommends libmd4c-dev'
not_called apt-get; not_called cmake

name='without a terminal sudo is used only with --yes'; new_tree
fake id 'echo 1000'
# shellcheck disable=SC2016
fake sudo 'case $1 in -n) ;; *) "$@" ;; esac'
echo md4c >"$work/lacks"
heddle list; exits 3; says 'run: sudo apt-get install -y'; not_called apt-get
heddle --yes list; exits 7; called 'sudo apt-get install -y --no-install-recommends libmd4c-dev'

name='without rights and with everything there it just runs'; new_tree
fake id 'echo 1000'
heddle list; exits 7

for each in 'dnf install -y md4c-devel elfutils-devel' 'pacman -S --needed --noconfirm md4c libelf' 'brew install md4c elfutils'; do
    name="the names for ${each%% *}"; new_tree
    rm "$fakes/apt-get"
    fake "${each%% *}" ": >\"$work/lacks\""
    printf '%s\n' md4c libdw >"$work/lacks"
    heddle list; exits 7; called "$each"
done

name='a system with no package manager we know'; new_tree
rm "$fakes/apt-get"
echo md4c >"$work/lacks"
heddle list; exits 3; says 'libmd4c-dev'

if command -v script >/dev/null; then
    name='on a terminal it asks, and no means no'; new_tree
    echo md4c >"$work/lacks"
    heddle_on_terminal n list; exits 3; says '[Y/n]'; not_called apt-get; not_called cmake
    name='on a terminal it asks, and Enter means yes'
    heddle_on_terminal '' list; exits 7; says 'heddle needs libmd4c-dev'; called 'apt-get install -y --no-install-recommends libmd4c-dev'
    name='on a terminal --yes asks nothing'; new_tree
    echo md4c >"$work/lacks"
    heddle_on_terminal n --yes list; exits 7
    case $out in *'[Y/n]'*) wrong 'asked' ;; esac
fi

name='a failed build shows the log'\''s end and its place'; new_tree
# shellcheck disable=SC2016
fake cmake 'case $1 in --build) echo "x.c:1: error: no"; exit 2 ;; esac'
heddle list; exits 3; says 'x.c:1: error: no'; says "$tree/build/build.log"
heddle list; exits 3  # and it is not taken for built

name='test builds everything and runs the tests without soak'; new_tree
printf '%s\n' cmocka >"$work/lacks"
heddle test; exits 0; says '100% tests passed'
called 'apt-get install -y --no-install-recommends libcmocka-dev'
called "cmake --build $tree/build --parallel 2 --target all"
called "ctest --test-dir $tree/build --output-on-failure --parallel 2 -LE soak"
heddle --yes test -R unit; called "ctest --test-dir $tree/build --output-on-failure --parallel 2 -LE soak -R unit"
heddle test -- -j 1; called "ctest --test-dir $tree/build --output-on-failure --parallel 2 -LE soak -j 1"
heddle test --help; exits 7; says 'program test --help'
heddle test -L soak; called "ctest --test-dir $tree/build --output-on-failure --parallel 2 -L soak"

name='red tests give exit status 1'
fake ctest 'exit 8'
heddle test; exits 1

name='a tree that was moved is configured anew'; new_tree
mkdir "$tree/build"
echo 'CMAKE_HOME_DIRECTORY:INTERNAL=/somewhere/else' >"$tree/build/CMakeCache.txt"
heddle list; exits 7
[ ! -e "$tree/build/CMakeCache.txt" ] || wrong 'kept the old cache'
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$tree" >"$tree/build/CMakeCache.txt"
rm "$tree/build/heddle"
heddle list
[ -e "$tree/build/CMakeCache.txt" ] || wrong 'threw a good cache away'

name='HEDDLE_BUILD says where'; new_tree
export HEDDLE_BUILD="$work/elsewhere"
heddle list; exits 7; called "cmake -S $tree -B $work/elsewhere"
HEDDLE_BUILD=$tree/CMakeLists.txt/no
heddle list; exits 3; says 'HEDDLE_BUILD'
unset HEDDLE_BUILD

name='it may be called through a symbolic link, from anywhere'; new_tree
ln -s "$tree/heddle" "$work/link"
out=$(cd / && PATH=$fakes "$work/link" list 2>&1 </dev/null); status=$?
exits 7; called "cmake -S $tree -B $tree/build"

[ $failures -eq 0 ] && echo 'the script does what it says'
exit $failures
