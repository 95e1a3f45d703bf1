#!/bin/bash
# Checks that the option tables of docs/ are those of the programs, or writes them:
#   SC=.build/release/ scripts/option-tables.sh [--write]
# A table is between <!-- options PROGRAM: SECTION; SECTION --> and <!-- end of options -->. "all"
# is every section except those that all programs share. Without --write it ends with 1 if a table
# differs from --help-markdown.
set -euo pipefail
cd "$(dirname "$0")/.."
SC=$(realpath "$(dirname "${SC:-.build/release/}x")")/
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for program in sc-preprocess sc-knn sc-pretrain sc-cluster sc-eval; do
  "$SC$program" --help-markdown >"$folder/$program"
done

failed=0
for page in docs/*.md; do
  grep -q '^<!-- options ' "$page" || continue
  awk -v folder="$folder" '
    function shown(title, wanted) {
      if (wanted == "all") return title != "All stages" && title != "Input and output"
      return index("; " wanted "; ", "; " title "; ") > 0
    }
    /^<!-- options / {
      print
      program = $3; sub(/:$/, "", program)
      wanted = $0; sub(/^<!-- options [^:]*: /, "", wanted); sub(/ -->$/, "", wanted)
      print ""
      use = 0
      while ((getline line < (folder "/" program)) > 0) {
        if (line ~ /^### /) use = shown(substr(line, 5), wanted)
        if (use) print (line ~ /^### / ? "**" substr(line, 5) "**" : line)
      }
      close(folder "/" program)
      inside = 1
      next
    }
    /^<!-- end of options -->/ { inside = 0; print "" }
    !inside { print }
  ' "$page" | cat -s >"$folder/page"
  if ! cmp -s "$folder/page" "$page"; then
    if [ "${1-}" = --write ]; then
      cp "$folder/page" "$page"
    else
      echo "✘ the options in $page are not those of --help-markdown; scripts/option-tables.sh --write" >&2
      diff "$page" "$folder/page" | head -4 >&2
      failed=1
    fi
  fi
done
exit $failed
