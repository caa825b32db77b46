#!/usr/bin/env bash
# simulate --mqtt: clocks that are wrong, uploads of before, messages without a time or a number, and
# a scenario for each meter (--fleet); read, watch, scan and uplink say what it is. mosquitto between.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
METER="$URL/$SN?dialect=json-v2"
FILTER=platform/
DEADLINE=60

# plays SCENARIO [WORD...]: a simulated meter with this fault; its pid in $sim.
plays() {
	local scenario=$1

	shift
	start sim "$METERCTL" simulate "$scenario" --mqtt "$URL/$SN" --interval 1 "$@"
	sim=$PID
	line_of sim '^mqtt:' || give_up "no simulator: $(cat "$TMP/sim.err")"
}

# proves_fault NAME SCENARIO CODE CONDITION OPTION...: what uplink finds of that meter.
proves_fault() {
	local name=$1 scenario=$2 code=$3 condition=$4

	shift 4
	waits up -c "$METER" -f json uplink --deadline "$DEADLINE" "$@"
	watcher=$PID
	plays "$scenario"
	PID=$watcher
	ends up "$code" "$name: uplink, exit $code"
	holds "$name: $condition" "$TMP/up.out" "step = {s['step']: s for s in docs[0]['steps']}
assert $condition, docs"
	stop_pid "$sim"
}

# ---- clocks
proves_fault "a clock ahead" frozen,clock-off=28800 1 \
	"docs[0]['step'] == 'clock' and '8 h ahead' in step['clock']['what']"
proves_fault "a clock behind" frozen,clock-off=-28800 1 \
	"docs[0]['step'] == 'clock' and '8 h behind' in step['clock']['what']"
proves_fault "a time stamp that is stuck" mqtt-stuck 1 \
	"docs[0]['step'] == 'clock' and 'stuck' in step['clock']['what']"
proves_fault "a clock that is set while it runs" frozen,mqtt-jump=10800/1 1 \
	"docs[0]['step'] == 'clock' and '3 h ahead' in step['clock']['what']"
proves_fault "no time" frozen,mqtt-no-stamp 0 \
	"step['clock']['state'] == 'undecided' and 'no time' in step['clock']['what']"
proves_fault "a meter that is right" frozen 0 "step['clock']['state'] == 'passed'"

waits jump -c "$METER" watch -n 5 voltage.a
watcher=$PID
plays frozen,mqtt-jump=10800/2
PID=$watcher
ends jump 0 "watch while a clock is set"
like "$ERR" "'$SN': clock 3 h ahead, clock set 1 time while listening" "and says so"
exits 0 "read" -- "$METERCTL" -c "$METER" -t 20000 read voltage.a
like "$ERR" "'$SN': clock 3 h ahead" "says it too"
stop_pid "$sim"

# ---- uploads of before
waits backlog -c "$METER" -f jsonl watch -n 1 voltage.a
watcher=$PID
plays mqtt-backlog=3/3600
PID=$watcher
ends backlog 0 "a meter that was off: watch -n 1 ends with a value of now"
like "$ERR" "3 late uploads of '$SN', measured long before they came" "three came before, and it says so"
holds "each with the time it was measured, an hour apart" "$TMP/backlog.out" '
from datetime import datetime
assert [r["quality"] for r in rows] == ["late"] * 3 + ["ok"], rows
at = [datetime.fromisoformat(r["at"].replace("Z", "+00:00")).timestamp() for r in rows[:3]]
assert all(3599 < b - a < 3601 for a, b in zip(at, at[1:])), at'
stop_pid "$sim"

# ---- nobody's
NAMELESS="$URL/$SN?topic=ADW300/UP&dialect=json-v2"
FILTER=ADW300
start sim "$METERCTL" simulate frozen,mqtt-no-sn --mqtt "$URL/$SN?topic=ADW300/UP" --interval 1
sim=$PID
line_of sim '^mqtt:'
exits 0 "a reading of a meter without item 0" -- "$METERCTL" -c "$NAMELESS" -t 20000 read voltage.a
like "$ERR" "identity of '$SN' assumed from the topic" "says so"
exits 1 "its uplink is not proven" -- "$METERCTL" -c "$NAMELESS" -f json uplink --deadline "$DEADLINE"
like "$OUT" '"step":"identity"' "for want of an identity"
stop_pid "$sim"

