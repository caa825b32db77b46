#!/usr/bin/env bash
# watch: rounds, formats, and every way it ends.
. "$(dirname "$0")/../tap.sh"

exits 0 "three rounds back to back" -- "$METERCTL" -c sim: -f jsonl watch -n 3 -i 0 voltage.a frequency
"$PYTHON" -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert [r["key"] for r in rows] == ["voltage.a", "frequency"] * 3, rows
assert [r["at"] for r in rows] == sorted(r["at"] for r in rows)' "$TMP/out"
ok $? "six lines in order"

exits 0 "csv" -- "$METERCTL" -c sim: -f csv watch -n 2 -i 0 voltage.a
is "$(grep -c '^at,key,value' "$TMP/out")" 1 "one header"
is "$(grep -c ',voltage.a,' "$TMP/out")" 2 "two rows"
exits 0 "table" -- "$METERCTL" -c sim: watch -n 2 -i 0 voltage.a
is "$(grep -cE '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]+ +voltage\.a +[0-9.]+ V ' "$TMP/out")" 2 "two lines with their time"
exits 0 "json is lines too" -- "$METERCTL" -c sim: -f json watch -n 2 -i 0 voltage.a
is "$("$PYTHON" -c 'import json,sys; print(len([json.loads(x) for x in open(sys.argv[1])]))' "$TMP/out")" 2 "two objects"
exits 0 "no keys: the live page" -- "$METERCTL" -c sim: -f jsonl watch -n 1
like "$OUT" '"di.status"' "all of it"

start_us=$(date +%s%N)
exits 0 "an interval" -- "$METERCTL" -c sim: -f jsonl watch -n 3 -i 0.2 voltage.a
[ $(($(date +%s%N) - start_us)) -ge 400000000 ]; ok $? "is kept"

# ---- ended by signals
for signal in INT TERM; do
	start watch "$METERCTL" -c sim: -f jsonl watch -i 0.05 voltage.a
	line_of watch '"voltage.a"'; ok $? "running"
	stop_pid "$PID" $signal
	is "$RC" 130 "SIG$signal: exit 130"
	is "$(cat "$TMP/watch.err")" "" "without a word"
done
start watch "$METERCTL" -c sim: -f jsonl watch -i 3600 voltage.a
line_of watch '"voltage.a"'
stop_pid "$PID" INT
is "$RC" 130 "ends in the middle of a long interval"
start watch "$METERCTL" -c sim:dead -v -f jsonl watch -i 0 voltage.a
line_of watch 'null'; ok $? "a dead meter: lines without a value"
like "$LINE" '"quality":"(never|stale)"' "which say so"
stop_pid "$PID" INT
is "$RC" 130 "ends while it waits for a dead meter"

exits 3 "-q" -- "$METERCTL" -q -c sim:dead -t 50 -r 0 watch -n 1 voltage.a
one_line "$ERR" "says an error all the same, once"
like "$OUT" '\[never\]$' "and the table that there is no value"

# ---- a reader that goes away
"$METERCTL" -c sim: -f jsonl watch -i 0 voltage.a 2>"$TMP/err" | head -n 3 >"$TMP/out"
is "${PIPESTATUS[1]}" 0 "| head ends it"
is "$(wc -l <"$TMP/out")" 3 "three lines"
is "$(cat "$TMP/err")" "" "no complaint about the pipe"
"$METERCTL" -c sim:frozen -f json read '*' 2>"$TMP/err" | head -c 10 >"$TMP/out"
is "$(cat "$TMP/err")" "" "nor from read"

# ---- a disk that is full
"$METERCTL" -c sim: -f jsonl watch -n 2 -i 0 voltage.a >/dev/full 2>"$TMP/err"
is $? 1 "watch onto a full disk: exit 1"
like "$(cat "$TMP/err")" "^meterctl: cannot write" "and says so"
one_line "$(cat "$TMP/err")" "once"
"$METERCTL" -c sim: -f json read '*' >/dev/full 2>"$TMP/err"
is $? 1 "JSON onto a full disk"
one_line "$(cat "$TMP/err")" "is said once"
"$METERCTL" -c sim: read >/dev/full 2>"$TMP/err"
is $? 1 "read onto a full disk"
"$METERCTL" --help >/dev/full 2>"$TMP/err"
is $? 1 "help onto a full disk"

done_testing
