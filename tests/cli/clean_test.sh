#!/bin/sh
# What a lesson prints, and a name that somebody types, reaches the terminal without control sequences and as valid UTF-8.
# shellcheck source=tests/cli/shared.sh
. "$(dirname "$0")/shared.sh"

lesson 01_rude <<'EOT'
#include "heddle.h"
#include <stdio.h>
int main(void)
{
  static const char one[] = "red \033[31m c1 \302\233 lone \233 bidi \342\200\256 \342\201\246 cut \342\202 del \177 nul \0 tab\tend gr\303\274n\n";
  fwrite(one, 1, sizeof one - 1, stdout);
  for (int i = 0; i < 3000; i++)
    fputs("\342\202\254", stdout);
  puts("");
  fflush(stdout);
  hd_note("note \033]0;title\007 \302\233 \377");
  return 0;
}
EOT
cd course || exit 2

# Control characters but newline and tab, C1 as UTF-8, and the marks that turn text around.
clean() {
    iconv -f UTF-8 -t UTF-8 "$work/$1" >/dev/null || fail "$1 is no UTF-8"
    [ "$(tr -d '\n\t\040-\176\200-\377' <"$work/$1" | wc -c)" -eq 0 ] || fail "$1 has control characters"
    for mark in '\302[\200-\237]' '\342\200[\252-\256]' '\342\201[\246-\251]'; do
        ! LC_ALL=C grep -q "$(printf '%b' "$(echo "$mark" | sed 's/\\\([0-9]\)/\\0\1/g')")" "$work/$1" || fail "$1 has $mark"
    done
}

expect 0 "$heddle" run rude --plain --record "$work/r.hdt"; clean out; says out "tab	end grün"; says out '€€€'
expect 0 "$heddle" replay "$work/r.hdt" --plain; clean out
for name in "$(printf 'x\033[31m')" "$(printf 'x\302\233y')" "$(printf 'x\377')"; do
    refuses 2 "$heddle" run "$name"; clean err
    refuses 2 "$heddle" "$name"; clean err
    refuses 2 "$heddle" replay "$name"; clean err
done
nothing_left
