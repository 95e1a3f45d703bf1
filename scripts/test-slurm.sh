#!/bin/bash
# Runs pipelines/slurm-array.sh on a Slurm of one node, set up in a temporary folder and removed
# afterwards:
#   SC=.build/release/ scripts/test-slurm.sh
# Needs root and Debian's slurm-wlm and munge; without them it reports that, and ends with 0. The
# machine's own Slurm, if it has one, is not touched: ports, keys and sockets differ.
set -euo pipefail
cd "$(dirname "$0")/.."
SC=$(realpath "$(dirname "${SC:-.build/release/}x")")/

missing=()
for tool in slurmctld slurmd munged sbatch scontrol; do command -v $tool >/dev/null || missing+=("$tool"); done
if [ ${#missing[@]} -gt 0 ]; then
  echo "skipped: Slurm (no ${missing[*]}; apt-get install slurm-wlm munge)"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "skipped: Slurm (setting up a node needs root)"
  exit 0
fi

# What the trap and `expect` call looks unreachable to shellcheck.
# shellcheck disable=SC2317
folder=$(mktemp -d /tmp/slurm-test.XXXXXX)
chmod 755 "$folder"
started=()
finish() {
  status=$?
  trap - EXIT
  [ $status -eq 0 ] || tail -n 20 "$folder"/*.log "$folder"/*.out >&2 2>/dev/null || true
  if [ -n "${SLURM_CONF-}" ]; then scancel -u root 2>/dev/null || true; sleep 1; fi
  for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
  for process in "${started[@]}"; do wait "$process" 2>/dev/null || true; done
  rm -rf "$folder"
  exit $status
}
trap finish EXIT

# munged takes no files in a folder that others may write to, which /tmp is, unless forced.
dd if=/dev/urandom of="$folder/munge.key" bs=128 count=1 status=none
chmod 600 "$folder/munge.key"
munged --force --foreground --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munge.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/munge.seed" 2>>"$folder/munged.log" &
started+=($!)

host=$(hostname -s)
port=$((20000 + RANDOM % 20000))
cat >"$folder/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
KillWait=5
MinJobAge=600
SchedulerParameters=batch_sched_delay=1,sched_interval=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 Sockets=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=10 State=UP
CONF
export SLURM_CONF=$folder/slurm.conf
mkdir -p "$folder/state" "$folder/spool"
for _ in {1..50}; do [ -S "$folder/munge.socket" ] && break; sleep 0.1; done
slurmctld -D -f "$SLURM_CONF" >"$folder/slurmctld.out.log" 2>&1 &
started+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" >"$folder/slurmd.out.log" 2>&1 &
started+=($!)
for _ in {1..60}; do [ "$(sinfo -h -o %t 2>/dev/null)" = idle ] && break; sleep 0.5; done
[ "$(sinfo -h -o %t)" = idle ] || { echo "the node of the test does not come up" >&2; exit 1; }

failed=0
# expect WHAT COMMAND...
expect() {
  local what=$1
  shift
  if "$@"; then echo "✔ $what ($SECONDS s)"; else echo "✘ $what ($SECONDS s)" >&2; failed=1; fi
}
state() { scontrol show job "$1" -o | grep -o 'JobState=[A-Z]*' | cut -d= -f2; }
# await SECONDS COMMAND...: until it succeeds.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.2; done
}
is() { [ "$(state "$1")" = "$2" ]; }

for sample in a b; do
  python3 Benchmarks/simulate.py --cells 600 --genes 400 --types 3 --seed "$(printf %d "'$sample")" "$folder/$sample.10x"
  printf '%s\t%s\t3\t%s\n' "$sample" "$folder/$sample.10x" "$folder/$sample.10x/labels.tsv"
done >"$folder/samples.tsv"
results=$folder/results
submit() {
  SC=$SC KEEP=1 PRETRAIN="--epochs $1 --patience 0 --models 1" sbatch --parsable --array="$2" --cpus-per-task=1 --mem=0 --time=5 \
    --output="$folder/%A_%a.out" pipelines/slurm-array.sh "$folder/samples.tsv" "$results"
}

# Long enough that the signal comes in the middle of the training of task 1.
job=$(submit 400 1-2)
expect "the first task trains" await 60 test -s "$results/a.knn.safetensors"
sleep 1
before=$(stat -c %Y%i "$results/a.knn.safetensors")
scancel --batch --signal=USR1 "${job}_1"
expect "a task whose time is nearly over goes back to the queue" \
  await 60 grep -q 'back to the queue' "$folder/${job}_1.out"
# Slurm lets two minutes pass before it begins again.
await 30 is "${job}_1" PENDING && scontrol update "JobId=${job}_1" StartTime=now || true
expect "it begins again and ends well" await 240 is "${job}_1" COMPLETED
expect "so does the other" await 240 is "${job}_2" COMPLETED
expect "the graph was not made twice" test "$before" = "$(stat -c %Y%i "$results/a.knn.safetensors")"
expect "the second time begins where the first ended" grep -q 'a.knn.safetensors is there' "$folder/${job}_1.out"
expect "and in the training where that ended" grep -q 'resuming from the checkpoint .*a.pretrain.checkpoint' "$folder/${job}_1.out"
for sample in a b; do
  expect "$sample: clusters and figures" test -s "$results/$sample.clustered.h5ad" -a -s "$results/$sample.metrics.tsv"
done

job=$(submit 5 1-2)
await 60 is "${job}_2" COMPLETED || true
expect "a finished sample is skipped" grep -q '^a: finished before' "$folder/${job}_1.out"

rm -f "$results"/a.{metrics.tsv,clustered.h5ad,model.safetensors}
job=$(submit 4000 1)
expect "a task runs" await 60 is "${job}_1" RUNNING
sleep 2
scancel "${job}_1"
await 30 is "${job}_1" CANCELLED || true
sleep 6
expect "a task that was canceled stays so" is "${job}_1" CANCELLED
expect "and leaves no half-written file" test -z "$(find "$results" -name '.sc-*')" -a ! -e "$results/a.model.safetensors"
exit $failed
