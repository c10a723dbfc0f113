// The table of events and the words for the numbers they carry. Constant data; any thread.
#include "trace/event.h"

#include <signal.h>

static const struct hd_event_info infos[HD_EV_COUNT] = {
#define STEP true
#define QUIET false
#define FRESH true
#define LAST false
#define X(name, lane, weight, stamp, cause, a, b, sentence)                                                  \
  [HD_EV_##name] = {#name, HD_LANE_##lane, weight, stamp, HD_EV_##cause, a, b, sentence},
#include "trace/event.def"
#undef X
#undef STEP
#undef QUIET
#undef FRESH
#undef LAST
};

const struct hd_event_info *hd_event_info(unsigned kind)
{
  return &infos[kind < HD_EV_COUNT ? kind : HD_EV_NONE];
}

static const char *word(const char *const *words, uint64_t count, uint64_t index)
{
  return index < count ? words[index] : "?";
}

const char *hd_phase_word(uint64_t phase)
{
  static const char *const words[HD_PHASE_COUNT] = {"idle", "timers", "pending", "prepare",
                                                    "poll", "check",  "close"};
  return word(words, HD_PHASE_COUNT, phase);
}

const char *hd_callback_word(uint64_t callback)
{
  static const char *const words[HD_CALLBACK_COUNT] = {"main",       "tick",    "microtask",  "timer",
                                                       "immediate",  "posted",  "completion", "message",
                                                       "descriptor", "closing", "worker",     "exit"};
  return word(words, HD_CALLBACK_COUNT, callback);
}

const char *hd_reason_word(uint64_t reason)
{
  static const char *const words[HD_REASON_COUNT] = {"for nothing",
                                                     "for the next event",
                                                     "for a task",
                                                     "for a lock",
                                                     "for a signal",
                                                     "for a semaphore",
                                                     "for the others at a barrier",
                                                     "for a thread to end",
                                                     "for time to pass"};
  return word(words, HD_REASON_COUNT, reason);
}

const char *hd_role_word(uint64_t role)
{
  static const char *const words[HD_ROLE_COUNT] = {"the main thread", "a pool thread", "a worker",
                                                   "a thread"};
  return word(words, HD_ROLE_COUNT, role);
}

// strsignal() speaks the language of the system; a recording is told in the same words everywhere.
const char *hd_signal_word(uint64_t number)
{
  switch (number) {
  case SIGHUP:
    return "Hangup";
  case SIGINT:
    return "Interrupt";
  case SIGQUIT:
    return "Quit";
  case SIGILL:
    return "Illegal instruction";
  case SIGTRAP:
    return "Trap";
  case SIGABRT:
    return "Aborted";
  case SIGBUS:
    return "Bus error";
  case SIGFPE:
    return "Floating point exception";
  case SIGKILL:
    return "Killed";
  case SIGSEGV:
    return "Segmentation fault";
  case SIGPIPE:
    return "Broken pipe";
  case SIGALRM:
    return "Alarm clock";
  case SIGTERM:
    return "Terminated";
  case SIGSYS:
    return "Bad system call";
  default:
    return "unknown";
  }
}
