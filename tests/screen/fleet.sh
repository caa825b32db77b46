#!/usr/bin/env bash
# The Fleet screen in a terminal: a thousand meters behind a real broker, sorted by
# signal, found, one opened, and back.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"
# shellcheck source=tests/mosquitto.sh
. "$(dirname "$0")/../mosquitto.sh"

TOPIC=platform/acrel/meter/json-v2/analog/0000
mosquitto_start plain
FLEET_MS=$(date +%s%3N)	# the uploads of all rounds are counted from here
export FLEET_MS
feed() {
	"$PYTHON" "$TOP/tests/data/fleet.py" "$@" | mosquitto_pub -p "$BROKER_PORT" -q 1 -t "$TOPIC" -l
}

start_screens -c "mqtt://127.0.0.1:$BROKER_PORT"
shows 'connected: no meter has been heard yet' "a broker without a serial opens on its fleet"
feed 1000
shows '● 1000 meters' "all of them are counted"
shows '^▸● 202400000000 +on air .*-50 dBm +A 220\.0 +4\.54 +3\.047' "the first row, with its values"
keys '>' '>' '>' '>'
shows '1000 of 1000|9[0-9][0-9] of 1000' "sorted by signal: the meter chosen stays chosen"
keys Home
shows '^▸● 202400000059 .*-109 dBm' "the weakest is first"
keys r Home
shows '^▸● 202400000000 .*-50 dBm' "the other way round"

# ---- the worst, opened and proven: four keys ------------------------------------

keys '<' '<' '<' '<'
shows '↑serial' "by serial again"
"$PYTHON" "$TOP/tests/data/fleet.py" 1 2 500 | sed -n '2s/{"id":2,"val":229.5}/{"id":2,"val":3.1}/p' |
	mosquitto_pub -p "$BROKER_PORT" -q 1 -t "$TOPIC" -l
shows '1000 meters · 1 no U' "a meter that has lost a voltage is counted"
keys '>' Home Enter u
shows 'ADW300 202400000500' "the worst is opened"
shows '● broker +passed' "and its uplink is being proven"
keys 0
shows '^▸▲ 202400000500 +no U B .* B 3\.1 ' "back: it is first, and says why"
keys f
shows 'sick: 1 of 1' "f: only what is wrong"
keys f
mosquitto_pub -p "$BROKER_PORT" -t "$TOPIC" -m 'not a meter'
shows 'dropped: 1 x not JSON' "garbage is counted, with the reason"
keys /
keys -l 00000777
shows '/00000777|find: 00000777' "finding"
shows '^▸● 202400000777 .*-107 dBm' "one is left"
keys Enter Enter
shows 'ADW300 202400000777' "it is opened"
shows '^ U +V +227\.7 ' "with its last upload at once"
on_air() {
	"$PYTHON" "$TOP/tests/data/fleet.py" 1 2 777 | sed -n '2s/{"id":1,"val":227.7}/{"id":1,"val":241.1}/p' |
		mosquitto_pub -p "$BROKER_PORT" -q 1 -t "$TOPIC" -l
	showing '^ U +V +241\.1 '
}
wait_for on_air
ok $? "and goes on from there"
keys 0
shows '● 1000 meters' "0 leads back to all of them"
shows '/00000777 · 1 found' "as they were left"
keys Escape
shows 'of 1000' "Esc: all again"
feed 1000 2
shows '2 uploads, 0 missed, 1 again' "they go on from what was heard before"
resized 120 40
shows 'serial +.?state +model +dialect' "wider: more columns"
mosquitto_stop plain
shows 'STALE' "the broker is gone: said at once"
keys q
given_back "left"
done_testing
