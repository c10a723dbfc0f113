// A shared value, byte by byte, each marked with the thread that stored it: by a letter and by a colour.
// Invariant: letters belong to threads, the same in every value shown. Pure.
#include "terminal/view.h"

#include <stdio.h>
#include <string.h>

#define WRITERS 16
#define GROUP 8  // bytes between two gaps

// The threads that have stored a byte of a value on show, in slot order: their places are their letters.
struct writers {
  uint16_t slot[WRITERS];
  size_t count;
};

static void note_writer(struct writers *writers, uint16_t slot)
{
  size_t at = 0;
  while (at < writers->count && writers->slot[at] < slot)
    at++;
  if ((at < writers->count && writers->slot[at] == slot) || writers->count == WRITERS)
    return;
  memmove(&writers->slot[at + 1], &writers->slot[at], (writers->count - at) * sizeof *writers->slot);
  writers->slot[at] = slot;
  writers->count++;
}

static void find_writers(const struct hdv_view *view, struct writers *out)
{
  const struct hdv_value *values;
  size_t count = hdv_model_values(view->model, &values);
  *out = (struct writers){0};
  for (size_t i = 0; i < count; i++) {
    for (uint32_t b = 0; b < values[i].size; b++) {
      if (values[i].known[b] && values[i].writer[b] != HDV_NOBODY)
        note_writer(out, values[i].writer[b]);
    }
  }
}

// The letter's index, or -1 for a byte nobody has stored.
static int writer_of(const struct writers *writers, const struct hdv_value *value, uint32_t b)
{
  for (size_t i = 0; value->known[b] && i < writers->count; i++) {
    if (writers->slot[i] == value->writer[b])
      return (int)i;
  }
  return -1;
}

static enum hdv_style writer_style(int writer)
{
  if (writer < 0)
    return HDV_STYLE_SOFT;
  return writer < 4 ? HDV_STYLE_WRITER_A + (enum hdv_style)writer : HDV_STYLE_WRITER_E;
}

static int letter(int writer)
{
  return writer < 0 ? '.' : 'A' + writer;
}

// How the bytes of a value are shown, by the room there is.
enum form {
  PAIRS,   // hexadecimal, a row of letters under it
  LETTERS  // one letter a byte
};

static int column_of(enum form form, uint32_t at)
{
  return form == PAIRS ? (int)(at * 3 + at / GROUP) : (int)(at + at / GROUP);
}

// Bytes in a row of w columns, a multiple of a group where more than one group fits.
static uint32_t bytes_per_row(enum form form, int w, uint32_t size)
{
  uint32_t count = 0;
  while (count < size && column_of(form, count) + (form == PAIRS ? 2 : 1) <= w)
    count++;
  return count == size || count < GROUP ? count : count - count % GROUP;
}

static int rows_of(enum form form, int w, uint32_t size)
{
  uint32_t per_row = bytes_per_row(form, w, size);
  return per_row ? (int)((size + per_row - 1) / per_row) * (form == PAIRS ? 2 : 1) : 0;
}

static void draw_byte(const struct hdv_canvas *canvas, int x, int y, enum form form, const struct hdv_view *view,
                      const struct hdv_value *value, const struct writers *writers, uint32_t b)
{
  int writer = writer_of(writers, value, b);
  bool fresh = value->known[b] && value->written[b] == view->status.step && view->status.step;
  enum hdv_style style = fresh ? HDV_STYLE_MOVED : writer_style(writer);
  if (form == LETTERS) {
    hdv_putf(canvas, x, y, style, "%c", letter(writer));
    return;
  }
  if (value->known[b])
    hdv_putf(canvas, x, y, style, "%02X", value->bytes[b]);
  else
    hdv_put(canvas, x, y, style, "??");
  hdv_putf(canvas, x, y + 1, writer_style(writer), "%c", letter(writer));
}

