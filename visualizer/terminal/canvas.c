// A grid of cells and a clipped window on it. Text is UTF-8; its width is the C library's opinion (wcwidth),
// which is also the one curses goes by. One thread.
#include "terminal/canvas.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

int hdv_grid_resize(struct hdv_grid *grid, int w, int h)
{
  if (w < 1 || h < 1)
    return HD_EINVAL;
  struct hdv_cell *cells = calloc((size_t)w * (size_t)h, sizeof *cells);
  if (!cells)
    return HD_ENOMEM;
  free(grid->cells);
  *grid = (struct hdv_grid){w, h, cells};
  hdv_grid_blank(grid);
  return HD_OK;
}

void hdv_grid_blank(struct hdv_grid *grid)
{
  size_t count = (size_t)grid->w * (size_t)grid->h;
  for (size_t i = 0; i < count; i++)
    grid->cells[i] = (struct hdv_cell){.ch = ' ', .style = HDV_STYLE_TEXT};
}

void hdv_grid_free(struct hdv_grid *grid)
{
  free(grid->cells);
  *grid = (struct hdv_grid){0};
}

struct hdv_canvas hdv_canvas_in(const struct hdv_canvas *canvas, struct hdv_box box)
{
  struct hdv_canvas inner = *canvas;
  int right = box.x + box.w < canvas->box.w ? box.x + box.w : canvas->box.w;
  int low = box.y + box.h < canvas->box.h ? box.y + box.h : canvas->box.h;
  int x = box.x > 0 ? box.x : 0, y = box.y > 0 ? box.y : 0;
  inner.box = (struct hdv_box){canvas->box.x + x, canvas->box.y + y, right > x ? right - x : 0,
                               low > y ? low - y : 0};
  return inner;
}

// Reads one character; malformed bytes give '?'. Never reads beyond the terminating NUL.
static const char *next_char(const char *at, uint32_t *out)
{
  const unsigned char *s = (const unsigned char *)at;
  int more = s[0] < 0x80 ? 0 : s[0] >= 0xf0 && s[0] < 0xf5 ? 3 : s[0] >= 0xe0 ? 2 : s[0] >= 0xc2 ? 1 : -1;
  if (s[0] >= 0xf5)
    more = -1;
  uint32_t ch = more <= 0 ? s[0] : s[0] & (0x3fu >> more);
  for (int i = 1; i <= more; i++) {
    if ((s[i] & 0xc0) != 0x80)
      more = -1;
    else
      ch = ch << 6 | (s[i] & 0x3fu);
  }
  *out = more < 0 ? '?' : ch;
  return at + (more < 0 ? 1 : more + 1);
}

static int char_width(uint32_t *ch)
{
  if (*ch >= ' ' && *ch < 0x7f)
    return 1;
  int width = wcwidth((wchar_t)*ch);
  if (width < 0 || *ch < 0xa0) {
    *ch = '?';
    return 1;
  }
  return width;
}

// What an ASCII picture shows for a character it cannot.
static uint32_t plain_char(uint32_t ch)
{
  switch (ch) {
  case 0x2013:
  case 0x2014:
    return '-';
  case 0x2018:
  case 0x2019:
    return '\'';
  case 0x201c:
  case 0x201d:
    return '"';
  case 0x2026:
    return '~';
  case 0xb5:
  case 0x3bc:
    return 'u';
  case 0xd7:
    return 'x';
  default:
    return ch < 0x7f ? ch : '?';
  }
}

static struct hdv_cell *cell_at(const struct hdv_canvas *canvas, int x, int y)
{
  if (x < 0 || y < 0 || x >= canvas->box.w || y >= canvas->box.h)
    return NULL;
  return &canvas->grid->cells[(canvas->box.y + y) * canvas->grid->w + canvas->box.x + x];
}

static void set_cell(struct hdv_cell *cell, uint32_t ch, enum hdv_style style)
{
  *cell = (struct hdv_cell){.ch = ch, .style = (uint8_t)style, .band = cell->band};
}

// Draws what fits in columns x .. limit-1.
static int put_until(const struct hdv_canvas *canvas, int x, int y, int limit, enum hdv_style style,
                     const char *text, const char *end)
{
  struct hdv_cell *last = NULL;
  while (*text && text != end) {
    uint32_t ch;
    text = next_char(text, &ch);
    if (canvas->look->glyphs->ascii)
      ch = plain_char(ch);
    int width = char_width(&ch);
    if (width == 0) {
      if (last)
        last->mark = ch;
      continue;
    }
    if (x + width > limit)
      break;
    struct hdv_cell *cell = cell_at(canvas, x, y), *half = width == 2 ? cell_at(canvas, x + 1, y) : cell;
    last = NULL;
    if (cell && half) {
      if (half != cell)
        set_cell(half, 0, style);
      set_cell(cell, ch, style);
      last = cell;
    }
    x += width;
  }
  return x;
}

