#!/bin/sh
# Checks the #include lines and a few telling names of a source tree against the architecture in layers.txt.
# layers.sh [TREE]: prints one line per violation; exit status 1 when there is one.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/..}" || exit 2
set --
for folder in src visualizer lessons exercises; do [ -d $folder ] && set -- "$@" $folder; done

find "$@" -name '*.[ch]' -print | sort | awk -v rules="$here/layers.txt" '
# A pattern of layers.txt as a regular expression: * stands for characters other than a slash.
function pattern(glob) { gsub(/[.]/, "[.]", glob); gsub(/[*]/, "[^/]*", glob); return "^" glob "$" }

function complain(text) { print file ":" line ": " text; bad++ }

function folder_of(path) { sub("/[^/]*$", "", path); return path }

# What a folder may include, as " a b c "; "" when layers.txt does not know it.
function allowed(folder,   i) {
  for (i = 1; i <= folders; i++)
    if (folder ~ may_folder[i])
      return " " may_include[i] " "
  return ""
}

function exists(path,   text, got) { got = (getline text < path); close(path); return got >= 0 }

function check_include(text,   quoted, what, first) {
  quoted = text ~ /include[ \t]*"/
  what = text
  sub(/^[^"<]*["<]/, "", what)
  sub(/[">].*/, "", what)
  first = what
  sub("/.*", "", first)
  if (!quoted && !(first in ours))
    return
  if (first == own || index(may, " " first " ") || (what == first && exists(folder "/" what)))
    return
  complain(folder " may not include " what)
}

function check_words(code,   i, j, n, place, fine) {
  for (i = 1; i <= words; i++) {
    if (code !~ word[i])
      continue
    n = split(word_places[i], place, " ")
    for (fine = j = 0; ++j <= n;)
      if (file ~ pattern(place[j]) || folder ~ pattern(place[j]))
        fine = 1
    if (!fine)
      complain(word_name[i] " belongs to " word_places[i])
  }
}

# The line without comments and string literals.
function code_of(text,   at) {
  if (comment) {
    at = index(text, "*/")
    if (!at)
      return ""
    text = substr(text, at + 2)
    comment = 0
  }
  gsub(/"([^"\\]|\\.)*"/, "\"\"", text)
  gsub("/[*]([^*]|[*][^/])*[*]/", " ", text)
  sub("//.*", "", text)
  at = index(text, "/*")
  if (at) {
    text = substr(text, 1, at - 1)
    comment = 1
  }
  return text
}

BEGIN {
  while ((getline text < rules) > 0) {
    colon = index(text, ":")
    split(substr(text, 1, colon - 1), left, " ")
    right = substr(text, colon + 2)
    if (left[1] == "may") {
      may_folder[++folders] = pattern(left[2])
      may_include[folders] = right
      name = left[2]
      sub(".*/", "", name)
      ours[name] = 1
    } else if (left[1] == "only") {
      word_name[++words] = left[2]
      word_places[words] = right
      expression = left[2]
      gsub(/[.]/, "[.]", expression)
      sub(/[*]$/, "[A-Za-z0-9_]*", expression)
      word[words] = "(^|[^A-Za-z0-9_])" expression "([^A-Za-z0-9_]|$)"
    }
  }
  if (!folders || !words) {
    print rules ": no rules in it"
    exit 2
  }
}

{
  file = $0
  folder = own = folder_of(file)
  sub(".*/", "", own)
  may = allowed(folder)
  line = comment = 0
  files++
  if (may == "")
    complain("layers.txt has no line for " folder)
  while ((getline text < file) > 0) {
    line++
    if (!comment && text ~ /^[ \t]*#[ \t]*include[ \t]*["<]/) {
      check_include(text)
      check_words(text)
    } else
      check_words(code_of(text))
  }
  close(file)
}

END {
  if (bad) {
    print bad " violations of the architecture in tests/layers.txt"
    exit 1
  }
  print files + 0 " files keep to the architecture"
  if (!files)
    exit 2
}'
