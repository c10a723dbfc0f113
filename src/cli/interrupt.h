// Signals that ask heddle to end (Ctrl-C, SIGTERM, SIGHUP) become a flag, so that every way out cleans up.
// One process-wide flag.
#ifndef HD_CLI_INTERRUPT_H
#define HD_CLI_INTERRUPT_H

// Installs the handlers and ignores SIGPIPE (a closed pipe is then a write error). Once, at the start of
// main.
void hd_interrupt_install(void);

// The signal that came, 0 when none did. Blocking calls return early with EINTR when one comes.
int hd_interrupted(void);

// Notes a signal that somebody else (the terminal viewer) has caught.
void hd_interrupt_note(int signal_number);

#endif
