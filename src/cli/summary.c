// The end of a run in a few lines, from the state it left. One thread.
#include "cli/summary.h"

#include "trace/event.h"

#include <string.h>

#define LAST_LINES 3

static void tell_observed(const hdv_model *model, FILE *to)
{
  const struct hdv_count *counts;
  size_t count = hdv_model_counts(model, &counts);
  for (size_t i = 0; i < count; i++) {
    const struct hdv_count *one = &counts[i];
    // Tallies were told when they were counted, and one name may stand for another count in every stage.
    if (one->observation)
      (void)fprintf(to, "observed: %s = %lld\n", one->name, (long long)one->count);
  }
}

// The last lines the program printed: between so many steps they are easily missed.
static void tell_output(const hdv_model *model, FILE *to)
{
  static char lines[HDV_OUTPUT_LINES][HDV_OUTPUT_WIDTH];
  size_t count = hdv_model_output(model, lines);
  while (count > 0 && lines[count - 1][0] == '\0')
    count--;
  if (count == 0)
    return;
  (void)fputs("The program printed last:\n", to);
  for (size_t i = count > LAST_LINES ? count - LAST_LINES : 0; i < count; i++)
    (void)fprintf(to, "  | %s\n", lines[i]);
}

static void tell_pools(const hdv_model *model, FILE *to)
{
  const struct hdv_pool *pools;
  size_t count = hdv_model_pools(model, &pools);
  for (size_t i = 0; i < count; i++) {
    const struct hdv_pool *pool = &pools[i];
    char name[64];
    (void)fprintf(to, "pool summary: %s: %u workers, %llu tasks submitted, %llu done",
                  hdv_model_name(model, pool->id, name, sizeof name), pool->workers,
                  (unsigned long long)pool->submitted, (unsigned long long)pool->done);
    if (pool->queued || pool->running)
      (void)fprintf(to, ", %u still queued, %u still running", pool->queued, pool->running);
    if (pool->cancelled)
      (void)fprintf(to, ", %llu cancelled", (unsigned long long)pool->cancelled);
    if (pool->dropped)
      (void)fprintf(to, ", %llu dropped", (unsigned long long)pool->dropped);
    (void)fputs(pool->known ? "\n" : " (some records were missed)\n", to);
  }
}

static void tell_warnings(const hdv_model *model, FILE *to)
{
  const struct hdv_warning *warnings;
  size_t count = hdv_model_warnings(model, &warnings);
  for (size_t i = 0; i < count; i++) {
    const struct hdv_warning *one = &warnings[i];
    char name[64];
    (void)fprintf(to, "warning: %s: %s, first at step %llu",
                  hdv_model_name(model, one->object, name, sizeof name), hdv_lint_text(one->lint),
                  (unsigned long long)one->first_step);
    if (one->times > 1)
      (void)fprintf(to, ", %llu times, last at step %llu", (unsigned long long)one->times,
                    (unsigned long long)one->last_step);
    (void)fputc('\n', to);
  }
}

static void tell_end(const struct hdv_totals *totals, FILE *to)
{
  if (totals->lost)
    (void)fprintf(to, "%llu records were missed: the recorder could not keep up\n",
                  (unsigned long long)totals->lost);
  if (totals->unknown)
    (void)fprintf(to, "%llu events could not be understood\n", (unsigned long long)totals->unknown);
  unsigned long long steps = totals->step;
  if (!totals->ended)
    (void)fprintf(to, "the recording ends here, after %llu steps; the program had not ended\n", steps);
  else if (totals->signal)
    (void)fprintf(to, "the program was ended by signal %d (%s) after %llu steps\n", (int)totals->signal,
                  hd_signal_word((uint64_t)totals->signal), steps);
  else
    (void)fprintf(to, "the program ended with exit status %d after %llu steps\n", (int)totals->status, steps);
}

void hd_summary_tell(const hdv_model *model, FILE *to)
{
  (void)fputc('\n', to);
  tell_output(model, to);
  tell_observed(model, to);
  tell_pools(model, to);
  tell_warnings(model, to);
  tell_end(hdv_model_totals(model), to);
}

static void tell_thread(const hdv_model *model, const struct hdv_thread *thread, FILE *to)
{
  static const char *const words[] = {"is not there", "runs", "waits", "is blocked"};
  char name[64];
  const char *word = thread->state < sizeof words / sizeof words[0] ? words[thread->state] : "?";
  (void)fprintf(to, "        %s %s",
                thread->name[0] ? thread->name : hdv_model_name(model, thread->object, name, sizeof name),
                word);
  if (thread->state == HDV_WAITING || thread->state == HDV_BLOCKED)
    (void)fprintf(to, " %s", hd_reason_word(thread->reason));
  if (thread->callback)
    (void)fprintf(to, ", in the %s callback of %s", hd_callback_word(thread->callback_kind),
                  hdv_model_name(model, thread->callback, name, sizeof name));
  if (thread->task)
    (void)fprintf(to, ", with %s", hdv_model_name(model, thread->task, name, sizeof name));
  (void)fputc('\n', to);
}

void hd_summary_threads(const hdv_model *model, FILE *to)
{
  const struct hdv_thread *threads;
  size_t count = hdv_model_threads(model, &threads);
  for (size_t i = 0; i < count; i++)
    if (threads[i].state != HDV_ABSENT)
      tell_thread(model, &threads[i], to);
}

bool hd_summary_observed(const hdv_model *model, const char *name, int64_t *value)
{
  const struct hdv_count *counts;
  size_t count = hdv_model_counts(model, &counts);
  for (size_t i = 0; i < count; i++)
    if (counts[i].observation && strcmp(counts[i].name, name) == 0) {
      *value = (int64_t)counts[i].count;
      return true;
    }
  return false;
}
