// Signals while the terminal is ours. Invariant: handlers touch only lock-free words, a pipe and prepared
// bytes.
#include "terminal/signals.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int noted[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
#define NOTED (sizeof noted / sizeof *noted)
#define CRASHES (sizeof crashes / sizeof *crashes)

static struct sigaction old_noted[NOTED], old_crash[CRASHES];
static volatile sig_atomic_t seen[NOTED];
static int pipe_fds[2] = {-1, -1};
static char restore[512];
static volatile sig_atomic_t restore_size;
static struct termios cooked;
static char crash_stack[32768];

static void note(int number)
{
  int saved = errno;
  for (size_t i = 0; i < NOTED; i++) {
    if (noted[i] == number)
      seen[i] = 1;
  }
  // A full pipe is as good a wake-up as one byte more.
  ssize_t ignored = write(pipe_fds[1], "", 1);
  (void)ignored;
  errno = saved;
}

// Gives the terminal back, then lets the signal do what it would have done without us.
static void crash(int number)
{
  if (restore_size > 0) {
    ssize_t ignored = write(STDOUT_FILENO, restore, (size_t)restore_size);
    (void)ignored;
    tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
  }
  for (size_t i = 0; i < CRASHES; i++) {
    if (crashes[i] == number)
      sigaction(number, &old_crash[i], NULL);
  }
  raise(number);
}

static int open_pipe(void)
{
  if (pipe(pipe_fds) != 0)
    return hd_error_from_errno(errno);
  for (int i = 0; i < 2; i++) {
    fcntl(pipe_fds[i], F_SETFD, FD_CLOEXEC);
    fcntl(pipe_fds[i], F_SETFL, O_NONBLOCK);
  }
  return HD_OK;
}

int hdv_signals_open(void)
{
  int error = open_pipe();
  if (error)
    return error;
  tcgetattr(STDIN_FILENO, &cooked);
  memset((void *)seen, 0, sizeof seen);
  restore_size = 0;
  // A crash by running out of stack needs another one.
  stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof crash_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < NOTED; i++)
    sigaction(noted[i], &action, &old_noted[i]);
  action.sa_handler = crash;
  action.sa_flags = SA_ONSTACK;
  for (size_t i = 0; i < CRASHES; i++)
    sigaction(crashes[i], &action, &old_crash[i]);
  return HD_OK;
}

void hdv_signals_close(void)
{
  if (pipe_fds[0] < 0)
    return;
  for (size_t i = 0; i < NOTED; i++)
    sigaction(noted[i], &old_noted[i], NULL);
  for (size_t i = 0; i < CRASHES; i++)
    sigaction(crashes[i], &old_crash[i], NULL);
  stack_t none = {.ss_flags = SS_DISABLE};
  sigaltstack(&none, NULL);
  close(pipe_fds[0]);
  close(pipe_fds[1]);
  pipe_fds[0] = pipe_fds[1] = -1;
}

void hdv_signals_on_crash(const char *bytes, size_t size)
{
  restore_size = 0;
  if (size > sizeof restore)
    size = sizeof restore;
  memcpy(restore, bytes, size);
  restore_size = (sig_atomic_t)size;
}

int hdv_signals_fd(void)
{
  return pipe_fds[0];
}

static bool took(int number)
{
  for (size_t i = 0; i < NOTED; i++) {
    if (noted[i] == number && seen[i]) {
      seen[i] = 0;
      return true;
    }
  }
  return false;
}

void hdv_signals_take(struct hdv_signals_seen *out)
{
  char drain[64];
  while (read(pipe_fds[0], drain, sizeof drain) > 0)
    ;
  *out = (struct hdv_signals_seen){
      .resized = took(SIGWINCH), .suspended = took(SIGTSTP), .continued = took(SIGCONT)};
  static const int enders[] = {SIGHUP, SIGTERM, SIGINT};
  for (size_t i = 0; i < sizeof enders / sizeof *enders; i++) {
    if (took(enders[i]))
      out->ended = enders[i];
  }
}

void hdv_signals_stop(void)
{
  struct sigaction standard = {.sa_handler = SIG_DFL}, ours;
  sigemptyset(&standard.sa_mask);
  sigaction(SIGTSTP, &standard, &ours);
  raise(SIGTSTP);
  sigaction(SIGTSTP, &ours, NULL);
}
