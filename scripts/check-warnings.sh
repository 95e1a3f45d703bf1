#!/bin/bash
# Builds everything and fails on any warning. (Those of Swift are errors already; C is compiled again with all of them on.)
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! swift build -c release --build-tests >"$log" 2>&1; then
  grep -E 'error' -A 4 "$log" >&2 || cat "$log" >&2
  exit 1
fi
if grep -E 'warning:' -A 4 "$log" >&2; then exit 1; fi

for file in Sources/Shared/CKernels/*.c; do
  clang -fsyntax-only -O2 -Wall -Wextra -Werror -Wno-unknown-pragmas -I Sources/Shared/CKernels/include "$file"
done
