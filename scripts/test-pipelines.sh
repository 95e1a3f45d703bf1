#!/bin/bash
# Runs what is in pipelines/ on simulated cells: SC=.build/release/ scripts/test-pipelines.sh
# What needs a program that is not installed is skipped, and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."
export SC
SC=$(realpath "$(dirname "${SC:-.build/release/}x")")/

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0 skipped=0
# expect WHAT COMMAND...: the command must succeed.
expect() {
  local what=$1
  shift
  if "$@" >"$folder/log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "✘ $what" >&2
    tail -n 20 "$folder/log" >&2
  fi
}
# needs PROGRAM WHAT: whether it is installed; says what is skipped where it is not.
needs() {
  command -v "$1" >/dev/null && return
  skipped=$((skipped + 1))
  echo "skipped: $2 ($1 is not installed)"
  return 1
}

needs python3 "everything: the simulator is in Python" || exit 0
python3 Benchmarks/simulate.py --cells 240 --genes 300 --types 3 "$folder/cells.10x"
labels=$folder/cells.10x/labels.tsv
export PREPROCESS=-q KNN=-q PRETRAIN="-q --epochs 3" CLUSTER="-q --epochs 8 --keep last" EVAL=-q

expect "sctpf.sh" pipelines/sctpf.sh "$folder/cells.10x" 3 "$folder/script.h5ad" "$labels"
expect "sctpf.sh: clusters" test -s "$folder/script.h5ad"
expect "sctpf.sh: usage" bash -c 'pipelines/sctpf.sh; [ $? = 64 ]'

expect "Makefile" make -f pipelines/Makefile SC="$SC" LABELS="$labels" CLUSTERS=3 PREPROCESS=-q KNN=-q PRETRAIN="$PRETRAIN" \
  CLUSTER="$CLUSTER" EVAL=-q "$folder/cells.metrics.tsv"
expect "Makefile: accuracy is among the figures" grep -q '^acc' "$folder/cells.metrics.tsv"
# remade SETTING...: the programs that run again with these settings.
remade() {
  make -f pipelines/Makefile SC="$SC" LABELS="$labels" CLUSTERS=3 PREPROCESS=-q KNN=-q PRETRAIN="$PRETRAIN" CLUSTER="$CLUSTER" EVAL=-q "$@" \
    "$folder/cells.metrics.tsv" | grep -oE 'sc-(preprocess|knn|pretrain|cluster|eval)' | uniq | xargs
}
expect "Makefile: nothing is made again" test "$(remade)" = ""
expect "Makefile: other clusters, the same model" test "$(remade CLUSTERS=4)" = "sc-cluster sc-eval"
expect "Makefile: its clusters" grep -qx $'clusters\t4' "$folder/cells.metrics.tsv"
expect "Makefile: other figures, the same clusters" test "$(remade CLUSTERS=4 EVAL="-q --bootstrap 10")" = "sc-eval"
# A goal whose program is killed is not there: it would count as made.
killed() {
  rm -f "$folder/cells.metrics.tsv"
  setsid -w timeout -s KILL 2 make -f pipelines/Makefile SC="$SC" LABELS="$labels" CLUSTERS=4 PREPROCESS=-q KNN=-q PRETRAIN="$PRETRAIN" \
    CLUSTER="$CLUSTER" EVAL="-q --bootstrap 1000000" "$folder/cells.metrics.tsv" || [ ! -e "$folder/cells.metrics.tsv" ]
}
expect "Makefile: killed in sc-eval" killed
# Names are names, whatever stands in them.
named() {
  cp "$folder/script.h5ad" "$folder/a b; touch pwned; \$(touch pwned)'.h5ad"
  make -C "$folder" -f "$PWD/pipelines/Makefile" SC="$SC" LABELS="label" CLUSTERS="3" PREPROCESS=-q "a b; touch pwned; \$(touch pwned)'.pre.safetensors" &&
    [ ! -e "$folder/pwned" ] || return 1
  ! make -C "$folder" -f "$PWD/pipelines/Makefile" SC="$SC" LABELS="; touch pwned" PREPROCESS=-q script.pre.safetensors && [ ! -e "$folder/pwned" ]
}
expect "Makefile: names with blanks and semicolons" named

# The last genes as antibodies.
cp -r "$folder/cells.10x" "$folder/paired.10x"
zcat "$folder/cells.10x/features.tsv.gz" | awk -F '\t' -v OFS='\t' '{ $3 = NR > 280 ? "Antibody Capture" : "Gene Expression" } 1' |
  gzip >"$folder/paired.10x/features.tsv.gz"
expect "scemc-sweep.mk: paired cells" "${SC}sc-preprocess" -q "$folder/paired.10x" -o "$folder/a b;c.h5mu"
sweep() {
  make -C "$folder" -f "$PWD/pipelines/scemc-sweep.mk" SC="$SC" WEIGHTS="0.1 1" CLUSTERS="$1" PREPROCESS=-q KNN=-q PRETRAIN="-q --epochs 1" \
    CLUSTER="--epochs 1 --keep last" EVAL=-q "a b;c.sweep.tsv" >"$folder/sweep.log" && awk 'END { exit NR != 5 }' "$folder/a b;c.sweep.tsv"
}
expect "scemc-sweep.mk: four pairs" sweep 3
expect "scemc-sweep.mk: again with other clusters" sweep 4
expect "scemc-sweep.mk: the model is not trained again" bash -c '! grep -q sc-pretrain "$1" && grep -q sc-cluster "$1"' _ "$folder/sweep.log"

