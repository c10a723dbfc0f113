// Signals that ask heddle to end become a flag. Async-signal-safe: the handler stores one number.
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t came;

static void note(int signal_number)
{
  came = signal_number;
}

void hd_interrupt_install(void)
{
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action = {.sa_handler = note}; // no SA_RESTART: waits return so that the flag is seen
  (void)sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
    struct sigaction before;
    // Somebody who started us with the signal ignored (nohup) wants it to stay ignored.
    if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
      (void)sigaction(signals[i], &action, NULL);
  }
  (void)signal(SIGPIPE, SIG_IGN);
}

int hd_interrupted(void)
{
  return came;
}

void hd_interrupt_note(int signal_number)
{
  came = signal_number;
}