# ---- every dialect without them
FILTER=d/
for dialect in json-v2 acrelhw shadow; do
	waits "dialect$dialect" -c "$URL/$SN?dialect=$dialect&topic=d/$dialect" -f jsonl watch -n 1 voltage.a
	watcher=$PID
	start sim "$METERCTL" simulate frozen,mqtt-no-sn,mqtt-no-stamp --mqtt "$URL/$SN?topic=d/$dialect" \
		--dialect "$dialect" --interval 1
	sim=$PID
	PID=$watcher
	ends "dialect$dialect" 0 "$dialect without time and number is still understood"
	like "$ERR" "identity of '$SN' assumed" "$dialect: whose it may not be"
	stop_pid "$sim"
done

# ---- several meters, each with its own
cat >"$TMP/fleet.csv" <<'FLEET'
serial,scenario,interval,topic
# a comment
20990000000001,,1,
20990000000002,"clock-off=28800,voltage-missing=c",1,
METER-3,mqtt-scale=0.5,2,site/{sn}/up
20990000000004,mqtt-stuck,1,
FLEET
start fleet "$METERCTL" simulate seed=7 --fleet "$TMP/fleet.csv" --mqtt "$URL" --tcp 0
fleet=$PID
line_of fleet '^(tcp:[^ ]*unit=2)$' || give_up "no fleet: $(cat "$TMP/fleet.err")"
second=${BASH_REMATCH[1]}
line_of fleet 'METER-3'
like "$LINE" "^$URL/METER-3\?.*topic=site/\{sn\}/up" "targets with their own topics"
exits 0 "the second on a line" -- "$METERCTL" -c "$second" get voltage.c
awk "BEGIN { exit !($OUT < 10) }" </dev/null; ok $? "has its own wiring" || diag "$OUT"
exits 0 "scan sees those on the topics of the dialect" -- "$METERCTL" -f jsonl scan "$URL?dialect=json-v2" --for 4
cp "$TMP/out" "$TMP/scan.out"
holds "by their own serial numbers" "$TMP/scan.out" '
assert sorted(d["id"] for d in docs) == ["20990000000001", "20990000000002", "20990000000004"], docs'
exits 0 "and one with a topic of its own there" -- "$METERCTL" -f jsonl scan "$URL?dialect=json-v2&topic=site/{sn}/up" --for 4
cp "$TMP/out" "$TMP/scan.out"
holds "that one" "$TMP/scan.out" 'assert [d["id"] for d in docs] == ["METER-3"], docs'
exits 0 "watch of all of them" -- "$METERCTL" -c "$URL?dialect=json-v2" -f jsonl watch --for 5s voltage.a voltage.c
cp "$TMP/out" "$TMP/watch.out"
holds "each with its own values" "$TMP/watch.out" '
of = {(r["id"], r["key"]): r["value"] for r in rows}
assert {i for i, _ in of} == {"20990000000001", "20990000000002", "20990000000004"}, of
assert of["20990000000002", "voltage.c"] < 10 < of["20990000000001", "voltage.c"], of'
for n in 2:ahead 4:stuck; do
	exits 0 "read 2099000000000${n%:*}" -- "$METERCTL" -c "$URL/2099000000000${n%:*}?dialect=json-v2" -f json watch -n 3 voltage.a
	like "$ERR" "${n#*:}" "has its own clock"
done
exits 0 "read METER-3" -- "$METERCTL" -c "$URL/METER-3?dialect=json-v2&topic=site/{sn}/up" -t 20000 get voltage.a
awk "BEGIN { exit !($OUT > 100 && $OUT < 125) }" </dev/null; ok $? "half the voltage" || diag "$OUT"
stop_pid "$fleet"

