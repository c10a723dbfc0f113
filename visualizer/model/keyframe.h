// Keyframes: copies of the state along the trace, so that any step is reached by folding a few events.
// Spaced so that a refold takes at most about 10 ms, thinned to stay under a memory bound. One thread.
#ifndef HDV_MODEL_KEYFRAME_H
#define HDV_MODEL_KEYFRAME_H

#include "model/model.h"
#include "trace/log.h"

typedef struct hdv_keyframes hdv_keyframes;

// max_bytes 0: 128 MB. HD_ENOMEM.
int hdv_keyframes_open(hdv_keyframes **out, size_t max_bytes);
void hdv_keyframes_close(hdv_keyframes *keyframes);

// Brings model, which stands at the cursor, to `step` (clipped to the log's end) by the cheapest way and updates the cursor. Makes keyframes on the way.
int hdv_keyframes_seek(hdv_keyframes *keyframes, hd_log *log, hdv_model *model, struct hd_log_cursor *cursor,
                       uint64_t step);

#endif
