#!/usr/bin/env bash
# A write that meets a bad line or a bad meter: what is said, how often it was
# sent, what the meter holds then, and that the journal says the same.
. "$(dirname "$0")/../tap.sh"

# faulty KIND FAULT: a slave and an empty journal; the target in $TARGET
faulty() {
	LOG=$TMP/requests
	: >"$LOG"
	rm -rf "$XDG_STATE_HOME/meterctl"
	start slave "$PYTHON" "$PEER/slave_faulty.py" "$1" "$2" "$LOG"
	SLAVE=$PID
	line_of slave 'ready ([0-9]+)' || give_up "no slave"
	PORT=${BASH_REMATCH[1]}
	TARGET=$1:127.0.0.1:$PORT
}

set_ct() {	# set_ct CODE NAME [KEY=VALUE]
	exits "$1" "$2: exit $1" -- "$METERCTL" -c "$TARGET" -t 500 -r 1 -q -f json set --yes "${3:-ratio.ct=60}"
	STATE=$(sed -n 's/.*"state":"\([a-z]*\)".*/\1/p' <<<"$OUT")
	AFTER=$(sed -n 's/.*"after":\([^,]*\),.*/\1/p' <<<"$OUT")
}

writes() {
	grep -c '^w' "$LOG"
}

journal() {
	"$METERCTL" -f json journal --all | "$PYTHON" -c 'import json, sys
for e in json.load(sys.stdin)["entries"]:
    print(e["key"], e["before"], e["want"], e["after"], e["state"], "open" if e["open"] else "settled")'
}

# ends KIND FAULT CODE STATE AFTER WRITES: of ratio.ct=60, where 15 stood
ends() {
	local name="$1 $2"

	faulty "$1" "$2"
	set_ct "$3" "$name"
	is "$STATE $AFTER" "$4 $5" "$name: $4, holds $5"
	[ "$3" -eq 0 ] || one_line "$ERR" "$name: says why in a line"
	is "$(writes)" "$6" "$name: sent so often"
	is "$(journal)" "ratio.ct 15 60 ${5/null/None} $4 $([ "$4" = unknown ] && echo open || echo settled)" "$name: the journal says so, too"
	[ "$4" = unknown ] || is "$(tail -n 1 "$LOG" | cut -c1)" r "$name: reading was the last it did"
}

for kind in rtutcp tcp; do
	ends $kind write 0 verified 60 1
	ends $kind write_ignored 6 failed 15 1
	like "$ERR" 'ratio.ct.*something else' "says what"
	ends $kind write_changed 6 failed 61 1
	ends $kind write_request_lost 0 verified 60 2
	ends $kind write_never_arrives 6 failed 15 3
	ends $kind write_reply_lost 0 verified 60 1
	ends $kind write_late 0 verified 60 1
	ends $kind write_late_store 0 verified 60 1
	ends $kind write_garbage 0 verified 60 1
	ends $kind write_lost_garbage 0 verified 60 2
	ends $kind write_ack_of_another 0 verified 60 1
	ends $kind write_ack_twice 0 verified 60 1
	ends $kind write_hang_up 0 verified 60 1
	ends $kind write_lost_hang_up 0 verified 60 2
	ends $kind write_restarts 0 verified 60 1
	ends $kind write_restarts_first 0 verified 60 1
	ends $kind write_refused 5 refused 15 1
	like "$ERR" 'exception 4|device failure' "the meter's reason"
	ends $kind write_by_06 0 verified 60 2
	ends $kind write_by_06_request_lost 0 verified 60 3
	ends $kind write_not_known 5 refused 15 2
	like "$ERR" 'exception 1|illegal function' "the meter's reason"
	ends $kind write_refused_but_stored 0 verified 60 1
done
ends rtutcp write_ack_corrupt 0 verified 60 1

# stops answering after the write: unknown; the next run reads first and settles
ends tcp write_mute 6 unknown null 1
like "$ERR" 'not known' "says that it is not known"
was=$(wc -l <"$LOG")
kill -USR1 "$SLAVE"
set_ct 0 "the next run, the same wish"
is "$STATE" unchanged "has nothing to do"
is "$(tail -n +$((was + 1)) "$LOG" | head -n 1)" "r 000F 1" "reads first what was left open"
is "$(writes)" 1 "it does not write again"
is "$(journal)" "ratio.ct 15 60 60 verified settled" "and the journal knows now"

ends rtutcp write_lost_and_mute 6 unknown null 1
was=$(wc -l <"$LOG")
kill -USR1 "$SLAVE"
exits 0 "the next run, another wish" -- "$METERCTL" -c "$TARGET" -t 500 -r 1 set --yes lora.sf=9
like "$ERR" 'settled' "says that it looked"
is "$(tail -n +$((was + 1)) "$LOG" | head -n 1)" "r 000F 1" "it reads first what was left open"
is "$(journal)" "ratio.ct 15 60 15 failed settled
lora.sf 2 9 9 verified settled" "it was not written; the new wish is"

