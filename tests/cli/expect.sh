#!/usr/bin/env bash
# What is expected of readings: read --expect, watch --until and --for, wait.
. "$(dirname "$0")/../tap.sh"

SIM=sim:frozen,ct=40,pt=1,start=2026-07-15T14:03:27Z
QUICK=(-t 50 -r 0)	# a dead meter

# ---- read --expect
exits 0 "as expected" -- "$METERCTL" -c "$SIM" read --expect voltage.a=207..253 --expect comm.baud=9600 --expect ratio.ct=200/5
is "$ERR" "" "nothing is said"
is "$(awk '{ print $1 }' "$TMP/out" | xargs)" "voltage.a comm.baud ratio.ct" "the expected points are what is read"
exits 0 "with words" -- "$METERCTL" -c "$SIM" read frequency --expect voltage.a=207..
is "$(awk '{ print $1 }' "$TMP/out" | xargs)" "frequency voltage.a" "they are read along"
exits 1 "not as expected" -- "$METERCTL" -c "$SIM" -f json read --expect voltage.a=..200 --expect frequency=49..51 --expect comm.baud=4800
is "$(sed 's/is [0-9.]* V/is N V/' "$TMP/err")" "meterctl: 'voltage.a' is N V, expected ..200 V
meterctl: 'comm.baud' is 9600, expected 4800" "a line for each value that is not: key, value, range"
"$PYTHON" -c 'import json, sys
assert [r["key"] for r in json.load(open(sys.argv[1]))["readings"]] == ["voltage.a", "frequency", "comm.baud"]' "$TMP/out"
ok $? "the readings are printed all the same"
exits 3 "no reply" -- "$METERCTL" -c sim:dead "${QUICK[@]}" read --expect voltage.a=207..253
like "$ERR" "'voltage\\.a' not read, expected 207\\.\\.253 V: no reply" "says what was expected"
exits 5 "rejected by the meter" -- "$METERCTL" -c sim:exception=2 "${QUICK[@]}" read --expect voltage.a=207..253
for bad in 'voltag.a=1..2/did you mean .voltage\.a' 'voltage=1..2/names 6 points' 'voltage.a/not KEY=RANGE' \
	'voltage.a=x/write LOW\.\.HIGH' 'voltage.a=5..4/write 4\.\.5' 'comm.baud=9601/did you mean .9600' \
	'=1/not KEY=RANGE' 'security.code=1/is secret'; do
	exits 2 "usage: ${bad%%/*}" -- "$METERCTL" -c rtu:/dev/none read --expect "${bad%%/*}"
	one_line "$ERR" "one line"
	like "$ERR" "${bad#*/}" "says what to write"
done

# ---- watch --for, --until
exits 0 "watch --for" -- "$METERCTL" -c "$SIM" -f jsonl watch -i 0.05 --for 0.3s voltage.a
[ "$(wc -l <"$TMP/out")" -ge 1 ]; ok $? "prints until the time is over"
exits 0 "back to back" -- "$METERCTL" -c "$SIM" -f jsonl watch -i 0 --for 0.2 voltage.a
"$PYTHON" -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert rows and all(r["quality"] == "ok" for r in rows), rows[-1]' "$TMP/out"
ok $? "the last value is a whole one"
exits 0 "watch --until" -- "$METERCTL" -c "$SIM" -f jsonl watch -i 3600 --until frequency=49..51
is "$(wc -l <"$TMP/out")" 1 "ends with the round in which it holds"
exits 0 "watch -i 0 --until" -- "$METERCTL" -c "$SIM" -f jsonl watch -i 0 --until frequency=49..51 voltage.a
is "$(wc -l <"$TMP/out")" 2 "so it does back to back"
exits 1 "watch --until, the time over" -- "$METERCTL" -c "$SIM" -f csv watch -i 0.05 --for 0.2 --until frequency=51.. --until voltage.a=..1
is "$(sed 's/is [0-9.]* /is N /' "$TMP/err")" "meterctl: 'frequency' is N Hz at the end, expected 51.. Hz
meterctl: 'voltage.a' is N V at the end, expected ..1 V" "says what did not hold"
exits 1 "watch --until, all rounds over" -- "$METERCTL" -c "$SIM" watch -n 2 -i 0 --until frequency=51..
exits 3 "watch --until of a dead meter" -- "$METERCTL" -c sim:dead "${QUICK[@]}" watch --for 0.2 -i 0.05 --until frequency=51..
exits 2 "watch --until of a whole broker" -- "$METERCTL" -c mqtt://127.0.0.1:9 watch --until frequency=51..
like "$ERR" 'needs one meter' "needs one meter"
exits 2 "watch --for nothing" -- "$METERCTL" -c "$SIM" watch --for 5d
like "$ERR" "90s, 5m, 1h" "says how a time is written"

# ---- wait
exits 0 "wait" -- "$METERCTL" -c "$SIM" wait voltage.a=207..253 frequency=49..51
is "$(awk '{ print $1 }' "$TMP/out" | xargs)" "voltage.a frequency" "prints the readings that ended it"
exits 0 "wait -f json" -- "$METERCTL" -c "$SIM" -f json wait comm.baud=9600
"$PYTHON" -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "meterctl.read/1" and d["readings"][0]["value"] == "9600", d' "$TMP/out"
ok $? "as read does"
exits 1 "wait, the time over" -- "$METERCTL" -c "$SIM" wait frequency=51.. voltage.a=207.. --for 0.2
is "$(sed 's/is [0-9.]* /is N /' "$TMP/err")" "meterctl: 'frequency' is N Hz after 0.2 s, expected 51.. Hz" "says the last value"
is "$OUT" "" "and prints none"
exits 3 "wait for a dead meter" -- "$METERCTL" -c sim:dead "${QUICK[@]}" wait frequency=49.. --for 0.2
exits 2 "wait for nothing" -- "$METERCTL" -c "$SIM" wait
exits 2 "wait for an unknown key" -- "$METERCTL" -c rtu:/dev/none wait voltag.a=1..2

# a setting that another one changes meanwhile
start meter "$METERCTL" simulate --tcp 0
line_of meter 'tcp:'; ok $? "a meter with two masters"
TCP=$(grep -oE 'tcp:[0-9.:]+' <<<"$LINE")
start waiting "$METERCTL" -c "$TCP" --trace "$TMP/wait.trace" wait ratio.ct=77 --for "$PATIENCE"
asked() { grep -q ' < ' "$TMP/$1.trace"; }
WAITING=$PID
wait_for asked wait
exits 0 "set by the other" -- "$METERCTL" -c "$TCP" set ratio.ct=77 --yes
ended "$WAITING"
is "$RC" 0 "ends the wait"
start waiting "$METERCTL" -c "$TCP" --trace "$TMP/long.trace" wait ratio.ct=78 --for 1h
WAITING=$PID
wait_for asked long
stop_pid "$WAITING" INT
is "$RC" 130 "interrupted: exit 130"

done_testing
