// The real terminal through curses. Invariant: bytes go out only for cells that changed, between the brackets
// of synchronized output, so no half-drawn frame is seen; clear() is never called. Viewer's thread only.
#include "terminal/screen.h"

#include "base/error.h"
#include "playback/keys.h"
#include "terminal/signals.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

static struct {
  SCREEN *screen;
  struct hdv_grid shown; // what the terminal shows
  bool all;              // ... but nobody knows: write every cell
  bool synchronized;     // mode 2026 may be sent
  enum hdv_theme theme;  // colour pairs are made for it
  enum hdv_depth depth;
} self;

// ---- taking over and giving back ----

// A locale that can show UTF-8, if there is one: what the environment says, and when it says nothing,
// C.UTF-8.
static bool choose_locale(void)
{
  setlocale(LC_CTYPE, "");
  const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  bool said = false;
  for (size_t i = 0; i < 3; i++) {
    const char *value = getenv(names[i]);
    said = said || (value && *value);
  }
  if (!said && strcmp(nl_langinfo(CODESET), "UTF-8") != 0 && !setlocale(LC_CTYPE, "C.UTF-8"))
    setlocale(LC_CTYPE, "");
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static const char *capability(const char *name)
{
  const char *text = tigetstr(name);
  return text == (const char *)-1 || !text ? "" : text;
}

// Appends a capability without its padding, which only curses can produce.
static size_t append(char *out, size_t used, size_t cap, const char *text)
{
  while (*text && used + 1 < cap) {
    if (text[0] == '$' && text[1] == '<') {
      const char *end = strchr(text, '>');
      text = end ? end + 1 : text + strlen(text);
      continue;
    }
    out[used++] = *text++;
  }
  return used;
}

// What a crash has to write: end of the bracket, mouse off, plain letters, cursor, the normal screen.
static void prepare_crash(bool mouse)
{
  char bytes[256];
  size_t used = self.synchronized ? append(bytes, 0, sizeof bytes, "\033[?2026l") : 0;
  if (mouse)
    used = append(bytes, used, sizeof bytes, "\033[?1006l\033[?1000l");
  const char *const names[] = {"sgr0", "op", "rmkx", "cnorm", "rmcup"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (self.depth != HDV_DEPTH_MONO || strcmp(names[i], "op") != 0)
      used = append(bytes, used, sizeof bytes, capability(names[i]));
  }
  used = append(bytes, used, sizeof bytes, "\r\n");
  hdv_signals_on_crash(bytes, used);
}

static short pair_of(enum hdv_style style, bool band)
{
  return (short)(style * 2 + band + 1);
}

static void make_pairs(enum hdv_theme theme)
{
  for (int style = 0; style < HDV_STYLES; style++) {
    for (int band = 0; band < 2; band++) {
      struct hdv_paint paint = hdv_theme_paint(theme, self.depth, (enum hdv_style)style, band);
      init_pair(pair_of((enum hdv_style)style, band), (short)paint.fore, (short)paint.back);
    }
  }
  self.theme = theme;
}

// What practically every terminal sends, whatever its description says (that of a vt100 knows no PageDown).
static void define_keys(void)
{
  static const struct {
    const char *bytes;
    int key;
  } keys[] = {{"\033[5~", KEY_PPAGE}, {"\033[6~", KEY_NPAGE}, {"\033[A", KEY_UP},   {"\033[B", KEY_DOWN},
              {"\033[C", KEY_RIGHT},  {"\033[D", KEY_LEFT},   {"\033[H", KEY_HOME}, {"\033[F", KEY_END},
              {"\033[1~", KEY_HOME},  {"\033[4~", KEY_END},   {"\033OH", KEY_HOME}, {"\033OF", KEY_END},
              {"\033OP", KEY_F(1)},   {"\033[15~", KEY_F(5)}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    define_key(keys[i].bytes, keys[i].key);
}

static void set_modes(void)
{
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  define_keys();
  nodelay(stdscr, TRUE);
  leaveok(stdscr, TRUE);
  typeahead(-1);
  set_escdelay(25);
  curs_set(0);
  mouseinterval(0);
}

// Asks terminfo alone: newterm() would end the process for a terminal it does not know.
static bool can_draw(void)
{
  int error;
  if (setupterm(NULL, STDOUT_FILENO, &error) != OK)
    return false;
  bool able = *capability("cup") != 0;
  del_curterm(cur_term);
  return able;
}

static int check_terminal(const char **term)
{
  *term = getenv("TERM");
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
    return HD_EINVAL;
  return *term && **term && strcmp(*term, "dumb") != 0 && can_draw() ? HD_OK : HD_ENOENT;
}

int hdv_screen_open(const struct hdv_terminal_opts *opts, struct hdv_look *look)
{
  const char *term;
  int error = check_terminal(&term);
  if (!error)
    error = hdv_signals_open();
  if (error)
    return error;
  bool utf8 = choose_locale();
  self.screen = newterm(NULL, stdout, stdin);
  if (!self.screen) {
    hdv_signals_close();
    return HD_ENOENT;
  }
  set_modes();
  self.depth = hdv_theme_depth(tigetnum("colors"), opts->color, getenv("NO_COLOR"));
  self.synchronized = strcmp(term, "linux") != 0 && strncmp(term, "vt", 2) != 0;
  bool mouse = mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL) != 0;
  prepare_crash(mouse);
  *look = (struct hdv_look){opts->theme, self.depth,
                            hdv_theme_glyphs(hdv_theme_glyph_set(term, utf8, opts->ascii)), opts->presenter};
  if (self.depth != HDV_DEPTH_MONO) {
    start_color();
    use_default_colors();
    make_pairs(look->theme);
  }
  self.all = true;
  return HD_OK;
}

void hdv_screen_close(void)
{
  if (!self.screen)
    return;
  endwin();
  delscreen(self.screen);
  self.screen = NULL;
  hdv_grid_free(&self.shown);
  hdv_signals_close();
}

// ---- showing ----

void hdv_screen_size(int *w, int *h)
{
  getmaxyx(stdscr, *h, *w);
}

static attr_t attributes(unsigned attr)
{
  return ((attr & HDV_BOLD) ? A_BOLD : 0) | ((attr & HDV_DIM) ? A_DIM : 0) |
         ((attr & HDV_REVERSE) ? A_REVERSE : 0) | ((attr & HDV_UNDERLINE) ? A_UNDERLINE : 0);
}

static bool is_blank(const struct hdv_cell *cell, const struct hdv_look *look)
{
  enum hdv_style style = (enum hdv_style)cell->style;
  return cell->ch == ' ' &&
         !(hdv_theme_paint(look->theme, look->depth, style, false).attr & (HDV_REVERSE | HDV_UNDERLINE));
}

// Blanks of every style look alike, so they take the style that costs the least: between two words that of
// the word before them, elsewhere plain.
static struct hdv_cell simple(const struct hdv_grid *grid, int at, const struct hdv_look *look)
{
  struct hdv_cell cell = grid->cells[at];
  if (!is_blank(&cell, look))
    return cell;
  int x = at % grid->w;
  const struct hdv_cell *left = x > 0 ? &grid->cells[at - 1] : NULL,
                        *right = x + 1 < grid->w ? &grid->cells[at + 1] : NULL;
  bool between = left && right && left->ch != ' ' && right->ch != ' ' && left->band == cell.band;
  unsigned attr = between ? hdv_theme_paint(look->theme, look->depth, (enum hdv_style)left->style, false).attr
                          : HDV_REVERSE;
  cell.style = attr & (HDV_REVERSE | HDV_UNDERLINE) ? HDV_STYLE_TEXT : left->style;
  return cell;
}

static void write_cell(int x, int y, const struct hdv_cell *cell, const struct hdv_look *look)
{
  wchar_t text[3] = {(wchar_t)(cell->ch ? cell->ch : ' '), (wchar_t)cell->mark, 0};
  struct hdv_paint paint = hdv_theme_paint(look->theme, look->depth, (enum hdv_style)cell->style, cell->band);
  short pair = self.depth == HDV_DEPTH_MONO ? 0 : pair_of((enum hdv_style)cell->style, cell->band);
  cchar_t out;
  if (setcchar(&out, text, attributes(paint.attr), pair, NULL) == OK)
    mvadd_wch(y, x, &out);
}

// Brackets go straight to the terminal: curses' own buffer is empty before and after doupdate().
static void bracket(const char *text)
{
  if (!self.synchronized)
    return;
  ssize_t ignored = write(STDOUT_FILENO, text, strlen(text));
  (void)ignored;
}

void hdv_screen_show(const struct hdv_grid *grid, const struct hdv_look *look)
{
  if (self.shown.w != grid->w || self.shown.h != grid->h) {
    if (hdv_grid_resize(&self.shown, grid->w, grid->h))
      return;
    self.all = true;
  }
  if (self.depth != HDV_DEPTH_MONO && self.theme != look->theme) {
    make_pairs(look->theme);
    self.all = true;
  }
  bool changed = self.all;
  for (int i = 0; i < grid->w * grid->h; i++) {
    struct hdv_cell cell = simple(grid, i, look);
    if (!self.all && memcmp(&cell, &self.shown.cells[i], sizeof cell) == 0)
      continue;
    self.shown.cells[i] = cell;
    changed = true;
    // The right half of a wide character comes with its left half.
    if (cell.ch || i % grid->w == 0)
      write_cell(i % grid->w, i / grid->w, &cell, look);
  }
  if (!changed)
    return;
  self.all = false;
  wnoutrefresh(stdscr);
  bracket("\033[?2026h");
  doupdate();
  bracket("\033[?2026l");
}

// ---- input ----

static int common_key(wint_t ch, int kind)
{
  static const struct {
    int curses, common;
  } keys[] = {
      {KEY_NPAGE, HDV_KEY_PAGE_DOWN}, {KEY_PPAGE, HDV_KEY_PAGE_UP}, {KEY_LEFT, HDV_KEY_LEFT},
      {KEY_RIGHT, HDV_KEY_RIGHT},     {KEY_UP, HDV_KEY_UP},         {KEY_DOWN, HDV_KEY_DOWN},
      {KEY_HOME, HDV_KEY_HOME},       {KEY_END, HDV_KEY_END},       {KEY_F(1), HDV_KEY_F1},
      {KEY_F(5), HDV_KEY_F5},         {KEY_ENTER, HDV_KEY_ENTER},   {KEY_BACKSPACE, HDV_KEY_BACKSPACE}};
  if (kind == OK) {
    switch (ch) {
    case '\t':
      return HDV_KEY_TAB;
    case '\r':
    case '\n':
      return HDV_KEY_ENTER;
    case 0x7f:
    case '\b':
      return HDV_KEY_BACKSPACE;
    default:
      return (int)ch;
    }
  }
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if ((wint_t)keys[i].curses == ch)
      return keys[i].common;
  }
  return HDV_KEY_NONE;
}

