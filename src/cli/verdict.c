// Checking one exercise. The exit status of the test program decides; its TAP output only tells which test it
// was. One thread.
#include "cli/verdict.h"

#include "base/error.h"
#include "cli/allowed.h"
#include "cli/build.h"
#include "cli/proc.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 10.0       // a test program may take, if exercise.json says nothing else
#define SANITIZER_SLOWER 8 // times as long under the thread sanitizer
#define REPORT_STATUS 66   // what the thread sanitizer ends a program with that it has reported on
#define REPORT_LINES 40
#define OUTPUT_LARGEST ((size_t)1 << 20) // what hd_proc_run keeps

struct check {
  const struct hd_kit *kit;
  const struct hd_part *part;
  double seconds;
  bool json;
  json_t *tests; // for --json
  unsigned passed, failed;
  char reason[256]; // of a verdict other than passed
};

static int build(struct check *check, bool tsan, struct hd_path *program)
{
  static const char *const sources[] = {"exercise.c", "visible.c", NULL};
  char name[96];
  (void)snprintf(name, sizeof name, "%s%s", hd_part_name(check->part), tsan ? "_tsan" : "_check");
  const struct hd_build_opts opts = {.folder = check->part->path.text,
                                     .name = name,
                                     .edit = "exercise.c",
                                     .sources = sources,
                                     .libraries = "-lcmocka",
                                     .tsan = tsan,
                                     .quiet = tsan,
                                     .probe = tsan};
  return hd_build(program, check->kit, &opts);
}

static int run(struct check *check, const char *program, bool tsan, struct hd_proc_result *result)
{
  struct hd_path own;
  char tsan_options[160];
  // All that could hide a report is said here: these words win over what a program has built in.
  (void)snprintf(
      tsan_options, sizeof tsan_options,
      "TSAN_OPTIONS=exitcode=%d:halt_on_error=0:report_bugs=1:suppressions=:log_path=stderr:verbosity=0",
      REPORT_STATUS);
  const char *const env[] = {"CMOCKA_MESSAGE_OUTPUT=TAP", "HEDDLE_TRACE=off", tsan_options, NULL};
  int rc = hd_path_print(&own, "%s", program);
  if (rc != HD_OK)
    return rc;
  char *const call[] = {own.text, NULL};
  const struct hd_proc_opts opts = {.argv = call,
                                    .folder = check->part->path.text,
                                    .env = env,
                                    .keep_addresses = tsan,
                                    .limit_ns =
                                        (uint64_t)(check->seconds * (tsan ? SANITIZER_SLOWER : 1) * 1e9)};
  rc = hd_proc_run(result, &opts);
  if (rc == HD_OK)
    result->size = hd_say_clean(result->text, result->size);
  return rc;
}

static void tell_message(const char *text, size_t size)
{
  for (const char *at = text; at < text + size;) {
    size_t length = strcspn(at, "\n");
    (void)printf("         %.*s\n", (int)length - (length > 1 ? 2 : 0), at + (length > 1 ? 2 : 0));
    at += length + 1;
  }
}

static void tell_tests(struct check *check, const char *text)
{
  struct hd_tap_test test;
  while (hd_tap_next(&text, &test)) {
    check->passed += test.passed;
    check->failed += !test.passed;
    if (check->json) {
      (void)json_array_append_new(check->tests,
                                  json_pack("{s:s, s:b, s:s%}", "name", test.name, "passed", test.passed,
                                            "message", test.message ? test.message : "", test.message_size));
      continue;
    }
    (void)printf("  %s  %s\n", test.passed ? "yes" : "NO ", test.name);
    if (test.message)
      tell_message(test.message, test.message_size);
  }
}

static void explain_end(struct check *check, const struct hd_proc_result *result, const char *who)
{
  if (result->timed_out && result->stopped)
    (void)snprintf(check->reason, sizeof check->reason,
                   "%s was stopped by a signal and did not go on: does something raise SIGSTOP?", who);
  else if (result->timed_out)
    (void)snprintf(check->reason, sizeof check->reason,
                   "%s did not end in %.3g seconds: is there a deadlock, or a loop without end?", who,
                   check->seconds);
  else if (result->size >= OUTPUT_LARGEST)
    (void)snprintf(check->reason, sizeof check->reason,
                   "%s printed more than 1 MB, so the results are lost in it: print less", who);
  else if (result->signal)
    (void)snprintf(check->reason, sizeof check->reason, "%s crashed with signal %d (%s)", who, result->signal,
                   strsignal(result->signal));
  else
    (void)snprintf(check->reason, sizeof check->reason, "%s ended with exit status %d", who, result->status);
}