# silent before anything is written: no reply, nothing journalled, nothing sent
faulty tcp silent
set_ct 3 "a meter that never answers"
is "$(writes)" 0 "gets no write"
is "$(journal)" "" "and no entry"

# ---- several settings: stops at the first that is not verified -------------------

states() {
	grep -o '"state":"[a-z]*"' <<<"$OUT" | cut -d'"' -f4 | xargs
}

faulty tcp write_ignored
exits 6 "the first of two is ignored" -- "$METERCTL" -c "$TARGET" -t 500 -q -f json set --yes ratio.ct=60 lora.sf=9
is "$(states) $(writes)" "failed planned 1" "the second is not written"
is "$(journal)" "lora.sf 2 9 2 failed settled" "nor in the journal"

# interrupted: what has been sent is seen through, and nothing more is sent
faulty tcp write_late
start set "$METERCTL" -c "$TARGET" -t 500 -r 1 -q -f json set --yes ratio.ct=60 lora.sf=9
SET=$PID
line_of slave '^write$'; ok $? "the first write has come"
kill -INT "$SET"
line_of set '"schema"'; ok $? "interrupted: says how far it came"
OUT=$LINE
ended "$SET"
is "$RC" 130 "exit 130"
is "$(states) $(writes)" "verified planned 1" "the first is verified, the second not written"
is "$(journal)" "lora.sf 2 9 9 verified settled" "and so says the journal"

# ---- the address of the link --------------------------------------------------

for fault in write_moves write_moves_silently; do
	faulty rtutcp $fault
	set_ct 0 "$fault" comm.address=7
	is "$STATE $AFTER $(writes)" "verified 7 1" "$fault: found at 7, written once"
	like "$OUT" '"target":"[^"]*unit=7' "$fault: the document says where"
	is "$(journal)" "comm.address 1 7 7 verified settled" "$fault: the journal, too"
	exits 3 "$fault: nobody at the old address" -- "$METERCTL" -c "$TARGET" -t 500 -r 0 get ratio.ct
done
faulty rtutcp write_moves_and_mute
set_ct 6 "a meter that is on neither address" comm.address=7
is "$STATE $AFTER $(writes)" "unknown null 1" "is unknown"
like "$ERR" 'unit 7.*unit 1' "it was looked for at both"
is "$(journal)" "comm.address 1 7 None unknown open" "the journal keeps it open"
kill -USR1 "$SLAVE"
exits 0 "the next run, at the new address" -- "$METERCTL" -c "$TARGET?unit=7" -t 500 -r 1 set --yes comm.address=7
is "$(journal)" "comm.address 1 7 7 verified settled" "settles it"

# ---- the cable is pulled in the middle of a write ------------------------------

faulty rtutcp write_mute
plug() {
	rm -f "$TMP/cable"
	start cable socat "pty,raw,echo=0,link=$TMP/cable" "tcp:127.0.0.1:$PORT"
	CABLE=$PID
	wait_for test -e "$TMP/cable" || give_up "socat made no port"
}
plug
start set "$METERCTL" -c "rtu:$TMP/cable" -t 500 -r 1 -f json set --yes ratio.ct=60
SET=$PID
line_of slave '^write$'; ok $? "the write has come"
stop_pid "$CABLE" KILL
rm -f "$TMP/cable"
line_of set '"state":"unknown"'; ok $? "the cable is pulled: unknown"
ended "$SET"
is "$RC" 6 "exit 6"
is "$(journal)" "ratio.ct 15 60 None unknown open" "the journal says so, too"
exits 3 "without a cable nothing can be settled" -- "$METERCTL" -c "rtu:$TMP/cable" -t 500 set --yes ratio.ct=60
is "$(journal)" "ratio.ct 15 60 None unknown open" "and stays open"
plug
kill -USR1 "$SLAVE"
exits 0 "the cable is back" -- "$METERCTL" -c "rtu:$TMP/cable" -t 500 set --yes ratio.ct=60
is "$(journal) $(writes)" "ratio.ct 15 60 60 verified settled 1" "read, settled, not written again"

# pulled and plugged in again while the program looks for the meter
faulty rtutcp write_reply_lost
plug
start set "$METERCTL" -c "rtu:$TMP/cable" -t 500 -r 1 -f json set --yes ratio.ct=60
SET=$PID
line_of slave '^write$'; ok $? "the write has come"
stop_pid "$CABLE" KILL
plug
line_of set '"state":"verified"'; ok $? "pulled and plugged in again: verified"
ended "$SET"
is "$RC $(writes)" "0 1" "exit 0, written once"

done_testing
