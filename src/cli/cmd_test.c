// heddle test: runs heddle's own tests in the build folder. From an installed copy there is nothing to test.
// One thread.
#include "base/error.h"
#include "cli/args.h"
#include "cli/kit.h"
#include "cli/say.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int hd_cmd_test(const struct hd_args *args)
{
  struct hd_kit kit;
  struct hd_words call = {0};
  (void)hd_kit_find(&kit);
  if (!kit.build.text[0])
    return hd_say(HD_EXIT_CANNOT, "the tests belong to the source tree; run ./heddle test there");
  hd_words_add(&call, "ctest");
  hd_words_add(&call, "--test-dir");
  hd_words_add(&call, "%s", kit.build.text);
  hd_words_add(&call, "--output-on-failure");
  if (args->rest_count == 0)
    hd_words_split(&call, "-LE soak");
  for (size_t i = 0; i < args->rest_count; i++)
    hd_words_add(&call, "%s", args->rest[i]);
  if (call.error == HD_OK) {
    (void)fflush(stdout);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execvp(call.list[0], call.list);
  }
  hd_words_free(&call);
  return hd_say(HD_EXIT_CANNOT, "cannot start ctest: %s; install cmake", strerror(errno));
}
