#!/bin/sh
# Packs a binary as a release has it: np-TARGET.tar.gz with np, kubectl-np, the licence and the changelog, the same bytes
# for the same files. Arguments: the binary, the target, the folder to write to.
set -eu
binary=$1 target=$2 to=$3
here=$(cd "$(dirname "$0")/.." && pwd)
stage=$(mktemp -d)
cp "$binary" "$stage/np"
cp "$binary" "$stage/kubectl-np"
cp "$here/LICENSE" "$here/README.md" "$here/CHANGELOG.md" "$stage/"
chmod 755 "$stage/np" "$stage/kubectl-np"
mkdir -p "$to"
files="CHANGELOG.md LICENSE README.md kubectl-np np"
if tar --version 2>/dev/null | grep -q GNU; then
  tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - $files | gzip -n -9 >"$to/np-$target.tar.gz"
else
  tar -C "$stage" -cf - $files | gzip -n -9 >"$to/np-$target.tar.gz"
fi
rm -rf "$stage"
