// The lanes: one row per thread with state, name, task and what it is busy with; and the timeline of who
// moved when. Invariant: a state is never told by colour alone: it has a glyph and a word. Pure.
#include "terminal/view.h"

#include <stdio.h>
#include <string.h>

static const struct face {
  const char *word;
  enum hdv_style mark, text;
} faces[] = {
    [HDV_FACE_RUNNING] = {"running", HDV_STYLE_RUNNING, HDV_STYLE_RUNNING_WORD},
    [HDV_FACE_WAITING] = {"waiting", HDV_STYLE_WAITING, HDV_STYLE_WAITING_WORD},
    [HDV_FACE_BLOCKED] = {"blocked", HDV_STYLE_BLOCKED, HDV_STYLE_BLOCKED_WORD},
    [HDV_FACE_IDLE] = {"idle", HDV_STYLE_IDLE, HDV_STYLE_IDLE_WORD},
    [HDV_FACE_ENDED] = {"ended", HDV_STYLE_IDLE, HDV_STYLE_IDLE_WORD},
};

enum hdv_face hdv_face_of(const struct hdv_thread *thread)
{
  bool serves = thread->role == HD_ROLE_POOL || thread->role == HD_ROLE_WORKER;
  switch (thread->state) {
  case HDV_RUNNING:
    return HDV_FACE_RUNNING;
  case HDV_BLOCKED:
    return HDV_FACE_BLOCKED;
  case HDV_WAITING:
    // A worker without a task is idle; one that waits in the middle of a task is not.
    if (serves && !thread->task && (thread->reason == HD_REASON_TASK || thread->reason == HD_REASON_POLL))
      return HDV_FACE_IDLE;
    return HDV_FACE_WAITING;
  default:
    return HDV_FACE_ENDED;
  }
}

const char *hdv_face_word(enum hdv_face face)
{
  return faces[face].word;
}

const char *hdv_face_glyph(enum hdv_face face, const struct hdv_glyphs *glyphs)
{
  const char *const glyph[] = {glyphs->running, glyphs->waiting, glyphs->blocked, glyphs->idle,
                               glyphs->ended};
  return glyph[face];
}

enum hdv_style hdv_face_mark(enum hdv_face face)
{
  return faces[face].mark;
}

enum hdv_style hdv_face_text(enum hdv_face face)
{
  return faces[face].text;
}

int hdv_put_face(const struct hdv_canvas *canvas, int x, int y, const struct hdv_thread *thread)
{
  enum hdv_face face = hdv_face_of(thread);
  x = hdv_put(canvas, x, y, faces[face].mark, hdv_face_glyph(face, canvas->look->glyphs));
  x = hdv_put(canvas, x, y, HDV_STYLE_TEXT, " ");
  return hdv_put(canvas, x, y, faces[face].text, faces[face].word);
}

const char *hdv_time_text(uint64_t ns, char *out, size_t cap)
{
  if (ns >= 10000000000ull)
    snprintf(out, cap, "%.1f s", (double)ns / 1e9);
  else if (ns >= 1000000000ull)
    snprintf(out, cap, "%.2f s", (double)ns / 1e9);
  else
    snprintf(out, cap, "%llu ms", (unsigned long long)((ns + 999999) / 1000000));
  return out;
}

// Why it waits, and who has what it wants.
static void put_wait(const struct hdv_canvas *canvas, int x, int y, int w, const struct hdv_view *view,
                     const struct hdv_thread *thread)
{
  char text[96], name[HDV_NAME_SIZE + 8], owner[HDV_NAME_SIZE + 8];
  const struct hdv_object *wanted = hdv_model_object(view->model, thread->waits_for);
  const struct hdv_thread *holder = NULL;
  if (wanted && wanted->kind == HDV_LOCK && wanted->x)
    holder = hdv_model_thread(view->model, (uint16_t)(wanted->x - 1));
  if (holder)
    snprintf(text, sizeof text, "for %s: %s has it",
             hdv_model_name(view->model, wanted->id, name, sizeof name),
             hdv_model_name(view->model, holder->object, owner, sizeof owner));
  else if (wanted && thread->state == HDV_BLOCKED)
    snprintf(text, sizeof text, "for %s", hdv_model_name(view->model, wanted->id, name, sizeof name));
  else
    snprintf(text, sizeof text, "%s", hd_reason_word(thread->reason));
  hdv_put_cut(canvas, x, y, w, HDV_STYLE_SOFT, text);
}

