#!/bin/bash
# Writes man pages and shell completions of the built programs: scripts/install-pages.sh BIN SHARE
# PROGRAM... Both come from the programs themselves, so that they cannot disagree with them. The
# front command, sc, is added.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1 share=$2
shift 2
umask 022
mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" \
  "$share/fish/vendor_completions.d"

# man_page PROGRAM: its --help as a page.
man_page() {
  COLUMNS=3000 "$1" --help | awk -v name="$1" -v version="$("$1" --version)" -f scripts/man-page.awk
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
