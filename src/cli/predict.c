// Predict first, then look. An answer is stored before the lesson runs; what was observed is added
// afterwards. One thread.
#include "cli/predict.h"

#include "base/error.h"
#include "cli/course.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/summary.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int hd_predict_fits(const char *condition, int64_t value, bool *fits)
{
  static const char *const signs[] = {"==", "!=", ">=", "<=", "=", ">", "<", ""};
  condition += strspn(condition, " ");
  size_t i = 0;
  while (strncmp(condition, signs[i], strlen(signs[i])) != 0)
    i++;
  const char *number = condition + strlen(signs[i]);
  char *end;
  errno = 0;
  long long wanted = strtoll(number, &end, 10);
  if (end == number || end[strspn(end, " ")] != '\0' || errno != 0)
    return HD_EFORMAT;
  switch (i) {
  case 1:
    *fits = value != wanted;
    break;
  case 2:
    *fits = value >= wanted;
    break;
  case 3:
    *fits = value <= wanted;
    break;
  case 5:
    *fits = value > wanted;
    break;
  case 6:
    *fits = value < wanted;
    break;
  default:
    *fits = value == wanted;
  }
  return HD_OK;
}

// ---- storing ----

struct answer {
  const char *lesson, *question, *key;
  json_int_t misconception;
  bool observed, right;
  int64_t value;
};

static json_t *predictions_of(json_t *progress)
{
  json_t *list = json_object_get(progress, "predictions");
  if (json_is_array(list))
    return list;
  list = json_array();
  return list && json_object_set_new(progress, "predictions", list) == 0 ? list : NULL;
}

// The newest prediction for that question.
static json_t *newest(const json_t *list, const struct answer *answer)
{
  for (size_t i = json_array_size(list); i > 0; i--) {
    json_t *one = json_array_get(list, i - 1);
    if (strcmp(hd_info_text(one, "lesson", ""), answer->lesson) == 0 &&
        strcmp(hd_info_text(one, "question", ""), answer->question) == 0)
      return one;
  }
  return NULL;
}

static int store_answer(json_t *progress, void *context)
{
  const struct answer *answer = context;
  json_t *list = predictions_of(progress);
  json_t *one = json_pack("{s:s, s:s, s:s, s:I}", "lesson", answer->lesson, "question", answer->question,
                          "choice", answer->key, "asked", (json_int_t)time(NULL));
  if (one && answer->misconception > 0)
    (void)json_object_set_new(one, "misconception", json_integer(answer->misconception));
  return list && one && json_array_append_new(list, one) == 0 ? HD_OK : HD_ENOMEM;
}

static int store_outcome(json_t *progress, void *context)
{
  const struct answer *answer = context;
  json_t *one = newest(json_object_get(progress, "predictions"), answer);
  if (!one)
    return HD_OK;
  (void)json_object_set_new(one, "right", json_boolean(answer->right));
  return json_object_set_new(one, "observed", json_integer(answer->value)) == 0 ? HD_OK : HD_ENOMEM;
}

static void earlier_answer(const struct answer *answer, char *out, size_t cap)
{
  json_t *progress = hd_progress_read();
  const json_t *one = newest(json_object_get(progress, "predictions"), answer);
  (void)snprintf(out, cap, "%s", hd_info_text(one, "choice", ""));
  json_decref(progress);
}

// ---- asking ----

static const json_t *choice_of(const json_t *question, const char *key)
{
  size_t i;
  const json_t *choice;
  json_array_foreach(json_object_get(question, "choices"), i, choice)
  {
    const char *own = hd_info_text(choice, "key", "");
    if (own[0] && tolower((unsigned char)own[0]) == tolower((unsigned char)key[0]) && own[1] == key[1])
      return choice;
  }
  return NULL;
}

static int read_answer(char *out, size_t cap)
{
  (void)fflush(stdout);
  if (!fgets(out, (int)cap, stdin) || hd_interrupted()) {
    (void)putchar('\n');
    return HD_ECANCELED;
  }
  if (!strchr(out, '\n'))
    for (int c = getchar(); c != '\n' && c != EOF;)
      c = getchar();
  size_t size = strcspn(out, " \t\r\n");
  out[size] = '\0';
  return strcmp(out, "q") == 0 ? HD_ECANCELED : HD_OK;
}

// "A, B or C, please."
static void say_choices(const json_t *question)
{
  const json_t *choices = json_object_get(question, "choices"), *choice;
  size_t i, count = json_array_size(choices);
  json_array_foreach(choices, i, choice)
      printf("%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", hd_info_text(choice, "key", "?"));
  (void)puts(", please.");
}