static void put_coming(const struct hdv_canvas *canvas, int x, int y, int w, const struct hdv_view *view,
                       const struct hdv_thread *thread)
{
  for (size_t i = 0; i < view->coming_count; i++) {
    if (view->coming[i].slot != thread->slot)
      continue;
    int at = hdv_put(canvas, x, y, HDV_STYLE_RULE, canvas->look->glyphs->then);
    hdv_put_cut(canvas, at + 1, y, x + w - at - 1, HDV_STYLE_SOFT, view->coming[i].text);
  }
}

// What the thread is busy with, in the room that is left of its row.
static void put_doing(const struct hdv_canvas *canvas, int x, int y, int w, const struct hdv_view *view,
                      const struct hdv_thread *thread)
{
  char text[96], name[HDV_NAME_SIZE + 8];
  enum hdv_face face = hdv_face_of(thread);
  uint64_t now = view->status.model_ns;
  if (w < 4 || face == HDV_FACE_ENDED || face == HDV_FACE_IDLE)
    return;
  if (thread->state != HDV_RUNNING) {
    put_wait(canvas, x, y, w, view, thread);
  } else if (thread->working_until > now) {
    hdv_time_text(thread->working_until - now, text, sizeof text);
    int room = w - hdv_width(text) - 5 - 1;
    // A hundred milliseconds fill the bar.
    if (room >= 4)
      hdv_meter(canvas, x, y, room < 24 ? room : 24, faces[face].mark,
                (double)(thread->working_until - now) / 1e8);
    x = room >= 4 ? x + (room < 24 ? room : 24) + 1 : x;
    hdv_putf(canvas, x, y, HDV_STYLE_SOFT, "%s work", text);
  } else if (view->coming_count && w >= 20) {
    put_coming(canvas, x, y, w, view, thread);
  } else if (thread->callback) {
    int used = snprintf(text, sizeof text, "%s callback", hd_callback_word(thread->callback_kind));
    if (w >= 24)
      snprintf(text + used, sizeof text - (size_t)used, " of %s",
               hdv_model_name(view->model, thread->callback, name, sizeof name));
    hdv_put_cut(canvas, x, y, w, HDV_STYLE_SOFT, text);
  }
}

static void draw_lane(const struct hdv_canvas *canvas, int y, const struct hdv_view *view,
                      const struct hdv_thread *thread)
{
  const struct hdv_glyphs *glyphs = canvas->look->glyphs;
  char name[HDV_NAME_SIZE + 8];
  bool acts = view->has_event && view->actor == thread->slot, focused = view->focus == thread->slot;
  int key = hdv_view_lane_key(view, thread);
  if (acts)
    hdv_put(canvas, 0, y, HDV_STYLE_ACCENT, glyphs->here);
  if (key >= 0)
    hdv_putf(canvas, 1, y, focused ? HDV_STYLE_BLOCK : HDV_STYLE_KEY, "%d", key);
  else if (focused)
    hdv_put(canvas, 1, y, HDV_STYLE_BLOCK, " ");
  hdv_put_face(canvas, 3, y, thread);
  hdv_model_name(view->model, thread->object, name, sizeof name);
  int width = canvas->box.w >= 70 ? 16 : 10, x = 13;
  hdv_put_cut(canvas, x, y, width,
              acts      ? HDV_STYLE_BLOCK
              : focused ? HDV_STYLE_CAPTION
                        : HDV_STYLE_TEXT,
              name);
  x += width + 1;
  const struct hdv_object *task = hdv_model_object(view->model, thread->task);
  if (task) {
    bool moved = task->changed == view->status.step;
    hdv_put_cut(canvas, x, y, 8, moved ? HDV_STYLE_MOVED : HDV_STYLE_CHIP,
                hdv_model_name(view->model, task->id, name, sizeof name));
  }
  // Without a task its column is free for what comes next.
  x += task ? 9 : 0;
  put_doing(canvas, x, y, canvas->box.w - x, view, thread);
}

