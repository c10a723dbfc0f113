// What an exercise may not contain: names of the sanitizers and of the tests, words that switch the thread
// sanitizer off, inline assembly (nobody sees what it touches). One thread.
#ifndef HD_CLI_ALLOWED_H
#define HD_CLI_ALLOWED_H

#include "cli/kit.h"

#include <stdbool.h>

// Looks at FOLDER/SOURCE as the compiler does, with everything it includes. HD_OK, also when it does not
// compile: then the build tells why. HD_EINVAL: something is not allowed, reason names it. HD_ENOENT: a tool
// is missing (told); HD_ECANCELED: interrupted; else told as well.
int hd_allowed_check(const struct hd_kit *kit, const char *folder, const char *source, char *reason,
                     size_t cap);

// The same for a preprocessed text alone: the first word that is not allowed goes into reason. Pure.
bool hd_allowed_text(const char *text, char *reason, size_t cap);

// The same for what `nm -P` tells: the first name defined that is not allowed. Pure.
bool hd_allowed_symbols(const char *text, char *reason, size_t cap);

#endif
