# Turns a program's --help (printed with COLUMNS=3000: one line to a paragraph) into a man page: awk
# -v name=sc-knn -v version="sc-knn 0.1.0" -f man-page.awk. Headings are the lines in capitals that
# begin at the margin and end in a colon.

function plain(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  if (text ~ /^[.\047]/) text = "\\&" text
  return text
}

function add(text) { body[section] = body[section] text "\n" }

# An option, an argument or a stage: its name, and what it does on the same line or the next.
function entry(line,   at) {
  at = match(line, /  +/)
  add(".TP\n.B " plain(at ? substr(line, 1, at - 1) : line))
  if (at) add(plain(substr(line, at + RLENGTH)))
}

BEGIN { section = "NAME" }

NR == 1 { sub(/^OVERVIEW: */, ""); body["NAME"] = plain(name) " \\- " plain($0) "\n"; section = "DESCRIPTION"; next }

/^USAGE: / { sub(/^USAGE: */, ""); body["SYNOPSIS"] = ".B " plain($0) "\n"; section = ""; next }

/^[A-Z][A-Za-z, ()]*:$/ {
  section = toupper(substr($0, 1, length($0) - 1))
  is_example = section == "EXAMPLES"
  if (is_example) add(".nf")
  else order[++count] = section
  next
}

is_example && /^  / { add(plain(substr($0, 3))); next }
section == "DESCRIPTION" { add($0 == "" ? (body[section] == "" ? "" : ".PP") : plain($0)); next }
/^  [^ ]/ { entry(substr($0, 3)); next }
NF && section != "" { sub(/^ +/, ""); add(plain($0)) }

function show(title) { if (body[title] != "") printf ".SH %s\n%s", title, body[title] }

END {
  gsub(/(\.PP\n)+$/, "", body["DESCRIPTION"])
  gsub(/\n\n/, "\n", body["DESCRIPTION"])
  printf ".TH %s 1 \"\" \"%s\"\n.ad l\n.nh\n", toupper(name), version
  show("NAME")
  show("SYNOPSIS")
  show("DESCRIPTION")
  for (i = 1; i <= count; i++) show(order[i])
  print ".SH EXIT STATUS"
  statuses = "0:done|64:wrong usage|65:bad data|66:no such input|69:a program, library or filter is missing|" \
    "70:a bug, or training diverged|71:not enough memory|73:cannot create the output|74:read or write error|" \
    "75:the file is locked|130, 143:interrupted, terminated|141:closed pipe"
  lines = split(statuses, status, "|")
  for (i = 1; i <= lines; i++) {
    at = index(status[i], ":")
    printf ".TP\n.B %s\n%s\n", substr(status[i], 1, at - 1), substr(status[i], at + 1)
  }
  if (body["EXAMPLES"] != "") printf ".SH EXAMPLES\n%s.fi\n", body["EXAMPLES"]
  print ".SH SEE ALSO\nsc(1), sc\\-preprocess(1), sc\\-knn(1), sc\\-pretrain(1), sc\\-cluster(1), sc\\-eval(1)"
}
