// Running a lesson many times and counting what was observed. One thread.
#ifndef HD_CLI_TIMES_H
#define HD_CLI_TIMES_H

#include "cli/session.h"

// Runs it `times` times without showing it, then prints one table of outcomes. Returns the exit status.
int hd_times_run(const struct hd_session_opts *opts, unsigned times, bool json);

#endif
