#!/usr/bin/env bash
# simulate: what it serves, its scenarios, and how it ends.
. "$(dirname "$0")/../tap.sh"

# value KEY: by JSON number, of the target $TARGET
value() {
	"$METERCTL" -c "$TARGET" get "$1" 2>>"$TMP/err"
}
holds() {	# holds NAME EXPRESSION: an awk condition
	awk "BEGIN { exit !($2) }" </dev/null
	ok $? "$1" || diag "$2"
}

# ---- where it serves
start sim "$METERCTL" simulate --tcp 0 --rtu-tcp 0
line_of sim '(rtu:[^ ]+)'; ok $? "a port of its own"
TARGET=${BASH_REMATCH[1]}
exits 0 "answers there" -- "$METERCTL" -c "$TARGET" get voltage.a
line_of sim '(tcp:[^ ]+)'; ok $? "Modbus TCP"
exits 0 "answers there" -- "$METERCTL" -c "${BASH_REMATCH[1]}" get voltage.a
line_of sim '(rtutcp:[^ ]+)'; ok $? "RTU over TCP"
exits 0 "answers there" -- "$METERCTL" -c "${BASH_REMATCH[1]}" get voltage.a
stop_pid "$PID" INT
is "$RC" 0 "SIGINT ends it: exit 0"

start sim "$METERCTL" simulate frozen,unit=5 --pty "$TMP/port" --count 2
wait_for test -e "$TMP/port"; ok $? "a name of one's own for the port"
exits 0 "the first meter" -- "$METERCTL" -c "rtu:$TMP/port?unit=5" get comm.address
is "$OUT" 5 "has its address"
exits 0 "the second" -- "$METERCTL" -c "rtu:$TMP/port?unit=6" get comm.address
is "$OUT" 6 "the next one"
exits 3 "a third there is not" -- "$METERCTL" -c "rtu:$TMP/port?unit=7" -t 100 -r 0 get comm.address
exits 7 "a second simulator does not take the name" -- "$METERCTL" simulate --pty "$TMP/port"
stop_pid "$PID"
[ ! -L "$TMP/port" ]; ok $? "its name goes with it"
echo precious >"$TMP/mine"
run "$METERCTL" simulate --pty "$TMP/mine"
[ "$RC" -ne 0 ] && [ "$RC" -ne 124 ]; ok $? "a file in the way is refused"
is "$(cat "$TMP/mine")" precious "and left alone"

port=$(free_port)
start sim "$METERCTL" simulate --tcp "$port"
wait_for port_open "$port"
exits 7 "a TCP port in use" -- "$METERCTL" simulate --tcp "$port"
one_line "$ERR" "one line"
stop_pid "$PID"

# ---- another profile
start sim "$METERCTL" -p sdm630 simulate --tcp 0
line_of sim '(tcp:[^ ]+)'
exits 0 "-p: another meter" -- "$METERCTL" -p sdm630 -c "${BASH_REMATCH[1]}" -f json read
stop_pid "$PID"

# ---- scenarios show in the values
SITE=frozen,seed=5,start=2026-07-15T14:03:27Z
TARGET=sim:$SITE
holds "healthy: power is imported" "$(value power.active.a) > 0 && $(value power.active.total) > 0"
holds "S^2 = P^2 + Q^2" "($(value power.apparent.a)^2 - $(value power.active.a)^2 - $(value power.reactive.a)^2)^2 < (0.01 * $(value power.apparent.a)^2)^2"
TARGET=sim:$SITE,ct-reversed=b
holds "ct-reversed=b: power of b is negative, of a not" "$(value power.active.b) < 0 && $(value power.active.a) > 0"
TARGET=sim:$SITE,voltage-missing=c
holds "voltage-missing=c" "$(value voltage.c) < 10 && $(value voltage.a) > 100"
TARGET=sim:$SITE,exporting
holds "exporting: total is negative" "$(value power.active.total) < 0"
TARGET=sim:$SITE,no-load
holds "no-load: no current" "$(value current.a) < 0.1 && $(value voltage.a) > 100"
TARGET=sim:$SITE,phase-order=acb
a=$(value angle.voltage.b) b=$(value angle.voltage.c)
TARGET=sim:$SITE
holds "phase-order=acb turns the angles" "($a - $(value angle.voltage.c))^2 < 9 && ($b - $(value angle.voltage.b))^2 < 9"
TARGET=sim:$SITE,ct-swapped=ab
holds "ct-swapped=ab: angles of the currents change places" "($(value angle.current.a) - $(TARGET=sim:$SITE value angle.current.b))^2 < 9"

