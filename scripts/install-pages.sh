#!/bin/bash
# Writes man pages and shell completions of the built programs: scripts/install-pages.sh BIN SHARE PROGRAM...
# Both come from the programs themselves, so that they cannot disagree with them.
set -euo pipefail
bin=$1 share=$2
shift 2
mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" \
  "$share/fish/vendor_completions.d"

# man PROGRAM: its --help as a page. Headings are the lines that begin at the margin and end in a colon.
man_page() {
  local version
  version=$("$bin/$1" --version)
  COLUMNS=78 "$bin/$1" --help | awk -v name="$1" -v version="$version" '
    function plain(text) { gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); sub(/^\./, "\\\\\\&.", text); return text }
    BEGIN { printf ".TH %s 1 \"\" \"%s\"\n.SH NAME\n", toupper(name), version }
    NR == 1 { sub(/^OVERVIEW: */, ""); summary = $0; next }
    summary != "" && NF { summary = summary " " $0; next }
    summary != "" { printf "%s \\- %s\n.SH DESCRIPTION\n.nf\n", plain(name), plain(summary); summary = ""; next }
    /^USAGE: / { sub(/^USAGE: */, ""); printf ".fi\n.SH SYNOPSIS\n.nf\n%s\n", plain($0); next }
    /^[A-Z][A-Za-z ]*:$/ { sub(/:$/, ""); printf ".fi\n.SH %s\n.nf\n", toupper($0); next }
    { print plain($0) }
    END { print ".fi" }'
}

for program in "$@"; do
  man_page "$program" >"$share/man/man1/$program.1"
  "$bin/$program" --generate-completion-script bash >"$share/bash-completion/completions/$program"
  "$bin/$program" --generate-completion-script zsh >"$share/zsh/site-functions/_$program"
  "$bin/$program" --generate-completion-script fish >"$share/fish/vendor_completions.d/$program.fish"
done
