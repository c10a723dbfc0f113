// Which viewer shows a run, and running it. One thread.
#include "cli/view.h"

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/say.h"
#include "cli/teller.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_BACK 1000 // steps

int hd_view_choose(const struct hd_args *args, enum hd_view *out)
{
  bool plain = hd_args_has(args, HD_FLAG_PLAIN), terminal = hd_args_has(args, HD_FLAG_TERMINAL);
  bool window = hd_args_has(args, HD_FLAG_WINDOW);
  if (plain + terminal + window > 1)
    return hd_say(HD_EXIT_USAGE, "choose one of --terminal, --window and --plain");
  if (window)
    return hd_say(HD_EXIT_CANNOT,
                  "this build of heddle has no window; leave --window out to see it in the terminal");
  if (terminal && !hd_say_can_ask())
    return hd_say(HD_EXIT_CANNOT, "there is no terminal here to show it in; use --plain");
  if (terminal && !hd_say_on_terminal())
    return hd_say(HD_EXIT_CANNOT, "the terminal \"%s\" cannot show pictures; use --plain or set TERM",
                  getenv("TERM") ? getenv("TERM") : "");
  *out = terminal || (!plain && hd_say_on_terminal()) ? HD_VIEW_TERMINAL : HD_VIEW_PLAIN;
  return HD_EXIT_OK;
}

static struct hdv_terminal_opts looks(const struct hd_args *args, const char *title)
{
  return (struct hdv_terminal_opts){
      .title = title,
      .color = (enum hdv_color)hd_args_choice(args, HD_FLAG_COLOR, HDV_COLOR_AUTO),
      .theme = (enum hdv_theme)hd_args_choice(args, HD_FLAG_THEME, HDV_THEME_DARK),
      .ascii = hd_args_has(args, HD_FLAG_ASCII),
      .big = hd_args_has(args, HD_FLAG_BIG),
      .reduced_motion = hd_args_has(args, HD_FLAG_REDUCED_MOTION),
      .presenter = hd_args_has(args, HD_FLAG_PRESENTER),
      .fps = (unsigned)args->number[HD_FLAG_FPS],
  };
}

// The line shown: that of the step shown, or of the last one before it that has one.
static void note_place(hdv_playback *playback, struct hd_view_end *end)
{
  hd_log *log = hdv_playback_log(playback);
  struct hdv_status status;
  struct hd_entry entry;
  struct hd_place place;
  end->file[0] = '\0';
  end->line = 0;
  hdv_playback_status(playback, &status);
  for (uint64_t step = status.step; step > 0 && status.step - step < LOOK_BACK; step--) {
    struct hd_log_cursor cursor;
    hd_log_seek(log, step - 1, &cursor);
    if (hd_log_next(log, &cursor, &entry) <= 0 || !entry.place ||
        hd_log_place(log, entry.place, &place) != HD_OK || !hd_log_source(log, place.file))
      continue;
    (void)snprintf(end->file, sizeof end->file, "%s", place.file);
    end->line = place.line;
    return;
  }
}

int hd_view_terminal(const struct hd_args *args, const char *title, hd_log *log, hd_session *session,
                     uint64_t start, struct hd_view_end *end)
{
  struct hdv_playback_source source = {.log = log};
  struct hdv_terminal_opts opts = looks(args, title);
  hdv_playback *playback;
  if (session) {
    source.control = hd_session_control(session);
    source.more = hd_session_more;
    source.context = session;
  }
  int rc = hdv_playback_open(&playback, &source);
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "cannot show it: %s", hd_error_text(rc));
  if (start)
    hdv_playback_seek(playback, start);
  rc = hdv_terminal_run(playback, &opts);
  if (rc >= 0) {
    end->how = (enum hdv_end)rc;
    note_place(playback, end);
    if (rc == HDV_END_SIGNAL)
      hd_interrupt_note(hdv_terminal_signal());
  }
  hdv_playback_close(playback);
  if (rc == HD_ENOENT)
    return hd_say(HD_EXIT_CANNOT, "the terminal \"%s\" is not known here; use --plain or set TERM",
                  getenv("TERM") ? getenv("TERM") : "");
  if (rc < 0)
    return hd_say(HD_EXIT_CANNOT, "cannot show it in this terminal: %s; use --plain", hd_error_text(rc));
  return hd_interrupted() ? HD_EXIT_INTERRUPTED : HD_EXIT_OK;
}

int hd_view_tell_problem(int error)
{
  if (error == HD_ESYS && errno == EPIPE)
    return HD_EXIT_CANNOT; // the reader of the pipe has left; that needs no word
  if (error == HD_ESYS)
    return hd_say(HD_EXIT_CANNOT, "cannot write to standard output: %s", strerror(errno));
  return hd_say(HD_EXIT_CANNOT, "the recording stopped: %s", hd_error_text(error));
}

// On the virtual clock nothing else can happen to a program in which everybody waits for good.
static bool is_over(const hd_teller *teller, bool step)
{
  return step && hdv_model_totals(hd_teller_model(teller))->stuck;
}

static int tell_all(hd_session *session, hd_teller *teller, bool step)
{
  for (;;) {
    int rc = hd_session_more(session);
    if (rc != HD_OK && rc != HD_EEND)
      return rc;
    int told = hd_teller_more(teller);
    if (told != HD_OK)
      return told;
    if (rc == HD_EEND || hd_interrupted() || is_over(teller, step))
      return HD_OK;
    if (!step || !hd_session_step(session))
      hd_session_wait(session);
  }
}

int hd_view_plain(hd_session *session, bool step)
{
  hd_teller *teller;
  int rc = hd_teller_open(&teller, hd_session_log(session), stdout);
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "cannot tell the run: %s", hd_error_text(rc));
  errno = 0;
  rc = tell_all(session, teller, step);
  if (rc == HD_OK && !hd_interrupted())
    rc = hd_teller_finish(teller);
  int status = rc != HD_OK ? hd_view_tell_problem(rc) : hd_interrupted() ? HD_EXIT_INTERRUPTED : HD_EXIT_OK;
  if (status == HD_EXIT_OK && is_over(teller, step))
    status = HD_EXIT_FAILED;
  hd_teller_close(teller);
  return status;
}