# ---- energy is what the power adds up to
exits 0 "two readings a second apart" -- "$METERCTL" -c sim:seed=5 -f jsonl watch -n 3 -i 0.5 clock energy.active.import.total
"$PYTHON" -c 'import json, sys
rows = [json.loads(x) for x in open(sys.argv[1])]
clock = [r["value"] for r in rows if r["key"] == "clock"]
energy = [r["value"] for r in rows if r["key"] != "clock"]
assert clock == sorted(clock) and clock[0] != clock[-1], clock
assert energy == sorted(energy), energy' "$TMP/out"
ok $? "clock and energy go on"

# ---- faults on the line
exits 0 "garbage=100: noise before every answer" -- "$METERCTL" -c "sim:$SITE,garbage=100" get voltage.a
is "$OUT" "$(TARGET=sim:$SITE value voltage.a)" "the right value all the same"
exits 4 "flip=100" -- "$METERCTL" -c sim:flip=100 -t 200 -r 1 get voltage.a
like "$ERR" 'CRC' "a CRC error"
like "$ERR" 'noise|termination' "says what to check"
exits 3 "drop=100" -- "$METERCTL" -c sim:drop=100 -t 200 -r 1 get voltage.a
exits 5 "exception=4" -- "$METERCTL" -c sim:exception=4 get voltage.a
exits 0 "foreign=100: another unit answers first" -- "$METERCTL" -c "sim:$SITE,foreign=100" get voltage.a
TARGET=sim:$SITE
is "$OUT" "$(value voltage.a)" "the right value all the same"
exits 0 "echo: an adapter that echoes" -- "$METERCTL" -c "sim:$SITE,echo" get voltage.a
is "$OUT" "$(value voltage.a)" "the right value all the same"
exits 0 "late=300: a slow meter" -- "$METERCTL" -c "sim:$SITE,late=300" get voltage.a
is "$OUT" "$(value voltage.a)" "is waited for"

# ---- settings survive
start sim "$METERCTL" simulate "state=$TMP/state.meter" --pty "$TMP/port"
wait_for test -e "$TMP/port"
run mbpoll -0 -1 -m rtu -a 1 -b 9600 -P none -t 4 -r 14 "$TMP/port" 1 60
exits 0 "a setting written" -- "$METERCTL" -c "rtu:$TMP/port" get ratio.ct
is "$OUT" 60 "is there"
stop_pid "$PID"
start sim "$METERCTL" simulate "state=$TMP/state.meter" --pty "$TMP/port"
wait_for test -e "$TMP/port"
exits 0 "after a restart" -- "$METERCTL" -c "rtu:$TMP/port" get ratio.ct
is "$OUT" 60 "still"
run mbpoll -0 -1 -m rtu -a 1 -b 9600 -P none -t 4 -r 0 "$TMP/port" 9 4
exits 0 "an address written" -- "$METERCTL" -c "rtu:$TMP/port?unit=9" get comm.address
is "$OUT" 9 "takes effect"
exits 3 "at the old one" -- "$METERCTL" -c "rtu:$TMP/port" -t 100 -r 0 get comm.address
stop_pid "$PID"

for words in "--tcp x" "--tcp 65536" "--count 0" "--count 248" "bogus" "frozen extra" "pace=0" "pace=300" "drop=101"; do
	# shellcheck disable=SC2086
	exits 2 "simulate $words" -- "$METERCTL" simulate $words
	one_line "$ERR" "$words: one line"
done

done_testing
