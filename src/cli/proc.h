// Starting other programs: each in a process group of its own, so that it and all its children can be ended
// together. One thread.
#ifndef HD_CLI_PROC_H
#define HD_CLI_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct hd_proc_opts {
  char *const *argv;      // argv[0] is looked up in $PATH
  const char *folder;     // where it works; NULL: here
  const char *const *env; // "NAME=value" pairs to add, NULL-terminated; may be NULL
  bool keep_addresses;    // no address randomisation (the thread sanitizer wants that on new kernels); best
                          // effort
  bool keep_input;        // standard input stays ours (never a terminal's); else it is empty
  uint64_t limit_ns;      // hd_proc_run only; 0: no limit
};

struct hd_proc {
  pid_t pid;    // also its process group; 0 once it has been reaped
  int out, err; // our ends of its standard output and error, non-blocking; -1 when closed
};

// Starts it. together: one pipe takes output and error (then err is -1). HD_EAGAIN, HD_ESYS. A program that
// is not there ends with 127.
int hd_proc_start(struct hd_proc *out, const struct hd_proc_opts *opts, bool together);

// Whether it has ended; then *wait_status is what waitpid tells.
bool hd_proc_ended(struct hd_proc *proc, int *wait_status);

// Ends the whole group: SIGTERM, after a second SIGKILL; reaps it. Also after it has ended: its children go,
// on Linux those too that left the group.
// What waitpid tells; 0 when it was reaped before.
int hd_proc_stop(struct hd_proc *proc);

// Closes our ends of its pipes.
void hd_proc_close(struct hd_proc *proc);

struct hd_proc_result {
  int status;       // exit status, or -1
  int signal;       // that ended it, 0
  bool timed_out;   // the limit was reached
  bool stopped;     // it was, and a signal had stopped the program
  bool interrupted; // a signal asked heddle to end meanwhile
  char *text;       // output and error together, NUL-terminated, at most 1 MB; the caller's
  size_t size;
};

// Starts it and waits for its end; ended with all its children when the limit or a signal comes first.
// HD_EAGAIN, HD_ENOMEM, HD_ESYS.
int hd_proc_run(struct hd_proc_result *out, const struct hd_proc_opts *opts);

// Whether a program of that name can be found in $PATH (or is a path that can be run).
bool hd_proc_found(const char *name);

#endif
