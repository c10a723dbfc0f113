// What an exercise may not contain: the source as the preprocessor leaves it, and the names its object
// defines. The thread sanitizer must see the same program that the tests run: both texts are compared. One
// thread.
#include "cli/allowed.h"

#include "base/error.h"
#include "cli/file.h"
#include "cli/proc.h"
#include "cli/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE UINT64_C(60000000000)
#define OUTPUT_LARGEST ((size_t)1 << 20) // what hd_proc_run keeps

struct look {
  const struct hd_kit *kit;
  const char *folder, *source;
  struct hd_path aside; // our folder in the cache
  char *reason;
  size_t cap;
};

// Runs the call, which it frees. 1: it ended well; 0: it did not; HD_ECANCELED; or told. text may be NULL.
static int run(struct hd_words *call, const char *folder, char **text)
{
  // Two texts of one source are compared: the time may not stand in them.
  static const char *const env[] = {"SOURCE_DATE_EPOCH=1", NULL};
  struct hd_proc_result result = {.status = -1};
  const struct hd_proc_opts opts = {.argv = call->list, .folder = folder, .env = env, .limit_ns = PATIENCE};
  int rc = call->error != HD_OK ? call->error : hd_proc_run(&result, &opts);
  if (rc != HD_OK)
    (void)hd_say(rc, "cannot look at the exercise: %s", hd_error_text(rc));
  else if (result.timed_out)
    rc = hd_say(HD_ETIMEOUT, "cannot look at the exercise: the compiler did not end in a minute");
  else
    rc = result.interrupted ? HD_ECANCELED : result.status == 0 && (!text || result.size < OUTPUT_LARGEST);
  if (rc == 1 && text)
    *text = result.text;
  else
    free(result.text);
  hd_words_free(call);
  return rc;
}

// As hd_build calls it.
static int compile(const struct look *look, const char *what, bool tsan, const char *target)
{
  struct hd_words call = {0};
  hd_kit_compiler(&call);
  hd_words_split(&call,
                 "-std=c11 -D_GNU_SOURCE -g -O2 -fno-optimize-sibling-calls -fno-omit-frame-pointer -w");
  hd_words_add(&call, "-I%s", look->kit->include.text);
  hd_words_split(&call, tsan ? "-fsanitize=thread" : HEDDLE_LESSON_FLAGS);
  hd_words_split(&call, what);
  hd_words_add(&call, "-o");
  hd_words_add(&call, "%s", target);
  hd_words_add(&call, "%s", look->source);
  return run(&call, look->folder, NULL);
}

static int preprocess(const struct look *look, bool tsan, char **text)
{
  struct hd_path target;
  int rc = hd_path_print(&target, "%s/%s.i", look->aside.text, tsan ? "tsan" : "plain");
  if (rc == HD_OK)
    rc = compile(look, "-E", tsan, target.text);
  if (rc != 1)
    return rc;
  size_t size = 0;
  rc = hd_file_read(target.text, text, &size);
  if (rc == HD_OK && strlen(*text) == size)
    return 1;
  (void)snprintf(look->reason, look->cap,
                 rc == HD_OK ? "%s has a byte in it that no text has" : "%s is too large", look->source);
  if (rc == HD_OK) {
    free(*text);
    *text = NULL;
  }
  return HD_EINVAL;
}

static int look_at_text(const struct look *look)
{
  char *plain = NULL, *tsan = NULL;
  int rc = preprocess(look, true, &tsan);
  if (rc == 1)
    rc = preprocess(look, false, &plain);
  if (rc == 1 &&
      (!hd_allowed_text(tsan, look->reason, look->cap) || !hd_allowed_text(plain, look->reason, look->cap)))
    rc = HD_EINVAL;
  if (rc == 1 && strcmp(plain, tsan) != 0) {
    (void)snprintf(look->reason, look->cap,
                   "%s is another program under the thread sanitizer, which is not allowed", look->source);
    rc = HD_EINVAL;
  }
  free(plain);
  free(tsan);
  return rc;
}

static int look_at_symbols(const struct look *look)
{
  struct hd_path object;
  struct hd_words call = {0};
  char *text = NULL;
  const char *nm = hd_proc_found("nm") ? "nm" : "llvm-nm";
  int rc = hd_path_print(&object, "%s/tsan.o", look->aside.text);
  if (rc == HD_OK)
    rc = compile(look, "-c", true, object.text);
  if (rc != 1)
    return rc;
  if (!hd_proc_found(nm))
    return hd_say(HD_ENOENT,
                  "nm is missing, so the names of the exercise cannot be looked at; install binutils");
  hd_words_add(&call, "%s", nm);
  hd_words_add(&call, "-P");
  hd_words_add(&call, "%s", object.text);
  rc = run(&call, look->folder, &text);
  if (rc == 0) {
    (void)snprintf(look->reason, look->cap, "the names of %s could not be read", look->source);
    return HD_EINVAL;
  }
  if (rc == 1 && !hd_allowed_symbols(text, look->reason, look->cap))
    rc = HD_EINVAL;
  free(text);
  return rc;
}

int hd_allowed_check(const struct hd_kit *kit, const char *folder, const char *source, char *reason,
                     size_t cap)
{
  struct look look = {.kit = kit, .folder = folder, .source = source, .reason = reason, .cap = cap};
  struct hd_path cache;
  int rc = hd_path_home(&cache, HD_PATH_CACHE);
  if (rc == HD_OK) // a name that hd_build sweeps when we are killed
    rc = hd_path_print(&look.aside, "%s/look-%ld.%ld", cache.text, (long)getpid(), (long)getpid());
  if (rc == HD_OK)
    rc = hd_path_make(look.aside.text);
  if (rc != HD_OK)
    return hd_say(rc == HD_EINVAL ? HD_ESYS : rc,
                  "cannot write to the cache: %s; set XDG_CACHE_HOME to a folder that you may write to",
                  hd_error_text(rc));
  rc = look_at_text(&look);
  if (rc == 1)
    rc = look_at_symbols(&look);
  hd_path_remove(look.aside.text);
  return rc >= 0 ? HD_OK : rc; // what does not compile is told by the build
}
