// What a student has done so far, in one small file of the state folder. Invariant: the file is whole at any
// moment, and a change never loses one that another heddle makes at the same time. One thread.
#ifndef HD_CLI_PROGRESS_H
#define HD_CLI_PROGRESS_H

#include <jansson.h>

// What is stored: {"tour": true, "lessons": {FOLDER: {"runs": n}}, "exercises": {FOLDER: {"tries": n,
// "passed": true, "hints": n}}, "predictions": [...]}. Never NULL but out of memory; the caller gives it back
// with json_decref.
json_t *hd_progress_read(void);

// Changes it: change() gets the object, what it returns is returned. HD_EACCES, HD_ENOSPC, HD_ENOMEM when it
// cannot be stored.
typedef int hd_progress_change_fn(json_t *progress, void *context);
int hd_progress_change(hd_progress_change_fn *change, void *context);

// The object progress[group][folder], made when missing; NULL without memory.
json_t *hd_progress_entry(json_t *progress, const char *group, const char *folder);

// Adds to a number of that entry and returns the sum, and sets a truth value; both store at once.
int hd_progress_add(const char *group, const char *folder, const char *key, int add);
int hd_progress_set(const char *group, const char *folder, const char *key, int truth);

// A number (or truth value) of that entry, 0 when missing.
int hd_progress_number(const json_t *progress, const char *group, const char *folder, const char *key);

#endif
