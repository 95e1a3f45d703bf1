#!/bin/bash
# Makes a Debian package of the programs: scripts/make-deb.sh OUT. Needs .build-static
# (`make static`), dpkg-dev; lintian checks it if installed. The programs need no Swift library;
# dpkg-shlibdeps finds the packages of the libraries that they need.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$1
umask 022
for tool in dpkg-deb dpkg-shlibdeps; do
  command -v $tool >/dev/null || { echo "$tool is missing: install Debian's dpkg-dev" >&2; exit 69; }
done

name=single-cell-clustering
version=$(.build-static/release/sc-knn --version | cut -d ' ' -f 2)
architecture=$(dpkg --print-architecture)
# A file's date is the commit's, so that equal sources give an equal package.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
maintainer=${DEB_MAINTAINER:-$(git log -1 --format='%an <%ae>' 2>/dev/null || true)}
[ -n "$maintainer" ] || { echo "who makes the package? set DEB_MAINTAINER='NAME <MAIL>'" >&2; exit 64; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
root=$folder/root
mkdir -p "$root/DEBIAN"
make --no-print-directory install "DESTDIR=$root" PREFIX=/usr >/dev/null
chmod -R u=rwX,go=rX "$root"

find "$root/usr/share/man" -name '*.1' -exec gzip -9n {} +
# zsh of Debian reads completions of packages here.
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root"/usr/share/zsh/site-functions/* "$root/usr/share/zsh/vendor-completions/"
rmdir "$root/usr/share/zsh/site-functions"

doc=$root/usr/share/doc/$name
install -D -m 644 packaging/debian/copyright "$doc/copyright"
# They are read, not run.
sed -i '1{/^#!/d}' "$root"/usr/share/bash-completion/completions/*
gzip -9nc CHANGELOG.md >"$doc/NEWS.gz"
{
  printf '%s (%s) unstable; urgency=medium\n\n  * NEWS.gz has the changes.\n\n' "$name" "$version"
  printf ' -- %s  %s\n' "$maintainer" "$(date -R -u -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.gz"

# dpkg-shlibdeps wants a source tree's control file.
mkdir -p "$folder/source/debian"
printf 'Source: %s\n\nPackage: %s\nArchitecture: any\n' $name $name >"$folder/source/debian/control"
depends=$(cd "$folder/source" && dpkg-shlibdeps -O "$root"/usr/bin/sc-* 2>"$folder/shlibdeps.log" | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { cat "$folder/shlibdeps.log" >&2; exit 1; }
# The threads of the programs need OpenBLAS's pthread build.
depends=$(sed -E 's/libopenblas0( \([^)]*\))?( \| [^,]*)?/libopenblas0-pthread\1/' <<<"$depends")

{
  echo "Package: $name"
  echo "Version: $version"
  echo "Architecture: $architecture"
  echo "Maintainer: $maintainer"
  echo "Installed-Size: $(du -k -s --exclude=DEBIAN "$root" | cut -f 1)"
  echo "Depends: $depends, fonts-dejavu-core"
  cat packaging/debian/control
} >"$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
package=$out/${name}_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
if command -v lintian >/dev/null; then
  lintian --fail-on error,warning --allow-root "$package"
else
  echo "skipped: lintian is not installed" >&2
fi
echo "$package"
