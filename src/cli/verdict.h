// Checking one exercise: build it with its tests, run them, and run them once more under the thread
// sanitizer. One thread.
#ifndef HD_CLI_VERDICT_H
#define HD_CLI_VERDICT_H

#include "cli/course.h"

// Tells what every test says and then one verdict, as text or JSON on standard output, and stores it. Returns
// the exit status: HD_EXIT_OK passed, HD_EXIT_FAILED not, HD_EXIT_CANNOT a tool is missing,
// HD_EXIT_INTERRUPTED.
int hd_verdict_check(const struct hd_kit *kit, const struct hd_part *part, const json_t *info, bool json);

#endif
