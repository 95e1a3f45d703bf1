#!/bin/bash
# Fails if a source file is longer than the limit: scripts/check-file-lengths.sh LIMIT FOLDER...
set -euo pipefail
limit=$1
shift
long=$(find "$@" -type f \( -name '*.swift' -o -name '*.c' -o -name '*.h' \) -exec wc -l {} \; |
  awk -v limit="$limit" '$1 > limit { print $2 ": " $1 " lines; the limit is " limit }' | sort)
[ -z "$long" ] || { echo "$long" >&2; exit 1; }
