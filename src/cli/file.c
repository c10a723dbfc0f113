// Whole files: read, written aside and renamed, copied, hashed. One thread.
#include "cli/file.h"

#include "base/error.h"
#include "cli/path.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST ((size_t)16 << 20)

// Reads up to size bytes; fewer only at the end of the file. -1 with errno.
static ssize_t read_fully(int fd, char *out, size_t size)
{
  size_t got = 0;
  while (got < size) {
    ssize_t n = read(fd, out + got, size - got);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -1;
    if (n == 0)
      break;
    got += (size_t)n;
  }
  return (ssize_t)got;
}

static int read_open(int fd, char **text, size_t *size)
{
  struct stat info;
  if (fstat(fd, &info) != 0)
    return hd_error_from_errno(errno);
  if (S_ISDIR(info.st_mode))
    return HD_EINVAL;
  if (info.st_size < 0 || (size_t)info.st_size > LARGEST)
    return HD_EFULL;
  size_t wanted = (size_t)info.st_size;
  char *bytes = malloc(wanted + 1);
  if (!bytes)
    return HD_ENOMEM;
  ssize_t got = read_fully(fd, bytes, wanted);
  if (got < 0) {
    free(bytes);
    return hd_error_from_errno(errno);
  }
  bytes[got] = '\0';
  *text = bytes;
  if (size)
    *size = (size_t)got;
  return HD_OK;
}

int hd_file_read(const char *path, char **text, size_t *size)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return hd_error_from_errno(errno);
  int rc = read_open(fd, text, size);
  (void)close(fd);
  return rc;
}

static int write_all(int fd, const char *bytes, size_t size)
{
  while (size > 0) {
    ssize_t n = write(fd, bytes, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return hd_error_from_errno(errno);
    bytes += n;
    size -= (size_t)n;
  }
  return HD_OK;
}

static int write_aside(const char *path, const void *bytes, size_t size, mode_t mode)
{
  struct hd_path aside;
  if (hd_path_print(&aside, "%s.XXXXXX", path) != HD_OK)
    return HD_EINVAL;
  int fd = mkostemp(aside.text, O_CLOEXEC);
  if (fd < 0)
    return hd_error_from_errno(errno);
  int rc = write_all(fd, bytes, size);
  if (rc == HD_OK && fchmod(fd, mode) != 0)
    rc = hd_error_from_errno(errno);
  if (close(fd) != 0 && rc == HD_OK)
    rc = hd_error_from_errno(errno);
  if (rc == HD_OK && rename(aside.text, path) != 0)
    rc = hd_error_from_errno(errno);
  if (rc != HD_OK)
    (void)unlink(aside.text);
  return rc;
}

static mode_t default_mode(void)
{
  mode_t mask = umask(0);
  (void)umask(mask);
  return 0666 & ~mask;
}

int hd_file_write(const char *path, const void *bytes, size_t size)
{
  return write_aside(path, bytes, size, default_mode());
}

int hd_file_copy(const char *from, const char *to)
{
  struct stat info;
  char *text;
  size_t size;
  int rc = hd_file_read(from, &text, &size);
  if (rc != HD_OK)
    return rc;
  mode_t mode = default_mode();
  if (stat(from, &info) == 0 && (info.st_mode & 0100))
    mode |= (mode_t)((mode & 0444) >> 2); // whoever may read it may run it
  rc = write_aside(to, text, size, mode);
  free(text);
  return rc;
}

struct hd_digest {
  EVP_MD_CTX *context;
  int ok;
};

int hd_digest_open(hd_digest **out)
{
  hd_digest *digest = malloc(sizeof *digest);
  if (!digest)
    return HD_ENOMEM;
  digest->context = EVP_MD_CTX_new();
  if (!digest->context) {
    free(digest);
    return HD_ENOMEM;
  }
  digest->ok = EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL);
  *out = digest;
  return HD_OK;
}

void hd_digest_add(hd_digest *digest, const void *bytes, size_t size)
{
  if (digest->ok)
    digest->ok = EVP_DigestUpdate(digest->context, bytes, size);
}

void hd_digest_add_text(hd_digest *digest, const char *text)
{
  hd_digest_add(digest, text, strlen(text) + 1);
}

int hd_digest_add_file(hd_digest *digest, const char *path)
{
  char block[65536];
  ssize_t n;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return hd_error_from_errno(errno);
  while ((n = read_fully(fd, block, sizeof block)) > 0)
    hd_digest_add(digest, block, (size_t)n);
  int problem = errno;
  (void)close(fd);
  return n < 0 ? hd_error_from_errno(problem) : HD_OK;
}

int hd_digest_close(hd_digest *digest, char out[HD_DIGEST_SIZE])
{
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  int ok = digest->ok && EVP_DigestFinal_ex(digest->context, sum, &size) && size == 32;
  EVP_MD_CTX_free(digest->context);
  free(digest);
  if (!ok)
    return HD_ESYS;
  for (unsigned i = 0; i < size; i++)
    (void)snprintf(out + (size_t)2 * i, 3, "%02x", (unsigned)sum[i]);
  return HD_OK;
}

int hd_file_digest(const char *path, char out[HD_DIGEST_SIZE])
{
  hd_digest *digest;
  int rc = hd_digest_open(&digest);
  if (rc != HD_OK)
    return rc;
  rc = hd_digest_add_file(digest, path);
  int closed = hd_digest_close(digest, out);
  return rc != HD_OK ? rc : closed;
}
