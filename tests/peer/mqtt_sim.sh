#!/usr/bin/env bash
# simulate --mqtt: what mosquitto_sub hears from the meters is what they should say,
# and what mosquitto_pub tells them they do. A real broker stands between.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/heard.bash"

URL=
SN=20990000000001
FROZEN=frozen,start=2026-07-15T14:03:27Z

# meter NAME SCENARIO URL-REST ARGS...: a simulator that is there, its first target
# in $TARGET
meter() {
	local name=$1 scenario=$2 rest=$3

	shift 3
	start "$name" "$METERCTL" simulate "$scenario" --mqtt "$URL$rest" "$@"
	line_of "$name" '^(mqtt:.*)$' || give_up "no simulator: $(cat "$TMP/$name.err")"
	TARGET=${BASH_REMATCH[1]}
}

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
hear all '#'

# ---- json-v2: topic, payload, rhythm, and the registers of the same meter
start json "$METERCTL" simulate "$FROZEN,sn=$SN" --mqtt "$URL" --interval 1 --count 3 --tcp 0
line_of json '^(tcp:.*unit=1)$'; tcp=${BASH_REMATCH[1]}
line_of json '^mqtt:'
is "$LINE" "$URL/$SN?dialect=json-v2" "its targets are printed"
line_of json '^mqtt:.*/20990000000003'; ok $? "serial numbers count on"
json=$PID
exits 0 "the same meter answers on Modbus" -- "$METERCTL" -c "$tcp" -f json read '*'
cp "$TMP/out" "$TMP/registers"
wait_for heard all ' platform/' 15; ok $? "uploads come"
stop_pid "$json"
is "$RC" 0 "SIGTERM ends it: exit 0"
proves "json-v2 on the documented topic, live, with QoS 1, valid JSON" '
m = [m for m in heard("all") if m.topic.startswith("platform/")]
assert {x.topic for x in m} == {"platform/acrel/meter/json-v2/analog/0000"}, m
assert not any(x.retained for x in m) and {x.qos for x in m} == {1}
assert all(points(x) and -1 < x.at - stamp(x) < 60 for x in m)'
proves "each at its interval, one after the other" '
import statistics
m = [uploads("all", str('$SN' + i)) for i in range(3)]
for one in m:
    assert len(one) >= 4 and 0.8 < pace(one) < 1.3, gaps(one)
for one, next in zip(m, m[1:]):
    apart = [b.at - a.at for a, b in zip(one, next)]
    assert 0.2 < statistics.median(apart) < 0.5, apart'
proves "the values are those of the registers" '
shown = {r["key"]: r["value"] for r in json.load(open(os.environ["TMP"] + "/registers"))["readings"]}
for m in uploads("all", "'$SN'"):
    p = points(m)
    assert set(KEYS) <= set(p), sorted(p)
    for item, key in KEYS.items():
        assert p[item] == shown[key], (key, p[item], shown[key])
    assert round(p[40] * 1000) == shown["current.residual"]'

# ---- a topic of its own, another last level, QoS 0
meter own "$FROZEN" "/77?topic=ADW300/{sn}/up&qos=0" --interval 1
wait_for heard all ' ADW300/77/up '; ok $? "topic= with {sn}"
is "$TARGET" "$URL/77?dialect=json-v2&topic=ADW300/{sn}/up&qos=0" "and the target says so"
stop_pid "$PID"
proves "qos=0 is kept" 'assert {m.qos for m in heard("all") if m.topic == "ADW300/77/up"} == {0}'

# ---- acrelhw: login, time, para, data, heart; nobody answers
A=20990000000100
meter acrel "$FROZEN,heart=1,sn=$A" "" --dialect acrelhw --interval 1
acrel=$PID
is "$TARGET" "$URL/$A?dialect=acrelhw" "the dialect is in the target"
wait_for heard all "/gw/acrelHW/null/data/$A" 3; ok $? "acrelhw data come without an answer, too"
wait_for heard all "/gw/acrelHW/null/heart/$A" 2; ok $? "and a heart"
proves "in order: login (asked twice), time, para, data" '
seen = [m.topic.split("/")[4] for m in heard("all") if m.topic.endswith("'$A'") and "heart" not in m.topic]
assert seen[:5] == ["login", "login", "time", "para", "data"], seen
for cmd in ("login", "time", "para", "data", "heart"):
    for f in frames("all", "'$A'", cmd):
        assert f["type"] == cmd and f["gwSN"] == "'$A'", f'

