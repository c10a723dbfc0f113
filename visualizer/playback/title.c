// What a viewer tells about where it stands: the status and the title line. One thread.
#include "playback/inside.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

const hdv_model *hdv_playback_model(const hdv_playback *playback)
{
  return playback->model;
}

static enum hdv_mode mode_of(const hdv_playback *playback)
{
  if (playback->playing || (playback->live && playback->runs && !playback->looking))
    return HDV_PLAYING;
  bool at_end = playback->cursor.step >= known_steps(playback);
  return !playback->live && at_end ? HDV_FINISHED : HDV_PAUSED;
}

// The program computes without having passed a point.
static bool has_no_step_yet(const hdv_playback *playback)
{
  return known_steps(playback) == 0 && !hd_control_settled(playback->source.control);
}

void hdv_playback_status(const hdv_playback *playback, struct hdv_status *out)
{
  const struct hdv_totals *totals = hdv_model_totals(playback->model);
  size_t stage = 0; // stages are counted, not believed: an event may carry any number
  while (stage < playback->stage_count && playback->stages[stage] <= playback->cursor.step)
    stage++;
  *out = (struct hdv_status){
      .step = playback->cursor.step,
      .steps = known_steps(playback),
      .stage = (uint32_t)stage,
      .stages = (uint32_t)playback->stage_count,
      .mode = mode_of(playback),
      .grain = playback->grain,
      .live = playback->live,
      .behind = playback->looking,
      .computing = playback->live && (playback->granted || playback->waiting > 0 || has_no_step_yet(playback)),
      .held = playback->live && !playback->runs,
      .speed = playback->speed,
      .model_ns = totals->model_ns,
  };
}

static void speed_word(double speed, char *out, size_t cap)
{
  if (isinf(speed))
    snprintf(out, cap, "as fast as it goes");
  else if (speed == 1)
    snprintf(out, cap, "in real time");
  else
    snprintf(out, cap, "at %g times real time", speed);
}

static void state_words(const struct hdv_status *status, char *out, size_t cap)
{
  char speed[48];
  speed_word(status->speed, speed, sizeof speed);
  if (status->mode == HDV_FINISHED)
    snprintf(out, cap, "finished, PageUp goes back");
  else if (status->behind)
    snprintf(out, cap, "%s, the program %s",
             status->mode == HDV_PLAYING ? "playing the past" : "looking back",
             status->held ? "is held" : "runs on");
  else if (status->mode == HDV_PLAYING)
    snprintf(out, cap, "playing %s", speed);
  else
    snprintf(out, cap, "%s", status->computing ? "computing" : "paused");
}

size_t hdv_playback_title(const hdv_playback *playback, char *out, size_t cap)
{
  struct hdv_status status;
  char stage[48] = "", state[96];
  hdv_playback_status(playback, &status);
  state_words(&status, state, sizeof state);
  if (status.live && !status.behind && hdv_model_totals(playback->model)->stuck)
    snprintf(state, sizeof state, "deadlock: nobody can go on");
  if (status.stages > 0)
    snprintf(stage, sizeof stage, ", stage %u of %u", (unsigned)status.stage, (unsigned)status.stages);
  int length =
      snprintf(out, cap, "step %" PRIu64 " of %" PRIu64 "%s, %s", status.step, status.steps, stage, state);
  return length < 0 ? 0 : (size_t)length < cap ? (size_t)length : cap > 0 ? cap - 1 : 0;
}
