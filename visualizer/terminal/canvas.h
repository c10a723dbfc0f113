// A grid of cells and a clipped window on it: all that panels draw with. No curses.
// Invariant: nothing is ever drawn outside the canvas's box, and a wide character is never cut in half. One
// thread.
#ifndef HDV_TERMINAL_CANVAS_H
#define HDV_TERMINAL_CANVAS_H

#include "terminal/theme.h"

struct hdv_cell {
  uint32_t ch;   // 0: the right half of a wide character
  uint32_t mark; // a combining mark, 0
  uint8_t style; // enum hdv_style
  uint8_t band;  // on the strip of the thread that has just acted
  uint16_t reserved;
};

struct hdv_grid {
  int w, h;
  struct hdv_cell *cells;
};

struct hdv_box {
  int x, y, w, h;
};

struct hdv_canvas {
  struct hdv_grid *grid;
  const struct hdv_look *look;
  struct hdv_box box; // absolute; positions given to the functions below are relative to it
};

// Makes the grid this big and blank. HD_ENOMEM: unchanged.
int hdv_grid_resize(struct hdv_grid *grid, int w, int h);
void hdv_grid_blank(struct hdv_grid *grid);
void hdv_grid_free(struct hdv_grid *grid);

// The part of the canvas that lies in box (relative to it).
struct hdv_canvas hdv_canvas_in(const struct hdv_canvas *canvas, struct hdv_box box);

// Draws text (UTF-8) and returns the column behind it. Control characters become '?', so does what the look's
// character set cannot show.
int hdv_put(const struct hdv_canvas *canvas, int x, int y, enum hdv_style style, const char *text);
int hdv_putf(const struct hdv_canvas *canvas, int x, int y, enum hdv_style style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

// Draws text in at most w columns, with an ellipsis when it is longer. Returns the column behind what it
// drew.
int hdv_put_cut(const struct hdv_canvas *canvas, int x, int y, int w, enum hdv_style style, const char *text);

// Draws text over rows of w columns, broken at spaces, at most rows of them. Returns the rows used.
int hdv_put_wrapped(const struct hdv_canvas *canvas, int x, int y, int w, int rows, enum hdv_style style,
                    const char *text);

// How many rows hdv_put_wrapped would like.
int hdv_wrapped_rows(int w, const char *text);

// The same glyph n times.
void hdv_fill(const struct hdv_canvas *canvas, int x, int y, int n, enum hdv_style style, const char *glyph);

// Lays the band under a row.
void hdv_band(const struct hdv_canvas *canvas, int y);

// A panel's head on its first row: the name, a rule, and a word on the right (may be NULL).
void hdv_header(const struct hdv_canvas *canvas, const char *name, const char *right);

// A bar of w columns that is part/whole full.
void hdv_meter(const struct hdv_canvas *canvas, int x, int y, int w, enum hdv_style style, double part);

// Columns that text takes.
int hdv_width(const char *text);

#endif