# ---- a para frame from the platform
wish() {	# wish SN MINUTES
	say "/server/acrelHW/null/para/$1" "{\"type\":\"para\",\"gwSN\":\"$1\",\"upInterval\":\"$2\"}"
}
wish $A 0.05
wait_for heard all "/gw/acrelHW/null/para/$A" 3; ok $? "a wish is answered, and the parameters told again"
wait_for heard all "/gw/acrelHW/null/data/$A" "$(($(grep -c "null/data/$A" "$TMP/all.heard") + 3))"
stop_pid "$acrel"
proves "acknowledged with res 1, then shown, then kept: 3 s" '
first, ack, shown = frames("all", "'$A'", "para")
assert float(first["upInterval"]) * 60 - 1 < 0.01, first
assert ack["res"] == 1 and "upInterval" not in ack, ack
assert shown["upInterval"] == "0.05" and "res" not in shown, shown
data = [m for m in heard("all") if m.topic == "/gw/acrelHW/null/data/'$A'"]
assert 5 < sum(gaps(data)[-2:]) < 9, gaps(data)'

# ---- shadow
meter shadow "$FROZEN,sn=20990000000150" "?dialect=shadow&product=KEY" --interval 1
wait_for heard all ' data/up/KEY/20990000000150 ' 2; ok $? "shadow uploads"
stop_pid "$PID"
proves "as reports" '
m = [good(x) for x in heard("all") if x.topic.startswith("data/up/KEY/")]
assert all(x["method"] == "report" and x["sn"] == "20990000000150" for x in m), m'

# ---- tunnel: frames as bytes
frame() {	# frame HEX: with its CRC, as hex
	"$PYTHON" -c "import sys
sys.path.insert(0, '$PEER')
from crc import crc16
f = bytes.fromhex(sys.argv[1])
print((f + crc16(f)).hex())" "$1"
}
ask() {	# ask SN HEX: published as bytes
	"$PYTHON" -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' "$(frame "$2")" |
		mosquitto_pub -h 127.0.0.1 -p "$BROKER_PORT" -q 1 -t "modbus/$1/request" -s
}
T=20990000000200
start tunnel "$METERCTL" simulate "$FROZEN,sn=$T" --mqtt "$URL" --dialect tunnel --count 2 --tcp 0
line_of tunnel '^(tcp:.*unit=1)$'; tcp=${BASH_REMATCH[1]}
line_of tunnel '^mqtt:'; is "$LINE" "$URL/$T?dialect=tunnel" "a tunnel's target"
line_of tunnel '^mqtt:'; is "$LINE" "$URL/20990000000201?dialect=tunnel&unit=2" "and the second's, with its address"
exits 0 "registers over Modbus TCP" -- "$METERCTL" -c "$tcp" -f json raw read 20:9
cp "$TMP/out" "$TMP/registers"
ask $T 010300140009
wait_for heard all " modbus/$T/reply "; ok $? "a read frame is answered"
ask 20990000000201 020300000001
wait_for heard all " modbus/20990000000201/reply "; ok $? "the second meter answers at its own address"
ask $T 020300000001	# not its address
ask $T 0110000f0001020042
wait_for heard all " modbus/$T/reply " 2; ok $? "a write frame is answered"
proves "with a good CRC, and the registers that Modbus TCP shows" '
from crc import crc16
replies = [m.payload for m in heard("all") if m.topic == "modbus/'$T'/reply"]
assert all(r[-2:] == crc16(r[:-2]) for r in replies)
read, written = replies
assert read[:3] == bytes([1, 3, 18]), read.hex()
words = [int.from_bytes(read[3 + 2 * i:5 + 2 * i], "big") for i in range(9)]
shown = [r["value"] for r in json.load(open(os.environ["TMP"] + "/registers"))["registers"]]
assert words == shown, (words, shown)
assert written[:-2] == bytes.fromhex("0110000f0001"), written.hex()
(other,) = [m.payload for m in heard("all") if m.topic == "modbus/20990000000201/reply"]
assert other[:-2].hex() == "0203020002", other.hex()'
exits 0 "what was written over the tunnel" -- "$METERCTL" -c "$tcp" get ratio.ct
is "$OUT" 66 "is in the register"
stop_pid "$PID"

# ---- tunnel: hex, topics of one's own, faults of the line
H=20990000000250
meter hex "$FROZEN,write-lost=first-request" "/$H?dialect=tunnel&coding=hex&request=gw/{sn}/in&reply=gw/{sn}/out"
say "gw/$H/in" "$(frame 0110000f0001020042)"	# lost
say "gw/$H/in" "no frame at all"
say "gw/$H/in" "$(frame 0103000f0001)"
wait_for heard all " gw/$H/out "; ok $? "hex is answered"
proves "in hex; what was lost or is no frame is not answered" '
from crc import crc16
(reply,) = [m.payload for m in heard("all") if m.topic == "gw/'$H'/out"]
reply = bytes.fromhex(reply.decode())
assert reply[:-2].hex() == "0103020028" and reply[-2:] == crc16(reply[:-2]), reply.hex()'
exits 0 "meterctl through it" -- "$METERCTL" -c "$TARGET" get ratio.ct
is "$OUT" 40 "the same"
stop_pid "$PID"

