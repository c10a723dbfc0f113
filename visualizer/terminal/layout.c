// Where each panel stands. Rows are dealt from both ends: title on top, caption and key bar at the bottom,
// then the lanes, then the loop and the value, and the log takes what is left. Invariant: from 80x24 on every
// panel that has something to show is shown. Pure.
#include "terminal/layout.h"

#define MARGIN 1       // columns free on either side
#define GAP 2          // columns between panels
#define SIDE_MIN 26    // narrowest right column: eight bytes in hexadecimal
#define CAPTION_ROWS 3 // two for the sentence, one for the source line
#define LOG_MIN 4      // head and three lines
#define LOOP_ROWS 5    // the loop in short form
#define LOOP_TALL 10   // the loop with a row for each phase
#define VALUE_MIN 4    // head, bytes, letters, whose they are

static int least(int a, int b)
{
  return a < b ? a : b;
}

static int most(int a, int b)
{
  return a > b ? a : b;
}

static struct hdv_box box(int x, int y, int w, int h)
{
  return (struct hdv_box){x, y, w, h};
}

// Rows that the bytes of one value want: tiles while they stay few, else pairs of digits, else letters.
static int byte_rows(int bytes, int w)
{
  static const struct {
    int pitch, rows, most;
  } forms[] = {{6, 2, 8}, {3, 2, 8}, {1, 1, 16}};
  for (int i = 0; i < 3; i++) {
    int per_row = most(w / forms[i].pitch / 8, 1) * 8, rows = (bytes + per_row - 1) / per_row * forms[i].rows;
    if (w >= forms[i].pitch * 7 && (rows <= forms[i].most || i == 2))
      return most(rows, forms[i].rows);
  }
  return 2;
}

// Rows that the values want: each a head, its bytes and the last reading; and one that tells whose letter is
// whose.
static int value_rows(const struct hdv_parts *parts, int w)
{
  int count = most(parts->value_count, 1);
  return count * (2 + byte_rows((parts->value_bytes + count - 1) / count, w)) + 1;
}

// Splits a row of panels in two columns; a missing side gives its room to the other.
static void split(struct hdv_box row, int right_w, bool left, bool right, struct hdv_box *a,
                  struct hdv_box *b)
{
  if (left && right) {
    *a = box(row.x, row.y, row.w - right_w - GAP, row.h);
    *b = box(row.x + row.w - right_w, row.y, right_w, row.h);
  } else if (left)
    *a = row;
  else if (right)
    *b = row;
}

// Two columns: lanes and queues above, loop and value below them, then the log.
static void narrow(int w, int top, int rows, const struct hdv_parts *parts, struct hdv_layout *out)
{
  int side = most(SIDE_MIN, w / 3);
  bool queues = parts->pool || parts->ports, below = parts->loop || parts->value;
  int lower = 0;
  if (below) {
    lower = parts->loop ? LOOP_ROWS : VALUE_MIN;
    if (parts->value)
      lower = most(lower, value_rows(parts, parts->loop ? side : w));
  }
  int lanes = 1 + most(parts->lanes, parts->pool ? 8 : queues ? 4 : 2);
  lanes = least(lanes, most(9, rows - LOG_MIN - least(lower, LOOP_ROWS)));
  lower = least(lower, rows - lanes - LOG_MIN);
  split(box(MARGIN, top, w, lanes), side, true, queues, &out->lanes, &out->queues);
  if (below)
    split(box(MARGIN, top + lanes, w, lower), side, parts->loop, parts->value, &out->loop, &out->value);
  int log = rows - lanes - lower;
  top += lanes + lower;
  // With room to spare the log shares it with the source text.
  if (log >= 12 && !parts->big) {
    out->code = box(MARGIN, top, w, log / 2);
    top += log / 2;
    log -= log / 2;
  }
  out->log = box(MARGIN, top, w, log);
}

// Three columns, in the order of the story: the loop, the queues, the workers; below them source, log and
// output.
static void wide(int w, int top, int rows, const struct hdv_parts *parts, struct hdv_layout *out)
{
  bool queues = parts->pool || parts->ports, left = parts->loop || parts->value;
  int first = left ? most(40, w / 3) : 0, second = queues ? most(SIDE_MIN, w * 22 / 100) : 0;
  int third = MARGIN + (first ? first + GAP : 0) + (second ? second + GAP : 0);
  int loop = parts->loop ? LOOP_TALL : 0,
      value = parts->value ? least(value_rows(parts, first), rows / 3) : 0;
  int upper =
      most(1 + most(parts->lanes, parts->pool ? 8 : 4), loop + most(value, parts->value ? VALUE_MIN : 0));
  // The lower half keeps its share; what the loop and a short value need goes before.
  upper = least(upper, most(rows - rows / 3, loop + (parts->value ? VALUE_MIN : 0)));
  loop += parts->loop && upper - loop - (parts->value ? VALUE_MIN : 0) >= 2;
  if (parts->loop)
    out->loop = box(MARGIN, top, first, parts->value ? loop : upper);
  if (parts->value)
    out->value = box(MARGIN, top + loop, first, upper - loop);
  if (queues)
    out->queues = box(MARGIN + (first ? first + GAP : 0), top, second, upper);
  out->lanes = box(third, top, MARGIN + w - third, upper);
  int air = rows >= 32;
  top += upper + air;
  rows -= upper + air;
  int timeline = 1 + parts->lanes + (parts->loop && parts->pool);
  if (parts->lanes > 0 && rows - timeline - air >= 10) {
    out->timeline = box(MARGIN, top, w, timeline);
    top += timeline + air;
    rows -= timeline + air;
  }
  int code = rows >= 6 ? (w - GAP) / 2 : 0, output = rows >= 10 ? least(rows / 3, 8) : 0;
  if (code)
    out->code = box(MARGIN, top, code, rows);
  int x = MARGIN + (code ? code + GAP : 0);
  out->log = box(x, top, MARGIN + w - x, rows - output);
  if (output)
    out->output = box(x, top + rows - output, MARGIN + w - x, output);
}

void hdv_layout(int w, int h, const struct hdv_parts *parts, struct hdv_layout *out)
{
  *out = (struct hdv_layout){.too_small = w < HDV_MIN_WIDTH || h < HDV_MIN_HEIGHT,
                             .wide = w >= 120 && !parts->big};
  if (out->too_small)
    return;
  // Air around the caption, where there is room for it.
  int air = h >= 30 ? 1 : 0;
  out->title = box(0, 0, w, 1);
  out->bar = box(0, h - 1, w, 1);
  out->caption = box(MARGIN, h - 1 - air - CAPTION_ROWS, w - 2 * MARGIN, CAPTION_ROWS);
  int rows = out->caption.y - 1 - 2 * air;
  if (out->wide)
    wide(w - 2 * MARGIN, 1 + air, rows, parts, out);
  else
    narrow(w - 2 * MARGIN, 1 + air, rows, parts, out);
}
