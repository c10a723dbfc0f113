// A growing list of words, for example the arguments of a program to start. A failed allocation sticks and is
// told at the end. One thread.
#ifndef HD_CLI_WORDS_H
#define HD_CLI_WORDS_H

#include "base/hints.h"

#include <stddef.h>

struct hd_words {
  char **list; // NULL-terminated
  size_t count, room;
  int error; // HD_OK or HD_ENOMEM
};

void hd_words_add(struct hd_words *words, const char *format, ...) hd_printf_like(2, 3);
// The parts of text between blanks.
void hd_words_split(struct hd_words *words, const char *text);
void hd_words_free(struct hd_words *words);

#endif
