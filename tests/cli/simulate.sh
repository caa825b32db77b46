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

# ---- a profile is simulated as it is: order, exponent, factor, holes, what tells the model, what unlocks
cat >"$TMP/own.yaml" <<'OWN'
profile: own
title: A meter of my own
order: CDAB
read: {most: 20, holes: yes}
identify:
  - {at: 0x300, words: 4, type: string, matches: "MINE-?[AB]*", model: Mine}
  - {function: 17, matches: "* of my own ?", model: Mine by 17}
  - {function: 43, object: 5, equals: Mine 5, model: Mine by 43}
unlock: {at: 0x400, password: [0x1234], lock: {at: 0x400, value: 0}}
commit: {at: 0x401, value: 1}
groups:
  - group: voltage
    title: Voltages
    unit: V
    from: public
    points:
      - {key: voltage.a, at: 0x10, type: i16, exponent: voltage.sf, name: Voltage A}
      - {key: voltage.b, at: 0x11, type: i16, exponent: voltage.sf, name: Voltage B}
      - {key: voltage.sf, at: 0x18, type: i16, unit: "", name: Exponent}
      - {key: current.a, at: 0x20, type: u32, scale: 0.001, factor: ratio.k, unit: A, decimals: 3, name: Current A}
      - {key: ratio.k, at: 0x22, unit: "", name: Factor}
      - {key: display.mode, at: 0x40, unit: "", choices: ["3=a", "4=b"], access: rw, name: Mode, unlock: yes, commit: yes}
OWN
start sim "$METERCTL" -q -p "$TMP/own.yaml" simulate "frozen,seed=5,start=2026-07-15T14:03:27Z" --tcp 0 --rtu-tcp 0
line_of sim '^(tcp:[^ ]+)'; own=${BASH_REMATCH[1]}
port=${own#tcp:127.0.0.1:} port=${port%%\?*}
# polled ADDRESS COUNT [KIND]: holding registers (input: KIND 3) as mbpoll reads them, on one line
polled() {
	mbpoll -0 -1 -m tcp -a 1 -t "${3:-4}" -r "$1" -c "$2" -p "$port" 127.0.0.1 2>&1 | sed -n 's/^\[[0-9]*\]: *\t*\([0-9-]*\).*/\1/p' | tr '\n' ' '
}
own() {
	"$METERCTL" -q -p "$TMP/own.yaml" -c "$own" "$@" 2>>"$TMP/err"
}
read -r volts _ _ _ _ _ _ _ exponent <<<"$(polled 16 9)"
is "$exponent" 65535 "mbpoll: an exponent that leaves the voltage its digits"
holds "by which its register is the voltage read" "($volts / 10 - $(own get voltage.a))^2 < 1e-9 && $volts > 2200"
read -r low high factor <<<"$(polled 32 3)"
is "$factor" 1 "a factor"
holds "low word first" "($low + 65536 * $high) * 0.001 == $(own get current.a) && $low > 100"
is "$(polled 19 2)" "0 0 " "registers between points are read through"
line_of sim '^(rtutcp:[^?]+)'; rtu=${BASH_REMATCH[1]}
run mbpoll -0 -1 -m tcp -a 1 -t 4 -r 13 -c 4 -p "$port" 127.0.0.1
like "$(cat "$TMP/out" "$TMP/err")" "Illegal data address" "registers before them are refused"
run mbpoll -0 -1 -m tcp -a 1 -t 4 -r 64 -p "$port" 127.0.0.1 4
like "$(cat "$TMP/out" "$TMP/err")" "failure" "a setting behind a password is refused"
is "$(polled 64 1)" "3 " "and not written"
run mbpoll -0 -1 -m tcp -a 1 -t 4 -r 1024 -p "$port" 127.0.0.1 4661
like "$(cat "$TMP/out" "$TMP/err")" "Illegal data value" "another password, too"
run mbpoll -0 -1 -m tcp -a 1 -t 4 -r 1024 -p "$port" 127.0.0.1 4660
run mbpoll -0 -1 -m tcp -a 1 -t 4 -r 64 -p "$port" 127.0.0.1 4
is "$(polled 64 1)" "3 " "with the password it is accepted, and waits for the commit"
run mbpoll -0 -1 -m tcp -a 1 -t 4 -r 1025 -p "$port" 127.0.0.1 1
is "$(polled 64 1)" "4 " "which puts it in force"
own set display.mode=a --yes --journal "$TMP/own.db" >/dev/null; ok $? "set does all that"
is "$(polled 64 1)" "3 " "mbpoll: written"
own set display.mode=b --yes --journal "$TMP/own.db" >/dev/null; ok $? "set, which has the password, writes it"
is "$(polled 64 1)" "4 " "mbpoll: written"
run mbpoll -0 -1 -m tcp -a 1 -t 4 -r 64 -p "$port" 127.0.0.1 3
is "$(polled 64 1)" "4 " "and locked again"
mkdir -p "$XDG_CONFIG_HOME/meterctl/profiles"
cp "$TMP/own.yaml" "$XDG_CONFIG_HOME/meterctl/profiles/own.yaml"
exits 0 "scan with the profile" -- "$METERCTL" -f jsonl scan "tcp:127.0.0.1:$port" --unit 1
like "$OUT" '"profile":"own".*"model":"Mine"' "tells the model"
for rule in "function: 17" "function: 43"; do
	sed "/^  - {at: 0x300/d; /^  - {function/{/$rule/!d}" "$TMP/own.yaml" >"$XDG_CONFIG_HOME/meterctl/profiles/own.yaml"
	exits 0 "a rule of $rule alone" -- "$METERCTL" -f jsonl scan "$rtu" --unit 1
	like "$OUT" "\"profile\":\"own\".*\"model\":\"Mine by ${rule#function: }\"" "tells the model, too"
done
rm "$XDG_CONFIG_HOME/meterctl/profiles/own.yaml"
stop_pid "$PID"

start sim "$METERCTL" -p em340 simulate frozen --tcp 0
line_of sim '(tcp:[^ ]+)'; own=${BASH_REMATCH[1]}
port=${own#tcp:127.0.0.1:} port=${port%%\?*}
read -r low high <<<"$(polled 0 2 3)"
holds "em340: mbpoll reads its words low first" "($low + 65536 * $high) / 10 == $("$METERCTL" -p em340 -c "$own" get voltage.a) && $high == 0"
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
