// What heddle says to a person: an error is one line on standard error that says what to do. One thread.
#ifndef HD_CLI_SAY_H
#define HD_CLI_SAY_H

#include "base/hints.h"
#include "cli/command.h"

#include <stdbool.h>
#include <stdint.h>

// Prints "heddle: ..." on standard error and returns status, so that a caller can `return hd_say(...)`.
int hd_say(int status, const char *format, ...) hd_printf_like(2, 3);

// Whether standard input and output are a terminal that can show pictures ($TERM is set and not dumb).
bool hd_say_on_terminal(void);

// Whether questions can be asked: standard input and output are terminals of any kind.
bool hd_say_can_ask(void);

#endif
