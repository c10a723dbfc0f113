// What one picture shows, and the panels that draw it. Every picture is a pure function of (view, size,
// look). view.c fills a view from a playback; the panels only read it. One thread.
#ifndef HDV_TERMINAL_VIEW_H
#define HDV_TERMINAL_VIEW_H

#include "model/model.h"
#include "playback/playback.h"
#include "terminal/canvas.h"
#include "terminal/layout.h"

#define HDV_LANES 64
#define HDV_RECENT 128 // steps kept for the timeline
#define HDV_TOLD 48    // the newest of them have their sentence
#define HDV_COMING 16  // threads whose next step is told
#define HDV_COMING_SIZE 96
#define HDV_SENTENCE 256 // longest sentence, NUL included

// One step that was taken.
struct hdv_told {
  uint64_t step;
  uint16_t kind, actor;
  uint64_t place;
  char text[HDV_SENTENCE];
};

enum hdv_overlay { HDV_NO_OVERLAY, HDV_OVERLAY_HELP, HDV_OVERLAY_BLANK };
enum hdv_prompt { HDV_NO_PROMPT, HDV_PROMPT_GOTO, HDV_PROMPT_QUIT };

struct hdv_view {
  const hdv_model *model;
  struct hdv_status status;
  const char *lesson; // title of what runs
  char where[160];    // the playback's title line
  bool has_pools;
  bool big; // fewer panels
  // The step that led to this state.
  bool has_event;
  uint16_t kind, actor;
  // The steps up to it, oldest first; the last one's sentence is the caption.
  size_t told_count;
  struct hdv_told told[HDV_RECENT];
  // The step to come, and where in the source it stands.
  bool has_next;
  uint16_t next_actor;
  char next[HDV_SENTENCE];
  // What the first threads are about to do, while the picture stands still.
  bool arriving; // live and held, but a thread has not yet reached its next step
  size_t coming_count;
  struct {
    uint16_t slot;
    char text[HDV_COMING_SIZE];
  } coming[HDV_COMING];
  const char *file;   // NULL: the place is not known
  const char *source; // text of that file, NULL when the log does not carry it
  unsigned line;
  bool line_is_next; // the line about to run; else the one that ran last
  hdv_model
      *after; // a copy of the model in which the steps to come have happened: they may make what they name
  // What the viewer itself holds.
  uint16_t focus; // slot of the thread looked at, HDV_NOBODY
  size_t scroll;  // how far the log is scrolled back
  enum hdv_overlay overlay;
  size_t help_top; // first line of the help shown
  enum hdv_prompt prompt;
  char typed[24];   // in the goto prompt
  char message[80]; // a word to the person, until the next key
};

// Reads a playback into the view (the viewer's own fields stay).
void hdv_view_read(struct hdv_view *view, hdv_playback *playback);

void hdv_view_close(struct hdv_view *view);

// What there is to show.
void hdv_view_parts(const struct hdv_view *view, struct hdv_parts *out);

// The thread of each lane, top to bottom. Returns their number, at most HDV_LANES.
size_t hdv_view_lanes(const struct hdv_view *view, const struct hdv_thread *out[HDV_LANES]);

// The digit that lets a lane's thread go next (0-8), -1: none.
int hdv_view_lane_key(const struct hdv_view *view, const struct hdv_thread *thread);

// The loop the loop panel shows: the focused thread's, else the first. NULL: none.
const struct hdv_loop *hdv_view_loop(const struct hdv_view *view);

// The thread that turns a loop, or will: before the first loop turns that is the one the program begins with.
// NULL: unknown.
const struct hdv_thread *hdv_view_loop_thread(const struct hdv_view *view, const struct hdv_loop *loop);

// Draws the whole picture.
void hdv_view_draw(const struct hdv_view *view, struct hdv_grid *grid, const struct hdv_look *look);

// The slot whose lane is drawn at x, y, else HDV_NOBODY.
uint16_t hdv_view_lane_at(const struct hdv_view *view, int w, int h, int x, int y);

// ---- the panels ----

void hdv_draw_lanes(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_queues(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_loop(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_value(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_code(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_steps(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_log(const struct hdv_canvas *canvas, const struct hdv_view *view); // steps, and output in short
void hdv_draw_output(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_timeline(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_title(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_caption(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_bar(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_help(const struct hdv_canvas *canvas, const struct hdv_view *view);
void hdv_draw_too_small(const struct hdv_canvas *canvas);

// ---- words and marks that several panels use ----

enum hdv_face { HDV_FACE_RUNNING, HDV_FACE_WAITING, HDV_FACE_BLOCKED, HDV_FACE_IDLE, HDV_FACE_ENDED };

// How a thread's state is shown: one of five faces, each with word, glyph and styles.
enum hdv_face hdv_face_of(const struct hdv_thread *thread);
const char *hdv_face_word(enum hdv_face face);
const char *hdv_face_glyph(enum hdv_face face, const struct hdv_glyphs *glyphs);
enum hdv_style hdv_face_mark(enum hdv_face face); // style of glyph and bar
enum hdv_style hdv_face_text(enum hdv_face face); // style of the word

// Glyph and word of a thread's state. Returns the column behind it.
int hdv_put_face(const struct hdv_canvas *canvas, int x, int y, const struct hdv_thread *thread);

// Chips for the objects of a queue, front first, over the rows of box. What finds no room is counted in the
// last one. Returns the column behind the last chip.
int hdv_put_chips(const struct hdv_canvas *canvas, struct hdv_box box, const struct hdv_view *view,
                  uint32_t owner, enum hdv_queue queue);

// Model time for people: "12 ms", "1.50 s".
const char *hdv_time_text(uint64_t ns, char *out, size_t cap);

#endif
