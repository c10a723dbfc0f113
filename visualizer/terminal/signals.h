// Signals while the terminal is ours. Handlers only note what came and wake the viewer; those of a crash
// first give the terminal back with nothing but async-signal-safe calls. Viewer's thread only.
#ifndef HDV_TERMINAL_SIGNALS_H
#define HDV_TERMINAL_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>

// Installs the handlers. Call it before curses starts, so that curses leaves the signals to us. HD_ESYS.
int hdv_signals_open(void);
void hdv_signals_close(void);

// What a crash writes to the terminal, and the line discipline it sets. Copies; bytes beyond the room are
// dropped.
void hdv_signals_on_crash(const char *bytes, size_t size);

// The descriptor that becomes readable when a signal has come.
int hdv_signals_fd(void);

// Takes what has come since the last call.
struct hdv_signals_seen {
  bool resized, suspended, continued;
  int ended; // SIGINT, SIGTERM or SIGHUP, 0
};
void hdv_signals_take(struct hdv_signals_seen *out);

// Stops the process as the shell expects it, and returns when it is continued.
void hdv_signals_stop(void);

#endif
