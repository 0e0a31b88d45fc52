#!/bin/sh
# Compares two revisions of the policies in a git repository and leaves what a review needs in a folder:
# diff.md (a comment), diff.json, diff.sarif, code-quality.json (GitLab), junit.xml. Ends as `np diff` does: 0 if the gate
# is passed, 1 if not, 2 if there is no answer; then the comment says why, and never that nothing changes.
#
#   NP          the binary (np on the path)
#   NP_BASE     the revision that the change starts from
#   NP_HEAD     the revision with the change; without it, the working tree
#   NP_PATHS    files and folders, a line each; without it, the current folder
#   NP_FAIL_ON  which changes fail, as --fail-on takes them; any without it, none with "none"
#   NP_ALLOW    files that list accepted changes, a line each
#   NP_ARGS     more arguments of np diff, a line each
#   NP_OUT      the folder (np-diff)
#   NP_ANNOTATE github: also prints annotations of the lines that cause a change
set -eu

np=${NP:-np}
out=${NP_OUT:-np-diff}
base=${NP_BASE:?the revision that the change starts from}
head=${NP_HEAD:-}
mkdir -p "$out"

# The arguments, a line each, so that blanks in them stay.
set --
while IFS= read -r line; do
  if [ -n "$line" ]; then set -- "$@" -f "$line"; fi
done <<PATHS
${NP_PATHS:-}
PATHS
while IFS= read -r line; do
  if [ -n "$line" ]; then set -- "$@" --allow "$line"; fi
done <<ALLOW
${NP_ALLOW:-}
ALLOW
case "${NP_FAIL_ON:-}" in
  '') ;;
  none) set -- "$@" --exit-zero ;;
  *) set -- "$@" --fail-on "$NP_FAIL_ON" ;;
esac
# What the comment is called, so that one without an answer takes the place of the one before.
id= before=
while IFS= read -r line; do
  if [ -n "$line" ]; then set -- "$@" "$line"; fi
  if [ "$before" = --comment-id ]; then id=$line; fi
  case "$line" in --comment-id=*) id=${line#*=} ;; esac
  before=$line
done <<ARGS
${NP_ARGS:-}
ARGS

# A shallow clone may lack the base.
if ! git cat-file -e "$base^{commit}" 2>/dev/null; then
  git fetch --quiet --no-tags --depth=1 origin "$base" || true
fi

if [ -n "$head" ]; then
  compare() { "$np" diff "$base..$head" "$@"; }
else
  compare() { "$np" diff "$base" "$@"; }
fi

code=0
compare "$@" -o markdown >"$out/diff.md" 2>"$out/errors.txt" || code=$?
cat "$out/errors.txt" >&2
if [ "$code" -gt 1 ]; then
  {
    echo "<!-- np-diff${id:+ $id} -->"
    echo "### np: no answer"
    echo
    echo "The policies of the two sides could not be compared, so nothing is known about what this change opens or closes."
    echo
    # Indented, so that nothing in it is markup.
    head -c 16000 "$out/errors.txt" | sed 's/^/    /'
  } >"$out/diff.md"
  exit "$code"
fi
for report in json=diff.json sarif=diff.sarif gitlab=code-quality.json junit=junit.xml; do
  compare "$@" -o "${report%%=*}" >"$out/${report#*=}" 2>/dev/null || test "$?" -eq 1
done
if [ "${NP_ANNOTATE:-}" = github ]; then
  compare "$@" -o github 2>/dev/null || test "$?" -eq 1
fi
exit "$code"
