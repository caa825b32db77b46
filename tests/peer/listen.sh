#!/usr/bin/env bash
# `meterctl listen` on a line where pymodbus and mbpoll talk to a slave of pymodbus: what it
# says against what they have written down themselves. It never sends a byte.
. "$(dirname "$0")/../tap.sh"

# line [OPTION ...]: three ports of one line: a slave at $TMP/slave, $TMP/master, $TMP/tap
line() {
	rm -f "$TMP/slave" "$TMP/master" "$TMP/tap"
	start hub "$PYTHON" "$PEER/hub.py" --counts "$TMP/counts" "$@" "$TMP/tap" "$TMP/slave" "$TMP/master"
	HUB=$PID
	line_of hub ready || give_up "no line"
	start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$TMP/slave"
	SLAVE=$PID
	line_of slave ready || give_up "no slave"
}

# hear ARGS...: listens beside the test; rows in $TMP/heard, its pid in $EAR
hear() {
	rm -f "$TMP/ear.err" "$TMP/heard"	# of the one before
	# shellcheck disable=SC2016
	start ear bash -c 'exec "$@" >"$TMP/heard"' - "$METERCTL" -v listen "$@"
	EAR=$PID
	wait_for grep -q 'listening on' "$TMP/ear.err" || give_up "it does not listen"
}

# polled ARGS... [-- VALUE]: one request of mbpoll
polled() {
	local args=()

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		args+=("$1")
		shift
	done
	run mbpoll -0 -1 -m rtu -b 9600 -P none "${args[@]}" "$TMP/master" "${@:2}"
}

line
hear -f jsonl "rtu:$TMP/tap?baud=9600" -o "$TMP/heard.pcapng"
exits 0 "pymodbus asks" -- "$PYTHON" "$PEER/master_pymodbus.py" "$TMP/master" "$TMP/master.log" 150
polled -a 1 -r 20 -c 40
sed -n 's/^\[\([0-9]*\)\]:[[:blank:]]*\(-\{0,1\}[0-9]*\).*/\1 \2/p' "$TMP/out" >"$TMP/mbpoll.log"
is "$(wc -l <"$TMP/mbpoll.log")" 40 "mbpoll asks"
polled -a 9 -r 20 -c 1 -o 0.3
like "$OUT$ERR" 'timed out' "mbpoll asks a unit that is not there"
wait_for grep -q '"unit":9' "$TMP/heard"
kill -0 "$EAR"
ok $? "it goes on until it is told to end"
# what a capture holds is there before it ends
cp "$TMP/heard.pcapng" "$TMP/early.pcapng"
stop_pid "$EAR" INT
is "$RC" 0 "Ctrl-C is its end"
run "$PYTHON" - "$TMP" <<'PY'
import json, sys
tmp = sys.argv[1]
rows = [json.loads(line) for line in open(tmp + "/heard")]
frames = [r for r in rows if r["kind"] in ("request", "reply", "exception")]
assert len(frames) == len([r for r in rows if r["kind"] != "unit"]), "something was no frame"

def raw(row):
    return [w for p in row.get("points", []) for w in p.get("raw", [])]

at = 0
for line in open(tmp + "/master.log"):
    said = json.loads(line)
    asked, told = frames[at:at + 2]
    at += 2
    for row in asked, told:
        assert (row["unit"], row["function"], row["register"], row["count"]) == (
            said["unit"], said["function"], said["addr"], said["count"]), (said, row)
    assert asked["kind"] == "request" and told["ms"] >= 0
    if "exception" in said:
        assert told["kind"] == "exception" and told["exception"] == said["exception"], (said, told)
        continue
    assert told["kind"] == "reply", told
    assert raw(told if said["function"] == 3 else asked) == said["values"], (said, asked, told)
said = {int(a): int(v) & 0xFFFF for a, v in (line.split() for line in open(tmp + "/mbpoll.log"))}
asked, told = frames[at:at + 2]
assert raw(told) == [said[20 + i] for i in range(40)], told
points = {p["key"]: p for p in told["points"]}
assert points["voltage.a"]["value"] == 704.6 and points["voltage.a"]["unit"] == "V", points["voltage.a"]
assert [r["unit"] for r in frames[at + 2:]] == [9]
units = {r["unit"]: r for r in rows if r["kind"] == "unit"}
assert units[9]["silent"] == 1 and units[9]["replies"] == 0, units[9]
assert units[1]["requests"] == 151 == units[1]["replies"] + units[1]["exceptions"], units[1]
assert units[1]["silent"] == 0 and units[1]["exceptions"] > 0
PY
ok "$RC" "frame by frame what pymodbus and mbpoll have written down" || diag "$ERR"
is "$(grep '^tap ' "$TMP/counts")" "tap 0" "not a byte was sent"

# ---- as a person sees it
hear "rtu:$TMP/tap?baud=9600" -n 2
polled -a 1 -r 20 -c 2
ended "$EAR"
is "$RC" 0 "-n: two frames, and the end"
slurp HEARD "$TMP/heard"
like "$HEARD" '^[0-9:.]+ >   1 03 +read voltage\.a, voltage\.b$' "a request by the names of its registers"
like "$HEARD" '^[0-9:.]+ <   1 03 +[0-9.]+ ms  voltage\.a=704\.6 V, voltage\.b=' "a reply with its values"
like "$HEARD" '^unit 1: requests 1, replies 1, silent 0, ' "and the unit at the end"
hear -f csv "rtu:$TMP/tap?baud=9600" -n 1
polled -a 1 -t 4 -r 465 -- 2617
ended "$EAR"
like "$(cat "$TMP/heard")" 'request,1,6,465,1,.*alarm1\.voltage\.over\.threshold: \? -> 261\.7 V' "a write: nobody knows what stood there"

