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
