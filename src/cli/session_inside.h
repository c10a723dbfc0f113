// Inside a session: shared by session_start.c, which makes it, and session.c, which runs and ends it. One
// thread.
#ifndef HD_CLI_SESSION_INSIDE_H
#define HD_CLI_SESSION_INSIDE_H

#include "cli/listen.h"
#include "cli/order.h"
#include "cli/path.h"
#include "cli/proc.h"
#include "cli/session.h"
#include "trace/merge.h"
#include "trace/place.h"

struct hd_session {
  struct hd_path live_path, record_path, last_path;
  struct hd_live *live;
  hd_merge *merge;
  hd_log *log;
  hd_places *places;
  struct hd_proc child;
  struct hd_listen listen; // to the child
  struct hd_order order;
  uint32_t seen; // of the control block's arrivals
  uint32_t noted; // the arrivals whose places have been looked at
  uint32_t still_arrivals; // the arrivals at still_since: nobody has moved since then
  uint64_t still_since;
  bool still_told; // STILL has been recorded of this standing still
  bool step;
  bool attached;   // to a program that was there before us
  bool known;      // the program has attached, and the log's header says who it is
  bool busy;       // the last hd_session_more took something in
  bool dead, over; // the child has ended; PROGRAM_ENDED is in the merge
  bool finished;   // HD_EEND was returned
  bool crowded; // it was ended because a thread found no room for its trace
  int status, signal_number;
  uint64_t dead_since;
  int problem; // the first error of taking in; whoever asked for more has told it
};

// Frees what the session holds, the log apart.
void session_drop(hd_session *session);

#endif
