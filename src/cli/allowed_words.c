// Words and names that an exercise may not contain. Line marks are believed only to tell a place: a student
// can write them too, so what system headers hold is judged like the rest. Pure.
#include "cli/allowed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_SIZE 128

static bool starts(const char *text, const char *prefix)
{
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool starts_any(const char *word, const char *const *prefixes)
{
  for (; *prefixes; prefixes++)
    if (starts(word, *prefixes))
      return true;
  return false;
}

static bool is_sanitizers(const char *word)
{
  static const char *const prefixes[] = {"__tsan_",         "__asan_", "__ubsan_",  "__sanitizer_",
                                         "__lsan_",         "__msan_", "__hwasan_", "__interceptor_",
                                         "___interceptor_", "__wrap_", NULL};
  return starts_any(word, prefixes);
}

// What cmocka defines, or declares for its users.
static bool is_cmockas(const char *word)
{
  static const char *const prefixes[] = {"cmocka_",
                                         "_cmocka_",
                                         "_assert_",
                                         "_expect_",
                                         "_check_expected",
                                         "_will_return",
                                         "_function_called",
                                         "_run_test",
                                         "_run_group_test",
                                         "_test_malloc",
                                         "_test_calloc",
                                         "_test_realloc",
                                         "_test_free",
                                         "_fail",
                                         "_skip",
                                         "_stop",
                                         "_mock",
                                         "mock_assert",
                                         "print_message",
                                         "print_error",
                                         "vprint_message",
                                         "vprint_error",
                                         "global_expect_assert",
                                         "global_last_failed_assert",
                                         NULL};
  return starts_any(word, prefixes);
}

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static const char *after_blank(const char *at)
{
  return at + strspn(at, " \t\r\n\f\v");
}

// Behind a string or character that begins here.
static const char *after_literal(const char *at)
{
  char quote = *at++;
  for (; *at && *at != quote && *at != '\n'; at++)
    if (*at == '\\' && at[1])
      at++;
  return *at == quote ? at + 1 : at;
}

// Whether what follows the word asm only names a symbol, as system headers do: ("" "a_name").
static bool is_label(const char *at)
{
  at = after_blank(at);
  if (*at++ != '(')
    return false;
  for (;;) {
    at = after_blank(at);
    if (*at == ')')
      return true;
    if (*at != '"')
      return false;
    for (at++; *at != '"'; at++)
      if (!is_letter(*at) && !is_digit(*at) && *at != '@' && *at != '.')
        return false;
    at++;
  }
}

// Whether the word that ends before rest is allowed; an attribute may be written with underscores around it.
static bool is_allowed(const char *word, const char *rest)
{
  static const char *const annotations[] = {"AnnotateIgnore", "AnnotateBenign", "AnnotateHappens",
                                            "AnnotateRWLock", NULL};
  const char *bare = word + strspn(word, "_");
  if (starts(bare, "no_sanitize") || starts(bare, "disable_sanitizer_instrumentation"))
    return false;
  if (strcmp(bare, "asm") == 0 || strcmp(bare, "asm__") == 0)
    return is_label(rest);
  return !is_sanitizers(word) && !starts_any(word, annotations);
}

struct place {
  unsigned line;
  char file[WORD_SIZE];
};

// A line mark: # 12 "exercise.c"
static bool take_mark(const char *at, struct place *place)
{
  char *end;
  if (at[0] != '#' || at[1] != ' ' || !is_digit(at[2]))
    return false;
  place->line = (unsigned)strtoul(at + 2, &end, 10);
  size_t size = end[0] == ' ' && end[1] == '"' ? strcspn(end + 2, "\"\n") : 0;
  (void)snprintf(place->file, sizeof place->file, "%.*s", (int)(size < WORD_SIZE ? size : WORD_SIZE - 1),
                 size ? end + 2 : "");
  return true;
}

bool hd_allowed_text(const char *text, char *reason, size_t cap)
{
  struct place place = {.line = 1};
  char word[WORD_SIZE];
  bool fresh = true; // at the beginning of a line
  for (const char *at = text; *at;) {
    if (fresh && take_mark(at, &place)) {
      at += strcspn(at, "\n");
      at += *at == '\n';
      continue;
    }
    fresh = *at == '\n';
    place.line += fresh;
    if (*at == '"' || *at == '\'') {
      at = after_literal(at);
    } else if (is_digit(*at)) { // 0xabcL is no word
      while (is_letter(*at) || is_digit(*at))
        at++;
    } else if (is_letter(*at)) {
      size_t size = 0;
      while (is_letter(at[size]) || is_digit(at[size]))
        size++;
      (void)snprintf(word, sizeof word, "%.*s", (int)(size < sizeof word ? size : sizeof word - 1), at);
      at += size;
      if (!is_allowed(word, at)) {
        (void)snprintf(reason, cap, "%.60s line %u uses %.60s, which is not allowed in an exercise",
                       place.file, place.line, word);
        return false;
      }
    } else {
      at++;
    }
  }
  return true;
}

bool hd_allowed_symbols(const char *text, char *reason, size_t cap)
{
  for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
    char name[WORD_SIZE], type;
    if (sscanf(line, "%127s %c", name, &type) != 2)
      continue;
    bool defined = (type >= 'A' && type <= 'Z' && type != 'U') || type == 'u' || type == 'i';
    if (!defined || !(is_sanitizers(name) || is_cmockas(name) || strcmp(name, "main") == 0))
      continue;
    (void)snprintf(reason, cap, "it defines %.80s, a name that belongs to the tests and their tools", name);
    return false;
  }
  return true;
}
