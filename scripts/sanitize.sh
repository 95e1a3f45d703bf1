#!/bin/bash
# Builds everything under the address sanitizer and runs all tests. Under the thread sanitizer it
# then runs the tests of the rooms that start threads: scripts/sanitize.sh [address] [thread]. Each
# has a folder of its own and leaves the main build alone.
set -euo pipefail
cd "$(dirname "$0")/.."
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(address thread)

for kind in "${kinds[@]}"; do
  case $kind in
    address)
      scratch=.build-asan
      # Limits to the address space cannot be tested: the sanitizer's own shadow takes terabytes of
      # it.
      filters=(--skip memoryLimits)
      ;;
    thread)
      scratch=.build-tsan
      filters=(--filter 'TensorsTests|NeighborsTests|ClusteringTests|NeuralNetworksTests|AutodiffTests|LayoutsTests')
      ;;
    *) echo "sanitize.sh: $kind is neither address nor thread" >&2; exit 64 ;;
  esac
  swift build -c release --build-tests --sanitize=$kind --scratch-path $scratch --quiet
  echo "$kind sanitizer:" >&2
  # The thread sanitizer's search for deadlocks takes longer than the tests, for the locks of other
  # libraries.
  ASAN_OPTIONS="suppressions=$PWD/scripts/asan.supp:detect_leaks=0:allocator_may_return_null=1" TSAN_OPTIONS="suppressions=$PWD/scripts/tsan.supp:detect_deadlocks=0" \
    SWIFT_BACKTRACE=enable=no \
    swift test -c release --skip-build --sanitize=$kind --scratch-path $scratch --disable-xctest "${filters[@]}"
done