exits 3 "nobody talks" -- "$METERCTL" listen "rtu:$TMP/tap" --for 1s
like "$ERR" "nothing heard on 'rtu:.*/tap' \(check" "and what to check"
hear "rtu:$TMP/tap" --for 1h
polled -a 1 -r 20 -c 2
wait_for grep -q 'voltage' "$TMP/heard"
stop_pid "$EAR" INT
is "$RC" 130 "interrupted before the time that was asked for"

# ---- a secret stays one
hear -f jsonl --trace "$TMP/trace" -o "$TMP/secret.pcapng" "rtu:$TMP/tap?baud=9600" -n 4
polled -a 1 -t 4 -r 8 -- 4660
polled -a 1 -r 8 -c 1
ended "$EAR"
like "$(cat "$TMP/out")" '4660' "a code is written and read"
like "$(cat "$TMP/heard")" '"key":"security.code","register":8,"value":"\*{8}"' "and named"
unlike "$(cat "$TMP/heard" "$TMP/trace")" '4660|12 34' "but not told"
[ -s "$TMP/secret.pcapng" ] && ! LC_ALL=C grep -q "$(printf '\x12\x34')" "$TMP/secret.pcapng"
ok $? "nor captured"

# ---- a trace, read later
hear --trace "$TMP/trace" "rtu:$TMP/tap?baud=9600" -n 2
polled -a 1 -r 20 -c 2
ended "$EAR"
exits 0 "a trace is listened to" -- "$METERCTL" listen "$TMP/trace"
like "$OUT" 'voltage\.a=704\.6 V' "and gives the same"
exits 0 "as one document" -- "$METERCTL" -f json listen "$TMP/trace"
like "$OUT" '^\{"schema":"meterctl.listen/1","frames":\[\{.*\],"units":\[\{"unit":1,"requests":1,"replies":1,' "with the units behind the frames"

# ---- through a serial server
port=$(free_port)
start relay socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr" "FILE:$TMP/tap,raw,echo=0"
wait_for grep -qi ":$(printf '%04X' "$port") 00000000:0000 0A" /proc/net/tcp
hear "rtutcp:127.0.0.1:$port" -n 2
polled -a 1 -r 20 -c 2
ended "$EAR"
is "$RC" 0 "RTU over TCP"
like "$(cat "$TMP/heard")" 'voltage\.a=704\.6 V' "gives the same"
is "$(grep '^tap ' "$TMP/counts")" "tap 0" "and no byte either"

# ---- what a capture is
if command -v tshark >/dev/null; then
	# RTAC serial does not say what it carries: so does a person, by Decode As
	dissect() {
		run tshark -r "$1" -d rtacser.data,mbrtu -T fields -e frame.protocols -e mbrtu.unit_id -e modbus.func_code
	}
	dissect "$TMP/heard.pcapng"
	is "$(awk '{ print $1 }' "$TMP/out" | sort | uniq -c | awk '{ print $1, $2 }')" "303 rtacser:mbrtu:modbus" \
		"Wireshark finds Modbus RTU in every packet"
	is "$(awk '{ print $2 }' "$TMP/out" | sort | uniq -c | awk '{ print $1, $2 }' | tr '\n' ' ')" "302 1 1 9 " "with its units"
	dissect "$TMP/early.pcapng"
	is "$RC $(wc -l <"$TMP/out")" "0 303" "also in what was written before the end"
else
	printf '# tshark is not there: captures are not dissected\n'
fi
stop_pid "$SLAVE"
stop_pid "$HUB"

# ---- the wrong rate: it looks for the right one, unless it was told which
line --baud 4800
slow() { mbpoll -0 -1 -m rtu -b 4800 -P none -o 0.1 -a "$1" -r 20 -c 2 "$TMP/master" >/dev/null 2>&1; }
stop_pid "$SLAVE"
hear -f jsonl "rtu:$TMP/tap"
for unit in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do slow $unit; done
wait_for grep -q 'the line is at' "$TMP/ear.err"
stop_pid "$EAR" INT
like "$(cat "$TMP/ear.err")" "the line is at 4800 8N1: 'rtu:.*/tap\?baud=4800'" "the right rate is named"
like "$(head -n 40 "$TMP/heard")" '"kind":"request","unit":([1-9]|1[0-9]),' "within 20 frames"
hear "rtu:$TMP/tap?baud=19200"
for unit in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do slow $unit; done
ended "$EAR"
is "$RC" 4 "a rate that was said is not changed in silence"
like "$(cat "$TMP/ear.err")" "the line is at 4800 8N1, not as 'rtu:.*baud=19200' says" "what would be right is named"
is "$(grep '^tap ' "$TMP/counts")" "tap 0" "not a byte was sent"
stop_pid "$HUB"

# ---- as a USB adapter hands it over: lumps that end anywhere
exits 0 "in lumps with pauses between them" -- "$PYTHON" "$PEER/lumps.py" 600
is "$OUT" "600 of 600 frames" "every frame is heard, and as it was"

# ---- where nothing can be heard
for target in tcp:127.0.0.1 rtuudp:127.0.0.1:502 sim: mqtt://127.0.0.1; do
	exits 2 "$target" -- "$METERCTL" listen "$target"
	one_line "$ERR" "$target: one line"
done
exits 2 "another name for a capture" -- "$METERCTL" listen "$TMP/trace" -o "$TMP/x.cap"

done_testing
