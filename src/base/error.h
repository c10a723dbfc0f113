// Errors: fallible functions return HD_OK or a negative HD_E* number.
// On error nothing has changed. Any thread may call these.
#ifndef HD_BASE_ERROR_H
#define HD_BASE_ERROR_H

enum hd_error {
  HD_OK = 0,
#define X(name, number, text) name = -(number),
#include "base/err.def"
#undef X
};

// The sentence for an error number, for example "out of memory". Never NULL; lives for ever.
const char *hd_error_text(int error);

// The name of an error number, for example "HD_ENOMEM". Never NULL; lives for ever.
const char *hd_error_name(int error);

// The HD_E* number that fits an errno value; HD_ESYS for one without a counterpart.
int hd_error_from_errno(int errnum);

#endif
