#!/bin/sh
# The manifest of the kubectl plugin `np` for krew, made from the checksums of a release. Arguments: the tag, the
# repository (OWNER/NAME), the file SHA256SUMS.
set -eu
tag=$1 repository=$2 sums=$3

cat <<HEAD
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: np
spec:
  version: $tag
  homepage: https://github.com/$repository
  shortDescription: Who reaches whom, by NetworkPolicies
  description: |
    Can A reach B on port P, and which line of which file decides? Answers before
    anything is applied, from manifests, rendered charts or cluster dumps, and says
    what a pull request opens and closes.
  platforms:
HEAD
while read -r sum file; do
  file=${file#\*}
  case "$file" in
    np-x86_64-unknown-linux-musl.tar.gz) os=linux arch=amd64 ;;
    np-aarch64-unknown-linux-musl.tar.gz) os=linux arch=arm64 ;;
    np-x86_64-apple-darwin.tar.gz) os=darwin arch=amd64 ;;
    np-aarch64-apple-darwin.tar.gz) os=darwin arch=arm64 ;;
    *) continue ;;
  esac
  cat <<PLATFORM
  - selector:
      matchLabels:
        os: $os
        arch: $arch
    uri: https://github.com/$repository/releases/download/$tag/$file
    sha256: $sum
    bin: kubectl-np
    files:
    - from: kubectl-np
      to: .
    - from: LICENSE
      to: .
PLATFORM
done <"$sums"
