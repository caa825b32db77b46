#!/usr/bin/env bash
# Unit addresses beyond 1 to 247: read where a meter has them, written only where
# that is one meter for certain; a reply with another address than was asked.
. "$(dirname "$0")/../tap.sh"

# slave KIND FAULT: its port in $PORT, its requests in $LOG
slave() {
	LOG=$TMP/requests
	: >"$LOG"
	rm -rf "$XDG_STATE_HOME/meterctl"
	start slave "$PYTHON" "$PEER/slave_faulty.py" "$1" "$2" "$LOG"
	SLAVE=$PID
	line_of slave 'ready ([0-9]+)' || give_up "no slave"
	PORT=${BASH_REMATCH[1]}
}

# denied NAME COMMAND...: not allowed here, and nothing was asked
denied() {
	local name=$1

	shift
	: >"$LOG"
	exits 7 "$name: exit 7" -- "$METERCTL" -t 250 -r 0 "$@"
	one_line "$ERR" "$name: one line"
	like "$ERR" 'write not allowed at unit address' "$name: says so"
	is "$(cat "$LOG")" "" "$name: nothing is asked"
}

# writes_denied TARGET: by every way to write
writes_denied() {
	printf 'settings:\n  ratio.ct: 60\n' >"$TMP/site.yaml"
	denied "$1 set" -c "$1" set --yes ratio.ct=60
	denied "$1 set --dry-run" -c "$1" set --dry-run ratio.ct=60
	denied "$1 plan" -c "$1" plan "$TMP/site.yaml"
	denied "$1 apply" -c "$1" apply --yes "$TMP/site.yaml"
	denied "$1 restore" -c "$1" restore --yes "$TMP/site.yaml"
	denied "$1 undo" -c "$1" undo --yes
	denied "$1 raw write" -c "$1" raw write 15 60 --yes
	exits 0 "$1 journal" -- "$METERCTL" journal --all
	is "$(wc -l <"$TMP/out")" 0 "$1: nothing stands in the journal"
}

# ---- Modbus TCP
slave tcp none
for unit in 0 248 255; do
	exits 0 "tcp unit $unit" -- "$METERCTL" -c "tcp:127.0.0.1:$PORT?unit=$unit" get voltage.a
	is "$OUT $ERR" "2.0 " "tcp unit $unit: the value, no remark"
done
writes_denied "tcp:127.0.0.1:$PORT?unit=0"
stop_pid "$SLAVE"
slave tcp write
exits 0 "tcp unit 255 is written" -- "$METERCTL" -c "tcp:127.0.0.1:$PORT?unit=255" -f json set --yes ratio.ct=60
like "$OUT" '"state":"verified"' "and verified"
stop_pid "$SLAVE"

# ---- RTU frames, over TCP and on a port
slave rtutcp none
for unit in 248 255; do
	exits 0 "rtutcp unit $unit" -- "$METERCTL" -c "rtutcp:127.0.0.1:$PORT?unit=$unit" get voltage.a
	is "$OUT" "2.0" "rtutcp unit $unit: the value"
	writes_denied "rtutcp:127.0.0.1:$PORT?unit=$unit"
done
writes_denied "rtutcp:127.0.0.1:$PORT?unit=0"
start cable socat "pty,raw,echo=0,link=$TMP/cable" "tcp:127.0.0.1:$PORT"
CABLE=$PID
wait_for test -e "$TMP/cable" || give_up "socat made no port"
exits 0 "rtu unit 255" -- "$METERCTL" -c "rtu:$TMP/cable?unit=255" --trace "$TMP/trace" get voltage.a
is "$OUT" "2.0" "rtu unit 255: the value"
like "$(cat "$TMP/trace")" '> FF 03 00 14 00 01' "rtu unit 255: asked at that address"
writes_denied "rtu:$TMP/cable?unit=248"
writes_denied "rtu:$TMP/cable?unit=0"
stop_pid "$CABLE"
stop_pid "$SLAVE"

# ---- a reply from another unit: the transaction number says that it is ours
slave tcp other_unit
TARGET=tcp:127.0.0.1:$PORT
exits 0 "other unit" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" -f csv read power voltage
is "$(grep -c ',ok,' "$TMP/out")" "$(($(wc -l <"$TMP/out") - 1))" "other unit: every value"
one_line "$ERR" "other unit: said once, whatever the number of requests"
like "$ERR" 'unit address 255 instead of 1' "other unit: says which"
is "$(grep -c '\* reply from unit address 255' "$TMP/trace")" 1 "other unit: stands in the trace"
exits 0 "other unit -q" -- "$METERCTL" -q -c "$TARGET" get voltage.a
is "$OUT$ERR" "2.0" "other unit -q: the value alone"
stop_pid "$SLAVE"
slave tcp other_unit_exception
exits 5 "other unit, an exception" -- "$METERCTL" -c "tcp:127.0.0.1:$PORT" get voltage.a
like "$ERR" 'exception 02' "is the meter's"
stop_pid "$SLAVE"
slave tcp write_other_unit
exits 0 "other unit, a write" -- "$METERCTL" -c "tcp:127.0.0.1:$PORT" -f json --trace "$TMP/trace" set --yes ratio.ct=60
like "$OUT" '"state":"verified"' "is verified"
is "$(grep -c 'not acknowledged' "$TMP/trace")" 0 "its acknowledgement was not waited for in vain"
stop_pid "$SLAVE"

done_testing
