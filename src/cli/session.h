// One run of a program under a viewer: the live file, the child, its output, and the log they are recorded
// in. One thread, the viewer's. Invariant: whatever way a session ends, no child, no live file and no
// half-written recording stays behind.
#ifndef HD_CLI_SESSION_H
#define HD_CLI_SESSION_H

#include "cli/path.h"
#include "trace/log.h"

#include <stdbool.h>

typedef struct hd_session hd_session;

struct hd_session_opts {
  const char *program; // the file to run
  char *const *argv;   // its arguments, argv[0] included
  const char *lesson;  // the lesson's name for the recording; may be NULL
  const char *record;  // the recording; NULL: only the last run is kept
  bool step;           // hold it, on the virtual clock
  double speed;        // 1: real time; INFINITY: as fast as it goes
  bool seeded;         // seed was given: it chooses the threads of hd_session_step
  uint64_t seed;
};

// Starts the program. Errors are told in one line; the value returned is the exit status that fits, 0 when it
// runs.
int hd_session_start(hd_session **out, const struct hd_session_opts *opts);

// Attaches to the running program of a live file instead: no child, a flight recorder. The same kind of
// result.
int hd_session_attach(hd_session **out, const char *live_path);

// Takes in what has happened: output and events go to the log. context is the session. HD_OK, HD_EEND once
// the program is gone and everything is in the log, or an error of the log (then nothing more is recorded).
int hd_session_more(void *context);

// Waits a moment for something to happen (at most 10 ms).
void hd_session_wait(hd_session *session);

// Step mode: lets one thread take one step if everybody has arrived: first come, first served, or by the
// seed. false: not yet.
bool hd_session_step(hd_session *session);

hd_log *hd_session_log(hd_session *session);
struct hd_control *hd_session_control(hd_session *session);

// How the program ended; false while it has not.
bool hd_session_ended(const hd_session *session, int *status, int *signal_number);

// Says so when the program was ended because the live folder had no room for the trace of all its threads: a
// recording without them would not be true. The exit status that fits, 0 when there was room.
int hd_session_tell_crowded(const hd_session *session);

// Ends it: the program's group is stopped if it still runs (attached: goes on, untraced), what is left is
// recorded, the recording is closed and kept as last.hdt. Returns HD_OK or the error that the recording met
// (told).
int hd_session_close(hd_session *session);

// The path of the last run's recording.
int hd_session_last(struct hd_path *out);

#endif
