// Which viewer shows a run, and how it looks: from the flags and from what standard output is. One thread.
#ifndef HD_CLI_VIEW_H
#define HD_CLI_VIEW_H

#include "cli/args.h"
#include "cli/session.h"
#include "playback/playback.h"
#include "terminal/terminal.h"

enum hd_view { HD_VIEW_PLAIN, HD_VIEW_TERMINAL };

// Chooses. A value other than HD_EXIT_OK is the exit status, and the reason has been told.
int hd_view_choose(const struct hd_args *args, enum hd_view *out);

// What a person did at the end, and where they were.
struct hd_view_end {
  enum hdv_end how;
  char file[256]; // with HDV_END_EDIT: the source line shown, as compiled; "" when none
  unsigned line;
};

// Shows the log in the terminal until the person leaves. session NULL: a recording. start: the step to begin
// at, 0: as it comes. A value other than HD_EXIT_OK is the exit status, and the reason has been told.
int hd_view_terminal(const struct hd_args *args, const char *title, hd_log *log, hd_session *session,
                     uint64_t start, struct hd_view_end *end);

// Tells a running session in sentences until it ends, the person interrupts, or output fails; with its
// summary. step: lets it go on step by step. The kind of result of hd_view_terminal.
int hd_view_plain(hd_session *session, bool step);

// Says why telling stopped, after an error of the teller; the exit status.
int hd_view_tell_problem(int error);

#endif
