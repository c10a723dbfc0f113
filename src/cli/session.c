// One run of a program under a viewer: live file, child, output, log. One thread, the viewer's.
// What was printed is taken in before the rings, so that a program held at a step has said all it said before
// it.
#include "cli/session_inside.h"

#include "base/error.h"
#include "cli/file.h"
#include "cli/say.h"
#include "trace/event.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINGER UINT64_C(200000000) // ns that the children of a program that has ended may still print
#define STILL UINT64_C(300000000)  // ns without any thread moving before it is said that all of them wait
#define NOBODY 0xffffu             // the actor of what no thread of the program did

hd_log *hd_session_log(hd_session *session)
{
  return session->log;
}

struct hd_control *hd_session_control(hd_session *session)
{
  return hd_live_control(session->live);
}

int hd_session_last(struct hd_path *out)
{
  struct hd_path state;
  int rc = hd_path_home(&state, HD_PATH_STATE);
  return rc != HD_OK ? rc : hd_path_print(out, "%s/last.hdt", state.text);
}

void session_drop(hd_session *session)
{
  if (session->merge)
    hd_merge_close(session->merge);
  if (session->places)
    hd_places_close(session->places);
  if (session->live)
    hd_live_close(session->live);
  hd_listen_close(&session->listen); // before its pipes
  hd_proc_close(&session->child);
  hd_order_close(&session->order);
  free(session);
}

// ---- taking in ----

static int take_line(void *context, int stream, uint64_t stamp, const char *text, size_t size)
{
  hd_session *session = context;
  struct hd_entry entry = {.record = {.kind = HD_EV_OUTPUT, .actor = NOBODY, .a = (uint64_t)stream},
                           .text = text,
                           .text_size = (uint32_t)size};
  return hd_merge_add_at(session->merge, &entry, stamp);
}

// What was printed before now is in the merge afterwards; what is printed from now on may still come.
static int drain(hd_session *session)
{
  if (!session->step)
    hd_merge_limit(session->merge, hd_os_stamp());
  int rc = hd_listen_take(&session->listen, take_line, session);
  if (rc > 0)
    session->busy = true;
  return rc < 0 ? rc : HD_OK;
}

static void note_end(hd_session *session, int wait_status)
{
  session->dead = true;
  session->dead_since = hd_os_now();
  if (WIFSIGNALED(wait_status))
    session->signal_number = WTERMSIG(wait_status);
  else
    session->status = WEXITSTATUS(wait_status);
}

// Once the program is gone and its pipes are empty, its end goes into the trace.
static int watch_child(hd_session *session)
{
  int wait_status;
  if (session->attached || session->over)
    return HD_OK;
  if (!session->dead) {
    if (!hd_proc_ended(&session->child, &wait_status))
      return HD_OK;
    note_end(session, wait_status);
    int rc = drain(session); // what it printed since the last look
    if (rc != HD_OK)
      return rc;
  }
  bool printing = session->child.out >= 0 || session->child.err >= 0;
  if (printing && hd_os_now() - session->dead_since < LINGER)
    return HD_OK;
  session->over = true;
  (void)hd_proc_stop(&session->child); // reaps it, and ends what it may have left running
  struct hd_entry entry = {.record = {.kind = HD_EV_PROGRAM_ENDED,
                                      .actor = NOBODY,
                                      .a = (uint64_t)session->status,
                                      .b = (uint64_t)session->signal_number}};
  int rc = hd_merge_add(session->merge, &entry);
  if (rc == HD_OK)
    hd_merge_end(session->merge);
  return rc;
}

// The program fills in the live file's header when it attaches; the log's header follows.
static int know(hd_session *session)
{
  if (session->known || atomic_load(&hd_live_control(session->live)->program_pid) == 0)
    return HD_OK;
  const struct hd_trace_header *header = hd_live_header(session->live);
  session->known = true;
  if (!session->places && session->attached && header->program[0] &&
      hd_places_open(&session->places, header->program) != HD_OK)
    session->places = NULL;
  return hd_log_set_header(session->log, header);
}

