// A shared value, byte by byte, each marked with the thread that stored it: by a letter and by a colour.
// Invariant: a slot's letter and colour are the same in every value and at every step. Pure.
#include "terminal/view.h"

#include <stdio.h>
#include <string.h>

#define WRITERS 16
#define GROUP 8 // bytes between two gaps

// The threads that have stored a byte of a value on show, in slot order.
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

// The slot that stored a byte, or -1 for a byte nobody has stored. Letter and colour are made from it alone, so
// that a thread keeps them while others come and go.
static int writer_of(const struct hdv_value *value, uint32_t b)
{
  return value->known[b] && value->writer[b] != HDV_NOBODY ? (int)value->writer[b] : -1;
}

static enum hdv_style writer_style(int writer)
{
  if (writer < 0)
    return HDV_STYLE_SOFT;
  return writer < 4 ? HDV_STYLE_WRITER_A + (enum hdv_style)writer : HDV_STYLE_WRITER_E;
}

static int letter(int writer)
{
  return writer < 0 ? '.' : (writer / 26 % 2 ? 'a' : 'A') + writer % 26;
}

// How the bytes of a value are shown, by the room there is.
enum form {
  TILES,  // a filled tile for each byte, two rows high
  PAIRS,  // hexadecimal, a row of letters under it
  LETTERS // one letter a byte
};

static const struct {
  int pitch, width, rows; // columns from byte to byte, columns of a byte, rows
} forms[] = {[TILES] = {5, 4, 2}, [PAIRS] = {3, 2, 2}, [LETTERS] = {1, 1, 1}};

static int column_of(enum form form, uint32_t at)
{
  return (int)at * forms[form].pitch + (int)(at / GROUP) * (form == TILES ? 2 : 1);
}

// Bytes in a row of w columns, a multiple of a group where more than one group fits.
static uint32_t bytes_per_row(enum form form, int w, uint32_t size)
{
  uint32_t count = 0;
  while (count < size && column_of(form, count) + forms[form].width <= w)
    count++;
  return count == size || count < GROUP ? count : count - count % GROUP;
}

static int rows_of(enum form form, int w, uint32_t size)
{
  uint32_t per_row = bytes_per_row(form, w, size);
  return per_row ? (int)((size + per_row - 1) / per_row) * forms[form].rows : 0;
}

static void draw_tile(const struct hdv_canvas *canvas, int x, int y, const char *byte, int writer, bool fresh)
{
  static const enum hdv_style filled[] = {HDV_STYLE_TILE_A, HDV_STYLE_TILE_B, HDV_STYLE_TILE_C,
                                          HDV_STYLE_TILE_D};
  enum hdv_style style = writer < 0 ? HDV_STYLE_SOFT : writer < 4 ? filled[writer] : HDV_STYLE_TILE_D;
  hdv_putf(canvas, x, y, fresh ? HDV_STYLE_MOVED : style, " %s ", byte);
  hdv_putf(canvas, x, y + 1, style, " %c  ", letter(writer));
}

static void draw_byte(const struct hdv_canvas *canvas, int x, int y, enum form form,
                      const struct hdv_view *view, const struct hdv_value *value, uint32_t b)
{
  char byte[4] = "??";
  int writer = writer_of(value, b);
  bool fresh = value->known[b] && value->written[b] == view->status.step && view->status.step;
  enum hdv_style style = fresh ? HDV_STYLE_MOVED : writer_style(writer);
  if (value->known[b])
    snprintf(byte, sizeof byte, "%02X", value->bytes[b]);
  if (form == TILES) {
    draw_tile(canvas, x, y, byte, writer, fresh);
  } else if (form == PAIRS) {
    hdv_put(canvas, x, y, style, byte);
    hdv_putf(canvas, x, y + 1, writer_style(writer), "%c", letter(writer));
  } else
    hdv_putf(canvas, x, y, style, "%c", letter(writer));
}

