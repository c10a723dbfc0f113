// Making a session: the live file, the log, and the program as our child; or attaching to one that runs. One
// thread.
#include "cli/session_inside.h"

#include "base/error.h"
#include "cli/say.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// As fast as it goes is time that jumps from deadline to deadline.
static uint32_t control_speed(double speed)
{
  double scaled = speed * HD_SPEED_ONE;
  return isinf(speed) ? 0 : scaled >= UINT32_MAX ? UINT32_MAX : scaled < 1 ? 1 : (uint32_t)lround(scaled);
}

// What a folder must offer that the error says is missing.
static const char *remedy(int error)
{
  return error == HD_ENOSPC ? "with room" : "that you may write to";
}

static int make_live(hd_session *session, const struct hd_session_opts *opts)
{
  struct hd_live_opts live = {
      .lossless = true, .managed = true, .places = true, .seed = opts->seed, .lesson = opts->lesson};
  live.mode = opts->step || opts->speed < 1 ? HD_MODE_HOLD : HD_MODE_RECORD;
  live.speed = opts->step ? 0 : control_speed(opts->speed);
  int rc = hd_live_new_path(session->live_path.text, sizeof session->live_path.text);
  if (rc == HD_OK)
    rc = hd_live_create(&session->live, session->live_path.text, &live);
  if (rc == HD_OK)
    rc = hd_live_lock(session->live);
  if (rc == HD_OK)
    return HD_OK;
  struct hd_path folder;
  if (rc == HD_EACCES && hd_live_folder(folder.text, sizeof folder.text) != HD_OK &&
      hd_path_is_folder(folder.text))
    return hd_say(
        rc,
        "the folder %s is not yours alone: it must belong to you and have mode 0700; mend or remove "
        "it, or set XDG_RUNTIME_DIR to another folder",
        folder.text);
  return hd_say(rc, "cannot make the live trace%s%s: %s; set XDG_RUNTIME_DIR to a folder %s",
                session->live_path.text[0] ? " " : "", session->live_path.text, hd_error_text(rc),
                remedy(rc));
}

// A recording may replace a recording and an empty file, nothing else. Returns the exit status.
static int may_record(const char *path)
{
  struct stat is;
  char magic[sizeof((struct hd_trace_header *)0)->magic] = "";
  if (stat(path, &is) != 0) {
    struct hd_path full;
    if (errno == ENOENT && hd_path_absolute(&full, path) == HD_ENOENT)
      return hd_say(HD_EXIT_CANNOT, "cannot record into %s: its folder does not exist; make it first", path);
    return HD_EXIT_OK; // what else is wrong is told when the file is made
  }
  if (S_ISDIR(is.st_mode))
    return hd_say(HD_EXIT_USAGE, "cannot record into %s: it is a folder; name a file in it", path);
  if (!S_ISREG(is.st_mode))
    return hd_say(HD_EXIT_USAGE, "cannot record into %s: it is no ordinary file; leave --record out", path);
  FILE *file = fopen(path, "re");
  if (!file)
    return HD_EXIT_OK;
  size_t size = fread(magic, 1, sizeof magic, file);
  (void)fclose(file);
  if (size == 0 || (size == sizeof magic && memcmp(magic, HD_TRACE_MAGIC, sizeof magic) == 0))
    return HD_EXIT_OK;
  return hd_say(HD_EXIT_USAGE, "%s is there already and is not a heddle trace; record into another file",
                path);
}

// The recording: under the name that was asked for, else as the last run, else (no permission there) without
// a name.
static int make_log(hd_session *session, const struct hd_session_opts *opts)
{
  const struct hd_trace_header *header = hd_live_header(session->live);
  int last = hd_session_last(&session->last_path);
  if (last != HD_OK)
    session->last_path.text[0] = '\0';
  if (opts->record) {
    int rc = hd_path_print(&session->record_path, "%s", opts->record);
    if (rc == HD_OK)
      rc = hd_log_create(&session->log, opts->record, header);
    return rc == HD_OK ? rc : hd_say(rc, "cannot record into %s: %s", opts->record, hd_error_text(rc));
  }
  if (last == HD_OK)
    last = hd_log_create(&session->log, session->last_path.text, header);
  if (last == HD_OK)
    return HD_OK;
  (void)hd_say(0, "this run will not be kept as the last run: %s; set XDG_STATE_HOME to a folder %s",
               hd_error_text(last), remedy(last));
  session->last_path.text[0] = '\0';
  int rc = hd_log_create(&session->log, NULL, header);
  return rc == HD_OK ? rc : hd_say(rc, "cannot keep the history of the run: %s", hd_error_text(rc));
}

