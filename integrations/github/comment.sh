#!/bin/sh
# Puts a comment on a pull request, in the place of the one that it put there before. Without a file, or with an empty one,
# it takes nothing away and adds nothing.
#
#   GH_TOKEN     may write comments
#   NP_REPOSITORY  OWNER/NAME
#   NP_PULL      the number of the pull request; or, as GitHub does not tell it for forks:
#   NP_HEAD_OWNER, NP_HEAD_BRANCH, NP_HEAD_SHA   whose head it is
#   NP_COMMENT   the file
set -eu

fail() {
  echo "comment.sh: $1" >&2
  exit 2
}

file=${NP_COMMENT:?the file with the comment}
if ! [ -s "$file" ]; then
  echo "no comment to write"
  exit 0
fi

# The file comes from a job that ran the code of a stranger: only what np writes is taken, and not too much.
marker=$(head -n 1 "$file")
case "$marker" in
  *[!A-Za-z0-9\ .:_/\<\>!-]*) fail "$file is no comment of np" ;;
  '<!-- np-diff'*' -->') ;;
  *) fail "$file is no comment of np" ;;
esac
case "${NP_HEAD_SHA:-}" in
  *[!0-9a-f]*) fail "NP_HEAD_SHA is no commit" ;;
esac
[ "$(wc -c <"$file")" -le 65536 ] || fail "$file is too long for a comment"

pull=${NP_PULL:-}
if [ -z "$pull" ]; then
  pull=$(gh api --method GET "repos/$NP_REPOSITORY/pulls" -f state=open -f "head=$NP_HEAD_OWNER:$NP_HEAD_BRANCH" \
    --jq ".[] | select(.head.sha == \"$NP_HEAD_SHA\") | .number" | head -n 1)
fi
case "$pull" in
  '' | *[!0-9]*) fail "no open pull request has this head" ;;
esac

known=$(gh api --paginate "repos/$NP_REPOSITORY/issues/$pull/comments" \
  --jq ".[] | select(.user.type == \"Bot\") | select(.body | startswith(\"$marker\")) | .id" | head -n 1)
if [ -n "$known" ]; then
  gh api --silent --method PATCH "repos/$NP_REPOSITORY/issues/comments/$known" -F "body=@$file"
  echo "comment $known of pull request $pull is up to date"
else
  gh api --silent --method POST "repos/$NP_REPOSITORY/issues/$pull/comments" -F "body=@$file"
  echo "pull request $pull has a comment"
fi
