// The frame around the panels: title row, key bar with its prompts, the help, and the word for a terminal too
// small. Pure.
#include "terminal/view.h"

#include "playback/keys.h"

#include <stdio.h>
#include <string.h>

void hdv_draw_title(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  const struct hdv_glyphs *glyphs = canvas->look->glyphs;
  int w = canvas->box.w, where = hdv_width(view->where);
  hdv_band(canvas, 0);
  int right = w - 1 - where > 20 ? w - 1 - where : 20;
  hdv_put(canvas, 1, 0, HDV_STYLE_ACCENT,
          view->status.mode == HDV_PLAYING ? glyphs->running : glyphs->waiting);
  hdv_put_cut(canvas, 3, 0, right - 5, HDV_STYLE_TITLE, view->lesson ? view->lesson : "heddle");
  hdv_put_cut(canvas, right, 0, w - right - 1, HDV_STYLE_TITLE, view->where);
}

// One hint of the key bar. rank: the higher, the sooner it goes when there is no room.
struct hint {
  const char *key, *label;
  int rank;
};

static int hints_width(const struct hint *hints, size_t count, int rank)
{
  int width = 1;
  for (size_t i = 0; i < count; i++) {
    if (hints[i].key && hints[i].rank <= rank)
      width += hdv_width(hints[i].key) + 1 + hdv_width(hints[i].label) + 2;
  }
  return width;
}

static void draw_hints(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  bool playing = view->status.mode == HDV_PLAYING, stages = view->status.stages > 1;
  const struct hint hints[] = {
      {"Space", playing ? "pause" : "play", 0},
      {"PgDn", canvas->look->presenter ? "next stage" : "step", 0},
      {"PgUp", "back", 0},
      {view->status.held ? "0-8" : NULL, "who goes next", 1},
      {"+ -", "speed", 2},
      {view->status.behind ? "End" : NULL, "now", 1},
      {stages ? "[ ]" : NULL, "stage", 3},
      {"w", "why", 3},
      {":", "go to", 4},
      {"Tab", "focus", 5},
      {"t", "theme", 6},
      {"?", "help", 0},
      {"q", "quit", 0},
  };
  size_t count = sizeof hints / sizeof *hints;
  int rank = 6, x = 1;
  while (rank > 0 && hints_width(hints, count, rank) > canvas->box.w + 2)
    rank--;
  for (size_t i = 0; i < count; i++) {
    if (!hints[i].key || hints[i].rank > rank)
      continue;
    x = hdv_put(canvas, x, 0, HDV_STYLE_KEY, hints[i].key) + 1;
    x = hdv_put(canvas, x, 0, HDV_STYLE_SOFT, hints[i].label) + 2;
  }
}

void hdv_draw_bar(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  int x = 1;
  if (view->prompt == HDV_PROMPT_GOTO) {
    x = hdv_put(canvas, x, 0, HDV_STYLE_TITLE, "go to step: ");
    x = hdv_put(canvas, x, 0, HDV_STYLE_TITLE, view->typed);
    x = hdv_put(canvas, x, 0, HDV_STYLE_BLOCK, canvas->look->glyphs->ascii ? "_" : " ");
    hdv_putf(canvas, x + 2, 0, HDV_STYLE_SOFT, "0 to %llu   Enter goes there, Esc stays here",
             (unsigned long long)view->status.steps);
  } else if (view->prompt == HDV_PROMPT_QUIT) {
    x = hdv_put(canvas, x, 0, HDV_STYLE_WARN, "The program is held. Quit?");
    x = hdv_put(canvas, x + 1, 0, HDV_STYLE_KEY, "y");
    x = hdv_put(canvas, x + 1, 0, HDV_STYLE_SOFT, "yes");
    x = hdv_put(canvas, x + 2, 0, HDV_STYLE_KEY, "n");
    hdv_put(canvas, x + 1, 0, HDV_STYLE_SOFT, "no");
  } else if (view->message[0])
    hdv_put_cut(canvas, x, 0, canvas->box.w - 2, HDV_STYLE_WARN, view->message);
  else
    draw_hints(canvas, view);
}

