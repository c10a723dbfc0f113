// What heddle says to a person: an error is one line on standard error. One thread.
#include "cli/say.h"

#include "model/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 4096

int hd_say(int status, const char *format, ...)
{
  char line[8192];
  va_list list;
  va_start(list, format);
  (void)vsnprintf(line, sizeof line, format, list);
  va_end(list);
  (void)fflush(stdout);
  char clean[sizeof line];
  (void)text_clean(clean, sizeof clean, line, strlen(line));
  (void)fprintf(stderr, "heddle: %s\n", clean);
  return status;
}

// Cleans the next piece of text: up to a character in kept, a NUL at most PIECE bytes away. Returns its size.
static size_t clean_piece(char out[PIECE + 1], const char *text, size_t size, const char *kept,
                          size_t *length)
{
  size_t piece = 0;
  while (piece < size && piece < PIECE && (text[piece] == '\0' || !strchr(kept, text[piece])))
    piece++;
  // Not through a character, if there is one.
  for (size_t back = 0; piece < size && piece == PIECE - back && back < 3; back++)
    if (((unsigned char)text[piece] & 0xc0) == 0x80)
      piece--;
  *length = text_clean(out, PIECE + 1, text, piece);
  return piece;
}

void hd_say_text(FILE *to, const char *text, size_t size)
{
  char clean[PIECE + 1];
  for (size_t at = 0, length; at < size;) {
    at += clean_piece(clean, text + at, size - at, "\t", &length);
    (void)fwrite(clean, 1, length, to);
    if (at < size && text[at] == '\t')
      (void)fputc(text[at++], to);
  }
}

size_t hd_say_clean(char *text, size_t size)
{
  char clean[PIECE + 1];
  size_t used = 0;
  for (size_t at = 0, length; at < size;) {
    at += clean_piece(clean, text + at, size - at, "\t\n", &length);
    memcpy(text + used, clean, length); // never longer than what it was
    used += length;
    if (at < size && (text[at] == '\t' || text[at] == '\n'))
      text[used++] = text[at++];
  }
  text[used] = '\0';
  return used;
}

bool hd_say_can_ask(void)
{
  return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

bool hd_say_on_terminal(void)
{
  const char *term = getenv("TERM");
  return hd_say_can_ask() && term && term[0] && strcmp(term, "dumb") != 0;
}
