#!/bin/bash
# DESC from values to clusters: one pipe without a graph, nothing between the stages touches the
# disk. (Li, Wang, Lyu, Pan, Zhang, Stambolian, Susztak, Reilly, Hu, Li: Deep learning enables
# accurate clustering with batch effect removal in single-cell RNA-seq analysis. Nature
# Communications 11, 2338, 2020.)
#
#   pipelines/desc.sh INPUT CLUSTERS OUTPUT [LABELS]
#
#   INPUT     anything that sc-preprocess reads
#   CLUSTERS  the number of clusters; `auto`: as many as the graph of the codes shows
#   OUTPUT    .h5ad or .safetensors: all of the input's cells with cluster, confidence and embedding
#   LABELS    a column of INPUT, or a file of barcodes and labels, to compare with afterwards; never
#             used to cluster
#
# Each may come from the environment instead (INPUT=... CLUSTERS=... OUTPUT=... LABELS=...
# pipelines/desc.sh), and so may
#   PREPROCESS, PRETRAIN, CLUSTER, EVAL        further options of that stage, such as
#                                              PRETRAIN="--preset paper"
#   SEED                                       the seed of all random numbers (0)
#   SC                                         the text before the programs' names, such as
#                                              .build/release/
set -euo pipefail

usage() {
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"
}

case ${1-} in -h | --help) usage; exit 0 ;; esac
INPUT=${1-${INPUT-}}
CLUSTERS=${2-${CLUSTERS-}}
OUTPUT=${3-${OUTPUT-}}
LABELS=${4-${LABELS-}}
SEED=${SEED-0}
SC=${SC-}
if [ -z "$INPUT" ] || [ -z "$CLUSTERS" ] || [ -z "$OUTPUT" ] || [ $# -gt 4 ]; then
  usage >&2
  exit 64
fi

files=()
[ -z "$LABELS" ] || files+=(--labels "$LABELS")

# The options of a stage are words for the shell to split.
# shellcheck disable=SC2086
"${SC}sc-preprocess" "$INPUT" "${files[@]}" --seed "$SEED" ${PREPROCESS-} |
  "${SC}sc-pretrain" --model desc --seed "$SEED" ${PRETRAIN-} |
  "${SC}sc-cluster" --method desc --clusters "$CLUSTERS" --seed "$SEED" ${CLUSTER-} -o "$OUTPUT"

# shellcheck disable=SC2086
"${SC}sc-eval" "$OUTPUT" ${LABELS:+--labels "$LABELS"} ${EVAL-}
