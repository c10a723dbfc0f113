// Playback: where in the trace we stand and how it goes on; the same for live programs and recordings, and for both viewers.
// Looking back is not undoing: live, the program stays held (or runs on) while an earlier step is shown, and End returns to now.
// One thread: the viewer's.
#ifndef HDV_PLAYBACK_PLAYBACK_H
#define HDV_PLAYBACK_PLAYBACK_H

#include "model/model.h"
#include "trace/log.h"
#include "trace/live.h"

typedef struct hdv_playback hdv_playback;

// log: the history; the caller goes on owning it. control: of the live program, NULL for a recording. more: live only, asks the
// owner to append what has happened to log (returns HD_EEND once the program is gone and everything is appended). HD_ENOMEM.
struct hdv_playback_source {
  hd_log *log;
  struct hd_control *control;
  int (*more)(void *context);
  void *context;
};

// A recording starts paused at step 0; a live program as its control block says (mode HOLD with speed 0: held).
int hdv_playback_open(hdv_playback **out, const struct hdv_playback_source *source);

// Leaves the program as it is: whoever owns it lets it go or ends it.
void hdv_playback_close(hdv_playback *playback);

// What a person can ask for, whatever key or button it came from.
enum hdv_command {
  HDV_NOTHING,
  HDV_TOGGLE_PAUSE,    // live and looking back: plays the past, the program is not touched
  HDV_STEP,            // one event (by the grain: one event, callback or stage) forward; live at the end: lets the longest held thread go
  HDV_STEP_BACK,
  HDV_CHOOSE_0,        // let this thread take the next step: 0 the loop's thread, 1-8 workers
  HDV_CHOOSE_1, HDV_CHOOSE_2, HDV_CHOOSE_3, HDV_CHOOSE_4, HDV_CHOOSE_5, HDV_CHOOSE_6, HDV_CHOOSE_7, HDV_CHOOSE_8,
  HDV_HOME, HDV_END,
  HDV_FASTER, HDV_SLOWER,
  HDV_GRAIN,           // cycles event, callback, stage
  HDV_NEXT_STAGE, HDV_PREVIOUS_STAGE,
  HDV_WHY,             // jump to the cause of the event shown
  HDV_COMMANDS
};

// Carries the command out. Returns false when it can do nothing now (at the beginning, thread not held ...).
bool hdv_playback_do(hdv_playback *playback, enum hdv_command command);

// Goes to a step (clipped).
void hdv_playback_seek(hdv_playback *playback, uint64_t step);

// Sets the speed, 0.0001 to 1000; anything above (INFINITY): as fast as it goes. Faster and slower move on from there.
void hdv_playback_set_speed(hdv_playback *playback, double speed);

// Takes in what has happened and moves on when playing. now: real time in ns. Call it once per frame. Returns true
// when the picture has changed.
bool hdv_playback_tick(hdv_playback *playback, uint64_t now);

// ---- what is shown ----

const hdv_model *hdv_playback_model(const hdv_playback *playback);

// The event that led to the state shown; false before the first step. Text valid until the next call.
bool hdv_playback_event(hdv_playback *playback, struct hd_entry *out);

// What a thread is about to do from the step shown: live at the end its pending slot, else its next event in the trace
// (searched up to 4096 steps ahead). false: unknown, or it runs. Text valid until the next call.
bool hdv_playback_next_of(hdv_playback *playback, uint16_t slot, struct hd_entry *out);

enum hdv_mode { HDV_PLAYING, HDV_PAUSED, HDV_FINISHED };
enum hdv_grain { HDV_GRAIN_EVENT, HDV_GRAIN_CALLBACK, HDV_GRAIN_STAGE };

struct hdv_status {
  uint64_t step, steps;    // shown, known so far
  uint32_t stage, stages;  // shown; begun so far (0 of 0: the program has none)
  enum hdv_mode mode;
  enum hdv_grain grain;
  bool live;               // a program is attached and has not ended
  bool behind;             // live, but an earlier step is shown
  bool computing;          // a step was let go and its thread has not reached its next point
  bool held;               // live and the program is held
  double speed;            // 1: real time; INFINITY: as fast as it goes
  uint64_t model_ns;       // model time at the step shown
};
void hdv_playback_status(const hdv_playback *playback, struct hdv_status *out);

// The title line: "step 7 of 120, stage 2 of 5, paused" and so on. Returns its length.
size_t hdv_playback_title(const hdv_playback *playback, char *out, size_t cap);

// The log, for places and sources.
hd_log *hdv_playback_log(hdv_playback *playback);

#endif
