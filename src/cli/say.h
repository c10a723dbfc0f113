// What heddle says to a person: an error is one line on standard error that says what to do. One thread.
#ifndef HD_CLI_SAY_H
#define HD_CLI_SAY_H

#include "base/hints.h"
#include "cli/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Prints "heddle: ..." on standard error, always as one clean line, and returns status, so that a caller can
// `return hd_say(...)`.
int hd_say(int status, const char *format, ...) hd_printf_like(2, 3);

// Prints a foreign text as text_clean leaves it, tabs kept: it cannot move the cursor or break the line.
void hd_say_text(FILE *to, const char *text, size_t size);

// Cleans it in place, newlines and tabs kept; returns its new length. There is room for a NUL behind size.
size_t hd_say_clean(char *text, size_t size);

// Whether standard input and output are a terminal that can show pictures ($TERM is set and not dumb).
bool hd_say_on_terminal(void);

// Whether questions can be asked: standard input and output are terminals of any kind.
bool hd_say_can_ask(void);

#endif
