#!/bin/bash
# The table of rooms in ARCHITECTURE.md must be that of Package.swift: the rooms, their order, and
# what each may import. The words in its middle column are written by hand. Fails if the table is
# stale, or if a room uses what its kind may not.
#   scripts/check-rooms.sh            compare
#   scripts/check-rooms.sh --write    bring the table up to date; a new room's words are then to be
#                                     written
# scripts/check-warnings.sh checks that sources import no more than this, since it builds
# everything.
set -euo pipefail
cd "$(dirname "$0")/.."

# Lines "name<tab>import, import" of the rooms in the manifest.
rooms() {
  tr '\n' ' ' <Package.swift | grep -oE 'room\( *"[A-Za-z]+", +uses: \[[^]]*\]' | while read -r room; do
    name=$(sed -E 's/^room\( *"([A-Za-z]+)".*/\1/' <<<"$room")
    uses=$(sed -E 's/.*\[(.*)\]/\1/; s/argumentParser/ArgumentParser/; s/["]//g; s/^ +//; s/[ ,]+$//; s/, +/, /g' <<<"$room")
    printf '%s\t%s\n' "$name" "${uses:-–}"
  done
}

# What the table says of a room, by hand.
words() { grep -E "^\| $1 \|" ARCHITECTURE.md | head -n 1 | awk -F ' [|] ' '{ print $2 }'; }

table() {
  rooms | while IFS=$'\t' read -r name uses; do
    printf '| %s | %s | %s |\n' "$name" "$(words "$name")" "$uses"
  done
}

# The rows of Swift rooms in the page: those between the first room and the executables.
standing() {
  local names
  names=$(rooms | cut -f 1 | paste -s -d '|')
  grep -E "^\| ($names) \|" ARCHITECTURE.md
}

failed=0
if [ "${1:-}" = --write ]; then
  rows=$(table)
  first=$(standing | head -n 1)
  names=$(rooms | cut -f 1 | paste -s -d '|')
  ROWS=$rows FIRST=$first awk -v rooms="^[|] ($names) [|]" '
    $0 == ENVIRON["FIRST"] { print ENVIRON["ROWS"]; next }
    $0 ~ rooms { next }
    { print }' ARCHITECTURE.md >ARCHITECTURE.md.new
  mv ARCHITECTURE.md.new ARCHITECTURE.md
elif ! difference=$(diff <(standing) <(table)); then
  echo "ARCHITECTURE.md: the table of rooms is not that of Package.swift; run scripts/check-rooms.sh --write:" >&2
  echo "$difference" >&2
  failed=1
fi

# forbid WHY NAMES ROOMS: fails if one of these names is in the lists of these rooms.
forbid() {
  local found
  found=$(rooms | grep -E "^($3)"$'\t' | grep -E "[[:space:]]($2)(,|\$)" | cut -f 1 | paste -s -d ' ' || true)
  [ -z "$found" ] && return
  echo "Package.swift: $1: $found" >&2
  failed=1
}
forbid "only the rooms of the stages read options" ArgumentParser "$(rooms | cut -f 1 | grep -vE '^(StageSupport|ModelStages)$' | paste -s -d '|')"
forbid "models see matrices and graphs, never files" 'CellData|TensorStream|DataFormats|StageSupport' 'Autodiff|NeuralNetworks|Training|Models'
for name in $(rooms | cut -f 1); do
  [ -n "$(words "$name")" ] && continue
  echo "ARCHITECTURE.md: say what $name holds" >&2
  failed=1
done
exit $failed
