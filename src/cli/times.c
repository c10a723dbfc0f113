// Running a lesson many times and counting what was observed. One thread.
#include "cli/times.h"

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/outcome.h"
#include "cli/say.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHOWN 12 // different values of one observation listed one by one

struct tally {
  json_t *observations; // {name: {value as text: how often}}
  unsigned runs, failed;
};

static int count_one(struct tally *tally, const char *name, int64_t value)
{
  char text[32];
  (void)snprintf(text, sizeof text, "%lld", (long long)value);
  json_t *values = json_object_get(tally->observations, name);
  if (!values) {
    values = json_object();
    if (!values || json_object_set_new(tally->observations, name, values) != 0)
      return HD_ENOMEM;
  }
  json_int_t before = json_integer_value(json_object_get(values, text));
  return json_object_set_new(values, text, json_integer(before + 1)) == 0 ? HD_OK : HD_ENOMEM;
}

static int count_outcome(struct tally *tally, hd_log *log)
{
  const struct hdv_count *counts;
  hdv_model *model;
  int rc = hd_outcome_fold(&model, log);
  if (rc != HD_OK)
    return rc;
  size_t count = hdv_model_counts(model, &counts);
  for (size_t i = 0; rc == HD_OK && i < count; i++)
    if (counts[i].observation)
      rc = count_one(tally, counts[i].name, (int64_t)counts[i].count);
  hdv_model_close(model);
  return rc;
}

// One run, shown to nobody.
static int run_once(struct tally *tally, const struct hd_session_opts *opts)
{
  hd_session *session;
  int status, signal_number, rc;
  int started = hd_session_start(&session, opts);
  if (started != HD_EXIT_OK)
    return started;
  while ((rc = hd_session_more(session)) == HD_OK && !hd_interrupted())
    if (!opts->step || !hd_session_step(session))
      hd_session_wait(session);
  if (rc == HD_EEND)
    rc = count_outcome(tally, hd_session_log(session));
  tally->runs++;
  if (hd_session_ended(session, &status, &signal_number) && (status || signal_number))
    tally->failed++;
  int crowded = hd_session_tell_crowded(session);
  int closed = hd_session_close(session);
  if (hd_interrupted())
    return HD_EXIT_INTERRUPTED;
  if (crowded != HD_EXIT_OK)
    return crowded;
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "the run could not be recorded: %s", hd_error_text(rc));
  return closed == HD_OK ? HD_EXIT_OK : HD_EXIT_CANNOT;
}

struct value {
  long long value;
  json_int_t times;
};

static int by_value(const void *a, const void *b)
{
  long long left = ((const struct value *)a)->value, right = ((const struct value *)b)->value;
  return (left > right) - (left < right);
}

static void tell_values(const char *name, const json_t *values, unsigned runs)
{
  size_t count = json_object_size(values), used = 0;
  struct value *list = calloc(count + 1, sizeof *list);
  const char *key;
  json_t *times;
  json_int_t zero = 0;
  if (!list)
    return;
  json_object_foreach((json_t *)(uintptr_t)values, key, times)
  {
    list[used++] = (struct value){strtoll(key, NULL, 10), json_integer_value(times)};
    if (strcmp(key, "0") == 0)
      zero = json_integer_value(times);
  }
  qsort(list, used, sizeof *list, by_value);
  (void)printf("%s\n", name);
  if (used <= SHOWN)
    for (size_t i = 0; i < used; i++)
      (void)printf("  %12lld   in %lld of %u runs\n", list[i].value, (long long)list[i].times, runs);
  else
    (void)printf("  %zu different values from %lld to %lld; 0 in %lld of %u runs\n", used, list[0].value,
                 list[used - 1].value, (long long)zero, runs);
  free(list);
}

static void tell_tally(const struct tally *tally, bool json)
{
  const char *name;
  json_t *values;
  if (json) {
    json_t *all = json_pack("{s:i, s:i, s:O}", "runs", (int)tally->runs, "failed", (int)tally->failed,
                            "observed", tally->observations);
    (void)json_dumpf(all, stdout, JSON_INDENT(1));
    (void)putchar('\n');
    json_decref(all);
    return;
  }
  (void)printf("%u runs", tally->runs);
  if (tally->failed)
    (void)printf(", %u of them failed", tally->failed);
  (void)puts(json_object_size(tally->observations) ? ". Observed:"
                                                   : ". This lesson reports no observations.");
  json_object_foreach(tally->observations, name, values) tell_values(name, values, tally->runs);
}

int hd_times_run(const struct hd_session_opts *opts, unsigned times, bool json)
{
  struct tally tally = {.observations = json_object()};
  struct hd_session_opts one = *opts;
  int status = tally.observations ? HD_EXIT_OK : HD_EXIT_CANNOT;
  for (unsigned i = 0; i < times && status == HD_EXIT_OK; i++) {
    one.seed = opts->seed + i; // a seeded search over N schedules, not N times the same
    status = run_once(&tally, &one);
    if (!json && isatty(STDERR_FILENO))
      (void)fprintf(stderr, "\rrun %u of %u ", i + 1, times);
  }
  if (!json && isatty(STDERR_FILENO))
    (void)fputs("\r                        \r", stderr);
  if (tally.runs > 0)
    tell_tally(&tally, json);
  json_decref(tally.observations);
  return status == HD_EXIT_OK && tally.failed ? HD_EXIT_FAILED : status;
}
