// A trace of the benchmark's own. One thread.
#include "bench_trace.h"

#include "bench.h"

#include "base/error.h"
#include "trace/emit.h"
#include "trace/live.h"

void bench_make_trace(char *path, size_t cap, uint32_t ring_records)
{
  struct hd_live *live;
  const struct hd_live_opts opts = {
      .ring_records = ring_records, .mode = HD_MODE_OFF, .speed = HD_SPEED_ONE, .keep = true};
  int error = hd_live_new_path(path, cap);
  if (error == HD_OK)
    error = hd_live_create(&live, path, &opts);
  if (error != HD_OK)
    bench_fail("making a trace", error);
  hd_live_close(live);
}

void bench_attach(void)
{
  char path[4096];
  bench_make_trace(path, sizeof path, 0);
  const int error = hd_trace_attach(path);
  if (error != HD_OK)
    bench_fail("attaching to it", error);
}
