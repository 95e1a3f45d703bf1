#!/bin/bash
# Runs what is in pipelines/ on simulated cells: SC=.build/release/ scripts/test-pipelines.sh Parts
# that need a program that is not installed are skipped with a message.
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
# needs PROGRAM WHAT: whether it is installed; if not, reports what is skipped.
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
expect "scdeepcluster.sh" pipelines/scdeepcluster.sh "$folder/cells.10x" 3 "$folder/deep.h5ad" "$labels"
expect "scdeepcluster.sh: clusters" test -s "$folder/deep.h5ad"
expect "sczidesk.sh" pipelines/sczidesk.sh "$folder/cells.10x" 3 "$folder/desk.h5ad" "$labels"
expect "sczidesk.sh: clusters" test -s "$folder/desk.h5ad"
expect "sczidesk.sh: usage" bash -c 'pipelines/sczidesk.sh; [ $? = 64 ]'
expect "desc.sh" env PRETRAIN="-q --epochs 12" pipelines/desc.sh "$folder/cells.10x" 3 "$folder/desc.h5ad" "$labels"
expect "desc.sh: clusters" test -s "$folder/desc.h5ad"
expect "desc.sh: usage" bash -c 'pipelines/desc.sh; [ $? = 64 ]'
expect "scdeepcluster.sh: usage" bash -c 'pipelines/scdeepcluster.sh; [ $? = 64 ]'
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
# If a program of a goal is killed, its file must not be there: it would count as made.
killed() {
  rm -f "$folder/cells.metrics.tsv"
  setsid -w timeout -s KILL 2 make -f pipelines/Makefile SC="$SC" LABELS="$labels" CLUSTERS=4 PREPROCESS=-q KNN=-q PRETRAIN="$PRETRAIN" \
    CLUSTER="$CLUSTER" EVAL="-q --bootstrap 1000000" "$folder/cells.metrics.tsv" || [ ! -e "$folder/cells.metrics.tsv" ]
}
expect "Makefile: killed in sc-eval" killed
# Names may contain any characters.
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
expect "figures: paired cells" "${SC}sc-preprocess" -q "$folder/paired.10x" -o "$folder/a b;c.h5mu"
# The figures of the papers, of few epochs; the output is in figures.log.
figures() {
  local file=$1
  shift
  make -C "$folder" -f "$PWD/pipelines/figures-$file.mk" SC="$SC" CLUSTERS=3 PREPROCESS=-q KNN=-q PRETRAIN=-q CLUSTER=-q EVAL=-q \
    PRETRAIN_EPOCHS=2 EPOCHS=4 "$@" >"$folder/figures.log" 2>&1 || { cat "$folder/figures.log"; return 1; }
}
sctpf() {
  figures sctpf DATA="$folder/cells.10x" LABELS="$labels" OUT=sctpf SEEDS="0 1" MARGINS="0.7 0.8" NEIGHBORS="2 4" \
    PRETRAIN="-q --models 1" "$@"
}
scemc() { figures scemc DATA="a b;c.h5mu" OUT=scemc WEIGHTS="0.1 1" "$@"; }
# made FILE...: whether each is there, a table of more than a line and a picture by its first bytes.
made() {
  local name
  for name in "$@"; do
    awk 'END { exit NR < 2 }' "$folder/$name.tsv" && head -c 4 "$folder/$name.png" | grep -aq PNG || { echo "$name"; return 1; }
  done
}
# ran: the programs that ran, once each.
ran() { grep -oE 'sc-(preprocess|knn|pretrain|cluster|eval)' "$folder/figures.log" | sort -u | xargs; }
expect "figures-sctpf.mk" sctpf -j 2
expect "figures-sctpf.mk: tables and pictures" made sctpf/{grid,tsne,gradients,ablation}
expect "figures-sctpf.mk: four pairs, two seeds each" awk -F '\t' 'NR > 1 && $2 == 2 { n++ } END { exit n != 4 }' "$folder/sctpf/grid.tsv"
expect "figures-sctpf.mk: curves of four variants" awk -F '\t' '$3 == "lambda_fd" { n[$1] } END { exit length(n) != 8 }' "$folder/sctpf/gradients.tsv"
expect "figures-sctpf.mk: again" sctpf
expect "figures-sctpf.mk: nothing is made again" test "$(ran)" = ""
expect "figures-sctpf.mk: another margin" sctpf grid MARGINS="0.7 0.8 0.9"
expect "figures-sctpf.mk: the models are not trained again" test "$(ran)" = "sc-cluster sc-eval"
expect "figures-scemc.mk" scemc -j 2 LABELS=
expect "figures-scemc.mk: tables and pictures" made scemc/{network,losses,modality,tsne,training,weights}
expect "figures-scemc.mk: four pairs" awk 'END { exit NR != 5 }' "$folder/scemc/weights.tsv"
expect "figures-scemc.mk: again" scemc LABELS=
expect "figures-scemc.mk: nothing is made again" test "$(ran)" = ""
expect "figures-scemc.mk: other clusters" scemc weights LABELS= CLUSTERS=4
expect "figures-scemc.mk: the models are not trained again" test "$(ran)" = "sc-cluster sc-eval"
expect "figures-sctpf.mk: the preset of one data set" sctpf -n tsne OUT=set PRESET=paper:young
expect "figures-sctpf.mk: both trainings take it" \
  test "$(grep -e '--preset paper:young' "$folder/figures.log" | grep -oE 'sc-(pretrain|cluster)' | sort -u | xargs)" = "sc-cluster sc-pretrain"
