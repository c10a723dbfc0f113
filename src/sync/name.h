// Names for what a program synchronises with. Needs nothing of POSIX, so that plain C11 programs can include heddle.h.
#ifndef HD_SYNC_NAME_H
#define HD_SYNC_NAME_H

// Names a mutex, condition, semaphore or barrier for the viewers; else it is "mutex 1" and so on. The name is copied, at most
// 23 bytes. Call it after the object's init. Any thread.
void hd_sync_name(const void *object, const char *name);

#endif