// Draws the bytes on at most rows rows; returns the rows used.
static int draw_bytes(const struct hdv_canvas *canvas, int top, int rows, const struct hdv_view *view,
                      const struct hdv_value *value)
{
  enum form form = TILES;
  uint32_t group = value->size < GROUP ? value->size : GROUP;
  while (form < LETTERS && (rows_of(form, canvas->box.w, value->size) > rows ||
                            bytes_per_row(form, canvas->box.w, value->size) < group))
    form++;
  uint32_t per_row = bytes_per_row(form, canvas->box.w, value->size);
  int step = forms[form].rows, used = 0;
  for (uint32_t b = 0; per_row && b < value->size; b++) {
    int y = (int)(b / per_row) * step;
    if (y + step > rows)
      break;
    draw_byte(canvas, column_of(form, b % per_row), top + y, form, view, value, b);
    used = y + step;
  }
  return used;
}

// "A writer 1  B writer 2"
static int draw_writers(const struct hdv_canvas *canvas, int y, const struct hdv_view *view,
                        const struct writers *writers)
{
  int x = 0, w = canvas->box.w;
  for (size_t i = 0; i < writers->count && x < w - 3; i++) {
    char name[HDV_NAME_SIZE + 8];
    const struct hdv_thread *thread = hdv_model_thread(view->model, writers->slot[i]);
    x = hdv_putf(canvas, x, y, writer_style(writers->slot[i]), "%c", letter(writers->slot[i])) + 1;
    int room = writers->count == 1 ? w - x : (w - x) / (int)(writers->count - i) - 2;
    if (thread)
      x = hdv_put_cut(canvas, x, y, room, HDV_STYLE_SOFT,
                      hdv_model_name(view->model, thread->object, name, sizeof name)) +
          2;
  }
  return writers->count ? 1 : 0;
}

static bool little_endian(void)
{
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 1;
}

// The last reading of the whole value: "TORN 0x1111111122222222". What the machine reads as one number is
// told as that number, as in the sentences; longer values in memory order.
static void draw_seen(const struct hdv_canvas *canvas, int y, const struct hdv_view *view,
                      const struct hdv_value *value)
{
  char hex[2 + 2 * 64 + 1] = "0x", name[HDV_NAME_SIZE + 8];
  uint32_t told = value->size < 64 ? value->size : 64;
  bool number = value->size <= 8 && (value->size & (value->size - 1)) == 0 && little_endian();
  for (uint32_t i = 0; i < told; i++)
    snprintf(hex + 2 + 2 * i, 3, "%02X", value->seen_bytes[number ? told - 1 - i : i]);
  int x = value->seen_mixed ? hdv_put(canvas, 0, y, HDV_STYLE_WARN, "TORN")
                            : hdv_put(canvas, 0, y, HDV_STYLE_SOFT, "read");
  x = hdv_put_cut(canvas, x + 1, y, canvas->box.w - x - 1, HDV_STYLE_TEXT, hex);
  const struct hdv_thread *reader = hdv_model_thread(view->model, value->seen_by);
  if (reader && canvas->box.w - x > 16) {
    hdv_model_name(view->model, reader->object, name, sizeof name);
    hdv_putf(canvas, x, y, HDV_STYLE_SOFT, value->seen_mixed ? ", read by %s" : " by %s", name);
  }
}

static int draw_value(const struct hdv_canvas *canvas, int top, int rows, const struct hdv_view *view,
                      const struct hdv_value *value)
{
  struct hdv_canvas part = hdv_canvas_in(canvas, (struct hdv_box){0, top, canvas->box.w, rows});
  char name[HDV_NAME_SIZE + 8], right[48];
  if (value->torn)
    snprintf(right, sizeof right, "torn %llu time%s", (unsigned long long)value->torn,
             value->torn == 1 ? "" : "s");
  else
    snprintf(right, sizeof right, "%u byte%s", value->size, value->size == 1 ? "" : "s");
  hdv_header(&part, hdv_model_name(view->model, value->id, name, sizeof name), right);
  int seen = value->seen && rows >= 4;
  int y = 1 + draw_bytes(&part, 1, rows - 1 - seen, view, value);
  if (seen)
    draw_seen(&part, y++, view, value);
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
    top +=
        draw_value(canvas, top, (rows - top) / (int)(shown - i), view, &values[count - shown + i]);
  draw_writers(canvas, top < rows ? top : rows, view, &writers);
}
