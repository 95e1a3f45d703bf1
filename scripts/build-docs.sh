#!/bin/bash
# Builds the site of the documentation with mkdocs-material, and checks its links:
#   scripts/build-docs.sh
# The packages are in .build-docs/venv, made on the first run; the site is .build-docs/site. Without
# a network, and without the packages, it is skipped with a message.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.build-docs
venv=$folder/venv
requirements=mkdocs-material==9.8.2
mkdir -p $folder
if [ ! -e $venv/bin/mkdocs ] || [ "$(cat $venv/installed.txt 2>/dev/null)" != $requirements ]; then
  echo "installing $requirements into $venv (once) ..." >&2
  python3 -m venv $venv
  if ! $venv/bin/pip install --quiet --disable-pip-version-check --retries 1 $requirements >$folder/pip.log 2>&1; then
    echo "docs: skipped, mkdocs-material cannot be installed ($(tail -n 1 $folder/pip.log))" >&2
    exit 0
  fi
  echo $requirements >$venv/installed.txt
fi

# The pages as they lie in the repository, so that their links hold: README.md is the first.
pages=$folder/pages
rm -rf $pages $folder/site
mkdir -p $pages/Benchmarks
cp -r docs $pages/docs
cp -r Benchmarks/runs $pages/Benchmarks/runs
cp -r pipelines $pages/pipelines
cp BENCHMARKS.md CHANGELOG.md CONTRIBUTING.md ARCHITECTURE.md CODE_OF_CONDUCT.md SECURITY.md LICENSE CITATION.cff $pages
cp README.md $pages/index.md
# What is a folder for GitHub is its page here.
sed -i 's|(Benchmarks/runs)|(Benchmarks/runs/README.md)|' $pages/BENCHMARKS.md
NO_MKDOCS_2_WARNING=1 $venv/bin/mkdocs build --quiet --strict
echo "docs: $(find $folder/site -name '*.html' | wc -l) pages in $folder/site, all links hold"
