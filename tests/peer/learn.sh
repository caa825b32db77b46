#!/usr/bin/env bash
# `meterctl learn`: a maker's tool by pymodbus sets a meter by pymodbus, whose registers nobody has
# told (maker_map.py). What is drafted is what the meter has, and then sets it. LEARN_SEED=N: other
# registers; FIELD=long: more maps.
. "$(dirname "$0")/../tap.sh"

SEED=${LEARN_SEED:-$RANDOM}
printf '# LEARN_SEED=%s\n' "$SEED"
MAPS=40
[ "${FIELD-}" != long ] || MAPS=200

maker() {
	"$PYTHON" "$PEER/maker_tool.py" "$1" "$SEED" "${@:2}"
}

# meter FROM: at $PORT_B, by a seed from there on; a new one, as it comes from the maker
meter() {
	SEED=$("$PYTHON" "$PEER/maker_maps.py" clear "$1")
	[ -z "${METER-}" ] || stop_pid "$METER"
	start meter "$PYTHON" "$PEER/maker_meter.py" "$SEED" "$PORT_B"
	METER=$PID
	line_of meter ready || give_up "no meter"
	UNIT=$(maker unit)
	TYPED=() KEYS=()
	while IFS= read -r pair; do
		TYPED+=(--value "$pair") KEYS+=("${pair%%=*}")
	done < <(maker typed)
	DRAFT=$TMP/learned$SEED.yaml
}

# learns REGEX ARGS...: learns beside the test, from what is typed() of the meter; what of its words
# matches says where it stands, or that it hears, and is in $WHERE
learns() {
	rm -f "$TMP/learn.err"
	start learn "$METERCTL" -v learn "${@:2}" "${TYPED[@]}" -o "$DRAFT"
	LEARN=$PID
	wait_for grep -qE "$1" "$TMP/learn.err" || give_up "it does not begin: $(tail -n 3 "$TMP/learn.err")"
	WHERE=$(grep -oE "$1" "$TMP/learn.err" | head -n 1)
}

# learned NAME: it has ended by itself, and what it has drafted is what the meter has
learned() {
	ended "$LEARN"
	is "$RC" 0 "$1: it ends by itself, with all it was to find" || diag "$(tail -n 15 "$TMP/learn.err")"
	exits 0 "$1: the draft is a profile" -- "$METERCTL" profile check "$DRAFT"
	for key in "${KEYS[@]}"; do
		"$METERCTL" -p "$DRAFT" -c "$AT" "${PATIENT[@]}" get "$key"
	done >"$TMP/got" 2>&1
	is "$(cat "$TMP/got")" "$(maker typed | cut -d= -f2-)" "$1: by which the meter is read" ||
		diag "$(cat "$DRAFT")"
}

# sets NAME PORT: other values by the draft. A text may be as long as one that was seen.
sets() {
	local said="network.apn=other network.broker.host=10.9.8.7 network.broker.port=$2 network.upload_interval=60"

	# shellcheck disable=SC2086 # KEY=VALUE, four times
	exits 0 "$1: the draft sets APN, broker and interval" -- "$METERCTL" -p "$DRAFT" -c "$AT" "${PATIENT[@]}" set $said --yes
	like "$OUT$ERR" verified "$1: verified"
	is "$(maker show "$PORT_A" | grep -E '^network\.(apn|broker\.host|broker\.port|upload_interval)=' | sort | tr '\n' ' ')" \
		"$said " "$1: and the maker's tool sees it"
}

# ---- from traces: maps by the dozen
exits 0 "$MAPS meters: nothing claimed wrongly, nothing missed" -- "$PYTHON" "$PEER/maker_maps.py" "$MAPS" "$SEED"
printf '# %s\n' "$(tail -n 1 "$TMP/out")"

# ---- between: the tool on a pseudo terminal, and by TCP
pty_pair
for serve in pty tcp:0; do
	meter "$((SEED + 1))"
	AT="rtu:$PORT_A?baud=9600&unit=$UNIT"
	case $serve in
	pty) learns '/dev/pts/[0-9]+' --between "$AT" --serve pty ;;
	tcp:0) learns '127\.0\.0\.1:[0-9]+' --between "$AT" --serve tcp:0 --trace "$TMP/trace" ;;
	esac
	exits 0 "the maker's tool at $serve" -- "$PYTHON" "$PEER/maker_tool.py" set "$SEED" "$WHERE"
	learned "--serve $serve"
	sets "--serve $serve" 8883
done

# ---- from what was recorded meanwhile
rm -f "$DRAFT"
exits 0 "--from the trace of it" -- "$METERCTL" learn --from "$TMP/trace" "${TYPED[@]}" -o "$DRAFT"
sets "--from" 1884

# ---- with a second adapter on the wires
stop_pid "$CABLE"
rm -f "$PORT_A" "$PORT_B"
start hub "$PYTHON" "$PEER/hub.py" --counts "$TMP/counts" "$TMP/tap" "$PORT_B" "$PORT_A"
line_of hub ready || give_up "no line"
meter "$((SEED + 1))"
AT="rtu:$PORT_A?baud=9600&unit=$UNIT"
learns . --tap "rtu:$TMP/tap?baud=9600"
exits 0 "the maker's tool beside --tap" -- "$PYTHON" "$PEER/maker_tool.py" set "$SEED" "$PORT_A"
learned "--tap"
is "$(grep '^tap ' "$TMP/counts")" "tap 0" "--tap: not a byte was sent"
sets "--tap" 8883

done_testing