// The tests as a student sees them.
static int run_tests(struct check *check)
{
  struct hd_path program;
  struct hd_proc_result result;
  int rc =
      hd_allowed_check(check->kit, check->part->path.text, "exercise.c", check->reason, sizeof check->reason);
  if (rc != HD_OK)
    return hd_build_exit(rc);
  rc = build(check, false, &program);
  if (rc != HD_OK) {
    (void)snprintf(check->reason, sizeof check->reason, "it does not compile");
    return hd_build_exit(rc);
  }
  rc = run(check, program.text, false, &result);
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "cannot run the tests: %s", hd_error_text(rc));
  tell_tests(check, result.text);
  unsigned planned = hd_tap_planned(result.text), ran = check->passed + check->failed;
  int status = HD_EXIT_FAILED;
  if (result.interrupted)
    status = HD_EXIT_INTERRUPTED;
  else if (check->failed > 0 && !result.timed_out && !result.signal)
    (void)snprintf(check->reason, sizeof check->reason, "%u of %u tests fail", check->failed,
                   planned > ran ? planned : ran);
  else if (result.status != 0 || result.size >= OUTPUT_LARGEST)
    explain_end(check, &result, "the test program");
  else if (ran == 0 || ran < planned)
    (void)snprintf(check->reason, sizeof check->reason,
                   "only %u of %u tests ran: does something call exit()?", ran, planned);
  else
    status = HD_EXIT_OK;
  free(result.text);
  return status;
}

static void tell_report(const char *text)
{
  const char *at = strstr(text, "WARNING: ThreadSanitizer");
  for (int i = 0; at && *at && i < REPORT_LINES; i++) {
    size_t size = strcspn(at, "\n");
    if (strncmp(at, "====", 4) == 0 || strncmp(at, "  Location", 10) == 0 || strncmp(at, "  Thread", 8) == 0)
      return; // what follows tells where the threads and the memory came from
    (void)printf("         %.*s\n", (int)size, at);
    at += size + (at[size] == '\n');
  }
}

// The same tests once more, with every access watched.
static int run_sanitized(struct check *check)
{
  struct hd_path program;
  struct hd_proc_result result;
  int rc = build(check, true, &program);
  if (rc == HD_EINVAL)
    return hd_say(HD_EXIT_CANNOT, "the compiler has no thread sanitizer, so races cannot be looked for; "
                                  "install libtsan, or set CC=clang");
  if (rc != HD_OK)
    return hd_build_exit(rc);
  rc = run(check, program.text, true, &result);
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "cannot run the tests: %s", hd_error_text(rc));
  bool reported = strstr(result.text, "WARNING: ThreadSanitizer") != NULL || result.status == REPORT_STATUS;
  int status = HD_EXIT_FAILED;
  if (result.interrupted) {
    status = HD_EXIT_INTERRUPTED;
  } else if (strstr(result.text, "FATAL: ThreadSanitizer")) {
    status = hd_say(
        HD_EXIT_CANNOT,
        "the thread sanitizer does not run on this kernel; try CC=clang, or sysctl vm.mmap_rnd_bits=28");
  } else if (reported) {
    (void)snprintf(check->reason, sizeof check->reason,
                   "the tests pass, but two threads touch the same memory without order");
    if (!check->json) {
      (void)puts("  NO   nothing is touched by two threads at once (thread sanitizer)");
      tell_report(result.text);
    }
  } else if (result.status != 0) {
    explain_end(check, &result, "under the thread sanitizer the test program");
  } else {
    status = HD_EXIT_OK;
    if (!check->json)
      (void)puts("  yes  nothing is touched by two threads at once (thread sanitizer)");
  }
  free(result.text);
  return status;
}

static void tell_verdict(struct check *check, int status)
{
  if (check->json) {
    json_t *all = json_pack("{s:s, s:b, s:s, s:O}", "exercise", check->part->folder, "passed",
                            status == HD_EXIT_OK, "reason", check->reason, "tests", check->tests);
    (void)json_dumpf(all, stdout, JSON_INDENT(1));
    (void)putchar('\n');
    json_decref(all);
  } else if (status == HD_EXIT_OK) {
    (void)printf("PASSED: %u of %u tests, and the thread sanitizer found nothing.\n", check->passed,
                 check->passed);
  } else {
    size_t size = strlen(check->reason);
    bool asks = size > 0 && check->reason[size - 1] == '?';
    (void)printf("NOT YET: %s%s (heddle hint %s helps)\n", check->reason, asks ? "" : ".",
                 hd_part_name(check->part));
  }
}

static void store(const struct check *check, int status)
{
  int rc = hd_progress_add("exercises", check->part->folder, "tries", 1);
  if (rc >= 0 && status == HD_EXIT_OK)
    rc = hd_progress_set("exercises", check->part->folder, "passed", 1);
  if (rc < 0)
    (void)hd_say(0, "your progress is not kept: %s", hd_error_text(rc));
}

int hd_verdict_check(const struct hd_kit *kit, const struct hd_part *part, const json_t *info, bool json)
{
  struct check check = {.kit = kit, .part = part, .json = json, .tests = json_array()};
  check.seconds = hd_info_number(info, "time_limit", SECONDS);
  if (!(check.seconds > 0) || check.seconds > 3600)
    check.seconds = SECONDS;
  int status =
      hd_kit_has_header("cmocka.h")
          ? HD_EXIT_OK
          : hd_say(HD_EXIT_CANNOT,
                   "cmocka is missing; install libcmocka-dev (or run ./heddle check in the source tree)");
  if (status == HD_EXIT_OK && !json)
    (void)printf("%s: %s\n", part->folder, hd_info_text(info, "title", hd_part_name(part)));
  if (status == HD_EXIT_OK)
    status = run_tests(&check);
  if (status == HD_EXIT_OK)
    status = run_sanitized(&check);
  if (status == HD_EXIT_OK || status == HD_EXIT_FAILED) {
    tell_verdict(&check, status);
    store(&check, status);
  }
  json_decref(check.tests);
  return status;
}