static bool read_mouse(struct hdv_input *out)
{
  MEVENT event;
  if (getmouse(&event) != OK)
    return false;
  *out = (struct hdv_input){.x = event.x, .y = event.y};
  if (event.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) {
    out->kind = HDV_INPUT_WHEEL;
    out->key = event.bstate & BUTTON4_PRESSED ? 1 : -1;
    return true;
  }
  out->kind = HDV_INPUT_CLICK;
  return (event.bstate & BUTTON1_PRESSED) != 0;
}

bool hdv_screen_input(struct hdv_input *out)
{
  wint_t ch;
  int kind;
  while ((kind = get_wch(&ch)) != ERR) {
    if (kind == KEY_CODE_YES && ch == KEY_MOUSE) {
      if (read_mouse(out))
        return true;
      continue;
    }
    *out = (struct hdv_input){.kind = HDV_INPUT_KEY, .key = common_key(ch, kind)};
    if (out->key != HDV_KEY_NONE)
      return true;
  }
  return false;
}

bool hdv_screen_wait(int timeout_ms)
{
  struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {hdv_signals_fd(), POLLIN, 0}};
  int ready = poll(fds, 2, timeout_ms);
  return ready < 0 ? errno == EINTR : !(fds[0].revents & (POLLHUP | POLLERR | POLLNVAL));
}

// ---- signals ----

static void take_size(void)
{
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
      (size.ws_row != LINES || size.ws_col != COLS))
    resizeterm(size.ws_row, size.ws_col);
}

bool hdv_screen_signals(int *ended)
{
  struct hdv_signals_seen seen;
  hdv_signals_take(&seen);
  *ended = seen.ended;
  if (seen.suspended && !seen.ended) {
    endwin();
    hdv_signals_stop();
  }
  if (!seen.resized && !seen.suspended && !seen.continued)
    return false;
  if (seen.continued)
    reset_prog_mode();
  take_size();
  // What the terminal shows now is unknown: the next update starts from an empty screen, once.
  clearok(curscr, TRUE);
  self.all = true;
  return true;
}