printf 'a\t%s\t3\t%s\nb\t%s\tauto\n' "$folder/cells.10x" "$labels" "$folder/cells.10x" >"$folder/samples.tsv"
array() { SLURM_ARRAY_TASK_ID=$1 pipelines/slurm-array.sh "$folder/samples.tsv" "$folder/results"; }
expect "slurm-array.sh: the first sample" array 1
expect "slurm-array.sh: its figures" grep -q '^acc' "$folder/results/a.metrics.tsv"
expect "slurm-array.sh: nothing else is left" test "$(find "$folder/results" -name 'a.*' | wc -l)" = 2
expect "slurm-array.sh: a number estimated, no labels" array 2
again() { array 1 2>&1 | grep -q '^a: finished before'; }
expect "slurm-array.sh: a finished sample is skipped" again
other() { (export EVAL="-q --bootstrap 10"; array 1) && grep -q low "$folder/results/a.metrics.tsv"; }
expect "slurm-array.sh: other settings run again" other
# A training that is long enough to be interrupted.
long() {
  (
    export PRETRAIN="--epochs 600 --models 1 --patience 0" SLURM_ARRAY_TASK_ID=1
    exec pipelines/slurm-array.sh "$folder/samples.tsv" "$1"
  )
}
interrupted() {
  long "$folder/again" 2>"$folder/again.log" & local task=$! status=0
  for _ in {1..400}; do
    [ ! -s "$folder/again/a.knn.safetensors" ] || break
    sleep 0.05
  done
  sleep 0.5
  pkill -TERM -P $task -f slurm-array.sh || kill -TERM $task
  wait $task || status=$?
  [ $status = 143 ] && [ -s "$folder/again/a.pretrain.checkpoint" ]
}
expect "slurm-array.sh: interrupted in its training" interrupted
goes_on() { long "$folder/again" 2>&1 | grep 'going on from the checkpoint .*a.pretrain.checkpoint'; }
expect "slurm-array.sh: goes on there" goes_on
expect "slurm-array.sh: the same without an interruption" long "$folder/straight"
expect "slurm-array.sh: the clusters are the same" cmp "$folder/again/a.clustered.h5ad" "$folder/straight/a.clustered.h5ad"
expect "slurm-array.sh: no checkpoint is left" test ! -e "$folder/again/a.pretrain.checkpoint"
expect "slurm-array.sh: a line that is not there" bash -c \
  'SLURM_ARRAY_TASK_ID=3 pipelines/slurm-array.sh "$1" "$2"; [ $? = 65 ]' _ "$folder/samples.tsv" "$folder/results"
expect "slurm-array.sh: a failed stage is told" bash -c \
  'printf "c\tnothing.h5ad\t3\n" >"$1/bad.tsv"; pipelines/slurm-array.sh "$1/bad.tsv" "$1/results"; [ $? = 66 ]' _ "$folder"

if needs snakemake "the Snakefile"; then
  options="{preprocess: -q, knn: -q, pretrain: '$PRETRAIN', cluster: '$CLUSTER', eval: -q}"
  expect "Snakefile" env HOME="$folder" snakemake -s pipelines/Snakefile -d "$folder" --cores 2 --nocolor --config \
    "sets={sim: {input: $folder/cells.10x, clusters: 3, labels: $labels}}" "results=$folder/grid" "programs=$SC" \
    "confidences=[0.7, 0.8]" "latent_neighbors=[2, 4]" "seeds=[0, 1]" "options=$options"
  expect "Snakefile: four pairs, two seeds each" awk -F '\t' 'NR > 1 && $2 == 2 { n++ } END { exit n != 4 }' "$folder/grid/sim/grid.tsv"
  expect "Snakefile: no sets" bash -c '! snakemake -s pipelines/Snakefile -n >"$1" 2>&1 && grep -q "no sets" "$1"' _ "$folder/none"
fi

if needs xmllint "the Galaxy tools' XML"; then
  expect "Galaxy: well-formed" xmllint --noout pipelines/galaxy/macros.xml pipelines/galaxy/sc-cluster.xml pipelines/galaxy/sc-eval.xml
fi
if needs planemo "planemo lint"; then
  expect "Galaxy: planemo lint" planemo lint pipelines/galaxy/sc-cluster.xml pipelines/galaxy/sc-eval.xml
fi
# Every option that a tool, module or script gives a program is one of the program's.
for file in pipelines/galaxy/sc-*.xml pipelines/nf-core/modules/*/main.nf pipelines/slurm-array.sh pipelines/Snakefile; do
  case $file in
    *nf-core*) programs=sc-$(basename "$(dirname "$file")") ;;
    *sc-eval.xml) programs=sc-eval ;;
    *) programs="sc-preprocess sc-knn sc-pretrain sc-cluster sc-eval" ;;
  esac
  for program in $programs; do "$SC$program" --help; done >"$folder/help"
  for option in $(sed -E '/^#|^\/\/|sbatch|--config/d' "$file" | grep -oE '(^|[ "])--[a-z][a-z-]+' | tr -d ' "' | sort -u); do
    [ "$option" = --version ] || expect "$file: $option" grep -q -- "$option" "$folder/help"
  done
done

if needs nextflow "the Nextflow modules"; then
  printf 'sample,counts,clusters\nsim,%s,3\n' "$folder/cells.10x" >"$folder/sheet.csv"
  expect "Nextflow" env PATH="$SC:$PATH" nextflow -log "$folder/nextflow.log" run pipelines/nf-core/main.nf -w "$folder/work" \
    --input "$folder/sheet.csv" --outdir "$folder/nf"
  expect "Nextflow: clusters" test -s "$folder/nf/sim.clustered.h5ad"
fi

echo "pipelines: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
