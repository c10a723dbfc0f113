// heddle: takes the command line apart and hands it to the verb. Everything else stands in one file per
// command.
#include "cli/args.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/kit.h"
#include "cli/say.h"

#include "base/error.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static int dispatch(const struct hd_args *args)
{
  if (hd_args_has(args, HD_FLAG_VERSION))
    return printf("heddle %s\n", hd_kit_version()) < 0 ? HD_EXIT_CANNOT : HD_EXIT_OK;
  if (hd_args_has(args, HD_FLAG_HELP)) {
    if (args->command && strcmp(args->command->verb, "help") != 0)
      hd_help_verb(args->command, stdout);
    else
      hd_help_all(stdout);
    return HD_EXIT_OK;
  }
  return args->command ? args->command->run(args) : hd_cmd_menu(args);
}

int main(int argc, char **argv)
{
  static struct hd_args args;
  (void)setlocale(LC_ALL, "");
  (void)setlocale(LC_NUMERIC, "C"); // numbers are written the same everywhere
  hd_interrupt_install();
  if (hd_args_parse(&args, argc, argv) != HD_OK)
    return hd_say(HD_EXIT_USAGE, "%s", args.problem);
  int status = dispatch(&args);
  if ((fflush(stdout) != 0 || ferror(stdout)) && status == HD_EXIT_OK)
    return hd_say(HD_EXIT_CANNOT, "cannot write to standard output; is the disk full or the pipe closed?");
  return status;
}
