#!/bin/bash
# Fails if the sources have calls that trap on bad data, output from library code, words that
# readers stop at, long lines or long sentences.
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

# words WHY PATTERN [-i]: words that readers stop at, in comments, messages and pages. With -i the
# case does not matter. BSD and GNU grep know \b.
words() {
  local why=$1 pattern=$2 found
  found=$(git ls-files -co --exclude-standard -- '*.md' '*.swift' '*.c' '*.h' '*.py' '*.sh' '*.awk' '*.mk' '*.nf' '*.xml' \
    '*.smk' '*.yaml' '*.yml' '*.R' \
    Makefile Dockerfile apptainer.def Sources/sc/sc pipelines/Snakefile pipelines/Makefile |
    grep -vxF scripts/check-habits.sh | tr '\n' '\0' | xargs -0 grep -nHE ${3-} "$pattern" -- 2>/dev/null |
    grep -vE '\.tell\(\)' || true)
  [ -z "$found" ] && return
  printf '%s\n' "$found" | cut -c1-200 | sed "s|\$|   <- $why|" >&2
  failed=1
}
words "detect, report, show" '\b(tells?|told|telling)\b' -i
words "again" '\banew\b' -i
words "resume" '\b(taken?|takes) up (again|where)\b' -i
words "connected, depend" '\b(hangs? together|hangs? on)\b' -i
words "N, that many" '\bso many\b( [^t]|[^ ]|$)' -i
words "attend to each other" '\binform(s|ed)? (each other|all others)\b' -i
words "ablation" '\b(choice|default|part) undone\b' -i
words "criterion, assess, score" '\bjudg(e|es|ed|ing)\b' -i
words "in place of, instead of" '\bin the place of\b' -i
words "is there, appears" '\bstands? (there|twice)\b' -i
words "checksum" '\bcheck sums?\b' -i
words "known when it was chosen" '\blabels (of [a-z ]+ )?in sight\b' -i
words "the subject first" '(^|[.!?] |^ *(//+|#+|[-*]|"""|/\*) |[("])Of [a-z0-9`]'
if ! python3 scripts/wrap-prose.py; then failed=1; fi
if ! python3 scripts/check-sentences.py; then failed=1; fi
exit $failed
