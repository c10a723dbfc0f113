// Opening the person's editor at a line. It gets the terminal, so it stays in our process group. One thread.
#include "cli/editor.h"

#include "base/error.h"
#include "cli/path.h"
#include "cli/proc.h"
#include "cli/say.h"
#include "cli/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *choose(void)
{
  static const char *const common[] = {"sensible-editor", "nano", "vim", "vi", "emacs"};
  const char *wanted = getenv("VISUAL");
  if (!wanted || !wanted[0])
    wanted = getenv("EDITOR");
  if (wanted && wanted[0])
    return wanted;
  for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
    if (hd_proc_found(common[i]))
      return common[i];
  return NULL;
}

// Most editors take +LINE; those that live in a window of their own take FILE:LINE and must be told to wait.
static void list_call(struct hd_words *call, const char *editor, const char *file, unsigned line)
{
  hd_words_split(call, editor);
  const char *name = call->count ? hd_path_last(call->list[0]) : "";
  if (strcmp(name, "code") == 0 || strcmp(name, "codium") == 0) {
    hd_words_add(call, "--wait");
    hd_words_add(call, "--goto");
    hd_words_add(call, "%s:%u", file, line ? line : 1);
    return;
  }
  if (line)
    hd_words_add(call, "+%u", line);
  hd_words_add(call, "%s", file);
}

static int run(char *const *argv)
{
  int status = 0;
  pid_t pid = fork();
  if (pid == 0) {
    (void)execvp(argv[0], argv);
    _exit(127);
  }
  if (pid < 0)
    return hd_say(HD_EXIT_CANNOT, "cannot start %s", argv[0]);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return hd_say(HD_EXIT_CANNOT, "there is no editor %s; set EDITOR to one that you have", argv[0]);
  return HD_EXIT_OK;
}

int hd_editor_open(const char *file, unsigned line)
{
  struct hd_words call = {0};
  if (!hd_path_is_file(file))
    return hd_say(HD_EXIT_CANNOT, "there is no file %s to edit", file);
  if (access(file, W_OK) != 0)
    return hd_say(HD_EXIT_CANNOT, "you may not change %s; heddle init makes a copy of your own", file);
  const char *editor = choose();
  if (!editor)
    return hd_say(HD_EXIT_CANNOT, "no editor was found; set EDITOR to one that you have");
  list_call(&call, editor, file, line);
  int status = call.error == HD_OK ? run(call.list) : hd_say(HD_EXIT_CANNOT, "out of memory");
  hd_words_free(&call);
  return status;
}
