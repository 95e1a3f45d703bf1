#!/bin/bash
# Fails if README.md or docs/ name an option that no program has, or if a program has an option that
# its pages omit. Also fails if a command of README.md, the tour or a worked example fails:
#   SC=.build/release/ scripts/test-docs.sh
set -euo pipefail
cd "$(dirname "$0")/.."
SC=$(realpath "$(dirname "${SC:-.build/release/}x")")/
here=$PWD

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0 passed=0
complain() { echo "✘ $*" >&2; failed=$((failed + 1)); }

for program in sc-preprocess sc-knn sc-pretrain sc-cluster sc-eval; do
  # The options at the beginning of a line: `-n, --neighbors <n>`, and
  # `--ignore, --ignore-label <label>`.
  "$SC$program" --help | grep -E '^  -' | sed -E 's/^(  (-[a-z], )?--[a-z-]+(, --[a-z-]+)?).*/\1/' | grep -oE -- '--[a-z][a-z-]*' |
    sort -u >"$folder/$program"
  for option in $(<"$folder/$program"); do
    if grep -q -- "$option\b" "docs/$program"*.md docs/conventions.md docs/paired.md; then
      passed=$((passed + 1))
    else
      complain "docs/$program*.md do not name $option"
    fi
  done
done

# Options of other programs that the examples call.
others='--array|--cells|--parsable|--cpus-per-task|--wrap|--dependency|--jobs|--configfile|--config|--cores|--input|--outdir|--labels|--rm|--requeue|--bootstrap|--quiet|--build-arg|--help-markdown|--write'
for file in README.md docs/*.md; do
  for option in $(grep -oE '(^|[^a-z-])--[a-z][a-z-]*' "$file" | grep -oE -- '--[a-z-]+' | sort -u); do
    if grep -qxh -- "$option" "$folder"/sc-* || [[ $option =~ ^($others)$ ]]; then
      passed=$((passed + 1))
    else
      complain "$file names $option, which no program has"
    fi
  done
  # Links to files and to headings of this repository.
  for link in $(grep -oE '\]\([^)h][^)]*\)' "$file" | sed 's/^](//; s/)$//' | sort -u); do
    target=$(dirname "$file")/${link%%#*}
    [ "${link#\#}" = "$link" ] || target=$file
    if [ ! -e "$target" ]; then
      complain "$file links to $link, which is not there"
    elif [[ $link == *#* ]] && ! grep -E '^#' "$target" | sed -E 's/^#+ //; s/[^A-Za-z0-9 -]//g; s/ /-/g' |
      tr '[:upper:]' '[:lower:]' | grep -x -- "${link#*#}" >/dev/null; then
      complain "$file links to $link, but there is no such heading"
    else
      passed=$((passed + 1))
    fi
  done
done
# The tables of options are made from the programs.
if SC=$SC scripts/option-tables.sh; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
# The commands of README.md and of the tour, without change, in an empty folder.
cells=""
for file in demo/10x_pbmc68k_reduced.h5ad "${SC_SHARED:-../shared}/data/rna/pbmc68k_reduced.h5ad"; do
  [ -n "$cells" ] || [ ! -e "$file" ] || cells=$(realpath "$file")
done
# commands PAGE: the lines of code that call a program of ours.
commands() { sed -nE 's/^    (sc[ -](preprocess|knn|pretrain|cluster|eval) .*)/\1/p' "$1"; }
if [ -z "$cells" ]; then
  echo "skipped: the commands of README.md and docs/tour.md (no data: make demo fetches them)"
else
  for page in README.md docs/tour.md; do
    place=$folder/$(basename "$page" .md)
    mkdir -p "$place/demo"
    ln -s "$cells" "$place/demo/10x_pbmc68k_reduced.h5ad"
    ln -s "$cells" "$place/pbmc.h5ad"
    # The labels of these cells have another name than those of README.md.
    commands "$page" | sed 's/cell_type/bulk_labels/' >"$place/commands"
    [ -s "$place/commands" ] || complain "$page has no commands"
    while IFS= read -r command; do
      if (cd "$place" && PATH=$SC:$here/Sources/sc:$PATH bash -o pipefail -c "$command" </dev/null >out 2>&1); then
        passed=$((passed + 1))
      else
        complain "$page: $command"
        tail -n 2 "$place/out" >&2
      fi
    done <"$place/commands"
  done
fi
# The worked examples: their commands and output. Only the first needs cells that were measured.
for page in docs/worked-example*.md; do
  if ! command -v python3 >"$folder/found"; then
    echo "skipped: the commands of $page (no python3)"
  elif [ -z "$cells" ] && [ "$page" = docs/worked-example.md ]; then
    echo "skipped: the commands of $page (no data: make demo fetches them)"
  elif SC=$SC scripts/worked-example.py "$page" ${cells:+"$cells"} >"$folder/example" 2>&1; then
    passed=$((passed + 1))
    grep 'not compared' "$folder/example" || true
  else
    complain "$page: a command fails or prints something else; scripts/worked-example.py $page --write"
    cat "$folder/example" >&2
  fi
done
echo "docs: $passed passed, $failed failed"
[ $failed -eq 0 ]
