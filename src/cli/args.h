// The command line, taken apart and checked. Flags may stand before or after the verb; `--` ends heddle's own
// part. Invariant: after HD_OK every flag given is known to the verb and every value is of its kind. One
// thread.
#ifndef HD_CLI_ARGS_H
#define HD_CLI_ARGS_H

#include "cli/command.h"

#include <stdbool.h>

#define HD_ARGS_WORDS 8

struct hd_args {
  const struct hd_command *command; // NULL: no verb
  const char *words[HD_ARGS_WORDS]; // the names behind the verb
  size_t word_count;
  char **rest; // what stands behind --
  size_t rest_count;
  uint64_t given;              // bit 1 << HD_FLAG_*
  const char *value[HD_FLAGS]; // of the flags that have one
  double number[HD_FLAGS];     // of WHOLE and REAL flags; INFINITY for `max`
  char problem[512];           // what is wrong, one line, after HD_EINVAL
};

// argv[0] is the program. Strings stay argv's. HD_EINVAL: see problem.
int hd_args_parse(struct hd_args *out, int argc, char **argv);

// Whether the flag was given.
bool hd_args_has(const struct hd_args *args, enum hd_flag flag);

// The index of the flag's value among its words (CHOICE), or otherwise when it was not given.
int hd_args_choice(const struct hd_args *args, enum hd_flag flag, int otherwise);

#endif
