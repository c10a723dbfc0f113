// heddle's help, made from the tables of verbs and flags; and the verb help. One thread.
#include "cli/help.h"

#include "cli/args.h"
#include "cli/near.h"
#include "cli/say.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void hd_help_wrapped(FILE *to, unsigned indent, unsigned width, const char *text)
{
  unsigned column = indent;
  while (*text) {
    size_t size = strcspn(text, " \n");
    unsigned word = 0;
    for (size_t i = 0; i < size; i++)
      word += ((unsigned char)text[i] & 0xc0) != 0x80;
    if (column > indent && column + 1 + word > width) {
      (void)fprintf(to, "\n%*s", (int)indent, "");
      column = indent;
    } else if (column > indent) {
      (void)fputc(' ', to);
      column++;
    }
    (void)fwrite(text, 1, size, to);
    column += word;
    text += size;
    text += strspn(text, " \n");
  }
  (void)fputc('\n', to);
}

// A terminal's width, and so much that nothing is wrapped when it goes elsewhere.
static unsigned width_of(FILE *to)
{
  struct winsize size;
  if (!isatty(fileno(to)))
    return 10000;
  return ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col >= 60 ? size.ws_col : 80;
}

void hd_help_all(FILE *to)
{
  const struct hd_command *command;
  (void)fputs("heddle shows event loops and threads at work, step by step.\n\n"
              "  heddle                       the menu\n",
              to);
  for (size_t i = 0; (command = hd_command_at(i)) != NULL; i++) {
    char call[64];
    (void)snprintf(call, sizeof call, "%s %s", command->verb, command->arguments);
    (void)fprintf(to, "  heddle %-21s ", call);
    hd_help_wrapped(to, 31, width_of(to), command->help);
  }
  (void)fputc('\n', to);
  hd_help_wrapped(to, 0, width_of(to), "heddle VERB --help shows the flags of a verb; they may stand before or after it.");
  hd_help_wrapped(to, 0, width_of(to),
                  "Exit status: 0 it holds or is done, 1 it does not hold, 2 wrong usage, 3 heddle could not, "
                  "130 interrupted.");
  (void)fputs("\nTry first: heddle run 21\n", to);
}

void hd_help_verb(const struct hd_command *command, FILE *to)
{
  (void)fprintf(to, "heddle %s%s%s: %s\n", command->verb, command->arguments[0] ? " " : "",
                command->arguments, command->help);
  if (command->more[0]) {
    (void)fputc('\n', to);
    hd_help_wrapped(to, 0, width_of(to), command->more);
  }
  (void)fputc('\n', to);
  for (int i = 0; i < HD_FLAGS; i++) {
    const struct hd_flag_info *info = hd_flag_info((enum hd_flag)i);
    char flag[64];
    if (!hd_command_takes(command, (enum hd_flag)i) || i == HD_FLAG_YES)
      continue;
    (void)snprintf(flag, sizeof flag, "--%s%s%s", info->name, info->value[0] ? " " : "", info->value);
    (void)fprintf(to, "  %-30s ", flag);
    hd_help_wrapped(to, 33, width_of(to), info->help);
  }
}

int hd_cmd_help(const struct hd_args *args)
{
  if (args->word_count == 0) {
    hd_help_all(stdout);
    return HD_EXIT_OK;
  }
  const struct hd_command *command = hd_command_find(args->words[0]);
  if (command) {
    hd_help_verb(command, stdout);
    return HD_EXIT_OK;
  }
  struct hd_near near = hd_near_to(args->words[0]);
  for (size_t i = 0; (command = hd_command_at(i)) != NULL; i++)
    hd_near_try(&near, command->verb);
  return hd_say(HD_EXIT_USAGE, "there is no verb \"%.40s\"; did you mean heddle help %s?", args->words[0],
                hd_near_closest(&near));
}
