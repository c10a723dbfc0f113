// Fills a view from a playback, says who has a lane and draws the picture out of its panels.
// Everything below hdv_view_read is a pure function of the view, the size and the look.
#include "terminal/view.h"

#include "base/error.h"
#include "model/narrate.h"

#include <stdio.h>
#include <string.h>

// ---- reading ----

// The slot of the first loop's thread, else of the thread the program begins with.
static uint16_t main_slot(const struct hdv_view *view)
{
  const struct hdv_loop *loops;
  bool loop = hdv_model_loops(view->model, &loops) && loops[0].thread != HDV_NOBODY;
  return loop ? loops[0].thread : 0;
}

// The steps up to the one shown, the newest HDV_TOLD of them with their sentence.
static void read_told(struct hdv_view *view, hd_log *log)
{
  uint64_t step = view->status.step, from = step > HDV_RECENT ? step - HDV_RECENT : 0;
  struct hd_log_cursor cursor;
  struct hd_entry entry;
  view->told_count = 0;
  hd_log_seek(log, from, &cursor);
  while (cursor.step < step && hd_log_next(log, &cursor, &entry) == 1) {
    if (!hd_entry_is_step(&entry) || view->told_count == HDV_RECENT)
      continue;
    struct hdv_told *told = &view->told[view->told_count++];
    *told = (struct hdv_told){.step = cursor.step, .kind = entry.record.kind, .actor = entry.record.actor};
    told->place = entry.place;
    if (hd_event_info(told->kind)->lane == HD_LANE_META)
      told->actor = HDV_NOBODY; // noted by the recorder, done by no thread
    if (step - cursor.step < HDV_TOLD)
      hdv_narrate(view->model, &entry, told->text, sizeof told->text);
  }
  view->has_event = view->told_count > 0;
  if (!view->has_event)
    return;
  view->kind = view->told[view->told_count - 1].kind;
  view->actor = view->told[view->told_count - 1].actor;
}

void hdv_view_close(struct hdv_view *view)
{
  hdv_model_close(view->after);
  view->after = NULL;
}

// A copy of the model to try the steps to come on; while playing they are not worth it.
static void copy_model(struct hdv_view *view)
{
  bool wanted = view->status.mode != HDV_PLAYING && (view->after || hdv_model_open(&view->after) == HD_OK);
  if (!wanted || hdv_model_copy(view->after, view->model) != HD_OK)
    hdv_view_close(view);
}

// The sentence of a step to come. It may make the object it is about, so it is told in the state after it.
static void tell_coming(struct hdv_view *view, const struct hd_entry *entry, char *out, size_t cap)
{
  bool after = view->after && hdv_model_fold(view->after, entry) == HD_OK;
  hdv_narrate(after ? view->after : view->model, entry, out, cap);
}

static void note_next(struct hdv_view *view, const struct hd_entry *entry, uint64_t *place)
{
  view->has_next = true;
  view->next_actor = entry->record.actor;
  *place = entry->place;
  tell_coming(view, entry, view->next, sizeof view->next);
}

// The step to come: the focused thread's, else the next in the trace, else that of the thread held longest.
static void read_next(struct hdv_view *view, hdv_playback *playback, uint64_t *place)
{
  struct hd_entry entry;
  view->has_next = false;
  if (view->focus != HDV_NOBODY && hdv_playback_next_of(playback, view->focus, &entry)) {
    note_next(view, &entry, place);
    return;
  }
  hd_log *log = hdv_playback_log(playback);
  struct hd_log_cursor cursor;
  hd_log_seek(log, view->status.step, &cursor);
  while (hd_log_next(log, &cursor, &entry) == 1) {
    if (hd_entry_is_step(&entry)) {
      note_next(view, &entry, place);
      return;
    }
  }
  if (!view->status.live)
    return;
  // A thread that has done nothing yet is not in the model, but it is held as well.
  uint64_t oldest = UINT64_MAX;
  for (uint16_t slot = 0; slot < HD_SLOTS; slot++) {
    if (!hdv_playback_next_of(playback, slot, &entry) || entry.record.stamp >= oldest)
      continue;
    oldest = entry.record.stamp;
    note_next(view, &entry, place);
  }
}

// The sentence without the name it begins with: the lane has it already.
static void note_coming(struct hdv_view *view, const struct hdv_thread *thread, const struct hd_entry *entry)
{
  char sentence[HDV_SENTENCE], name[HDV_NAME_SIZE + 8];
  tell_coming(view, entry, sentence, sizeof sentence);
  size_t length = strlen(hdv_model_name(view->model, thread->object, name, sizeof name));
  bool named = strncmp(sentence, name, length) == 0 && sentence[length] == ' ';
  view->coming[view->coming_count].slot = thread->slot;
  snprintf(view->coming[view->coming_count].text, HDV_COMING_SIZE, "%.*s", HDV_COMING_SIZE - 1,
           sentence + (named ? length + 1 : 0));
  view->coming_count++;
}

