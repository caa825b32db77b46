#!/bin/sh
# prove.sh [OPTION...] TEST...: prove, with a TMPDIR of its own that the tests must
# leave empty. It goes away in any case.
set -u
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/meterctl-check.XXXXXX") || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR" 2>/dev/null || rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM HUP
# tests become other users, who must get through
chmod 711 "$TMPDIR"

prove --exec '' "$@"
status=$?
left=$(ls -A "$TMPDIR")
# after a failure somebody may still be at it
if [ "$status" -eq 0 ] && [ -n "$left" ]; then
	printf 'the tests left behind in TMPDIR: %s\n' "$left" >&2
	status=1
fi
exit "$status"
