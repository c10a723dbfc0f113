// Other programs: their output and end, their limits, and that no child of theirs stays. Files: whole or not
// at all.
#include "unit.h"

#include "base/error.h"
#include "base/os.h"
#include "cli/file.h"
#include "cli/path.h"
#include "cli/proc.h"
#include "cli/words.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct hd_proc_result result;

static void shell_in(const char *script, const struct hd_proc_opts *more)
{
  static char name[] = "sh", flag[] = "-c";
  char *text = strdup(script);
  char *const call[] = {name, flag, text, NULL};
  struct hd_proc_opts opts = *more;
  opts.argv = call;
  free(result.text);
  assert_int_equal(hd_proc_run(&result, &opts), HD_OK);
  free(text);
}

static void a_program_tells_its_output_and_its_end(void **state)
{
  (void)state;
  static const char *const env[] = {"HEDDLE_WORD=green", NULL};
  shell_in("echo $HEDDLE_WORD; echo other >&2; pwd; exit 5",
           &(struct hd_proc_opts){.env = env, .folder = "/"});
  assert_int_equal(result.status, 5);
  assert_int_equal(result.signal, 0);
  assert_string_equal(result.text, "green\nother\n/\n");
  shell_in("kill -SEGV $$", &(struct hd_proc_opts){0});
  assert_int_equal(result.signal, SIGSEGV);
}

static void its_input_is_empty(void **state)
{
  (void)state;
  shell_in("cat; echo end", &(struct hd_proc_opts){0});
  assert_string_equal(result.text, "end\n");
}

static void a_program_that_is_not_there_ends_with_127(void **state)
{
  (void)state;
  static char name[] = "no-such-program-anywhere";
  char *const call[] = {name, NULL};
  free(result.text);
  assert_int_equal(hd_proc_run(&result, &(struct hd_proc_opts){.argv = call}), HD_OK);
  assert_int_equal(result.status, 127);
  assert_false(hd_proc_found(name));
  assert_true(hd_proc_found("sh"));
  assert_false(hd_proc_found("/tmp"));
}

static bool is_gone(const char *pid)
{
  return kill((pid_t)strtol(pid, NULL, 10), 0) != 0 && errno == ESRCH;
}

// An orphan is reaped by init; a zombie that nobody has reaped yet has ended as well.
static bool has_ended(const char *pid)
{
  char path[64], *text;
  if (is_gone(pid))
    return true;
  (void)snprintf(path, sizeof path, "/proc/%ld/stat", strtol(pid, NULL, 10));
  FILE *file = fopen(path, "r");
  char line[256] = "";
  if (file) {
    (void)fgets(line, sizeof line, file);
    (void)fclose(file);
  }
  text = strrchr(line, ')');
  return !text || strncmp(text, ") Z", 3) == 0;
}

static void the_limit_ends_it_and_its_children(void **state)
{
  (void)state;
  uint64_t start = hd_os_now();
  shell_in("trap '' TERM; sleep 600 & echo $!; while :; do sleep 600; done",
           &(struct hd_proc_opts){.limit_ns = 300000000});
  assert_true(result.timed_out);
  assert_true(hd_os_now() - start < UINT64_C(10000000000));
  for (int i = 0; i < 1000 && !has_ended(result.text); i++)
    (void)usleep(1000);
  assert_true(has_ended(result.text));
}

static void children_that_it_leaves_behind_are_ended(void **state)
{
  (void)state;
  shell_in("sleep 600 >/dev/null 2>&1 & echo $!", &(struct hd_proc_opts){0});
  assert_int_equal(result.status, 0);
  for (int i = 0; i < 1000 && !has_ended(result.text); i++)
    (void)usleep(1000);
  assert_true(has_ended(result.text));
}

static void endless_output_is_cut_and_the_limit_holds(void **state)
{
  (void)state;
  shell_in("yes", &(struct hd_proc_opts){.limit_ns = 200000000});
  assert_true(result.timed_out);
  assert_int_equal(result.size, 1 << 20);
  assert_int_equal(strlen(result.text), result.size);
}

static char folder[64];

