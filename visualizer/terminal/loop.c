// The event loop: its phases with the current one, the callback on the stack, and its queues. In the tall
// form every phase stands beside the queue it serves. Pure.
#include "terminal/view.h"

#include <stdio.h>
#include <string.h>

// The queues of a loop, and the phase that serves each (HD_PHASE_NONE: between any two callbacks).
static const struct row {
  const char *word;
  enum hdv_queue queue;
  enum hd_phase phase;
  bool always; // shown when empty too
} rows[] = {
    {"ticks", HDV_QUEUE_TICKS, HD_PHASE_NONE, true},
    {"microtasks", HDV_QUEUE_MICROTASKS, HD_PHASE_NONE, true},
    {"timers", HDV_QUEUE_TIMERS, HD_PHASE_TIMERS, true},
    {"immediates", HDV_QUEUE_IMMEDIATES, HD_PHASE_CHECK, true},
    {"posts", HDV_QUEUE_POSTS, HD_PHASE_POLL, false},
    {"closing", HDV_QUEUE_CLOSING, HD_PHASE_CLOSE, false},
    {"watches", HDV_QUEUE_WATCHES, HD_PHASE_POLL, false},
};
// The phases as a turn runs them: timers come last, as in libuv since 1.45.
static const enum hd_phase order[] = {HD_PHASE_PENDING, HD_PHASE_PREPARE, HD_PHASE_POLL,
                                      HD_PHASE_CHECK,   HD_PHASE_CLOSE,   HD_PHASE_TIMERS};
#define PHASES (sizeof order / sizeof *order)

#define ROWS (sizeof rows / sizeof *rows)

static void draw_head(const struct hdv_canvas *canvas, const struct hdv_view *view,
                      const struct hdv_loop *loop)
{
  char name[HDV_NAME_SIZE + 8], right[48];
  if (!loop->known)
    snprintf(right, sizeof right, "unknown");
  else
    snprintf(right, sizeof right, "turn %llu", (unsigned long long)loop->turn);
  hdv_header(canvas, "LOOP", right);
  const struct hdv_thread *thread = hdv_view_loop_thread(view, loop);
  int x = 5;
  if (!thread) {
    x = hdv_put_cut(canvas, x, 0, 16, HDV_STYLE_SOFT,
                    hdv_model_name(view->model, loop->id, name, sizeof name));
    hdv_put(canvas, x, 0, HDV_STYLE_TEXT, " ");
    return;
  }
  int key = hdv_view_lane_key(view, thread);
  if (key >= 0) {
    x = hdv_putf(canvas, x, 0, view->focus == thread->slot ? HDV_STYLE_BLOCK : HDV_STYLE_KEY, "%d", key);
    x = hdv_put(canvas, x, 0, HDV_STYLE_TEXT, " ");
  }
  bool acts = view->has_event && view->actor == thread->slot;
  hdv_model_name(view->model, thread->object, name, sizeof name);
  x = hdv_put_cut(canvas, x, 0, 16, acts ? HDV_STYLE_BLOCK : HDV_STYLE_SOFT, name);
  x = hdv_put(canvas, x, 0, HDV_STYLE_TEXT, " ");
  x = hdv_put_face(canvas, x, 0, thread);
  hdv_put(canvas, x, 0, HDV_STYLE_TEXT, " ");
}

// "now  timer callback of timer 3" or why it waits.
static void draw_now(const struct hdv_canvas *canvas, int y, const struct hdv_view *view,
                     const struct hdv_loop *loop)
{
  const struct hdv_thread *thread = hdv_view_loop_thread(view, loop);
  char text[96], name[HDV_NAME_SIZE + 8];
  if (thread && thread->callback) {
    snprintf(text, sizeof text, "%s callback of %s", hd_callback_word(thread->callback_kind),
             hdv_model_name(view->model, thread->callback, name, sizeof name));
    int x = hdv_put(canvas, 0, y, HDV_STYLE_SOFT, "on the stack ");
    hdv_put_cut(canvas, x, y, canvas->box.w - x, HDV_STYLE_CAPTION, text);
  } else if (thread && (thread->state == HDV_WAITING || thread->state == HDV_BLOCKED)) {
    snprintf(text, sizeof text, "waits %s", hd_reason_word(thread->reason));
    hdv_put_cut(canvas, 0, y, canvas->box.w, HDV_STYLE_SOFT, text);
  } else
    hdv_put(canvas, 0, y, HDV_STYLE_SOFT, "no callback on the stack");
}

