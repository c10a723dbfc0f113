// Paths: fixed buffers, the folders of the XDG standard, making folders, removing them. One thread.
#ifndef HD_CLI_PATH_H
#define HD_CLI_PATH_H

#include "base/hints.h"

#include <stdbool.h>
#include <stddef.h>

#define HD_PATH_SIZE 4096

struct hd_path {
  char text[HD_PATH_SIZE];
};

// Prints into out. HD_EINVAL when it would be too long (out is then "").
int hd_path_print(struct hd_path *out, const char *format, ...) hd_printf_like(2, 3);

enum hd_path_kind { HD_PATH_CACHE, HD_PATH_STATE, HD_PATH_CONFIG };

// heddle's folder of that kind ($XDG_CACHE_HOME/heddle or ~/.cache/heddle, and so on), made when missing.
// HD_ENOENT without a home, HD_EACCES, HD_ENOSPC.
int hd_path_home(struct hd_path *out, enum hd_path_kind kind);

// The absolute form of a path; a missing last part is allowed. HD_ENOENT.
int hd_path_absolute(struct hd_path *out, const char *path);

// Makes the folder and those above it. HD_EACCES, HD_ENOSPC, HD_ESYS.
int hd_path_make(const char *folder);

// Removes a file, or a folder with everything in it; symbolic links are not followed. What is not there is
// fine.
void hd_path_remove(const char *path);

bool hd_path_is_file(const char *path);
bool hd_path_is_folder(const char *path);

// The last part of a path.
const char *hd_path_last(const char *path);

#endif
