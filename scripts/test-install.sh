#!/bin/bash
# Installs into a temporary folder, tries what is there as a user would, and takes it away again.
# Needs .build-static (`make static`). The toolchain is kept out of reach: the programs run with an
# empty environment, and must not ask for a library of Swift's.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0 skipped=0
# expect WHAT COMMAND...: the command must succeed.
expect() {
  local what=$1
  shift
  if "$@" >"$folder/out" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "✘ $what" >&2
    head -5 "$folder/out" >&2
  fi
}
# skip WHAT WHY
skip() {
  skipped=$((skipped + 1))
  echo "skipped: $1 ($2)"
}

root=$folder/root prefix='/opt/single cell'
make --no-print-directory install "DESTDIR=$root" "PREFIX=$prefix" >/dev/null
bin=$root$prefix/bin share=$root$prefix/share
# The environment of a user without the toolchain.
clean() { (cd "$folder" && env -i "PATH=$bin:/usr/bin:/bin" HOME="$folder" LANG=C.UTF-8 "$@"); }

# 200 cells of four types, from a fixed linear congruence.
awk 'BEGIN {
  seed = 7
  for (g = 0; g < 160; g++) printf ",G%d", g
  print ""
  for (c = 0; c < 200; c++) {
    printf "c%d", c
    for (g = 0; g < 160; g++) {
      seed = (seed * 1103515245 + 12345) % 2147483648
      printf ",%d", int(seed / 2147483648 * (int(g / 40) == c % 4 ? 12 : 2))
    }
    print ""
  }
}' >"$folder/counts.csv"

for program in sc sc-preprocess sc-knn sc-pretrain sc-cluster sc-eval; do
  expect "$program --version" clean bash -c "[[ \$($program --version) == '$program '[0-9]* ]]"
  expect "$program has a man page" grep -q '^\.SH EXIT STATUS' "$share/man/man1/$program.1"
  for file in "bash-completion/completions/$program" "zsh/site-functions/_$program" "fish/vendor_completions.d/$program.fish"; do
    expect "$file" test -s "$share/$file"
  done
  [ $program = sc ] || expect "$program needs no library of Swift's" \
    bash -c '! ldd "$1" | grep -iE "swift|Foundation|dispatch|not found"' _ "$bin/$program"
done

expect "the pipe of installed programs" clean bash -o pipefail -c '
  sc preprocess -q counts.csv | sc knn -q | sc pretrain -q --epochs 5 | sc cluster -q --clusters 4 --epochs 8 -o c.h5ad'
expect "sc eval" clean bash -c '[ "$(sc eval c.h5ad --json | grep -c modularity)" = 1 ]'
expect "arguments with spaces pass through sc" clean bash -c 'cp counts.csv "a b.csv" && sc preprocess -q "a b.csv" -o "c d.st"'
expect "the exit status of the stage is that of sc" clean bash -c 'sc knn nothing.h5ad; [ $? = 66 ]'
expect "an unknown stage" clean bash -c '[ "$(sc nosuch 2>&1)" = "sc: unknown stage '"'nosuch'"'; the stages are preprocess, knn, pretrain, cluster and eval" ]; sc nosuch; [ $? = 64 ]'
expect "no stage" clean bash -c 'sc; [ $? = 64 ]'
expect "sc knn -h fits on a screen" clean bash -c '[ "$(sc knn -h | wc -l)" -le 24 ]'
expect "sc help knn" clean bash -c 'diff <(sc help knn) <(sc-knn --help)'
expect "sc --help names the five" clean bash -c '[ "$(sc --help | grep -cE "^  (preprocess|knn|pretrain|cluster|eval) ")" = 5 ]'
expect "sc through a link" clean bash -c 'ln -s "$1/sc" link && PATH=/usr/bin:/bin ./link knn --version' _ "$bin"
expect "sc finds stages on PATH" clean bash -c 'cp "$1/sc" alone && ./alone knn --version' _ "$bin"
expect "a stage that is not installed" clean bash -c 'PATH=/usr/bin:/bin ./alone knn; [ $? = 69 ]'
expect "sc starts within 20 ms" clean bash -c '
  best=1000000000
  for i in 1 2 3 4 5 6 7 8 9 10; do
    began=$(date +%s%N); sc --help >/dev/null; took=$(($(date +%s%N) - began)); ((took >= best)) || best=$took
  done
  echo "$best ns"; ((best < 20000000))'

completions=$share/bash-completion/completions
complete_bash='
  . "$1/sc"
  COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=($2); [[ $2 != *" " ]] || COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _sc; printf "%s\n" "${COMPREPLY[@]}"'
