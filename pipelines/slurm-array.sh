#!/bin/bash
#SBATCH --job-name=sctpf
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
# scTPF on many samples as an array of Slurm jobs, one task for each sample.
#
#   sbatch --array=1-$(wc -l < samples.tsv) pipelines/slurm-array.sh samples.tsv RESULTS
#
#   samples.tsv   one line for each sample, tab-separated: NAME  INPUT  CLUSTERS  [LABELS]
#                 CLUSTERS may be auto; LABELS is a column of INPUT or a file of barcodes and
#                   labels, only compared with
#   RESULTS       gets NAME.pre.safetensors, NAME.knn.safetensors, NAME.model.safetensors,
#                 NAME.clustered.h5ad, NAME.metrics.tsv
#
# From the environment:
#   PREPROCESS, KNN, PRETRAIN, CLUSTER, EVAL   further options of that stage
#   SEED                                       the seed of all random numbers (0)
#   SC                                         the text before the programs' names
#   MAX_RESTARTS                               how often a task may begin again (20)
#   KEEP                                       empty: files between the stages are removed when a
#                                              sample is done
#
# Resumed: a file appears only when its stage has succeeded. A task therefore continues with the
# first stage whose file is missing or out of date. A file is out of date if it is older than its
# input or than its settings (.NAME.STAGE.settings). Inside a training it continues with the last
# step of its checkpoint (NAME.pretrain.checkpoint, NAME.cluster.checkpoint). A finished sample is
# skipped.
#
# In three cases the task ends its stage and puts itself back into the queue. These are two minutes
# before the time limit (SIGUSR1), preemption (SIGTERM), and a locked file (status 75). A task that
# was canceled stays so. Threads: the programs take SLURM_CPUS_PER_TASK. After a failure: `sbatch`
# the same line again.
set -uo pipefail

say() { printf '%s: %s\n' "${name:-slurm-array.sh}" "$*" >&2; }
usage() { sed -n '9,/^set /{/^#/s/^# \{0,1\}//p}' "$1"; }

case ${1-} in -h | --help) usage "$0"; exit 0 ;; esac
if [ $# -ne 2 ]; then
  usage "$0" >&2
  exit 64
fi
[ -r "$1" ] || { say "$1: cannot be read"; exit 66; }
task=${SLURM_ARRAY_TASK_ID:-1}
line=$(sed -n "${task}p" -- "$1")
# Tabs are white space to `read`, which would join empty fields: unit separators are not.
IFS=$'\x1f' read -r name input clusters labels _ <<<"${line//$'\t'/$'\x1f'}"
if [ -z "${name-}" ] || [ -z "${input-}" ] || [ -z "${clusters-}" ]; then
  say "$1: line $task: not NAME, INPUT and CLUSTERS, tab-separated"
  exit 65
fi
case $name in */* | .* | -*) say "$1: line $task: '$name' cannot name files"; exit 65 ;; esac
SC=${SC-}
mkdir -p -- "$2" || exit 73
folder=$2
result=$folder/$name
job=${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_$task}
job=${job:-${SLURM_JOB_ID-}}

child=
# back_to_queue WHY STATUS: ends the running stage and this task, which Slurm begins again.
back_to_queue() {
  trap '' USR1 TERM
  [ -z "$child" ] || { kill -TERM "$child" 2>/dev/null; wait "$child"; }
  if [ -z "$job" ]; then
    say "$1; run it again to go on"
    exit "$2"
  fi
  # A job that is no longer running was canceled, or Slurm itself ends it or puts it back: not for
  # this script to undo.
  case $(scontrol show job "$job" -o 2>/dev/null) in
    *JobState=RUNNING*) ;;
    *) say "$1; the job is over for Slurm"; exit "$2" ;;
  esac
  if [ "${SLURM_RESTART_COUNT:-0}" -ge "${MAX_RESTARTS:-20}" ]; then
    say "$1, after ${SLURM_RESTART_COUNT} restarts (MAX_RESTARTS); not queued again"
    exit "$2"
  fi
  say "$1; back to the queue"
  scontrol requeue "$job" || exit "$2"
  # Slurm ends this script now.
  sleep 60
  exit "$2"
}
trap 'back_to_queue "the time is nearly over" 75' USR1
trap 'back_to_queue "asked to end" 143' TERM

# settings STAGE WORD...: notes the settings of a stage in a hidden file that is written only when
# something changes. The results of the stage, and its checkpoint, are then older than its settings.
# Results without a note count as made with these settings.
settings() {
  local note=$folder/.$name.$1.settings text
  shift
  text=$(printf '%q ' "$@")
  if [ ! -e "$note" ]; then
    printf '%s\n' "$text" >"$note.part" && touch -d @0 -- "$note.part" && mv -- "$note.part" "$note"
  elif [ "$(<"$note")" != "$text" ]; then
    printf '%s\n' "$text" >"$note.part" && mv -- "$note.part" "$note"
  fi || { say "$note: cannot be written"; exit 73; }
}

# is_there OUTPUT INPUT STAGE: whether the stage has made it from what INPUT is now, with its
# settings.
is_there() { [ -s "$1" ] && [ ! "$2" -nt "$1" ] && [ ! "$folder/.$name.$3.settings" -nt "$1" ]; }

# stage STAGE OUTPUT INPUT COMMAND...: runs it unless OUTPUT is there. In the background: a trap
# must not wait for it.
stage() {
  local name_of_stage=$1 output=$2 from=$3 status
  shift 3
  if is_there "$output" "$from" "$name_of_stage"; then
    say "$(basename -- "$output") is there"
    return
  fi
  "$@" &
  child=$!
  wait "$child"
  status=$?
  child=
  [ $status -ne 75 ] || back_to_queue "a file is locked" 75
  [ $status -eq 0 ] || { say "${1##*/} ended with status $status"; exit $status; }
}

