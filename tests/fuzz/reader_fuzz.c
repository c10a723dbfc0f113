// Damages valid logs and live files and lets every reader read them: open, walk, seek, places, merge, control
// block, and the model with its sentences. Input N of a seed is always the same: --seed S --only N runs it
// again. Also a libFuzzer target: cc -fsanitize=fuzzer -DHEDDLE_LIBFUZZER. Files lie in memory (memfd), so
// that a million inputs are feasible.
#include "base/error.h"
#include "base/os.h"
#include "trace/event.h"
#include "trace/file.h"
#include "trace/log.h"
#include "trace/merge.h"

#ifdef HEDDLE_FUZZ_MODEL
#include "model/model.h"
#include "model/narrate.h"
#endif

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define IMAGE_MOST (1u << 20)
#define LOOKS 8           // at a live file whose program seems to live
#define EVENTS_MOST 20000 // read of one input

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64]; // of the input

// ---- reading ----

static volatile uint64_t sum; // of what was read, so that no reading is optimised away

static void see(const void *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    sum = sum * 31 + ((const unsigned char *)bytes)[i];
}

static void see_text(const char *text)
{
  if (text)
    see(text, strlen(text));
}

static void see_entry(const struct hd_entry *entry)
{
  see(&entry->record, sizeof entry->record);
  if (entry->text_size)
    see(entry->text, entry->text_size);
  sum += (unsigned)hd_entry_is_step(entry) + strlen(hd_event_info(entry->record.kind)->sentence);
}

static void see_place(hd_log *log, uint64_t address)
{
  struct hd_place place;
  if (hd_log_place(log, address, &place) != HD_OK)
    return;
  see_text(place.file);
  see_text(place.function);
  see_text(hd_log_source(log, place.file));
}

static void see_header(const struct hd_trace_header *header)
{
  see_text(header->build_id);
  see_text(header->program);
  see_text(header->lesson);
  see_text(header->schedule);
  sum += (header->rate.stamp0 * header->rate.mult) >> header->rate.shift;
}

#ifdef HEDDLE_FUZZ_MODEL
static void fold(hd_log *log)
{
  hdv_model *model;
  if (hdv_model_open(&model) != HD_OK)
    return;
  struct hd_log_cursor cursor = {0};
  struct hd_entry entry;
  char sentence[256];
  for (unsigned i = 0; i < EVENTS_MOST && hd_log_next(log, &cursor, &entry) == 1; i++) {
    see(sentence, hdv_narrate(model, &entry, sentence, sizeof sentence));
    (void)hdv_model_fold(model, &entry);
    // The text may lie in the log's window: what follows reads nothing more of the log.
  }
  const struct hdv_thread *threads;
  sum += hdv_model_threads(model, &threads) + hdv_model_totals(model)->unknown + hdv_model_size(model);
  hdv_model_close(model);
}
#else
static void fold(hd_log *log)
{
  (void)log;
}
#endif

static void read_log(void)
{
  hd_log *log;
  if (hd_log_open(&log, path) != HD_OK)
    return;
  see_header(hd_log_header(log));
  struct hd_log_cursor cursor = {0};
  struct hd_entry entry;
  for (unsigned i = 0; i < EVENTS_MOST && hd_log_next(log, &cursor, &entry) == 1; i++) {
    see_entry(&entry);
    if (entry.place || entry.record.kind == HD_EV_LINE)
      see_place(log, entry.place ? entry.place : entry.record.a);
  }
  const uint64_t steps = hd_log_steps(log);
  const uint64_t wanted[] = {0, 1, 2, steps / 3, steps / 2, steps - 1, steps, steps + 1, UINT64_MAX};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    hd_log_seek(log, wanted[i], &cursor);
    if (hd_log_next(log, &cursor, &entry) == 1)
      see_entry(&entry);
  }
  see_text(hd_log_source(log, "lesson.c"));
  fold(log);
  (void)hd_log_close(log);
}

static void read_control(struct hd_control *control)
{
  struct hd_pending pending;
  sum += (unsigned)hd_control_next(control) + hd_control_settled(control);
  for (unsigned slot = 0; slot < HD_SLOTS; slot++)
    if (hd_control_pending(control, slot, &pending))
      see(pending.text, pending.text_size);
}

static void read_live(void)
{
  struct hd_live *live;
  if (hd_live_open(&live, path) != HD_OK)
    return;
  (void)hd_live_lock(live);
  see_header(hd_live_header(live));
  read_control(hd_live_control(live));
  hd_merge *merge;
  struct hd_entry entry;
  if (hd_merge_open(&merge, live) == HD_OK) {
    unsigned looks = 0, events = 0;
    for (int got; looks < LOOKS && events < EVENTS_MOST && (got = hd_merge_next(merge, &entry)) >= 0;) {
      if (got)
        see_entry(&entry);
      looks += !got;
      events++;
    }
    hd_merge_end(merge);
    while (events++ < EVENTS_MOST && hd_merge_next(merge, &entry) == 1)
      see_entry(&entry);
    hd_merge_close(merge);
  }
  hd_live_close(live);
}

