#!/usr/bin/env bash
# The tunnel against a transparent gateway by other hands (python3-paho-mqtt), good and
# faulty: right values or the right error, never a wrong value.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"
. "$PEER/stored.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
"$PYTHON" "$PEER/registers.py" store >"$TMP/store"

# gateway NAME SN [hex]
declare -A gateway_in=()
gateway() {
	local name=$1 fd

	shift
	rm -f "$TMP/$name.in"
	mkfifo "$TMP/$name.in"
	exec {fd}<>"$TMP/$name.in"
	# shellcheck disable=SC2016 # the inner shell's
	start "$name" bash -c 'exec "$@" <"$0"' "$TMP/$name.in" \
		"$PYTHON" "$PEER/gateway_paho.py" "$BROKER_PORT" "$1" "$TMP/store" "${@:2}"
	gateway_in[$name]=$fd
	line_of "$name" '^ready' || give_up "no gateway"
}
tell() {
	printf '%s\n' "$2" >&"${gateway_in[$1]}"
	line_of "$1" '^ok' || give_up "the gateway does not answer"
}

gateway plain "$SN"
gateway text 20990000000005 hex
METER="$URL/$SN?dialect=tunnel"
HEX="$URL/20990000000005?dialect=tunnel&coding=hex"
compare_stored "$METER" "tunnel"
exits 0 "hex: the main map" -- "$METERCTL" -c "$HEX" -f json read '*'
"$PYTHON" "$PEER/compare.py" "$TMP/out"; ok $? "hex: its values are the stored ones"
exits 5 "the meter's own refusal" -- "$METERCTL" -c "$METER" raw read 0x3000:2
like "$ERR" 'exception 2|illegal data address' "in its words"
right() {	# right NAME: what was read is what is stored
	"$PYTHON" "$PEER/compare.py" "$TMP/out"; ok $? "$1: every value is right"
}

# ---- faults a reading survives
for fault in 'late 150' duplicate 'duplicate 40' 'duplicate 300' before; do
	tell plain "fault $fault"
	exits 0 "$fault: the main map" -- "$METERCTL" -c "$METER" -f json read '*'
	right "$fault"
done
tell plain 'fault rival'
printf '\1\3\0\0\0\2\304\13' >"$TMP/request"
exits 0 "another program asks through the same gateway" -- "$METERCTL" -c "$METER" -f json read comm.baud ratio.ct frequency energy.active.export.total
"$PYTHON" "$PEER/compare.py" "$TMP/out" comm.baud ratio.ct frequency energy.active.export.total; ok $? "what it is told is not taken for ours"
like "$ERR" "^meterctl: shared tunnel: another master heard, unit 1, register" "and it is said, with what it asks"
tell plain 'fault silent'
start master mosquitto_pub -p "$BROKER_PORT" -t "modbus/$SN/request" -f "$TMP/request" --repeat 1000 --repeat-delay 0.05
exits 4 "the gateway answers nobody, and another program asks" -- "$METERCTL" -c "$METER" -t 1000 -r 1 get comm.baud
like "$ERR" "no reply from unit 1 through .*another master uses this tunnel, heard: unit 1, registers 0x0000-0x0001, .*stop that program" "it is said who asks"
stop_pid "$PID"
tell plain 'fault garbage'
exits 0 "garbage, two of three: one point" -- "$METERCTL" -c "$METER" -t 1000 -r 5 get comm.baud
is "$OUT" "$("$PYTHON" "$PEER/registers.py" get comm.baud)" "is right"

# ---- what the broker kept answers nobody
tell plain 'fault silent'
tell plain "retain 01 03 02 00 07 f9 86"
exits 3 "a retained reply is none" -- "$METERCTL" -c "$METER" -t 300 -r 0 raw read 15
is "$OUT" "" "no value"

