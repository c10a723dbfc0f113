// Paths: fixed buffers, the folders of the XDG standard, making folders, removing them. One thread.
#include "cli/path.h"

#include "base/error.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int hd_path_print(struct hd_path *out, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  int size = vsnprintf(out->text, sizeof out->text, format, list);
  va_end(list);
  if (size >= 0 && (size_t)size < sizeof out->text)
    return HD_OK;
  out->text[0] = '\0';
  return HD_EINVAL;
}

static const char *user_home(void)
{
  const char *home = getenv("HOME");
  if (home && home[0] == '/')
    return home;
  const struct passwd *user = getpwuid(getuid());
  return user && user->pw_dir && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
}

int hd_path_home(struct hd_path *out, enum hd_path_kind kind)
{
  static const char *const variables[] = {"XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"};
  static const char *const defaults[] = {".cache", ".local/state", ".config"};
  const char *base = getenv(variables[kind]), *home = user_home();
  int rc;
  if (base && base[0] == '/') // the standard: a relative path counts as unset
    rc = hd_path_print(out, "%s/heddle", base);
  else if (home)
    rc = hd_path_print(out, "%s/%s/heddle", home, defaults[kind]);
  else
    return HD_ENOENT;
  return rc != HD_OK ? rc : hd_path_make(out->text);
}

int hd_path_absolute(struct hd_path *out, const char *path)
{
  char full[PATH_MAX];
  if (realpath(path, full))
    return hd_path_print(out, "%s", full);
  if (errno != ENOENT)
    return hd_error_from_errno(errno);
  struct hd_path above;
  const char *last = hd_path_last(path);
  size_t size = (size_t)(last - path);
  if (hd_path_print(&above, "%.*s", (int)size, size ? path : "") != HD_OK || !last[0])
    return HD_ENOENT;
  if (!realpath(size ? above.text : ".", full))
    return hd_error_from_errno(errno);
  return hd_path_print(out, "%s/%s", strcmp(full, "/") == 0 ? "" : full, last);
}

int hd_path_make(const char *folder)
{
  struct hd_path path;
  if (hd_path_print(&path, "%s", folder) != HD_OK)
    return HD_EINVAL;
  for (char *at = path.text + 1; *at; at++) {
    if (*at != '/')
      continue;
    *at = '\0';
    if (mkdir(path.text, 0777) != 0 && errno != EEXIST && !hd_path_is_folder(path.text))
      return hd_error_from_errno(errno);
    *at = '/';
  }
  if (mkdir(path.text, 0777) != 0) {
    int problem = errno;
    return hd_path_is_folder(path.text) ? HD_OK : hd_error_from_errno(problem);
  }
  return HD_OK;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
  (void)info, (void)type, (void)walk;
  (void)remove(path);
  return 0;
}

void hd_path_remove(const char *path)
{
  (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool hd_path_is_file(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool hd_path_is_folder(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

const char *hd_path_last(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}