# refused MESSAGE FILE SETTING...: make ends with that message, and runs nothing.
refused() {
  local message=$1
  shift
  ! "$@" >/dev/null && grep -qF -- "$message" "$folder/figures.log" && [ "$(ran)" = "" ]
}
expect "figures-sctpf.mk: seeds that are none" refused "SEEDS='1 b': whole numbers between blanks" sctpf SEEDS="1 b"
expect "figures-sctpf.mk: a margin with an exponent" refused "MARGINS='7e-1': numbers between blanks" sctpf MARGINS=7e-1
expect "scmdc.sh" pipelines/scmdc.sh "$folder/a b;c.h5mu" 3 "$folder/scmdc.h5mu"
expect "scmdc.sh: clusters" test -s "$folder/scmdc.h5mu"
expect "scdsc.sh" env PRETRAIN="--epochs 20" CLUSTER=-q pipelines/scdsc.sh "$folder/a b;c.h5mu" 3 "$folder/scdsc.h5mu"
expect "scdsc.sh: clusters" test -s "$folder/scdsc.h5mu"
expect "dcca.sh" env PRETRAIN="--epochs 20" CLUSTER=-q pipelines/dcca.sh "$folder/a b;c.h5mu" 3 "$folder/dcca.h5mu"
expect "dcca.sh: clusters" test -s "$folder/dcca.h5mu"
expect "scmcs.sh" env PRETRAIN="--epochs 12" CLUSTER=-q pipelines/scmcs.sh "$folder/a b;c.h5mu" 3 "$folder/scmcs.h5mu"
expect "scmcs.sh: clusters" test -s "$folder/scmcs.h5mu"
expect "scmvae.sh" env PRETRAIN="--epochs 12" CLUSTER=-q pipelines/scmvae.sh "$folder/a b;c.h5mu" 3 "$folder/scmvae.h5mu"
expect "scmvae.sh: clusters" test -s "$folder/scmvae.h5mu"
expect "scmdc.sh: usage" bash -c 'pipelines/scmdc.sh; [ $? = 64 ]'
expect "figures-scemc.mk: no data" refused "there is no such file" scemc DATA=none.h5mu
expect "figures-scemc.mk: a preset that is none" refused "PRESET='papers': default, paper or released" scemc PRESET=papers
expect "figures-scemc.mk: a folder with a blank" refused "OUT='a b': a folder of letters" scemc OUT="a b"
# If a program of a figure is killed, the figure must not be there.
stopped() {
  rm -f "$folder/sctpf/tsne.tsv"
  ! sctpf tsne EVAL="--max-memory 1K" && [ ! -e "$folder/sctpf/tsne.tsv" ]
}
expect "figures-sctpf.mk: no table without its picture" stopped
# What a failed run would have replaced stays.
kept() {
  local before
  before=$(cat "$folder"/sctpf/ablation.{tsv,png} | cksum)
  ! sctpf ablation EVAL="-q --bootstrap 50" >/dev/null && [ "$(cat "$folder"/sctpf/ablation.{tsv,png} | cksum)" = "$before" ]
}
expect "figures-sctpf.mk: a failed run leaves the figure before it" kept
expect "figures-sctpf.mk: one margin makes no surface" refused "MARGINS='0.7': a surface needs two values or more" sctpf MARGINS=0.7

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
goes_on() { long "$folder/again" 2>&1 | grep 'resuming from the checkpoint .*a.pretrain.checkpoint'; }
expect "slurm-array.sh: goes on there" goes_on
expect "slurm-array.sh: the same without an interruption" long "$folder/straight"
expect "slurm-array.sh: the clusters are the same" cmp "$folder/again/a.clustered.h5ad" "$folder/straight/a.clustered.h5ad"
expect "slurm-array.sh: no checkpoint is left" test ! -e "$folder/again/a.pretrain.checkpoint"
expect "slurm-array.sh: a line that is not there" bash -c \
  'SLURM_ARRAY_TASK_ID=3 pipelines/slurm-array.sh "$1" "$2"; [ $? = 65 ]' _ "$folder/samples.tsv" "$folder/results"
