// heddle doctor: what is there and what is missing, verb by verb, and what to do about it. One thread.
#include "base/error.h"
#include "cli/args.h"
#include "cli/kit.h"
#include "cli/node.h"
#include "cli/proc.h"
#include "cli/say.h"
#include "trace/live.h"

#include <jansson.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct exam {
  json_t *findings;
  bool broken; // something that every run needs is missing
};

// needed: without it nothing can be run. remedy is shown when it is not there.
static void find(struct exam *exam, const char *what, const char *verbs, bool there, bool needed,
                 const char *detail, const char *remedy)
{
  exam->broken |= needed && !there;
  (void)json_array_append_new(exam->findings, json_pack("{s:s, s:s, s:b, s:b, s:s, s:s}", "what", what, "for",
                                                        verbs, "there", there, "needed", needed, "detail",
                                                        detail, "remedy", there ? "" : remedy));
}

// The first line a program says about its version; "" when it is not there.
static void version_of(const struct hd_words *program, const char *flag, char *out, size_t cap)
{
  struct hd_words call = {0};
  struct hd_proc_result result = {.status = -1};
  out[0] = '\0';
  for (size_t i = 0; i < program->count; i++)
    hd_words_add(&call, "%s", program->list[i]);
  hd_words_add(&call, "%s", flag);
  const struct hd_proc_opts opts = {.argv = call.list, .limit_ns = UINT64_C(10000000000)};
  if (call.error == HD_OK && hd_proc_found(call.list[0]) && hd_proc_run(&result, &opts) == HD_OK &&
      result.status == 0)
    (void)snprintf(out, cap, "%.*s", (int)strcspn(result.text, "\n"), result.text);
  free(result.text);
  hd_words_free(&call);
}

static void find_program(struct exam *exam, const char *name, const char *flag, const char *verbs,
                         const char *remedy)
{
  struct hd_words program = {0};
  char version[160];
  hd_words_add(&program, "%s", name);
  version_of(&program, flag, version, sizeof version);
  find(exam, name, verbs, version[0] != '\0', false, version, remedy);
  hd_words_free(&program);
}

static void find_compiler(struct exam *exam)
{
  struct hd_words compiler = {0};
  char version[160];
  hd_kit_compiler(&compiler);
  version_of(&compiler, "--version", version, sizeof version);
  find(exam, "C compiler", "run check", version[0] != '\0', true, version,
       "install gcc, or set CC to the compiler you have");
  hd_words_free(&compiler);
}

static void find_folder(struct exam *exam, const char *what, enum hd_path_kind kind, const char *verbs,
                        const char *remedy)
{
  struct hd_path path;
  int rc = hd_path_home(&path, kind);
  bool there = rc == HD_OK && access(path.text, W_OK) == 0;
  find(exam, what, verbs, there, kind == HD_PATH_CACHE, there ? path.text : hd_error_text(rc), remedy);
}

static void examine(struct exam *exam)
{
  struct hd_kit kit;
  struct hd_path live;
  char node[48] = "";
  bool whole = hd_kit_find(&kit) == HD_OK;
  find(exam, "heddle's library", "run check", whole, true, kit.library.text, "build or install heddle again");
  find_compiler(exam);
  int rc = hd_live_folder(live.text, sizeof live.text);
  find(exam, "folder for live traces", "run watch", rc == HD_OK, true,
       rc == HD_OK ? live.text : hd_error_text(rc),
       "set XDG_RUNTIME_DIR to a folder of yours with mode 0700");
  find_folder(exam, "cache folder", HD_PATH_CACHE, "run check",
              "set XDG_CACHE_HOME to a folder that you may write to");
  find_folder(exam, "state folder", HD_PATH_STATE, "run replay check",
              "set XDG_STATE_HOME to a folder that you may write to");
  const char *term = getenv("TERM");
  find(exam, "terminal", "run watch replay", hd_say_on_terminal(), false, term ? term : "",
       "without one, runs are told in sentences; TERM must name your terminal");
  find(exam, "UTF-8 locale", "run watch replay", strcmp(nl_langinfo(CODESET), "UTF-8") == 0, false,
       nl_langinfo(CODESET), "set LANG to a UTF-8 locale such as C.UTF-8; until then --ascii is used");
  find(exam, "cmocka", "check test", hd_kit_has_header("cmocka.h"), false, "<cmocka.h>",
       "install libcmocka-dev");
  find(exam, "thread sanitizer", "check", hd_kit_has_tsan(), false, "-fsanitize=thread",
       "install libtsan, or set CC=clang");
  int version = hd_node_version();
  if (version > 0)
    (void)snprintf(node, sizeof node, "version %d", version);
  find(exam, "Node 20 or newer", "run --node", version >= HD_NODE_OLDEST, false, node,
       "install Node 20 or newer");
  find_program(exam, "cmake", "--version", "test bench", "install cmake");
  find_program(exam, "tmux", "-V", "test", "install tmux");
  find(exam, "window", "run --window", false, false, "", "this build of heddle has none; use the terminal");
}

static void tell(const struct exam *exam)
{
  size_t i;
  const json_t *one;
  json_array_foreach(exam->findings, i, one)
  {
    bool there = json_is_true(json_object_get(one, "there"));
    const char *detail = json_string_value(json_object_get(one, "detail"));
    (void)printf("%-8s %-24s %-18s %s\n", there ? "ok" : "missing",
                 json_string_value(json_object_get(one, "what")),
                 json_string_value(json_object_get(one, "for")),
                 there ? detail : json_string_value(json_object_get(one, "remedy")));
  }
  (void)printf("\nheddle %s: %s\n", hd_kit_version(),
               exam->broken ? "lessons cannot be run before the first of these is there"
                            : "lessons can be run");
}

int hd_cmd_doctor(const struct hd_args *args)
{
  struct exam exam = {.findings = json_array()};
  examine(&exam);
  if (hd_args_has(args, HD_FLAG_JSON)) {
    (void)json_dumpf(exam.findings, stdout, JSON_INDENT(1));
    (void)putchar('\n');
  } else {
    tell(&exam);
  }
  json_decref(exam.findings);
  return exam.broken ? HD_EXIT_CANNOT : HD_EXIT_OK;
}
