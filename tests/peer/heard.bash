# shellcheck shell=bash
# heard.bash - what mosquitto_sub, a client by other hands, hears from a broker.
# Sourced after mosquitto.sh.

# hear NAME TOPIC...: from now on every message, one a line in $TMP/NAME.heard (see
# heard.py). Its pid in $PID.
hear() {
	local name=$1 topics=()

	shift
	for topic in "$@" "ready/$name"; do topics+=(-t "$topic"); done
	mosquitto_sub -h 127.0.0.1 -p "$BROKER_PORT" -i "$name" -q 1 "${topics[@]}" \
		-F '%U %r %q %t %x' >"$TMP/$name.heard" 2>"$TMP/$name.err" &
	PID=$!
	# shellcheck disable=SC2034,SC2004 # an array of tap.sh, by pid
	tap_server[$PID]=$name
	wait_for hears "$name" || give_up "mosquitto_sub $name does not listen"
}
hears() {
	say "ready/$1" x && grep -q " ready/$1 " "$TMP/$1.heard"
}

tell_hears() {
	tail -n 5 "$TMP/$1.err"
}

# heard NAME REGEX [COUNT]: has it, so often at least? For wait_for.
heard() {
	[ "$(grep -v ' ready/' "$TMP/$1.heard" | grep -cE -- "$2")" -ge "${3:-1}" ]
}
tell_heard() {
	printf '%s have come; the last heard of all:\n' "$(grep -cE -- "$2" "$TMP/$1.heard")"
	grep -v ' ready/' "$TMP/$1.heard" | tail -n 5
}

# say TOPIC PAYLOAD: as a platform does.
say() {
	mosquitto_pub -h 127.0.0.1 -p "$BROKER_PORT" -q 1 -t "$1" -m "$2"
}

# proves NAME SCRIPT [ARG...]: a Python script with heard.py imported holds.
proves() {
	local name=$1 script=$2

	shift 2
	"$PYTHON" -c "import sys
sys.path.insert(0, '$PEER')
from heard import *
$script" "$@" >"$TMP/proof" 2>&1
	ok $? "$name" || diag "$(tail -n 5 "$TMP/proof")"
}
