#!/bin/bash
# Installs the missing Debian packages that the build needs; prints nothing if none is missing.
#   scripts/install-dependencies.sh [--asked] [python3] [pip]     these as well, where no such
#     command exists
# Nothing is installed unasked. A person at a terminal is asked; otherwise the script names what is
# missing. --asked is for commands whose purpose is to have everything there (make deps, demo,
# test): as root they install at once. ASSUME_YES=1 is the answer to all questions.
set -euo pipefail

is_asked=no
if [ "${1-}" = --asked ]; then
  is_asked=yes
  shift
fi
missing=()
if command -v dpkg-query >/dev/null; then
  for package in libopenblas-dev libhdf5-dev zlib1g-dev libblosc-dev libzstd-dev libarpack2-dev libcairo2-dev \
    pkg-config; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    # pkgconf provides pkg-config on newer releases.
    if [ "$package" = pkg-config ] && command -v pkg-config >/dev/null; then continue; fi
    [ "$status" = installed ] || missing+=("$package")
  done
fi
for tool in "$@"; do
  case $tool in
    python3) command -v python3 >/dev/null || missing+=(python3) ;;
    pip) python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip) ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]} (names of Debian's packages); install them with your package manager" >&2
  exit 1
fi
elevate=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "missing: ${missing[*]}; as root, run: $command" >&2
    exit 1
  fi
  elevate=(sudo)
fi
if [ "${ASSUME_YES-}" != 1 ] && { [ $is_asked = no ] || [ "$(id -u)" -ne 0 ]; }; then
  if [ ! -t 0 ] || [ ! -t 2 ]; then
    echo "missing: ${missing[*]}; as root, run: $command (or make deps ASSUME_YES=1)" >&2
    exit 1
  fi
  read -r -p "Missing: ${missing[*]}. Install them${elevate:+ with sudo}? [y/N] " answer
  case $answer in
    [Yy] | [Yy]es) ;;
    *) echo "not installed; as root, run: $command" >&2; exit 1 ;;
  esac
fi
echo "Installing ${missing[*]} ..." >&2
run() { "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >/dev/null; }
if ! { run apt-get update -qq && run apt-get install -y -qq --no-install-recommends "${missing[@]}"; }; then
  echo "could not install ${missing[*]}; as root, run: $command" >&2
  exit 1
fi
