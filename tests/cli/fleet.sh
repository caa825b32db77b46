#!/usr/bin/env bash
# A broker and every meter behind it: scan, and watch without a serial number.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/mosquitto.sh
. "$(dirname "$0")/../mosquitto.sh"

TOPIC=platform/acrel/meter/json-v2/analog/0000
mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
fleet() {
	"$PYTHON" "$TOP/tests/data/fleet.py" "$@"
}
# publish [OPTION ...]: one message; publish_lines: one a line of its input
publish() {
	mosquitto_pub -p "$BROKER_PORT" -q 1 "$@"
}
publish_lines() {
	publish -t "${1:-$TOPIC}" -l
}
# begin NAME COMMAND...: starts meterctl with -v, and waits until it listens.
begin() {
	rm -f "$TMP/$1.err"
	start "$@" -v
	wait_for grep -q 'listening' "$TMP/$1.err"
}
# What it has said beside that.
said() {
	grep -vE 'listening|messages? of [0-9]+ meter|listened for' "$TMP/$1.err"
}
ONE="$URL?dialect=json-v2"

# ---- scan
begin scan "$METERCTL" -c "$ONE" -f jsonl scan --for 3600
fleet 3 | publish_lines
for i in 0 1 2; do
	line_of scan "\"id\":\"2024$(printf %08d $i)\""; ok $? "meter $i is found"
done
like "$LINE" "^\{\"target\":\"$URL/202400000002\?dialect=json-v2\",\"unit\":1,\"profile\":\"adw300\"" "its target"
like "$LINE" '"dialect":"json-v2","last":"20[0-9-]+T[0-9:.+-]+","interval":null,"interval_set":null,"uploads":1,"offline":false,"dropped":\[\],"signal":-52.0,"signal_unit":"dBm","u":227.033,"i":4.537,"p":3.047,"pf":0.982,"alarms":0\}$' \
	"what matters of its readings"
stop_pid "$PID" INT
is "$RC" 0 "ended early: those found count"
like "$(cat "$TMP/scan.err")" 'listened for [0-9]+ s: 3 meters found, about [0-9]+ to [0-9]+ more likely \(meters upload every 1 to 15 minutes' \
	"how long it listened, and how many are likely missing"
is "$(said scan)" "" "without a complaint"

publish -r -t "$TOPIC" -m "$(fleet 1)"
exits 0 "what the broker has kept is found at once" -- "$METERCTL" -f json scan --for 3 "$URL"
"$PYTHON" -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "meterctl.scan/1", d
assert [m["id"] for m in d["found"]] == ["202400000000"] and d["refused"] == 0, d
assert d["found"][0]["last"] is None and d["found"][0]["uploads"] == 0, d' "$TMP/out"
ok $? "one document; kept is not heard"
exits 0 "table" -- "$METERCTL" -c "$URL" scan --for 3
like "$OUT" '^202400000000 +-- +json-v2 +retained +-- +-50 dBm +227\.0 +4\.54 +3\.047 +0\.982$' "a line"
exits 0 "csv" -- "$METERCTL" -c "$URL" -f csv scan --for 3
is "$(wc -l <"$TMP/out")" 2 "a header and a row"
like "$OUT" "^$URL/202400000000\?dialect=json-v2,1,adw300,202400000000,,json-v2,,,-50,dBm,226\.967,4\.537,3\.047,0\.982,0,false" "the row"
publish -r -t "$TOPIC" -n

# how often they upload, seen by the end
start often "$METERCTL" simulate sn=20990000000071 --mqtt "$URL" --dialect acrelhw --interval 1
exits 0 "csv of two uploads" -- "$METERCTL" -c "$URL" -f csv scan --for 6
like "$(cut -d, -f4,8 <<<"$OUT")" '^20990000000071,[0-9.]+$' "with the interval seen"
exits 0 "--for auto" -- "$METERCTL" -c "$URL" -f json scan --for auto
like "$OUT" '"refused":0,"dropped":\[\],"listened_s":[0-9]{1,2}\.[0-9]+,"likely_missing_min":0,"likely_missing_max":0\}$' "ends when two intervals of what it heard are over, and misses nobody"
like "$ERR" '^meterctl: listened for [0-9]+ s: 1 meter found, no more likely \(meters upload every 1 to 15 minutes\)$' "which it says"
stop_pid "$PID"

