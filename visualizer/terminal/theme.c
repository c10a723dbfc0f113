// Looks: the style table read for a theme and a depth, and the three sets of characters.
// Invariant: nothing here depends on anything but its arguments.
#include "terminal/theme.h"

#include <string.h>

struct style_row {
  short fore[HDV_THEMES]; // of 256
  short dark16, light16;
  unsigned char attr, mono;
};

static const struct style_row rows[HDV_STYLES] = {
#define X(name, dark, light, contrast, dark16, light16, attr, mono)                                          \
  [HDV_STYLE_##name] = {{dark, light, contrast}, dark16, light16, attr, mono},
#include "terminal/style.def"
#undef X
};

// The ground of each theme, plain and under the band. The dark theme leaves the terminal's own ground alone.
static const short ground256[HDV_THEMES][2] = {{-1, 236}, {231, 254}, {16, 236}};
static const short ground16[HDV_THEMES] = {-1, 15, 0};
static const short ground8[HDV_THEMES] = {-1, 7, 0};

static struct hdv_paint paint_few(const struct style_row *row, enum hdv_theme theme, bool bright)
{
  short fore = theme == HDV_THEME_LIGHT ? row->light16 : row->dark16;
  struct hdv_paint paint = {fore, bright ? ground16[theme] : ground8[theme], row->attr};
  if (bright)
    return paint;
  // Eight colours: bright ones become bold; bright black would be invisible.
  if (fore == 8)
    paint.fore = theme == HDV_THEME_LIGHT ? 0 : 7;
  else if (fore > 8) {
    paint.fore = fore - 8;
    paint.attr |= HDV_BOLD;
  }
  return paint;
}

struct hdv_paint hdv_theme_paint(enum hdv_theme theme, enum hdv_depth depth, enum hdv_style style, bool band)
{
  const struct style_row *row = &rows[style];
  switch (depth) {
  case HDV_DEPTH_256:
    // On the terminal's own ground plain text has the terminal's own colour: cheap, and legible whatever that
    // ground is.
    return (struct hdv_paint){row->fore[theme] == 255 && !band ? -1 : row->fore[theme],
                              ground256[theme][band], row->attr};
  case HDV_DEPTH_16:
    return paint_few(row, theme, true);
  case HDV_DEPTH_8:
    return paint_few(row, theme, false);
  case HDV_DEPTH_MONO:
    break;
  }
  return (struct hdv_paint){-1, -1, row->mono};
}

// The full set avoids characters that some fonts draw as emoji; the console set is what every VGA font has.
static const struct hdv_glyphs sets[] = {
    [HDV_GLYPHS_FULL] = {"►",
                         "‖",
                         "◆",
                         "○",
                         "·",
                         "─",
                         "▌",
                         "›",
                         "▸",
                         "█",
                         "·",
                         "…",
                         "·",
                         "▔",
                         "▐",
                         "▌",
                         {"▏", "▎", "▍", "▌", "▋", "▊", "▉"},
                         false},
    [HDV_GLYPHS_CONSOLE] = {"►",
                            "=",
                            "■",
                            "o",
                            "·",
                            "─",
                            "▌",
                            ">",
                            "►",
                            "█",
                            "·",
                            "~",
                            "·",
                            "─",
                            "▐",
                            "▌",
                            {" ", " ", " ", "▌", "▌", "▌", "▌"},
                            false},
    [HDV_GLYPHS_ASCII] = {">",
                          "=",
                          "X",
                          "o",
                          ".",
                          "-",
                          "|",
                          ">",
                          ">",
                          "#",
                          ".",
                          "~",
                          "-",
                          "^",
                          "[",
                          "]",
                          {" ", " ", " ", "=", "=", "=", "="},
                          true},
};

const struct hdv_glyphs *hdv_theme_glyphs(enum hdv_glyph_set set)
{
  return &sets[set];
}

enum hdv_glyph_set hdv_theme_glyph_set(const char *term, bool utf8, bool ascii)
{
  if (ascii || !utf8 || !term || strncmp(term, "vt", 2) == 0)
    return HDV_GLYPHS_ASCII;
  return strcmp(term, "linux") == 0 ? HDV_GLYPHS_CONSOLE : HDV_GLYPHS_FULL;
}

enum hdv_depth hdv_theme_depth(int colors, enum hdv_color wish, const char *no_color)
{
  if (wish == HDV_COLOR_NEVER || (wish == HDV_COLOR_AUTO && no_color && *no_color))
    return HDV_DEPTH_MONO;
  if (colors >= 256)
    return HDV_DEPTH_256;
  if (colors >= 16)
    return HDV_DEPTH_16;
  return colors >= 8 ? HDV_DEPTH_8 : HDV_DEPTH_MONO;
}
