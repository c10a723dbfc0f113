# A terminal's screen as tmux captures it (capture-pane -p -e) becomes an SVG picture. Variables: columns, rows.
# Each run of letters in one style is one <text>, stretched to the width of its cells, so that no font can shift the columns.
function code(text) { return sprintf("#%02x%02x%02x", text / 65536, text / 256 % 256, text % 256) }

# Colour n of the 256: 16 fixed ones, a cube of 216, 24 greys.
function palette(n,   step) {
  if (n < 16)
    return sixteen[n + 1]
  if (n >= 232)
    return code((8 + (n - 232) * 10) * 65793)
  n -= 16
  step[0] = 0; step[1] = 95; step[2] = 135; step[3] = 175; step[4] = 215; step[5] = 255
  return code(step[int(n / 36)] * 65536 + step[int(n / 6) % 6] * 256 + step[n % 6])
}

# Takes one escape's numbers: "1;38;5;79".
function style(numbers,   part, count, i, n, colour) {
  count = split(numbers, part, ";")
  if (!count) { count = 1; part[1] = 0 }
  for (i = 1; i <= count; i++) {
    n = part[i] + 0
    if (n == 0) { fore = paper_fore; back = ""; bold = dim = reverse = under = 0 }
    else if (n == 1) bold = 1
    else if (n == 2) dim = 1
    else if (n == 4) under = 1
    else if (n == 7) reverse = 1
    else if (n == 22) bold = dim = 0
    else if (n == 24) under = 0
    else if (n == 27) reverse = 0
    else if (n >= 30 && n <= 37) fore = palette(n - 30)
    else if (n >= 90 && n <= 97) fore = palette(n - 82)
    else if (n == 39) fore = paper_fore
    else if (n >= 40 && n <= 47) back = palette(n - 40)
    else if (n >= 100 && n <= 107) back = palette(n - 92)
    else if (n == 49) back = ""
    else if (n == 38 || n == 48) {
      if (part[i + 1] == 5) { colour = palette(part[i + 2]); i += 2 }
      else { colour = code(part[i + 2] * 65536 + part[i + 3] * 256 + part[i + 4]); i += 4 }
      if (n == 38) fore = colour; else back = colour
    }
  }
}

# Cells of a text: its bytes without UTF-8's continuation bytes.
function cells(text) { gsub(/[\200-\277]/, "", text); return length(text) }

# One stretch of letters without two blanks in a row: blanks at its ends would be lost in some viewers.
function letters(text, at, ink,   width) {
  width = cells(text)
  gsub(/&/, "\\&amp;", text)
  gsub(/</, "\\&lt;", text)
  gsub(/>/, "\\&gt;", text)
  printf "<text x=\"%g\" y=\"%g\" textLength=\"%g\" fill=\"%s\"%s>%s</text>\n", left + at * w, top + (row - 1) * h + h * 0.76,
    width * w, ink, (bold ? " font-weight=\"bold\"" : "") (dim ? " opacity=\"0.7\"" : "") (under ? " text-decoration=\"underline\"" : ""), text
}

function put(text,   width, ink, ground, swap, at) {
  width = cells(text)
  if (!width)
    return
  ink = fore
  ground = back
  if (reverse) { swap = ground == "" ? paper : ground; ground = ink; ink = swap }
  if (ground != "")
    printf "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"%s\"/>\n", left + column * w, top + (row - 1) * h,
      width * w + 0.2, h + 0.2, ground
  for (at = column; match(text, /^ +/) || text != "";) {
    if (RSTART) { at += RLENGTH; text = substr(text, RLENGTH + 1); continue }
    if (!match(text, /  +| $/))
      RSTART = length(text) + 1
    letters(substr(text, 1, RSTART - 1), at, ink)
    at += cells(substr(text, 1, RSTART - 1))
    text = substr(text, RSTART)
  }
  column += width
}

BEGIN {
  w = 8.4; h = 18; left = 12; top = 12
  paper = "#121212"; paper_fore = "#e4e4e4"
  split("#000000 #cd3131 #0dbc79 #e5e510 #2472c8 #bc3fbc #11a8cd #e5e5e5 #666666 #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #ffffff", sixteen, " ")
  style("0")
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\"", columns * w + 2 * left, rows * h + 2 * top, columns * w + 2 * left
  print " font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">"
  printf "<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"%s\"/>\n", paper
}

{
  row++
  column = 0
  while (match($0, /\033\[[0-9;]*m/)) {
    before = substr($0, 1, RSTART - 1)
    escape = substr($0, RSTART + 2, RLENGTH - 3)
    $0 = substr($0, RSTART + RLENGTH)
    put(before)
    style(escape)
  }
  put($0)
}

END { print "</svg>" }
