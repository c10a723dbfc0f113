// The inside of the playback. Two things move by themselves: the program (live: runs or is held) and the view (follows the
// program, stands while a person looks back, or plays what has been recorded). Private to visualizer/playback.
#ifndef HDV_PLAYBACK_INSIDE_H
#define HDV_PLAYBACK_INSIDE_H

#include "base/error.h"
#include "model/keyframe.h"
#include "playback/playback.h"

#define REQUESTS 64        // key presses that wait to be carried out
#define TEXT_KEPT 4096     // bytes of an event's text handed out
#define AHEAD_STEPS 4096   // how far ahead a thread's next step is searched
#define ANYBODY (-1)

// One press: let a thread (or the longest held one) go until the grain is passed.
struct request {
  int slot;
  bool let_go;  // a chosen thread has been given its step
  enum hdv_grain grain;
};


struct hdv_playback {
  struct hdv_playback_source source;
  hdv_model *model;
  hdv_keyframes *keyframes;
  struct hd_log_cursor cursor;  // where the model stands
  enum hdv_grain grain;
  double speed;

  bool live;      // a program is attached and has not ended
  bool runs;      // live: it is let run
  bool looking;   // live: a person looks back, the view does not follow
  bool settling;  // live: just held, what still arrives is shown at once
  bool playing;   // the view plays what has been recorded

  // live and held: what is still to be done, and the step that was let go
  struct request requests[REQUESTS];
  unsigned first, waiting;
  bool granted;
  uint16_t granted_slot;
  struct hd_log_cursor granted_at;  // the end of the log then
  uint64_t stuck_since;             // real ns, 0: not stuck
  uint32_t arrivals;                // of the control block, as last seen

  // playing the recording
  uint64_t ticked_at;  // real ns of the last tick, 0: none yet
  double credit;       // ns of recorded time that may still be shown

  // the stages begun so far
  uint64_t *stages;  // their steps
  size_t stage_count, stage_room;
  struct hd_log_cursor indexed;

  // each thread's next step after the one shown
  struct {
    struct hd_log_cursor from, to;
    bool whole;  // searched to the end of the log, not just AHEAD_STEPS far
    struct hd_log_cursor at[HD_SLOTS];
    bool found[HD_SLOTS];
  } ahead;

  struct hdv_status told;  // the status at the last tick
  char text[TEXT_KEPT], next_text[TEXT_KEPT];
};

static inline uint64_t known_steps(const hdv_playback *playback)
{
  return hd_log_steps(playback->source.log);
}

// playback.c: shows a step; the view follows again when that is the last one known.
void show(hdv_playback *playback, uint64_t step);

// ---- scan.c: looking for events in the log ----

typedef bool match_fn(const struct hd_entry *entry, const void *context);

// The first matching step after step `from`, the last one before it. 0: none.
uint64_t find_after(hdv_playback *playback, uint64_t from, match_fn *match, const void *context);
uint64_t find_before(hdv_playback *playback, uint64_t from, match_fn *match, const void *context);

// The event of a step; its text is copied into text. false: there is none.
bool read_step(hdv_playback *playback, uint64_t step, struct hd_entry *out, char *text);

// Where one grain forward or back from a step leads. Equal to the step: nowhere.
uint64_t grain_after(hdv_playback *playback, enum hdv_grain grain, uint64_t from);
uint64_t grain_before(hdv_playback *playback, enum hdv_grain grain, uint64_t from);

// Whether this event ends a request of the grain.
bool grain_ends(enum hdv_grain grain, const struct hd_entry *entry);

// Takes new events into the list of stages.
void index_stages(hdv_playback *playback);

// ---- cause.c ----

// The step that caused the event shown, 0: unknown.
uint64_t find_cause(hdv_playback *playback);

// ---- hold.c: the live program ----

void hold_program(hdv_playback *playback);
void run_program(hdv_playback *playback);
void apply_speed(hdv_playback *playback);
bool ask(hdv_playback *playback, int slot, enum hdv_grain grain);
bool choose(hdv_playback *playback, unsigned number);
void forget_requests(hdv_playback *playback);

// Takes in what has happened. Then lets go what was asked for, as far as it comes without waiting long.
void take_in(hdv_playback *playback);
void serve(hdv_playback *playback);
void drop_stuck(hdv_playback *playback, uint64_t now);

// ---- replay.c ----

// Moves the view on by the real time since the last tick.
void replay(hdv_playback *playback, uint64_t now);
double next_speed(double speed, int direction);

#endif
