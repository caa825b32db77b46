#!/usr/bin/env bash
# scan on lines with meters at a speed, a character format and an address that are not known: what is
# found, and that nothing is written. A pseudo terminal hides speed and parity, so the wire is told how
# the program has set it (line_recorder.c) and makes garbage of what differs. One slave is by pymodbus.
. "$(dirname "$0")/../tap.sh"

export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
RECORDER=$TMP/recorder.so
export LINE_RECORD=$TMP/record
mkdir "$LINE_RECORD"
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -shared -fPIC -O1 -o "$RECORDER" "$PEER/line_recorder.c" -ldl ||
	give_up "the recorder does not compile"
L=$TMP/line
start wire "$PYTHON" "$PEER/scan_wire.py" "$LINE_RECORD" "$L.peer17=17@4800-8E1:peer" \
	"$L.a=2@9600-8E1" "$L.b=2@9600-8E1/40:sdm630" "$L.c=2@9600-8E1:exception" "$L.d=2@9600-8E1" \
	"$L.slow=3@9600-8E1/400" "$L.two=5@9600-8N1:sdm630+5@9600-8N1:sdm630+2@9600-8N1" "$L.master=5@19200-8E1/100:master+3@19200-8E1" \
	"$L.gateway=17@4800-8E1:gateway" "$L.everybody=117@19200-8E1:broadcast" "$L.odd=4@9600-8O1"
line_of wire ready || give_up "no wire"
start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$L.peer17.peer" --unit 17
line_of slave ready || give_up "no slave"

# scan: the program, recorded
recorded=(env LD_PRELOAD="$RECORDER" "$METERCTL")
scan() {	# scan CODE NAME ARGS...
	local code=$1 name=$2

	shift 2
	exits "$code" "$name" -- "${recorded[@]}" "$@"
}
found() {	# found NAME PROFILE TARGET-REST...: in $OUT, and no other
	local name=$1 target=$2 profile=$3

	is "$("$PYTHON" -c 'import json, sys
print(*(f"{m['"'target'"']} {m['"'profile'"']} {m['"'unit'"']}" for m in json.load(sys.stdin)["found"]), sep="\n")' <<<"$OUT")" \
		"$target $profile ${target##*unit=}" "$name"
}

# ---- what it finds
scan 0 "a slave by pymodbus, 4800 8E1, unit 17" -f json scan --baud 4800 --frame 8N1,8E1 --unit 11-20 --first 1 "$L.peer17"
found "is found, and identified" "rtu:$L.peer17?baud=4800&parity=even&unit=17" adw300
like "$OUT" '^\{"schema":"meterctl\.scan/1","found":\[\{"target":"rtu:[^"]*","unit":17,"profile":"adw300","id":null,"model":"ADW300","port":"[^"]*","baud":4800,"frame":"8E1",' "in the form that is promised"
cp "$TMP/out" "$TMP/found.json"
scan 0 "one that replies to unit 0" -f json scan --baud 19200 --first 1 "$L.everybody"
found "is found by it, at its own address" "rtu:$L.everybody?baud=19200&parity=even&unit=117" adw300
scan 0 "behind a gateway that replies for others" -f json scan --baud 4800 --first 1 "$L.gateway"
found "the meter alone is one" "rtu:$L.gateway?baud=4800&parity=even&unit=17" adw300
scan 0 "a meter that replies in 400 ms" -f json scan --baud 9600 --frame 8N1,8E1 --unit 1-4 "$L.slow"
found "is found once" "rtu:$L.slow?parity=even&unit=3" adw300
like "$OUT" '"latency_ms":4[0-9][0-9]\.' "with what it takes"

# ---- the wire does garble: another format finds nothing
scan 3 "parity none does not find odd" scan --baud 9600 --frame 8N1,8E1 --unit 3-5 "$L.odd"
one_line "$ERR" "in one line"
like "$ERR" "no meter found on '$L\.odd'" "that names the port"
scan 0 "odd does" -f json scan --baud 9600 --frame 8O1 --unit 3-5 --first 1 "$L.odd"
found "at its setting" "rtu:$L.odd?parity=odd&unit=4" adw300

