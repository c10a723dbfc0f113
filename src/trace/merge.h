// The merged reader: all rings of a live file as one sequence in which no effect comes before its cause.
// One thread, the viewer's. It never trusts a byte of the file. It takes records out of the rings (so that a
// lossless writer goes on) when live is the reader, see hd_live_is_reader(); else it only looks.
#ifndef HD_TRACE_MERGE_H
#define HD_TRACE_MERGE_H

#include "trace/live.h"

typedef struct hd_merge hd_merge;

struct hd_merge_counts {
  uint64_t events;   // handed out
  uint64_t lost;     // records overwritten before they were read (flight recorder only)
  uint64_t repaired; // effects that had to wait for their cause
  uint64_t orphans;  // effects whose cause never came
};

// Borrows live, which must outlive it. HD_ENOMEM.
int hd_merge_open(hd_merge **out, struct hd_live *live);
void hd_merge_close(hd_merge *merge);

// The next event. Returns 1 and fills *entry (text valid until the next call), 0 when nothing is ready now,
// HD_EEND when the program is gone and everything has been handed out, HD_ENOMEM. Looks at the rings once
// between two 0s, so that calling until 0 comes ends however fast the program writes. What is younger than
// about 50 us waits for the next look, unless the program stands still (hd_control_settled).
int hd_merge_next(hd_merge *merge, struct hd_entry *entry);

// The caller knows that the program is gone (it waited for its child), though it may never have attached.
void hd_merge_end(hd_merge *merge);

// Adds an event of the reader's own (OUTPUT, PROGRAM_ENDED, LINE ...), stamped now; text is copied. It is
// handed out in stamp order with the others. HD_ENOMEM.
int hd_merge_add(hd_merge *merge, const struct hd_entry *entry);

// The same, of something that happened at stamp. It never goes before what was added before it.
int hd_merge_add_at(hd_merge *merge, const struct hd_entry *entry, uint64_t stamp);

// Until the next call, holds back what is later than stamp, because the caller may still add something from
// then on; UINT64_MAX: nothing. Once the program is gone nothing is held back.
void hd_merge_limit(hd_merge *merge, uint64_t stamp);

void hd_merge_counts(const hd_merge *merge, struct hd_merge_counts *out);

#endif
