#!/usr/bin/env bash
# Ended with SIGKILL, and left without a disk, at every step of a write: the
# journal and the meter agree or the entry is open, and the next run settles it
# by reading. The slave is by pymodbus and logs what reached it.
. "$(dirname "$0")/../tap.sh"

export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
LOG=$TMP/requests
KILLER=$TMP/killer.so
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -shared -fPIC -O1 -o "$KILLER" "$TOP/tests/cli/killer.c" -ldl ||
	give_up "the killer does not compile"
port=$(free_port)
start slave "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$port" --log "$LOG" 0x3=0 0xF=1
line_of slave ready || give_up "no slave"
T=tcp:127.0.0.1:$port

struck() {	# struck NAME MODE WAY: every step; more than ten of them
	run "$PYTHON" "$TOP/tests/cli/crash.py" "$KILLER" "$port" "$LOG" "$2" "$3"
	ok "$RC" "$1: $(tail -n 1 <<<"$OUT")" || diag "$OUT
$ERR"
	like "$OUT" '^[1-9][0-9]+ steps struck, [1-9]' "$1: it did strike"
}

struck "killed, without a journal before" kill fresh
struck "killed, with a journal" kill kept
struck "the disk full, without a journal before" full fresh
struck "the disk full, with a journal" full kept

# a limit of the shell instead of a full disk
rm -rf "$XDG_STATE_HOME/meterctl"
was=$(grep -c '^w' "$LOG")
ERR=$(
	trap '' XFSZ
	ulimit -f 0
	exec "$METERCTL" -c "$T" set --yes -q ratio.ct=77 2>&1 >/dev/null
)
is "$?" 7 "files may hold nothing: exit 7"
one_line "$ERR" "in a line"
like "$ERR" 'journal' "that names the journal"
is "$(grep -c '^w' "$LOG")" "$was" "nothing was written"


# ---- killed while the meter takes another address --------------------------------

port=$(free_port)
start sim "$METERCTL" simulate frozen --tcp "$port"
wait_for port_open "$port" || give_up "the simulator does not listen"
rm -rf "$XDG_STATE_HOME/meterctl"
run "$PYTHON" "$TOP/tests/cli/crash.py" "$KILLER" "$port" - address
ok "$RC" "killed on the way to another address: $(tail -n 1 <<<"$OUT")" || diag "$OUT
$ERR"
like "$OUT" '^[1-9][0-9]+ steps struck' "it did strike"

done_testing
