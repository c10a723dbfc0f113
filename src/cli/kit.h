// What heddle builds lessons with: the compiler, its headers and libheddle.a, from the build folder it was
// built in or from where it was installed. One thread.
#ifndef HD_CLI_KIT_H
#define HD_CLI_KIT_H

#include "cli/path.h"
#include "cli/words.h"

struct hd_kit {
  bool installed;         // else it runs from its build folder
  struct hd_path course;  // the folder that came with it: lessons/ and exercises/ in it
  struct hd_path include; // the folder that heddle.h stands in
  struct hd_path library; // libheddle.a
  struct hd_path build;   // the build folder; "" when installed
};

// HD_ENOENT when the library or the headers are not where they should be.
int hd_kit_find(struct hd_kit *out);

// What starts this heddle: the script of the source tree when it builds into its own build/, else the program itself.
int hd_kit_launcher(struct hd_path *out, const struct hd_kit *kit);

// The compiler as words: $CC, else the one heddle was built with, else cc.
void hd_kit_compiler(struct hd_words *words);

// Whether the compiler finds the header <name>, for example "cmocka.h".
bool hd_kit_has_header(const char *name);

// Whether it builds programs with the thread sanitizer that also run here.
bool hd_kit_has_tsan(void);

// This program's version: "0.1.0".
const char *hd_kit_version(void);

#endif
