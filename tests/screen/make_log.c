// Writes one of the little stories as a log: make_log pool|torn ROUNDS FILE.
#include "screen/story.h"

#include "base/error.h"
#include "trace/log.h"

#include <stdlib.h>

static void append(void *context, const struct hd_entry *entry)
{
  if (hd_log_append(context, entry) != HD_OK)
    exit(1);
}

int main(int argc, char **argv)
{
  struct hd_trace_header header = {.magic = HD_TRACE_MAGIC,
                                   .version = HD_TRACE_VERSION,
                                   .form = HD_TRACE_LOG,
                                   .byte_order = 0x01020304,
                                   .header_size = sizeof header,
                                   .rate = {.mult = 1}};
  hd_log *log;
  if (argc != 4 || hd_log_create(&log, argv[3], &header) != HD_OK)
    return 1;
  unsigned rounds = (unsigned)strtoul(argv[2], NULL, 10);
  if (strcmp(argv[1], "torn") == 0)
    story_torn(append, log, rounds);
  else
    story_pool(append, log, rounds);
  return hd_log_close(log) == HD_OK ? 0 : 1;
}
