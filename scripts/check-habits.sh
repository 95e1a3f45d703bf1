#!/bin/bash
# Fails where the sources hold what this project does without: calls that trap on bad data, output from library code.
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
exit $failed
