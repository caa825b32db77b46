#!/usr/bin/env bash
# The screens of a meter behind a broker, in a terminal: mosquitto between them and
# simulated meters; a setting that is a message; a broker that goes away and comes back.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/mosquitto.sh
. "$(dirname "$0")/../mosquitto.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

mosquitto_start plain
BROKER=mqtt://127.0.0.1:$BROKER_PORT
start first "$METERCTL" simulate --mqtt "$BROKER/20201998111433" --interval 1 --tcp 0
FIRST=$PID
line_of first '^(tcp:.*)$'
CABLE=$LINE
start gateway "$METERCTL" simulate --mqtt "$BROKER/20201998111435" --dialect tunnel

# ---- json-v2 -----------------------------------------------------------------

shell "cd '$TMP'; echo there"
wait_for showing '^there'
start_screens -c "$BROKER/20201998111433"
shows '● [0-9]+ s of 1 s +READ ONLY' 'the top line says how old, of how often'
shows 'Signal .* dBm$' 'the signal in the unit that the message has it in'
shows 'Upload +[0-9:]{8} +[0-9]+ s$' 'when the last upload came'
shows '· is not in the uploads of json-v2' 'what never comes is marked'
while read -r key mark; do
	keys "$key"
	shows "$mark" "key $key: $mark"
done <<'END'
3 dialect json-v2 uploads no harmonics
4 ^ phase A +· +·
5 voltage.a +[0-9.]+ V
7 dialect json-v2 uploads no alarm words
8 ^ 1 +[0-9.]+ V +[0-9]+ s public code voltage.a
9 ← .*/json-v2/analog/0000 \{"data":\[\{"tp":
u ● the uplink works
END
keys m
keys -l "$CABLE"
keys Enter
shows '● registers +passed +[0-9:]{8} +[0-9]+ values agree' 'm: against the registers of the same meter'
shows '● the uplink works' 'and the proof has ended'
reported() {
	[ -n "$(find "$TMP" -name 'report-20201998111433-*.html')" ]
}
keys r
shows "Write a report on ADW300 20201998111433" "r: asks first"
keys y
wait_for reported
ok $? 'a report is written'
like "$(cat "$TMP"/report-20201998111433-????-??-??.html)" 'Uplink: pass, of meter 20201998111433<' \
	'with the proof that has ended'
like "$(cat "$TMP"/report-20201998111433-????-??-??.html)" "Held against the registers at ${CABLE%\?*}" \
	'and what it was held against'
keys :
keys -l "uplink --with sim:ct=7 --interval 60"
keys Enter
shows '▲ registers +failed .* values differ from' 'of another one they differ'
shows '◌ second-data +waiting .* 60 s are set' 'and the interval is the one that was said'
keys 9
shows '^ messages [1-9]' 'messages are counted'
mosquitto_pub -p "$BROKER_PORT" -t platform/acrel/x/json-v2/analog/0000 -m '{"data":[{"point":[{"id":0,"val":"77"}]}]}'
mosquitto_pub -p "$BROKER_PORT" -t platform/acrel/y/json-v2/analog/0000 -m '{"data":7,"of":"20201998111433"}'
shows '^ others +[1-9]' 'those of another meter, too'
shows "x dropped: json-v2: there is no array 'data'" 'one that is not understood says why'
! showing '/x/json-v2/'
ok $? 'what is not of this meter is left out' || diag "$(screen)"
keys o
shows 'shown dim' 'until o asks for it'
mosquitto_pub -p "$BROKER_PORT" -t platform/acrel/x/json-v2/analog/0000 -m '{"data":[{"point":[{"id":0,"val":"77"}]}]}'
shows '← .*/x/json-v2/analog/0000 \{"data"' 'from then on'
keys Enter
shows 'one message, as it came' 'Enter shows one whole'
shows '"id":0,' '  with what is in it'
keys Escape W y s Down Down Down Down Enter
shows 'no public way over json-v2' 'a setting without a way says so'
keys Enter
shows "'ratio.pt' cannot be set over json-v2" 'and is not edited'

mosquitto_stop plain KILL
shows '▲ STALE' 'the broker is gone: said loudly'
keys 1
shows '^ U +V +[0-9.]+' 'and every key works'
mosquitto_again plain
shows '● [0-9]+ s of [0-9]+ s' 'it is back, and so is the meter'
keys 9
shows 'reconnects [1-9]' 'which is counted'
keys q
given_back 'q with a broker'
stop_pid "$FIRST"

# ---- acrelhw: a setting that is a message -----------------------------------

start_screens -c "$BROKER/20201998111434"
shows '◌ waiting' 'nothing has come yet'
start second "$METERCTL" simulate --mqtt "$BROKER/20201998111434" --dialect acrelhw --interval 1
SECOND=$PID
shows '● [0-9]+ s of 1 s' 'until it is switched on'
keys u
shows '● login +passed' 'its login is seen'
shows 'Signal +[0-9]+ percent' 'which says the signal in another measure'
keys W y s End Up Up Up Enter End Up Up
shows '▸ Upload interval' 'down to the upload interval'
keys Enter C-u
keys -l 90
shows 'whole minutes' 'what this dialect cannot say is said while it is typed'
keys C-u
keys -l 120
keys Enter v
shows 'Upload interval +1 s → 120 s +to write' 'the review lists old and new'
shows 'the form of the message that sets it is not public' 'and what it asks a mark for'
keys y
shows 'a mark of its own' 'y alone does not send it'
keys Space y
wait_for showing 'Upload interval +1 s → 120 s +● verified'
ok $? 'with it the meter says that it holds it'
shows '● [0-9]+ s of 120 s' 'nothing is overdue by the old interval'
keys Enter
shows '▸ Upload interval +120 s *$' 'the settings hold it'
keys q
given_back 'a setting over MQTT'
stop_pid "$SECOND"

# ---- a tunnel ----------------------------------------------------------------

start_screens -c "'$BROKER/20201998111435?dialect=tunnel'"
shows '● live' 'through a tunnel it is asked'
keys 8
shows '^[ *]0014 [0-9A-F]{4} +[0-9.]+ V +voltage.a' 'and has registers'
keys 9
shows '→ read .* 01 03' 'the trace has frames'
keys q
given_back 'a tunnel'

# ---- a client with a name of its own --------------------------------------------

start named "$METERCTL" simulate --mqtt "$BROKER/20201998111436" --interval 1
start_screens -c "'$BROKER/20201998111436?client=technician'"
shows '● [0-9]+ s of 1 s' 'as a client with a name'
keys :
keys -l 'read -f csv voltage.a'
keys Enter
shows ',voltage.a,[0-9.]+,V,ok' 'a command has a connection of its own'
unlike "$(mosquitto_log plain)" 'technician already connected' 'which does not push out that of the screens'
keys q
given_back 'a named client'
done_testing
