#!/bin/bash
# scDSC from a file of counts to clusters: one pipe, nothing between the stages touches the disk.
# (Gan, Huang, Zou, Zhou, Guan: Deep structural clustering for single-cell RNA-seq data jointly
# through autoencoder and graph neural network. Briefings in Bioinformatics 23, bbac018, 2022.)
#
#   pipelines/scdsc.sh INPUT CLUSTERS OUTPUT [LABELS]
#
#   INPUT     .h5ad, 10x .h5 or matrix directory, .h5mu, .loom, .csv or .tsv
#   CLUSTERS  the number of clusters
#   OUTPUT    .h5ad or .safetensors: all of the input's cells with cluster, confidence and embedding
#   LABELS    a column of INPUT, or a file of barcodes and labels, to compare with afterwards; never
#             used to cluster
#
# Each may come from the environment instead (INPUT=... CLUSTERS=... OUTPUT=... LABELS=...
# pipelines/scdsc.sh), and so may
#   PREPROCESS, KNN, PRETRAIN, CLUSTER, EVAL   further options of that stage, such as
#                                              PREPROCESS="--genes 1000"
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

labels=()
[ -z "$LABELS" ] || labels=(--labels "$LABELS")

# The options of a stage are words for the shell to split.
# shellcheck disable=SC2086
"${SC}sc-preprocess" "$INPUT" "${labels[@]}" --seed "$SEED" ${PREPROCESS-} |
  "${SC}sc-knn" --seed "$SEED" ${KNN-} |
  "${SC}sc-pretrain" --model scdsc --seed "$SEED" ${PRETRAIN-} |
  "${SC}sc-cluster" --method scdsc --clusters "$CLUSTERS" --seed "$SEED" ${CLUSTER-} -o "$OUTPUT"

# shellcheck disable=SC2086
"${SC}sc-eval" "$OUTPUT" ${LABELS:+--labels "$LABELS"} ${EVAL-}