expect "slurm-array.sh: a failed stage is reported" bash -c \
  'printf "c\tnothing.h5ad\t3\n" >"$1/bad.tsv"; pipelines/slurm-array.sh "$1/bad.tsv" "$1/results"; [ $? = 66 ]' _ "$folder"

# Tables of methods: one small set, two seeds, two models and a baseline.
expect "ranks.py: the worked example" python3 -m doctest Benchmarks/ranks.py
table3() { python3 Benchmarks/table3.py "$folder/table3" "$folder/cells.10x:$labels:3" --seeds 0 1 --methods scdeepcluster desc "k-means of components" "$@"; }
expect "table3.py" table3
expect "table3.py: a line for every method and way to count" test "$(wc -l <"$folder/table3/table3.tsv")" = 7
expect "table3.py: two seeds each" awk -F '\t' 'NR > 1 && $4 == 2 && $7 > -1 && $11 > 0 && $12 > 0 { n++ } END { exit n != 6 }' "$folder/table3/table3.tsv"
expect "table3.py: tables" grep -q '^| scdeepcluster | 0\.' "$folder/table3/table3.md"
expect "table3.py: picture" grep -q '<circle' "$folder/table3/table3.svg"
# A row of the table is not run again; a row that an interruption has cut is.
same() { local before; before=$(cksum <"$folder/table3/runs.tsv") && table3 && [ "$(cksum <"$folder/table3/runs.tsv")" = "$before" ]; }
expect "table3.py: nothing is run again" same
truncate -s -9 "$folder/table3/runs.tsv"
again() { table3 && [ "$(wc -l <"$folder/table3/runs.tsv")" = 13 ] && awk -F '\t' 'NF != 13 { exit 1 }' "$folder/table3/runs.tsv"; }
expect "table3.py: a line that was cut" again
expect "table3.py: the table of other runs" python3 Benchmarks/table3.py "$folder/again" --report "$folder/table3/runs.tsv"
expect "table3.py: is the same" cmp "$folder/again/table3.tsv" "$folder/table3/table3.tsv"
failing() {
  ! python3 Benchmarks/table3.py "$folder/failing" "$folder/cells.10x:nothing:3" --seeds 0 --methods "k-means of components" 2>"$folder/said" &&
    grep -q "nothing" "$folder/said"
}
expect "table3.py: a failed run is reported" failing
expect "table3.py: no such method" bash -c '! python3 Benchmarks/table3.py "$1" --methods sctpv 2>"$1/said" && grep -q "sctpv. is none of" "$1/said"' _ "$folder"
# Published programs of the user: here scripts that were made up for this.
mkdir -p "$folder/peers"
cat >"$folder/peers/halves.py" <<'END'
import gzip, os, sys
path, count, output = sys.argv[1], int(sys.argv[2]), sys.argv[3]
name = next(name for name in os.listdir(path) if name.startswith("barcodes"))
with (gzip.open if name.endswith(".gz") else open)(os.path.join(path, name), "rt") as file:
    cells = sum(1 for _ in file)
