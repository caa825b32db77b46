#!/usr/bin/env bash
# A broker and a client nobody here wrote, and not mosquitto's: npm aedes and mqtt.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"
. "$PEER/npm.bash"

npm_needs aedes mqtt
mkfifo "$TMP/in"
exec 8<>"$TMP/in"
# shellcheck disable=SC2016 # the inner shell's
start aedes bash -c 'exec "$@" <"$0"' "$TMP/in" node "$PEER/meter_aedes.js" "$MODULES"
line_of aedes 'ready ([0-9]+)' 20 || give_up "no broker: $(cat "$TMP/aedes.err")"
BROKER_PORT=${BASH_REMATCH[1]}
URL=mqtt://127.0.0.1:$BROKER_PORT
say() {	# say TOPIC PAYLOAD
	printf '%s %s\n' "$1" "$2" >&8
	line_of aedes published
}

for more in '' 'qos=0' 'qos=2'; do
	waits read -c "$URL/$SN?${more:-qos=1}" -f json read voltage.a signal.strength
	say "$UP" "$(json_v2 "$(date +%s%3N)" 1 220.1 27 -77 34 1 35 40)"
	ends read 0 "read${more:+ with $more}"
	holds "the values" "$TMP/read.out" 'assert [r["value"] for r in rows] == [220.1, -77], rows'
done
waits watch -c "$URL/$SN" -f jsonl watch -n 3 voltage.a
for i in 1 2 3; do say "$UP" "$(json_v2 "$(date +%s%3N)" 1 22$i)"; done
ends watch 0 "watch"
holds "three uploads" "$TMP/watch.out" 'assert [r["value"] for r in rows] == [221, 222, 223], rows'

start sim "$METERCTL" simulate "sn=$SN" --mqtt "$URL" --dialect tunnel
line_of sim '^(mqtt:.*)$'
TARGET=${BASH_REMATCH[1]}
exits 0 "set over a tunnel" -- "$METERCTL" -c "$TARGET" set ratio.ct=60 --yes
like "$OUT" 'ratio.ct +40 -> 60 +verified' "verified"
exits 0 "get" -- "$METERCTL" -c "$TARGET" get ratio.ct
is "$OUT" 60 "holds it"
waits proof -c "$URL/20990000000001" -f json uplink --deadline 20
proof=$PID
start sim2 "$METERCTL" simulate sn=20990000000001 --mqtt "$URL" --interval 1
PID=$proof
ends proof 0 "uplink passes"

done_testing
