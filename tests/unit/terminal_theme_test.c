// The looks: words are legible, states are told apart by everybody, and the environment is listened to.
#include "unit.h"

#include "terminal/theme.h"

#include <math.h>
#include <string.h>

struct rgb {
  double r, g, b;
};

// The colour of a number of the 256-colour table; the first 16 differ between terminals and are not used by
// us.
static struct rgb color_of(int number)
{
  static const int steps[] = {0, 95, 135, 175, 215, 255};
  if (number == 16 || number < 0)
    return (struct rgb){0, 0, 0};
  if (number >= 232) {
    double grey = 8 + 10 * (number - 232);
    return (struct rgb){grey, grey, grey};
  }
  number -= 16;
  return (struct rgb){steps[number / 36], steps[number / 6 % 6], steps[number % 6]};
}

static double linear(double c)
{
  c /= 255;
  return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(struct rgb c)
{
  return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

// Contrast by WCAG 2.
static double contrast(int a, int b)
{
  double x = luminance(color_of(a)), y = luminance(color_of(b));
  return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

// How colours are seen: normal, and without one kind of cone (Machado, Oliveira and Fernandes 2009, severity
// 1).
static const double eyes[4][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
};

struct lab {
  double l, a, b;
};

static double lab_root(double t)
{
  return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

static struct lab lab_of(int number, const double eye[3][3])
{
  struct rgb c = color_of(number);
  double in[3] = {linear(c.r), linear(c.g), linear(c.b)}, seen[3];
  for (int i = 0; i < 3; i++) {
    double sum = eye[i][0] * in[0] + eye[i][1] * in[1] + eye[i][2] * in[2];
    seen[i] = sum < 0 ? 0 : sum > 1 ? 1 : sum;
  }
  double x = lab_root((0.4124564 * seen[0] + 0.3575761 * seen[1] + 0.1804375 * seen[2]) / 0.95047);
  double y = lab_root(0.2126729 * seen[0] + 0.7151522 * seen[1] + 0.0721750 * seen[2]);
  double z = lab_root((0.0193339 * seen[0] + 0.1191920 * seen[1] + 0.9503041 * seen[2]) / 1.08883);
  return (struct lab){116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

static double degrees(double a, double b)
{
  double h = atan2(b, a) * 180 / M_PI;
  return h < 0 ? h + 360 : h;
}

static double cosine(double angle)
{
  return cos(angle * M_PI / 180);
}

// The mean of two hues, and their difference, the short way round.
static void hues(double h1, double h2, bool grey, double *mean, double *apart)
{
  *apart = grey ? 0 : h2 - h1;
  *mean = grey ? h1 + h2 : (h1 + h2) / 2;
  if (grey || fabs(h1 - h2) <= 180)
    return;
  *mean += h1 + h2 < 360 ? 180 : -180;
  *apart += *apart > 0 ? -360 : 360;
}

// CIEDE2000.
static double difference(struct lab p, struct lab q)
{
  double mean_c = (hypot(p.a, p.b) + hypot(q.a, q.b)) / 2;
  double g = 1.5 - 0.5 * sqrt(pow(mean_c, 7) / (pow(mean_c, 7) + pow(25, 7)));
  double c1 = hypot(p.a * g, p.b), c2 = hypot(q.a * g, q.b), mean_h, apart_h;
  hues(degrees(p.a * g, p.b), degrees(q.a * g, q.b), c1 * c2 == 0, &mean_h, &apart_h);
  double dl = q.l - p.l, dc = c2 - c1, dh = 2 * sqrt(c1 * c2) * sin(apart_h / 2 * M_PI / 180);
  double ml = (p.l + q.l) / 2 - 50, mc = (c1 + c2) / 2;
  double t = 1 - 0.17 * cosine(mean_h - 30) + 0.24 * cosine(2 * mean_h) + 0.32 * cosine(3 * mean_h + 6) -
             0.20 * cosine(4 * mean_h - 63);
  double turn = 60 * exp(-pow((mean_h - 275) / 25, 2)), rc = 2 * sqrt(pow(mc, 7) / (pow(mc, 7) + pow(25, 7)));
  double sl = 1 + 0.015 * ml * ml / sqrt(20 + ml * ml), sc = 1 + 0.045 * mc, sh = 1 + 0.015 * mc * t;
  double rt = -sin(turn * M_PI / 180) * rc;
  return sqrt(pow(dl / sl, 2) + pow(dc / sc, 2) + pow(dh / sh, 2) + rt * (dc / sc) * (dh / sh));
}

static void the_difference_of_colours_is_measured_right(void **state)
{
  (void)state;
  // Three pairs of the test data of Sharma, Wu and Dalal (2005).
  struct lab a = {50, 2.6772, -79.7751}, b = {50, 0, -82.7485};
  assert_true(fabs(difference(a, b) - 2.0425) < 0.001);
  struct lab c = {50, 2.5, 0}, d = {50, 0, -2.5};
  assert_true(fabs(difference(c, d) - 4.3065) < 0.001);
  struct lab e = {60.2574, -34.0099, 36.2677}, f = {60.4626, -34.1751, 39.4387};
  assert_true(fabs(difference(e, f) - 1.2644) < 0.001);
}

static int ground(enum hdv_theme theme, bool band)
{
  int number = hdv_theme_paint(theme, HDV_DEPTH_256, HDV_STYLE_TEXT, band).back;
  return number < 0 ? 16 : number;
}

static bool is_graphic(int style)
{
  switch (style) {
  case HDV_STYLE_RULE:
  case HDV_STYLE_RUNNING:
  case HDV_STYLE_WAITING:
  case HDV_STYLE_BLOCKED:
  case HDV_STYLE_IDLE:
    return true;
  default:
    return false;
  }
}

static void every_word_has_a_contrast_of_seven(void **state)
{
  (void)state;
  for (int theme = 0; theme < HDV_THEMES; theme++) {
    for (int style = 0; style < HDV_STYLES; style++) {
      for (int band = 0; band < 2; band++) {
        int fore = hdv_theme_paint((enum hdv_theme)theme, HDV_DEPTH_256, (enum hdv_style)style, band).fore;
        if (fore < 0)
          continue; // the terminal's own text on its own ground
        double have = contrast(fore, ground((enum hdv_theme)theme, band)), need = is_graphic(style) ? 2.2
                                                                                  : band            ? 5.5
                                                                                                    : 7;
        if (style == HDV_STYLE_RULE)
          need = 1.5;
        if (have < need)
          fail_msg("theme %d, style %d, band %d: contrast %.2f", theme, style, band, have);
      }
    }
  }
}

static void states_are_twenty_apart_for_every_eye(void **state)
{
  (void)state;
  const enum hdv_style marks[] = {HDV_STYLE_RUNNING, HDV_STYLE_WAITING, HDV_STYLE_BLOCKED, HDV_STYLE_IDLE};
  for (int theme = 0; theme < HDV_THEMES; theme++) {
    for (int eye = 0; eye < 4; eye++) {
      for (int i = 0; i < 4; i++) {
        int a = hdv_theme_paint((enum hdv_theme)theme, HDV_DEPTH_256, marks[i], false).fore;
        if (contrast(a, ground((enum hdv_theme)theme, false)) < 3)
          fail_msg("theme %d, mark %d is too faint", theme, i);
        for (int j = 0; j < i; j++) {
          int b = hdv_theme_paint((enum hdv_theme)theme, HDV_DEPTH_256, marks[j], false).fore;
          double apart = difference(lab_of(a, eyes[eye]), lab_of(b, eyes[eye]));
          if (apart < 20)
            fail_msg("theme %d, eye %d: marks %d and %d are %.1f apart", theme, eye, j, i, apart);
        }
      }
    }
  }
}

static void states_differ_without_any_colour(void **state)
{
  (void)state;
  for (int set = HDV_GLYPHS_FULL; set <= HDV_GLYPHS_ASCII; set++) {
    const struct hdv_glyphs *glyphs = hdv_theme_glyphs((enum hdv_glyph_set)set);
    const char *marks[] = {glyphs->running, glyphs->waiting, glyphs->blocked, glyphs->idle, glyphs->ended};
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < i; j++)
        assert_string_not_equal(marks[i], marks[j]);
    }
  }
  assert_true(hdv_theme_paint(HDV_THEME_DARK, HDV_DEPTH_MONO, HDV_STYLE_RUNNING, false).attr & HDV_BOLD);
  assert_true(hdv_theme_paint(HDV_THEME_DARK, HDV_DEPTH_MONO, HDV_STYLE_BLOCKED, false).attr & HDV_REVERSE);
  assert_true(hdv_theme_paint(HDV_THEME_DARK, HDV_DEPTH_MONO, HDV_STYLE_IDLE, false).attr & HDV_DIM);
}

static void few_colours_stay_within_their_number(void **state)
{
  (void)state;
  for (int theme = 0; theme < HDV_THEMES; theme++) {
    for (int style = 0; style < HDV_STYLES; style++) {
      struct hdv_paint eight =
          hdv_theme_paint((enum hdv_theme)theme, HDV_DEPTH_8, (enum hdv_style)style, false);
      struct hdv_paint sixteen =
          hdv_theme_paint((enum hdv_theme)theme, HDV_DEPTH_16, (enum hdv_style)style, false);
      struct hdv_paint mono =
          hdv_theme_paint((enum hdv_theme)theme, HDV_DEPTH_MONO, (enum hdv_style)style, false);
      assert_true(eight.fore < 8 && eight.back < 8 && sixteen.fore < 16 && sixteen.back < 16);
      assert_true(eight.fore != eight.back && sixteen.fore != sixteen.back);
      assert_int_equal(mono.fore, -1);
      assert_int_equal(mono.back, -1);
    }
  }
}

static void the_ascii_set_is_ascii_and_every_glyph_is_one_column(void **state)
{
  (void)state;
  const struct hdv_glyphs *glyphs = hdv_theme_glyphs(HDV_GLYPHS_ASCII);
  const char *all[] = {glyphs->running, glyphs->waiting, glyphs->blocked, glyphs->idle,
                       glyphs->ended,   glyphs->rule,    glyphs->bar,     glyphs->then,
                       glyphs->here,    glyphs->full,    glyphs->empty,   glyphs->ellipsis};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    assert_int_equal(strlen(all[i]), 1);
    assert_true((unsigned char)all[i][0] < 0x7f);
  }
}

static void the_environment_decides_only_what_nobody_asked_for(void **state)
{
  (void)state;
  assert_int_equal(hdv_theme_depth(256, HDV_COLOR_AUTO, NULL), HDV_DEPTH_256);
  assert_int_equal(hdv_theme_depth(256, HDV_COLOR_AUTO, ""), HDV_DEPTH_256);
  assert_int_equal(hdv_theme_depth(256, HDV_COLOR_AUTO, "1"), HDV_DEPTH_MONO);
  assert_int_equal(hdv_theme_depth(256, HDV_COLOR_ALWAYS, "1"), HDV_DEPTH_256);
  assert_int_equal(hdv_theme_depth(256, HDV_COLOR_NEVER, NULL), HDV_DEPTH_MONO);
  assert_int_equal(hdv_theme_depth(16, HDV_COLOR_AUTO, NULL), HDV_DEPTH_16);
  assert_int_equal(hdv_theme_depth(8, HDV_COLOR_AUTO, NULL), HDV_DEPTH_8);
  assert_int_equal(hdv_theme_depth(-1, HDV_COLOR_ALWAYS, NULL), HDV_DEPTH_MONO);
  assert_int_equal(hdv_theme_glyph_set("xterm-256color", true, false), HDV_GLYPHS_FULL);
  assert_int_equal(hdv_theme_glyph_set("xterm-256color", false, false), HDV_GLYPHS_ASCII);
  assert_int_equal(hdv_theme_glyph_set("xterm-256color", true, true), HDV_GLYPHS_ASCII);
  assert_int_equal(hdv_theme_glyph_set("linux", true, false), HDV_GLYPHS_CONSOLE);
  assert_int_equal(hdv_theme_glyph_set("vt100", true, false), HDV_GLYPHS_ASCII);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT(the_difference_of_colours_is_measured_right),
      UNIT(every_word_has_a_contrast_of_seven),
      UNIT(states_are_twenty_apart_for_every_eye),
      UNIT(states_differ_without_any_colour),
      UNIT(few_colours_stay_within_their_number),
      UNIT(the_ascii_set_is_ascii_and_every_glyph_is_one_column),
      UNIT(the_environment_decides_only_what_nobody_asked_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
