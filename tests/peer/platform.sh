#!/usr/bin/env bash
# platform: it answers a meter as the cloud would, mosquitto_sub sees it, and it
# never speaks where somebody else does.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/heard.bash"

SN=20990000000001
mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
hear all '/gw/#' '/server/#'

# platform NAME ARGS...: one that answers already
platform() {
	local name=$1

	shift
	start "$name" "$METERCTL" -c "$URL" platform "$@"
	wait_for grep -q 'answering from now on' "$TMP/$name.err"
}
answers() {	# how many answers SN has been given
	grep -c " /server/acrelHW/null/[a-z]*/$1 " "$TMP/all.heard"
}

pids=()

# ---- a meter comes up before the bench's platform, and is waited for
start sim "$METERCTL" simulate "frozen,wait-login,sn=$SN" --mqtt "$URL" --dialect acrelhw --interval 2 --tcp 0
line_of sim '^mqtt:'
meter=$PID
wait_for heard all "/login/$SN " 2; ok $? "a meter asks to log in, and nobody answers"
is "$(answers $SN)" 0 "nobody at all"
platform first -f jsonl --listen 0.5
first=$PID
wait_for heard all "/gw/acrelHW/null/data/$SN " 2; ok $? "once there is a platform it uploads"
like "$(cat "$TMP/first.err")" 'listening for another platform for 0.5 s' "the listening is announced"
proves "login, time and para are answered, each on its own topic, with res 1" '
told = [(m.topic, good(m)) for m in heard("all") if m.topic.startswith("/server/")]
assert {t.split("/")[4] for t, _ in told} == {"login", "time", "para"}, told
for topic, doc in told:
    assert topic.split("/")[3:] == ["null", doc["type"], "'$SN'"], topic
    assert doc["res"] == 1, doc
assert not any(m.retained for m in heard("all"))
import time
now, *_ = {d["time"] for _, d in told if d["type"] == "time"}
assert abs(time.mktime(time.strptime(now, "%Y%m%d%H%M%S")) - [m.at for m in heard("all") if "/time/" in m.topic][-1]) < 60, now'
line_of first '"event":"answered".*"kind":"para"'; ok $? "it says what it has answered"
"$PYTHON" -c 'import json, sys
d = json.loads(sys.argv[1])
assert d["meter"] == sys.argv[2] and d["dialect"] == "acrelhw" and d["product"] == "null", d' "$LINE" $SN
ok $? "as JSON lines"

# ---- a wish of somebody's is no answer: the platform goes on
say "/server/acrelHW/null/para/$SN" '{"type":"para","upInterval":"0.05"}'
line_of first '"event":"wish".*"interval 3 s"'; ok $? "a wish is seen"
line_of first '"event":"answered".*"interval 3 s"'; ok $? "and the parameters it brings about are answered"

# ---- a second platform: it sees the first one answer, and never speaks
start second "$METERCTL" -c "$URL" platform --listen 0.2
second=$PID
wait_for grep -q 'answering from now on' "$TMP/second.err"
stop_pid "$meter"
start sim "$METERCTL" simulate "frozen,sn=$SN" --mqtt "$URL" --dialect acrelhw --interval 4
line_of sim '^mqtt:'
meter=$PID
ended "$second"
is "$RC" 7 "the second is refused: exit 7"
like "$(cat "$TMP/second.err")" "another platform answers here: it told meter '$SN' about its login \(/server/acrelHW/null/login/$SN\); 0 of ours" \
	"it says who was told what, and that it has said nothing itself"
line_of first '"event":"answered".*"kind":"para"'; ok $? "the first goes on"
stop_pid "$first" INT
is "$RC" 0 "SIGINT ends it: exit 0"
like "$(cat "$TMP/first.err")" '[0-9]+ questions of 1 meters answered' "with a summary"

# ---- somebody answers while it still listens
start early "$METERCTL" -c "$URL" platform --listen 3600
early=$PID
line_of early "$SN  acrelhw   data"; ok $? "while it listens it shows what it sees"
say "/server/acrelHW/null/login/$SN" '{"type":"login","res":1}'
ended "$early"
is "$RC" 7 "another is seen before it begins: exit 7"
like "$(cat "$TMP/early.err")" 'another platform answers here' "and it says so"

# ---- somebody begins to answer later
platform later --listen 0
later=$PID
stop_pid "$meter"
start sim "$METERCTL" simulate "frozen,wait-login,sn=20990000000003" --mqtt "$URL" --dialect acrelhw --interval 4
line_of sim '^mqtt:'
meter=$PID
wait_for heard all '/server/acrelHW/null/para/20990000000003 '; ok $? "a meter is answered"
count=$(answers 20990000000003)
say "/server/acrelHW/null/data/20990000000003" '{"type":"data","res":1}'
ended "$later"
is "$RC" 7 "another appears: exit 7"
stop_pid "$meter"
start sim "$METERCTL" simulate "frozen,wait-login,sn=20990000000003" --mqtt "$URL" --dialect acrelhw --interval 1
line_of sim '^mqtt:'
meter=$PID
before=$(grep -c '/gw/acrelHW/null/login/20990000000003 ' "$TMP/all.heard")
wait_for heard all '/gw/acrelHW/null/login/20990000000003 ' $((before + 5))
is "$(answers 20990000000003)" "$((count + 1))" "and from then on the meter is answered by nobody"
stop_pid "$meter"

