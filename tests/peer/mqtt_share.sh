#!/usr/bin/env bash
# share= on brokers that have shared subscriptions, that have none, and that do not let it be told.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

# fake FAULT: broker_fake.py with it; its target in $FAKE
fake() {
	start fake "$PYTHON" "$PEER/broker_fake.py" "$1"
	line_of fake 'ready ([0-9]+)' || give_up "no broker_fake.py"
	FAKE="mqtt://127.0.0.1:${LINE#ready }"
}

mosquitto_start plain
export FILTER='.share/g.*/platform'
for version in 3.1.1 5; do
	waits one -c "mqtt://127.0.0.1:$BROKER_PORT/$SN?share=g$version&dialect=json-v2&version=$version&session=persistent&client=c$version" -t 20000 get voltage.a
	publish "$UP" "$(json_v2 @NOW@ 1 230.1)"
	ends one 0 "$version: a broker that has them"
	is "$OUT" 230.1 "$version: the value"
	is "$ERR" "" "$version: nothing is said"
	is "$(mosquitto_log plain | grep -c "Received UNSUBSCRIBE from c$version")" 2 "$version: what was tried does not stay in the session"

	fake no-share
	for command in "get voltage.a" "scan --for 3" "watch --for 3s"; do
		target="$FAKE?share=g&version=$version"
		[[ $command != get* ]] || target="$FAKE/$SN?share=g&version=$version"
		# shellcheck disable=SC2086 # words
		exits 5 "$version: $command on one that takes \$share/ for a topic" -- "$METERCTL" -c "$target" $command
		like "$ERR" "broker '127.0.0.1' port [0-9]+ has no shared subscriptions: .*leave out share=" "$version: says so"
		one_line "$ERR" "$version: in one line"
	done
	stop_pid "$PID"

	fake deaf
	exits 3 "$version: one that returns nothing" -- "$METERCTL" -c "$FAKE/$SN?share=g&dialect=json-v2&version=$version" -t 500 get voltage.a
	like "$ERR" "cannot tell whether broker .* has shared subscriptions.*leave out share=" "$version: it is not known"
	like "$ERR" "no message of .* on " "$version: and it was listened to"
	stop_pid "$PID"

	fake hang-up-at=meterctl/
	exits 3 "$version: one that hangs up on the trial" -- "$METERCTL" -c "$FAKE/$SN?share=g&version=$version" -t 3000 get voltage.a
	like "$ERR" "cannot tell whether broker .* has shared subscriptions" "$version: it is not known"
	like "$ERR" "no message of .* on " "$version: it is connected to again, and listened to"
	stop_pid "$PID"
done
fake says-no-share
exits 5 "5: one that says at the login that it has none" -- "$METERCTL" -c "$FAKE/$SN?share=g&version=5" --trace "$TMP/says.trace" get voltage.a
like "$ERR" "has no shared subscriptions" "says so"
unlike "$(cat "$TMP/says.trace")" "subscri" "without a try, which would end the connection"
exits 3 "5: without share= it is as good as any" -- "$METERCTL" -c "$FAKE/$SN?version=5" -t 500 get voltage.a
stop_pid "$PID"
fake refuse-subscriptions
exits 5 "3.1.1: a subscription that is refused" -- "$METERCTL" -c "$FAKE/$SN?share=g" get voltage.a
like "$ERR" "check the broker's access list; without shared subscriptions, leave out share=" "may be for its share"
stop_pid "$PID"

done_testing