static int take_events(hd_session *session)
{
  struct hd_entry entry;
  int rc = know(session);
  while (rc == HD_OK) {
    int got = hd_merge_next(session->merge, &entry);
    if (got <= 0)
      return got;
    session->busy = true;
    if (!session->known)
      rc = know(session);
    if (rc == HD_OK && session->places && entry.place)
      rc = hd_places_note(session->places, session->log, hd_log_header(session->log)->load_base, &entry);
    if (rc == HD_OK)
      rc = hd_log_append(session->log, &entry);
  }
  return rc;
}

// The lines that held threads are about to run: a viewer shows them before their steps are in the log.
static int note_pending(hd_session *session)
{
  const struct hd_control *control = hd_session_control(session);
  uint32_t arrivals = atomic_load(&control->arrivals);
  int rc = HD_OK;
  if (!session->places || !session->known || arrivals == session->noted)
    return HD_OK;
  session->noted = arrivals;
  for (unsigned slot = 0; slot < HD_SLOTS && rc == HD_OK; slot++) {
    struct hd_pending pending;
    if (!hd_control_pending(control, slot, &pending) || !pending.place)
      continue;
    struct hd_entry entry = {
        .record = {.stamp = pending.arrived, .kind = pending.kind, .actor = (uint16_t)slot},
        .place = pending.place};
    rc = hd_places_note(session->places, session->log, hd_log_header(session->log)->load_base, &entry);
  }
  return rc;
}

static bool everybody_waits(const struct hd_control *control)
{
  bool somebody = false;
  for (unsigned slot = 0; slot < HD_SLOTS; slot++) {
    uint32_t state = atomic_load(&control->slots[slot].state);
    if (state != HD_SLOT_FREE && state != HD_SLOT_BLOCKED)
      return false;
    somebody = somebody || state == HD_SLOT_BLOCKED;
  }
  return somebody && atomic_load(&control->untraced) == 0;
}

// In a trace a wake that is on its way looks like one that will never come. Only who sees the program can tell.
static int note_still(hd_session *session)
{
  const struct hd_control *control = hd_session_control(session);
  uint32_t arrivals = atomic_load(&control->arrivals);
  uint64_t now = hd_os_now();
  if (session->attached || session->dead)
    return HD_OK;
  if (arrivals != session->still_arrivals || session->still_since == 0 || !everybody_waits(control)) {
    session->still_arrivals = arrivals;
    session->still_since = now;
    session->still_told = false;
  }
  if (session->still_told || now - session->still_since < STILL)
    return HD_OK;
  session->still_told = true;
  struct hd_entry entry = {.record = {.kind = HD_EV_STILL, .actor = NOBODY}};
  return hd_merge_add(session->merge, &entry);
}

static void stop_child(hd_session *session)
{
  int wait_status = hd_proc_stop(&session->child);
  if (!session->dead)
    note_end(session, wait_status);
}

// A thread without a ring would be missing from a recording that promises to be whole.
static void watch_room(hd_session *session)
{
  if (session->attached || session->crowded || !atomic_load(&hd_session_control(session)->no_room))
    return;
  session->crowded = true;
  stop_child(session);
}

int hd_session_more(void *context)
{
  hd_session *session = context;
  session->busy = false;
  if (session->finished)
    return HD_EEND;
  watch_room(session);
  int rc = drain(session);
  if (rc == HD_OK)
    rc = watch_child(session);
  if (rc == HD_OK)
    rc = take_events(session);
  if (rc == HD_OK)
    rc = note_pending(session);
  if (rc == HD_OK)
    rc = note_still(session);
  if (rc == HD_EEND && !session->attached && !session->over)
    rc = HD_OK; // its rings are done, its end has not been noticed yet
  session->finished = rc == HD_EEND;
  if (rc < 0 && rc != HD_EEND)
    session->problem = rc;
  return rc;
}

