// The end of a run in a few lines, from the state it left. Pure but for the printing. One thread.
#ifndef HD_CLI_SUMMARY_H
#define HD_CLI_SUMMARY_H

#include "model/model.h"

#include <stdbool.h>
#include <stdio.h>

// What was printed last and observed, each pool, each warning, how the program ended.
void hd_summary_tell(const hdv_model *model, FILE *to);

// What each thread does in this state.
void hd_summary_threads(const hdv_model *model, FILE *to);

// The value of an observation, false when the program has not reported it.
bool hd_summary_observed(const hdv_model *model, const char *name, int64_t *value);

#endif
