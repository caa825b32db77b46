#!/usr/bin/env bash
# scan: what can be asked, units over TCP, and the batch file that is made of it. Lines are searched in
# tests/peer/scan_lines.sh, brokers in fleet.sh.
. "$(dirname "$0")/../tap.sh"

wrong() {	# wrong NAME REGEX ARGS...
	local name=$1 regex=$2

	shift 2
	exits 2 "$name: exit 2" -- "$METERCTL" "$@"
	one_line "$ERR" "$name: in one line"
	like "$ERR" "$regex" "$name: says why"
}
wrong "no speed" "'9601' is not a baud rate: 1200, 2400" scan --baud 9600,9601 "$TMP/port"
wrong "no format" "'7E1' is not a character format: 8N1, 8E1, 8O1, 8N2" scan --frame 7E1 "$TMP/port"
wrong "no unit" "'0' is not a unit address or range" scan --unit 0 "$TMP/port"
wrong "no range of units" "'9-3' is not a unit address or range" scan --unit 1,9-3 "$TMP/port"
wrong "no range of hosts" "'tcp:192.0.2.9-3' is not a range of addresses" scan tcp:192.0.2.9-3
wrong "a port twice" "'$TMP/port' is given twice" scan "$TMP/port" "rtu:$TMP/port?unit=3"
wrong "a simulated meter" "simulate --pty" scan sim:
wrong "neither port nor target" "no connection is saved as" scan nothing-like-it
exits 3 "a port that is not there" -- "$METERCTL" scan "$TMP/port"
like "$ERR" "no such port '$TMP/port'" "is named"
wrong "a folder" "'$TMP' is not a serial port" scan "$TMP"
wrong "a file" "scan.sh' is not a serial port" scan "$(cd "$(dirname "$0")" && pwd)/${0##*/}"
exits 3 "a broker that has no address" -- "$METERCTL" scan mqtt://no-such-host.invalid
one_line "$ERR" "in one line"

# ---- units over TCP: all that pymodbus serves
port=$(free_port)
start slave "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$port"
line_of slave ready || give_up "no slave"
exits 0 "units behind a gateway" -- "$METERCTL" -f csv scan --unit 1-3 "tcp:127.0.0.1:$port"
is "$(tail -n +2 <<<"$OUT" | cut -d, -f 1-5 | tr -d '\r')" "tcp:127.0.0.1:$port,1,adw300,,ADW300
tcp:127.0.0.1:$port?unit=2,2,,," "each is listed once, one that is not identified as well"
exits 0 "a range of hosts" -- "$METERCTL" -f json scan --unit 1 --first 1 "tcp:127.0.0.1-1:$port"
like "$OUT" "\"target\":\"tcp:127.0.0.1:$port\",\"unit\":1," "is searched one by one"
exits 0 "a range of hosts, of which one listens" -- "$METERCTL" -f csv scan --unit 1 "tcp:127.0.0.1-3:$port"
is "$(tail -n +2 <<<"$OUT" | cut -d, -f 1-3)" "tcp:127.0.0.1:$port,1,adw300" "finds its meter"
is "$ERR" "meterctl: 2 of 3 hosts: no connection" "and counts the others"
exits 3 "units that are not there" -- "$METERCTL" -t 200 scan --unit 4-5 "tcp:127.0.0.1:$port"
is "$ERR" "meterctl: no meter found on '127.0.0.1:$port' (check unit addresses, and power and wires behind a gateway)" "say what to check"
served=$(free_port)
start sim "$METERCTL" simulate --tcp "$served"
wait_for port_open "$served" || give_up "no simulated meter"
exits 0 "as a table" -- "$METERCTL" scan --unit 1-3 "tcp:127.0.0.1:$served"
like "$OUT" "^tcp:127.0.0.1:$served +-- +ADW300" "a simulated meter is one"

any=$(free_port)
start any "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$any" --any
line_of any ready || give_up "no slave of every unit"
exits 0 "a server that replies to every unit" -- "$METERCTL" -f json scan "tcp:127.0.0.1:$any"
like "$OUT" "^\{\"schema\":\"meterctl.scan/1\",\"found\":\[\{\"target\":\"tcp:127.0.0.1:$any\",[^{]*\"any_unit\":true\}\]\}\$" "is one meter"
like "$ERR" "replies to every unit address: listed once" "and that is said"

# ---- a batch file of it
exits 0 "found, as lines" -- "$METERCTL" -f jsonl scan --unit 1-2 "tcp:127.0.0.1:$port"
cp "$TMP/out" "$TMP/found.jsonl"
exits 0 "made a batch file" -- "$METERCTL" batch --from-scan "$TMP/found.jsonl" -o "$TMP/floor.csv"
is "$(tr -d '\r' <"$TMP/floor.csv")" "target,profile,note
tcp:127.0.0.1:$port,adw300,ADW300
tcp:127.0.0.1:$port?unit=2,," "a row each"
exits 0 "which batch takes" -- "$METERCTL" batch --dry-run "$TMP/floor.csv"
exits 7 "a file that is there" -- "$METERCTL" batch --from-scan "$TMP/found.jsonl" -o "$TMP/floor.csv"
like "$ERR" "floor.csv" "is not replaced"
echo '{"schema":"meterctl.scan/1","found":[{"target":"rtu:/dev/ttyS9?unit=5","doubled":true}]}' >"$TMP/doubled.json"
exits 1 "none but two of one address" -- "$METERCTL" batch --from-scan "$TMP/doubled.json"
like "$ERR" "left out: two meters have this address" "is no row"
echo 'target,unit' >"$TMP/found.csv"
wrong "not of scan" "is not the output of scan -f json or jsonl" batch --from-scan "$TMP/found.csv"
wrong "no such file" "cannot read" batch --from-scan "$TMP/none.json"

done_testing