// Puts the input into a file: small ones and large ones into one each, so that pages are used again.
static void put_input(const uint8_t *data, size_t size)
{
  static int files[2] = {-1, -1};
  int *file = &files[size > HD_FILE_RINGS];
  if (*file < 0)
    *file = memfd_create("heddle-fuzz", MFD_CLOEXEC);
  (void)snprintf(path, sizeof path, "/proc/self/fd/%d", *file);
  if (*file < 0 || ftruncate(*file, (off_t)size) != 0 || pwrite(*file, data, size, 0) != (ssize_t)size)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  put_input(data, size);
  read_live();
  read_log();
  return 0;
}

#ifndef HEDDLE_LIBFUZZER

// ---- valid files ----

struct image {
  uint8_t *bytes;
  size_t size;
};

static struct image logs[2], lives[2];

static void take(struct image *image, const char *name)
{
  FILE *in = fopen(name, "r");
  image->bytes = malloc(IMAGE_MOST);
  if (!in || !image->bytes)
    abort();
  image->size = fread(image->bytes, 1, IMAGE_MOST, in);
  (void)fclose(in);
  (void)unlink(name);
}

// The i-th event of a story about a pool, with names, texts, places, lines and a source.
static struct hd_entry story(unsigned i)
{
  static const struct {
    uint16_t kind;
    const char *text;
  } told[] = {{HD_EV_THREAD_STARTED, NULL},
              {HD_EV_POOL_OPENED, NULL},
              {HD_EV_NAME, "task 7"},
              {HD_EV_TASK_SUBMITTED, NULL},
              {HD_EV_LINE, "lesson.c\nmain"},
              {HD_EV_TASK_TAKEN, NULL},
              {HD_EV_BLOCKED, NULL},
              {HD_EV_READY, NULL},
              {HD_EV_TASK_DONE, NULL},
              {HD_EV_STAGE, "sorting"},
              {HD_EV_SOURCE, "lesson.c\nint main(void)\n{\n}\n"},
              {HD_EV_CALLBACK_BEGAN, NULL},
              {HD_EV_OUTPUT, "finished 7\n"},
              {HD_EV_CALLBACK_ENDED, NULL},
              {HD_EV_VALUE_SHOWN, "counter"},
              {HD_EV_STORE, "\1\2\3\4\5\6\7\10"},
              {HD_EV_SAW, "\1\2\3\4\5\6\7\10"},
              {HD_EV_TALLY, "torn"},
              {HD_EV_NOTE, "a note that takes more than a single record to tell"},
              {HD_EV_LOST, NULL},
              {HD_EV_MESSAGE_POSTED, NULL},
              {HD_EV_TIMER_STARTED, NULL}};
  const size_t at = i % (sizeof told / sizeof *told);
  struct hd_entry entry = {.record = {.stamp = 1000 + i * 10,
                                      .object = 1 + i / 4 % 9,
                                      .kind = told[at].kind,
                                      .actor = (uint16_t)(i % 3),
                                      .a = i % 11,
                                      .b = i % 9},
                           .place = i % 5 ? 0 : 0x401000 + i,
                           .text = told[at].text,
                           .text_size = told[at].text ? (uint32_t)strlen(told[at].text) : 0};
  return entry;
}

static void make_log(struct image *image, const char *name, unsigned events)
{
  hd_log *log;
  const struct hd_trace_header header = {.lesson = "21_worker_pool", .rate = {.mult = 1}};
  if (hd_log_create(&log, name, &header) != HD_OK)
    abort();
  for (unsigned i = 0; i < events; i++) {
    const struct hd_entry entry = story(i);
    if (hd_log_append(log, &entry) != HD_OK)
      abort();
  }
  (void)hd_log_close(log);
  take(image, name);
}

static void fill_ring(uint8_t *at, unsigned slot, uint32_t capacity, unsigned events)
{
  struct hd_ring *ring = (void *)at;
  ring->capacity = capacity;
  ring->slot = slot;
  uint64_t head = 0;
  for (unsigned i = slot; i < events; i += 3) {
    const struct hd_entry entry = story(i);
    struct hd_record part;
    for (size_t p = 0; p < hd_entry_records(&entry); p++) {
      hd_entry_part(&entry, p, &part);
      memcpy(&ring->cells[head++ % capacity], &part, sizeof part);
    }
  }
  atomic_store(&ring->head, head);
}

