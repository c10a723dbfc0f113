// The texts of lessons and exercises fit their code: lesson.json names only stages and observations that the sources
// announce, every part is there, and nothing points to a folder that does not exist.
#include "unit.h"

#include <dirent.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 64
#define MISCONCEPTIONS 20

struct folders {
  char names[MOST][64];
  int count;
};

static struct folders folders_of(const char *part)
{
  struct folders found = {.count = 0};
  char path[1024];
  (void)snprintf(path, sizeof path, "%s/%s", COURSE, part);
  DIR *dir = opendir(path);
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    size_t size = strlen(entry->d_name);
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' && size < 64 && found.count < MOST)
      memcpy(found.names[found.count++], entry->d_name, size + 1);
  }
  (void)closedir(dir);
  assert_true(found.count > 0);
  return found;
}

// Appends a file to text. Whether it is there.
static bool append_file(char **text, const char *path)
{
  FILE *file = fopen(path, "rb");
  if (!file)
    return false;
  size_t used = *text ? strlen(*text) : 0, got;
  char part[4096];
  while ((got = fread(part, 1, sizeof part, file)) > 0) {
    *text = realloc(*text, used + got + 1);
    assert_non_null(*text);
    memcpy(*text + used, part, got);
    used += got;
    (*text)[used] = '\0';
  }
  (void)fclose(file);
  return true;
}

static char *file_of(const char *part, const char *folder, const char *name)
{
  char path[1024], *text = NULL;
  (void)snprintf(path, sizeof path, "%s/%s/%s/%s", COURSE, part, folder, name);
  if (!append_file(&text, path))
    fail_msg("%s is missing", path);
  assert_non_null(text);
  return text;
}

static char *sources_of(const char *lesson)
{
  char path[1024], *text = NULL;
  (void)snprintf(path, sizeof path, "%s/lessons/%s", COURSE, lesson);
  DIR *dir = opendir(path);
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    const char *dot = strrchr(entry->d_name, '.');
    (void)snprintf(path, sizeof path, "%s/lessons/%s/%s", COURSE, lesson, entry->d_name);
    if (dot && strcmp(dot, ".c") == 0)
      assert_true(append_file(&text, path));
  }
  (void)closedir(dir);
  assert_non_null(text);
  return text;
}

static void assert_holds(const char *text, const char *words, const char *where)
{
  if (!strstr(text, words))
    fail_msg("%s has no %s", where, words);
}

static void assert_literal(const char *sources, const char *text, const char *where)
{
  char quoted[256];
  (void)snprintf(quoted, sizeof quoted, "\"%s\"", text);
  assert_holds(sources, quoted, where);
}

static json_t *json_of(const char *part, const char *folder, const char *name)
{
  json_error_t error;
  char *text = file_of(part, folder, name);
  json_t *info = json_loads(text, JSON_REJECT_DUPLICATES, &error);
  if (!info)
    fail_msg("%s/%s line %d: %s", folder, name, error.line, error.text);
  free(text);
  return info;
}

// The object has these keys and no others.
static void assert_keys(json_t *object, const char *const *keys, size_t count, const char *where)
{
  for (size_t i = 0; i < count; i++)
    if (!json_object_get(object, keys[i]))
      fail_msg("%s: no \"%s\"", where, keys[i]);
  if (json_object_size(object) != count)
    fail_msg("%s: a key too many", where);
}
#define ASSERT_KEYS(object, where, ...)                                                                                \
  do {                                                                                                                 \
    const char *const keys[] = {__VA_ARGS__};                                                                          \
    assert_keys(object, keys, sizeof keys / sizeof keys[0], where);                                                    \
  } while (0)

static const char *text_at(json_t *object, const char *key, const char *where)
{
  const char *text = json_string_value(json_object_get(object, key));
  if (!text || !text[0])
    fail_msg("%s: \"%s\" is no text", where, key);
  return text;
}

static void assert_condition(const char *is, const char *where)
{
  if ((is[0] != '>' && is[0] != '=') || is[1] == '\0' || strspn(is + 1, "0123456789") != strlen(is + 1))
    fail_msg("%s: \"%s\" is no condition", where, is);
}

static void check_question(json_t *question, const char *sources, const char *lesson)
{
  json_t *choice;
  size_t i;
  ASSERT_KEYS(question, lesson, "id", "text", "choices");
  const char *id = text_at(question, "id", lesson);
  (void)text_at(question, "text", lesson);
  json_t *choices = json_object_get(question, "choices");
  assert_true(json_array_size(choices) >= 2);
  json_array_foreach(choices, i, choice)
  {
    ASSERT_KEYS(choice, id, "key", "text", "outcome", "misconception");
    const char key[] = {(char)('A' + (int)i), '\0'};
    assert_string_equal(text_at(choice, "key", id), key);
    (void)text_at(choice, "text", id);
    json_t *outcome = json_object_get(choice, "outcome"), *number = json_object_get(choice, "misconception");
    ASSERT_KEYS(outcome, id, "observe", "is");
    assert_literal(sources, text_at(outcome, "observe", id), lesson);
    assert_condition(text_at(outcome, "is", id), id);
    assert_true(json_is_null(number) ||
                (json_integer_value(number) >= 1 && json_integer_value(number) <= MISCONCEPTIONS));
  }
}

