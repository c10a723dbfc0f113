// Tells a run in sentences, one line per step: the plain mode of run, watch and replay. What it tells depends
// on the log alone, so a replay tells exactly what the run told. One thread.
#ifndef HD_CLI_TELLER_H
#define HD_CLI_TELLER_H

#include "model/model.h"
#include "trace/log.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct hd_teller hd_teller;

// Borrows log and out. HD_ENOMEM.
int hd_teller_open(hd_teller **out, hd_log *log, FILE *to);
void hd_teller_close(hd_teller *teller);

// Tells what has come into the log since the last call. HD_ENOMEM, HD_ESYS when nothing can be written to out
// any more.
int hd_teller_more(hd_teller *teller);

// Tells the rest and the summary: what was observed, the pools, warnings, how it ended.
int hd_teller_finish(hd_teller *teller);

// Takes in everything up to and with a step, telling only that step; then what each thread does. HD_EINVAL
// when the log has fewer steps.
int hd_teller_at(hd_teller *teller, uint64_t step);

// The state after everything told so far.
const hdv_model *hd_teller_model(const hd_teller *teller);

#endif
