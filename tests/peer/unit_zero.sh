#!/usr/bin/env bash
# Unit address 0 on a serial line: read once, in a silence, and only for one meter.
. "$(dirname "$0")/../tap.sh"

LOG=$TMP/requests

# bus MODE UNIT...: meters on a pty; the target of all of them in $ALL
bus() {
	rm -f "$TMP/port"
	: >"$LOG"
	start bus "$PYTHON" "$PEER/slave_bus.py" pty "$TMP/port" "$1" "$LOG" "${@:2}"
	BUS=$PID
	line_of bus ready || give_up "no meters"
	ALL="rtu:$TMP/port?unit=0"
}

# asked: how often unit 0 was; then others
asked() {
	echo "$(grep -c '^00 ' "$LOG") $(grep -vc '^00 ' "$LOG")"
}

# ends MODE CODE REGEX UNIT...: one value, with retries allowed. In $AGAIN how often the
# unit that was found is asked behind that: not, as a rule
AGAIN=0
ends() {
	local mode=$1 code=$2 regex=$3

	bus "$mode" "${@:4}"
	exits "$code" "$mode: exit $code" -- "$METERCTL" -c "$ALL" -r 3 --trace "$TMP/trace" get voltage.a
	one_line "$ERR" "$mode: one line"
	like "$ERR" "$regex" "$mode: says what"
	like "$(asked)" "^1 $AGAIN\$" "$mode: asked once"
	[ "$(awk '{ print $NF; exit }' "$LOG")" -ge 1000 ]
	ok $? "$mode: after a second of silence" || diag "$(cat "$LOG")"
	is "$(grep -c ' > 00 ' "$TMP/trace")" 1 "$mode: and so says the trace"
	stop_pid "$BUS"
}

found='unit 0 \(broadcast read\): reply from unit address 17 \(use unit=17\)'
several='more than one meter replied to unit address 0.*or the reply is damaged'

ends apart 0 "$found" 17
is "$OUT" "2.0" "apart: the value"
ends echo 0 "$found" 17
is "$OUT" "2.0" "echo: the value"
# another master was heard: by its address it is asked again, to be sure
AGAIN='[1-9]' ends chatter1 0 "$found" 17
is "$OUT" "2.0" "chatter1: the value"
ends zero 0 "carries unit address 0, not the meter's own" 17
is "$OUT" "2.0" "zero: the value"
ends apart 4 "$several" 17 18
is "$OUT" "" "two, one after the other: no value"
ends together 4 "$several" 17 18
is "$OUT" "" "two at once: no value"
ends late 4 "$several" 17 18
is "$OUT" "" "one of two is late: no value"
ends damaged 4 "$several" 17
is "$OUT" "" "damaged: no value"
ends silent 3 'no reply to a read of unit address 0' 17

# a reply that is an exception has an address as well
bus refusing 17
exits 5 "refusing" -- "$METERCTL" -c "$ALL" get voltage.a
like "$ERR" "$found" "refusing: the address"
like "$ERR" 'unit 17 refused.*exception 02' "refusing: the meter's reason"
is "$(asked)" "1 0" "refusing: asked once"
stop_pid "$BUS"

# a line that is never silent is not asked at all
bus chatter 17
exits 4 "chatter" -- "$METERCTL" -c "$ALL" get voltage.a
like "$ERR" 'no silence.*another master' "chatter: says why"
is "$(asked)" "0 0" "chatter: nothing is asked"
stop_pid "$BUS"

# what takes more requests goes on with the address that was found
bus apart 17
exits 0 "a page" -- "$METERCTL" -c "$ALL" -f json read power voltage harmonic.voltage.a
is "$(grep -c '^00 ' "$LOG")" 1 "a page: unit 0 is asked once"
[ "$(grep -c '^11 ' "$LOG")" -gt 0 ]
ok $? "a page: the rest of unit 17"
like "$OUT" '"target":"rtu:[^"]*unit=17"' "a page: the document says of whom"
one_line "$ERR" "a page: said once"
is "$(grep -o '"quality":"[a-z]*"' <<<"$OUT" | sort -u)" '"quality":"ok"' "a page: all of it"
: >"$LOG"
exits 0 "watch" -- "$METERCTL" -c "$ALL" -f jsonl watch -i 0 -n 5 voltage.a
is "$(wc -l <"$TMP/out") $(asked)" "5 1 4" "watch: unit 0 is asked once"
: >"$LOG"
exits 0 "input registers" -- "$METERCTL" -c "$ALL" raw read --input 20
like "$OUT" '0x0014 +0014' "input registers: the value"
is "$(cut -d' ' -f1,2 "$LOG" | xargs)" "00 03 11 04" "input registers: 03 finds the address, 04 reads"
stop_pid "$BUS"

# ... and nothing goes on where none was found
bus zero 17
exits 7 "a page of a meter that does not say its address" -- "$METERCTL" -c "$ALL" -f json read power voltage harmonic.voltage.a
like "$ERR" 'unit address 0 is read once only' "says why"
is "$(asked)" "1 0" "asked once"
stop_pid "$BUS"
bus apart 17 18
exits 4 "watch with two meters" -- "$METERCTL" -c "$ALL" -f jsonl watch -i 0 -n 3 voltage.a
is "$(asked)" "1 0" "is asked once, however often it would read"
stop_pid "$BUS"

# through a serial server
: >"$LOG"
start bus "$PYTHON" "$PEER/slave_bus.py" rtutcp apart "$LOG" 17
line_of bus 'ready ([0-9]+)' || give_up "no meters"
exits 0 "rtutcp" -- "$METERCTL" -c "rtutcp:127.0.0.1:${BASH_REMATCH[1]}?unit=0" get voltage.a
is "$OUT" "2.0" "rtutcp: the value"
like "$ERR" "$found" "rtutcp: the address"
is "$(asked)" "1 0" "rtutcp: asked once"

done_testing