static bool is_among(const struct folders *folders, const char *name)
{
  for (int i = 0; i < folders->count; i++)
    if (strcmp(folders->names[i], name) == 0)
      return true;
  return false;
}

static void a_lesson_says_what_its_sources_do(void **state)
{
  (void)state;
  struct folders lessons = folders_of("lessons"), exercises = folders_of("exercises");
  for (int l = 0; l < lessons.count; l++) {
    const char *lesson = lessons.names[l];
    json_t *info = json_of("lessons", lesson, "lesson.json"), *one;
    char *sources = sources_of(lesson);
    size_t i;
    ASSERT_KEYS(info, lesson, "title", "minutes", "prerequisites", "exercise", "args", "stages", "questions");
    (void)text_at(info, "title", lesson);
    assert_true(json_integer_value(json_object_get(info, "minutes")) > 0);
    json_array_foreach(json_object_get(info, "prerequisites"), i, one)
        assert_true(is_among(&lessons, json_string_value(one)));
    one = json_object_get(info, "exercise");
    assert_true(json_is_null(one) || is_among(&exercises, json_string_value(one)));
    assert_true(json_array_size(json_object_get(info, "stages")) > 0);
    json_array_foreach(json_object_get(info, "stages"), i, one)
        assert_literal(sources, json_string_value(one), lesson);
    assert_true(json_array_size(json_object_get(info, "questions")) > 0);
    json_array_foreach(json_object_get(info, "questions"), i, one)
        check_question(one, sources, lesson);
    free(sources);
    json_decref(info);
  }
}

static void a_lesson_has_all_its_parts(void **state)
{
  (void)state;
  static const char *const head[] = {"// Predict ", "// Run ", "// Watch ", "// Change "};
  static const char *const sections[] = {"## What you will see", "## Predict", "## Run", "## Look",
                                         "## Change",            "## Why",     "## Sources"};
  struct folders lessons = folders_of("lessons");
  for (int l = 0; l < lessons.count; l++) {
    const char *lesson = lessons.names[l];
    char *source = file_of("lessons", lesson, "lesson.c"), *readme = file_of("lessons", lesson, "README.md");
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
      assert_holds(source, head[i], lesson);
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
      assert_holds(readme, sections[i], lesson);
    free(file_of("lessons", lesson, "lesson.mjs"));
    free(source);
    free(readme);
  }
}

static void an_exercise_has_all_its_parts(void **state)
{
  (void)state;
  static const char *const parts[] = {"README.md", "exercise.h", "visible.c", "scenario.c"};
  static const char *const hints[] = {"## Hint 1\n", "## Hint 2\n", "## Hint 3\n"};
  struct folders lessons = folders_of("lessons"), exercises = folders_of("exercises");
  for (int e = 0; e < exercises.count; e++) {
    const char *exercise = exercises.names[e];
    json_t *info = json_of("exercises", exercise, "exercise.json");
    ASSERT_KEYS(info, exercise, "title", "lesson", "points", "time_limit");
    (void)text_at(info, "title", exercise);
    assert_true(is_among(&lessons, text_at(info, "lesson", exercise)));
    assert_true(json_integer_value(json_object_get(info, "points")) > 0);
    assert_true(json_number_value(json_object_get(info, "time_limit")) > 0);
    json_decref(info);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
      free(file_of("exercises", exercise, parts[i]));
    char *text = file_of("exercises", exercise, "hints.md");
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
      assert_holds(text, hints[i], exercise);
    free(text);
    text = file_of("exercises", exercise, "exercise.c");
    assert_holds(text, "// TODO", exercise);  // where the student's work begins
    free(text);
    text = file_of("tests/lessons/solutions", exercise, "exercise.c");
    assert_null(strstr(text, "TODO"));
    free(text);
  }
}

// No code goes on in the next line: there it could begin with a + or a number, which Markdown reads as a list.
static void assert_whole_code(const char *part, const char *folder, const char *name)
{
  char *text = file_of(part, folder, name);
  int line = 1;
  bool code = false;
  for (const char *at = text; *at; at++) {
    if (*at == '`')
      code = !code;
    if (*at == '\n' && code)
      fail_msg("%s/%s line %d: code is broken over lines", folder, name, line);
    line += *at == '\n';
  }
  free(text);
}

static void no_code_is_broken_over_lines(void **state)
{
  (void)state;
  struct folders lessons = folders_of("lessons"), exercises = folders_of("exercises");
  for (int l = 0; l < lessons.count; l++)
    assert_whole_code("lessons", lessons.names[l], "README.md");
  for (int e = 0; e < exercises.count; e++) {
    assert_whole_code("exercises", exercises.names[e], "README.md");
    assert_whole_code("exercises", exercises.names[e], "hints.md");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(a_lesson_says_what_its_sources_do),
      UNIT(a_lesson_has_all_its_parts),
      UNIT(an_exercise_has_all_its_parts),
      UNIT(no_code_is_broken_over_lines),
  };
  return cmocka_run_group_tests_name("lesson texts", tests, NULL, NULL);
}
