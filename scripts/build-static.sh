#!/bin/bash
# Builds programs that need no Swift library at run time: scripts/build-static.sh SCRATCH PROGRAM...
# The standard library is linked in. One product at a time: the tests' support in the package
# imports Testing, which has no static library. In a folder of its own, so that the build that is
# tested is not made again each time.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1
shift

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for program in "$@"; do
  if ! swift build -c release --quiet --static-swift-stdlib --scratch-path "$scratch" --product "$program" \
    >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
  fi
done

# A program that still asks for a Swift library would not start on a machine without the toolchain.
for program in "$@"; do
  if readelf --dynamic "$scratch/release/$program" | grep 'NEEDED.*\[lib\(swift\|Foundation\|_Foundation\|dispatch\)' >&2; then
    echo "$program is not linked statically with Swift's libraries" >&2
    exit 1
  fi
done
