// A growing list of words. One thread.
#include "cli/words.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep(struct hd_words *words, char *word)
{
  if (!word || words->error != HD_OK) {
    free(word);
    words->error = HD_ENOMEM;
    return;
  }
  if (words->count + 1 >= words->room) {
    size_t room = words->room ? 2 * words->room : 32;
    char **list = realloc(words->list, room * sizeof *list);
    if (!list) {
      free(word);
      words->error = HD_ENOMEM;
      return;
    }
    words->list = list;
    words->room = room;
  }
  words->list[words->count++] = word;
  words->list[words->count] = NULL;
}

void hd_words_add(struct hd_words *words, const char *format, ...)
{
  char *word = NULL;
  va_list list;
  va_start(list, format);
  int size = vasprintf(&word, format, list);
  va_end(list);
  keep(words, size < 0 ? NULL : word);
}

void hd_words_split(struct hd_words *words, const char *text)
{
  for (;;) {
    text += strspn(text, " \t");
    size_t size = strcspn(text, " \t");
    if (size == 0)
      return;
    keep(words, strndup(text, size));
    text += size;
  }
}

void hd_words_free(struct hd_words *words)
{
  for (size_t i = 0; i < words->count; i++)
    free(words->list[i]);
  free(words->list);
  *words = (struct hd_words){0};
}
