// Looks: what a style means in each theme and on each kind of terminal, and which characters draw the
// picture. Pure tables; no curses. Any thread.
#ifndef HDV_TERMINAL_THEME_H
#define HDV_TERMINAL_THEME_H

#include "terminal/terminal.h"

// What a piece of the picture means. Panels name meanings; theme.c alone knows colours.
enum hdv_style {
#define X(name, dark, light, contrast, dark16, light16, attr, mono) HDV_STYLE_##name,
#include "terminal/style.def"
#undef X
  HDV_STYLES
};

// How many colours the terminal can show.
enum hdv_depth { HDV_DEPTH_MONO, HDV_DEPTH_8, HDV_DEPTH_16, HDV_DEPTH_256 };

enum hdv_attr { HDV_PLAIN = 0, HDV_BOLD = 1, HDV_DIM = 2, HDV_REVERSE = 4, HDV_UNDERLINE = 8 };

// Colour numbers as the terminal counts them; -1 is its own default.
struct hdv_paint {
  int fore, back;
  unsigned attr; // enum hdv_attr
};

// The paint of a style. band: on the strip that marks the thread that has just acted.
struct hdv_paint hdv_theme_paint(enum hdv_theme theme, enum hdv_depth depth, enum hdv_style style, bool band);

// The characters of the picture. Each string is one column wide (ellipsis too).
struct hdv_glyphs {
  const char *running, *waiting, *blocked, *idle, *ended;
  const char *rule, *bar, *then, *here, *full, *empty, *ellipsis, *dot, *under, *left, *right;
  const char *part[7]; // one to seven eighths of a cell
  bool ascii;
};

enum hdv_glyph_set { HDV_GLYPHS_FULL, HDV_GLYPHS_CONSOLE, HDV_GLYPHS_ASCII };
const struct hdv_glyphs *hdv_theme_glyphs(enum hdv_glyph_set set);

// Everything that decides the look of a picture, besides its content and size.
struct hdv_look {
  enum hdv_theme theme;
  enum hdv_depth depth;
  const struct hdv_glyphs *glyphs;
  bool presenter;
};

// The sets that suit a terminal of this name in a locale that can (or cannot) show UTF-8.
enum hdv_glyph_set hdv_theme_glyph_set(const char *term, bool utf8, bool ascii);

// The depth to use: colors as terminfo tells it, no_color the value of $NO_COLOR (may be NULL).
enum hdv_depth hdv_theme_depth(int colors, enum hdv_color wish, const char *no_color);

#endif