// Draws the bytes on at most rows rows; returns the rows used.
static int draw_bytes(const struct hdv_canvas *canvas, int top, int rows, const struct hdv_view *view,
                      const struct hdv_value *value, const struct writers *writers)
{
  int w = canvas->box.w;
  enum form form = rows_of(PAIRS, w, value->size) <= rows ? PAIRS : LETTERS;
  uint32_t per_row = bytes_per_row(form, w, value->size);
  int step = form == PAIRS ? 2 : 1, y = 0;
  for (uint32_t b = 0; per_row && b < value->size; b++) {
    y = (int)(b / per_row) * step;
    if (y + step > rows)
      break;
    draw_byte(canvas, column_of(form, b % per_row), top + y, form, view, value, writers, b);
  }
  return y + step < rows ? y + step : rows;
}

// "A writer 1  B writer 2"
static int draw_writers(const struct hdv_canvas *canvas, int y, const struct hdv_view *view,
                        const struct writers *writers)
{
  int x = 0, w = canvas->box.w;
  for (size_t i = 0; i < writers->count && x < w - 3; i++) {
    char name[HDV_NAME_SIZE + 8];
    const struct hdv_thread *thread = hdv_model_thread(view->model, writers->slot[i]);
    x = hdv_putf(canvas, x, y, writer_style((int)i), "%c", letter((int)i)) + 1;
    int room = writers->count == 1 ? w - x : (w - x) / (int)(writers->count - i) - 2;
    if (thread)
      x = hdv_put_cut(canvas, x, y, room, HDV_STYLE_SOFT,
                      hdv_model_name(view->model, thread->object, name, sizeof name)) + 2;
  }
  return writers->count ? 1 : 0;
}

// The last reading of the whole value: "read 11 11 .. mixed".
static void draw_seen(const struct hdv_canvas *canvas, int y, const struct hdv_value *value)
{
  int x = hdv_put(canvas, 0, y, HDV_STYLE_SOFT, "read ");
  const char *word = value->seen_mixed ? "TORN" : "whole";
  enum hdv_style style = value->seen_mixed ? HDV_STYLE_WARN : HDV_STYLE_SOFT;
  x = hdv_put(canvas, x, y, style, word) + 1;
  // As many bytes as fit, without spaces, in memory order.
  for (uint32_t b = 0; b < value->size && x + 2 <= canvas->box.w; b++)
    x = hdv_putf(canvas, x, y, HDV_STYLE_TEXT, "%02X", value->seen_bytes[b]);
}

static int draw_value(const struct hdv_canvas *canvas, int top, int rows, const struct hdv_view *view,
                      const struct hdv_value *value, const struct writers *writers)
{
  struct hdv_canvas part = hdv_canvas_in(canvas, (struct hdv_box){0, top, canvas->box.w, rows});
  char name[HDV_NAME_SIZE + 8], right[48];
  if (value->torn)
    snprintf(right, sizeof right, "torn %llu times", (unsigned long long)value->torn);
  else
    snprintf(right, sizeof right, "%u bytes", value->size);
  hdv_header(&part, hdv_model_name(view->model, value->id, name, sizeof name), right);
  int seen = value->seen && rows >= 4;
  int y = 1 + draw_bytes(&part, 1, rows - 1 - seen, view, value, writers);
  if (seen)
    draw_seen(&part, y++, value);
  return y;
}

void hdv_draw_value(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  const struct hdv_value *values;
  size_t count = hdv_model_values(view->model, &values);
  struct writers writers;
  find_writers(view, &writers);
  // The last row tells whose letter is whose.
  int rows = canvas->box.h - (writers.count ? 1 : 0), top = 0;
  size_t shown = count;
  while (shown > 1 && rows / (int)shown < 3)
    shown--;
  for (size_t i = 0; i < shown; i++)
    top += draw_value(canvas, top, (rows - top) / (int)(shown - i), view, &values[count - shown + i], &writers);
  draw_writers(canvas, top < rows ? top : rows, view, &writers);
}
