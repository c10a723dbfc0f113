// Narration: one plain sentence for every event, from the table in event.def and the names in the model. Pure.
#ifndef HDV_MODEL_NARRATE_H
#define HDV_MODEL_NARRATE_H

#include "model/model.h"

// Writes the sentence for entry into out (always NUL-terminated, valid UTF-8, no control characters) and returns its
// length. model is the state before or after the event: names are looked up there. entry may be a pending step.
size_t hdv_narrate(const hdv_model *model, const struct hd_entry *entry, char *out, size_t cap);

#endif
