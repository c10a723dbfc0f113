// The terminal viewer's main loop: take in what happened, draw when something changed, do what the keys ask
// for. Invariant: nothing is drawn when nothing changed. Viewer's thread only.
#include "terminal/terminal.h"

#include "base/error.h"
#include "base/os.h"
#include "playback/keys.h"
#include "terminal/screen.h"
#include "terminal/view.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct viewer {
  hdv_playback *playback;
  struct hdv_look look;
  struct hdv_view view;
  struct hdv_grid grid;
  int frame_ms;
  bool dirty, done;
  int waited; // frames, for a thread to arrive
  enum hdv_end end;
};

static int ended_by;

int hdv_terminal_signal(void)
{
  return ended_by;
}

static void finish(struct viewer *viewer, enum hdv_end end)
{
  viewer->done = true;
  viewer->end = end;
}

static void say(struct viewer *viewer, const char *text)
{
  snprintf(viewer->view.message, sizeof viewer->view.message, "%s", text);
}

static const char *refusal(enum hdv_command command, const struct hdv_status *status)
{
  if (command >= HDV_CHOOSE_0 && command <= HDV_CHOOSE_8)
    return status->held ? "That thread cannot go now: it waits, or it is on its way."
                        : "Threads can be chosen while a live program is held: press Space first.";
  switch (command) {
  case HDV_STEP:
  case HDV_NEXT_STAGE:
    return status->mode == HDV_FINISHED ? "This is the end. PageUp goes back." : "No thread can go now.";
  case HDV_STEP_BACK:
  case HDV_PREVIOUS_STAGE:
  case HDV_HOME:
    return "This is the beginning.";
  case HDV_END:
    return "This is the last step.";
  case HDV_WHY:
    return "No earlier step caused this one.";
  default:
    return "Not possible now.";
  }
}

static void command(struct viewer *viewer, enum hdv_command what)
{
  struct hdv_status status;
  hdv_playback_status(viewer->playback, &status);
  viewer->view.scroll = 0;
  if (!hdv_playback_do(viewer->playback, what))
    say(viewer, refusal(what, &status));
}

// ---- keys ----

static void ask_to_quit(struct viewer *viewer)
{
  struct hdv_status status;
  hdv_playback_status(viewer->playback, &status);
  if (status.live && status.held)
    viewer->view.prompt = HDV_PROMPT_QUIT;
  else
    finish(viewer, HDV_END_QUIT);
}

static void focus_next(struct viewer *viewer)
{
  const struct hdv_thread *lanes[HDV_LANES];
  size_t count = hdv_view_lanes(&viewer->view, lanes), at = 0;
  while (at < count && lanes[at]->slot != viewer->view.focus)
    at++;
  at = at == count ? 0 : at + 1;
  viewer->view.focus = at < count ? lanes[at]->slot : HDV_NOBODY;
}

static void focus_key(struct viewer *viewer, int key)
{
  const struct hdv_thread *lanes[HDV_LANES];
  size_t count = hdv_view_lanes(&viewer->view, lanes);
  for (size_t i = 0; i < count; i++) {
    if (hdv_view_lane_key(&viewer->view, lanes[i]) == key)
      viewer->view.focus = viewer->view.focus == lanes[i]->slot ? HDV_NOBODY : lanes[i]->slot;
  }
}

static void goto_key(struct viewer *viewer, int key)
{
  char *typed = viewer->view.typed;
  size_t length = strlen(typed);
  if (key >= '0' && key <= '9' && length + 1 < sizeof viewer->view.typed) {
    typed[length] = (char)key;
    typed[length + 1] = 0;
  } else if (key == HDV_KEY_BACKSPACE && length > 0) {
    typed[length - 1] = 0;
  } else if (key == HDV_KEY_ENTER) {
    if (length > 0)
      hdv_playback_seek(viewer->playback, strtoull(typed, NULL, 10));
    viewer->view.prompt = HDV_NO_PROMPT;
  } else if (key == HDV_KEY_ESC) {
    viewer->view.prompt = HDV_NO_PROMPT;
  }
}

static void quit_key(struct viewer *viewer, int key)
{
  if (key == 'y' || key == 'Y')
    finish(viewer, HDV_END_QUIT);
  else if (key == 'n' || key == 'N' || key == HDV_KEY_ESC)
    viewer->view.prompt = HDV_NO_PROMPT;
}

// Keys while the help is open: they scroll and close it. Returns false when the key is none of these.
static bool help_key(struct viewer *viewer, int key)
{
  size_t *top = &viewer->view.help_top;
  if (key == HDV_KEY_PAGE_DOWN || key == HDV_KEY_DOWN)
    *top += key == HDV_KEY_DOWN ? 1 : 8;
  else if (key == HDV_KEY_PAGE_UP || key == HDV_KEY_UP)
    *top -= *top < (key == HDV_KEY_UP ? 1u : 8u) ? *top : key == HDV_KEY_UP ? 1u : 8u;
  else if (key == HDV_KEY_ESC || key == 'q')
    viewer->view.overlay = HDV_NO_OVERLAY;
  else
    return false;
  return true;
}

static void toggle_overlay(struct viewer *viewer, enum hdv_overlay overlay)
{
  viewer->view.help_top = 0;
  viewer->view.overlay = viewer->view.overlay == overlay ? HDV_NO_OVERLAY : overlay;
}

