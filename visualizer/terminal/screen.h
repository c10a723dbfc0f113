// The real terminal: curses' life cycle, showing a grid, reading keys and the mouse, surviving signals.
// One screen per process; viewer's thread only.
#ifndef HDV_TERMINAL_SCREEN_H
#define HDV_TERMINAL_SCREEN_H

#include "terminal/canvas.h"

// Takes the terminal over and fills in the look it allows. HD_EINVAL: standard input or output is no
// terminal. HD_ENOENT: $TERM is dumb or unknown. HD_ENOMEM.
int hdv_screen_open(const struct hdv_terminal_opts *opts, struct hdv_look *look);

// Gives it back as it was. Does nothing when it is not open.
void hdv_screen_close(void);

void hdv_screen_size(int *w, int *h);

// Shows the grid: writes only cells that differ from what is shown, and nothing at all when none does.
void hdv_screen_show(const struct hdv_grid *grid, const struct hdv_look *look);

enum hdv_input_kind { HDV_INPUT_KEY, HDV_INPUT_CLICK, HDV_INPUT_WHEEL };

struct hdv_input {
  enum hdv_input_kind kind;
  int key;  // enum hdv_key or a character; of the wheel: 1 up, -1 down
  int x, y; // of the mouse
};

// The next key or click, false when there is none now.
bool hdv_screen_input(struct hdv_input *out);

// Sleeps until there is input or a signal, at most timeout_ms (-1: no limit). false: the terminal is gone.
bool hdv_screen_wait(int timeout_ms);

// Deals with signals that have come: a new size, being suspended and continued. Returns true when the whole
// picture must be drawn anew; *ended is set to the signal that asks the viewer to end, else 0.
bool hdv_screen_signals(int *ended);

#endif
