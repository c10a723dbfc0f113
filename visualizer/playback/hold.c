// Steering a live program: holding it, letting it run at a speed, and letting single steps go. A step let go
// is waited for until it is in the log, however long its thread computes; presses meanwhile queue up. One
// thread.
#include "playback/inside.h"

#include <math.h>

#define AWAIT_NS 1000000u // how long one look waits for an arrival
#define IDLE_LOOKS 4      // so many of them without anything new, then the next frame goes on
#define GRANTS_A_TICK 256
#define STUCK_NS 300000000u // nobody can go on that long: the request is void

static void command(hdv_playback *playback, enum hd_mode mode, double speed)
{
  struct hd_control *control = playback->source.control;
  hd_control_set_speed(control, (uint32_t)(speed * HD_SPEED_ONE + 0.5));
  hd_control_set_mode(control, mode);
}

void apply_speed(hdv_playback *playback)
{
  if (isinf(playback->speed))
    command(playback, HD_MODE_RECORD, 0);
  else
    command(playback, playback->speed < 1 ? HD_MODE_HOLD : HD_MODE_RECORD, playback->speed);
}

void hold_program(hdv_playback *playback)
{
  command(playback, HD_MODE_HOLD, 0);
  playback->runs = false;
  playback->settling = true;
}

void run_program(hdv_playback *playback)
{
  forget_requests(playback);
  playback->settling = false;
  playback->runs = true;
  apply_speed(playback);
}

void forget_requests(hdv_playback *playback)
{
  playback->first = playback->waiting = 0;
  playback->stuck_since = 0;
}

static void program_ended(hdv_playback *playback)
{
  bool followed = !playback->looking;
  forget_requests(playback);
  playback->live = playback->runs = playback->looking = playback->settling = playback->granted = false;
  if (followed)
    show(playback, known_steps(playback));
}

// Whether the step let go has come: an event of its thread stands behind the place where the log ended then.
static void look_for_granted(hdv_playback *playback)
{
  struct hd_entry entry;
  while (playback->granted && hd_log_next(playback->source.log, &playback->granted_at, &entry) == 1) {
    const struct hd_event_info *info = hd_event_info(entry.record.kind);
    if (info->step && info->lane != HD_LANE_META && entry.record.actor == playback->granted_slot)
      playback->granted = false;
  }
}

void take_in(hdv_playback *playback)
{
  if (!playback->live)
    return;
  int result = playback->source.more != NULL ? playback->source.more(playback->source.context) : HD_OK;
  index_stages(playback);
  look_for_granted(playback);
  if (result == HD_EEND)
    program_ended(playback);
  else if (playback->settling && hd_control_settled(playback->source.control) &&
           playback->cursor.step == known_steps(playback))
    playback->settling = false;
}

// ---- letting go ----

static struct request *front(hdv_playback *playback)
{
  return playback->waiting > 0 ? &playback->requests[playback->first] : NULL;
}

static void done(hdv_playback *playback)
{
  playback->first = (playback->first + 1) % REQUESTS;
  playback->waiting--;
  playback->stuck_since = 0;
}

static bool grant(hdv_playback *playback, const struct request *request)
{
  struct hd_control *control = playback->source.control;
  int slot = request->slot != ANYBODY ? request->slot : hd_control_next(control);
  if (slot < 0 || !hd_control_grant(control, (unsigned)slot))
    return false;
  playback->granted = true;
  playback->granted_slot = (uint16_t)slot;
  hd_log_seek(playback->source.log, known_steps(playback), &playback->granted_at);
  return true;
}

// Shows the next step of the log. True when the front request is fulfilled by it.
static bool show_next(hdv_playback *playback, enum hdv_grain grain)
{
  struct hd_entry entry;
  show(playback, playback->cursor.step + 1);
  return !read_step(playback, playback->cursor.step, &entry, playback->text) || grain_ends(grain, &entry);
}

// One move on the way to the front request. False: there is nothing to do but wait.
static bool move(hdv_playback *playback, struct request *request)
{
  if (request->slot != ANYBODY && !request->let_go) {
    // What came in meanwhile is not the chosen thread's step.
    show(playback, known_steps(playback));
    request->let_go = !playback->granted && grant(playback, request);
    return request->let_go;
  }
  if (playback->cursor.step < known_steps(playback)) {
    if (show_next(playback, request->grain))
      done(playback);
    return true;
  }
  return !playback->granted && grant(playback, request);
}