# resuming STAGE CHECKPOINT INPUT: puts the options with which a training continues from its
# checkpoint into `resume`. A checkpoint older than INPUT or the settings is of another run.
resuming() {
  is_there "$2" "$3" "$1" || rm -f -- "$2"
  resume=(--checkpoint "$2" --resume "$2")
}

settings pre "${labels-}" "${SEED:-0}" "${PREPROCESS-}"
settings knn "${SEED:-0}" "${KNN-}"
settings pretrain "${SEED:-0}" "${PRETRAIN-}"
settings cluster "$clusters" "${SEED:-0}" "${CLUSTER-}"
settings eval "${labels-}" "${EVAL-}"
# What every stage before it has made is in the result: whether it is of all these settings.
is_clustered() {
  local step
  for step in pre knn pretrain cluster; do is_there "$result.clustered.h5ad" "$input" $step || return; done
}

if is_clustered && is_there "$result.metrics.tsv" "$result.clustered.h5ad" eval; then
  say "finished before; remove $result.metrics.tsv to run it again"
  exit 0
fi

seed=(--seed "${SEED:-0}")
# With the clusters there, nothing before them is needed.
if ! is_clustered; then
  # The options of a stage are words for the shell to split.
  # shellcheck disable=SC2086
  {
    stage pre "$result.pre.safetensors" "$input" \
      "${SC}sc-preprocess" "$input" ${labels:+--labels "$labels"} "${seed[@]}" ${PREPROCESS-} -o "$result.pre.safetensors"
    stage knn "$result.knn.safetensors" "$result.pre.safetensors" \
      "${SC}sc-knn" "$result.pre.safetensors" "${seed[@]}" ${KNN-} -o "$result.knn.safetensors"
    resuming pretrain "$result.pretrain.checkpoint" "$result.knn.safetensors"
    stage pretrain "$result.model.safetensors" "$result.knn.safetensors" \
      "${SC}sc-pretrain" "$result.knn.safetensors" "${seed[@]}" "${resume[@]}" ${PRETRAIN-} -o "$result.model.safetensors"
    resuming cluster "$result.cluster.checkpoint" "$result.model.safetensors"
    # Methods that do not train have no checkpoints.
    case " ${CLUSTER-} " in
      *" --method sctpf "* | *" --method scemc "* | *" --method=sctpf "* | *" --method=scemc "*) ;;
      *" --method"* | *" --use"*) resume=() ;;
    esac
    stage cluster "$result.clustered.h5ad" "$result.model.safetensors" \
      "${SC}sc-cluster" "$result.model.safetensors" --clusters "$clusters" "${seed[@]}" "${resume[@]}" ${CLUSTER-} -o "$result.clustered.h5ad"
  }
fi
rm -f -- "$result".{pretrain,cluster}.checkpoint
# shellcheck disable=SC2086
stage eval "$result.metrics.tsv" "$result.clustered.h5ad" \
  "${SC}sc-eval" "$result.clustered.h5ad" ${labels:+--labels "$labels"} ${EVAL-} -o "$result.metrics.tsv"
[ -n "${KEEP-}" ] || rm -f -- "$result".{pre,knn,model}.safetensors
say "finished"
