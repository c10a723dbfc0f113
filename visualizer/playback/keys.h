// The key map that both viewers share: from a key, in the viewers' common numbering, to a command. Pure.
#ifndef HDV_PLAYBACK_KEYS_H
#define HDV_PLAYBACK_KEYS_H

#include "playback/playback.h"

// Printable keys are their character; the others stand here.
enum hdv_key {
  HDV_KEY_NONE = 0,
  HDV_KEY_ESC = 27,
  HDV_KEY_PAGE_DOWN = 0x110000, HDV_KEY_PAGE_UP, HDV_KEY_LEFT, HDV_KEY_RIGHT, HDV_KEY_UP, HDV_KEY_DOWN, HDV_KEY_HOME, HDV_KEY_END,
  HDV_KEY_F1, HDV_KEY_F5, HDV_KEY_TAB, HDV_KEY_ENTER, HDV_KEY_BACKSPACE
};

// What a viewer does itself rather than the playback.
enum hdv_action {
  HDV_DO_NOTHING, HDV_DO_COMMAND, HDV_DO_QUIT, HDV_DO_HELP, HDV_DO_THEME, HDV_DO_FOCUS, HDV_DO_GOTO, HDV_DO_HIGHLIGHT, HDV_DO_RESTART,
  HDV_DO_EDIT, HDV_DO_BLANK, HDV_DO_FULLSCREEN, HDV_DO_PRESENTER
};

struct hdv_binding {
  enum hdv_action action;
  enum hdv_command command;  // with HDV_DO_COMMAND
  int number;                // with HDV_DO_HIGHLIGHT: which worker
};

// presenter: PageDown and PageUp move by stage and '.' blanks the screen.
struct hdv_binding hdv_key_binding(int key, bool presenter);

// The help text: one "key  what it does" line per index, NULL at the end.
const char *hdv_key_help(size_t index);

#endif
