// The key map. Constant tables; any thread.
#include "playback/keys.h"

struct entry {
  int key;
  struct hdv_binding binding;
};

#define COMMAND(k, c)                                                                                        \
  {                                                                                                          \
    k,                                                                                                       \
    {                                                                                                        \
      HDV_DO_COMMAND, c, 0                                                                                   \
    }                                                                                                        \
  }
#define ACTION(k, a)                                                                                         \
  {                                                                                                          \
    k,                                                                                                       \
    {                                                                                                        \
      a, HDV_NOTHING, 0                                                                                      \
    }                                                                                                        \
  }
#define LIGHT(k, n)                                                                                          \
  {                                                                                                          \
    k,                                                                                                       \
    {                                                                                                        \
      HDV_DO_HIGHLIGHT, HDV_NOTHING, n                                                                       \
    }                                                                                                        \
  }

// Esc is nowhere in the tables: presentation remotes send it on the second press of their start button.
static const struct entry always[] = {
    COMMAND(' ', HDV_TOGGLE_PAUSE),
    COMMAND(HDV_KEY_PAGE_DOWN, HDV_STEP),
    COMMAND(HDV_KEY_RIGHT, HDV_STEP),
    COMMAND('n', HDV_STEP),
    COMMAND('l', HDV_STEP),
    COMMAND('.', HDV_STEP),
    COMMAND(HDV_KEY_PAGE_UP, HDV_STEP_BACK),
    COMMAND(HDV_KEY_LEFT, HDV_STEP_BACK),
    COMMAND('p', HDV_STEP_BACK),
    COMMAND('h', HDV_STEP_BACK),
    COMMAND(',', HDV_STEP_BACK),
    COMMAND('0', HDV_CHOOSE_0),
    COMMAND('1', HDV_CHOOSE_1),
    COMMAND('2', HDV_CHOOSE_2),
    COMMAND('3', HDV_CHOOSE_3),
    COMMAND('4', HDV_CHOOSE_4),
    COMMAND('5', HDV_CHOOSE_5),
    COMMAND('6', HDV_CHOOSE_6),
    COMMAND('7', HDV_CHOOSE_7),
    COMMAND('8', HDV_CHOOSE_8),
    COMMAND(HDV_KEY_HOME, HDV_HOME),
    COMMAND('g', HDV_HOME),
    COMMAND(HDV_KEY_END, HDV_END),
    COMMAND('G', HDV_END),
    COMMAND('+', HDV_FASTER),
    COMMAND('=', HDV_FASTER),
    COMMAND('>', HDV_FASTER),
    COMMAND('-', HDV_SLOWER),
    COMMAND('<', HDV_SLOWER),
    COMMAND('s', HDV_GRAIN),
    COMMAND(']', HDV_NEXT_STAGE),
    COMMAND('[', HDV_PREVIOUS_STAGE),
    COMMAND('w', HDV_WHY),
    LIGHT(')', 0),
    LIGHT('!', 1),
    LIGHT('@', 2),
    LIGHT('#', 3),
    LIGHT('$', 4),
    LIGHT('%', 5),
    LIGHT('^', 6),
    LIGHT('&', 7),
    LIGHT('*', 8),
    ACTION('q', HDV_DO_QUIT),
    ACTION('?', HDV_DO_HELP),
    ACTION(HDV_KEY_F1, HDV_DO_HELP),
    ACTION('t', HDV_DO_THEME),
    ACTION(HDV_KEY_TAB, HDV_DO_FOCUS),
    ACTION(':', HDV_DO_GOTO),
    ACTION('r', HDV_DO_RESTART),
    ACTION('e', HDV_DO_EDIT),
    ACTION('b', HDV_DO_BLANK),
    ACTION('f', HDV_DO_FULLSCREEN),
    ACTION(HDV_KEY_F5, HDV_DO_PRESENTER),
};

// What a presentation remote sends means something larger while presenting.
static const struct entry presenting[] = {
    COMMAND(HDV_KEY_PAGE_DOWN, HDV_NEXT_STAGE),
    COMMAND(HDV_KEY_PAGE_UP, HDV_PREVIOUS_STAGE),
    ACTION('.', HDV_DO_BLANK),
    ACTION(',', HDV_DO_NOTHING),
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct hdv_binding *find(const struct entry *table, size_t count, int key)
{
  for (size_t i = 0; i < count; i++)
    if (table[i].key == key)
      return &table[i].binding;
  return NULL;
}

struct hdv_binding hdv_key_binding(int key, bool presenter)
{
  const struct hdv_binding *found = presenter ? find(presenting, COUNT(presenting), key) : NULL;
  if (found == NULL)
    found = find(always, COUNT(always), key);
  return found != NULL ? *found : (struct hdv_binding){HDV_DO_NOTHING, HDV_NOTHING, 0};
}

const char *hdv_key_help(size_t index)
{
  static const char *const lines[] = {
      "Space               pause, play",
      "PageDown Right n l  one step forward",
      "PageUp Left p h     one step back",
      "0                   let the loop's thread take the next step",
      "1 to 8              let that worker take the next step",
      "Shift 0 to 8        highlight the loop or a worker",
      "Home g, End G       to the beginning, to the end (live: to now)",
      ":                   go to a step by its number",
      "s                   what one step is: an event, a callback, a stage",
      "] [                 next stage, previous stage",
      "+ -                 faster, slower",
      "w                   why: go to the cause of this event",
      "e                   edit the line shown, then run again",
      "r                   run again from the start",
      "Tab                 look at the next thread, its loop and its line",
      "t                   next colour theme",
      "F5                  presenter mode: PageDown and PageUp go by stages",
      "b                   blank the screen (presenting: . too)",
      "f                   full screen",
      "? F1                this help",
      "q                   quit (Esc never quits)",
  };
  return index < COUNT(lines) ? lines[index] : NULL;
}