static int ask_one(const char *lesson, const json_t *question, json_t *answers)
{
  struct answer answer = {.lesson = lesson, .question = hd_info_text(question, "id", "?")};
  char before[16], typed[16];
  size_t i;
  const json_t *choice;
  earlier_answer(&answer, before, sizeof before);
  if (before[0] && !choice_of(question, before))
    before[0] = '\0';
  (void)putchar('\n');
  hd_help_wrapped(stdout, 0, 78, hd_info_text(question, "text", ""));
  json_array_foreach(json_object_get(question, "choices"), i, choice)
  {
    (void)printf("  %s  ", hd_info_text(choice, "key", "?"));
    hd_help_wrapped(stdout, 5, 78, hd_info_text(choice, "text", ""));
  }
  for (choice = NULL; !choice;) {
    if (before[0])
      (void)printf("Your answer (Enter keeps %s, q leaves): ", before);
    else
      (void)printf("Your answer (q leaves): ");
    int rc = read_answer(typed, sizeof typed);
    if (rc != HD_OK)
      return rc;
    choice = choice_of(question, typed[0] ? typed : before[0] ? before : "?");
    if (!choice)
      say_choices(question);
  }
  answer.key = hd_info_text(choice, "key", "");
  answer.misconception = json_integer_value(json_object_get(choice, "misconception"));
  int rc = hd_progress_change(store_answer, &answer);
  if (rc < 0)
    (void)hd_say(0, "your prediction is not kept: %s", hd_error_text(rc));
  return json_object_set_new(answers, answer.question, json_string(answer.key)) == 0 ? HD_OK : HD_ENOMEM;
}

int hd_predict_ask(const char *lesson, const json_t *info, json_t **answers)
{
  size_t i;
  const json_t *question, *questions = json_object_get(info, "questions");
  json_t *given = json_object();
  int rc = given ? HD_OK : HD_ENOMEM;
  if (json_array_size(questions) > 0)
    (void)puts("Before it runs: what do you think will happen?");
  json_array_foreach(questions, i, question)
  {
    if (rc == HD_OK && json_array_size(json_object_get(question, "choices")) > 0)
      rc = ask_one(lesson, question, given);
  }
  if (rc != HD_OK) {
    json_decref(given);
    return rc;
  }
  *answers = given;
  return HD_OK;
}

// ---- comparing ----

static bool outcome_fits(const json_t *choice, const hdv_model *model, bool *known, const char **name,
                         int64_t *value)
{
  const json_t *outcome = json_object_get(choice, "outcome");
  bool fits = false;
  const char *observed = hd_info_text(outcome, "observe", "");
  if (!hd_summary_observed(model, observed, value))
    return false;
  *known = true;
  *name = observed;
  const json_t *is = json_object_get(outcome, "is");
  if (json_is_integer(is))
    return json_integer_value(is) == *value;
  return hd_predict_fits(json_string_value(is) ? json_string_value(is) : "", *value, &fits) == HD_OK && fits;
}

// The answer's choice, what happened instead, and whether that is the same; false when nothing was observed.
struct result {
  const json_t *chosen, *happened;
  const char *name;
  int64_t value;
  bool known, right;
};

static struct result compare(const json_t *question, const char *key, const hdv_model *model)
{
  struct result result = {.chosen = choice_of(question, key), .name = ""};
  size_t i;
  const json_t *choice;
  result.right =
      result.chosen && outcome_fits(result.chosen, model, &result.known, &result.name, &result.value);
  json_array_foreach(json_object_get(question, "choices"), i, choice)
  {
    if (!result.happened && outcome_fits(choice, model, &result.known, &result.name, &result.value))
      result.happened = choice;
  }
  if (result.right)
    result.happened = result.chosen;
  return result;
}

static void tell_one(const char *lesson, const json_t *question, const char *key, const struct result *result,
                     FILE *to)
{
  const struct answer answer = {.lesson = lesson,
                                .question = hd_info_text(question, "id", "?"),
                                .right = result->right,
                                .value = result->value};
  (void)fputc('\n', to);
  hd_help_wrapped(to, 0, 78, hd_info_text(question, "text", ""));
  (void)fprintf(to, "  predicted  %s  ", key);
  hd_help_wrapped(to, 16, 78, hd_info_text(result->chosen, "text", ""));
  (void)fprintf(to, "  observed   %s  ", result->happened ? hd_info_text(result->happened, "key", "?") : "-");
  hd_help_wrapped(to, 16, 78, result->happened ? hd_info_text(result->happened, "text", "") : "none of these");
  (void)fprintf(to, "             %s = %lld.\n             %s\n", result->name,
                (long long)result->value,
                result->right ? "It is what you predicted." : "It is not what you predicted. Look again: why?");
  int rc = hd_progress_change(store_outcome, (void *)(uintptr_t)&answer);
  if (rc < 0)
    (void)hd_say(0, "what came of your prediction is not kept: %s", hd_error_text(rc));
}

void hd_predict_tell(const char *lesson, const json_t *info, const json_t *answers, const hdv_model *model,
                     FILE *to)
{
  size_t i, open = 0, told = 0;
  const json_t *question;
  json_array_foreach(json_object_get(info, "questions"), i, question)
  {
    const char *key = hd_info_text(answers, hd_info_text(question, "id", "?"), NULL);
    struct result result = {.known = false};
    if (key)
      result = compare(question, key, model);
    open += key && !result.known;
    if (!result.known)
      continue;
    if (told++ == 0)
      (void)fputs("What you predicted, and what happened:\n", to);
    tell_one(lesson, question, key, &result, to);
  }
  if (open > 0)
    (void)fputs(
        "You left before the lesson had shown everything. Your predictions are kept for the next run.\n", to);
}
