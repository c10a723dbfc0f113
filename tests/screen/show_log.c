// Opens a log in the terminal viewer: show_log FILE [ascii] [light] [play]. Says why when it cannot; with a
// last line that tells how the viewer ended.
#include "base/error.h"
#include "playback/playback.h"
#include "terminal/terminal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static bool given(int argc, char **argv, const char *word)
{
  for (int i = 2; i < argc; i++) {
    if (strcmp(argv[i], word) == 0)
      return true;
  }
  return false;
}

static int show(hd_log *log, int argc, char **argv)
{
  struct hdv_playback_source source = {.log = log};
  struct hdv_terminal_opts opts = {.title = "worker_pool",
                                   .ascii = given(argc, argv, "ascii"),
                                   .theme = given(argc, argv, "light") ? HDV_THEME_LIGHT : HDV_THEME_DARK};
  hdv_playback *playback;
  int result = hdv_playback_open(&playback, &source);
  if (result)
    return result;
  if (given(argc, argv, "play"))
    hdv_playback_do(playback, HDV_TOGGLE_PAUSE);
  result = hdv_terminal_run(playback, &opts);
  hdv_playback_close(playback);
  return result;
}

int main(int argc, char **argv)
{
  hd_log *log;
  int error = argc < 2 ? HD_EINVAL : hd_log_open(&log, argv[1]);
  if (!error) {
    error = show(log, argc, argv);
    hd_log_close(log);
  }
  if (error < 0)
    fprintf(stderr, "show_log: %s\n", hd_error_text(error));
  else
    printf("viewer ended: %d, signal %d\n", error, hdv_terminal_signal());
  return error < 0 ? 1 : 0;
}
