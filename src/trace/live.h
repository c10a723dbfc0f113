// The live trace file: header, control block and one ring per thread, in a memory-mapped file shared by the
// program (writes rings) and a viewer (reads them). Space is really allocated: a full disk is an error, not a
// SIGBUS. The file lock's byte 0 is the viewer's, byte 1 the program's: whoever dies loses it at once.
#ifndef HD_TRACE_LIVE_H
#define HD_TRACE_LIVE_H

#include "base/os.h"
#include "trace/control.h"
#include "trace/record.h"

#define HD_TRACE_MAGIC "heddle\x1a\n"
#define HD_TRACE_VERSION 1u
#define HD_RING_RECORDS 65536u // default capacity of a ring

enum hd_trace_form { HD_TRACE_LIVE = 1, HD_TRACE_LOG = 2 };

// First bytes of live files and logs alike. Everything replay on another machine needs.
struct hd_trace_header {
  char magic[8];
  uint32_t version, form; // enum hd_trace_form
  uint32_t byte_order;    // 0x01020304 as the writer stores it
  uint32_t header_size;
  uint32_t ring_records; // capacity of new rings
  uint32_t pid;
  uint32_t cores;
  uint32_t reserved;
  uint64_t seed;
  uint64_t started_unix_ns; // wall clock
  uint64_t load_base; // address where the program was loaded: place - load_base is the address in its file
  struct hd_os_rate rate;
  char build_id[64];   // hexadecimal, empty when unknown
  char program[256];   // path of the program
  char lesson[64];     // name of the lesson, empty when none
  char schedule[1024]; // who was chosen, step by step; empty when free-running
};

// A record as it lies in a ring. Words, because a reader may copy it while the writer laps it: the copy is
// then thrown away, but it must not be undefined.
struct hd_cell {
  _Atomic uint64_t word[4];
};
static_assert(sizeof(struct hd_cell) == sizeof(struct hd_record), "a cell holds one record");

// One thread's ring, as it lies in the file. head counts records ever written; cell i holds record i %
// capacity. head is stored after every single record, so at most the one cell at head is being overwritten.
struct hd_ring {
  _Alignas(HD_CACHE_LINE) _Atomic uint64_t head; // writer
  _Atomic uint64_t open;                         // writer: the least stamp it may be writing with, 0: none
  _Alignas(HD_CACHE_LINE) _Atomic uint64_t tail; // reader: records it has taken
  _Atomic uint32_t room;                         // reader: bumped and woken after it took some
  _Alignas(HD_CACHE_LINE) uint32_t capacity;     // set once; a power of two
  uint32_t slot;                                 // set once: the thread slot it belongs to
  _Alignas(HD_CACHE_LINE) struct hd_cell cells[];
};

// The mapped file, either side. The program's control block lies at &hd_control instead (see emit.h).
struct hd_live;

struct hd_live_opts {
  uint32_t ring_records; // 0: HD_RING_RECORDS; rounded up to a power of two
  bool lossless, managed, places;
  enum hd_mode mode; // what the first point finds
  uint32_t speed;    // see hd_control_set_speed; 0 with mode HOLD is the step mode
  uint64_t seed;
  const char *lesson; // may be NULL
  bool
      keep; // a program's own file: its name outlives hd_live_close, and its reader measures the stamps' rate
};

// ---- for viewers ----

// Makes a live file under its final name (written aside, then renamed) and maps it. HD_EACCES, HD_ENOSPC,
// HD_ENOMEM.
int hd_live_create(struct hd_live **out, const char *path, const struct hd_live_opts *opts);

// Maps an existing live file. Not one that this process has open already: closing any descriptor of a file
// drops all locks the process has on it (system rule of record locks). HD_ENOENT, HD_EACCES, HD_EFORMAT (not
// a live trace, or damaged), HD_EVERSION.
int hd_live_open(struct hd_live **out, const char *path);

// Gives the viewer lock back. Whoever made the file removes its name too, unless opts.keep or the program
// still runs (then the program removes it at its exit).
void hd_live_close(struct hd_live *live);
struct hd_control *hd_live_control(struct hd_live *live);

// The header as it stands now: the program fills in pid, program, build id and load base when it attaches
// (then control->program_pid is not 0). A checked copy, valid until the next call.
const struct hd_trace_header *hd_live_header(struct hd_live *live);

// The ring of a slot, mapped on first use; NULL when that slot never had one (or the file is damaged there).
// *capacity (may be NULL) is the checked capacity: the one in the file may change under a reader's feet.
struct hd_ring *hd_live_ring(struct hd_live *live, unsigned slot, uint32_t *capacity);

// Whether this mapping is the one reader that takes records out: it holds the viewer lock, or made the file.
bool hd_live_is_reader(const struct hd_live *live);

// Becomes the viewer: HD_EBUSY when another process already is. Given back by hd_live_close or the process's
// end.
int hd_live_lock(struct hd_live *live);

// Whether the program that writes the file still lives (it holds its byte of the lock). True before it
// attached.
bool hd_live_program_alive(struct hd_live *live);

// ---- where live files are ----

// The folder for live files: heddle in $XDG_RUNTIME_DIR where that exists, else a folder of mode 0700 that
// belongs to this user under $TMPDIR or /tmp. Makes it when missing, checks owner and mode. HD_EACCES
// when it cannot be trusted, HD_EINVAL when cap is too small. Removes live files that nobody holds any more.
int hd_live_folder(char *out, size_t cap);

// A name in that folder that no other call returns. Errors as hd_live_folder.
int hd_live_new_path(char *out, size_t cap);

// The live file of a running program: of process pid, or with 0 of the one started last. HD_ENOENT when there
// is none.
int hd_live_find(char *out, size_t cap, uint32_t pid);

#endif