// "timers  1 4 +3", at most w columns; label: columns of the word, 0: its own.
static void draw_row(const struct hdv_canvas *canvas, int x, int y, int w, int label,
                     const struct hdv_view *view, const struct hdv_loop *loop, const struct row *row)
{
  uint32_t length = hdv_model_queue_length(view->model, loop->id, row->queue);
  int at = hdv_put_cut(canvas, x, y, w, length ? HDV_STYLE_TEXT : HDV_STYLE_SOFT, row->word);
  at = at < x + label ? x + label : at;
  if (length)
    hdv_put_chips(canvas, (struct hdv_box){at + 1, y, x + w - at - 1, 1}, view, loop->id, row->queue);
  else
    hdv_put_cut(canvas, at + 1, y, x + w - at - 1, HDV_STYLE_RULE, "none");
}

static void draw_short(const struct hdv_canvas *canvas, const struct hdv_view *view,
                       const struct hdv_loop *loop)
{
  int x = 0;
  for (size_t p = 0; p < PHASES; p++) {
    enum hd_phase phase = order[p];
    bool now = loop->known && loop->phase == phase;
    if (p > 0)
      x = hdv_put(canvas, x, 1, HDV_STYLE_RULE, canvas->look->glyphs->then);
    x = hdv_putf(canvas, x, 1, now ? HDV_STYLE_BLOCK : HDV_STYLE_SOFT,
                 now && canvas->look->glyphs->ascii ? "[%s]" : " %s ", hd_phase_word(phase));
  }
  draw_now(canvas, 2, view, loop);
  // Two rows of two; queues that are seldom used show up as a third pair when they hold something.
  const struct row *shown[6];
  size_t count = 0;
  for (size_t i = 0; i < ROWS && count < 6; i++) {
    if (rows[i].always || hdv_model_queue_length(view->model, loop->id, rows[i].queue))
      shown[count++] = &rows[i];
  }
  int columns = count > 4 ? 3 : 2, w = canvas->box.w / columns;
  for (size_t i = 0; i < count; i++)
    draw_row(canvas, (int)(i / 2) * w, 3 + (int)(i % 2), w - 1, columns == 2 ? 10 : 0, view, loop, shown[i]);
}

static void draw_tall(const struct hdv_canvas *canvas, const struct hdv_view *view,
                      const struct hdv_loop *loop)
{
  int w = canvas->box.w, y = 1;
  draw_now(canvas, y++, view, loop);
  draw_row(canvas, 2, y++, w - 2, 10, view, loop, &rows[0]);
  draw_row(canvas, 2, y++, w - 2, 10, view, loop, &rows[1]);
  y += canvas->box.h > 10;
  for (size_t p = 0; p < PHASES; p++, y++) {
    enum hd_phase phase = order[p];
    bool now = loop->known && loop->phase == phase;
    if (now)
      hdv_put(canvas, 0, y, HDV_STYLE_ACCENT, canvas->look->glyphs->here);
    hdv_putf(canvas, 1, y, now ? HDV_STYLE_BLOCK : HDV_STYLE_SOFT, " %s ", hd_phase_word(phase));
    int x = 13;
    for (size_t i = 2; i < ROWS; i++) {
      uint32_t length = hdv_model_queue_length(view->model, loop->id, rows[i].queue);
      if (rows[i].phase != phase || !length)
        continue;
      // "timers" need not be said twice on one row.
      if (strcmp(rows[i].word, hd_phase_word(phase)) == 0)
        hdv_put_chips(canvas, (struct hdv_box){x, y, w - x, 1}, view, loop->id, rows[i].queue);
      else
        draw_row(canvas, x, y, w - x, 0, view, loop, &rows[i]);
      break;
    }
  }
}

void hdv_draw_loop(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  const struct hdv_loop *loop = hdv_view_loop(view);
  if (!loop)
    return;
  draw_head(canvas, view, loop);
  if (canvas->box.h >= 10)
    draw_tall(canvas, view, loop);
  else
    draw_short(canvas, view, loop);
}