void hdv_draw_lanes(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  const struct hdv_thread *lanes[HDV_LANES];
  size_t count = hdv_view_lanes(view, lanes), room = canvas->box.h > 1 ? (size_t)canvas->box.h - 1 : 0,
         running = 0;
  char right[96];
  for (size_t i = 0; i < count; i++)
    running += lanes[i]->state == HDV_RUNNING;
  size_t shown = count > room ? room : count;
  if (shown < count)
    snprintf(right, sizeof right, "%zu of %zu running, %zu more below", running, count, count - shown);
  else
    snprintf(right, sizeof right, "%zu of %zu running", running, count);
  hdv_header(canvas, view->has_pools ? "WORKERS" : "THREADS", count ? right : NULL);
  for (size_t i = 0; i < shown; i++)
    draw_lane(canvas, (int)i + 1, view, lanes[i]);
  if (!count && room)
    hdv_put(canvas, 2, 1, HDV_STYLE_SOFT, "no thread has started yet");
}

// The mark of a kind of step in the timeline: letters for what matters most, a bar for the rest.
static const char *step_mark(uint16_t kind, const struct hdv_glyphs *glyphs)
{
  switch (kind) {
  case HD_EV_BLOCKED:
    return glyphs->waiting;
  case HD_EV_STORE:
    return "S";
  case HD_EV_LOAD:
  case HD_EV_SAW:
    return "L";
  case HD_EV_LOCK_WANTED:
  case HD_EV_LOCK_TAKEN:
  case HD_EV_LOCK_GIVEN:
    return glyphs->blocked;
  case HD_EV_TASK_TAKEN:
    return glyphs->running;
  default:
    return glyphs->full;
  }
}

// The rows of the timeline: the loop's thread, which has no lane beside a pool, and the lanes.
static size_t timeline_rows(const struct hdv_view *view, const struct hdv_thread *out[HDV_LANES + 1])
{
  const struct hdv_loop *loop = hdv_view_loop(view);
  const struct hdv_thread *lanes[HDV_LANES];
  size_t count = hdv_view_lanes(view, lanes), used = 0;
  const struct hdv_thread *first = loop && view->has_pools ? hdv_view_loop_thread(view, loop) : NULL;
  if (first)
    out[used++] = first;
  for (size_t i = 0; i < count; i++) {
    if (lanes[i] != first)
      out[used++] = lanes[i];
  }
  return used;
}

static void draw_moves(const struct hdv_canvas *canvas, int x, int y, const struct hdv_view *view,
                       size_t from, const struct hdv_thread *thread)
{
  const struct hdv_glyphs *glyphs = canvas->look->glyphs;
  for (int at = 0; at < canvas->box.w - x; at += 4)
    hdv_put(canvas, x + at, y, HDV_STYLE_RULE, glyphs->empty);
  for (size_t i = from; i < view->told_count; i++) {
    const struct hdv_told *told = &view->told[i];
    if (told->actor == thread->slot)
      hdv_put(canvas, x + (int)(i - from), y,
              i + 1 == view->told_count ? HDV_STYLE_ACCENT : HDV_STYLE_RUNNING,
              step_mark(told->kind, glyphs));
  }
}

void hdv_draw_timeline(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  const struct hdv_thread *rows[HDV_LANES + 1];
  size_t count = timeline_rows(view, rows), from = 0;
  char name[HDV_NAME_SIZE + 8];
  const struct hdv_glyphs *glyphs = canvas->look->glyphs;
  char legend[128];
  snprintf(legend, sizeof legend,
           "S stores  L loads  %s locks  %s takes a task  %s waits; the last column is now", glyphs->blocked,
           glyphs->running, glyphs->waiting);
  hdv_header(canvas, "WHO MOVED", legend);
  int left = 14, room = canvas->box.w - left;
  // The window moves on by a quarter of its width at a time: less to follow for the eye, less to send.
  if (view->told_count && room >= 8) {
    uint64_t step = view->status.step, quarter = (uint64_t)room / 4,
             last = (step + quarter - 1) / quarter * quarter;
    uint64_t shown = (uint64_t)room - (last - step);
    from = view->told_count > shown ? view->told_count - (size_t)shown : 0;
  }
  for (size_t i = 0; i < count && (int)i + 1 < canvas->box.h; i++) {
    hdv_put_cut(canvas, 0, (int)i + 1, left - 2, HDV_STYLE_SOFT,
                hdv_model_name(view->model, rows[i]->object, name, sizeof name));
    draw_moves(canvas, left, (int)i + 1, view, from, rows[i]);
  }
}
