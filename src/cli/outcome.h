// What a recording comes to: its last state. One thread.
#ifndef HD_CLI_OUTCOME_H
#define HD_CLI_OUTCOME_H

#include "model/model.h"
#include "trace/log.h"

// Folds the whole log; *out is the caller's. HD_ENOMEM.
int hd_outcome_fold(hdv_model **out, hd_log *log);

#endif