// "key  what it does": the key in its colour, the words in their column.
static void draw_help_line(const struct hdv_canvas *canvas, int y, const char *line)
{
  char key[32] = "";
  const char *gap = strstr(line, "  ");
  if (gap && (size_t)(gap - line) < sizeof key)
    memcpy(key, line, (size_t)(gap - line));
  hdv_put(canvas, 2, y, HDV_STYLE_KEY, key);
  hdv_put_cut(canvas, 22, y, canvas->box.w - 22, HDV_STYLE_TEXT, *key ? gap + strspn(gap, " ") : line);
}

static void draw_legend(const struct hdv_canvas *canvas, int y)
{
  int x = 2;
  for (int face = HDV_FACE_RUNNING; face <= HDV_FACE_ENDED; face++) {
    x = hdv_put(canvas, x, y, hdv_face_mark((enum hdv_face)face),
                hdv_face_glyph((enum hdv_face)face, canvas->look->glyphs));
    x = hdv_put(canvas, x + 1, y, hdv_face_text((enum hdv_face)face), hdv_face_word((enum hdv_face)face)) + 3;
  }
  hdv_put(canvas, x, y, HDV_STYLE_MOVED, "17");
  hdv_put(canvas, x + 3, y, HDV_STYLE_SOFT, "has just moved");
}

// The keys, as many as fit, in the place of the panels.
void hdv_draw_help(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  size_t count = 0;
  while (hdv_key_help(count))
    count++;
  for (int y = 1; y < canvas->box.h - 1; y++)
    hdv_fill(canvas, 0, y, canvas->box.w, HDV_STYLE_TEXT, " ");
  int w = 76, h = (int)count + 5 < canvas->box.h - 2 ? (int)count + 5 : canvas->box.h - 2;
  struct hdv_canvas part =
      hdv_canvas_in(canvas, (struct hdv_box){(canvas->box.w - w) / 2, (canvas->box.h - h) / 2, w, h});
  hdv_header(&part, "KEYS", "? closes");
  int rows = h - 5;
  size_t most = count > (size_t)rows ? count - (size_t)rows : 0,
         top = view->help_top < most ? view->help_top : most;
  for (int i = 0; i < rows && top + (size_t)i < count; i++)
    draw_help_line(&part, 1 + i, hdv_key_help(top + (size_t)i));
  hdv_put(&part, 2, h - 4, HDV_STYLE_SOFT,
          "Mouse: click a lane to look at its thread, the wheel scrolls the steps.");
  draw_legend(&part, h - 3);
  const char *last =
      most ? "PageDown and PageUp show the other keys." : "A mark before a lane: this thread has just acted.";
  hdv_put(&part, 2, h - 2, HDV_STYLE_SOFT, last);
  hdv_fill(&part, 0, h - 1, w, HDV_STYLE_RULE, canvas->look->glyphs->rule);
}

void hdv_draw_too_small(const struct hdv_canvas *canvas)
{
  char text[80];
  int w = canvas->box.w, y = canvas->box.h / 2;
  snprintf(text, sizeof text, "too small: have %dx%d, needs %dx%d", w, canvas->box.h, HDV_MIN_WIDTH,
           HDV_MIN_HEIGHT);
  int x = (w - hdv_width(text)) / 2;
  hdv_put(canvas, x > 0 ? x : 0, y > 0 ? y - 1 : 0, HDV_STYLE_TITLE, text);
  const char *hint = "make it larger, or q to quit";
  x = (w - hdv_width(hint)) / 2;
  if (canvas->box.h > 1)
    hdv_put(canvas, x > 0 ? x : 0, y > 0 ? y : 1, HDV_STYLE_SOFT, hint);
}
