// The lesson's JavaScript version, run by Node. One thread.
#include "cli/node.h"

#include "base/error.h"
#include "cli/proc.h"
#include "cli/say.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int hd_node_version(void)
{
  char name[] = "node", flag[] = "--version";
  char *const call[] = {name, flag, NULL};
  struct hd_proc_result result;
  if (!hd_proc_found(name) ||
      hd_proc_run(&result, &(struct hd_proc_opts){.argv = call, .limit_ns = UINT64_C(10000000000)}) != HD_OK)
    return 0;
  int major = 0;
  if (result.status == 0 && sscanf(result.text, "v%d.", &major) != 1)
    major = 0;
  free(result.text);
  return major;
}

int hd_node_run(const struct hd_part *part, char *const *args, size_t count)
{
  struct hd_path script;
  struct hd_words call = {0};
  if (hd_path_print(&script, "%s/lesson.mjs", part->path.text) != HD_OK || !hd_path_is_file(script.text))
    return hd_say(HD_EXIT_USAGE, "lesson %s has no version for Node; run it without --node",
                  hd_part_name(part));
  int version = hd_node_version();
  if (version == 0)
    return hd_say(HD_EXIT_CANNOT, "there is no node; install Node %d or newer, or leave --node out",
                  HD_NODE_OLDEST);
  if (version < HD_NODE_OLDEST)
    return hd_say(HD_EXIT_CANNOT, "this node is version %d, which counts as absent; install Node %d or newer",
                  version, HD_NODE_OLDEST);
  hd_words_add(&call, "node");
  hd_words_add(&call, "%s", script.text);
  for (size_t i = 0; i < count; i++)
    hd_words_add(&call, "%s", args[i]);
  if (call.error == HD_OK) {
    (void)fflush(stdout);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execvp(call.list[0], call.list);
  }
  hd_words_free(&call);
  return hd_say(HD_EXIT_CANNOT, "cannot start node: %s", strerror(errno));
}
