#!/bin/bash
# conda-build runs this in the unpacked tarball.
set -euo pipefail
mkdir -p "$PREFIX/bin" "$PREFIX/lib" "$PREFIX/share"
cp -a bin/. "$PREFIX/bin/"
cp -a lib/. "$PREFIX/lib/"
cp -a share/. "$PREFIX/share/"
