// Text from a trace, made safe to show: always valid UTF-8, no control characters, cut between characters. Pure.
#ifndef HDV_MODEL_TEXT_H
#define HDV_MODEL_TEXT_H

#include <stddef.h>

// Writes at most cap - 1 bytes of text into out and a NUL; returns the length written. Control characters become a space, bytes
// that are no UTF-8 become '?', each one byte long, so the result is never longer than the text.
size_t text_clean(char *out, size_t cap, const char *text, size_t size);

#endif
