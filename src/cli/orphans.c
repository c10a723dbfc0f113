// Programs that a child left behind. Every child of ours that was not there before and that nobody has
// started here is an orphan of the child that has just ended. One thread.
#include "cli/orphans.h"

#ifdef __linux__
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT 256
#define ROUNDS 1000 // a program that forks without end must not keep us here

static pid_t kept[KEPT]; // our children before the first one was started
static size_t kept_count;
static unsigned running;
static bool full; // more than fit: then nothing is ended, it could be somebody else's

static bool is_kept(pid_t pid)
{
  for (size_t i = 0; i < kept_count; i++)
    if (kept[i] == pid)
      return true;
  return false;
}

static pid_t parent_of(const char *pid)
{
  char path[64], text[1024];
  int parent = 0;
  (void)snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  FILE *file = fopen(path, "re");
  if (!file)
    return 0;
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  (void)fclose(file);
  // The name, in brackets, may hold anything: what counts stands behind the last bracket.
  const char *at = strrchr(text, ')');
  return at && sscanf(at, ") %*c %d", &parent) == 1 ? parent : 0;
}

static void keep(pid_t pid)
{
  if (kept_count == KEPT)
    full = true;
  else
    kept[kept_count++] = pid;
}

static void end(pid_t pid)
{
  if (is_kept(pid))
    return;
  (void)kill(pid, SIGKILL);
  (void)waitpid(pid, NULL, WNOHANG);
}

// Calls visit for every child of ours; how many there are that are not kept.
static size_t each_child(void (*visit)(pid_t))
{
  DIR *dir = opendir("/proc");
  const struct dirent *entry;
  size_t count = 0;
  while (dir && (entry = readdir(dir)) != NULL) {
    if (!isdigit((unsigned char)entry->d_name[0]) || parent_of(entry->d_name) != getpid())
      continue;
    pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
    count += !is_kept(pid);
    visit(pid);
  }
  if (dir)
    (void)closedir(dir);
  return count;
}

// Whether we have any child at all; mostly not, and then nothing is looked for.
static bool have_child(void)
{
  siginfo_t info;
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

void hd_orphans_begin(void)
{
  if (running++ > 0)
    return;
  kept_count = 0;
  full = false;
  if (have_child())
    (void)each_child(keep);
  (void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
}

void hd_orphans_end(void)
{
  if (running == 0 || --running > 0)
    return;
  for (int i = 0; i < ROUNDS && !full && have_child(); i++)
    if (each_child(end) == 0)
      break;
  (void)prctl(PR_SET_CHILD_SUBREAPER, 0L, 0L, 0L, 0L);
}

#else

void hd_orphans_begin(void)
{
}

void hd_orphans_end(void)
{
}
#endif
