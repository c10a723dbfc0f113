// Watching descriptors in the poll phase (L1, L3). Loop thread only.
#ifndef HD_LOOP_WATCH_H
#define HD_LOOP_WATCH_H

#include "loop/loop.h"

enum { HD_READABLE = 1, HD_WRITABLE = 2 };

typedef struct hd_watch hd_watch;
typedef void hd_watch_fn(hd_watch *watch, unsigned events, void *data);

// Calls fn whenever fd is ready for events (level-triggered), until closed. Keeps the loop alive. The
// descriptor stays the caller's. HD_EINVAL (bad descriptor, one that cannot be polled, one watched already),
// HD_ENOMEM, HD_EAGAIN (no descriptor left for the poller), HD_ETHREAD.
int hd_watch_open(hd_watch **out, hd_loop *loop, int fd, unsigned events, hd_watch_fn *fn, void *data);
int hd_watch_change(hd_watch *watch, unsigned events);

// Stops at once; closed (may be NULL) runs in the close phase, after which the watch is freed.
int hd_watch_close(hd_watch *watch, hd_callback_fn *closed, void *data);
hd_loop *hd_watch_loop(const hd_watch *watch);

#endif
