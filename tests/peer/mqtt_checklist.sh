#!/usr/bin/env bash
# The checklist of a meter behind a broker: the proof of its uplink counts, for the meter
# behind the broker and for the same one on its line.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
METER=$URL/$SN

# item ID STATE WHY: how the checklist printed last has it.
item() {
	holds "$1 is $2: $3" "$TMP/out" '
import re
(c,) = docs
(i,) = [i for i in c["items"] if i["id"] == sys.argv[2]]
assert i["state"] == sys.argv[3] and re.search(sys.argv[4], i["why"]), i' "$1" "$2" "$3"
}

start meter "$METERCTL" simulate "sn=$SN" --mqtt "$URL" --dialect json-v2 --interval 1 --tcp 0
line_of meter '^(tcp:.*unit=1)$' || give_up "no meter"
TCP=${BASH_REMATCH[1]}

exits 1 "a meter behind a broker" -- "$METERCTL" -q "${PATIENT[@]}" -c "$METER" -f json checklist
item found 'done' "adw300, serial number $SN, upload at "
item clock 'done' 'this computer'
item ratios open 'nameplate not entered'
item wiring 'done' 'pass: '
item network not-applicable 'uploads to this broker'
item uplink open 'no proof of the uplink'
exits 1 "on its line" -- "$METERCTL" -c "$TCP" -f json checklist
item network not-applicable 'not published'
item uplink open 'no proof of the uplink'

exits 0 "its uplink is proven" -- "$METERCTL" -q -c "$METER" -f json uplink --interval 1 --deadline "$PATIENCE" --with "$TCP"
exits 1 "behind the broker" -- "$METERCTL" -q "${PATIENT[@]}" -c "$METER" -f json checklist
item uplink 'done' '^pass at [0-9-]+ [0-9:]+: .*after the one before'
exits 1 "over another way to the broker" -- "$METERCTL" -q "${PATIENT[@]}" -c "$METER?dialect=json-v2&qos=0" -f json checklist
item uplink 'done' '^pass at '
exits 1 "on its line" -- "$METERCTL" -c "$TCP" -f json checklist
item uplink 'done' '^pass at '

# a nameplate is that of the serial number
exits 1 "the nameplate" -- "$METERCTL" -q "${PATIENT[@]}" -c "$METER" -f json checklist --nameplate-ct 200/5
item ratios 'done' 'CT 200/5 = 40'
exits 1 "again" -- "$METERCTL" -q "${PATIENT[@]}" -c "$METER" -f json checklist
item ratios 'done' 'CT 200/5 = 40'

# a meter that uploads too seldom
exits 1 "its uplink fails" -- "$METERCTL" -q -c "$METER" -f json uplink --interval 60 --deadline 3
exits 1 "behind the broker" -- "$METERCTL" -q "${PATIENT[@]}" -c "$METER" -f json checklist
item uplink failed ': second-data: '
# a broker that is not there says nothing of the meter
exits 3 "no broker" -- "$METERCTL" -q -c "mqtt://127.0.0.1:$(free_port)/$SN" uplink --deadline 3
exits 1 "behind the broker" -- "$METERCTL" -q "${PATIENT[@]}" -c "$METER" -f json checklist
item uplink failed ': second-data: '

done_testing