with open(output, "w") as file:
    file.writelines(f"{count * i // cells}\n" for i in range(cells))
END
{
  printf '# name\tcommand\n'
  printf 'halves of the rows\tpython3 halves.py {input} {clusters} {output}\n'
  printf 'a number of its own\tpython3 halves.py {input} 2 {output} # {seed}\n'
  printf 'breaks\techo {clusters} {output} {input} >&2; echo out of luck >&2; exit 3\n'
  printf 'says nothing\ttrue {input} {clusters} {output}\n'
  printf 'too short\techo 1 >{output}; true {input} {clusters}\n'
} >"$folder/peers/peers.tsv"
peers() { python3 Benchmarks/table3.py "$folder/published" "$folder/cells.10x:$labels:3" --seeds 0 --methods "k-means of components" --peer-dir "$folder/peers"; }
expect "table3.py: published programs" peers
row() { awk -F '\t' -v name="$1" -v count="$2" -v note="$3" '$3 == name && $2 == count && $13 ~ note { n++ } END { exit n != 1 }' "$folder/published/runs.tsv"; }
expect "table3.py: a program with the number of types" row "halves of the rows" 3 '^$'
expect "table3.py: a program with a number of its own" row "a number of its own" auto/3 '^$'
expect "table3.py: figures, seconds and memory of a program" awk -F '\t' '$3 ~ /^halves|own$/ && $5 > 0 && $7 > -1 && $8 > 1 && $11 != "" && $12 > 0 { n++ } END { exit n != 2 }' \
  "$folder/published/runs.tsv"
expect "table3.py: a program that fails" row breaks 3 'failed with status 3: out of luck'
expect "table3.py: a program that writes nothing" row "says nothing" 3 'it wrote no clusters'
expect "table3.py: a program that forgets cells" row "too short" 3 'it wrote 1 lines for'
expect "table3.py: failures stand in the table" grep -q '^| breaks | failed' "$folder/published/table3.md"
expect "table3.py: and why" grep -q '^- breaks on cells: failed with status 3: out of luck' "$folder/published/table3.md"
expect "table3.py: a wrong table of programs" bash -c \
  'mkdir "$1/wrong" && printf "a\tb {input} {labels}\n" >"$1/wrong/peers.tsv" && ! python3 Benchmarks/table3.py "$1/no" --peer-dir "$1/wrong" 2>"$1/said" && grep -q "line 1: there is no {labels}" "$1/said"' \
  _ "$folder"
expect "make table3" bash -c 'make -n table3 SETS=a:b:3 METHODS=desc SEEDS="0 1" PEERS=p | grep -q "table3.py table3 a:b:3 --methods desc --seeds 0 1  --peer-dir p"'
expect "study.py" python3 Benchmarks/study.py "$folder/study.tsv" "$folder/cells.10x:$labels:3" --seeds 0 --settings "k-means of principal components" --report \
  --draw "$folder/study.svg"

