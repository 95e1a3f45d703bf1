#!/bin/bash
# Fails where the sources hold what this project does without: calls that trap on bad data, output
# from library code, words that readers stop at, long lines and long sentences.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=0
# forbid WHY PATTERN FOLDER...: comments and the words inside other words do not count.
forbid() {
  local why=$1 pattern=$2
  shift 2
  local found
  found=$(grep -rnE --include='*.swift' "$pattern" "$@" | grep -vE '^[^:]+:[0-9]+: *//' || true)
  [ -z "$found" ] && return
  printf '%s\n' "$found" | sed "s|\$|   <- $why|" >&2
  failed=1
}
forbid "throw instead" '\btry!|\bas! |\bfatalError\(' Sources
forbid "write(2) through StageSupport" '\bFileHandle\b|readDataToEndOfFile' Sources
forbid "library code never prints or exits" '(^|[^.A-Za-z_])(print|exit|abort)\(' \
  $(find Sources/Shared -mindepth 1 -maxdepth 1 -type d ! -name StageSupport)
forbid "threads are those of ThreadTeam: Dispatch ends the program where /proc cannot be read" '^import Dispatch' Sources
forbid "test through the package interface" '@testable' Tests
forbid "finish it" '\b(TODO|FIXME|XXX)\b' Sources Tests

# words WHY PATTERN: words that readers stop at, in comments, messages and pages. BSD and GNU grep
# know \b.
words() {
  local why=$1 pattern=$2 found
  found=$(git ls-files -co --exclude-standard -- '*.md' '*.swift' '*.c' '*.h' '*.py' '*.sh' '*.awk' '*.mk' '*.nf' '*.xml' \
    Makefile Dockerfile apptainer.def Sources/sc/sc pipelines/Snakefile pipelines/Makefile |
    grep -vxF scripts/check-habits.sh | tr '\n' '\0' | xargs -0 grep -nHE "$pattern" -- 2>/dev/null |
    grep -vE '\.tell\(\)' || true)
  [ -z "$found" ] && return
  printf '%s\n' "$found" | cut -c1-200 | sed "s|\$|   <- $why|" >&2
  failed=1
}
words "detect, report, show" '\b(tells?|told|telling)\b'
words "again" '\banew\b'
words "resume" '\b([Tt]aken?|[Tt]akes) up (again|where)\b'
words "connected, depend" '\b(hangs? together|hangs? on)\b'
words "N, that many" '\bso many\b( [^t]|[^ ]|$)'
words "attend to each other" '\binform(s|ed)? (each other|all others)\b'
words "ablation" '\b(choice|default|part) undone\b'
words "criterion, assess, score" '\b[Jj]udg(e|es|ed|ing)\b'
words "in place of, instead of" '\bin the place of\b'
words "is there, appears" '\bstands? (there|twice)\b'
words "checksum" '\bcheck sums?\b'
words "known when it was chosen" '\blabels (of [a-z ]+ )?in sight\b'
if ! python3 scripts/wrap-prose.py; then failed=1; fi
if ! python3 scripts/check-sentences.py; then failed=1; fi
exit $failed
