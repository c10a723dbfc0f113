// heddle bench: runs the benchmark programs of the build folder and prints one table. Each prints rows of
// JSON. One thread.
#include "base/error.h"
#include "cli/args.h"
#include "cli/interrupt.h"
#include "cli/kit.h"
#include "cli/proc.h"
#include "cli/say.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The benchmarks are built on demand; when nothing has changed this takes a moment only.
static int build_all(const struct hd_kit *kit)
{
  struct hd_words call = {0};
  struct hd_proc_result result = {0};
  hd_words_split(&call, "cmake --build");
  hd_words_add(&call, "%s", kit->build.text);
  hd_words_split(&call, "--target heddle_bench");
  int rc = call.error != HD_OK ? call.error : hd_proc_run(&result, &(struct hd_proc_opts){.argv = call.list});
  hd_words_free(&call);
  int status = HD_EXIT_OK;
  if (result.interrupted)
    status = HD_EXIT_INTERRUPTED;
  else if (rc != HD_OK || result.status != 0) {
    if (result.text)
      (void)fputs(result.text, stderr);
    status =
        hd_say(HD_EXIT_CANNOT, "the benchmarks could not be built; ./heddle bench installs what they need");
  }
  free(result.text);
  return status;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_programs(struct hd_words *out, const char *folder, const char *only)
{
  DIR *dir = opendir(folder);
  const struct dirent *entry;
  while (dir && (entry = readdir(dir)) != NULL) {
    struct hd_path path;
    if (strncmp(entry->d_name, "bench_", 6) != 0 ||
        (only && strcmp(entry->d_name, only) != 0 && strcmp(entry->d_name + 6, only) != 0) ||
        hd_path_print(&path, "%s/%s", folder, entry->d_name) != HD_OK || !hd_path_is_file(path.text))
      continue;
    hd_words_add(out, "%s", path.text);
  }
  if (dir)
    (void)closedir(dir);
  if (out->count > 0)
    qsort(out->list, out->count, sizeof out->list[0], by_name);
}

static void print_figure(const json_t *row, const char *key, const char *unit)
{
  const json_t *value = json_object_get(row, key);
  char text[48] = "-";
  if (json_is_number(value))
    (void)snprintf(text, sizeof text, "%.4g %s", json_number_value(value), unit);
  (void)printf(" %16s", text);
}

static void print_row(const json_t *row)
{
  const char *unit = json_string_value(json_object_get(row, "unit"));
  const char *name = json_string_value(json_object_get(row, "name"));
  const char *peer = json_string_value(json_object_get(row, "peer_version"));
  const char *bar = json_string_value(json_object_get(row, "bar"));
  const char *why = json_string_value(json_object_get(row, "why"));
  const json_t *met = json_object_get(row, "met");
  (void)printf("%-60s", name ? name : "?");
  print_figure(row, "heddle", unit ? unit : "");
  print_figure(row, "peer", unit ? unit : "");
  (void)printf("  %-18s %-7s %s%s%s%s\n", peer ? peer : "",
               json_is_true(met)    ? "met"
               : json_is_false(met) ? "NOT MET"
                                    : "-",
               bar ? bar : "", why ? " (" : "", why ? why : "", why ? ")" : "");
}

static int add_rows(json_t *rows, const char *text)
{
  int added = 0;
  for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
    json_t *row = json_loadb(line, strcspn(line, "\n"), 0, NULL);
    if (json_is_object(row) && json_array_append(rows, row) == 0)
      added++;
    json_decref(row);
  }
  return added;
}

static int measure(char *program, json_t *rows)
{
  char *const call[] = {program, NULL};
  struct hd_proc_result result;
  int rc = hd_proc_run(&result, &(struct hd_proc_opts){.argv = call});
  if (rc != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "cannot start %s: %s", program, hd_error_text(rc));
  int status = result.interrupted ? HD_EXIT_INTERRUPTED : HD_EXIT_OK;
  if (status == HD_EXIT_OK && (add_rows(rows, result.text) == 0 || result.status != 0)) {
    (void)fputs(result.text, stderr);
    status = hd_say(HD_EXIT_CANNOT, "%s could not measure", hd_path_last(program));
  }
  free(result.text);
  return status;
}

static int measure_all(const struct hd_args *args, const struct hd_words *programs)
{
  json_t *rows = json_array();
  size_t i;
  const json_t *row;
  int status = HD_EXIT_OK;
  for (i = 0; i < programs->count && status == HD_EXIT_OK; i++) {
    size_t before = json_array_size(rows);
    status = measure(programs->list[i], rows);
    if (hd_args_has(args, HD_FLAG_JSON))
      continue;
    if (i == 0)
      (void)printf("%-60s %16s %16s  %-18s %-7s %s\n", "what", "heddle", "peer", "", "", "the bar");
    for (size_t j = before; j < json_array_size(rows); j++)
      print_row(json_array_get(rows, j));
    (void)fflush(stdout);
  }
  if (hd_args_has(args, HD_FLAG_JSON)) {
    (void)puts("[");
    json_array_foreach(rows, i, row)
    {
      (void)json_dumpf(row, stdout, JSON_REAL_PRECISION(4));
      (void)puts(i + 1 < json_array_size(rows) ? "," : "");
    }
    (void)puts("]");
  }
  json_decref(rows);
  return status;
}

int hd_cmd_bench(const struct hd_args *args)
{
  struct hd_kit kit;
  struct hd_path folder;
  struct hd_words programs = {0};
  (void)hd_kit_find(&kit);
  if (!kit.build.text[0] || hd_path_print(&folder, "%s/bench", kit.build.text) != HD_OK)
    return hd_say(HD_EXIT_CANNOT, "the benchmarks belong to the source tree; run ./heddle bench there");
  int status = build_all(&kit);
  if (status != HD_EXIT_OK)
    return status;
  list_programs(&programs, folder.text, args->word_count ? args->words[0] : NULL);
  if (programs.count > 0)
    status = measure_all(args, &programs);
  else if (args->word_count)
    status = hd_say(HD_EXIT_USAGE, "there is no benchmark %s; see %s", args->words[0], folder.text);
  else
    status = hd_say(HD_EXIT_CANNOT, "there are no benchmark programs in %s", folder.text);
  hd_words_free(&programs);
  return status;
}
