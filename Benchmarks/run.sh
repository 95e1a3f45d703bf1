#!/bin/bash
# Times every stage on simulated cells, and writes stage, seconds, peak memory in MB into
# Benchmarks/runs/DATE-COMMIT/stages.tsv. --quick writes into benchmark-results/, which is not
# committed.
#   SC=.build/release/ Benchmarks/run.sh [--quick] [--cells N] [--genes N] [--types N]
set -euo pipefail
cd "$(dirname "$0")/.."
SC=${SC-}
cells=5000 genes=3000 types=10 epochs=() quick=
while [ $# -gt 0 ]; do
  case $1 in
    --quick) cells=700 genes=1000 types=6 epochs=(--epochs 20) quick=yes; shift ;;
    --cells | --genes | --types) declare "${1#--}=${2:?a number after $1}"; shift 2 ;;
    *) echo "usage: Benchmarks/run.sh [--quick] [--cells N] [--genes N] [--types N]" >&2; exit 64 ;;
  esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=benchmark-results
if [ "$quick" ]; then mkdir -p $folder; else folder=$(python3 Benchmarks/rundir.py); fi
table=$folder/stages.tsv
echo "simulating $cells cells x $genes genes, $types types ..." >&2
python3 Benchmarks/simulate.py "$work/counts" --cells "$cells" --genes "$genes" --types "$types"

# timed STAGE ARGUMENT...: runs the stage and prints its row.
timed() {
  local stage=$1
  shift
  python3 - "$stage" "${SC}$stage" "$@" <<'END'
import os, resource, subprocess, sys, time
start = time.monotonic()
status = subprocess.run(sys.argv[2:]).returncode
seconds = time.monotonic() - start
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
if status:
    sys.exit(status if status > 0 else 128 - status)
print(f"{sys.argv[1]}\t{seconds:.2f}\t{memory:.0f}")
END
}

{
  printf '# %s cells x %s genes, %s types; %s; %s cores\n' "$cells" "$genes" "$types" \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)"
  printf 'stage\tseconds\tpeak_mb\n'
  timed sc-preprocess "$work/counts" --labels "$work/counts/labels.tsv" -q -o "$work/pre.safetensors"
  timed sc-knn "$work/pre.safetensors" -q -o "$work/knn.safetensors"
  timed sc-pretrain "$work/knn.safetensors" "${epochs[@]}" -q -o "$work/model.safetensors"
  timed sc-cluster "$work/model.safetensors" --clusters "$types" "${epochs[@]}" -q -o "$work/clustered.safetensors"
  timed sc-eval "$work/clustered.safetensors" --labels label -o "$work/metrics.tsv"
} | tee "$table"
echo "written to $table" >&2
