// Starting other programs, each in a process group of its own. One thread.
#include "cli/proc.h"

#include "base/error.h"
#include "base/os.h"
#include "cli/interrupt.h"
#include "cli/orphans.h"
#include "cli/path.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/personality.h>
#endif

#define SECOND UINT64_C(1000000000)
#define LARGEST ((size_t)1 << 20)

static void forget_signals(void)
{
  static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP, SIGCONT, SIGWINCH};
  sigset_t none;
  for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
    (void)signal(ours[i], SIG_DFL);
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become(const struct hd_proc_opts *opts, int out, int err)
{
  (void)setpgid(0, 0);
  forget_signals();
  if (!opts->keep_input || isatty(STDIN_FILENO)) {
    int empty = open("/dev/null", O_RDONLY);
    if (empty >= 0)
      (void)dup2(empty, STDIN_FILENO);
  }
  (void)dup2(out, STDOUT_FILENO);
  (void)dup2(err, STDERR_FILENO);
#ifdef __linux__
  if (opts->keep_addresses)
    (void)personality(ADDR_NO_RANDOMIZE);
#endif
  for (size_t i = 0; opts->env && opts->env[i]; i++)
    (void)putenv((char *)(uintptr_t)opts->env[i]);
  if (opts->folder && chdir(opts->folder) != 0)
    _exit(127);
  (void)execvp(opts->argv[0], opts->argv);
  (void)dprintf(STDERR_FILENO, "%s: %s\n", opts->argv[0], strerror(errno));
  _exit(127);
}

static void close_both(const int pipe_ends[2])
{
  (void)close(pipe_ends[0]);
  (void)close(pipe_ends[1]);
}

int hd_proc_start(struct hd_proc *out, const struct hd_proc_opts *opts, bool together)
{
  int first[2], second[2] = {-1, -1};
  if (pipe2(first, O_CLOEXEC) != 0)
    return HD_EAGAIN;
  if (!together && pipe2(second, O_CLOEXEC) != 0) {
    close_both(first);
    return HD_EAGAIN;
  }
  hd_orphans_begin();
  pid_t pid = fork();
  if (pid == 0)
    become(opts, first[1], together ? first[1] : second[1]);
  (void)close(first[1]);
  if (!together)
    (void)close(second[1]);
  if (pid < 0) {
    hd_orphans_end();
    (void)close(first[0]);
    if (!together)
      (void)close(second[0]);
    return HD_EAGAIN;
  }
  (void)setpgid(pid, pid); // both sides do it, so that it is true for whoever comes first
  (void)fcntl(first[0], F_SETFL, O_NONBLOCK);
  if (!together)
    (void)fcntl(second[0], F_SETFL, O_NONBLOCK);
  *out = (struct hd_proc){.pid = pid, .out = first[0], .err = together ? -1 : second[0]};
  return HD_OK;
}

bool hd_proc_ended(struct hd_proc *proc, int *wait_status)
{
  // WNOWAIT keeps the zombie, and with it the group's number, until hd_proc_stop has signalled the group.
  siginfo_t info = {0};
  if (proc->pid == 0 || waitid(P_PID, (id_t)proc->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0)
    return false;
  if (info.si_code == CLD_EXITED)
    *wait_status = (info.si_status & 0xff) << 8;
  else
    *wait_status = info.si_status & 0x7f;
  return true;
}

int hd_proc_stop(struct hd_proc *proc)
{
  int wait_status = 0, ignored;
  if (proc->pid == 0)
    return 0;
  uint64_t start = hd_os_now();
  (void)kill(-proc->pid, SIGTERM);
  (void)kill(-proc->pid, SIGCONT);
  while (!hd_proc_ended(proc, &ignored) && hd_os_now() - start < SECOND) {
    struct timespec nap = {.tv_nsec = 2000000};
    (void)nanosleep(&nap, NULL);
  }
  (void)kill(-proc->pid, SIGKILL);
  while (waitpid(proc->pid, &wait_status, 0) < 0 && errno == EINTR)
    ;
  proc->pid = 0;
  hd_orphans_end();
  return wait_status;
}

void hd_proc_close(struct hd_proc *proc)
{
  if (proc->out >= 0)
    (void)close(proc->out);
  if (proc->err >= 0)
    (void)close(proc->err);
  proc->out = proc->err = -1;
}

// Appends what there is; beyond the largest size it is read and forgotten. false at the end of the pipe.
static bool take_output(struct hd_proc *proc, struct hd_proc_result *result)
{
  char block[16384];
  for (int rounds = 0; rounds < 64; rounds++) { // a program that never stops printing must not keep us here
    ssize_t n = read(proc->out, block, sizeof block);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
      return false;
    if (n < 0)
      return true;
    size_t room = LARGEST - result->size;
    size_t kept = (size_t)n < room ? (size_t)n : room;
    memcpy(result->text + result->size, block, kept);
    result->size += kept;
    result->text[result->size] = '\0';
  }
  return true;
}

// Whether a signal has stopped it and it has not been told to go on.
static bool is_stopped(const struct hd_proc *proc)
{
  siginfo_t info = {0};
  return waitid(P_PID, (id_t)proc->pid, &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

static void tell_end(struct hd_proc_result *result, int wait_status)
{
  if (WIFEXITED(wait_status))
    result->status = WEXITSTATUS(wait_status);
  else
    result->signal = WTERMSIG(wait_status);
}

int hd_proc_run(struct hd_proc_result *out, const struct hd_proc_opts *opts)
{
  struct hd_proc proc;
  *out = (struct hd_proc_result){.status = -1, .text = malloc(LARGEST + 1)};
  if (!out->text)
    return HD_ENOMEM;
  out->text[0] = '\0';
  int rc = hd_proc_start(&proc, opts, true);
  if (rc != HD_OK) {
    free(out->text);
    out->text = NULL;
    return rc;
  }
  uint64_t start = hd_os_now();
  bool open = true;
  for (;;) {
    int wait_status;
    bool ended = hd_proc_ended(&proc, &wait_status);
    if (open)
      open = take_output(&proc, out);
    if (ended) {
      tell_end(out, wait_status);
      break;
    }
    out->interrupted = hd_interrupted() != 0;
    out->timed_out = opts->limit_ns && hd_os_now() - start >= opts->limit_ns;
    out->stopped = out->timed_out && is_stopped(&proc);
    if (out->interrupted || out->timed_out)
      break;
    struct pollfd ready = {.fd = open ? proc.out : -1, .events = POLLIN};
    (void)poll(&ready, 1, 10);
  }
  (void)hd_proc_stop(&proc);
  hd_proc_close(&proc);
  return HD_OK;
}

bool hd_proc_found(const char *name)
{
  struct hd_path path;
  if (strchr(name, '/'))
    return access(name, X_OK) == 0 && hd_path_is_file(name);
  const char *at = getenv("PATH");
  for (; at && *at; at += *at == ':') {
    size_t size = strcspn(at, ":");
    if (hd_path_print(&path, "%.*s/%s", (int)size, at, name) == HD_OK && access(path.text, X_OK) == 0 &&
        hd_path_is_file(path.text))
      return true;
    at += size;
  }
  return false;
}
