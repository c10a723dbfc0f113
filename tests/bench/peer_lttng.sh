#!/bin/sh
# peer_lttng.sh PROGRAM: runs the LTTng peer inside a flight-recorder session of its own and prints "<ns per event> <version>".
# Leaves no session, no daemon of its own and no file behind.
set -u
command -v lttng >/dev/null && command -v lttng-sessiond >/dev/null || exit 3
work=$(mktemp -d) || exit 3
session=heddle-bench-$$
# A daemon may be running already; then this one gives up and its file stays empty.
lttng-sessiond --daemonize --no-kernel --pidfile="$work/pid" >/dev/null 2>&1

clean_up() {
    lttng destroy $session >/dev/null 2>&1
    if [ -s "$work/pid" ]; then kill "$(cat "$work/pid")"; fi
    rm -rf "$work"
}
trap clean_up EXIT

lttng create $session --snapshot --output="$work/trace" >/dev/null 2>&1 || exit 3
lttng enable-event --session=$session --userspace heddle_bench:point >/dev/null 2>&1 || exit 3
lttng start $session >/dev/null 2>&1 || exit 3
ns=$("$1") || exit 3
echo "$ns LTTng-UST $(pkg-config --modversion lttng-ust)"
