#!/bin/bash
# Clusters 700 blood cells whose types are known, and compares: the whole pipe on real data, in a minute.
# The data (10x Genomics PBMC 68k, reduced; Zheng et al. 2017) ships in the scanpy package on PyPI; without a network a
# simulated set takes its place. Everything stays in demo/.
#   SC=.build/release/ scripts/demo.sh
set -euo pipefail
cd "$(dirname "$0")/.."
SC=${SC-}
folder=demo
mkdir -p "$folder"

# Leaves the data set in $1, or fails.
download() {
  local wheels
  scripts/install-dependencies.sh pip || return 1
  wheels=$(mktemp -d "$folder/download.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$wheels'" RETURN
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --retries 1 --timeout 20 \
    -d "$wheels" scanpy==1.11.5 >/dev/null 2>&1 || return 1
  python3 - "$wheels" "$1" <<'END' || return 1
import glob, os, sys, zipfile
wheel = glob.glob(os.path.join(sys.argv[1], "scanpy-*.whl"))[0]
with zipfile.ZipFile(wheel) as archive:
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
if [ ! -s "$input" ] && ! download "$input"; then
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