static void make_live(struct image *image, const char *name, unsigned events)
{
  struct hd_live *live;
  const struct hd_live_opts opts = {
      .ring_records = 64, .mode = HD_MODE_HOLD, .managed = true, .lossless = true, .keep = true};
  if (hd_live_create(&live, name, &opts) != HD_OK)
    abort();
  hd_live_close(live);
  take(image, name);
  const size_t ring = (size_t)hd_file_ring_size(64);
  memset(image->bytes + image->size, 0, 3 * ring);
  struct hd_file_head *head = (void *)image->bytes;
  for (unsigned slot = 0; slot < 3; slot++) {
    fill_ring(image->bytes + image->size, slot, 64, events);
    atomic_store(&head->rings[slot], image->size);
    image->size += ring;
  }
  struct hd_control *control = (void *)(image->bytes + HD_FILE_CONTROL);
  atomic_store(&control->program_pid, 1);
  atomic_store(&control->slots[1].state, HD_SLOT_HELD);
}

static void make_images(void)
{
  char folder[] = "/tmp/heddle-fuzz-XXXXXX", name[64];
  if (!mkdtemp(folder))
    abort();
  (void)snprintf(name, sizeof name, "%s/x", folder);
  make_log(&logs[0], name, 60);
  make_log(&logs[1], name, 700);
  make_live(&lives[0], name, 40);
  make_live(&lives[1], name, 900); // its rings have gone round
  (void)rmdir(folder);
}

// ---- damage ----

static uint64_t state;

static uint64_t random_number(void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static size_t below(size_t limit)
{
  return limit ? (size_t)(random_number() % limit) : 0;
}

static uint64_t interesting(void)
{
  static const uint64_t numbers[] = {0,
                                     1,
                                     2,
                                     7,
                                     8,
                                     9,
                                     15,
                                     16,
                                     17,
                                     63,
                                     64,
                                     65,
                                     255,
                                     256,
                                     0x7fff,
                                     0x8000,
                                     0xffff,
                                     65536,
                                     131072,
                                     196608,
                                     0x7fffffff,
                                     0x80000000,
                                     0xffffffff,
                                     0x100000000,
                                     INT64_MAX,
                                     UINT64_C(1) << 63,
                                     UINT64_MAX - 1,
                                     UINT64_MAX};
  const size_t count = sizeof numbers / sizeof *numbers, at = below(count + 2);
  return at < count ? numbers[at] : random_number() >> below(64);
}

static void set(struct image *image, size_t offset, size_t size)
{
  const uint64_t value = interesting();
  if (offset + size <= image->size)
    memcpy(image->bytes + offset, &value, size);
}

// An offset where it matters: headers, directory, control block, ring heads, records.
static size_t somewhere(const struct image *image, bool live)
{
  static const size_t sizes[] = {1, 2, 4, 8};
  size_t begin = 0, length = sizeof(struct hd_trace_header);
  const size_t choice = below(live ? 6 : 3);
  if (!live && choice) {
    begin = 1536;
    length = image->size > begin ? image->size - begin : 1;
  } else if (live && choice == 1) {
    begin = offsetof(struct hd_file_head, rings);
    length = 4 * sizeof(uint64_t);
  } else if (live && choice == 2) {
    begin = HD_FILE_CONTROL;
    length = 1024;
  } else if (live && choice >= 3) {
    begin = HD_FILE_RINGS + below(3) * HD_FILE_UNIT;
    length = choice == 3 ? sizeof(struct hd_ring) : sizeof(struct hd_ring) + 64 * 32;
  }
  const size_t grain = sizes[below(4)];
  return begin + below(length) / grain * grain;
}

static size_t first_record(bool live)
{
  return live ? HD_FILE_RINGS + below(3) * HD_FILE_UNIT + sizeof(struct hd_ring) : 1536;
}

// Damages a record where decoding looks: its kind, its mark of continuation, its length.
static void damage_record(struct image *image, bool live)
{
  const size_t base = first_record(live), count = live ? 64 : (image->size - base) / 32;
  const size_t at = base + below(count) * 32;
  if (at + 32 > image->size)
    return;
  struct hd_record record;
  memcpy(&record, image->bytes + at, sizeof record);
  switch (below(6)) {
  case 0:
    record.kind ^= HD_RECORD_MORE;
    break;
  case 1:
    record.kind = HD_EV_CONTINUED;
    record.object = (uint32_t)interesting();
    break;
  case 2:
    record.kind = (uint16_t)below(HD_EV_COUNT + 3);
    break;
  case 3:
    record.actor = (uint16_t)interesting();
    break;
  case 4:
    record.object = (uint32_t)interesting();
    break;
  default:
    record.stamp = interesting();
  }
  memcpy(image->bytes + at, &record, sizeof record);
}

static void move_records(struct image *image, bool live)
{
  const size_t base = first_record(live), count = live ? 64 : (image->size - base) / 32;
  const size_t from = below(count), to = below(count), many = 1 + below(8);
  if (base + (from + many) * 32 <= image->size && base + (to + many) * 32 <= image->size)
    memmove(image->bytes + base + to * 32, image->bytes + base + from * 32, many * 32);
}

static void cut_or_grow(struct image *image)
{
  if (below(4) == 0) {
    size_t more = below(4096);
    if (image->size + more > IMAGE_MOST)
      more = 0;
    for (size_t i = 0; i < more; i++)
      image->bytes[image->size + i] = (uint8_t)random_number();
    image->size += more;
  } else {
    image->size =
        below(4) ? below(image->size + 1) : image->size - below(image->size < 128 ? image->size : 128);
  }
}

static void damage(struct image *image, bool live)
{
  static const size_t sizes[] = {1, 2, 4, 8};
  for (size_t times = 1 + below(6); times; times--)
    switch (below(8)) {
    case 0:
      if (image->size)
        image->bytes[below(image->size)] ^= (uint8_t)(1u << below(8));
      break;
    case 1:
      cut_or_grow(image);
      break;
    case 2:
      if (image->size > HD_FILE_RINGS || (!live && image->size > 2048))
        move_records(image, live);
      break;
    case 3:
    case 4:
      if (image->size > HD_FILE_RINGS || (!live && image->size > 2048))
        damage_record(image, live);
      break;
    default:
      set(image, somewhere(image, live), sizes[below(4)]);
    }
}

// ---- running ----

static uint64_t seed = 1, current;

static void say_which(void)
{
  char line[96];
  const int size = snprintf(line, sizeof line, "reader_fuzz: this was --seed %llu --only %llu\n",
                            (unsigned long long)seed, (unsigned long long)current);
  (void)!write(STDERR_FILENO, line, (size_t)size);
}

static void die(int signal_number)
{
  say_which();
  (void)signal(signal_number, SIG_DFL);
  (void)raise(signal_number);
}

#if defined(__GNUC__)
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));
#endif

