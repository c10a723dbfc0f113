// Code addresses to file, line and function, from the program's own debug information (elfutils libdw).
// For the recorder's thread only.
#ifndef HD_TRACE_PLACE_H
#define HD_TRACE_PLACE_H

#include "trace/log.h"

typedef struct hd_places hd_places;

// Reads the debug information of the program file. HD_ENOENT, HD_EFORMAT (no debug information), HD_ENOMEM.
int hd_places_open(hd_places **out, const char *program);
void hd_places_close(hd_places *places);

// The place of an address in the program's file (run-time address minus load base). A return address points
// behind its call: the line of the call is meant. Strings live as long as places. HD_ENOENT when unknown.
int hd_places_find(hd_places *places, uint64_t address, struct hd_place *out);

// The build id of the program in hexadecimal, "" when it has none.
const char *hd_places_build_id(const hd_places *places);

// Appends to log whatever replay will need to show entry: a LINE record the first time its place is met, and
// the file's text as a SOURCE record the first time the file is met (when it can be read). load_base as in
// the header.
int hd_places_note(hd_places *places, hd_log *log, uint64_t load_base, const struct hd_entry *entry);

#endif