static void act(struct viewer *viewer, const struct hdv_binding *binding)
{
  switch (binding->action) {
  case HDV_DO_COMMAND:
    command(viewer, binding->command);
    break;
  case HDV_DO_QUIT:
    ask_to_quit(viewer);
    break;
  case HDV_DO_HELP:
    toggle_overlay(viewer, HDV_OVERLAY_HELP);
    break;
  case HDV_DO_BLANK:
    toggle_overlay(viewer, HDV_OVERLAY_BLANK);
    break;
  case HDV_DO_THEME:
    viewer->look.theme = (enum hdv_theme)((viewer->look.theme + 1) % HDV_THEMES);
    if (viewer->look.depth == HDV_DEPTH_MONO)
      say(viewer, "Themes need colours.");
    break;
  case HDV_DO_FOCUS:
    focus_next(viewer);
    break;
  case HDV_DO_HIGHLIGHT:
    focus_key(viewer, binding->number);
    break;
  case HDV_DO_GOTO:
    viewer->view.typed[0] = 0;
    viewer->view.prompt = HDV_PROMPT_GOTO;
    break;
  case HDV_DO_RESTART:
    finish(viewer, HDV_END_RESTART);
    break;
  case HDV_DO_EDIT:
    finish(viewer, HDV_END_EDIT);
    break;
  case HDV_DO_PRESENTER:
    viewer->look.presenter = !viewer->look.presenter;
    say(viewer,
        viewer->look.presenter ? "Presenter mode: PageDown goes a stage on." : "Presenter mode is off.");
    break;
  case HDV_DO_FULLSCREEN:
    say(viewer, "The size of a terminal is its own affair.");
    break;
  case HDV_DO_NOTHING:
    break;
  }
}

static void key(struct viewer *viewer, int code)
{
  struct hdv_view *view = &viewer->view;
  bool small = viewer->grid.w < HDV_MIN_WIDTH || viewer->grid.h < HDV_MIN_HEIGHT;
  struct hdv_binding binding = hdv_key_binding(code, viewer->look.presenter);
  view->message[0] = 0;
  if (view->prompt == HDV_PROMPT_QUIT && !(small && binding.action == HDV_DO_QUIT)) {
    quit_key(viewer, code);
  } else if (view->prompt == HDV_PROMPT_GOTO && !small) {
    goto_key(viewer, code);
  } else if (view->overlay == HDV_OVERLAY_HELP && !small && help_key(viewer, code)) {
    return;
  } else if (small && binding.action == HDV_DO_QUIT) {
    // A question nobody can see would be no question.
    finish(viewer, HDV_END_QUIT);
  } else
    act(viewer, &binding);
}

static void mouse(struct viewer *viewer, const struct hdv_input *input)
{
  struct hdv_view *view = &viewer->view;
  if (input->kind == HDV_INPUT_WHEEL) {
    if (input->key > 0 && view->scroll < HDV_TOLD)
      view->scroll++;
    else if (input->key < 0 && view->scroll > 0)
      view->scroll--;
    return;
  }
  uint16_t slot = hdv_view_lane_at(view, viewer->grid.w, viewer->grid.h, input->x, input->y);
  view->focus = slot == view->focus ? HDV_NOBODY : slot;
}

// ---- the loop ----

// Right after a step its thread is on its way to the next one, mostly for microseconds. A frame or two of
// patience spares a picture that would change at once.
static bool wait_for_arrival(struct viewer *viewer)
{
  if (viewer->view.arriving && viewer->waited < 2) {
    viewer->waited++;
    return true;
  }
  viewer->waited = 0;
  return false;
}

static void draw(struct viewer *viewer)
{
  int w, h;
  hdv_screen_size(&w, &h);
  if ((w != viewer->grid.w || h != viewer->grid.h) && hdv_grid_resize(&viewer->grid, w, h))
    return;
  hdv_view_read(&viewer->view, viewer->playback);
  if (wait_for_arrival(viewer))
    return;
  hdv_view_draw(&viewer->view, &viewer->grid, &viewer->look);
  hdv_screen_show(&viewer->grid, &viewer->look);
  viewer->dirty = false;
}

// How long to sleep: one frame while something can happen by itself, else until somebody does something.
static int patience(const struct viewer *viewer)
{
  struct hdv_status status;
  hdv_playback_status(viewer->playback, &status);
  return status.live || status.mode == HDV_PLAYING ? viewer->frame_ms : -1;
}

static void handle_input(struct viewer *viewer)
{
  struct hdv_input input;
  while (!viewer->done && hdv_screen_input(&input)) {
    if (input.kind == HDV_INPUT_KEY)
      key(viewer, input.key);
    else
      mouse(viewer, &input);
    viewer->dirty = true;
  }
}

static void run(struct viewer *viewer)
{
  while (!viewer->done) {
    viewer->dirty = hdv_playback_tick(viewer->playback, hd_os_now()) || viewer->dirty;
    if (viewer->dirty)
      draw(viewer);
    bool there = hdv_screen_wait(patience(viewer));
    viewer->dirty = hdv_screen_signals(&ended_by) || viewer->dirty;
    if (!there && !ended_by)
      ended_by = SIGHUP;
    if (ended_by)
      finish(viewer, HDV_END_SIGNAL);
    else
      handle_input(viewer);
  }
}

int hdv_terminal_run(hdv_playback *playback, const struct hdv_terminal_opts *opts)
{
  struct viewer *viewer = calloc(1, sizeof *viewer);
  if (!viewer)
    return HD_ENOMEM;
  viewer->playback = playback;
  viewer->frame_ms = (int)(1000 / (opts->fps ? opts->fps : 30));
  viewer->dirty = true;
  viewer->view.lesson = opts->title;
  viewer->view.focus = HDV_NOBODY;
  viewer->view.big = opts->big;
  ended_by = 0;
  int result = hdv_screen_open(opts, &viewer->look);
  if (!result) {
    run(viewer);
    hdv_screen_close();
    result = (int)viewer->end;
  }
  hdv_view_close(&viewer->view);
  hdv_grid_free(&viewer->grid);
  free(viewer);
  return result;
}
