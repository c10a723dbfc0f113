// The terminal viewer. The only folder that names curses. One thread.
#ifndef HDV_TERMINAL_TERMINAL_H
#define HDV_TERMINAL_TERMINAL_H

#include "playback/playback.h"

enum hdv_color { HDV_COLOR_AUTO, HDV_COLOR_ALWAYS, HDV_COLOR_NEVER };
enum hdv_theme { HDV_THEME_DARK, HDV_THEME_LIGHT, HDV_THEME_CONTRAST, HDV_THEMES };

struct hdv_terminal_opts {
  const char *title; // "21 worker_pool"
  enum hdv_color color;
  enum hdv_theme theme;
  bool ascii; // no characters beyond ASCII
  bool big, reduced_motion, presenter;
  unsigned fps; // 0: 30
};

enum hdv_end { HDV_END_QUIT, HDV_END_RESTART, HDV_END_EDIT, HDV_END_SIGNAL };

// Shows the playback until the person leaves; the terminal is restored on every way out, signals and crashes
// included. Returns an enum hdv_end, or HD_EINVAL when standard input or output is no terminal, HD_ENOENT
// when $TERM is dumb or unknown.
int hdv_terminal_run(hdv_playback *playback, const struct hdv_terminal_opts *opts);

// The signal that ended hdv_terminal_run with HDV_END_SIGNAL, else 0.
int hdv_terminal_signal(void);

#endif
