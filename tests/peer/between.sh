#!/usr/bin/env bash
# Standing between tools that others have written and a slave of pymodbus: what they say and hear
# is what they would without us, and comes as soon. FIELD=long: 10,000 frames at each rate.
. "$(dirname "$0")/../tap.sh"

PROBE=${METERCTL%/meterctl}/tests/peer/between_probe
[ -x "$PROBE" ] || PROBE=$TOP/build/default/tests/peer/between_probe
[ -x "$PROBE" ] || give_up "no $PROBE (make build/default/tests/peer/between_probe)"
ROUNDS=500	# of two frames
[ "${FIELD-}" != long ] || ROUNDS=5000

# between TARGET SERVE: what a tool has to enter is in $WHERE
between() {
	start between "$PROBE" "$@"
	BETWEEN=$PID
	line_of between '^(pty|tcp|port) ' || give_up "it does not stand between"
	# shellcheck disable=SC2086 # "pty /dev/pts/7", "tcp 127.0.0.1:4001"
	set -- $LINE
	WHERE=$2
}

# ---- every byte, and in time
for baud in 9600 115200; do
	mkfifo "$TMP/ports"
	# shellcheck disable=SC2016
	start load bash -c 'exec "$@" <"$TMP/ports"' - "$PYTHON" "$PEER/between_load.py" "$ROUNDS" "$baud"
	LOAD=$PID
	exec {ports}<>"$TMP/ports"
	line_of load '^meter ' || give_up "no meter"
	port=${LINE#meter }
	echo "$port" >&"$ports"
	line_of load . && direct=$LINE
	between "rtu:$port?baud=$baud" pty
	echo "$WHERE" >&"$ports"
	line_of load . && via=$LINE
	stop_pid "$BETWEEN"
	read -r what count least median <<<"$via"
	is "$what $count" "same $ROUNDS" "$((2 * ROUNDS)) frames of 256 bytes at $baud are unharmed" || diag "$via"
	read -r _ _ direct_least direct_median <<<"$direct"
	printf '# %s: us a frame that standing between adds: fastest tenth %s, median %s\n' "$baud" \
		"$(((least - direct_least) / 2))" "$(((median - direct_median) / 2))"
	# of the fastest: the others tell how busy the machine is
	[ "$(((least - direct_least) / 2))" -lt 2000 ]
	ok $? "a frame comes less than 2 ms later" || diag "direct $direct, via $via"
	stop_pid "$LOAD"
	exec {ports}>&-
	rm "$TMP/ports"
done

# ---- what others make of it
pty_pair
start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$PORT_B"
line_of slave ready || give_up "no slave"
ask() {
	run mbpoll -0 -1 -m rtu -b "$2" -P none -a 1 -r 20 -c 40 -o 10 "$1"
	grep '^\[' "$TMP/out"
}
direct=$(ask "$PORT_A" 9600)
is "$(wc -l <<<"$direct")" 40 "mbpoll reads the slave"
between "rtu:$PORT_A?baud=9600" pty
is "$(ask "$WHERE" 9600)" "$direct" "and the same through a pseudo terminal"
is "$(ask "$WHERE" 115200)" "$direct" "at whatever rate, opened once more"
exits 0 "pymodbus reads, writes and is refused" -- "$PYTHON" "$PEER/master_pymodbus.py" "$WHERE" "$TMP/log" 100
is "$(wc -l <"$TMP/log")" 100 "a hundred times"
run mbpoll -0 -1 -m rtu -b 9600 -P none -a 9 -r 20 -c 1 -o 0.3 "$WHERE"
like "$OUT$ERR" 'timed out' "who is silent stays so"
is "$(ask "$WHERE" 9600)" "$direct" "and then all is as it was"
stop_pid "$BETWEEN"
is "$RC" 0 "SIGTERM ends it"

between "rtu:$PORT_A?baud=9600" tcp:0
start wire socat "pty,raw,echo=0,link=$TMP/com" "tcp:$WHERE"
WIRE=$PID
wait_for test -e "$TMP/com"
is "$(ask "$TMP/com" 9600)" "$direct" "as the client of a TCP port, as a virtual serial port is"
stop_pid "$WIRE"
start wire socat "pty,raw,echo=0,link=$TMP/com" "tcp:$WHERE"
WIRE=$PID
wait_for test -e "$TMP/com"
is "$(ask "$TMP/com" 9600)" "$direct" "and as the next one"
exits 0 "a second one" -- timeout "$PATIENCE" socat -u "tcp:$WHERE" -
is "$OUT" "" "is sent away at once"
stop_pid "$CABLE"
ended "$BETWEEN"
is "$RC" 3 "the port of the meter is lost: the end"
like "$(cat "$TMP/between.err")" "port of the meter lost: '.*cable\.a' was unplugged" "and why"

exits 3 "no meter there" -- "$PROBE" "rtu:$TMP/nothing" pty
exits 2 "Modbus TCP on a pseudo terminal" -- "$PROBE" tcp:127.0.0.1 pty
like "$ERR" 'use tcp:\[ADDR:\]PORT' "and what can be done"

# ---- Modbus TCP, by a client of its own
port=$(free_port)
start slave "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$port"
line_of slave ready || give_up "no slave"
between "tcp:127.0.0.1:$port" tcp:0
run mbpoll -0 -1 -m tcp -p "${WHERE#*:}" -a 1 -r 20 -c 40 127.0.0.1
is "$(grep '^\[' "$TMP/out")" "$direct" "Modbus TCP is passed on, too"
stop_pid "$BETWEEN"
line_of between '^heard ' && is "$LINE" "heard 8 85" "and heard as on a serial line"

done_testing
