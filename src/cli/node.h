// The lesson's JavaScript version, run by Node. One thread.
#ifndef HD_CLI_NODE_H
#define HD_CLI_NODE_H

#include "cli/course.h"

#define HD_NODE_OLDEST 20 // an older Node orders some callbacks otherwise

// The major version of the node in $PATH, 0 when there is none (or it does not say).
int hd_node_version(void);

// Becomes `node lesson.mjs ARGS`. Returns the exit status when it cannot, and the reason has been told.
int hd_node_run(const struct hd_part *part, char *const *args, size_t count);

#endif
