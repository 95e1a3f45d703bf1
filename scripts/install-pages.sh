#!/bin/bash
# Writes man pages and shell completions of the built programs: scripts/install-pages.sh BIN SHARE PROGRAM...
# Both come from the programs themselves, so that they cannot disagree with them. The front command, sc, is added.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1 share=$2
shift 2
umask 022
mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" \
  "$share/fish/vendor_completions.d"

# man_page PROGRAM: its --help as a page. Headings are the lines that begin at the margin and end in a colon.
man_page() {
  local version
  version=$("$1" --version)
  COLUMNS=78 "$1" --help | awk -v name="$1" -v version="$version" '
    function plain(text) { gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); if (text ~ /^[.\047]/) text = "\\&" text; return text }
    BEGIN { printf ".TH %s 1 \"\" \"%s\"\n.SH NAME\n", toupper(name), version }
    NR == 1 { sub(/^OVERVIEW: */, ""); summary = $0; next }
    summary != "" && NF { summary = summary " " $0; next }
    summary != "" { printf "%s \\- %s\n.SH DESCRIPTION\n.nf\n", plain(name), plain(summary); summary = ""; next }
    /^USAGE: / { sub(/^USAGE: */, ""); printf ".fi\n.SH SYNOPSIS\n.nf\n%s\n", plain($0); next }
    /^[A-Z][A-Za-z ]*:$/ { sub(/:$/, ""); printf ".fi\n.SH %s\n.nf\n", toupper($0); next }
    { print plain($0) }
    END {
      print ".fi\n.SH EXIT STATUS\n.nf"
      print "0 done; 64 wrong usage; 65 bad data; 66 no such input; 69 a program, library or filter is missing;"
      print "70 a bug, or training diverged; 71 not enough memory; 73 cannot create the output;"
      print "74 read or write error; 75 the file is locked; 130, 143 interrupted, terminated; 141 closed pipe\n.fi"
      print ".SH SEE ALSO\nsc(1), sc\\-preprocess(1), sc\\-knn(1), sc\\-pretrain(1), sc\\-cluster(1), sc\\-eval(1)"
    }'
}

PATH=$(realpath "$bin"):$PWD/Sources/sc:$PATH
man_page sc >"$share/man/man1/sc.1"
install -m 644 Sources/sc/completions/sc.bash "$share/bash-completion/completions/sc"
install -m 644 Sources/sc/completions/sc.zsh "$share/zsh/site-functions/_sc"
install -m 644 Sources/sc/completions/sc.fish "$share/fish/vendor_completions.d/sc.fish"

for program in "$@"; do
  man_page "$program" >"$share/man/man1/$program.1"
  "$program" --generate-completion-script bash >"$share/bash-completion/completions/$program"
  "$program" --generate-completion-script zsh >"$share/zsh/site-functions/_$program"
  "$program" --generate-completion-script fish >"$share/fish/vendor_completions.d/$program.fish"
done
