#!/usr/bin/env bash
# uplink --with a second way to the meter on which nobody answers: a person can end it
# all the same. On one that refuses: that is no agreement.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT

# asking: the second way has sent a request, and waits for the answer
asking() {
	grep -qE '^[0-9:.]+ > 01 03' "$TMP/dead.trace"
}
tell_asking() {
	tail -n 5 "$TMP/dead.trace" "$TMP/dead.err"
}
waits dead -c "$URL/$SN" -t 3600000 -f json uplink --deadline 3600 --with sim:dead
publish "$UP" "$(json_v2 "$(date +%s%3N)" 1 220.1)"
wait_for asking; ok $? "an upload is compared with the registers"
stop_pid "$PID" INT
is "$RC" 130 "SIGINT while the line is silent: exit 130, and not when the line gives up"
is "$(cat "$TMP/dead.out")" "" "and no verdict"

waits refusing -c "$URL/$SN" -f json uplink --deadline 30 --with sim:exception=4
publish "$UP" "$(json_v2 "$(date +%s%3N)" 1 220.1)"
ends refusing 1 "a meter that refuses its registers fails the proof"
like "$OUT" '"step":"registers"' "at that step"
like "$OUT" 'exception 04' "and the reason is said"

done_testing