# ---- every fault does what it says; all of them at once, each with a serial of its own
declare -A faults=(
	[mqtt-duplicate=100]=300 [mqtt-disorder=100]=301 [mqtt-garbage=100]=302 [mqtt-late=2]=303
	[mqtt-silent-after=2]=304 [mqtt-retained]=305 [mqtt-scale=10]=306 [mqtt-interval=2]=307
	[mqtt-drop=50]=308
)
pids=()
hear faults 'f/#'
for word in "${!faults[@]}"; do
	meter "f${faults[$word]}" "$FROZEN,$word" "/20990000000${faults[$word]}?topic=f/{sn}" --interval 1
	pids+=("$PID")
done
declare -A silences=([no-login]=320 [no-time]=321 [no-para]=322 [mqtt-silent]=323 [wait-login]=324
	[refuse-para]=325 [ignore-para]=326 [lose-para]=327)
for word in "${!silences[@]}"; do
	meter "f${silences[$word]}" "$FROZEN,heart=2,$word" "/20990000000${silences[$word]}" --dialect acrelhw --interval 1
	pids+=("$PID")
done
for n in 325 326 327; do
	wait_for heard all "/null/data/20990000000$n" && wish 20990000000$n 5
done
wait_for heard all "/null/para/20990000000326" 3
wait_for heard all "/null/para/20990000000325" 2
for n in 320 321 322 325 326 327; do
	wait_for heard all "/null/data/20990000000$n" 6
done
wait_for heard all "/null/heart/20990000000323" 2; ok $? "mqtt-silent: its heart goes on"
wait_for heard all "/null/login/20990000000324" 6; ok $? "wait-login: it asks on and on"
wait_for heard faults f/20990000000308 10
for n in 300 301 302 303 305 306 307; do
	wait_for heard faults "f/20990000000$n" 5
