// Code addresses to lines, by elfutils libdw. Compilation units are searched one by one, because not every
// compiler writes the table of address ranges; each address is asked for once. One thread, the recorder's.
#include "trace/place.h"

#include "base/error.h"
#include "trace/event.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096

struct noted {
  uint64_t address; // 0: empty
};

struct hd_places {
  int fd;
  Elf *elf;
  Dwarf *dwarf;
  char build_id[64];
  char folder[PATH_SIZE]; // of the program
  struct noted *noted;    // hash set of the places that went into the log, or are unknown
  size_t noted_count, noted_slots;
  char **files; // names of the source files that went into the log
  size_t files_count;
};

static void read_build_id(hd_places *places)
{
  const void *bytes;
  const ssize_t size = dwelf_elf_gnu_build_id(places->elf, &bytes);
  for (ssize_t i = 0; i < size && 2 * i + 2 < (ssize_t)sizeof places->build_id; i++)
    (void)snprintf(places->build_id + 2 * i, 3, "%02x", ((const unsigned char *)bytes)[i]);
}

static int open_program(hd_places *places, const char *program)
{
  places->fd = open(program, O_RDONLY | O_CLOEXEC);
  if (places->fd < 0)
    return errno == EACCES ? HD_EACCES : HD_ENOENT;
  (void)elf_version(EV_CURRENT);
  places->elf = elf_begin(places->fd, ELF_C_READ, NULL);
  if (!places->elf)
    return HD_EFORMAT;
  read_build_id(places);
  places->dwarf = dwarf_begin_elf(places->elf, DWARF_C_READ, NULL);
  return places->dwarf ? HD_OK : HD_EFORMAT;
}

int hd_places_open(hd_places **out, const char *program)
{
  hd_places *places = calloc(1, sizeof *places);
  if (!places)
    return HD_ENOMEM;
  const char *slash = strrchr(program, '/');
  const int length = slash ? (int)(slash - program) : 1;
  (void)snprintf(places->folder, sizeof places->folder, "%.*s", length, slash ? program : ".");
  const int error = open_program(places, program);
  if (error) {
    hd_places_close(places);
    return error;
  }
  *out = places;
  return HD_OK;
}

void hd_places_close(hd_places *places)
{
  if (!places)
    return;
  for (size_t i = 0; i < places->files_count; i++)
    free(places->files[i]);
  free(places->files);
  free(places->noted);
  if (places->dwarf)
    (void)dwarf_end(places->dwarf);
  if (places->elf)
    (void)elf_end(places->elf);
  if (places->fd >= 0)
    (void)close(places->fd);
  free(places);
}

const char *hd_places_build_id(const hd_places *places)
{
  return places->build_id;
}

// ---- address to line ----

static bool find_unit(hd_places *places, Dwarf_Addr address, Dwarf_Die *unit)
{
  Dwarf_Off at = 0, next;
  size_t header;
  for (; dwarf_nextcu(places->dwarf, at, &next, &header, NULL, NULL, NULL) == 0; at = next)
    if (dwarf_offdie(places->dwarf, at + header, unit) && dwarf_haspc(unit, address) > 0)
      return true;
  return false;
}

static const char *unit_folder(Dwarf_Die *unit)
{
  Dwarf_Attribute attribute;
  const char *folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
  return folder ? folder : "";
}

// The name as the compiler was given it: without the folder it ran in.
static const char *as_compiled(Dwarf_Die *unit, const char *file)
{
  const char *folder = unit_folder(unit);
  const size_t length = strlen(folder);
  if (length && strncmp(file, folder, length) == 0 && file[length] == '/')
    file += length + 1;
  while (file[0] == '.' && file[1] == '/')
    file += 2;
  return file;
}

static bool number(Dwarf_Die *die, unsigned name, Dwarf_Word *out)
{
  Dwarf_Attribute attribute;
  return dwarf_formudata(dwarf_attr(die, name, &attribute), out) == 0;
}