# ---- four lines side by side: each has its meter
began=$EPOCHREALTIME
scan 0 "one line" -f csv scan --unit 1-4 --baud 9600 "$L.a"
one=$(("${EPOCHREALTIME/./}" - "${began/./}")) began=$EPOCHREALTIME
scan 0 "four lines" -f csv scan --unit 1-4 --baud 9600 "$L.a" "$L.b" "$L.c" "$L.d"
four=$(("${EPOCHREALTIME/./}" - "${began/./}"))
[ "$four" -lt $((one * 2)) ]
ok $? "take less than two one after the other" || diag "one $one us, four $four us"
is "$(head -n 1 <<<"$OUT" | tr -d '\r')" "target,unit,profile,id,model,port,baud,frame,latency_ms,reply,doubled" "csv has what is needed to connect"
is "$(tail -n +2 <<<"$OUT" | cut -d, -f 2,3,4,5,7,8,10 | sort | tr -d '\r')" "2,,,,9600,8E1,exception 02 illegal data address
2,adw300,,ADW300,9600,8E1,holding 0x0000-0x0001: 0002 0004
2,adw300,,ADW300,9600,8E1,holding 0x0000-0x0001: 0002 0004
2,sdm630,19088743,SDM630,9600,8E1,holding 0x0000-0x0001: 0000 0000" "models by their rules, one that only refuses by that"

# ---- two at one address, another master
scan 0 "two meters of one address" -f jsonl scan --baud 9600 --frame 8N1 --unit 1-6 "$L.two"
like "$OUT" '"unit":5,"profile":null,.*"doubled":true' "are reported"
like "$OUT" '"unit":2,"profile":"adw300",.*"doubled":false' "and the one beside them is found"
like "$ERR" "two meters reply at unit address 5" "with what to do"
scan 7 "another master: exit 7" scan "$L.master"
like "$ERR" "another master is on the line at '$L.master' \(19200 8E1\): unit 5, registers 0x0014-0x0015.*--intrude" "who asks for what, and the way on"
scan 0 "--intrude" -f json scan --intrude --first 1 --unit 1-4 "$L.master"
found "finds the meter between its frames" "rtu:$L.master?baud=19200&parity=even&unit=3" adw300

# ---- ended, and gone on with
start scanning "${recorded[@]}" -f json scan --baud 9600 --frame 8E1 --unit 2-25 "$L.a" --trace "$TMP/trace"
wait_for grep -q ' < 02 03' "$TMP/trace"
wait_for grep -q ' > 0A 03' "$TMP/trace"
stop_pid "$PID" INT
is "$RC" 130 "interrupted: exit 130"
line_of scanning '^\{'
like "$LINE" '"found":\[\{"target":"rtu:[^"]*unit=2"' "with what was found"
like "$(cat "$TMP/scanning.err")" "1 meter found so far \(scan --resume goes on\)" "and how to go on"
scan 0 "--resume" -f json scan --resume --baud 9600 --frame 8E1 --unit 2-25 "$L.a" --trace "$TMP/trace2"
found "has the same meter, once" "rtu:$L.a?parity=even&unit=2" adw300
like "$(grep -m 1 ' > ' "$TMP/trace2")" ' > (0[B-F]|1.) 03 ' "and goes on where it was"
[ ! -e "$XDG_STATE_HOME/meterctl/scan.json" ]
ok $? "then nothing is kept"

# ---- never a write
stop_pid "${tap_pid[wire]}"
is "$(while line_of wire wrote 2>/dev/null; do echo "$LINE"; done)" "" "nothing was written on any line"

# ---- a batch file of it
exits 0 "batch --from-scan" -- "$METERCTL" batch --from-scan "$TMP/found.json"
is "$(tr -d '\r' <<<"$OUT")" "target,profile,note
rtu:$L.peer17?baud=4800&parity=even&unit=17,adw300,ADW300" "has its row"

done_testing
