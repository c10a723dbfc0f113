// Predict first, then look: the questions of a lesson, asked before it runs, and the answers beside what was
// observed. One thread.
#ifndef HD_CLI_PREDICT_H
#define HD_CLI_PREDICT_H

#include "model/model.h"

#include <jansson.h>
#include <stdio.h>

// Asks every question of the lesson on the terminal and stores the answers at once. *answers is an object
// {question id: key}, the caller's. HD_ECANCELED when the person leaves (q, Ctrl-C, end of input).
int hd_predict_ask(const char *lesson, const json_t *info, json_t **answers);

// Shows each answer beside what was observed, and stores what came out.
void hd_predict_tell(const char *lesson, const json_t *info, const json_t *answers, const hdv_model *model,
                     FILE *to);

// Whether a value fits a condition such as ">0", "=0", "!=3", "<=10" or "7". HD_EFORMAT when it is no
// condition.
int hd_predict_fits(const char *condition, int64_t value, bool *fits);

#endif
