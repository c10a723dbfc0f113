// Keyframes at every step that is a multiple of `spacing`; when they take too much memory, spacing doubles
// and every other one goes. Invariant: a frame holds the state just before the step after it, quiet events
// included. One thread.
#include "model/keyframe.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SPACING 1024u // steps; folding that many takes well under a millisecond
#define MAX_BYTES ((size_t)128 << 20)

struct frame {
  struct hd_log_cursor cursor;
  size_t size;
  void *bytes;
};

struct hdv_keyframes {
  struct frame *frames; // by step, ascending; the first is the empty state
  size_t count, room;
  size_t bytes, max_bytes;
  uint64_t spacing;
};

static int keep(hdv_keyframes *keyframes, const hdv_model *model, const struct hd_log_cursor *cursor)
{
  if (keyframes->count == keyframes->room) {
    size_t room = keyframes->room == 0 ? 64 : keyframes->room * 2;
    struct frame *frames = realloc(keyframes->frames, room * sizeof *frames);
    if (frames == NULL)
      return HD_ENOMEM;
    keyframes->frames = frames;
    keyframes->room = room;
  }
  size_t size = hdv_model_size(model);
  void *bytes = malloc(size);
  if (bytes == NULL)
    return HD_ENOMEM;
  memcpy(bytes, hdv_model_bytes(model), size);
  keyframes->frames[keyframes->count++] = (struct frame){.cursor = *cursor, .size = size, .bytes = bytes};
  keyframes->bytes += size;
  return HD_OK;
}

int hdv_keyframes_open(hdv_keyframes **out, size_t max_bytes)
{
  hdv_model *empty = NULL;
  struct hdv_keyframes *keyframes = calloc(1, sizeof *keyframes);
  if (keyframes == NULL)
    return HD_ENOMEM;
  keyframes->max_bytes = max_bytes != 0 ? max_bytes : MAX_BYTES;
  keyframes->spacing = FIRST_SPACING;
  int error = hdv_model_open(&empty);
  if (error == HD_OK)
    error = keep(keyframes, empty, &(struct hd_log_cursor){0});
  hdv_model_close(empty);
  if (error != HD_OK) {
    hdv_keyframes_close(keyframes);
    return error;
  }
  *out = keyframes;
  return HD_OK;
}

void hdv_keyframes_close(hdv_keyframes *keyframes)
{
  if (keyframes == NULL)
    return;
  for (size_t i = 0; i < keyframes->count; i++)
    free(keyframes->frames[i].bytes);
  free(keyframes->frames);
  free(keyframes);
}

// Doubles the spacing until what is left fits the bound; the empty state always stays.
static void thin(hdv_keyframes *keyframes)
{
  while (keyframes->bytes > keyframes->max_bytes && keyframes->count > 1) {
    size_t kept = 1;
    keyframes->spacing *= 2;
    for (size_t i = 1; i < keyframes->count; i++) {
      struct frame *frame = &keyframes->frames[i];
      if (frame->cursor.step % keyframes->spacing == 0) {
        keyframes->frames[kept++] = *frame;
        continue;
      }
      keyframes->bytes -= frame->size;
      free(frame->bytes);
    }
    keyframes->count = kept;
  }
}

// The last frame at or before the step.
static const struct frame *nearest(const hdv_keyframes *keyframes, uint64_t step)
{
  size_t low = 0, high = keyframes->count;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (keyframes->frames[middle].cursor.step <= step)
      low = middle;
    else
      high = middle;
  }
  return &keyframes->frames[low];
}

// A frame more is only ever a convenience: without memory for it the way back is longer.
static void pass(hdv_keyframes *keyframes, const hdv_model *model, const struct hd_log_cursor *cursor)
{
  const struct frame *last = &keyframes->frames[keyframes->count - 1];
  if (cursor->step % keyframes->spacing != 0 || cursor->step <= last->cursor.step)
    return;
  (void)keep(keyframes, model, cursor);
  thin(keyframes);
}

int hdv_keyframes_seek(hdv_keyframes *keyframes, hd_log *log, hdv_model *model, struct hd_log_cursor *cursor,
                       uint64_t step)
{
  const struct frame *frame = nearest(keyframes, step);
  if (step < cursor->step || frame->cursor.step > cursor->step) {
    int error = hdv_model_restore(model, frame->bytes, frame->size);
    if (error != HD_OK)
      return error;
    *cursor = frame->cursor;
  }
  struct hd_entry entry;
  for (struct hd_log_cursor before = *cursor; hd_log_next(log, cursor, &entry) == 1; before = *cursor) {
    bool is_step = cursor->step != before.step;
    if (is_step)
      pass(keyframes, model, &before);
    int error = is_step && before.step >= step ? HD_EEND : hdv_model_fold(model, &entry);
    if (error != HD_OK) {
      *cursor = before;
      return error == HD_EEND ? HD_OK : error;
    }
  }
  return HD_OK;
}
