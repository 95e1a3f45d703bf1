#!/bin/bash
# Mutates inputs for all readers of files, under libFuzzer and the address sanitizer:
#   scripts/fuzz.sh SECONDS [TARGET...]
# Inputs with faults go to Fuzzing/Found/TARGET, to be committed: `make faults` feeds them to the
# programs from then on.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(stream csr market text lzf hdf5 zarr)
scratch=.build-fuzz

if ! ls "$(dirname "$(readlink -f "$(command -v swift)")")"/../lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1; then
  echo "fuzz: SKIPPED, this Swift toolchain has no libFuzzer" >&2
  exit 0
fi
swift build --package-path Fuzzing --scratch-path $scratch -c release --quiet
SC=${SC:-.build/release/} python3 Tests/Faults/seeds.py $scratch/seeds

share=$((seconds / ${#targets[@]}))
[ "$share" -gt 0 ] || share=1
total=0 failed=0
for target in "${targets[@]}"; do
  mkdir -p "$scratch/corpus/$target" "Fuzzing/Found/$target"
  log=$scratch/$target.log
  options=(-max_total_time="$share" -max_len=16384 -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix="Fuzzing/Found/$target/")
  status=0
  # libhdf5 itself crashes on some damaged files: the programs end with 65 there. So does a run
  # here, which continues with the next input.
  [ "$target" = hdf5 ] && options+=(-fork=1 -ignore_crashes=1)
  # An archive has a file for every group and array.
  [ "$target" = zarr ] && options+=(-max_len=65536)
  FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
    "$scratch/release/fuzz" "${options[@]}" "$scratch/corpus/$target" "$scratch/seeds/$target" "Fuzzing/Found/$target" >"$log" 2>&1 || status=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
  [ -n "$runs" ] || runs=$(grep -oE '^#[0-9]+' "$log" | tail -1 | tr -d '#')
  inputs=$(find "$scratch/corpus/$target" -type f | wc -l)
  printf '%-8s %10s executions in %s s, %s inputs kept' "$target" "${runs:-0}" "$share" "$inputs"
  if [ $status -ne 0 ]; then
    failed=$((failed + 1))
    printf ', ✘ ends with %s: %s' "$status" "$(grep -m1 -E 'ERROR|Fatal error|timeout|out-of-memory' "$log" || tail -1 "$log")"
  fi
  echo
  total=$((total + ${runs:-0}))
done
echo "fuzz: $total executions in $((share * ${#targets[@]})) s, $failed targets failed"
[ $failed -eq 0 ]