void hd_session_wait(hd_session *session)
{
  if (session->busy)
    return;
  if (session->step) {
    hd_control_await(hd_session_control(session), &session->seen, 2000000);
    return;
  }
  struct pollfd ready[2] = {{.fd = session->child.out, .events = POLLIN},
                            {.fd = session->child.err, .events = POLLIN}};
  (void)poll(ready, 2, session->over ? 1 : 10);
}

bool hd_session_step(hd_session *session)
{
  struct hd_control *control = hd_session_control(session);
  if (session->dead || session->finished || !hd_control_settled(control))
    return false;
  // Everybody has arrived, so all that was printed and recorded before these points is there: it is taken in
  // before the next step. Then the order of the log depends on nobody's timing.
  return hd_session_more(session) == HD_OK && hd_order_grant(&session->order, control);
}

bool hd_session_ended(const hd_session *session, int *status, int *signal_number)
{
  *status = session->status;
  *signal_number = session->signal_number;
  return session->over;
}

// ---- ending ----

int hd_session_tell_crowded(const hd_session *session)
{
  if (!session->crowded)
    return HD_EXIT_OK;
  unsigned threads = atomic_load(&hd_live_control(session->live)->no_room);
  struct hd_path folder = session->live_path;
  char *slash = strrchr(folder.text, '/');
  if (slash)
    *slash = '\0';
  return hd_say(
      HD_EXIT_CANNOT,
      "no room for the trace of %u thread%s in %s, so the program was ended; set XDG_RUNTIME_DIR to a "
      "folder with more room",
      threads, threads == 1 ? "" : "s", folder.text);
}

static void tell_untraced(const hd_session *session)
{
  const struct hd_control *control = hd_live_control(session->live);
  unsigned untraced = atomic_load(&control->untraced), no_room = atomic_load(&control->no_room);
  if (session->crowded || untraced == 0)
    return;
  if (no_room > 0)
    (void)hd_say(0, "%u thread%s not recorded: no room for the trace", untraced,
                 untraced == 1 ? " was" : "s were");
  else
    (void)hd_say(0, "%u thread%s not recorded: at most %d can be at the same time", untraced,
                 untraced == 1 ? " was" : "s were", HD_SLOTS);
}

static void record_rest(hd_session *session)
{
  stop_child(session);
  // Whatever is still in pipes and rings belongs to the recording; what nobody writes any more ends soon.
  session->dead_since = 0;
  for (int i = 0; i < 1000 && hd_session_more(session) == HD_OK; i++)
    hd_session_wait(session);
}

// Keeps the recording as the last run too: another name for the same file, or a copy where that cannot be.
static void keep_last(const hd_session *session)
{
  struct hd_path aside;
  if (!session->record_path.text[0] || !session->last_path.text[0])
    return;
  if (hd_path_print(&aside, "%s.%ld", session->last_path.text, (long)getpid()) == HD_OK &&
      link(session->record_path.text, aside.text) == 0 && rename(aside.text, session->last_path.text) == 0) {
    (void)unlink(aside.text); // rename leaves it when both names are the same file already
    return;
  }
  (void)unlink(aside.text);
  (void)hd_file_copy(session->record_path.text, session->last_path.text);
}

int hd_session_close(hd_session *session)
{
  if (!session)
    return HD_OK;
  if (session->attached) {
    struct hd_control *control = hd_session_control(session);
    hd_control_set_speed(control, HD_SPEED_ONE);
    hd_control_set_mode(control, HD_MODE_OFF);
    atomic_store(&control->places, 0);
  } else {
    record_rest(session);
    struct hd_trace_header header = *hd_log_header(session->log);
    if (hd_order_print(&session->order, header.schedule, sizeof header.schedule))
      (void)hd_log_set_header(session->log, &header);
  }
  tell_untraced(session);
  int rc = hd_log_close(session->log);
  if (rc != HD_OK && session->problem == HD_OK)
    (void)hd_say(rc, "the recording is not complete: %s", hd_error_text(rc));
  keep_last(session);
  session_drop(session);
  return rc;
}
