// The tables of verbs and flags. Constant data; any thread.
#include "cli/command.h"

#include <string.h>

#define F(flag) (UINT64_C(1) << HD_FLAG_##flag)
#define VIEW (F(TERMINAL) | F(WINDOW) | F(PLAIN) | F(PRESENTER))
#define LOOKS (F(THEME) | F(BIG) | F(REDUCED_MOTION) | F(ASCII) | F(COLOR) | F(FPS))

static const struct hd_flag_info flag_infos[HD_FLAGS] = {
#define X(id, name, kind, value, least, most, help) {name, HD_FLAG_##kind, value, least, most, help},
#include "cli/flags.def"
#undef X
};

static const struct hd_command commands[] = {
#define X(verb, arguments, fewest, most, flags, help, more)                                                  \
  {#verb, arguments, fewest, most, flags, help, more, hd_cmd_##verb},
#include "cli/commands.def"
#undef X
};

const struct hd_flag_info *hd_flag_info(enum hd_flag flag)
{
  return &flag_infos[flag];
}

const struct hd_command *hd_command_at(size_t index)
{
  return index < sizeof commands / sizeof commands[0] ? &commands[index] : NULL;
}

const struct hd_command *hd_command_find(const char *verb)
{
  const struct hd_command *command;
  for (size_t i = 0; (command = hd_command_at(i)) != NULL; i++)
    if (strcmp(command->verb, verb) == 0)
      return command;
  return NULL;
}

int hd_command_takes(const struct hd_command *command, enum hd_flag flag)
{
  return ((command->flags | F(HELP) | F(YES)) >> flag & 1) != 0;
}
