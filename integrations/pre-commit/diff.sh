#!/bin/sh
# The commit that is being made, against the last one; pre-commit has put everything else out of the way. The arguments are
# those of `np diff`, such as `-f deploy/ --fail-on internet,dns`.
set -eu
if ! git rev-parse --quiet --verify HEAD >/dev/null; then
  # The first commit has nothing to be compared with.
  exit 0
fi
exec "${NP:-np}" diff --git HEAD "$@"
