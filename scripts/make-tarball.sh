#!/bin/bash
# Makes a tarball that runs from any folder: scripts/make-tarball.sh OUT. Needs .build-static
# (`make static`) and patchelf. It holds every library except the C library's (glibc 2.36 or later,
# as in Debian 12). The programs find them in their own folder.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$1
umask 022
command -v patchelf >/dev/null || { echo "patchelf is missing: install Debian's patchelf" >&2; exit 69; }

version=$(.build-static/release/sc-knn --version | cut -d ' ' -f 2)
name=single-cell-clustering-$version-linux-$(uname -m)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
root=$folder/$name
make --no-print-directory install "DESTDIR=$folder" "PREFIX=/$name" >/dev/null
install -m 644 LICENSE README.md CHANGELOG.md "$root"
install -m 644 packaging/debian/copyright "$root/COPYRIGHT"
libraries=$root/lib/single-cell-clustering
mkdir -p "$libraries"

# The C library and the loader belong to the system.
system='^(linux-vdso|ld-linux|libc|libm|libdl|libpthread|librt|libresolv|libutil)[.-]'
ldd "$root"/bin/sc-* | awk '/=> \//{print $3}' | sort -u | while read -r library; do
  [[ $(basename "$library") =~ $system ]] || install -m 644 "$(realpath "$library")" "$libraries/$(basename "$library")"
done
for program in "$root"/bin/sc-*; do patchelf --set-rpath '$ORIGIN/../lib/single-cell-clustering' "$program"; done
for library in "$libraries"/*; do patchelf --set-rpath '$ORIGIN' "$library"; done

mkdir -p "$out"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$folder" -cf - "$name" |
  gzip -9n >"$out/$name.tar.gz"
echo "$out/$name.tar.gz"
