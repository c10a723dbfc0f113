// The driver of the benchmark programs: starts the program anew for each set of samples, because where the scheduler puts
// threads is decided once per start and moves a figure more than anything else does. One thread.
#include "bench.h"

#include <jansson.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAME_SIZE 48
#define MOST_SAMPLES 8192

struct sample {
  char name[NAME_SIZE];
  double value;
};

static struct sample samples[MOST_SAMPLES];
static size_t sample_count;

static uint64_t read_clock(clockid_t clock)
{
  struct timespec t;
  (void)clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t bench_now(void)
{
  return read_clock(CLOCK_MONOTONIC);
}

uint64_t bench_cpu(void)
{
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

void bench_pin(unsigned cpu)
{
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  (void)sched_setaffinity(0, sizeof one, &one);
}

// ---- one start ----

void bench_sample(const char *name, double value)
{
  if (!isfinite(value))
    bench_fail(name, 0);
  (void)printf("%s %.17g\n", name, value);
}

void bench_fail(const char *what, int error)
{
  (void)fprintf(stderr, "benchmark: %s failed (%d)\n", what, error);
  exit(3);
}

// ---- all starts ----

static int run_start(char *program, int number)
{
  int ends[2];
  char text[16];
  (void)snprintf(text, sizeof text, "%d", number);
  (void)fflush(stdout);
  if (pipe(ends) != 0)
    return 3;
  const pid_t pid = fork();
  if (pid < 0)
    return 3;
  if (pid == 0) {
    (void)dup2(ends[1], STDOUT_FILENO);
    (void)close(ends[0]);
    (void)close(ends[1]);
    char *argv[] = {program, "--measure", text, NULL};
    (void)execv("/proc/self/exe", argv);
    _exit(127);
  }
  (void)close(ends[1]);
  FILE *in = fdopen(ends[0], "r");
  struct sample next;
  while (in && sample_count < MOST_SAMPLES && fscanf(in, "%47s %lf", next.name, &next.value) == 2)
    samples[sample_count++] = next;
  if (in)
    (void)fclose(in);
  int status = 0;
  (void)waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int bench_main(int argc, char **argv, void (*measure)(int start), void (*report)(void))
{
  int starts = 6;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--measure") == 0 && i + 1 < argc) {
      measure(atoi(argv[i + 1]));
      return fflush(stdout) == 0 ? 0 : 3;
    }
    if (strcmp(argv[i], "--quick") == 0)
      starts = 2;
    else if (strcmp(argv[i], "--starts") == 0 && i + 1 < argc)
      starts = atoi(argv[++i]);
  }
  for (int i = 0; i < starts; i++) {
    const int status = run_start(argv[0], i);
    if (status != 0) {
      (void)fprintf(stderr, "%s: a start ended with %d\n", argv[0], status);
      return 3;
    }
  }
  report();
  return 0;
}

// ---- figures ----

static int compare(const void *left, const void *right)
{
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

// The values of one name in the order they came; *count says how many.
static double *values_of(const char *name, size_t *count)
{
  static double values[2][MOST_SAMPLES];
  static int which;
  double *out = values[which ^= 1];
  *count = 0;
  for (size_t i = 0; i < sample_count; i++)
    if (strcmp(samples[i].name, name) == 0)
      out[(*count)++] = samples[i].value;
  return out;
}

// Where in the sorted values: 0 the least, 0.5 the median, 1 the most.
static double quantile(double *values, size_t count, double where)
{
  if (count == 0)
    return NAN;
  qsort(values, count, sizeof *values, compare);
  return values[(size_t)((double)(count - 1) * where)];
}

static double named_quantile(const char *name, double where)
{
  size_t count;
  double *values = values_of(name, &count);
  return quantile(values, count, where);
}

double bench_median(const char *name)
{
  return named_quantile(name, 0.5);
}

double bench_least(const char *name)
{
  return named_quantile(name, 0);
}

double bench_most(const char *name)
{
  return named_quantile(name, 1);
}

double bench_paired(const char *a, const char *b)
{
  size_t count_a, count_b;
  double *over = values_of(a, &count_a), *under = values_of(b, &count_b);
  if (count_a != count_b)
    return NAN;
  for (size_t i = 0; i < count_a; i++)
    over[i] /= under[i];
  return quantile(over, count_a, 0.5);
}

// ---- rows ----

static json_t *figure(double value)
{
  if (!isfinite(value))
    return json_null();
  char text[32];
  (void)snprintf(text, sizeof text, "%.4g", value);
  return json_real(strtod(text, NULL));
}

void bench_row(const struct bench_row *row)
{
  json_t *met = row->met < 0 ? json_null() : json_boolean(row->met);
  json_t *out = json_pack("{s:i s:s s:s s:o s:o s:o s:o s:s? s:o s:s s:o s:s?}", "row", row->row, "name", row->name, "unit",
                          row->unit, "heddle", figure(row->heddle), "least", figure(row->least), "most", figure(row->most),
                          "peer", figure(row->peer), "peer_version", row->peer_version, "ratio",
                          figure(row->heddle / row->peer), "bar", row->bar, "met", met, "why", row->why);
  if (!out) {
    (void)fprintf(stderr, "benchmark: row %d cannot be written\n", row->row);
    exit(3);
  }
  (void)json_dumpf(out, stdout, JSON_REAL_PRECISION(4));
  (void)putchar('\n');
  json_decref(out);
}
