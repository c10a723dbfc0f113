// heddle's help, made from the tables of verbs and flags. One thread.
#ifndef HD_CLI_HELP_H
#define HD_CLI_HELP_H

#include "cli/command.h"

#include <stdio.h>

void hd_help_all(FILE *to);
void hd_help_verb(const struct hd_command *command, FILE *to);

// Words in lines of at most width characters; the first line starts where the cursor is, at column indent.
void hd_help_wrapped(FILE *to, unsigned indent, unsigned width, const char *text);

#endif