done
hear later f/20990000000305
wait_for heard later .
for pid in "${pids[@]}"; do stop_pid "$pid"; done
FAULTY='
def of(n): return [m for m in heard("faults") if m.topic == "f/20990000000%d" % n]
def cmds(n): return {m.topic.split("/")[4] for m in heard("all") if m.topic.startswith("/gw/") and m.topic.endswith("20990000000%d" % n)}
'
proves "mqtt-duplicate" "$FAULTY"'
m = of(300)
assert all(sum(x.payload == y.payload for y in m) == 2 for x in m[:4])'
proves "mqtt-disorder" "$FAULTY"'
t = [stamp(m) for m in of(301)]
assert any(b < a for a, b in zip(t, t[1:])) and sorted(set(t))[:4] == sorted(t)[:4], t'
proves "mqtt-garbage" "$FAULTY"'
assert not any(good(m) for m in of(302))'
proves "mqtt-late" "$FAULTY"'
late = [m.at - stamp(m) for m in of(303)]
assert min(late) > 1.8 and sorted(late)[len(late) // 2] < 3, late'
proves "mqtt-silent-after" "$FAULTY"'
assert len(of(304)) == 2'
proves "mqtt-retained: who comes later gets the last one" '
first = heard("later")[0]
assert first.retained and points(first)'
proves "mqtt-scale: the values differ from the registers" "$FAULTY"'
a, b = points(of(306)[0]), points(of(300)[0])
assert abs(a[1] - 10 * b[1]) < 0.01 and a[0] != b[0], (a[1], b[1])'
proves "mqtt-interval: another rhythm than it says" "$FAULTY"'
assert 1.8 < pace(of(307)) < 2.4, gaps(of(307))'
proves "mqtt-drop: some are missing" "$FAULTY"'
at = [stamp(m) for m in of(308)]
g = [b - a for a, b in zip(at, at[1:])]
assert max(g) > 1.7 and sorted(g)[len(g) // 2] > 0.8, g'
proves "no-login, no-time, no-para leave one out" "$FAULTY"'
whole = {"login", "time", "para", "data", "heart"}
assert [whole - cmds(n) for n in (320, 321, 322)] == [{"login"}, {"time"}, {"para"}]'
proves "mqtt-silent and wait-login upload nothing" "$FAULTY"'
assert cmds(323) == {"login", "time", "para", "heart"}, cmds(323)
assert cmds(324) == {"login"}, cmds(324)'
proves "refuse-para, ignore-para, lose-para" '
refused, ignored, lost = (frames("all", "20990000000%d" % n, "para") for n in (325, 326, 327))
assert [f.get("res") for f in refused] == [None, 0], refused
assert [f.get("res") for f in ignored] == [None, 1], ignored
assert [f.get("res") for f in lost] == [None], lost'

# ---- its last will, when it goes without a word
meter will "$FROZEN,sn=20990000000400" "?will=gone/{sn}" --interval 1
stop_pid "$PID" KILL
wait_for heard all ' gone/20990000000400 6f66666c696e65$'; ok $? "the last will: offline"
start orderly "$METERCTL" simulate "$FROZEN,sn=20990000000401" --mqtt "$URL?will=gone/{sn}" --interval 1
wait_for heard all 3230393930303030303030343031
stop_pid "$PID"
! heard all ' gone/20990000000401 '; ok $? "none when it leaves in order"

# ---- the broker goes away and comes back
B=20990000000500
meter back "$FROZEN,sn=$B" "" --dialect acrelhw --interval 1 --count 2
back=$PID
wait_for heard all "/null/data/20990000000501"
mosquitto_stop plain KILL
mosquitto_again plain
hear again '#'
wait_for heard again "/null/login/20990000000501" && wait_for heard again "/null/data/20990000000501" 2 &&
	wait_for heard again "/null/data/$B" 2
ok $? "both log in again and go on uploading"
wish $B 5
wait_for heard again "/gw/acrelHW/null/para/$B [^ ]*22726573223a31"; ok $? "and hear again what they are told"
stop_pid "$back"
is "$RC" 0 "and end in order"

# ---- a thousand
hear many 'many/#'
"$METERCTL" simulate "sn=20990000001000" \
	--mqtt "$URL?topic=many/{sn}&qos=0" --count 1000 --interval 5 >"$TMP/many.targets" 2>"$TMP/many.err" &
many=$!
tap_server[$many]=many
wait_for heard many . 3000; ok $? "a thousand meters, three uploads of each"
read -r -a stat <"/proc/$many/stat"
stop_pid "$many"
is "$(wc -l <"$TMP/many.targets")" 1000 "all of them are printed"
proves "spread over the interval, no two the same load" '
m = heard("many")
assert len({x.topic for x in m}) == 1000
t0 = m[0].at
seconds = sorted(sum(t0 + s <= x.at < t0 + s + 1 for x in m) for s in range(10))
assert 100 < seconds[5] < 300, seconds
assert len({points(x)[13] for x in m[:1000]}) > 500'
holds=$(((stat[13] + stat[14]) * 100 / $(getconf CLK_TCK)))
[ "$holds" -lt 750 ]; ok $? "in less than half of one processor's time" || diag "$holds hundredths of a second"

# ---- what is refused
for words in "--dialect acrelhw" "--interval 5" "--mqtt tcp:127.0.0.1" "--mqtt $URL --dialect nonsense" \
	"--mqtt $URL --interval 0" "--mqtt $URL?will=w/{sn} --count 2" "--mqtt $URL/abc --count 2" \
	"--mqtt $URL?topic=a/+" "--mqtt $URL?share=g" "--mqtt $URL/1?dialect=acrelhw --dialect json-v2" \
	"--mqtt $URL --pty $TMP/p --count 248" "sn=12 --mqtt $URL" "mqtt-late=x" "mqtt-scale=x" "heart=-1"; do
	# shellcheck disable=SC2086
	exits 2 "simulate ${words//$BROKER_PORT/PORT}" -- "$METERCTL" simulate $words
	one_line "$ERR" "${words//$BROKER_PORT/PORT}: one line"
done
mosquitto_stop plain
exits 3 "no broker" -- "$METERCTL" simulate --mqtt "$URL"
one_line "$ERR" "no broker: one line"
"$PYTHON" -c 'import signal, socket, sys
s = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1] + ".port", "w").write("%d" % s.getsockname()[1])
c = s.accept()
open(sys.argv[1] + ".met", "w").write("x")
signal.pause()' "$TMP/deaf" &
deaf=$!
tap_server[$deaf]=deaf
wait_for test -s "$TMP/deaf.port"
"$METERCTL" simulate --mqtt "mqtt://127.0.0.1:$(cat "$TMP/deaf.port")" 2>"$TMP/err" &
waiting=$!
tap_server[$waiting]=waiting
wait_for test -s "$TMP/deaf.met"
stop_pid "$waiting" INT
is "$RC" 130 "a broker that says nothing can be left: exit 130"
stop_pid "$deaf"

done_testing
