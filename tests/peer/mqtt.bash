# shellcheck shell=bash
# mqtt.bash - meterctl as somebody who waits at a broker, and mosquitto_pub as the
# meter. Sourced after mosquitto.sh; $URL is the broker's, $BROKER_PORT its port.

SN=20201998111433
# shellcheck disable=SC2034 # for the tests
UP=platform/acrel/meter/json-v2/analog/0000

# waits NAME ARGS...: meterctl ARGS, once it has subscribed to everything. Its pid in
# $PID, what it writes in $TMP/NAME.out and .err; DIALECT's last filter is waited for.
waits() {
	local name=$1

	shift
	: >"$TMP/$name.trace"
	"$METERCTL" --trace "$TMP/$name.trace" "$@" </dev/null >"$TMP/$name.out" 2>"$TMP/$name.err" &
	PID=$!
	# shellcheck disable=SC2034,SC2004 # an array of tap.sh, by pid
	tap_server[$PID]=$name
	wait_for subscribed "$name"
}
subscribed() {
	grep -q "subscribed to ${FILTER:-zigbee2mqtt/}" "$TMP/$1.trace"
}
tell_subscribed() {
	tail -n 5 "$TMP/$1.trace" "$TMP/$1.err"
}

# ends NAME CODE WORDS...: the program in $PID ends by itself, with this status.
ends() {
	local name=$1 want=$2

	shift 2
	ended "$PID"
	OUT=$(cat "$TMP/$name.out") ERR=$(cat "$TMP/$name.err")
	[ "$RC" -eq "$want" ]
	ok $? "$*" || diag "exit $RC, want $want
stdout: ${OUT:0:600}
stderr: ${ERR:0:600}"
}

# has FILE REGEX [COUNT]: for wait_for.
has() {
	[ "$(grep -cE -- "$2" "$1")" -ge "${3:-1}" ]
}

# publish TOPIC PAYLOAD [OPTION...]: as a meter does; @NOW@ is the time in ms.
publish() {
	local topic=$1 payload=${2//@NOW@/$(date +%s%3N)}

	shift 2
	mosquitto_pub -h 127.0.0.1 -p "$BROKER_PORT" -q 1 -t "$topic" -m "$payload" "$@"
}

# paced COMMAND...: again and again until the program in $PID has ended, no faster than what
# comes at once from somewhere that held it up
paced() {
	until pid_gone "$PID"; do
		"$@"
		timeout 0.4 tail -f /dev/null --pid "$PID"
	done
}

# json_v2 TP ID VAL [ID VAL...]: an upload of that meter.
json_v2() {
	local tp=$1 points="{\"id\":0,\"val\":\"$SN\"}"

	shift
	while [ $# -gt 1 ]; do
		points+=",{\"id\":$1,\"val\":$2}"
		shift 2
	done
	printf '{"data":[{"tp":%s,"point":[%s]}]}' "$tp" "$points"
}

# holds NAME FILE SCRIPT [ARG...]: Python asserts; `docs` are the JSON objects of FILE,
# `rows` those that are readings, by key of the last in `last`.
holds() {
	local name=$1 file=$2 script=$3

	shift 3
	"$PYTHON" -c "import json, sys
docs = [json.loads(line) for line in open(sys.argv[1])]
rows = [r for d in docs for r in d.get('readings', [d])]
last = {r['key']: r for r in rows if 'key' in r}
$script" "$file" "$@" >"$TMP/proof" 2>&1
	ok $? "$name" || diag "$(tail -n 5 "$TMP/proof")
in: $(head -c 600 "$file")"
}
