// The command line, taken apart and checked against the tables of verbs and flags.
// Nothing here prints: what is wrong goes into args->problem. One thread.
#include "cli/args.h"

#include "base/error.h"
#include "base/hints.h"
#include "cli/near.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hd_printf_like(2, 3) static int wrong(struct hd_args *args, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  (void)vsnprintf(args->problem, sizeof args->problem, format, list);
  va_end(list);
  return HD_EINVAL;
}

static bool choice_index(const char *words, const char *value, int *index)
{
  size_t size = strlen(value);
  *index = 0;
  for (const char *word = words; word; (*index)++) {
    const char *bar = strchr(word, '|');
    size_t length = bar ? (size_t)(bar - word) : strlen(word);
    if (length == size && strncmp(word, value, size) == 0)
      return true;
    word = bar ? bar + 1 : NULL;
  }
  return false;
}

// Reads a plain number: no blanks, no hexadecimal, nothing behind it.
static bool read_number(const char *text, double *out)
{
  if (text[strspn(text, "0123456789.eE+-")] != '\0' || text[0] == '\0')
    return false;
  char *end;
  errno = 0;
  *out = strtod(text, &end);
  return *end == '\0' && errno == 0;
}

static int take_value(struct hd_args *args, enum hd_flag flag, const char *value)
{
  const struct hd_flag_info *info = hd_flag_info(flag);
  double number = 0;
  int index;
  args->value[flag] = value;
  switch (info->kind) {
  case HD_FLAG_SWITCH:
    return HD_OK;
  case HD_FLAG_TEXT:
    return value[0] ? HD_OK : wrong(args, "--%s needs a %s", info->name, info->value);
  case HD_FLAG_CHOICE:
    return choice_index(info->value, value, &index)
               ? HD_OK
               : wrong(args, "--%s is one of %s, not \"%.40s\"", info->name, info->value, value);
  case HD_FLAG_REAL:
    if (strcmp(value, "max") == 0) {
      args->number[flag] = INFINITY;
      return HD_OK;
    }
    if (!read_number(value, &number) || number < info->least || number > info->most)
      return wrong(args, "--%s needs a number from %g to %g or max, not \"%.40s\"", info->name, info->least,
                   info->most, value);
    break;
  case HD_FLAG_WHOLE:
    if (value[strspn(value, "0123456789")] != '\0' || !read_number(value, &number) || number < info->least ||
        number > info->most)
      return wrong(args, "--%s needs a whole number from %.0f to %.0f, not \"%.40s\"", info->name,
                   info->least, info->most, value);
    break;
  }
  args->number[flag] = number;
  return HD_OK;
}

static const char *nearest_flag(const char *name)
{
  struct hd_near near = hd_near_to(name);
  for (int i = 0; i < HD_FLAGS; i++)
    hd_near_try(&near, hd_flag_info((enum hd_flag)i)->name);
  return hd_near_best(&near);
}

// Takes the flag at argv[at] and perhaps the value behind it. Returns how many words that were, or HD_EINVAL.
static int take_flag(struct hd_args *args, int argc, char **argv, int at)
{
  const char *word = strcmp(argv[at], "-h") == 0 ? "--help" : argv[at];
  const char *name = word + (word[1] == '-' ? 2 : 1);
  size_t length = strcspn(name, "=");
  for (int i = 0; i < HD_FLAGS; i++) {
    enum hd_flag flag = (enum hd_flag)i;
    const struct hd_flag_info *info = hd_flag_info(flag);
    if (strlen(info->name) != length || strncmp(info->name, name, length) != 0 || word[1] != '-')
      continue;
    bool attached = name[length] == '=';
    args->given |= UINT64_C(1) << i;
    if (info->kind == HD_FLAG_SWITCH)
      return attached ? wrong(args, "--%s takes no value", info->name) : 1;
    if (!attached && at + 1 >= argc)
      return wrong(args, "--%s needs a value: %s", info->name, info->value);
    int rc = take_value(args, flag, attached ? name + length + 1 : argv[at + 1]);
    return rc != HD_OK ? rc : attached ? 1 : 2;
  }
  const char *nearest = nearest_flag(name);
  if (nearest)
    return wrong(args, "there is no flag %.40s; did you mean --%s?", argv[at], nearest);
  return wrong(args, "there is no flag %.40s; heddle --help shows what there is", argv[at]);
}

static int unknown_verb(struct hd_args *args, const char *verb)
{
  struct hd_near near = hd_near_to(verb);
  const struct hd_command *command;
  for (size_t i = 0; (command = hd_command_at(i)) != NULL; i++)
    hd_near_try(&near, command->verb);
  const char *nearest = hd_near_closest(&near);
  return wrong(args, "there is no verb \"%.40s\"; did you mean heddle %s? (heddle --help shows all)", verb,
               nearest);
}

static int take_word(struct hd_args *args, const char *word)
{
  if (!args->command) {
    args->command = hd_command_find(word);
    return args->command ? HD_OK : unknown_verb(args, word);
  }
  if (args->word_count == args->command->most || args->word_count == HD_ARGS_WORDS)
    return wrong(args, "heddle %s does not know what to do with \"%.40s\"; it takes: heddle %s %s",
                 args->command->verb, word, args->command->verb, args->command->arguments);
  args->words[args->word_count++] = word;
  return HD_OK;
}

static int check_flags(struct hd_args *args)
{
  uint64_t anywhere = UINT64_C(1) << HD_FLAG_VERSION;
  for (int i = 0; i < HD_FLAGS; i++) {
    if (!((args->given & ~anywhere) >> i & 1))
      continue;
    const char *name = hd_flag_info((enum hd_flag)i)->name;
    if (!args->command && i != HD_FLAG_HELP && i != HD_FLAG_YES)
      return wrong(args, "--%s needs a verb, for example: heddle run 21 --%s", name, name);
    if (args->command && !hd_command_takes(args->command, (enum hd_flag)i))
      return wrong(args, "heddle %s has no --%s; heddle %s --help shows its flags", args->command->verb, name,
                   args->command->verb);
  }
  return HD_OK;
}

int hd_args_parse(struct hd_args *out, int argc, char **argv)
{
  memset(out, 0, sizeof *out);
  for (int i = 1; i < argc;) {
    if (strcmp(argv[i], "--") == 0) {
      out->rest = argv + i + 1;
      out->rest_count = (size_t)(argc - i - 1);
      break;
    }
    bool flag = argv[i][0] == '-' && argv[i][1] != '\0';
    int took = flag ? take_flag(out, argc, argv, i) : take_word(out, argv[i]);
    if (took < 0)
      return took;
    i += flag ? took : 1;
  }
  int rc = check_flags(out);
  if (rc != HD_OK || hd_args_has(out, HD_FLAG_HELP) || hd_args_has(out, HD_FLAG_VERSION) || !out->command)
    return rc;
  if (out->word_count < out->command->fewest)
    return wrong(out, "heddle %s needs a name: heddle %s %s", out->command->verb, out->command->verb,
                 out->command->arguments);
  return HD_OK;
}

bool hd_args_has(const struct hd_args *args, enum hd_flag flag)
{
  return (args->given >> flag & 1) != 0;
}

int hd_args_choice(const struct hd_args *args, enum hd_flag flag, int otherwise)
{
  int index;
  if (!hd_args_has(args, flag) || !choice_index(hd_flag_info(flag)->value, args->value[flag], &index))
    return otherwise;
  return index;
}