exits 3 "nobody: exit 3" -- "$METERCTL" -c "$ONE" scan --for 0.3
one_line "$ERR" "in one line"
like "$ERR" "no meter heard since [0-9:]{8} on 'platform/\+/\+/json-v2/analog/\+'" "since when, on which topics"
is "$OUT" "" "and nothing on stdout"
begin scan "$METERCTL" -c "$ONE" scan --for 3600
publish -t "$TOPIC" -m 'not a meter'
publish -t "$TOPIC" -m "$(fleet 1)"
line_of scan 202400000000; ok $? "found beside garbage"
stop_pid "$PID" INT
is "$RC" 0 "which does no harm"
like "$(cat "$TMP/scan.err")" "meterctl: dropped: not JSON .* \(last: $TOPIC\)$" "which is said, and why"
exits 2 "one meter is none to scan for" -- "$METERCTL" scan "$URL/4711"
like "$ERR" "leave '/4711' out" "says how"
exits 2 "a broker among lines" -- "$METERCTL" scan "$TMP/port" "$URL"
like "$ERR" "is a broker: scan it alone" "is said"
exits 2 "no time" -- "$METERCTL" scan --for 0 "$URL"
exits 2 "no time but auto" -- "$METERCTL" scan --for ever "$URL"
like "$ERR" "'ever' is not a time in seconds \(above 0, to 86400\) or auto" "is said"
exits 2 "auto is not for lines" -- "$METERCTL" scan --for auto "$TMP/port"
exits 2 "no such dialect" -- "$METERCTL" scan "$URL?dialect=klingon"
exits 3 "no broker there" -- "$METERCTL" scan "mqtt://127.0.0.1:$(free_port)"
one_line "$ERR" "in one line"

# ---- last wills, and a topic that names the meter
begin scan "$METERCTL" -c "$URL?dialect=json-v2&topic=site/{sn}/up&will=site/m-{sn}/gone" --trace "$TMP/trace" -f json scan --for 3600
fleet 2 | publish_lines site/x/up
publish -t site/m-202400000001/gone -m bye
publish -t site/m-202400000009/gone -m bye
publish -t site/m-202400000000/gone -n
# a name that cannot be shown as it is
publish -t $'site/m-\u202e8/gone' -m bye
publish -t site/x/up -m "$(fleet 1 1 7)"
wait_for grep -q 202400000007 "$TMP/trace"
stop_pid "$PID" INT
line_of scan '^\{'
"$PYTHON" -c 'import json, sys
got = {m["id"][-1]: m["offline"] for m in json.loads(sys.argv[1])["found"]}
assert got == {"0": False, "1": True, "9": True, "7": False}, got
assert json.loads(sys.argv[1])["refused"] == 1, sys.argv[1]' "$LINE"
ok $? "a last will marks its meter offline, an empty one does not" || diag "$LINE"
exits 2 "a will that names no meter" -- "$METERCTL" scan "$URL?will=gone"
like "$ERR" '\{sn\}' "says what is missing"

# ---- watch
begin watch "$METERCTL" -c "$ONE" -f jsonl watch -n 4
fleet 2 2 | publish_lines
ended "$PID"
is "$RC" 0 "-n counts uploads"
cat <&"${tap_fd[watch]}" >"$TMP/lines" &
CAT=$!
wait_for grep -q '"202400000001","key":"di.status"' "$TMP/lines"
kill "$CAT"
wait "$CAT" 2>/dev/null
"$PYTHON" -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
ids = [r["id"] for r in rows]
assert [i for n, i in enumerate(ids) if n == 0 or ids[n - 1] != i] == ["202400000000", "202400000001"] * 2
assert len(rows) % 4 == 0 and len(rows) / 4 >= 38, len(rows)
a = [r for r in rows if r["key"] == "voltage.a"]
assert [r["value"] for r in a] == [220.0, 220.1] * 2, a
assert a[0]["unit"] == "V" and a[0]["quality"] == "ok" and a[0]["primary"] == 220.0, a
i = [r for r in rows if r["key"] == "current.a"][0]
assert i["value"] == 4.52 and i["primary"] == 180.8, i
d = [r for r in rows if r["key"] == "di.status"][0]
assert d["bits"] == ["DI1", "DI3"], d' "$TMP/lines"
ok $? "every reading of every meter, as it came"

