// heddle replay: shows a recording again. One thread.
#include "base/error.h"
#include "cli/editor.h"
#include "cli/interrupt.h"
#include "cli/say.h"
#include "cli/teller.h"
#include "cli/view.h"

#include <stdio.h>
#include <string.h>

static int open_recording(const struct hd_args *args, struct hd_path *path, hd_log **log)
{
  int rc;
  if (args->word_count > 0)
    rc = hd_path_print(path, "%s", args->words[0]);
  else
    rc = hd_session_last(path);
  if (rc == HD_OK)
    rc = hd_log_open(log, path->text);
  if (rc == HD_OK)
    return HD_EXIT_OK;
  if (args->word_count == 0 && rc == HD_ENOENT)
    return hd_say(HD_EXIT_USAGE,
                  "there is no last run yet; make one with heddle run 21, or name a recording");
  int status = rc == HD_ENOMEM || rc == HD_ENOSPC || rc == HD_ESYS ? HD_EXIT_CANNOT : HD_EXIT_USAGE;
  return hd_say(status, "cannot replay %s: %s", path->text, hd_error_text(rc));
}

static int tell(const struct hd_args *args, hd_log *log)
{
  hd_teller *teller;
  int rc = hd_teller_open(&teller, log, stdout);
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "cannot tell it: %s", hd_error_text(rc));
  if (hd_args_has(args, HD_FLAG_AT))
    rc = hd_teller_at(teller, (uint64_t)args->number[HD_FLAG_AT]);
  else
    rc = hd_teller_finish(teller);
  hd_teller_close(teller);
  if (rc == HD_EINVAL)
    return hd_say(HD_EXIT_USAGE, "the recording has %llu steps; --at %s is behind its end",
                  (unsigned long long)hd_log_steps(log), args->value[HD_FLAG_AT]);
  return rc == HD_OK ? HD_EXIT_OK : hd_view_tell_problem(rc);
}

static int show(const struct hd_args *args, hd_log *log)
{
  const struct hd_trace_header *header = hd_log_header(log);
  char title[sizeof header->lesson + 16];
  struct hd_view_end end = {.how = HDV_END_QUIT};
  uint64_t start = (uint64_t)args->number[HD_FLAG_AT];
  (void)snprintf(title, sizeof title, "%.*s (recording)", (int)strnlen(header->lesson, sizeof header->lesson),
                 header->lesson);
  for (;;) {
    int status = hd_view_terminal(args, title, log, NULL, start, &end);
    if (status != HD_EXIT_OK || end.how == HDV_END_QUIT || end.how == HDV_END_SIGNAL)
      return status;
    if (end.how == HDV_END_EDIT)
      return hd_say(HD_EXIT_OK, "a recording cannot be changed; run the lesson, and press e there");
    start = 0;
  }
}

int hd_cmd_replay(const struct hd_args *args)
{
  struct hd_path path;
  enum hd_view view;
  hd_log *log;
  int status = hd_view_choose(args, &view);
  if (status == HD_EXIT_OK)
    status = open_recording(args, &path, &log);
  if (status != HD_EXIT_OK)
    return status;
  if (hd_log_ignored(log) > 0)
    (void)hd_say(0, "the last %llu records of %s cannot be read; what stands before them is shown",
                 (unsigned long long)hd_log_ignored(log), path.text);
  status = view == HD_VIEW_TERMINAL ? show(args, log) : tell(args, log);
  (void)hd_log_close(log);
  return status;
}
