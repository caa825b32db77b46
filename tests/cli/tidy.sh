#!/usr/bin/env bash
# Tests leave nothing behind: prove.sh, which runs them all, fails when one does, and
# takes it away.
. "$(dirname "$0")/../tap.sh"

# made NAME COMMANDS: a test of one check, and what it does besides
made() {
	printf '#!/bin/sh\necho ok 1\necho 1..1\n%s\n' "$2" >"$TMP/$1"
	chmod +x "$TMP/$1"
}
nothing_left() {
	is "$(ls -A "$TMPDIR")" '' "$1: nothing is left"
}
made tidy "mktemp >'$TMP/made'; rm \"\$(cat '$TMP/made')\""
made untidy ": >\"\$TMPDIR/forgotten\""
made failing 'exit 1'
mkfifo "$TMP/begun" "$TMP/endless"
made hanging ": >\"\$TMPDIR/forgotten\"; echo >'$TMP/begun'; read -r x <'$TMP/endless'"
export TMPDIR=$TMP/t
mkdir "$TMPDIR"

exits 0 'a tidy test passes' -- "$TOP/tests/prove.sh" "$TMP/tidy"
like "$(cat "$TMP/made")" "^$TMPDIR/meterctl-check\\..*/" 'its file was in a folder of the check'
nothing_left 'tidy'
exits 1 'an untidy one fails the check' -- "$TOP/tests/prove.sh" "$TMP/tidy" "$TMP/untidy"
like "$ERR" 'left behind .*forgotten' 'which says what it left'
nothing_left 'untidy'
exits 1 'one that fails does, too' -- "$TOP/tests/prove.sh" "$TMP/failing"
nothing_left 'failing'
# Ctrl-C ends all that run, as a terminal does it
exits 0 'one that is interrupted' -- "$PYTHON" -c 'import os, signal, subprocess, sys
p = subprocess.Popen(sys.argv[2:], start_new_session=True)
open(sys.argv[1]).read()
os.killpg(p.pid, signal.SIGINT)
sys.exit(p.wait() == 0)' "$TMP/begun" "$TOP/tests/prove.sh" "$TMP/hanging"
nothing_left 'interrupted'

done_testing
