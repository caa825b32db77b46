#!/usr/bin/env bash
# Dialects that are data: paho in Python publishes as the devices do that they are for, and as a
# meter of a person's own does, whose file is the example of the manual.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
export XDG_CONFIG_HOME=$TMP/config
mkdir -p "$XDG_CONFIG_HOME/meterctl/dialects"
# what all of them subscribe to last
FILTER=zigbee2mqtt/

# device NAME [ROUNDS [APART]]: publishes what NAME sends, each round with its time
device() {
	"$PYTHON" "$PEER/mqtt_mapping.py" "$BROKER_PORT" "$@" || ok 1 "$1 publishes"
}

# ---- each of them, by its serial number, recognised by itself
# reads NAME SERIAL KEY=VALUE...
reads() {
	local name=$1 serial=$2 pair keys=()

	shift 2
	for pair; do
		keys+=("${pair%%=*}")
	done
	waits "$name" -c "$URL/$serial" -f json read "${keys[@]}"
	device "$name"
	ends "$name" 0 "read $name"
	for pair; do
		holds "$name: $pair" "$TMP/$name.out" '
key, value = sys.argv[2].split("=")
assert last[key]["quality"] == "ok" and abs(last[key]["value"] - float(value)) < 1e-9, last[key]
assert docs[0]["meter"]["id"] == sys.argv[3], docs[0]["meter"]' "$pair" "$serial"
	done
}
reads shelly-gen2 shellypro3em-0123456789ab voltage.a=236.1 voltage.c=236.4 power.active.total=0.7155 energy.active.import.total=65.00075
reads tasmota tasmota_A1B2C3 voltage.a=236 current.a=0.17 power.active.total=0.034 energy.active.import.total=1.31
reads zigbee2mqtt 0x00158d0001dc126a voltage.a=231 power.active.total=0.0345 energy.active.import.total=12.34
reads chirpstack 0102030405060708 voltage.a=230.5 current.a=1.25 power.active.total=0.25
reads things-stack meter-1 voltage.a=230.5 current.a=1.25 power.active.total=0.25

# ---- a person's own: the example of the manual
sed -n '/^dialect: plant/,/^\.Ed/{/^\.Ed/d;p}' "$TOP/man/meterctl-dialect.5" >"$XDG_CONFIG_HOME/meterctl/dialects/plant.yaml"
exits 0 "the example of the manual holds" -- "$METERCTL" profile check plant
is "$ERR" "" "without a warning"
FILTER=plant/ waits own -c "$URL/M17?dialect=plant" -f json read voltage.a voltage.c power.active.total
device plant
ends own 0 "read a meter of one's own"
holds "its values" "$TMP/own.out" '
got = [(r["key"], r["value"], r["unit"]) for r in rows]
assert got == [("voltage.a", 230.1, "V"), ("voltage.c", 231.2, "V"), ("power.active.total", -0.45, "kW")], got'
waits late -c "$URL/M17" -f jsonl watch voltage.a
device plant-late
wait_for has "$TMP/late.out" '"quality"'; ok $? "of an hour ago"
stop_pid "$PID" INT
holds "it is late" "$TMP/late.out" 'assert [r["quality"] for r in rows] == ["late"], rows'
waits absent -c "$URL/M17" -t 3600000 -f json read voltage.a clock
device plant
ends absent 1 "what it never sends"
holds "is said" "$TMP/absent.out" 'assert "is not sent by dialect plant" in last["clock"]["error"], rows'

# ---- the proof of an uplink
waits up -c "$URL/tasmota_A1B2C3" -f json uplink -t 60000
device tasmota 3 1
ends up 0 "uplink"
holds "whose it is stands in the topic, and its clock is right" "$TMP/up.out" '
steps = {s["step"]: s["state"] for s in docs[0]["steps"]}
assert steps["identity"] == "passed" and steps["clock"] == "passed" and steps["second-data"] == "passed", steps
assert steps["login"] == "none", steps'
waits server -c "$URL/0102030405060708" -f json uplink -t 60000
device chirpstack 3 1
ends server 0 "uplink through a server"
holds "the clock of the meter is not that of the server" "$TMP/server.out" '
steps = {s["step"]: s["state"] for s in docs[0]["steps"]}
assert steps["clock"] == "undecided" and steps["identity"] == "passed", steps'

# ---- what cannot be
waits set -c "$URL/M17" set ratio.ct=60 --yes
device plant
ends set 7 "set"
like "$ERR" "cannot be set over plant" "there is no way"
exits 2 "a simulated meter" -- "$METERCTL" simulate --mqtt "$URL/M17" --dialect tasmota
like "$ERR" "does not speak 'tasmota'" "speaks none"
printf 'dialect: wrong\ntopics:\n  - topic: x\n    colour: red\n' >"$XDG_CONFIG_HOME/meterctl/dialects/wrong.yaml"
exits 2 "a file with an error, named" -- "$METERCTL" -c "$URL/M17?dialect=wrong" read voltage.a
like "$ERR" "no dialect 'wrong': .*/wrong.yaml:4:5: 'colour'" "file, line, column"
waits other -c "$URL/M17" read voltage.a
device plant
ends other 0 "not named"
like "$ERR" "wrong.yaml:4:5: 'colour'" "is said, and the others are used"

# ---- all at once: what the broker has kept of each comes first
rm "$XDG_CONFIG_HOME/meterctl/dialects/wrong.yaml"
for name in shelly-gen2 tasmota zigbee2mqtt chirpstack things-stack plant lamp hostile; do
	device "$name" 1 0 retain
done
exits 0 "scan" -- "$METERCTL" -f json scan "$URL" --for 4
cp "$TMP/out" "$TMP/scan.out"
holds "shows each with its dialect" "$TMP/scan.out" '
seen = {r["id"]: r["dialect"] for r in docs[0]["found"]}
assert seen == {"shellypro3em-0123456789ab": "shelly-gen2", "tasmota_A1B2C3": "tasmota", "0x00158d0001dc126a": "zigbee2mqtt",
    "0102030405060708": "lorawan", "meter-1": "lorawan", "M17": "plant", "hostile": "shelly-gen2"}, seen'
holds "and why the rest was not used" "$TMP/scan.out" '
why = json.dumps(docs[0])
for one in ("voltage outside 0 to 1000 V", "item b_voltage is a string, not a number", "neither topic nor payload", "not JSON",
            "stands twice", "nested deeper than 16", "shelly-gen2: the topic holds no serial number"):
    assert one in why, (one, why)'

done_testing
