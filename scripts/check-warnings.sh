#!/bin/bash
# Builds everything and fails on any warning, and on an import that Package.swift does not name for
# its target. (Warnings of Swift are errors already; C is compiled again with all of them on.)
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! swift build -c release --build-tests --explicit-target-dependency-import-check error >"$log" 2>&1; then
  grep -E 'error' -A 4 "$log" >&2 || cat "$log" >&2
  exit 1
fi
if grep -E 'warning:' -A 4 "$log" >&2; then exit 1; fi

read -ra flags < <(pkg-config --cflags openblas hdf5 zlib)
for file in Sources/Shared/*/*.c; do
  clang -fsyntax-only -O2 -Wall -Wextra -Werror -Wno-unknown-pragmas "${flags[@]}" \
    -I "$(dirname "$file")/include" "$file"
done
