#!/bin/sh
# Puts a released np into a folder, its checksum compared, and prints the path of the binary.
#
#   NP_REPOSITORY   whose releases: OWNER/NAME on GitHub
#   NP_VERSION      the tag of a release; without it, the latest
#   NP_INSTALL_DIR  the folder; without it, one below the folder for temporary files
#   NP_RELEASES     where the files of the release lie instead, such as a mirror: a URL
#   NP_BIN          an np that is there already, and is taken as it is
set -eu

fail() {
  echo "install.sh: $1" >&2
  exit 2
}

if [ -n "${NP_BIN:-}" ]; then
  [ -x "$NP_BIN" ] || fail "NP_BIN names no program: $NP_BIN"
  echo "$NP_BIN"
  exit 0
fi

case "$(uname -s)" in
  Linux) system=unknown-linux-musl ;;
  Darwin) system=apple-darwin ;;
  *) fail "no binary of np for $(uname -s); build it with cargo and set NP_BIN" ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) machine=x86_64 ;;
  aarch64 | arm64) machine=aarch64 ;;
  *) fail "no binary of np for $(uname -m); build it with cargo and set NP_BIN" ;;
esac

if [ -n "${NP_RELEASES:-}" ]; then
  from=$NP_RELEASES
else
  [ -n "${NP_REPOSITORY:-}" ] || fail "set NP_REPOSITORY, NP_RELEASES or NP_BIN"
  if [ -n "${NP_VERSION:-}" ]; then
    from="https://github.com/$NP_REPOSITORY/releases/download/$NP_VERSION"
  else
    from="https://github.com/$NP_REPOSITORY/releases/latest/download"
  fi
fi

archive=np-$machine-$system.tar.gz
to=${NP_INSTALL_DIR:-$(mktemp -d)}
mkdir -p "$to"
for file in "$archive" SHA256SUMS; do
  curl --fail --silent --show-error --location --retry 3 --output "$to/$file" "$from/$file" ||
    fail "cannot fetch $from/$file"
done

expected=$(awk -v file="$archive" '$2 == file || $2 == "*" file { print $1 }' "$to/SHA256SUMS")
if command -v sha256sum >/dev/null; then
  found=$(sha256sum "$to/$archive")
else
  found=$(shasum -a 256 "$to/$archive")
fi
[ -n "$expected" ] && [ "${found%% *}" = "$expected" ] || fail "$archive is not what SHA256SUMS says"

tar -xzf "$to/$archive" -C "$to" np
echo "$to/np"