# ---- faults it does not
wrong() {	# wrong FAULT CODE WORDS
	tell plain "fault $1"
	exits "$2" "$1: exit $2" -- "$METERCTL" -c "$METER" -t 800 -r 1 get ratio.ct
	is "$OUT" "" "$1: no value"
	like "$ERR" "$3" "$1: says so"
}
wrong silent 3 "no reply from unit 1 through .* is the gateway of '$SN' online, on these topics and in this coding"
wrong unit 4 'unit 2'
wrong crc 4 'CRC'
wrong cut 4 'short|cut|truncated|incomplete|CRC'
wrong text 4 'coding=binary or hex'
tell plain 'fault late 2000'
exits 3 "later than the deadline" -- "$METERCTL" -c "$METER" -t 200 -r 0 get ratio.ct
is "$OUT" "" "no value"
# each answer comes with the next request, so that the wait for it is always over
tell plain 'fault behind'
exits 0 "always one behind, and two tries" -- "$METERCTL" -c "$METER" -t 2000 -r 1 -f json read ratio.ct
"$PYTHON" "$PEER/compare.py" "$TMP/out" ratio.ct; ok $? "the second has the answer to the first"
tell plain 'fault behind'
exits 0 "always one behind, and more of them" -- "$METERCTL" -c "$METER" -t 300 -r 12 -f json read comm.baud comm.frame clock ratio.ct
"$PYTHON" "$PEER/compare.py" "$TMP/out" comm.baud comm.frame clock ratio.ct; ok $? "each value is its own"
# two round trips must fit into the tries: there are some more for a busy machine
tell plain 'fault late 400'
exits 0 "late answers are told from those that follow" -- "$METERCTL" -c "$METER" -t 250 -r 12 -f json read comm.baud comm.frame clock ratio.ct
"$PYTHON" "$PEER/compare.py" "$TMP/out" comm.baud comm.frame clock ratio.ct; ok $? "each value is its own"

# ---- topics of one's own, and a write through this gateway
tell plain 'fault none'
exits 0 "topics may be named" -- "$METERCTL" -c "$METER&request=modbus/%7Bsn%7D/request&reply=modbus/$SN/%2B" get comm.baud
exits 3 "others lead nowhere" -- "$METERCTL" -c "$METER&request=other/%7Bsn%7D" -t 300 -r 0 get comm.baud
exits 0 "set" -- "$METERCTL" -c "$METER" set ratio.ct=60 --yes
like "$OUT" 'ratio.ct +[0-9]+ -> 60 +verified' "verified"
tell plain 'fault duplicate 30'
exits 0 "set, with every answer twice" -- "$METERCTL" -c "$METER" set ratio.ct=61 --yes
like "$OUT" 'ratio.ct +60 -> 61 +verified' "verified, from what it was to what it is"
tell plain 'fault silent'
exits 3 "set, and nothing answers" -- "$METERCTL" -c "$METER" -t 300 -r 0 set ratio.ct=60 --yes
exits 2 "a tunnel needs a serial number" -- "$METERCTL" -c "$URL?dialect=tunnel" read

# ---- a broker that lets us hear replies alone
cat >"$TMP/deaf.json" <<-'END'
	{ "defaultACLAccess": { "publishClientSend": true, "publishClientReceive": true, "subscribe": false, "unsubscribe": true },
	  "roles": [{ "rolename": "r", "acls": [{ "acltype": "subscribePattern", "topic": "modbus/+/reply", "priority": 0, "allow": true }] }],
	  "groups": [{ "groupname": "g", "roles": [{ "rolename": "r" }] }], "anonymousGroup": "g" }
END
chmod 600 "$TMP/deaf.json"
mosquitto_start deaf "plugin $(echo /usr/lib/*/mosquitto_dynamic_security.so)
plugin_opt_config_file $TMP/deaf.json"
exits 3 "what others ask need not be heard" -- "$METERCTL" -c "mqtt://127.0.0.1:$BROKER_PORT/$SN?dialect=tunnel" -t 2000 -r 0 get ratio.ct
like "$ERR" "no reply from unit 1 .*the broker is connected" "it is the gateway that is silent"
exits 5 "but replies must" -- "$METERCTL" -c "mqtt://127.0.0.1:$BROKER_PORT/$SN?dialect=tunnel&reply=other" -t 2000 -r 0 get ratio.ct
like "$ERR" "refused the subscription to 'other'" "says so"

done_testing
