#!/bin/sh
# Whether the manifests are valid. The arguments are those of `np validate`, such as `-f deploy/`.
set -eu
exec "${NP:-np}" validate "$@"