// Where an inlined function was called.
static void take_call(Dwarf_Die *unit, Dwarf_Die *inlined, struct hd_place *out)
{
  Dwarf_Word line, index;
  Dwarf_Files *files;
  size_t count;
  if (!number(inlined, DW_AT_call_line, &line) || !number(inlined, DW_AT_call_file, &index) ||
      dwarf_getsrcfiles(unit, &files, &count) != 0 || index >= count)
    return;
  const char *file = dwarf_filesrc(files, index, NULL, NULL);
  if (!file)
    return;
  out->file = as_compiled(unit, file);
  out->line = (unsigned)line;
}

// The innermost function around the address. The runtime's own inline functions are not meant: their caller
// is.
static void take_function(Dwarf_Die *unit, Dwarf_Addr address, struct hd_place *out)
{
  Dwarf_Die *scopes, *chain;
  out->function = "";
  const int found = dwarf_getscopes(unit, address, &scopes);
  if (found <= 0)
    return;
  const int count = dwarf_getscopes_die(&scopes[0], &chain);
  free(scopes);
  for (int i = 0; i < count; i++) {
    const int tag = dwarf_tag(&chain[i]);
    const char *name = dwarf_diename(&chain[i]);
    if (tag == DW_TAG_inlined_subroutine && name && strncmp(name, "hd_", 3) == 0) {
      take_call(unit, &chain[i], out);
    } else if (tag == DW_TAG_inlined_subroutine || tag == DW_TAG_subprogram) {
      out->function = name ? name : "";
      break;
    }
  }
  if (count > 0)
    free(chain);
}

// Whether a function begins at the address: then it is no return address.
static bool is_entry(Dwarf_Die *unit, Dwarf_Addr address)
{
  Dwarf_Die *scopes;
  const int count = dwarf_getscopes(unit, address, &scopes);
  bool entry = false;
  for (int i = 0; i < count && !entry; i++) {
    Dwarf_Addr low;
    entry =
        dwarf_tag(&scopes[i]) == DW_TAG_subprogram && dwarf_lowpc(&scopes[i], &low) == 0 && low == address;
  }
  if (count > 0)
    free(scopes);
  return entry;
}

// The place, and the unit it belongs to.
static int find(hd_places *places, uint64_t address, struct hd_place *out, Dwarf_Die *unit)
{
  if (address == 0)
    return HD_ENOENT;
  if (!find_unit(places, address, unit) || !is_entry(unit, address)) {
    address--;
    if (!find_unit(places, address, unit))
      return HD_ENOENT;
  }
  int line = 0;
  Dwarf_Line *row = dwarf_getsrc_die(unit, address);
  const char *file = row ? dwarf_linesrc(row, NULL, NULL) : NULL;
  if (!file || dwarf_lineno(row, &line) != 0)
    return HD_ENOENT;
  *out = (struct hd_place){.file = as_compiled(unit, file), .line = line > 0 ? (unsigned)line : 0};
  take_function(unit, address, out);
  return HD_OK;
}

int hd_places_find(hd_places *places, uint64_t address, struct hd_place *out)
{
  Dwarf_Die unit;
  return find(places, address, out, &unit);
}

// ---- into the log ----

static size_t slot_of(const hd_places *places, uint64_t address)
{
  size_t at = (size_t)(address * 0x9e3779b97f4a7c15u >> 32) & (places->noted_slots - 1);
  while (places->noted[at].address && places->noted[at].address != address)
    at = (at + 1) & (places->noted_slots - 1);
  return at;
}

static int grow(hd_places *places)
{
  struct noted *old = places->noted;
  const size_t slots = places->noted_slots;
  struct noted *noted = calloc(slots ? slots * 2 : 256, sizeof *noted);
  if (!noted)
    return HD_ENOMEM;
  places->noted = noted;
  places->noted_slots = slots ? slots * 2 : 256;
  for (size_t i = 0; i < slots; i++)
    if (old[i].address)
      noted[slot_of(places, old[i].address)] = old[i];
  free(old);
  return HD_OK;
}

