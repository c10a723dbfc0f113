// The course: which folders are parts of it, and how a person names one.
#include "unit.h"

#include "base/error.h"
#include "cli/course.h"
#include "cli/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];
static struct hd_course course;
static struct hd_part part;
static char problem[1024];

static void add(const char *folder, const char *file, const char *text)
{
  struct hd_path path;
  assert_int_equal(hd_path_print(&path, "%s/%s", root, folder), HD_OK);
  assert_int_equal(hd_path_make(path.text), HD_OK);
  assert_int_equal(hd_path_print(&path, "%s/%s/%s", root, folder, file), HD_OK);
  assert_int_equal(hd_file_write(path.text, text, strlen(text)), HD_OK);
}

static int make_course(void **state)
{
  (void)state;
  (void)strcpy(root, "/tmp/heddle-course-XXXXXX");
  if (!mkdtemp(root))
    return -1;
  add("lessons/21_worker_pool", "lesson.c", "");
  add("lessons/08_torn_write", "lesson.c", "");
  add("lessons/08_twins", "lesson.c", "");
  add("lessons/100_worker", "lesson.c", "");
  add("lessons/notes", "lesson.c", ""); // no number: no lesson
  add("lessons/_drafts", "lesson.c", "");
  add("lessons/5", "lesson.c", "");
  add("lessons", "30_a_file", ""); // no folder
  add("exercises/05_lost_update", "exercise.c", "");
  return hd_course_read(&course, root);
}

static int remove_course(void **state)
{
  (void)state;
  hd_course_close(&course);
  hd_path_remove(root);
  return 0;
}

static int find(const char *wanted)
{
  problem[0] = '\0';
  return hd_course_find(&course, HD_PART_LESSON, wanted, &part, problem, sizeof problem);
}

static void parts_are_the_numbered_folders_in_order(void **state)
{
  (void)state;
  assert_int_equal(course.counts[HD_PART_LESSON], 4);
  assert_int_equal(course.counts[HD_PART_EXERCISE], 1);
  assert_string_equal(course.parts[HD_PART_LESSON][0].folder, "08_torn_write");
  assert_string_equal(course.parts[HD_PART_LESSON][2].folder, "21_worker_pool");
  assert_int_equal(course.parts[HD_PART_LESSON][3].number, 100);
  assert_string_equal(hd_part_name(&course.parts[HD_PART_LESSON][3]), "worker");
}

static void a_part_is_named_by_number_name_or_folder(void **state)
{
  (void)state;
  static const char *const names[] = {"21", "021", "worker_pool", "21_worker_pool", "worker_p"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    assert_int_equal(find(names[i]), HD_OK);
    assert_string_equal(part.folder, "21_worker_pool");
  }
}

static void a_whole_name_wins_over_one_that_begins_so(void **state)
{
  (void)state;
  assert_int_equal(find("worker"), HD_OK);
  assert_string_equal(part.folder, "100_worker");
}

static void what_fits_several_is_refused_with_their_names(void **state)
{
  (void)state;
  assert_int_equal(find("8"), HD_EINVAL);
  assert_non_null(strstr(problem, "08_torn_write"));
  assert_non_null(strstr(problem, "08_twins"));
  assert_int_equal(find("wor"), HD_EINVAL);
  assert_non_null(strstr(problem, "100_worker"));
}

static void what_is_unknown_is_refused_with_the_nearest_names(void **state)
{
  (void)state;
  static const char *const wrong[] = {"torn_wirte",      "9", "", "-1", "21x", "99999999999999999999",
                                      "nothing/like/it", "."};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_int_equal(find(wrong[i]), HD_ENOENT);
    assert_null(strchr(problem, '\n'));
    assert_non_null(strstr(problem, "heddle list"));
  }
  assert_int_equal(find("torn_wirte"), HD_ENOENT);
  assert_non_null(strstr(problem, "near it: torn_write "));
  static char longer[5000];
  memset(longer, 'x', sizeof longer - 1);
  assert_int_equal(find(longer), HD_ENOENT);
}

static void a_part_is_named_by_the_path_of_its_folder(void **state)
{
  (void)state;
  struct hd_path path;
  assert_int_equal(hd_path_print(&path, "%s/lessons/../lessons/21_worker_pool/", root), HD_OK);
  assert_int_equal(find(path.text), HD_OK);
  assert_string_equal(part.folder, "21_worker_pool");
  assert_int_equal(part.number, 21);
  assert_null(strstr(part.path.text, ".."));
  assert_int_equal(hd_path_print(&path, "%s/exercises/05_lost_update", root), HD_OK);
  assert_int_equal(find(path.text), HD_ENOENT); // an exercise is no lesson
}

static void the_marker_is_found_upwards(void **state)
{
  (void)state;
  struct hd_path path;
  char before[HD_PATH_SIZE];
  assert_non_null(getcwd(before, sizeof before));
  add(".", ".heddle", "{}");
  assert_int_equal(hd_path_print(&path, "%s/lessons/21_worker_pool", root), HD_OK);
  assert_int_equal(chdir(path.text), 0);
  assert_int_equal(hd_course_own(&path), HD_OK);
  assert_int_equal(chdir(before), 0);
  assert_string_equal(path.text, root);
}

static void info_is_read_and_a_damaged_one_is_told_with_its_line(void **state)
{
  (void)state;
  json_t *info;
  assert_int_equal(find("21"), HD_OK);
  assert_int_equal(hd_part_info(&part, HD_PART_LESSON, &info, problem, sizeof problem), HD_OK);
  assert_string_equal(hd_info_text(info, "title", "none"), "none");
  json_decref(info);
  add("lessons/21_worker_pool", "lesson.json", "{\"title\": \"Pool\", \"minutes\": 15, \"args\": 3}");
  assert_int_equal(hd_part_info(&part, HD_PART_LESSON, &info, problem, sizeof problem), HD_OK);
  assert_string_equal(hd_info_text(info, "title", "none"), "Pool");
  assert_true(hd_info_number(info, "minutes", 0) == 15);
  assert_string_equal(hd_info_text(info, "args", "none"), "none");
  json_decref(info);
  static const char *const damaged[] = {"{\n\"title\": \n", "[1]", "", "{\"a\": \"\xff\"}"};
  for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
    add("lessons/21_worker_pool", "lesson.json", damaged[i]);
    assert_int_equal(hd_part_info(&part, HD_PART_LESSON, &info, problem, sizeof problem), HD_EFORMAT);
    assert_non_null(strstr(problem, "lesson.json line "));
    assert_null(strchr(problem, '\n'));
  }
}

static void a_folder_without_parts_is_no_course(void **state)
{
  (void)state;
  struct hd_course other;
  assert_int_equal(hd_course_read(&other, "/proc"), HD_ENOENT);
  assert_int_equal(hd_course_read(&other, "/no/such/folder"), HD_ENOENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(parts_are_the_numbered_folders_in_order),
      UNIT(a_part_is_named_by_number_name_or_folder),
      UNIT(a_whole_name_wins_over_one_that_begins_so),
      UNIT(what_fits_several_is_refused_with_their_names),
      UNIT(what_is_unknown_is_refused_with_the_nearest_names),
      UNIT(a_part_is_named_by_the_path_of_its_folder),
      UNIT(the_marker_is_found_upwards),
      UNIT(info_is_read_and_a_damaged_one_is_told_with_its_line),
      UNIT(a_folder_without_parts_is_no_course),
  };
  return cmocka_run_group_tests(tests, make_course, remove_course);
}
