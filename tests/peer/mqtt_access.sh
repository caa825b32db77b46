#!/usr/bin/env bash
# Brokers that allow some topics and not others, and a client id that two programs want.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

# ---- part of the filters is refused: the others go on
for version in 3.1.1 5; do
	start fake "$PYTHON" "$PEER/broker_fake.py" allow=platform/
	line_of fake 'ready ([0-9]+)' || give_up "no broker_fake.py"
	part="mqtt://127.0.0.1:${LINE#ready }"
	exits 0 "$version: the meter is read by what is allowed" -- "$METERCTL" -c "$part/4711?version=$version" -t 20000 get voltage.a
	is "$OUT" 230.1 "$version: its value"
	like "$ERR" "not allowed by the broker's access list: '/gw/acrelHW/[^']*', .*'data/down/[^']*' .*dialect=" "$version: what is refused is named"
	exits 0 "$version: scan" -- "$METERCTL" -f json scan "$part?version=$version" --for 2
	like "$OUT" '"id":"4711"' "$version: finds it"
	like "$ERR" "not allowed by the broker's access list: '/gw/acrelHW/" "$version: and names what it does not hear"
	exits 5 "$version: one dialect that is refused" -- "$METERCTL" -c "$part/4711?version=$version&dialect=acrelhw" -t 5000 get voltage.a
	like "$ERR" "refused the subscription to '/gw/acrelHW" "$version: is an error"
	stop_pid "$PID"

	start fake "$PYTHON" "$PEER/broker_fake.py" hang-up-subscriptions
	line_of fake 'ready ([0-9]+)' || give_up "no broker_fake.py"
	exits 3 "$version: a broker that hangs up on a subscription" -- "$METERCTL" -c "mqtt://127.0.0.1:${LINE#ready }/4711?version=$version" -t 5000 get voltage.a
	like "$ERR" "access list" "$version: its access list is to be checked"
	stop_pid "$PID"
done

# ---- a broker that does not speak the version of MQTT that is asked for
start fake "$PYTHON" "$PEER/broker_fake.py" only=4
line_of fake 'ready ([0-9]+)' || give_up "no broker_fake.py"
exits 3 "MQTT 5 where only 3.1.1 is spoken" -- "$METERCTL" -c "mqtt://127.0.0.1:${LINE#ready }?version=5" scan --for 1
like "$ERR" "^meterctl: broker '127.0.0.1' port ${LINE#ready } does not accept MQTT 5: connected with MQTT 3.1.1 .set version=3.1.1.$" "says so"
stop_pid "$PID"

# ---- two programs with one client id throw each other out
mosquitto_start plain
TWO="mqtt://127.0.0.1:$BROKER_PORT/$SN?client=pda&dialect=json-v2"
"$METERCTL" -c "$TWO" -t 9000 read </dev/null >/dev/null 2>"$TMP/one.err" &
one=$!
exits 3 "two clients of one id" -- "$METERCTL" -c "$TWO" -t 6000 read
like "$ERR" "the connection was lost [0-9]+ times, .*another client of that name" "the other one is the last word"
wait "$one"
like "$(cat "$TMP/one.err")" "another client of that name" "of both"

# ---- ... and one that watches says at its end how often
WATCH="mqtt://127.0.0.1:$BROKER_PORT?client=pda&dialect=json-v2"
start rival "$METERCTL" -c "$WATCH" watch
rival=$PID
start watcher "$METERCTL" -c "$WATCH" watch
watcher=$PID
three_times() {
	[ "$(grep -c 'there again' "$TMP/watcher.err")" -ge 3 ]
}
wait_for three_times; ok $? "two that watch throw each other out"
stop_pid "$watcher" INT
like "$(tail -n 1 "$TMP/watcher.err")" "^meterctl: the connection was lost [0-9]+ times, as when another client takes the id 'pda'" \
	"what to look for is the last word"
stop_pid "$rival"

done_testing