# ---- two that start together settle who stays
start one "$METERCTL" -c "$URL" platform --listen 0.5
one=$PID
start two "$METERCTL" -c "$URL" platform --listen 0.5
two=$PID
wait_for grep -q 'answering from now on' "$TMP/one.err" && wait_for grep -q 'answering from now on' "$TMP/two.err"
start sim "$METERCTL" simulate "frozen,wait-login,sn=20990000000007" --mqtt "$URL" --dialect acrelhw --interval 1
line_of sim '^mqtt:'
meter=$PID
one_left() {
	[ "$(kill -0 "$one" 2>/dev/null; echo $?)" != "$(kill -0 "$two" 2>/dev/null; echo $?)" ]
}
# their answers may be alike and cross: then nobody leaves before the next question
tied() {
	grep -q 'answers, too' "$TMP/one.err" && grep -q 'answers, too' "$TMP/two.err"
}
one_left_or_tied() {
	one_left || tied
}
wait_for one_left_or_tied
start sim "$METERCTL" simulate "frozen,wait-login,sn=20990000000008" --mqtt "$URL" --dialect acrelhw --interval 1
line_of sim '^mqtt:'
pids=("$PID")
wait_for one_left; ok $? "one of two that start together ends"
left=two gone=one
kill -0 "$one" 2>/dev/null && left=one gone=two
like "$(cat "$TMP/$gone.err")" 'another platform answers here' "and says why"
wait_for heard all '/server/acrelHW/null/para/20990000000008 '; ok $? "the other one goes on"
ended "${!gone}"
is "$RC" 7 "exit 7"
stop_pid "${!left}"
stop_pid "$meter"
stop_pid "${pids[0]}"
pids=()

# ---- the broker goes away and comes back
platform stays --listen 0
stays=$PID
start sim "$METERCTL" simulate "frozen,wait-login,sn=20990000000005" --mqtt "$URL" --dialect acrelhw --interval 2
line_of sim '^mqtt:'
meter=$PID
wait_for heard all '/server/acrelHW/null/para/20990000000005 '
mosquitto_stop plain KILL
wait_for grep -qv 'answering from now on' "$TMP/stays.err"; ok $? "the broker is gone: it says so"
mosquitto_again plain
hear again '/gw/#' '/server/#'
wait_for heard again '/server/acrelHW/null/para/20990000000005 '; ok $? "when it is back the meter is answered again"
wait_for grep -q 'the broker is back' "$TMP/stays.err"; ok $? "which it says, too"
stop_pid "$meter"
stop_pid "$stays"
is "$RC" 0 "and it ends in order"
wait_for hears all || give_up "mosquitto_sub does not come back"

# ---- one product only, one meter only, for a while only
start only "$METERCTL" -c "$URL" platform --listen 0 --product AWT100
only=$PID
for product in null AWT100; do
	start "sim$product" "$METERCTL" simulate "frozen,wait-login,sn=20990000000004" \
		--mqtt "$URL?product=$product" --dialect acrelhw --interval 4
	line_of "sim$product" '^mqtt:'
	pids+=("$PID")
done
wait_for heard all '/server/acrelHW/AWT100/para/20990000000004 '; ok $? "--product: its meters are answered"
! heard all '/server/acrelHW/null/[a-z]+/20990000000004 '; ok $? "and no others"
stop_pid "$only"
for pid in "${pids[@]}"; do stop_pid "$pid"; done
exits 0 "--for: it ends by itself" -- "$METERCTL" -c "$URL/$SN" -f csv platform --listen 0.1 --for 0.3
is "$OUT" $'at,event,meter,product,dialect,kind,remark,topic\r' "CSV has a header"

# ---- what is refused
exits 7 "--read-only" -- "$METERCTL" -c "$URL" --read-only platform
exits 2 "no broker but a meter" -- "$METERCTL" -c sim: platform
exits 2 "no target" -- "$METERCTL" platform
exits 2 "a word too many" -- "$METERCTL" -c "$URL" platform now
exits 2 "a dialect without answers" -- "$METERCTL" -c "$URL/$SN?dialect=json-v2" platform
like "$ERR" "no answer that is publicly known" "says so"
exits 2 "a share of the messages" -- "$METERCTL" -c "$URL?share=g" platform
exits 2 "no time" -- "$METERCTL" -c "$URL" platform --for x
exits 2 "no product" -- "$METERCTL" -c "$URL" platform --product a/b
mosquitto_stop plain
exits 3 "no broker" -- "$METERCTL" -c "$URL" platform
one_line "$ERR" "in one line"

done_testing
