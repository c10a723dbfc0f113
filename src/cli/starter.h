// A student's own course folder: a copy of the lessons and exercises, with a `.heddle` marker that remembers
// what each file was when it was brought, so that an edited file is never touched. One thread.
#ifndef HD_CLI_STARTER_H
#define HD_CLI_STARTER_H

#include "cli/kit.h"

#include <jansson.h>

struct hd_starter_counts {
  unsigned brought;   // files that were new
  unsigned renewed;   // files that had not been edited and have a new starter
  unsigned kept;      // edited files whose starter is new: left alone
  unsigned same;      // nothing to do
  json_t *kept_names; // their names; the caller's
};

// Brings the course that came with heddle into folder (which is there), with a start script, and writes its marker. HD_EACCES,
// HD_ENOSPC, HD_EFORMAT (the marker is damaged), HD_ECANCELED (interrupted). Whatever happens, no file of the
// student's is touched and none is half-written.
int hd_starter_bring(struct hd_starter_counts *out, const struct hd_kit *kit, const char *folder);

#endif
