#!/usr/bin/env bash
# Settings of the line they are written over, on a simulated meter that hears only
# its own address and speed: found again, there and back, and the saved
# connection follows.
. "$(dirname "$0")/../tap.sh"

CONFIG=$XDG_CONFIG_HOME/meterctl/config.yaml

state() {
	sed -n 's/.*"before":\("[^"]*"\|[0-9]*\),"want":\("[^"]*"\|[0-9]*\),"after":\("[^"]*"\|[0-9]*\),.*"state":"\([a-z]*\)".*/\1 \2 \3 \4/p' <<<"$OUT"
}

meter() {	# meter SCENARIO: it, and a connection "bench" that leads there
	rm -rf "$XDG_STATE_HOME/meterctl" "$TMP/port"
	printf 'connections:\n  bench: rtu:%s\n' "$TMP/port" >"$CONFIG"
	start sim "$METERCTL" simulate "$1" --pty "$TMP/port"
	SIM=$PID
	wait_for test -e "$TMP/port" || give_up "no simulator"
}

# goes KEY OLD NEW WHERE: written over "bench", which leads to WHERE then
goes() {
	exits 0 "$1: $2 -> $3" -- "$METERCTL" -c bench -t 300 -r 1 -f json --trace "$TMP/trace" set --yes "$1=$3"
	is "$(state | tr -d '"')" "$2 $3 $3 verified" "verified"
	is "$(grep -cE ' > [0-9A-F]{2} 10 ' "$TMP/trace")" 1 "written once"
	is "$(sed -n 's/^  bench: *//p' "$CONFIG")" "rtu:$TMP/port$4" "the saved connection leads there"
	exits 0 "a later command" -- "$METERCTL" -c bench -t 300 -r 1 get "$1"
	is "$OUT" "$3" "finds it"
}

# silent TARGET WHY: the meter is not there
silent() {
	exits 3 "$2" -- "$METERCTL" -c "$1" -t 200 -r 0 get ratio.ct
}

meter "frozen,pace=9600"
goes comm.address 1 7 '?unit=7'
silent "rtu:$TMP/port" "nobody at address 1"
goes comm.baud 9600 4800 '?baud=4800&unit=7'
silent "rtu:$TMP/port?unit=7" "nobody at 9600"
goes comm.baud 4800 1200 '?baud=1200&unit=7'
goes comm.frame 8N1 8E1 '?baud=1200&parity=even&unit=7'
goes comm.frame 8E1 8N2 '?baud=1200&stop=2&unit=7'
goes comm.frame 8N2 8N1 '?baud=1200&unit=7'
goes comm.baud 1200 9600 '?unit=7'
goes comm.address 7 1 ''
is "$("$METERCTL" -f json journal --all | grep -o '"state":"verified"' | wc -l)" 8 "the journal has them all, verified"

# all three in one run: one after the other, each found again
exits 0 "address, speed and frame" -- "$METERCTL" -c bench -t 300 -r 1 -f json set --yes \
	comm.address=5 comm.baud=2400 comm.frame=8O1 ratio.ct=60
is "$(grep -o '"state":"[a-z]*"' <<<"$OUT" | sort | uniq -c | xargs)" "4 state:verified" "all verified"
like "$OUT" '^[^[]*\[\{"key":"ratio.ct"' "what is not the line's first"
is "$(sed -n 's/^  bench: *//p' "$CONFIG")" "rtu:$TMP/port?baud=2400&parity=odd&unit=5" "the saved connection leads there"
exits 0 "a later command" -- "$METERCTL" -c bench -t 300 get ratio.ct
is "$OUT" 60 "finds it"
exits 0 "undo" -- "$METERCTL" -c bench -t 300 -r 1 undo --yes
is "$(sed -n 's/^  bench: *//p' "$CONFIG")" "rtu:$TMP/port" "all the way back"
exits 0 "a later command" -- "$METERCTL" -c bench -t 300 get ratio.ct
is "$OUT" 40 "finds it"
stop_pid "$SIM"

# an address somebody else on the line has
rm -f "$TMP/port"
start sim "$METERCTL" simulate frozen --pty "$TMP/port" --count 2
SIM=$PID
wait_for test -e "$TMP/port" || give_up "no simulator"
exits 7 "an address that is taken" -- "$METERCTL" -c "rtu:$TMP/port" -t 200 -r 0 set --yes comm.address=2
like "$ERR" 'address 2|unit 2' "says which"
exits 0 "the meter" -- "$METERCTL" -c "rtu:$TMP/port" -t 200 get comm.address
is "$OUT" 1 "is where it was"
stop_pid "$SIM"

done_testing
