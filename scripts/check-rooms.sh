#!/bin/bash
# Fails where a room imports what the table in ARCHITECTURE.md does not let it: imports point only downwards.
# A room may import what it uses here and, in turn, what those use; C libraries and ArgumentParser only where they are named.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A uses=(
  [Tensors]="COpenBLAS CKernels"
  [CellData]="Tensors CZlib"
  [TensorStream]="CellData"
  [DataFormats]="CellData CHDF5 CLZF CZlib"
  [Preprocessing]="Tensors"
  [Neighbors]="Tensors CHNSW"
  [Clustering]="Tensors CARPACK"
  [Metrics]="Tensors"
  [Markers]="Tensors"
  [Layouts]="Tensors"
  [Colors]=" "
  [Plots]="Tensors Colors CCairo"
  [Reports]="Tensors"
  [Autodiff]="Tensors CKernels"
  [NeuralNetworks]="Autodiff"
  [Models]="NeuralNetworks Neighbors Clustering Metrics"
  [StageSupport]="DataFormats TensorStream CLaunch ArgumentParser"
  [ModelStages]="StageSupport Models Preprocessing ArgumentParser"
)
stage="StageSupport ArgumentParser Preprocessing Neighbors Clustering Metrics Markers Layouts Colors Plots Reports Models ModelStages"
for program in sc-preprocess sc-knn sc-pretrain sc-cluster sc-eval; do uses[$program]=$stage; done
restricted=" COpenBLAS CKernels CLaunch CLZF CZlib CHDF5 CHNSW CARPACK CCairo ArgumentParser "
guarded=" ${!uses[*]} $restricted "

# All that room $1 may import, space-separated: its own list, and of its rooms' lists the Swift rooms.
allowed() {
  local room
  echo -n " ${uses[$1]} "
  for room in ${uses[$1]}; do
    [ -n "${uses[$room]:-}" ] && allowed "$room" | tr ' ' '\n' | while read -r name; do
      case "$restricted" in *" $name "*) ;; *) echo -n " $name " ;; esac
    done
  done
  return 0
}

modifiers='(@[A-Za-z_()]+ +)*((package|internal|public|private|fileprivate) +)?'
kinds='((struct|class|enum|func|var|let|protocol|typealias) +)?'
failed=0
for folder in Sources/Shared/* Sources/sc-*; do
  room=$(basename "$folder")
  files=$(find "$folder" -name '*.swift')
  [ -n "$files" ] || continue
  if [ -z "${uses[$room]:-}" ]; then
    echo "$folder: the room is not in the table of scripts/check-rooms.sh; add it there" >&2
    failed=1
    continue
  fi
  permitted=$(allowed "$room")
  while IFS=: read -r file line statement; do
    module=$(sed -E "s/^ *${modifiers}import +$kinds//; s/[^A-Za-z0-9_].*//" <<<"$statement")
    case "$guarded" in *" $module "*) ;; *) continue ;; esac
    case "$permitted" in *" $module "*) continue ;; esac
    echo "$file:$line: $room may not import $module" >&2
    failed=1
  done < <(grep -nHE "^ *${modifiers}import " $files || true)
done
exit $failed