int hdv_put(const struct hdv_canvas *canvas, int x, int y, enum hdv_style style, const char *text)
{
  return put_until(canvas, x, y, canvas->box.w, style, text, NULL);
}

int hdv_putf(const struct hdv_canvas *canvas, int x, int y, enum hdv_style style, const char *format, ...)
{
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return hdv_put(canvas, x, y, style, text);
}

int hdv_width(const char *text)
{
  int total = 0;
  while (*text) {
    uint32_t ch;
    text = next_char(text, &ch);
    total += char_width(&ch);
  }
  return total;
}

int hdv_put_cut(const struct hdv_canvas *canvas, int x, int y, int w, enum hdv_style style, const char *text)
{
  if (w <= 0)
    return x;
  if (hdv_width(text) <= w)
    return put_until(canvas, x, y, x + w, style, text, NULL);
  int end = put_until(canvas, x, y, x + w - 1, style, text, NULL);
  return put_until(canvas, end, y, x + w, style, canvas->look->glyphs->ellipsis, NULL);
}

// The end of the row that starts at text, at most w columns long; *next is where the row after it starts.
static const char *row_end(const char *text, int w, const char **next)
{
  const char *space = NULL, *at = text;
  int width = 0;
  while (*at) {
    uint32_t ch;
    const char *behind = next_char(at, &ch);
    if (ch == ' ')
      space = at;
    width += char_width(&ch);
    if (width > w) {
      if (space && space > text) {
        *next = space + 1;
        return space;
      }
      *next = at > text ? at : behind;
      return *next;
    }
    at = behind;
  }
  *next = at;
  return at;
}

int hdv_wrapped_rows(int w, const char *text)
{
  int rows = 0;
  while (*text && w > 0) {
    row_end(text, w, &text);
    rows++;
  }
  return rows;
}

int hdv_put_wrapped(const struct hdv_canvas *canvas, int x, int y, int w, int rows, enum hdv_style style,
                    const char *text)
{
  int row = 0;
  for (; row < rows && *text && w > 0; row++) {
    if (row == rows - 1) {
      hdv_put_cut(canvas, x, y + row, w, style, text);
      return rows;
    }
    const char *next, *end = row_end(text, w, &next);
    put_until(canvas, x, y + row, x + w, style, text, end);
    text = next;
  }
  return row;
}

void hdv_fill(const struct hdv_canvas *canvas, int x, int y, int n, enum hdv_style style, const char *glyph)
{
  for (int i = 0; i < n; i++)
    hdv_put(canvas, x + i, y, style, glyph);
}

void hdv_band(const struct hdv_canvas *canvas, int y)
{
  for (int x = 0; x < canvas->box.w; x++) {
    struct hdv_cell *cell = cell_at(canvas, x, y);
    if (cell)
      cell->band = 1;
  }
}

void hdv_header(const struct hdv_canvas *canvas, const char *name, const char *right)
{
  int w = canvas->box.w, room = right ? hdv_width(right) + 1 : 0;
  int x = hdv_put_cut(canvas, 0, 0, w - (room < w / 2 ? room : 0), HDV_STYLE_HEADER, name);
  if (right && w - room < x + 2)
    room = 0;
  x++;
  hdv_fill(canvas, x, 0, w - room - x, HDV_STYLE_RULE, canvas->look->glyphs->rule);
  if (room)
    hdv_put(canvas, w - room + 1, 0, HDV_STYLE_SOFT, right);
}

void hdv_meter(const struct hdv_canvas *canvas, int x, int y, int w, enum hdv_style style, double part)
{
  const struct hdv_glyphs *glyphs = canvas->look->glyphs;
  if (!(part > 0))
    part = 0;
  int eighths = (int)((part > 1 ? 1 : part) * w * 8);
  hdv_fill(canvas, x, y, eighths / 8, style, glyphs->full);
  hdv_fill(canvas, x + eighths / 8, y, w - eighths / 8, HDV_STYLE_RULE, glyphs->empty);
  if (eighths % 8 && *glyphs->part[eighths % 8 - 1] != ' ')
    hdv_put(canvas, x + eighths / 8, y, style, glyphs->part[eighths % 8 - 1]);
}
