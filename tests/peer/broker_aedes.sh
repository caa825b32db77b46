#!/usr/bin/env bash
# The connection to a broker that is not mosquitto: npm aedes.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/broker.bash"
. "$(dirname "$0")/npm.bash"

npm_needs aedes
start aedes node "$PEER/broker_aedes.js" "$MODULES"
line_of aedes 'ready ([0-9]+)' 20 || give_up "no broker"
port=${BASH_REMATCH[1]}

for qos in 0 1 2; do
	probe a "mqtt://127.0.0.1:$port?qos=$qos"
	say a open
	like "$LINE" '^ok' "qos $qos: connects"
	say a subscribe "t/$qos/+"
	like "$LINE" '^ok' "qos $qos: subscribes"
	say a retain "t/$qos/kept" text
	like "$LINE" '^ok' "qos $qos: publishes"
	say a expect 1
	line_of a 'retained='
	like "$LINE" "^qos=$qos retained=[01] t/$qos/kept text" "qos $qos: has it back"
	probe_end a
	probe b "mqtt://127.0.0.1:$port?qos=$qos"
	say b open
	say b subscribe "t/$qos/kept"
	say b expect 1
	line_of b 'retained='
	is "$LINE" "qos=$qos retained=1 t/$qos/kept text" "qos $qos: and it was kept"
	probe_end b
done

export METERCTL_MQTT_PASSWORD=right
once --plain "mqtt://127.0.0.1:$port?user=tech"
like "$OUT" '^ok' "user and password"
export METERCTL_MQTT_PASSWORD=wrong
once --plain "mqtt://127.0.0.1:$port?user=tech"
like "$OUT" '^error 5 login .*bad user or password, reason 4' "a wrong password"
probe a "mqtt://127.0.0.1:$port"
say a open
say a subscribe secret/x
like "$LINE" "^error 5 .*refused the subscription to 'secret/x'" "a refused subscription"
probe_end a
once "mqtt://127.0.0.1:$port?version=5"
like "$OUT" '^ok' "a version it does not speak: the other one is taken"
like "$OUT" "^remark broker .* does not accept MQTT 5: connected with MQTT 3.1.1 \(set version=3.1.1\)" "and that is said"
probe a "mqtt://127.0.0.1:$port?share=g"
say a open
say a subscribe t/x
like "$LINE" '^error 5 .*has no shared subscriptions' "it has no shared subscriptions"
probe_end a

done_testing
