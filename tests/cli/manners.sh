#!/usr/bin/env bash
# Manners of the command line: a port in use is waited for, a hang-up ends like SIGTERM, secrets
# are shown to nobody who has not asked for them.
. "$(dirname "$0")/../tap.sh"

start sim "$METERCTL" simulate frozen --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "no simulator"
PORT=(-c "rtu:$TMP/port")

# ---- a port in use
# until_free NAME ARGS...: the port is held when that begins, and given up then
until_free() {
	local name=$1 holder=${tap_pid[holder]}

	shift
	start waiting "$METERCTL" "$@" --wait "$PATIENCE"
	stop_pid "$holder" INT
	ended "${tap_pid[waiting]}"
	is "$RC" 0 "$name --wait: until it is free"
	start holder "$METERCTL" "${PORT[@]}" watch voltage.a
	line_of holder '^..:'
}
start holder "$METERCTL" "${PORT[@]}" watch voltage.a
line_of holder '^..:'
exits 7 "a port in use" -- "$METERCTL" "${PORT[@]}" get voltage.a
like "$ERR" "is in use by process [0-9]+ \\([a-z0-9]+\\)" "says by whom"
exits 7 "not for long enough" -- "$METERCTL" "${PORT[@]}" --wait 0 get voltage.a
until_free get "${PORT[@]}" get voltage.a
until_free scan scan "rtu:$TMP/port" --baud 9600 --unit 1 --first 1
began=$SECONDS
exits 7 "a port that stays in use" -- "$METERCTL" "${PORT[@]}" --wait 2 get voltage.a
ok $((SECONDS - began < 1)) "is waited for that long"

# ---- SIGHUP is as SIGTERM
kill -HUP "${tap_pid[holder]}"
ended "${tap_pid[holder]}"
is "$RC" 130 "SIGHUP: exit 130"
exits 0 "the port is free" -- "$METERCTL" "${PORT[@]}" --wait "$PATIENCE" get voltage.a
start deaf bash -c 'trap "" HUP; exec "$@"' nohup "$METERCTL" "${PORT[@]}" watch voltage.a -i 0.1
line_of deaf '^..:'
kill -HUP "$PID"
more() {	# longer than what had been printed before
	for _ in $(seq 30); do
		line_of deaf '^..:' || return 1
	done
}
more; ok $? "below nohup it goes on"
stop_pid "$PID"

# ---- secrets
exits 0 "a secret's register" -- "$METERCTL" "${PORT[@]}" raw read 7:3
like "$OUT" '^ +8  0x0008  \*\*\*\*  \*\*\*\*\*  security\.code$' "is hidden"
like "$OUT" '^ +9  0x0009  [0-9A-F]{4} ' "those beside it are not"
exits 0 "in JSON" -- "$METERCTL" "${PORT[@]}" -f json raw read 8
like "$OUT" '"raw":"\*\*\*\*","value":null' "too"
exits 0 "--secrets" -- "$METERCTL" "${PORT[@]}" raw read 8 --secrets
like "$OUT" '0x0008  [0-9A-F]{4} +[0-9]+  security\.code$' "shows it"
export APN=internet2
exits 0 "@env: for any key" -- "$METERCTL" -c sim:frozen set network.apn=@env:APN --dry-run
like "$OUT" ' -> internet2' "is its value"
echo iot >"$TMP/apn" && chmod 600 "$TMP/apn"
exits 0 "@file:" -- "$METERCTL" -c sim:frozen set "network.apn=@file:$TMP/apn" --dry-run
like "$OUT" ' -> iot ' "too"
exits 0 "@@" -- "$METERCTL" -c sim:frozen set network.apn=@@iot --dry-run
like "$OUT" ' -> @iot ' "is one"
exits 2 "an @ alone" -- "$METERCTL" -c sim:frozen set network.apn=@iot --dry-run
like "$ERR" "network\.apn.*@env:NAME.*@@" "is none"
exits 7 "a variable that is not set" -- "$METERCTL" -c sim:frozen set network.apn=@env:NO_SUCH --yes
exits 2 "a secret in clear" -- "$METERCTL" -c sim:frozen set network.apn.password=@@hush --dry-run
unlike "$OUT$ERR" hush "is not repeated"

# ---- the help of a command
exits 0 "help COMMAND" -- "$METERCTL" help read
is "$OUT" "$("$METERCTL" read --help)" "is its --help"
exits 2 "no meter named" -- "$METERCTL" read
like "$ERR" 'rtu:.*tcp:.*mqtt://.*sim:' "all ways to one"
done_testing
