// The verbs and their flags: the tables commands.def and flags.def as data. Constant; any thread.
#ifndef HD_CLI_COMMAND_H
#define HD_CLI_COMMAND_H

#include <stddef.h>
#include <stdint.h>

enum hd_flag {
#define X(id, name, kind, value, least, most, help) HD_FLAG_##id,
#include "cli/flags.def"
#undef X
  HD_FLAGS
};

enum hd_flag_kind { HD_FLAG_SWITCH, HD_FLAG_TEXT, HD_FLAG_WHOLE, HD_FLAG_REAL, HD_FLAG_CHOICE };

struct hd_flag_info {
  const char *name;
  enum hd_flag_kind kind;
  const char *value; // what stands behind it; for a CHOICE the words
  double least, most;
  const char *help;
};
const struct hd_flag_info *hd_flag_info(enum hd_flag flag);

// What the program ends with; the whole list.
enum hd_exit {
  HD_EXIT_OK = 0,           // it holds, or it is done
  HD_EXIT_FAILED = 1,       // it does not hold: a check failed, the lesson itself failed
  HD_EXIT_USAGE = 2,        // wrong usage: a name, flag, number or file that makes no sense
  HD_EXIT_CANNOT = 3,       // heddle could not: a missing tool, no room, no permission
  HD_EXIT_INTERRUPTED = 130 // Ctrl-C and other signals to end
};

struct hd_args;

struct hd_command {
  const char *verb, *arguments;
  size_t fewest, most; // names it takes
  uint64_t flags;      // bit 1 << HD_FLAG_*: knows it
  const char *help, *more;
  int (*run)(const struct hd_args *args);
};

// The command of a verb, NULL when there is none; and the table by index, NULL at the end.
const struct hd_command *hd_command_find(const char *verb);
const struct hd_command *hd_command_at(size_t index);

// Whether the command knows the flag (help and yes are known everywhere).
int hd_command_takes(const struct hd_command *command, enum hd_flag flag);

#define X(verb, arguments, fewest, most, flags, help, more) int hd_cmd_##verb(const struct hd_args *args);
#include "cli/commands.def"
#undef X

// heddle without a verb.
int hd_cmd_menu(const struct hd_args *args);

#endif
