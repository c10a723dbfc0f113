#!/bin/sh
# check: as shipped an exercise fails, a race that the tests miss fails, a right solution passes; hang, crash and early exit are no pass.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"
grep -q '^HEDDLE_SANITIZE:STRING=$' "$build/CMakeCache.txt" || exit 77  # two sanitizers do not go together

mkdir -p course/exercises/01_flag course/exercises/02_other
echo '{"starters": {}}' >course/.heddle
cd course/exercises/01_flag || exit 2
cat >visible.c <<'EOF'
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
int answer(void);
void touch(void);
static void *touches(void *data) { touch(); return data; }
static void the_answer_is_42(void **state) { (void)state; assert_int_equal(answer(), 42); }
static void two_threads_may_touch(void **state)
{
  pthread_t thread;
  (void)state;
  assert_int_equal(pthread_create(&thread, NULL, touches, NULL), 0);
  touch();
  pthread_join(thread, NULL);
}
int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_answer_is_42), cmocka_unit_test(two_threads_may_touch)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
EOF
printf '{"title": "A flag", "time_limit": 2}' >exercise.json
printf '# Hints\n\n## Hint 1\n\nThink.\n\n## Hint 2\n\nThink *again*.\n' >hints.md
write() { printf '%s\n' "$1" >exercise.c; }

write 'int answer(void) { return 41; } void touch(void) {}'
expect 1 "$heddle" check flag; says out 'NO   the answer is 42'; says out 'yes  two threads may touch'; says out 'NOT YET: 1 of 2 tests fail'
write 'static int n; int answer(void) { return 42; } void touch(void) { n++; }'
expect 1 "$heddle" check 1; says out 'thread sanitizer'; says out 'data race'; says out 'NOT YET: '
write '#include <stdatomic.h>
static atomic_int n; int answer(void) { return 42; } void touch(void) { n++; }'
expect 0 "$heddle" check 01_flag; is_silent; says out 'PASSED: 2 of 2 tests'
expect 0 "$heddle" check flag --json; says out '"passed": true'
expect 0 "$heddle" list; says out 'passed'

write 'int answer(void) { for (volatile int i = 0;; i++) {} } void touch(void) {}'
expect 1 "$heddle" check flag; says out 'did not end in 2 seconds'
write 'int answer(void) { return *(volatile int *)0; } void touch(void) {}'
expect 1 "$heddle" check flag; says out 'NOT YET: '
write '#include <stdlib.h>
int answer(void) { exit(0); } void touch(void) {}'
expect 1 "$heddle" check flag; says out 'only 0 of 2 tests ran'
says out 'exit()? ('

# What would blind the thread sanitizer, or take the place of the tests, is named and refused.
race='static int n; int answer(void) { return 42; } void touch(void) { n++; }'
forbids() {
    write "$1"
    expect 1 "$heddle" check flag
    says out "$2"
    ! grep -q 'PASSED' "$work/out" || fail "it passes: $1"
}
forbids "$race const char *__tsan_default_options(void) { return \"report_bugs=0\"; }" 'line 1 uses __tsan_default_options'
forbids "$race const char *hidden(void) __asm__(\"__tsan_default_suppressions\");
const char *hidden(void) { return \"race:*\"; }" 'it defines __tsan_default_suppressions'
forbids '#define NO(a) no_##a
static int n; int answer(void) { return 42; }
__attribute__((NO(sanitize)("thread"))) void touch(void) { n++; }' 'line 3 uses no_sanitize'
forbids 'static int n; int answer(void) { return 42; }
__attribute__((__no_sanitize_thread__)) void touch(void) { n++; }' 'line 2 uses __no_sanitize_thread__'
forbids 'static int n; int answer(void) { return 42; }
void touch(void) { __asm__ volatile("incl %0" : "+m"(n)); }' 'line 2 uses __asm__'
forbids '#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define KIND _Atomic
#else
#define KIND
#endif
static KIND int n; int answer(void) { return 42; } void touch(void) { n++; }' 'another program'
forbids "$race __attribute__((weak)) int main(void) { return 0; }" 'it defines main'
forbids "$race void _assert_true(void) {}" 'it defines _assert_true'
write '#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <semaphore.h>
static atomic_int n; int answer(void) { puts("no_sanitize __tsan_x asm"); return 42; } void touch(void) { n++; }'
expect 0 "$heddle" check flag; says out 'PASSED'

# What it prints cannot hide the results without a word, nor reach the terminal raw; one that stops is told so.
write '#include <stdio.h>
int answer(void) { for (int i = 0; i < 3000000; i++) puts("much to tell, and none of it helps"); return 42; } void touch(void) {}'
expect 1 "$heddle" check flag; says out 'more than 1 MB'
write '#include <signal.h>
int answer(void) { raise(SIGSTOP); return 42; } void touch(void) {}'
expect 1 "$heddle" check flag; says out 'was stopped'

# What left the process group goes with it.
if [ "$(uname)" = Linux ]; then
    write '#include <unistd.h>
int answer(void) { if (fork() == 0) { setsid(); if (fork() == 0) { execlp("sleep", "sleep", "98.7654", (char *)0); } _exit(0); } return 41; }
void touch(void) {}'
    expect 1 "$heddle" check flag
    ! pgrep -f 'sleep 98.7654' >/dev/null || fail 'an orphan runs on'
fi

write 'int answer(void) { return 42 } void touch(void) {}'
expect 1 "$heddle" check flag; says err 'error:'; says err 'exercise.c line 1'; says out 'NOT YET: it does not compile'
! pgrep -f "$XDG_CACHE_HOME" >/dev/null || fail 'a test program runs on'
expect 0 "$heddle" list; says out 'passed'

# Without a name: the folder one stands in; elsewhere the first that has not passed.
write 'int answer(void) { return 41; } void touch(void) {}'
expect 1 "$heddle" check; says out '01_flag'
cp visible.c ../02_other/visible.c
echo 'int answer(void) { return 40; } void touch(void) {}' >../02_other/exercise.c
cd "$work/course" || exit 2
expect 1 "$heddle" check; says out '02_other'

# One hint more each time, and after the last the last.
expect 0 "$heddle" hint flag; says out 'Hint 1 of 2'; says out 'Think.'
expect 0 "$heddle" hint flag; says out 'Hint 2 of 2'
expect 0 "$heddle" hint 1;    says out 'Hint 2 of 2'; says out 'the last one'
refuses 3 "$heddle" hint other; says err 'has no hints'

# --watch checks again when a file changes, until Ctrl-C.
env --default-signal=INT "$heddle" check flag --watch >"$work/out" 2>"$work/err" </dev/null &
viewer=$!
until_true grep -q 'NOT YET' "$work/out"
cd exercises/01_flag || exit 2
write 'int answer(void) { return 42; } void touch(void) {}'
until_true grep -q 'PASSED' "$work/out"
kill -INT $viewer
wait $viewer
[ $? -eq 130 ] || fail 'Ctrl-C does not end it with 130'
nothing_left