static void catch_crashes(void)
{
#if defined(__GNUC__)
  if (__sanitizer_set_death_callback) {
    __sanitizer_set_death_callback(say_which);
    (void)signal(SIGALRM, die);
    return;
  }
#endif
  static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    (void)signal(signals[i], die);
}

static void run_one(uint64_t number, struct image *work)
{
  current = number;
  state = (seed * 0x9e3779b97f4a7c15u) ^ ((number + 1) * 0xd1342543de82ef95u);
  (void)random_number();
  const bool live = below(2);
  const struct image *base = live ? &lives[below(2)] : &logs[below(2)];
  memcpy(work->bytes, base->bytes, base->size);
  work->size = base->size;
  if (number) // number 0 is whole
    damage(work, live);
  (void)alarm(30); // a reader that never ends is as bad as one that crashes
  (void)LLVMFuzzerTestOneInput(work->bytes, work->size);
}

static uint64_t number_of(const char *text)
{
  char *end;
  const unsigned long long value = strtoull(text, &end, 10);
  if (!*text || *end) {
    (void)fprintf(stderr, "usage: reader_fuzz [--seed S] [--count N | --seconds T | --only N]\n");
    exit(2);
  }
  return value;
}

int main(int argc, char **argv)
{
  uint64_t count = UINT64_MAX, seconds = 0, first = 0;
  for (int i = 1; i < argc; i += 2) {
    const uint64_t value = number_of(i + 1 < argc ? argv[i + 1] : "");
    if (strcmp(argv[i], "--seed") == 0)
      seed = value;
    else if (strcmp(argv[i], "--count") == 0)
      count = value;
    else if (strcmp(argv[i], "--seconds") == 0)
      seconds = value;
    else if (strcmp(argv[i], "--only") == 0)
      first = value, count = value + 1;
    else
      (void)number_of("");
  }
#ifdef __GLIBC__
  // The readers' large blocks come and go with every input: keep the pages.
  (void)mallopt(M_MMAP_THRESHOLD, 1 << 26);
  (void)mallopt(M_TRIM_THRESHOLD, 1 << 28);
#endif
  make_images();
  catch_crashes();
  struct image work = {.bytes = malloc(IMAGE_MOST)};
  if (!work.bytes)
    return 1;
  const uint64_t begin = hd_os_now();
  uint64_t number = first;
  for (; number < count && (!seconds || hd_os_now() - begin < seconds * 1000000000u); number++)
    run_one(number, &work);
  const uint64_t took = hd_os_now() - begin;
  (void)printf("%llu damaged inputs read in %.1f s, seed %llu: no crash\n",
               (unsigned long long)(number - first), (double)took / 1e9, (unsigned long long)seed);
  free(work.bytes);
  for (int i = 0; i < 2; i++) {
    free(logs[i].bytes);
    free(lives[i].bytes);
  }
  return 0;
}

#endif
