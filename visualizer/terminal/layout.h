// Where each panel stands, from the size of the terminal and what there is to show. Pure; any thread.
#ifndef HDV_TERMINAL_LAYOUT_H
#define HDV_TERMINAL_LAYOUT_H

#include "terminal/canvas.h"

#define HDV_MIN_WIDTH 80
#define HDV_MIN_HEIGHT 24

// What there is to show.
struct hdv_parts {
  int lanes; // threads that want a lane
  bool loop, pool, value, ports;
  bool big;        // fewer panels: none but those that 80x24 shows
  int value_bytes; // of all shown values together
  int value_count;
};

// A box of width 0 is not shown. Boxes never overlap and never leave the screen.
struct hdv_layout {
  bool too_small;
  bool wide; // three columns
  struct hdv_box title, lanes, queues, loop, value, code, log, output, timeline, caption, bar;
};

void hdv_layout(int w, int h, const struct hdv_parts *parts, struct hdv_layout *out);

#endif