begin watch "$METERCTL" -c "$ONE" -f csv watch -n 2 voltage.a 'power.active.total'
fleet 2 | publish_lines
ended "$PID"
line_of watch '^id,at,key,value,unit,quality,primary,error'; ok $? "csv has an id column"
line_of watch '^202400000000,20[^,]+,voltage\.a,220\.0,V,ok,220\.0,'; ok $? "a row"
line_of watch '^202400000000,20[^,]+,power\.active\.total,3\.047,kW,ok,121\.880,'; ok $? "the other key"
line_of watch '^202400000001,20[^,]+,voltage\.a,220\.1,'; ok $? "the next meter"

begin watch "$METERCTL" -c "$ONE" -f influx watch -n 2 voltage.a di.status
fleet 2 | publish_lines
ended "$PID"
line_of watch '^meter,id=202400000000,profile=adw300 voltage\.a=220\.0,di\.status=5i [0-9]{19}$'; ok $? "influx: a line an upload"
line_of watch '^meter,id=202400000001,profile=adw300 voltage\.a=220\.1,'; ok $? "the next meter"

begin watch "$METERCTL" -c "$ONE" watch -n 1 voltage.a
fleet 1 | publish_lines
ended "$PID"
line_of watch '^[0-9:.]{12}  202400000000 +voltage\.a  220\.0 V'; ok $? "table"
begin watch "$METERCTL" -c "$ONE" -f jsonl watch -i 3600 -n 2 frequency
fleet 2 3 | publish_lines
ended "$PID"
line_of watch '202400000000'; ok $? "-i: one of each meter"
line_of watch '202400000001'; ok $? "and no second of the first"
begin watch "$METERCTL" -c "$ONE" -f jsonl watch -n 2 frequency
FLEET_MS=$(date +%s%3N)
export FLEET_MS
{ fleet 1; fleet 1; fleet 1 1 1; } | publish_lines
unset FLEET_MS
ended "$PID"
line_of watch '202400000000'; ok $? "one that is sent again"
line_of watch 'id'
like "$LINE" '202400000001' "is shown once"
exits 2 "a misspelt key never reaches the broker" -- "$METERCTL" -c mqtt://127.0.0.1:1 watch voltge.a
begin watch "$METERCTL" -c "$ONE" -f jsonl watch
publish -t "$TOPIC" -m '{"data":[{"tp":1,"point":[{"id":0,"val":"1"},{"id":1,"val":"NaN"},{"id":2,"val":1e300},{"id":3,"val":230}]}]}'
line_of watch '"key":"voltage.c","value":230.0'; ok $? "good values beside bad ones"
for signal in INT TERM; do
	stop_pid "$PID" $signal
	is "$RC" 130 "SIG$signal: exit 130"
	[ "$signal" = TERM ] || begin watch "$METERCTL" -c "$ONE" -f jsonl watch
done

# ---- a broker that goes away and comes back
begin watch "$METERCTL" -c "$ONE" -f jsonl watch voltage.a
mosquitto_stop plain
wait_for grep -q 'was lost' "$TMP/watch.err"; ok $? "a lost broker is said"
mosquitto_again plain
wait_for grep -q 'is there again' "$TMP/watch.err"; ok $? "and that it is there again"
fleet 1 | publish_lines
line_of watch '"202400000000"'; ok $? "it goes on"
stop_pid "$PID" INT
# a try before the broker is back has another reason to say
is "$(said watch | grep -cv 'cannot connect')" 2 "two lines in all" || diag "$(cat "$TMP/watch.err")"
[ "$(grep -c 'cannot connect' "$TMP/watch.err")" -le 1 ]
ok $? "and at most one of what is in the way" || diag "$(cat "$TMP/watch.err")"
done_testing
