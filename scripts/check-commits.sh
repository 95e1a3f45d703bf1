#!/bin/bash
# Fails if a commit has no body, or if its subject has more than 72 characters or is not imperative:
#   scripts/check-commits.sh [RANGE]
# RANGE is one of git, such as main..HEAD. The default is the commits since the last tag, or the
# last 20 if there is no tag. Merges may have any message. Without git's history it is skipped.
set -euo pipefail
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/.."

if ! git rev-parse --verify --quiet HEAD >/dev/null 2>&1; then
  echo "commits: skipped, because there is no history of git" >&2
  exit 0
fi
if [ $# -gt 0 ]; then
  range=("$@")
elif tag=$(git describe --tags --abbrev=0 2>/dev/null); then
  range=("$tag..HEAD")
else
  range=(-n 20 HEAD)
fi
# The range first, so that a wrong one is an error and not an empty list.
commits=$(git rev-list --no-merges "${range[@]}")

checked=0 failed=0
complain() {
  echo "${commit:0:8}: $1: $subject" >&2
  failed=$((failed + 1))
}
# An imperative begins with a capital, and not with a past tense, a gerund, a third person or a
# prefix such as "fix:". Some imperatives end like these.
alike='^(Embed|Exceed|Feed|Need|Proceed|Seed|Shed|Speed|Spread|Bring|String|Ring|Swing|Address|Assess|Bypass|Compress|Cross|Discuss|Express|Focus|Guess|Miss|Pass|Possess|Press|Process|Stress|Suppress|Toss|Canvas|Alias)$'
for commit in $commits; do
  checked=$((checked + 1))
  subject=$(git show -s --format=%s "$commit")
  body=$(git show -s --format=%b "$commit")
  # A trailer such as Signed-off-by gives no reason.
  prose=$(grep -vE '^[A-Z][A-Za-z-]+: [^ ]|^ *$' <<<"$body" || true)
  verb=${subject%%[ ,]*}
  [ ${#subject} -le 72 ] || complain "${#subject} characters, where 72 are the most"
  [ -n "$prose" ] || complain "no body"
  if [[ ! $verb =~ ^[A-Z][a-z-]+$ ]] || { [[ $verb =~ (ed|ing|s)$ ]] && [[ ! $verb =~ $alike ]]; }; then
    complain "does not begin with an imperative verb"
  fi
done
echo "commits: $checked checked, $failed complaints"
[ $failed -eq 0 ]