static void read_coming(struct hdv_view *view, hdv_playback *playback)
{
  const struct hdv_thread *threads;
  struct hd_entry entry;
  size_t count = hdv_model_threads(view->model, &threads);
  view->coming_count = 0;
  view->arriving = false;
  if (view->status.mode == HDV_PLAYING)
    return;
  for (size_t i = 0; i < count && view->coming_count < HDV_COMING; i++) {
    if (threads[i].state == HDV_ABSENT)
      continue;
    if (hdv_playback_next_of(playback, threads[i].slot, &entry))
      note_coming(view, &threads[i], &entry);
    else if (threads[i].state == HDV_RUNNING)
      view->arriving = view->status.held && !view->status.behind;
  }
}

// Takes the place when the log can tell its line; with_source: only when it has the text too.
static bool take_place(struct hdv_view *view, hd_log *log, uint64_t address, bool with_source)
{
  struct hd_place place;
  if (!address || hd_log_place(log, address, &place) != HD_OK)
    return false;
  const char *source = hd_log_source(log, place.file);
  if (with_source && !source)
    return false;
  view->file = place.file;
  view->line = place.line;
  view->source = source;
  return true;
}

// Whether steps come so slowly that a person can follow the source.
static bool is_slow(const struct hdv_status *status)
{
  return status->mode != HDV_PLAYING || status->speed <= 0.01;
}

// The line about to run; failing that the line that ran last, going back until there is one with its text. At
// speed the source stays with the loop's thread: text that changes file with every picture tells nobody
// anything.
static void read_place(struct hdv_view *view, hd_log *log, uint64_t next_place)
{
  const struct hdv_thread *first = hdv_model_thread(view->model, main_slot(view));
  bool slow = is_slow(&view->status);
  view->file = view->source = NULL;
  view->line = 0;
  view->line_is_next = false;
  if (!slow && first && take_place(view, log, first->place, true))
    return;
  view->line_is_next = take_place(view, log, next_place, true);
  if (view->line_is_next)
    return;
  for (size_t i = view->told_count; i-- > 0 && view->told_count - i < HDV_TOLD;) {
    if (take_place(view, log, view->told[i].place, true))
      return;
  }
  view->line_is_next = take_place(view, log, next_place, false);
}

void hdv_view_read(struct hdv_view *view, hdv_playback *playback)
{
  const struct hdv_pool *pools;
  uint64_t next_place = 0;
  view->model = hdv_playback_model(playback);
  hdv_playback_status(playback, &view->status);
  hdv_playback_title(playback, view->where, sizeof view->where);
  view->has_pools = hdv_model_pools(view->model, &pools) > 0;
  read_told(view, hdv_playback_log(playback));
  copy_model(view);
  read_next(view, playback, &next_place);
  read_coming(view, playback);
  read_place(view, hdv_playback_log(playback), next_place);
}

// ---- who is shown ----

const struct hdv_loop *hdv_view_loop(const struct hdv_view *view)
{
  const struct hdv_loop *loops;
  size_t count = hdv_model_loops(view->model, &loops);
  for (size_t i = 0; i < count; i++) {
    if (view->focus != HDV_NOBODY && loops[i].thread == view->focus)
      return &loops[i];
  }
  return count ? &loops[0] : NULL;
}

const struct hdv_thread *hdv_view_loop_thread(const struct hdv_view *view, const struct hdv_loop *loop)
{
  const struct hdv_loop *loops;
  if (loop->thread != HDV_NOBODY)
    return hdv_model_thread(view->model, loop->thread);
  hdv_model_loops(view->model, &loops);
  return loop->id == loops[0].id ? hdv_model_thread(view->model, main_slot(view)) : NULL;
}

size_t hdv_view_lanes(const struct hdv_view *view, const struct hdv_thread *out[HDV_LANES])
{
  const struct hdv_thread *threads;
  const struct hdv_loop *loops;
  size_t total = hdv_model_threads(view->model, &threads), count = 0;
  // The loop's thread stands in the loop panel when the lanes belong to a pool.
  uint16_t hidden = view->has_pools && hdv_model_loops(view->model, &loops) ? main_slot(view) : HDV_NOBODY;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < total && count < HDV_LANES; i++) {
      bool serves = threads[i].pool != 0;
      if (serves == (pass == 0) && (serves || threads[i].slot != hidden))
        out[count++] = &threads[i];
    }
  }
  return count;
}