expect "bash completes stages" bash -c "[[ \$(bash -c '$complete_bash' _ '$completions' 'sc pre' | xargs) == 'preprocess pretrain' ]]"
expect "bash completes a stage's options" bash -c "bash -c '$complete_bash' _ '$completions' 'sc knn --nei' | grep -qx -- --neighbors"
if command -v fish >/dev/null; then
  expect "fish completes stages and options" clean fish --no-config -c "
    for file in '$share'/fish/vendor_completions.d/*.fish; source \$file; end
    complete -C 'sc pre' | grep -q '^pretrain'; and complete -C 'sc knn --nei' | grep -q '^--neighbors'"
else
  skip "completion of fish" "fish is not installed"
fi
if command -v zsh >/dev/null; then
  for file in "$share"/zsh/site-functions/_*; do expect "zsh reads $(basename "$file")" zsh -n "$file"; done
else
  skip "completion of zsh" "zsh is not installed"
fi
if command -v mandoc >/dev/null; then
  for page in "$share"/man/man1/*.1; do expect "mandoc reads $(basename "$page")" mandoc -Tlint -W error "$page"; done
else
  skip "reading the man pages" "mandoc is not installed"
fi

# The tarball, from any folder, with an empty PATH and without the packages of this machine's
# libraries.
if command -v patchelf >/dev/null; then
  expect "make tarball" scripts/make-tarball.sh "$folder/dist"
  mkdir "$folder/any where"
  tar -C "$folder/any where" -xzf "$folder"/dist/*.tar.gz
  tarball=$(echo "$folder/any where"/*)
  for program in sc-preprocess sc-knn sc-pretrain sc-cluster sc-eval; do
    expect "the tarball's $program finds its own libraries" bash -c \
      '! ldd "$1" | grep "=> /" | grep -vE "lib/single-cell-clustering/|/lib(c|m|dl|pthread|rt|resolv)\.so"' _ "$tarball/bin/$program"
    expect "the tarball's $program with an empty PATH" env -i PATH= "$tarball/bin/$program" --version
  done
  expect "the tarball's sc with an empty PATH" env -i PATH= "$tarball/bin/sc" cluster --version
  expect "the pipe of the tarball" env -i PATH= "HOME=$folder" /bin/bash -o pipefail -c '
    cd "$1" && "$2/sc-preprocess" -q "$1/counts.csv" | "$2/sc-knn" -q | "$2/sc-pretrain" -q --epochs 5 |
      "$2/sc-cluster" -q --clusters 4 --epochs 8 -o t.h5ad && "$2/sc-eval" t.h5ad --json' _ "$folder" "$tarball/bin"
else
  skip "the tarball" "patchelf is not installed"
fi

# The Debian package, in a fresh root that has what it depends on and nothing else.
try_package() {
  local fresh=$folder/fresh depends
  depends=$(dpkg-deb -f "$1" Depends | sed -E 's/ \([^)]*\)//g; s/ \|[^,]*//g; s/, /,/g')
  debootstrap --variant=minbase --include="$depends" "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$fresh" &&
    cp "$1" "$folder/counts.csv" "$fresh/tmp/" && chroot "$fresh" dpkg -i "/tmp/$(basename "$1")"
}
# inside COMMAND: in that root, with its own environment.
inside() { chroot "$folder/fresh" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 bash -o pipefail -c "cd /tmp && $1"; }
if ! command -v dpkg-shlibdeps >/dev/null; then
  skip "the Debian package" "dpkg-dev is not installed"
else
  command -v lintian >/dev/null || skip "lintian's look at the package" "lintian is not installed"
  expect "make deb, and lintian finds nothing" env "DEB_MAINTAINER=${DEB_MAINTAINER:-Test of the package <nobody@example.org>}" \
    scripts/make-deb.sh "$folder/dist"
  package=$(echo "$folder"/dist/*.deb)
  mirror=$(sed -nE 's/^(deb |URIs: *)(https?:[^ ]*).*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1 || true)
  if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    skip "the package in a fresh root" "it needs root and debootstrap"
  elif ! timeout 20 python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=15)' \
    "${mirror:=http://deb.debian.org/debian}/dists/$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)/InRelease" 2>/dev/null; then
    skip "the package in a fresh root" "Debian's archive cannot be reached"
  else
    expect "the package installs in a fresh root" try_package "$package"
    expect "no Swift is there" inside '! command -v swift && ! find / -xdev -name "libswiftCore*" | grep .'
    expect "the pipe of the package" inside 'sc preprocess -q counts.csv | sc knn -q | sc pretrain -q --epochs 5 |
      sc cluster -q --clusters 4 --epochs 8 -o c.h5ad && sc eval c.h5ad --plot c.png --json && test -s c.png'
    expect "the package leaves nothing" inside 'dpkg -r single-cell-clustering && ! ls /usr/bin/sc-knn'
  fi
fi

make --no-print-directory uninstall "DESTDIR=$root" "PREFIX=$prefix"
expect "uninstall leaves no file" bash -c '[ -z "$(find "$1" -type f)" ]' _ "$root"

# A machine without the packages, whose apt-get and sudo only note that they were called.
fakes=$folder/fakes
mkdir "$fakes"
printf '#!/bin/bash\nexit 1\n' >"$fakes/dpkg-query"
for name in apt-get sudo; do printf '#!/bin/bash\necho "$0 $*" >>"%s/calls"\n' "$fakes" >"$fakes/$name"; done
chmod 755 "$fakes"/*
# installs COMMAND...: whether it asks for packages; without a terminal nobody can be asked.
installs() {
  rm -f "$fakes/calls"
  env -u ASSUME_YES "PATH=$fakes:$PATH" "$@" </dev/null
  [ -e "$fakes/calls" ]
}
expect "make installs nothing unasked" bash -c '! "$@"' _ env -u ASSUME_YES "PATH=$fakes:$PATH" make --no-print-directory needed
expect "and has called nothing" test ! -e "$fakes/calls"
expect "with ASSUME_YES=1 it installs" installs env ASSUME_YES=1 make --no-print-directory needed
if [ "$(id -u)" -eq 0 ]; then expect "make deps installs as root" installs make --no-print-directory deps; fi

echo "install: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
