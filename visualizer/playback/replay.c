// Playing what has been recorded: the view moves on when as much time has passed as lies between the stamps,
// however often it is looked at. Long gaps, in which nothing is to be seen, are cut. One thread.
#include "playback/inside.h"

#include <math.h>

#define GAP_MOST 2e9    // ns
#define FRAME_MOST 1e10 // ns: after a viewer was stopped for longer it does not rush

static const double speeds[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
#define SPEEDS (sizeof speeds / sizeof speeds[0])

double next_speed(double speed, int direction)
{
  const double little = 1e-6;
  if (direction > 0) {
    for (size_t i = 0; i < SPEEDS; i++)
      if (speeds[i] > speed * (1 + little))
        return speeds[i];
    return INFINITY;
  }
  for (size_t i = SPEEDS; i > 0; i--)
    if (speeds[i - 1] < speed * (1 - little))
      return speeds[i - 1];
  return speed;
}

static double gap_ns(const struct hd_os_rate *rate, uint64_t from, uint64_t to)
{
  double stamps = to > from ? (double)(to - from) : 0;
  double ns = rate->mult != 0 ? stamps * rate->mult / (double)((uint64_t)1 << (rate->shift & 63)) : stamps;
  return ns < GAP_MOST ? ns : GAP_MOST;
}

// How far the credit reaches from the step shown.
static uint64_t reach(hdv_playback *playback)
{
  struct hd_log_cursor cursor = playback->cursor;
  const struct hd_os_rate *rate = &hd_log_header(playback->source.log)->rate;
  struct hd_entry entry;
  uint64_t stamp = hdv_model_totals(playback->model)->stamp, step = playback->cursor.step;
  if (read_step(playback, step, &entry, playback->text))
    stamp = entry.record.stamp;
  while (hd_log_next(playback->source.log, &cursor, &entry) == 1) {
    if (!hd_entry_is_step(&entry))
      continue;
    double gap = step == 0 ? 0 : gap_ns(rate, stamp, entry.record.stamp);
    if (gap > playback->credit)
      break;
    playback->credit -= gap;
    stamp = entry.record.stamp;
    step = cursor.step;
  }
  return step;
}

void replay(hdv_playback *playback, uint64_t now)
{
  double passed =
      playback->ticked_at != 0 && now > playback->ticked_at ? (double)(now - playback->ticked_at) : 0;
  playback->ticked_at = now;
  if (isinf(playback->speed)) {
    show(playback, known_steps(playback));
  } else {
    playback->credit += (passed < FRAME_MOST ? passed : FRAME_MOST) * playback->speed;
    show(playback, reach(playback));
  }
  if (playback->cursor.step >= known_steps(playback))
    playback->playing = false;
}
