#!/usr/bin/env bash
# Runs `albatross lint` and `albatross plan` in a GitHub workflow; writes one comment, and replaces it in the next run. Used by action.yml.
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files=($FILES) # separated by spaces, with patterns: this is on purpose
common=(${FACTS:+--facts "$FACTS"})
named=()
for file in "${files[@]}"; do named+=(-f "$file"); done

albatross lint --output github ${FAIL_ON:+--fail-on "$FAIL_ON"} "${common[@]}" "${named[@]}"
linted=$?
albatross plan --output markdown "${common[@]}" "${named[@]}" > "$work/plan" 2> "$work/error"
planned=$?
[ "$planned" != 2 ] || planned=0 # 2: there are changes
cat "$work/error" >&2

marker="<!-- albatross: ${TITLE//--/- -} -->"
{
  echo "$marker"
  echo "### $TITLE"
  echo
  if [ -s "$work/plan" ]; then
    head -n 1 "$work/plan" # the total
    printf '\n<details><summary>Problems and plan</summary>\n\n'
    tail -n +2 "$work/plan"
    printf '\n</details>\n'
  else
    printf '```\n%s\n```\n' "$(head -c 10000 "$work/error")"
  fi
} > "$work/comment"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$work/comment" >> "$GITHUB_STEP_SUMMARY"

comment() {
  local all="repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" found
  found=$(MARKER="$marker" gh api --paginate "$all" --jq '.[] | select(.body | startswith(env.MARKER)) | .id') || return
  if [ -n "$found" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/${found%%$'\n'*}" --field "body=@$work/comment"
  else
    gh api --silent --method POST "$all" --field "body=@$work/comment"
  fi
}

if [ "${COMMENT:-true}" = true ] && [ -n "${NUMBER:-}" ]; then
  comment || echo "::warning::the comment was not written; pull requests from forks have a token that can only read. The plan is in the summary of this job."
fi
[ "$linted" = 0 ] || exit "$linted"
exit "$planned"
