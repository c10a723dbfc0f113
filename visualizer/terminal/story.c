// The words: the source line about to run, the steps told so far, what the program printed and counted, and
// the caption. Invariant: the caption is the sentence of the very step whose state the other panels show.
// Pure.
#include "terminal/view.h"

#include <stdio.h>
#include <string.h>

// Copies line number `line` (from 1) of the text without its newline, tabs as two spaces. Empty beyond the
// end.
static void copy_line(const char *text, unsigned line, char *out, size_t cap)
{
  size_t used = 0;
  while (line > 1 && text) {
    text = strchr(text, '\n');
    text = text ? text + 1 : NULL;
    line--;
  }
  for (; text && *text && *text != '\n' && used + 3 < cap; text++) {
    if (*text == '\t') {
      out[used++] = ' ';
      out[used++] = ' ';
    } else if (*text != '\r')
      out[used++] = *text;
  }
  out[used] = 0;
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static unsigned count_lines(const char *text)
{
  unsigned lines = *text ? 1 : 0;
  for (; *text; text++)
    lines += *text == '\n' && text[1];
  return lines;
}

void hdv_draw_code(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  char line[256], right[96];
  if (!view->file || !view->source) {
    hdv_header(canvas, "SOURCE", NULL);
    hdv_put(canvas, 2, 1, HDV_STYLE_SOFT, "this step has no line in the lesson");
    return;
  }
  snprintf(right, sizeof right, "%s, line %u %s", base_name(view->file), view->line,
           view->line_is_next ? "runs next" : "ran last");
  hdv_header(canvas, "SOURCE", right);
  unsigned rows = canvas->box.h > 1 ? (unsigned)canvas->box.h - 1 : 0, lines = count_lines(view->source);
  // The line stands in the middle; only near the ends of the file it moves.
  unsigned first = view->line > rows / 2 ? view->line - rows / 2 : 1;
  if (first + rows > lines + 1)
    first = lines > rows ? lines - rows + 1 : 1;
  for (unsigned i = 0; i < rows && first + i <= lines; i++) {
    bool here = first + i == view->line;
    copy_line(view->source, first + i, line, sizeof line);
    if (here) {
      hdv_band(canvas, (int)i + 1);
      hdv_put(canvas, 0, (int)i + 1, HDV_STYLE_ACCENT, canvas->look->glyphs->here);
    }
    int x = hdv_putf(canvas, 1, (int)i + 1, here ? HDV_STYLE_ACCENT : HDV_STYLE_RULE, "%4u ", first + i);
    hdv_put_cut(canvas, x, (int)i + 1, canvas->box.w - x, here ? HDV_STYLE_CAPTION : HDV_STYLE_CODE, line);
  }
}

// The warning to show: the one that was true most recently, if it still was at this step.
static const struct hdv_warning *current_warning(const struct hdv_view *view)
{
  const struct hdv_warning *warnings, *best = NULL;
  size_t count = hdv_model_warnings(view->model, &warnings);
  for (size_t i = 0; i < count; i++) {
    if (!best || warnings[i].last_step > best->last_step)
      best = &warnings[i];
  }
  return best;
}

static void draw_steps(const struct hdv_canvas *canvas, const struct hdv_view *view, int rows)
{
  char number[32];
  // The caption tells the newest step; the log has those before it.
  size_t have = view->told_count > 0 ? view->told_count - 1 : 0;
  size_t told = have < HDV_TOLD - 1 ? have : HDV_TOLD - 1;
  size_t room = rows > 0 ? (size_t)rows : 0;
  size_t scroll = told > room && view->scroll < told - room ? view->scroll : told > room ? told - room : 0;
  size_t shown = told - scroll < room ? told - scroll : room;
  int digits = snprintf(number, sizeof number, "%llu", (unsigned long long)view->status.step);
  for (size_t i = 0; i < shown; i++) {
    const struct hdv_told *step = &view->told[have - scroll - shown + i];
    int y = 1 + (int)i;
    int x = hdv_putf(canvas, 0, y, HDV_STYLE_RULE, "%*llu ", digits, (unsigned long long)step->step);
    enum hdv_style style = step->kind == HD_EV_OUTPUT                              ? HDV_STYLE_OUTPUT
                           : step->kind == HD_EV_STAGE || step->kind == HD_EV_NOTE ? HDV_STYLE_TITLE
                                                                                   : HDV_STYLE_SOFT;
    hdv_put_cut(canvas, x, y, canvas->box.w - x, style, step->text);
  }
  const struct hdv_warning *warning = current_warning(view);
  if (scroll) {
    snprintf(number, sizeof number, "%zu back", scroll);
    hdv_header(canvas, "BEFORE", number);
  } else
    hdv_header(canvas, "BEFORE", NULL);
  if (warning) {
    int x = hdv_put(canvas, 7, 0, HDV_STYLE_WARN, "! ");
    x = hdv_put_cut(canvas, x, 0, canvas->box.w - x - 10, HDV_STYLE_WARN, hdv_lint_text(warning->lint));
    hdv_put(canvas, x, 0, HDV_STYLE_TEXT, " ");
  }
}

void hdv_draw_steps(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  draw_steps(canvas, view, canvas->box.h - 1);
}

// "torn 3 of 1000  lost 0": as many counts as fit on the row, the newest names last.
static int draw_counts(const struct hdv_canvas *canvas, int y, const struct hdv_view *view)
{
  const struct hdv_count *counts;
  size_t count = hdv_model_counts(view->model, &counts);
  int x = 0;
  for (size_t i = 0; i < count; i++) {
    char text[128];
    int used = snprintf(text, sizeof text, "%s %llu", counts[i].name, (unsigned long long)counts[i].count);
    if (!counts[i].observation)
      snprintf(text + used, sizeof text - (size_t)used, " of %llu", (unsigned long long)counts[i].of);
    if (x > 0 && x + hdv_width(text) > canvas->box.w)
      break;
    x = hdv_put_cut(canvas, x, y, canvas->box.w - x, counts[i].observation ? HDV_STYLE_TITLE : HDV_STYLE_TEXT,
                    text) +
        3;
  }
  return count ? 1 : 0;
}

void hdv_draw_log(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  char lines[HDV_OUTPUT_LINES][HDV_OUTPUT_WIDTH];
  const struct hdv_count *counts;
  int rows = canvas->box.h - 1;
  size_t printed = hdv_model_output(view->model, lines);
  if (hdv_model_counts(view->model, &counts) && rows > 1)
    draw_counts(canvas, rows--, view);
  if (printed && rows > 1) {
    int x = hdv_put(canvas, 0, rows, HDV_STYLE_SOFT, "printed ");
    hdv_put_cut(canvas, x, rows, canvas->box.w - x, HDV_STYLE_OUTPUT, lines[printed - 1]);
    rows--;
  }
  draw_steps(canvas, view, rows);
}

void hdv_draw_output(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  char lines[HDV_OUTPUT_LINES][HDV_OUTPUT_WIDTH];
  size_t printed = hdv_model_output(view->model, lines);
  hdv_header(canvas, "OUTPUT", NULL);
  int rows = canvas->box.h - 1;
  if (draw_counts(canvas, canvas->box.h - 1, view))
    rows--;
  size_t shown = printed < (size_t)rows ? printed : (size_t)rows;
  for (size_t i = 0; i < shown; i++)
    hdv_put_cut(canvas, 0, 1 + (int)i, canvas->box.w, HDV_STYLE_OUTPUT, lines[printed - shown + i]);
  if (!printed)
    hdv_put(canvas, 0, 1, HDV_STYLE_RULE, "nothing printed yet");
}

// "lesson.c:41  value.low = next;"
static void draw_place(const struct hdv_canvas *canvas, int x, int y, const struct hdv_view *view)
{
  char line[256] = "";
  if (!view->file)
    return;
  enum hdv_style style = view->line_is_next ? HDV_STYLE_ACCENT : HDV_STYLE_SOFT;
  x = hdv_putf(canvas, x, y, style, "%s:%u", base_name(view->file), view->line) + 2;
  if (view->source)
    copy_line(view->source, view->line, line, sizeof line);
  const char *text = line + strspn(line, " ");
  hdv_put_cut(canvas, x, y, canvas->box.w - x, view->line_is_next ? HDV_STYLE_CODE : HDV_STYLE_SOFT, text);
}

void hdv_draw_caption(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  int w = canvas->box.w - 2, y = 1;
  for (int row = 0; row < canvas->box.h; row++)
    hdv_put(canvas, 0, row, HDV_STYLE_ACCENT, canvas->look->glyphs->bar);
  char deadlock[256];
  const char *before = view->status.live && view->status.computing
                           ? "The program runs, but has not come to its first step yet."
                           : "Before the first step. PageDown takes it.";
  const char *sentence = view->has_event ? view->told[view->told_count - 1].text : before;
  y = hdv_put_wrapped(canvas, 2, 0, w, 2, HDV_STYLE_CAPTION, sentence);
  bool still = view->status.mode != HDV_PLAYING;
  if (y < 2 && hdv_model_deadlock(view->model, deadlock, sizeof deadlock) > 0) {
    int x = hdv_put(canvas, 2, 1, HDV_STYLE_WARN, "deadlock: ");
    hdv_put_cut(canvas, x, 1, canvas->box.w - x, HDV_STYLE_WARN, deadlock);
  } else if (y < 2 && still && view->has_next) {
    int x = hdv_put(canvas, 2, 1, HDV_STYLE_SOFT, "next: ");
    hdv_put_cut(canvas, x, 1, canvas->box.w - x, HDV_STYLE_SOFT, view->next);
  } else if (y < 2 && view->status.computing)
    hdv_put(canvas, 2, 1, HDV_STYLE_SOFT, "computing until its next step");
  draw_place(canvas, 2, 2, view);
}