static int start_child(hd_session *session, const struct hd_session_opts *opts)
{
  struct hd_path trace;
  int rc = hd_path_print(&trace, "HEDDLE_TRACE=%s", session->live_path.text);
  if (rc != HD_OK)
    return hd_say(rc, "the path of the live trace is too long");
  const char *const env[] = {trace.text, NULL};
  rc = hd_proc_start(&session->child,
                     &(struct hd_proc_opts){.argv = opts->argv, .env = env, .keep_input = true}, false);
  return rc == HD_OK ? rc : hd_say(rc, "cannot start %s: %s", opts->program, hd_error_text(rc));
}

static hd_session *new_session(void)
{
  hd_session *session = calloc(1, sizeof *session);
  if (session) {
    session->child = (struct hd_proc){.out = -1, .err = -1};
    hd_listen_open(&session->listen, &session->child.out, &session->child.err);
  }
  return session;
}

int hd_session_start(hd_session **out, const struct hd_session_opts *opts)
{
  int may = opts->record ? may_record(opts->record) : HD_EXIT_OK;
  if (may != HD_EXIT_OK)
    return may;
  hd_session *session = new_session();
  if (!session)
    return hd_say(HD_EXIT_CANNOT, "out of memory");
  session->step = opts->step;
  hd_order_open(&session->order, opts->seeded ? &opts->seed : NULL);
  int rc = make_live(session, opts);
  if (rc == HD_OK)
    rc = make_log(session, opts);
  if (rc == HD_OK && (rc = hd_merge_open(&session->merge, session->live)) != HD_OK)
    (void)hd_say(rc, "cannot read the live trace: %s", hd_error_text(rc));
  if (rc == HD_OK)
    rc = start_child(session, opts);
  if (rc != HD_OK) {
    if (session->log)
      (void)hd_log_close(session->log);
    session_drop(session);
    return HD_EXIT_CANNOT;
  }
  if (hd_places_open(&session->places, opts->program) != HD_OK)
    session->places = NULL; // then no source lines; everything else goes on
  // A stepped program says all it says while everybody looks: there, one reader keeps the log's order the same.
  if (!session->step)
    hd_listen_start(&session->listen);
  *out = session;
  return HD_EXIT_OK;
}

static int attach(hd_session *session, const char *live_path)
{
  int rc = hd_live_open(&session->live, live_path);
  if (rc == HD_OK)
    rc = hd_live_lock(session->live);
  if (rc == HD_OK)
    rc = hd_log_create(&session->log, NULL, hd_live_header(session->live));
  if (rc == HD_OK)
    rc = hd_merge_open(&session->merge, session->live);
  return rc;
}

int hd_session_attach(hd_session **out, const char *live_path)
{
  hd_session *session = new_session();
  if (!session)
    return hd_say(HD_EXIT_CANNOT, "out of memory");
  session->attached = true;
  hd_order_open(&session->order, NULL);
  int rc = attach(session, live_path);
  if (rc != HD_OK) {
    if (session->log)
      (void)hd_log_close(session->log);
    session_drop(session);
    if (rc == HD_EBUSY)
      return hd_say(HD_EXIT_USAGE, "another viewer watches that program already; leave that one first");
    return hd_say(rc == HD_ENOSPC || rc == HD_ENOMEM ? HD_EXIT_CANNOT : HD_EXIT_USAGE,
                  "cannot watch that program: %s", hd_error_text(rc));
  }
  struct hd_control *control = hd_live_control(session->live);
  atomic_store(&control->places, 1);
  hd_control_set_mode(control, HD_MODE_RECORD);
  *out = session;
  return HD_EXIT_OK;
}