// Remembers the address. 1: it is new, 0: it was there.
static int remember(hd_places *places, uint64_t address)
{
  if (places->noted_count * 2 >= places->noted_slots) {
    const int error = grow(places);
    if (error)
      return error;
  }
  struct noted *slot = &places->noted[slot_of(places, address)];
  if (slot->address)
    return 0;
  slot->address = address;
  places->noted_count++;
  return 1;
}

static FILE *try_open(const char *folder, const char *file)
{
  char path[PATH_SIZE];
  const int length = snprintf(path, sizeof path, "%s%s%s", folder, *folder ? "/" : "", file);
  struct stat is;
  if (length < 0 || (size_t)length >= sizeof path || stat(path, &is) != 0 || !S_ISREG(is.st_mode))
    return NULL;
  return fopen(path, "rce");
}

static FILE *open_source(const hd_places *places, Dwarf_Die *unit, const char *file)
{
  if (file[0] == '/')
    return try_open("", file);
  const char *folders[] = {unit_folder(unit), places->folder, ""};
  FILE *in = NULL;
  for (size_t i = 0; !in && i < sizeof folders / sizeof *folders; i++)
    in = try_open(folders[i], file);
  return in;
}

static int append_text(hd_log *log, const struct hd_entry *at, enum hd_event_kind kind, uint64_t line,
                       const char *text, size_t size)
{
  const struct hd_entry entry = {.record = {.stamp = at->record.stamp,
                                            .kind = (uint16_t)kind,
                                            .actor = at->record.actor,
                                            .a = kind == HD_EV_LINE ? at->place : 0,
                                            .b = line},
                                 .text = text,
                                 .text_size = (uint32_t)size};
  return hd_log_append(log, &entry);
}

static int append_source(hd_places *places, hd_log *log, const struct hd_entry *at, Dwarf_Die *unit,
                         const char *file)
{
  FILE *in = open_source(places, unit, file);
  if (!in)
    return HD_OK;
  char *text = malloc(HD_TEXT_MAX);
  int error = HD_ENOMEM;
  if (text) {
    const int name = snprintf(text, HD_TEXT_MAX, "%s\n", file);
    const size_t size = name > 0 && (size_t)name < HD_TEXT_MAX ? (size_t)name : 0;
    const size_t body = fread(text + size, 1, HD_TEXT_MAX - size, in);
    error = append_text(log, at, HD_EV_SOURCE, 0, text, size + body);
  }
  free(text);
  (void)fclose(in);
  return error;
}

static int note_file(hd_places *places, hd_log *log, const struct hd_entry *at, Dwarf_Die *unit,
                     const char *file)
{
  for (size_t i = 0; i < places->files_count; i++)
    if (strcmp(places->files[i], file) == 0)
      return HD_OK;
  char **files = realloc(places->files, (places->files_count + 1) * sizeof *files);
  if (!files)
    return HD_ENOMEM;
  places->files = files;
  files[places->files_count] = strdup(file);
  if (!files[places->files_count])
    return HD_ENOMEM;
  places->files_count++;
  return append_source(places, log, at, unit, file);
}

int hd_places_note(hd_places *places, hd_log *log, uint64_t load_base, const struct hd_entry *entry)
{
  if (!entry->place)
    return HD_OK;
  const int new = remember(places, entry->place);
  struct hd_place place;
  Dwarf_Die unit;
  if (new <= 0 || find(places, entry->place - load_base, &place, &unit) != HD_OK)
    return new < 0 ? new : HD_OK;
  char text[2 * PATH_SIZE];
  const int size = snprintf(text, sizeof text, "%s\n%s", place.file, place.function);
  if (size < 0 || (size_t)size >= sizeof text)
    return HD_OK;
  const int error = append_text(log, entry, HD_EV_LINE, place.line, text, (size_t)size);
  return error ? error : note_file(places, log, entry, &unit, place.file);
}
