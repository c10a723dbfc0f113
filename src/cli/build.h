// Building a student's files: one compiler call into the cache, under the hash of everything that goes in.
// One thread. Invariant: a program in the cache is whole and belongs to exactly these sources, flags and
// library.
#ifndef HD_CLI_BUILD_H
#define HD_CLI_BUILD_H

#include "cli/course.h"

struct hd_build_opts {
  const char *folder;         // where the sources stand; the compiler works there
  const char *name;           // of the program, and of its cache entries
  const char *edit;           // the file a person edits, for the line that follows a compiler's error
  const char *const *sources; // NULL: every .c file of the folder; else these names, NULL-terminated
  const char *flags;          // further flags, separated by blanks; may be NULL
  const char *libraries;      // the same, behind the sources
  bool lesson;                // with the redirect that makes plain POSIX calls visible
  bool tsan;                  // with the thread sanitizer
  bool quiet;                 // no warnings shown
  bool probe;                 // that it does not compile is not told: the same sources have compiled before
};

// Builds it, or finds it built; *program is its path. What the compiler says goes to standard error.
// HD_EINVAL: it does not compile (told, nothing left behind); HD_ENOENT: no compiler or no source (told);
// HD_ECANCELED: interrupted; else told as well.
int hd_build(struct hd_path *program, const struct hd_kit *kit, const struct hd_build_opts *opts);

// The exit status that fits an error of hd_build.
int hd_build_exit(int error);

#endif
