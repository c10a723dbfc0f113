// The debug-only count of runtime locks that the calling thread holds.
#include "base/lock.h"

#ifndef NDEBUG
_Thread_local int hd_locks_held;
#else
typedef int hd_lock_needs_no_code;  // ISO C wants a declaration in every file
#endif
