// Opening, closing, the commands and the tick. One thread.
#include "playback/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A live program goes on as it was started.
static void adopt(hdv_playback *playback)
{
  const struct hd_control *control = playback->source.control;
  uint32_t speed = atomic_load(&control->speed);
  bool hold = atomic_load(&control->want) == HD_MODE_HOLD;
  playback->live = true;
  playback->runs = !hold || speed > 0;
  if (speed > 0)
    playback->speed = (double)speed / HD_SPEED_ONE;
  else if (!hold)
    playback->speed = INFINITY;
}

int hdv_playback_open(hdv_playback **out, const struct hdv_playback_source *source)
{
  struct hdv_playback *playback = calloc(1, sizeof *playback);
  if (playback == NULL)
    return HD_ENOMEM;
  playback->source = *source;
  playback->speed = 1;
  int error = hdv_model_open(&playback->model);
  if (error == HD_OK)
    error = hdv_keyframes_open(&playback->keyframes, 0);
  if (error != HD_OK) {
    hdv_playback_close(playback);
    return error;
  }
  if (source->control != NULL)
    adopt(playback);
  index_stages(playback);
  *out = playback;
  return HD_OK;
}

void hdv_playback_close(hdv_playback *playback)
{
  if (playback == NULL)
    return;
  hdv_keyframes_close(playback->keyframes);
  hdv_model_close(playback->model);
  free(playback->stages);
  free(playback);
}

void show(hdv_playback *playback, uint64_t step)
{
  // Without memory the view stays where it got to; there is nothing better to show.
  (void)hdv_keyframes_seek(playback->keyframes, playback->source.log, playback->model, &playback->cursor,
                           step);
  playback->looking = playback->live && playback->looking && playback->cursor.step < known_steps(playback);
}

// ---- commands ----

static bool look_at(hdv_playback *playback, uint64_t step)
{
  if (step == playback->cursor.step)
    return false;
  forget_requests(playback);
  playback->playing = playback->settling = false;
  playback->looking = playback->live;
  show(playback, step);
  return true;
}

static bool at_now(const hdv_playback *playback)
{
  return playback->live && !playback->looking;
}

static bool step_forward(hdv_playback *playback, enum hdv_grain grain)
{
  if (!at_now(playback))
    return look_at(playback, grain_after(playback, grain, playback->cursor.step));
  if (playback->runs)
    hold_program(playback);
  return ask(playback, ANYBODY, grain);
}

static bool start_playing(hdv_playback *playback)
{
  if (playback->cursor.step >= known_steps(playback))
    return false;
  playback->playing = true;
  playback->ticked_at = 0;
  playback->credit = 0;
  return true;
}

static bool toggle_pause(hdv_playback *playback)
{
  if (playback->playing) {
    playback->playing = false;
    return true;
  }
  if (!at_now(playback))
    return start_playing(playback);
  if (playback->runs)
    hold_program(playback);
  else if (playback->waiting > 0 && playback->requests[playback->first].grain != HDV_GRAIN_EVENT)
    forget_requests(playback); // on its way to the next callback or stage: stops here
  else
    run_program(playback);
  return true;
}

static bool go_to_end(hdv_playback *playback)
{
  bool was = playback->looking || playback->cursor.step < known_steps(playback);
  playback->playing = playback->looking = false;
  show(playback, known_steps(playback));
  return was;
}

static bool change_speed(hdv_playback *playback, int direction)
{
  double speed = next_speed(playback->speed, direction);
  if (speed == playback->speed)
    return false;
  hdv_playback_set_speed(playback, speed);
  return true;
}

static bool next_stage(hdv_playback *playback)
{
  if (at_now(playback))
    return !playback->runs && ask(playback, ANYBODY, HDV_GRAIN_STAGE);
  return look_at(playback, grain_after(playback, HDV_GRAIN_STAGE, playback->cursor.step));
}

static bool why(hdv_playback *playback)
{
  uint64_t cause = find_cause(playback);
  return cause != 0 && look_at(playback, cause);
}

bool hdv_playback_do(hdv_playback *playback, enum hdv_command command)
{
  uint64_t step = playback->cursor.step;
  switch (command) {
  case HDV_TOGGLE_PAUSE:
    return toggle_pause(playback);
  case HDV_STEP:
    return step_forward(playback, playback->grain);
  case HDV_STEP_BACK:
    return look_at(playback, grain_before(playback, playback->grain, step));
  case HDV_HOME:
    return look_at(playback, 0);
  case HDV_END:
    return go_to_end(playback);
  case HDV_FASTER:
    return change_speed(playback, 1);
  case HDV_SLOWER:
    return change_speed(playback, -1);
  case HDV_GRAIN:
    playback->grain = (enum hdv_grain)((playback->grain + 1) % (HDV_GRAIN_STAGE + 1));
    return true;
  case HDV_NEXT_STAGE:
    return next_stage(playback);
  case HDV_PREVIOUS_STAGE:
    return look_at(playback, grain_before(playback, HDV_GRAIN_STAGE, step));
  case HDV_WHY:
    return why(playback);
  default:
    return command >= HDV_CHOOSE_0 && command <= HDV_CHOOSE_8 && at_now(playback) && !playback->runs &&
           choose(playback, (unsigned)(command - HDV_CHOOSE_0));
  }
}

void hdv_playback_seek(hdv_playback *playback, uint64_t step)
{
  uint64_t end = known_steps(playback);
  (void)look_at(playback, step < end ? step : end);
}

void hdv_playback_set_speed(hdv_playback *playback, double speed)
{
  if (isnan(speed))
    return;
  playback->speed = speed > 1000 ? INFINITY : speed < 0.0001 ? 0.0001 : speed;
  if (playback->live && playback->runs)
    apply_speed(playback);
}

// ---- the tick ----

static bool status_changed(hdv_playback *playback)
{
  struct hdv_status now;
  hdv_playback_status(playback, &now);
  const struct hdv_status *told = &playback->told;
  bool same = now.step == told->step && now.steps == told->steps && now.stages == told->stages &&
              now.mode == told->mode && now.grain == told->grain && now.live == told->live &&
              now.behind == told->behind && now.computing == told->computing && now.held == told->held &&
              now.speed == told->speed && now.model_ns == told->model_ns;
  playback->told = now;
  return !same;
}

// Threads that arrive at their next point change the picture: what they are about to do is shown.
static bool somebody_arrived(hdv_playback *playback)
{
  if (!playback->live)
    return false;
  uint32_t arrivals = atomic_load(&playback->source.control->arrivals);
  bool changed = arrivals != playback->arrivals;
  playback->arrivals = arrivals;
  return changed;
}

bool hdv_playback_tick(hdv_playback *playback, uint64_t now)
{
  uint64_t record = playback->cursor.record;
  take_in(playback);
  if (at_now(playback)) {
    if (!playback->runs && !playback->settling)
      serve(playback);
    // Held, only the quiet events behind the step shown: names, for example.
    show(playback, playback->runs || playback->settling ? known_steps(playback) : playback->cursor.step);
    drop_stuck(playback, now);
  }
  if (playback->playing)
    replay(playback, now);
  bool arrived = somebody_arrived(playback);
  return status_changed(playback) || arrived || playback->cursor.record != record;
}
