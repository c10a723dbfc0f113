// Hears what a program prints when it prints it: a thread reads the two pipes and stamps each line, however
// seldom the viewer looks. Invariant: whoever reads holds the lock, so a stream's lines stay in their order;
// about 1 MiB waits at most, then the pipes fill and the program waits.
#ifndef HD_CLI_LISTEN_H
#define HD_CLI_LISTEN_H

#include "base/os.h"
#include "cli/output.h"

#include <pthread.h>
#include <stdint.h>

struct hd_listen {
  pthread_mutex_t lock;   // guards all below but the thread
  struct hd_output of[2]; // standard output, standard error
  int *fd[2];             // the pipes, the caller's; hd_listen_take makes them -1 once they end
  bool ended[2];          // nothing more will come
  char *waiting;          // lines not yet taken, each behind its head
  size_t size, room;
  size_t last[2]; // where the last waiting line of each stream begins, SIZE_MAX: none
  int wake[2];    // a pipe: one byte ends the thread
  bool running;
  struct hd_os_thread thread;
};

// Takes one line with the moment it was read.
typedef int hd_listen_fn(void *context, int stream, uint64_t stamp, const char *text, size_t size);

// fds: non-blocking; they are used until hd_listen_close.
void hd_listen_open(struct hd_listen *listen, int *out, int *err);

// Begins to hear early. Without it (or when no thread can be had) only hd_listen_take reads.
void hd_listen_start(struct hd_listen *listen);

// Reads what is in the pipes and hands out all that has been read, in the order it was read: when it returns,
// all that was printed before the call has been taken (of a flood, a part). 1 when there was something, 0, or
// an error.
int hd_listen_take(struct hd_listen *listen, hd_listen_fn *take, void *context);

// Ends the thread; the pipes stay as they are.
void hd_listen_close(struct hd_listen *listen);

#endif
