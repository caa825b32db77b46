#!/usr/bin/env bash
# The password of a broker's user, asked for at a terminal: not shown, and whoever ends
# the question has a terminal that shows again what is typed.
. "$(dirname "$0")/../tap.sh"

unset METERCTL_MQTT_PASSWORD
# asked ANSWER ARGS...: what prompt.py says of `meterctl ARGS`
asked() {
	local answer=$1

	shift
	OUT=$("$PYTHON" "$PEER/prompt.py" 'password of bob' "$answer" \
		"$METERCTL" -c 'mqtt://127.0.0.1:9/1?user=bob' "$@" 2>&1)
}

for command in 'read voltage.a' platform 'scan mqtt://127.0.0.1:9?user=bob'; do
	# shellcheck disable=SC2086 # words
	asked 'hushhush\n' $command
	like "$OUT" '^status 7.*echo on.*in clear' "${command%% *}: an answer is taken, and not sent in clear"
	unlike "$OUT" hushhush "and not shown"
	for key in '\x03' '\x1c'; do
		# shellcheck disable=SC2086 # words
		asked "hush$key" $command
		like "$OUT" '^status 130.*echo on' "ended by a key ($key): exit 130, and the terminal is as it was"
	done
done
asked '\x04' read voltage.a
like "$OUT" '^status 7.*no password was given' "the end of what is typed is no password"

done_testing
