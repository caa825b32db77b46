#!/usr/bin/env bash
# The adapter is unplugged under a running watch, and plugged in again: values
# go stale, the reason is said, reading resumes by itself.
. "$(dirname "$0")/../tap.sh"

plug() {
	pty_pair || give_up "socat made no pair of ports"
	start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$PORT_A"
	SLAVE=$PID
	line_of slave ready || give_up "no slave"
}

plug
start watch "$METERCTL" -c "rtu:$PORT_B" -t 300 -f jsonl watch -i 0.1 voltage.a
WATCH=$PID
line_of watch '"quality":"ok"'; ok $? "reading"
stop_pid "$CABLE" KILL
stop_pid "$SLAVE" KILL
rm -f "$PORT_A" "$PORT_B"
line_of watch '"quality":"stale"'; ok $? "the cable is pulled: stale"
like "$LINE" '"value":null' "without a value"
like "$LINE" '"error":"[^"]+"' "with a reason"
plug
line_of watch '"quality":"ok"'; ok $? "the cable is back: it reads again by itself"
like "$LINE" '"value":704.6' "the right value"
stop_pid "$WATCH" INT
is "$RC" 130 "and ends as ever"
like "$(cat "$TMP/watch.err")" 'answers again' "both were said on stderr"

# the slave falls silent and comes back
plug
start watch "$METERCTL" -c "rtu:$PORT_B" -t 300 -r 0 -f jsonl watch -i 0.1 voltage.a
WATCH=$PID
line_of watch '"quality":"ok"'; ok $? "reading"
kill -STOP "$SLAVE"
line_of watch '"quality":"stale"'; ok $? "the meter loses its supply: stale"
kill -CONT "$SLAVE"
line_of watch '"quality":"ok"'; ok $? "it comes back: read again"
like "$LINE" '"value":704.6' "the right value"
stop_pid "$WATCH" INT

done_testing
