// Cleaning text that came from a trace. Pure.
#include "model/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// The length of the UTF-8 character that starts here, 0 when none does. *code: its number.
static size_t character(const unsigned char *text, size_t size, uint32_t *code)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  unsigned char lead = text[0];
  size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  if (length == 0 || length > size)
    return 0;
  *code = length == 1 ? lead : lead & (0x7fu >> length);
  for (size_t i = 1; i < length; i++) {
    if ((text[i] & 0xc0) != 0x80)
      return 0;
    *code = *code << 6 | (text[i] & 0x3fu);
  }
  bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
  return *code < least[length] || *code > 0x10ffff || surrogate ? 0 : length;
}

// Control characters, line separators, and the marks that reorder the text around them.
static bool is_control(uint32_t code)
{
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

size_t text_clean(char *out, size_t cap, const char *text, size_t size)
{
  if (cap == 0)
    return 0;
  size_t used = 0;
  for (size_t at = 0; at < size;) {
    uint32_t code = 0;
    size_t length = character((const unsigned char *)text + at, size - at, &code);
    bool plain = length > 0 && !is_control(code);
    size_t wide = plain ? length : 1;
    if (used + wide >= cap)
      break;
    if (plain)
      memcpy(out + used, text + at, length);
    else
      out[used] = length > 0 ? ' ' : '?';
    used += wide;
    at += length > 0 ? length : 1;
  }
  out[used] = '\0';
  return used;
}