void serve(hdv_playback *playback)
{
  unsigned idle = 0;
  uint32_t seen = atomic_load(&playback->source.control->arrivals);
  for (unsigned moves = 0; playback->waiting > 0 && moves < GRANTS_A_TICK && idle < IDLE_LOOKS; moves++) {
    if (move(playback, front(playback))) {
      idle = 0;
    } else {
      hd_control_await(playback->source.control, &seen, AWAIT_NS);
      idle++;
    }
    if (playback->waiting > 0)
      take_in(playback);
    if (!playback->live)
      return;
  }
}

static bool can_go(const hdv_playback *playback, int slot)
{
  struct hd_pending pending;
  const struct hd_control *control = playback->source.control;
  return slot == ANYBODY ? hd_control_next(control) >= 0
                         : hd_control_pending(control, (unsigned)slot, &pending);
}

// Before its first thread is there, a program is starting.
static bool has_begun(const struct hd_control *control)
{
  for (unsigned i = 0; i < HD_SLOTS; i++)
    if (atomic_load(&control->slots[i].state) != HD_SLOT_FREE)
      return true;
  return false;
}

static bool is_stuck(const hdv_playback *playback, int slot)
{
  return has_begun(playback->source.control) && !playback->granted &&
         playback->cursor.step == known_steps(playback) && !can_go(playback, slot) &&
         hd_control_settled(playback->source.control);
}

// Everybody waits for something outside the program, or the chosen thread for another one: the press does
// nothing.
void drop_stuck(hdv_playback *playback, uint64_t now)
{
  const struct request *request = front(playback);
  if (!playback->live || request == NULL || !is_stuck(playback, request->slot))
    playback->stuck_since = 0;
  else if (playback->stuck_since == 0)
    playback->stuck_since = now;
  else if (now - playback->stuck_since >= STUCK_NS)
    done(playback);
}

bool ask(hdv_playback *playback, int slot, enum hdv_grain grain)
{
  take_in(playback);
  if (!playback->live || playback->waiting == REQUESTS)
    return false;
  // Right after the hold, and for a chosen thread, what has happened until now comes first.
  if (playback->settling || (slot != ANYBODY && playback->waiting == 0))
    show(playback, known_steps(playback));
  playback->settling = false;
  if (playback->waiting == 0 && is_stuck(playback, slot))
    return false;
  playback->requests[(playback->first + playback->waiting) % REQUESTS] =
      (struct request){.slot = slot, .grain = grain};
  playback->waiting++;
  serve(playback);
  return true;
}

// ---- who is meant by a digit ----

static int loop_slot(const hdv_model *model)
{
  const struct hdv_loop *loops;
  size_t count = hdv_model_loops(model, &loops);
  return count > 0 && loops[0].thread != HDV_NOBODY ? loops[0].thread : 0;
}

// Worker n of the first pool; without a pool the n-th thread besides the loop's.
static int worker_slot(const hdv_model *model, unsigned number)
{
  const struct hdv_thread *threads;
  const struct hdv_pool *pools;
  size_t count = hdv_model_threads(model, &threads);
  bool pooled = hdv_model_pools(model, &pools) > 0;
  int main_slot = loop_slot(model);
  unsigned others = 0;
  for (size_t i = 0; i < count; i++) {
    if (threads[i].state == HDV_ABSENT || threads[i].slot == main_slot)
      continue;
    others++;
    bool meant = pooled ? threads[i].pool == pools[0].id && threads[i].index == number - 1 : others == number;
    if (meant)
      return threads[i].slot;
  }
  return -1;
}

bool choose(hdv_playback *playback, unsigned number)
{
  int slot = number == 0 ? loop_slot(playback->model) : worker_slot(playback->model, number);
  if (slot < 0 || (playback->waiting == 0 && !playback->granted && !can_go(playback, slot)))
    return false;
  return ask(playback, slot, HDV_GRAIN_EVENT);
}