if needs snakemake "the Snakefile"; then
  options="{preprocess: -q, knn: -q, pretrain: '$PRETRAIN', cluster: '$CLUSTER', eval: -q}"
  expect "grid.smk" env HOME="$folder" snakemake -s pipelines/grid.smk -d "$folder" --cores 2 --nocolor --config \
    "sets={sim: {input: $folder/cells.10x, clusters: 3, labels: $labels}}" "results=$folder/grid" "programs=$SC" \
    "confidences=[0.7, 0.8]" "latent_neighbors=[2, 4]" "seeds=[0, 1]" "options=$options"
  expect "grid.smk: four pairs, two seeds each" awk -F '\t' 'NR > 1 && $2 == 2 { n++ } END { exit n != 4 }' "$folder/grid/sim/grid.tsv"
  expect "grid.smk: no sets" bash -c '! snakemake -s pipelines/grid.smk -n >"$1" 2>&1 && grep -q "no sets" "$1"' _ "$folder/none"
  cp -r "$folder/cells.10x" "$folder/more.10x"
  printf 'sample,file,donor\none,cells.10x,d1\ntwo,more.10x,d2\n' >"$folder/samples.csv"
  experiment() {
    env HOME="$folder" snakemake -s pipelines/Snakefile -d "$folder" --cores 2 --nocolor --config samples="$folder/samples.csv" "programs=$SC" \
      clusters=3 "options={preprocess: -q, knn: -q, pretrain: '--epochs 2 -q', cluster: '$CLUSTER', eval: -q}" "$@"
  }
  expect "Snakefile: an experiment of two samples" experiment "results=$folder/experiment" models=2
  expect "Snakefile: what it makes" test -s "$folder/experiment/clustered.h5ad" -a -s "$folder/experiment/qc.html" -a -s "$folder/experiment/markers.tsv"
  expect "Snakefile: the samples are integrated" grep -q X_pca_harmony "$folder/experiment/knn.safetensors"
  expect "Snakefile: the report names the samples" grep -q two "$folder/experiment/report.html"
  expect "Snakefile: a job for each model" experiment "results=$folder/jobs" jobs=true models=2
  expect "Snakefile: the models of all jobs" cmp "$folder/experiment/model.safetensors" "$folder/jobs/model.safetensors"
  again() { experiment "results=$folder/experiment" models=2 "$@" -n >"$folder/again" 2>&1 && grep -q '^cluster ' "$folder/again"; }
  settled() { experiment "results=$folder/experiment" models=2 -n >"$folder/again" 2>&1 && ! grep -q '^cluster ' "$folder/again"; }
  expect "Snakefile: nothing is made again" settled
  expect "Snakefile: another seed makes all again" again seed=3
  expect "Snakefile: another integration makes the clusters again" again integrate=none
  printf 'sample,file\none,\n' >"$folder/broken.csv"
  expect "Snakefile: a line without a file" bash -c '! snakemake -s pipelines/Snakefile -n --config samples="$1/broken.csv" >"$1/none" 2>&1 && grep -q "line 2: the sample or its file is missing" "$1/none"' _ "$folder"
  printf 'sample,file\none,cells.10x\n' >"$folder/samples.csv"
  expect "Snakefile: one sample is not integrated" experiment "results=$folder/single" models=1
  expect "Snakefile: no table" bash -c '! snakemake -s pipelines/Snakefile -n --config samples=nowhere.csv >"$1" 2>&1 && grep -q "no such table" "$1"' _ "$folder/none"
  expect "table3.smk" env HOME="$folder" snakemake -s pipelines/table3.smk -d "$folder" --cores 2 --nocolor --config \
    "sets=[$folder/cells.10x:$labels:3]" "results=$folder/smk" "programs=$SC" "methods=[k-means of components, spectral of the graph]" "seeds=[0, 1]" \
    "peers=$folder/peers"
  expect "table3.smk: a line for every method and way to count, and for every published program" test "$(wc -l <"$folder/smk/table3.tsv")" = 10
fi

if needs xmllint "the Galaxy tools' XML"; then
  expect "Galaxy: well-formed" xmllint --noout pipelines/galaxy/macros.xml pipelines/galaxy/sc-cluster.xml pipelines/galaxy/sc-eval.xml
fi
if needs planemo "planemo lint"; then
  expect "Galaxy: planemo lint" planemo lint pipelines/galaxy/sc-cluster.xml pipelines/galaxy/sc-eval.xml
fi
# Every option that a tool, module or script gives a program is one of the program's.
for file in pipelines/galaxy/sc-*.xml pipelines/nf-core/modules/*/main.nf pipelines/slurm-array.sh pipelines/grid.smk pipelines/Snakefile pipelines/figures*.mk; do
  case $file in
    *nf-core*) programs=sc-$(basename "$(dirname "$file")") ;;
    *sc-eval.xml) programs=sc-eval ;;
    *) programs="sc-preprocess sc-knn sc-pretrain sc-cluster sc-eval" ;;
  esac
  for program in $programs; do "$SC$program" --help; done >"$folder/help"
  for option in $(sed -E '/^#|^\/\/|sbatch|--config/d' "$file" | grep -oE '(^|[ ",])--[a-z][a-z-]+' | tr -d ' ",' | sort -u); do
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
