// Whole files: read, written aside and renamed, copied, hashed. Invariant: a file we write is there whole or
// not at all. One thread.
#ifndef HD_CLI_FILE_H
#define HD_CLI_FILE_H

#include <stddef.h>

// Reads a whole file (at most 16 MB); *text is NUL-terminated and the caller's. size may be NULL.
// HD_ENOENT, HD_EACCES, HD_EFULL (too large), HD_ENOMEM, HD_ESYS.
int hd_file_read(const char *path, char **text, size_t *size);

// Writes it under a temporary name in the same folder and renames it. HD_EACCES, HD_ENOSPC, HD_ESYS; then
// nothing has changed.
int hd_file_write(const char *path, const void *bytes, size_t size);

// The same from another file, with its permissions.
int hd_file_copy(const char *from, const char *to);

// ---- SHA-256, as 64 hexadecimal digits ----

#define HD_DIGEST_SIZE 65

typedef struct hd_digest hd_digest;
int hd_digest_open(hd_digest **out); // HD_ENOMEM
void hd_digest_add(hd_digest *digest, const void *bytes, size_t size);
void hd_digest_add_text(hd_digest *digest, const char *text); // with its end, so that "a","b" is not "ab"
int hd_digest_add_file(hd_digest *digest, const char *path);  // errors as hd_file_read, of any size
// Frees it; HD_ESYS when the hash could not be computed.
int hd_digest_close(hd_digest *digest, char out[HD_DIGEST_SIZE]);

// The digest of one file.
int hd_file_digest(const char *path, char out[HD_DIGEST_SIZE]);

#endif
