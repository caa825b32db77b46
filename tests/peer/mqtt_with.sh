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
waits dead -c "$URL/$SN" -t 8000 -f json uplink --deadline 60 --with sim:dead
publish "$UP" "$(json_v2 1631839905057 1 220.1)"
wait_for 10 asking; ok $? "an upload is compared with the registers" || diag "$(cat "$TMP/dead.trace")"
began=$(date +%s%N)
stop_pid "$PID" INT
is "$RC" 130 "SIGINT while the line is silent: exit 130"
[ $((($(date +%s%N) - began) / 1000000)) -lt 4000 ]
ok $? "at once, not when the line gives up"
is "$(cat "$TMP/dead.out")" "" "and no verdict"

waits refusing -c "$URL/$SN" -f json uplink --deadline 30 --with sim:exception=4
publish "$UP" "$(json_v2 1631839905057 1 220.1)"
ends refusing 1 "a meter that refuses its registers fails the proof"
like "$OUT" '"step":"registers"' "at that step"
like "$OUT" 'exception 04' "and the reason is said"

done_testing
