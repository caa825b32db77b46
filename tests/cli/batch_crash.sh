#!/usr/bin/env bash
# A batch that is ended with SIGKILL, at every step and at random moments, and resumed: every
# meter is as wished, nothing is written that was verified, journal and state are whole.
. "$(dirname "$0")/../tap.sh"

export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
KILLER=$TMP/killer.so
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -shared -fPIC -O1 -o "$KILLER" "$TOP/tests/cli/killer.c" -ldl ||
	give_up "the killer does not compile"
port=$(free_port)
start sim "$METERCTL" simulate frozen,turnaround=0 --tcp "$port" --count 22
wait_for port_open "$port" || give_up "the simulator does not listen"
refusing=$(free_port)
start slave "$PYTHON" "$PEER/slave_several.py" "$refusing" "$TMP/log" 4=refuse 5=none
line_of slave ready || give_up "no slave"
cd "$TMP" || give_up "no folder"

struck() {	# struck MODE ATLEAST NAME
	run "$PYTHON" "$TOP/tests/cli/batch_crash.py" "$KILLER" "$port" "$refusing" "$1"
	ok "$RC" "$3: $(tail -n 1 <<<"$OUT")" || diag "$OUT
$ERR"
	like "$OUT" "^struck $2 times" "$3: it did strike"
}

struck steps '[1-9][0-9]+' "killed at every step"
struck taken '[1-9][0-9]+' "killed on the way to an address that is taken"
struck moments 100 "killed at random moments"

done_testing
