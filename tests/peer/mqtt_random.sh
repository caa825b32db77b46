#!/usr/bin/env bash
# A thousand random uploads of meters that another program plays (mqtt_random.py): late, kept by
# the broker, with a wrong clock or none, without a number, of another device, in watts or
# kilowatts. Nothing is shown that was not proven. SEED=N takes the same once more.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
diag "SEED=$SEED"
mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT

"$PYTHON" "$PEER/mqtt_random.py" retain "$BROKER_PORT" "$SEED" 100 "$TMP"; ok $? "a hundred are kept by the broker"
waits all -c "$URL" -f jsonl watch voltage.a power.active.total frequency
"$PYTHON" "$PEER/mqtt_random.py" send "$BROKER_PORT" "$SEED" 900 "$TMP"; ok $? "nine hundred come"
wait_for has "$TMP/all.out" '"id":"20990000000000"'; ok $? "the last has come"
stop_pid "$PID" INT
"$PYTHON" "$PEER/mqtt_random.py" check "$TMP" "$SEED" <"$TMP/all.out" >"$TMP/verdict"
while IFS= read -r line; do
	case $line in
	"ok "*) ok 0 "${line#*- }" ;;
	"not ok "*) ok 1 "${line#*- }" ;;
	"#"*) diag "$line" ;;
	esac
done <"$TMP/verdict"
grep -q '^1\.\.6$' "$TMP/verdict"; ok $? "all of it was looked at"

# ---- proofs: only of an identity that somebody has sent
PROOFS=12
declare -A proof_pid=() proof_want=()
while read -r sn topic want; do
	FILTER=site/ waits "$sn" -c "$URL/$sn?topic=$topic" -f json uplink --deadline 20
	proof_pid[$sn]=$PID proof_want[$sn]=$want
done < <("$PYTHON" "$PEER/mqtt_random.py" proofs "$SEED" "$PROOFS")
is "${#proof_pid[@]}" "$PROOFS" "$PROOFS proofs are waiting"
"$PYTHON" "$PEER/mqtt_random.py" prove "$BROKER_PORT" "$SEED" "$PROOFS"; ok $? "each meter has uploaded twice"
wrong=
for sn in "${!proof_pid[@]}"; do
	ended "${proof_pid[$sn]}"
	is=no
	grep -q '"verdict":"pass"' "$TMP/$sn.out" && is=yes
	[ "$is" = "${proof_want[$sn]}" ] || wrong+=" $sn: $is, not ${proof_want[$sn]};"
done
is "$wrong" "" "none passes for a meter that no message names, each passes for one that is named"

done_testing
