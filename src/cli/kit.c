// What heddle builds lessons with: the compiler, its headers and libheddle.a. One thread.
#include "cli/kit.h"

#include "base/error.h"
#include "cli/file.h"
#include "cli/proc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE UINT64_C(30000000000) // ns a probe may take

static int own_folder(struct hd_path *out)
{
  ssize_t size = readlink("/proc/self/exe", out->text, sizeof out->text - 1);
  if (size <= 0) // no /proc: then the build folder is the best guess
    return hd_path_print(out, "%s", HEDDLE_BINARY_DIR);
  out->text[size] = '\0';
  char *slash = strrchr(out->text, '/');
  if (!slash)
    return HD_ENOENT;
  *slash = '\0';
  return HD_OK;
}

static int find_built(struct hd_kit *kit, const char *folder)
{
  int rc = hd_path_print(&kit->library, "%s/libheddle.a", folder);
  if (rc == HD_OK)
    rc = hd_path_print(&kit->include, "%s/src", HEDDLE_SOURCE_DIR);
  if (rc == HD_OK)
    rc = hd_path_print(&kit->course, "%s", HEDDLE_SOURCE_DIR);
  return rc == HD_OK ? hd_path_print(&kit->build, "%s", folder) : rc;
}

static int find_installed(struct hd_kit *kit, const char *folder)
{
  kit->installed = true;
  int rc = hd_path_print(&kit->library, "%s/../%s/libheddle.a", folder, HEDDLE_LIBDIR);
  if (rc == HD_OK)
    rc = hd_path_print(&kit->include, "%s/../%s/heddle", folder, HEDDLE_INCLUDEDIR);
  return rc == HD_OK ? hd_path_print(&kit->course, "%s/../%s/heddle", folder, HEDDLE_DATADIR) : rc;
}

int hd_kit_find(struct hd_kit *out)
{
  struct hd_path folder, header, beside;
  memset(out, 0, sizeof *out);
  int rc = own_folder(&folder);
  if (rc == HD_OK)
    rc = hd_path_print(&beside, "%s/CMakeCache.txt", folder.text);
  if (rc != HD_OK)
    return rc;
  rc = hd_path_is_file(beside.text) ? find_built(out, folder.text) : find_installed(out, folder.text);
  if (rc == HD_OK)
    rc = hd_path_print(&header, "%s/heddle.h", out->include.text);
  if (rc != HD_OK)
    return rc;
  return hd_path_is_file(header.text) && hd_path_is_file(out->library.text) ? HD_OK : HD_ENOENT;
}

int hd_kit_launcher(struct hd_path *out, const struct hd_kit *kit)
{
  struct hd_path folder;
  int rc = hd_path_print(&folder, "%s/build", kit->course.text);
  if (rc == HD_OK && !kit->installed && strcmp(folder.text, kit->build.text) == 0)
    return hd_path_print(out, "%s/heddle", kit->course.text);
  rc = own_folder(&folder);
  return rc == HD_OK ? hd_path_print(out, "%s/heddle", folder.text) : rc;
}

void hd_kit_compiler(struct hd_words *words)
{
  const char *wanted = getenv("CC");
  size_t before = words->count;
  if (wanted)
    hd_words_split(words, wanted);
  if (words->count == before)
    hd_words_add(words, "%s", hd_proc_found(HEDDLE_CC) ? HEDDLE_CC : "cc");
}

// Runs the call, which it frees; whether it ended well.
static bool succeeds(struct hd_words *call, bool keep_addresses)
{
  struct hd_proc_result result = {.status = -1};
  const struct hd_proc_opts opts = {
      .argv = call->list, .keep_addresses = keep_addresses, .limit_ns = PATIENCE};
  bool well = call->error == HD_OK && hd_proc_run(&result, &opts) == HD_OK && result.status == 0;
  free(result.text);
  hd_words_free(call);
  return well;
}

bool hd_kit_has_header(const char *name)
{
  struct hd_words call = {0};
  hd_kit_compiler(&call);
  // What cmocka.h wants before itself; every system has these.
  hd_words_split(&call,
                 "-E -x c -include stdarg.h -include stddef.h -include stdint.h -include setjmp.h -include");
  hd_words_add(&call, "%s", name);
  hd_words_add(&call, "/dev/null");
  return succeeds(&call, false);
}

bool hd_kit_has_tsan(void)
{
  struct hd_words call = {0};
  struct hd_path cache, source, program;
  static const char text[] = "int main(void) { return 0; }\n";
  if (hd_path_home(&cache, HD_PATH_CACHE) != HD_OK ||
      hd_path_print(&source, "%s/probe.%ld.c", cache.text, (long)getpid()) != HD_OK ||
      hd_path_print(&program, "%s/probe.%ld", cache.text, (long)getpid()) != HD_OK ||
      hd_file_write(source.text, text, sizeof text - 1) != HD_OK)
    return false;
  hd_kit_compiler(&call);
  hd_words_split(&call, "-fsanitize=thread -o");
  hd_words_add(&call, "%s", program.text);
  hd_words_add(&call, "%s", source.text);
  bool well = succeeds(&call, false);
  if (well) {
    hd_words_add(&call, "%s", program.text);
    well = succeeds(&call, true);
  }
  hd_path_remove(source.text);
  hd_path_remove(program.text);
  return well;
}

const char *hd_kit_version(void)
{
  return HEDDLE_VERSION;
}
