#!/bin/bash
# Runs a benchmark and keeps what it prints: Benchmarks/record.sh NAME COMMAND... writes
# Benchmarks/runs/DATE-COMMIT/NAME.tsv. Its first line names the processor and the load of the
# machine.
set -euo pipefail
name=$1
shift
table=$(python3 "$(dirname "$0")/rundir.py")/$name.tsv
model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
printf '# %s, %s cores, load %s; %s\n' "$model" "$(nproc)" "$(cut -d ' ' -f 1 /proc/loadavg)" "$*" >"$table.new"
"$@" | tee -a "$table.new"
mv "$table.new" "$table"
echo "written to $table" >&2
