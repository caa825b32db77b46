#!/usr/bin/env bash
# `:learn` in the screens: the maker's tool by pymodbus sets a meter by pymodbus while the Learn screen
# hears both, from beside and from in between; the draft is that of the command. LEARN_SEED=N: other
# registers.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

SEED=$("$PYTHON" "$PEER/maker_maps.py" clear "${LEARN_SEED:-$RANDOM}")
printf '# LEARN_SEED=%s\n' "$SEED"
maker() {
	"$PYTHON" "$PEER/maker_tool.py" "$1" "$SEED" "${@:2}"
}
types() {
	keys :
	keys -l -- "$1"
	keys Enter
}
# meter PORT: a new one, as it comes from the maker
meter() {
	[ -z "${METER-}" ] || stop_pid "$METER"
	start meter "$PYTHON" "$PEER/maker_meter.py" "$SEED" "$1"
	METER=$PID
	line_of meter ready || give_up "no meter"
}
# sent PORT: bytes
sent() {
	sed -n "s/^$1 //p" "$TMP/counts"
}
UNIT=$(maker unit)
# the values as options, of which the first is a secret
TYPED='' FIRST=''
while IFS= read -r pair; do
	if [ -z "$FIRST" ]; then
		FIRST=${pair%%=*} SECRET=${pair#*=}
		printf '%s\n' "$SECRET" >"$TMP/secret"
		chmod 600 "$TMP/secret"
		pair=$FIRST=@file:$TMP/secret
	fi
	TYPED+=" --value $pair"
done < <(maker typed)
VALUES=$(maker typed | grep -c .)

read_alone() {
	"$METERCTL" -p "$DRAFT" -c "$OURS" "${PATIENT[@]}" get "$FIRST" >/dev/null 2>&1
}
# learned NAME DRAFT METER: its values are those of the meter
learned() {
	exits 0 "$1: the draft is a profile" -- "$METERCTL" profile check "$2"
	# replies to the screens may still be on the line
	DRAFT=$2 OURS="rtu:$3?baud=9600&unit=$UNIT"
	wait_for read_alone
	maker typed | cut -d= -f1 | while read -r key; do
		"$METERCTL" -p "$DRAFT" -c "$OURS" "${PATIENT[@]}" get "$key"
	done >"$TMP/got" 2>&1
	is "$(cat "$TMP/got")" "$(maker typed | cut -d= -f2- | sed '1s/.*/********/')" "$1: by which the meter is read" || diag "$(cat "$2")"
}

# ---- beside: the meter that is connected is on that line

# names of ports are long where the tests have a folder of their own
start_wide() {
	start_screens "$@"
	resized 160 40
}

start hub "$PYTHON" "$PEER/hub.py" --counts "$TMP/counts" "$TMP/tap" "$TMP/meter" "$TMP/tool"
line_of hub ready || give_up "no line"
HUB=$PID
meter "$TMP/meter"
start_wide -c "'rtu:$TMP/tap?baud=9600&unit=$UNIT'"
asked() {
	[ "$(sent tap)" -gt 0 ]
}
wait_for asked
ok $? 'a meter is connected'
types "learn --tap rtu:$TMP/tap?baud=9600 -o $TMP/tap.yaml$TYPED --value network.never=typed"
shows "^ hearing rtu:.*/tap.*: nothing is sent" ':learn hears the line'
shows "^ . $FIRST +\\*{8} +not seen" 'a secret as asterisks; not seen yet'
before=$(sent tap)
exits 0 "the maker's tool" -- "$PYTHON" "$PEER/maker_tool.py" set "$SEED" "$TMP/tool"
shows "^ . $FIRST +\\*{8} +found at 0x[0-9A-F]{4} " 'found, with its place'
shows 'frames [1-9][0-9]*, requests [1-9][0-9]*, writes [1-9]' 'frames, requests and writes are counted'
keys End
shows '^ . network\.never +typed +not seen' 'a value that was not typed is not'
is "$(sent tap)" "$before" 'not a byte was sent while it heard'
keys Escape
shows "^ ended: $VALUES of $((VALUES + 1)) values found" 'Esc ends it'
shows "^ draft .*/tap\\.yaml" 'and writes the draft'
! showing "$SECRET"
ok $? 'the secret is nowhere on the screen'
keys 8
shows '● live|○|no reply|exception' 'the meter is read again'
keys q
given_back 'q'
[ "$(sent tap)" -gt "$before" ]
ok $? 'by requests' || diag "$(sent tap), before $before"
learned '--tap' "$TMP/tap.yaml" "$TMP/tool"

# ---- in between: where the tool connects is said, and it ends by itself

stop_pid "$HUB"
rm -f "$TMP/meter" "$TMP/tool" "$TMP/tap"
start hub "$PYTHON" "$PEER/hub.py" --counts "$TMP/counts" "$TMP/ours" "$TMP/meter"
line_of hub ready || give_up "no line"
meter "$TMP/meter"
start_wide
shows 'Modbus TCP' 'no meter is needed'
types "learn --between rtu:$TMP/ours?baud=9600 --serve tcp:0 -o $TMP/between.yaml$TYPED"
shows "^ connect the maker's tool to tcp 127\\.0\\.0\\.1:[0-9]+" 'where the tool connects'
WHERE=$(screen | grep -oE '127\.0\.0\.1:[0-9]+' | head -n 1)
exits 0 "the maker's tool there" -- "$PYTHON" "$PEER/maker_tool.py" set "$SEED" "$WHERE"
shows "^ done: $VALUES of $VALUES values found" 'it ends by itself'
shows "^ draft .*/between\\.yaml" 'and says where the draft is'
shows 'read back, it is the value that was typed' 'which was read back'
learned '--between' "$TMP/between.yaml" "$TMP/ours"
types "learn --between rtu:$TMP/ours?baud=9600 --serve tcp:0 -o $TMP/between.yaml --value network.apn=x"
shows 'between\.yaml.* exists' 'a draft that is there is not written over'
keys Escape
types "learn --tap rtu:$TMP/ours?baud=9600 -o $TMP/x.yaml"
shows 'no value to look for' 'without a value there is nothing to look for'
types "learn --tap rtu:$TMP/ours?baud=9600 -o $TMP/x.yaml --value network.apn=@ask"
shows 'the screens cannot ask' 'and no secret is asked for on this terminal'
keys q
given_back 'q'
done_testing