# ---- the example of the manual
sed -n '/^serial,scenario/,/^\.Ed/p' "$TOP/man/meterctl.1" | sed '$d' >"$TMP/example.csv"
start fleet "$METERCTL" simulate --fleet "$TMP/example.csv" --mqtt "$URL"
line_of fleet '20990000000003'; ok $? "the example of the manual" || diag "$(cat "$TMP/fleet.err")"
like "$LINE" "topic=site/\{sn\}/up" "with the topic of its last meter"
stop_pid "$PID"

# ---- the words of --help are those of the manual
"$METERCTL" simulate --help | sed -n '/^words of a scenario/,/^$/p' | sed 1d | tr -s ' \n' '\n' |
	sed 's/=.*//; /^$/d' | sort >"$TMP/help"
sed -n '/^\.Sh SIMULATED METERS/,/^\.Sh ENVIRONMENT/p' "$TOP/man/meterctl.1" | grep '^\.It Cm' |
	grep -oE '(Cm|,) ?[a-z0-9-]+=?( Ns Ar [A-Z]+ , Cm [a-z]+=)?' | grep -oE '[a-z][a-z0-9-]+=?' | sed 's/=//' | sort >"$TMP/manual"
is "$(diff "$TMP/help" "$TMP/manual")" "" "the manual has the words of --help, and no other"

# ---- what is refused, with its place
refused() {	# refused NAME REGEX: of the file on standard input
	cat >"$TMP/bad.csv"
	exits 2 "$1" -- "$METERCTL" simulate --fleet "$TMP/bad.csv" --mqtt "$URL"
	like "$ERR" "$2" "$1: the place"
}
refused "an unknown word" "bad.csv:3:.*no scenario word 'frozn'.*did you mean 'frozen'" <<<$'serial,scenario\n1,frozen\n2,frozn'
refused "a serial twice" "bad.csv:3:1: serial number '1' is there twice" <<<$'serial\n1\n1'
refused "no serial" "bad.csv:2:1: row without a serial number" <<<$'serial,interval\n,5'
refused "a serial that is no level of a topic" "bad.csv:2:1: serial number 'a/b' is not valid" <<<$'serial\na/b'
refused "no interval" "bad.csv:2:3: 'x' is not a valid interval" <<<$'serial,interval\n1,x'
refused "a filter as topic" "bad.csv:2:3: 'a/#' is not a topic to publish to" <<<$'serial,topic\n1,a/#'
refused "an unknown column" "bad.csv:1:8: unknown column 'colour'" <<<$'serial,colour\n1,red'
refused "a column twice" "bad.csv:1:8: column 'serial' is there twice" <<<$'serial,serial\n1,2'
refused "no column serial" "bad.csv:1:1: no column 'serial'" <<<$'scenario\nfrozen'
refused "words not quoted" "bad.csv:2:10: more cells than columns" <<<$'serial,scenario\n1,frozen,seed=2'
refused "no meter" "no meter in .*bad.csv" <<<serial
refused "all of them" "2 mistakes in .*bad.csv': no meter started" <<<$'serial,scenario\n1,bogus\n2,seed=x'
exits 2 "--count beside it" -- "$METERCTL" simulate --fleet "$TMP/fleet.csv" --count 2
exits 2 "a serial number in the target" -- "$METERCTL" simulate --fleet "$TMP/fleet.csv" --mqtt "$METER"
{ echo serial; seq 248; } >"$TMP/many.csv"
exits 2 "more than a line has addresses" -- "$METERCTL" simulate --fleet "$TMP/many.csv" --mqtt "$URL"
like "$ERR" "room for 247 meters, not 248" "says how many"
for word in mqtt-backlog=0 mqtt-backlog=2/0 mqtt-backlog=1/x mqtt-jump=x mqtt-jump=5/0 mqtt-stuck=1; do
	exits 2 "$word" -- "$METERCTL" simulate "$word"
	one_line "$ERR" "$word: one line"
done

done_testing