// The same rule as the playback's: 0 the loop's thread, then the workers of the first pool, without one the
// other threads.
int hdv_view_lane_key(const struct hdv_view *view, const struct hdv_thread *thread)
{
  const struct hdv_thread *threads;
  const struct hdv_pool *pools;
  uint16_t first = main_slot(view);
  uint32_t number = 0;
  if (thread->slot == first)
    return 0;
  if (hdv_model_pools(view->model, &pools)) {
    number = thread->pool == pools[0].id ? thread->index + 1 : 0;
  } else {
    size_t count = hdv_model_threads(view->model, &threads);
    for (size_t i = 0; i < count && threads[i].slot <= thread->slot; i++)
      number += threads[i].slot != first && threads[i].state != HDV_ABSENT;
  }
  return thread->state != HDV_ABSENT && number >= 1 && number <= 8 ? (int)number : -1;
}

void hdv_view_parts(const struct hdv_view *view, struct hdv_parts *out)
{
  const struct hdv_thread *lanes[HDV_LANES];
  const struct hdv_loop *loops;
  const struct hdv_value *values;
  uint32_t at = 0;
  *out = (struct hdv_parts){.pool = view->has_pools, .big = view->big};
  out->lanes = (int)hdv_view_lanes(view, lanes);
  out->loop = hdv_model_loops(view->model, &loops) > 0;
  out->ports = hdv_model_each(view->model, HDV_PORT, &at) != NULL;
  size_t count = hdv_model_values(view->model, &values);
  out->value = count > 0;
  out->value_count = (int)count;
  for (size_t i = 0; i < count; i++)
    out->value_bytes += (int)values[i].size;
}

uint16_t hdv_view_lane_at(const struct hdv_view *view, int w, int h, int x, int y)
{
  const struct hdv_thread *lanes[HDV_LANES];
  struct hdv_parts parts;
  struct hdv_layout layout;
  hdv_view_parts(view, &parts);
  hdv_layout(w, h, &parts, &layout);
  const struct hdv_box *box = &layout.lanes;
  size_t count = hdv_view_lanes(view, lanes);
  if (layout.too_small || x < box->x || x >= box->x + box->w || y <= box->y || y >= box->y + box->h)
    return HDV_NOBODY;
  size_t at = (size_t)(y - box->y - 1);
  return at < count ? lanes[at]->slot : HDV_NOBODY;
}

// ---- drawing ----

typedef void draw_fn(const struct hdv_canvas *canvas, const struct hdv_view *view);

static void draw_in(const struct hdv_canvas *canvas, struct hdv_box box, draw_fn *draw,
                    const struct hdv_view *view)
{
  if (box.w <= 0 || box.h <= 0)
    return;
  struct hdv_canvas part = hdv_canvas_in(canvas, box);
  draw(&part, view);
}

void hdv_view_draw(const struct hdv_view *view, struct hdv_grid *grid, const struct hdv_look *look)
{
  struct hdv_canvas canvas = {grid, look, {0, 0, grid->w, grid->h}};
  struct hdv_parts parts;
  struct hdv_layout layout;
  hdv_grid_blank(grid);
  hdv_view_parts(view, &parts);
  hdv_layout(grid->w, grid->h, &parts, &layout);
  if (layout.too_small) {
    hdv_draw_too_small(&canvas);
    return;
  }
  if (view->overlay == HDV_OVERLAY_BLANK)
    return;
  draw_in(&canvas, layout.title, hdv_draw_title, view);
  draw_in(&canvas, layout.lanes, hdv_draw_lanes, view);
  draw_in(&canvas, layout.queues, hdv_draw_queues, view);
  draw_in(&canvas, layout.loop, hdv_draw_loop, view);
  draw_in(&canvas, layout.value, hdv_draw_value, view);
  draw_in(&canvas, layout.timeline, hdv_draw_timeline, view);
  draw_in(&canvas, layout.code, hdv_draw_code, view);
  draw_in(&canvas, layout.log, layout.output.w ? hdv_draw_steps : hdv_draw_log, view);
  draw_in(&canvas, layout.output, hdv_draw_output, view);
  draw_in(&canvas, layout.caption, hdv_draw_caption, view);
  draw_in(&canvas, layout.bar, hdv_draw_bar, view);
  if (view->overlay == HDV_OVERLAY_HELP)
    hdv_draw_help(&canvas, view);
}
