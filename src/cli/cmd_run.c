// heddle run: builds a lesson, asks for a prediction, runs it under a viewer, and shows what came of the
// prediction. Every way out ends the lesson's process group and leaves no file behind but the recording. One
// thread.
#include "base/error.h"
#include "cli/build.h"
#include "cli/editor.h"
#include "cli/interrupt.h"
#include "cli/node.h"
#include "cli/outcome.h"
#include "cli/predict.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/start.h"
#include "cli/times.h"
#include "cli/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run {
  const struct hd_args *args;
  struct hd_kit kit;
  struct hd_course course;
  struct hd_part part;
  json_t *info;
  json_t *answers; // to the lesson's questions; NULL: not asked yet
  enum hd_view view;
  struct hd_path program;
  struct hd_words argv;
  struct hd_view_end end;
  bool left; // the person wants no more
};

// The lesson's arguments: those behind --, else those of lesson.json.
static int list_arguments(struct run *run)
{
  size_t i;
  const json_t *word;
  hd_words_free(&run->argv);
  hd_words_add(&run->argv, "%s", run->program.text);
  for (i = 0; i < run->args->rest_count; i++)
    hd_words_add(&run->argv, "%s", run->args->rest[i]);
  if (!run->args->rest) {
    json_array_foreach(json_object_get(run->info, "args"), i, word)
    {
      if (json_is_string(word))
        hd_words_add(&run->argv, "%s", json_string_value(word));
    }
  }
  return run->argv.error == HD_OK ? HD_EXIT_OK : hd_say(HD_EXIT_CANNOT, "out of memory");
}

static int build(struct run *run)
{
  const struct hd_build_opts opts = {
      .folder = run->part.path.text, .name = hd_part_name(&run->part), .edit = "lesson.c", .lesson = true};
  int rc = hd_build(&run->program, &run->kit, &opts);
  return rc == HD_OK ? list_arguments(run) : hd_build_exit(rc);
}

static int ask(struct run *run)
{
  if (run->answers || run->view != HD_VIEW_TERMINAL || hd_args_has(run->args, HD_FLAG_SKIP_QUESTIONS))
    return HD_EXIT_OK;
  int rc = hd_predict_ask(run->part.folder, run->info, &run->answers);
  if (rc == HD_OK)
    return HD_EXIT_OK;
  if (rc != HD_ECANCELED)
    return hd_say(HD_EXIT_CANNOT, "cannot ask: %s", hd_error_text(rc));
  run->left = true;
  return hd_interrupted() ? HD_EXIT_INTERRUPTED : HD_EXIT_OK;
}

static struct hd_session_opts session_opts(const struct run *run)
{
  const struct hd_args *args = run->args;
  struct hd_session_opts opts = {
      .program = run->program.text, .argv = run->argv.list, .lesson = run->part.folder};
  opts.record = args->value[HD_FLAG_RECORD];
  opts.step = hd_args_has(args, HD_FLAG_STEP);
  opts.speed = hd_args_has(args, HD_FLAG_SPEED) ? args->number[HD_FLAG_SPEED] : 1;
  opts.seeded = hd_args_has(args, HD_FLAG_SEED);
  opts.seed = (uint64_t)args->number[HD_FLAG_SEED];
  return opts;
}

static void tell_predictions(struct run *run, hd_log *log)
{
  hdv_model *model;
  if (!run->answers || json_object_size(run->answers) == 0 || hd_outcome_fold(&model, log) != HD_OK)
    return;
  hd_predict_tell(run->part.folder, run->info, run->answers, model, stdout);
  hdv_model_close(model);
}

// The exit status that the lesson's own end deserves; in the terminal the reason is told, the plain mode has
// told it already.
static int judge(const struct run *run, const hd_session *session)
{
  int status, signal_number;
  if (hd_session_tell_crowded(session) != HD_EXIT_OK)
    return HD_EXIT_CANNOT;
  if (!hd_session_ended(session, &status, &signal_number) || (status == 0 && signal_number == 0))
    return HD_EXIT_OK;
  if (run->view == HD_VIEW_TERMINAL && signal_number)
    (void)hd_say(0, "the lesson was ended by signal %d (%s)", signal_number, hd_signal_word((uint64_t)signal_number));
  else if (run->view == HD_VIEW_TERMINAL)
    (void)hd_say(0, "the lesson ended with exit status %d", status);
  return HD_EXIT_FAILED;
}

