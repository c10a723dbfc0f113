// Texts and names of the errors, made from err.def. No state; any thread.
#include "base/error.h"

#include <errno.h>

const char *hd_error_text(int error)
{
  switch (error) {
  case HD_OK:
    return "no error";
#define X(name, number, text)                                                                      \
  case name:                                                                                       \
    return text;
#include "base/err.def"
#undef X
  default:
    return "an unknown error";
  }
}

const char *hd_error_name(int error)
{
  switch (error) {
  case HD_OK:
    return "HD_OK";
#define X(name, number, text)                                                                      \
  case name:                                                                                       \
    return #name;
#include "base/err.def"
#undef X
  default:
    return "HD_E?";
  }
}

int hd_error_from_errno(int errnum)
{
  switch (errnum) {
  case 0:
    return HD_OK;
  case EINVAL:
    return HD_EINVAL;
  case ENOMEM:
    return HD_ENOMEM;
  case EAGAIN:
  case EMFILE:
  case ENFILE:
    return HD_EAGAIN;
  case EBUSY:
    return HD_EBUSY;
  case ENOENT:
  case ESRCH:
    return HD_ENOENT;
  case ETIMEDOUT:
    return HD_ETIMEOUT;
  case EACCES:
  case EPERM:
    return HD_EACCES;
  case ENOSPC:
  case EDQUOT:
    return HD_ENOSPC;
  default:
    return HD_ESYS;
  }
}