static int make_folder(void **state)
{
  (void)state;
  (void)strcpy(folder, "/tmp/heddle-cli-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  (void)state;
  hd_path_remove(folder);
  free(result.text);
  result.text = NULL;
  return hd_path_is_folder(folder);
}

static void a_file_is_written_whole_and_nothing_else_stays(void **state)
{
  (void)state;
  struct hd_path path, copy;
  char *text;
  size_t size;
  assert_int_equal(hd_path_print(&path, "%s/a", folder), HD_OK);
  assert_int_equal(hd_path_print(&copy, "%s/b", folder), HD_OK);
  assert_int_equal(hd_file_write(path.text, "first", 5), HD_OK);
  assert_int_equal(hd_file_write(path.text, "second\0x", 8), HD_OK);
  assert_int_equal(hd_file_copy(path.text, copy.text), HD_OK);
  assert_int_equal(hd_file_read(copy.text, &text, &size), HD_OK);
  assert_int_equal(size, 8);
  assert_memory_equal(text, "second\0x", 9);
  free(text);
  assert_int_equal(hd_file_read(folder, &text, NULL), HD_EINVAL);
  assert_int_equal(hd_file_write("/proc/nothing/here", "x", 1), HD_ENOENT);
  assert_int_equal(hd_file_copy(path.text, folder), HD_ESYS); // a folder stands there
  assert_int_equal(unlink(path.text), 0);
  assert_int_equal(unlink(copy.text), 0);
  assert_int_equal(rmdir(folder), 0); // nothing was left aside
  assert_int_equal(mkdir(folder, 0700), 0);
}

static void a_copy_can_be_run_when_its_original_can(void **state)
{
  (void)state;
  struct hd_path path, copy;
  struct stat info;
  assert_int_equal(hd_path_print(&path, "%s/tool", folder), HD_OK);
  assert_int_equal(hd_path_print(&copy, "%s/copy", folder), HD_OK);
  assert_int_equal(hd_file_write(path.text, "#!/bin/sh\n", 10), HD_OK);
  assert_int_equal(chmod(path.text, 0755), 0);
  assert_int_equal(hd_file_copy(path.text, copy.text), HD_OK);
  assert_int_equal(stat(copy.text, &info), 0);
  assert_int_equal(info.st_mode & 0100, 0100);
}

static void a_digest_is_that_of_sha_256(void **state)
{
  (void)state;
  struct hd_path path;
  char digest[HD_DIGEST_SIZE];
  assert_int_equal(hd_path_print(&path, "%s/abc", folder), HD_OK);
  assert_int_equal(hd_file_write(path.text, "abc", 3), HD_OK);
  assert_int_equal(hd_file_digest(path.text, digest), HD_OK);
  // FIPS 180-4, the example of one block
  assert_string_equal(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_int_equal(hd_file_digest("/no/such/file", digest), HD_ENOENT);
}

static void folders_are_made_and_removed_with_all_that_is_in_them(void **state)
{
  (void)state;
  struct hd_path path, link;
  assert_int_equal(hd_path_print(&path, "%s/x/y/z", folder), HD_OK);
  assert_int_equal(hd_path_make(path.text), HD_OK);
  assert_int_equal(hd_path_make(path.text), HD_OK);
  assert_true(hd_path_is_folder(path.text));
  // A link out of the folder is removed, not followed.
  assert_int_equal(hd_path_print(&link, "%s/x/link", folder), HD_OK);
  assert_int_equal(hd_path_print(&path, "%s/outside", folder), HD_OK);
  assert_int_equal(hd_file_write(path.text, "stays", 5), HD_OK);
  assert_int_equal(symlink(folder, link.text), 0);
  assert_int_equal(hd_path_print(&link, "%s/x", folder), HD_OK);
  hd_path_remove(link.text);
  assert_false(hd_path_is_folder(link.text));
  assert_true(hd_path_is_file(path.text));
  assert_int_not_equal(hd_path_make("/proc/nothing/here"), HD_OK);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
  (void)state;
  static char longer[HD_PATH_SIZE + 10];
  struct hd_path path;
  memset(longer, 'x', sizeof longer - 1);
  assert_int_equal(hd_path_print(&path, "/%s", longer), HD_EINVAL);
  assert_string_equal(path.text, "");
}

static void words_are_split_at_blanks(void **state)
{
  (void)state;
  struct hd_words words = {0};
  hd_words_split(&words, "  ccache   gcc\t-m64 ");
  hd_words_add(&words, "%d %s", 7, "dwarfs");
  assert_int_equal(words.error, HD_OK);
  assert_int_equal(words.count, 4);
  assert_string_equal(words.list[1], "gcc");
  assert_string_equal(words.list[3], "7 dwarfs");
  assert_null(words.list[4]);
  for (int i = 0; i < 100; i++)
    hd_words_add(&words, "%d", i);
  assert_string_equal(words.list[103], "99");
  assert_null(words.list[104]);
  hd_words_free(&words);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(a_program_tells_its_output_and_its_end),
      UNIT(its_input_is_empty),
      UNIT(a_program_that_is_not_there_ends_with_127),
      UNIT(the_limit_ends_it_and_its_children),
      UNIT(children_that_it_leaves_behind_are_ended),
      UNIT(endless_output_is_cut_and_the_limit_holds),
      UNIT(a_file_is_written_whole_and_nothing_else_stays),
      UNIT(a_copy_can_be_run_when_its_original_can),
      UNIT(a_digest_is_that_of_sha_256),
      UNIT(folders_are_made_and_removed_with_all_that_is_in_them),
      UNIT(a_path_that_is_too_long_is_refused),
      UNIT(words_are_split_at_blanks),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