static int run_once(struct run *run)
{
  hd_session *session;
  const struct hd_session_opts opts = session_opts(run);
  run->end = (struct hd_view_end){.how = HDV_END_QUIT};
  int status = hd_session_start(&session, &opts);
  if (status != HD_EXIT_OK)
    return status;
  if (hd_progress_add("lessons", run->part.folder, "runs", 1) < 0)
    (void)hd_say(0, "your progress is not kept; set XDG_STATE_HOME to a folder that you may write to");
  if (run->view == HD_VIEW_TERMINAL)
    status = hd_view_terminal(run->args, run->part.folder, hd_session_log(session), session, 0, &run->end);
  else
    status = hd_view_plain(session, opts.step);
  if (status == HD_EXIT_OK) {
    status = judge(run, session);
    if (run->end.how == HDV_END_QUIT)
      tell_predictions(run, hd_session_log(session));
  }
  int closed = hd_session_close(session);
  return status == HD_EXIT_OK && closed != HD_OK ? HD_EXIT_CANNOT : status;
}

// Opens the editor at the line that was shown; when it cannot, the run ends with the reason.
static int edit(struct run *run)
{
  struct hd_path file;
  const char *name = run->end.file[0] ? hd_path_last(run->end.file) : "lesson.c";
  if (hd_path_print(&file, "%s/%s", run->part.path.text, name) != HD_OK || !hd_path_is_file(file.text)) {
    run->end.line = 0;
    (void)hd_path_print(&file, "%s/lesson.c", run->part.path.text);
  }
  return hd_editor_open(file.text, run->end.line);
}

// After an edit that does not compile: again, or leave?
static bool again(void)
{
  char line[16];
  (void)fputs("Enter edits again, q leaves: ", stdout);
  (void)fflush(stdout);
  return fgets(line, sizeof line, stdin) && line[0] != 'q' && !hd_interrupted();
}

static int run_until_left(struct run *run)
{
  int status = build(run);
  for (;;) {
    if (status == HD_EXIT_OK)
      status = ask(run);
    if (status != HD_EXIT_OK || run->left)
      return status;
    status = run_once(run);
    if (hd_interrupted() || run->end.how == HDV_END_QUIT || run->end.how == HDV_END_SIGNAL)
      return status;
    if (run->end.how == HDV_END_RESTART) {
      status = HD_EXIT_OK;
      continue;
    }
    do {
      status = edit(run);
      if (status != HD_EXIT_OK)
        return status;
      status = build(run);
    } while (status == HD_EXIT_FAILED && again());
  }
}

static int check_flags(struct run *run)
{
  const struct hd_args *args = run->args;
  bool times = hd_args_has(args, HD_FLAG_TIMES);
  if (hd_args_has(args, HD_FLAG_STEP) && hd_args_has(args, HD_FLAG_SPEED))
    return hd_say(HD_EXIT_USAGE, "choose --step or --speed: a stepped program has no speed");
  if (times && (hd_args_has(args, HD_FLAG_TERMINAL) || hd_args_has(args, HD_FLAG_RECORD)))
    return hd_say(HD_EXIT_USAGE, "--times shows one table; leave --terminal and --record out");
  if (hd_args_has(args, HD_FLAG_JSON) && !times)
    return hd_say(HD_EXIT_USAGE, "--json belongs to --times N; a recording is kept with --record FILE");
  if (hd_args_has(args, HD_FLAG_NODE) &&
      (times || hd_args_has(args, HD_FLAG_STEP) || hd_args_has(args, HD_FLAG_RECORD)))
    return hd_say(HD_EXIT_USAGE,
                  "--node runs the lesson in Node itself, where heddle cannot step or record it");
  return hd_view_choose(args, &run->view);
}

static int dispatch(struct run *run)
{
  const struct hd_args *args = run->args;
  int status = check_flags(run);
  if (status == HD_EXIT_OK)
    status = hd_start_part(&run->kit, &run->course, HD_PART_LESSON, args->words[0], &run->part, &run->info);
  if (status != HD_EXIT_OK)
    return status;
  if (hd_args_has(args, HD_FLAG_NODE))
    return hd_node_run(&run->part, args->rest, args->rest_count);
  if (!hd_args_has(args, HD_FLAG_TIMES))
    return run_until_left(run);
  status = build(run);
  const struct hd_session_opts opts = session_opts(run);
  return status != HD_EXIT_OK
             ? status
             : hd_times_run(&opts, (unsigned)args->number[HD_FLAG_TIMES], hd_args_has(args, HD_FLAG_JSON));
}

int hd_cmd_run(const struct hd_args *args)
{
  struct run *run = calloc(1, sizeof *run);
  if (!run)
    return hd_say(HD_EXIT_CANNOT, "out of memory");
  run->args = args;
  int status = dispatch(run);
  json_decref(run->answers);
  json_decref(run->info);
  hd_words_free(&run->argv);
  hd_course_close(&run->course);
  free(run);
  return status;
}
