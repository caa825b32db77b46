#!/usr/bin/env bash
# read and get of a meter behind mosquitto; mosquitto_pub is the meter.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
METER=$URL/$SN
TP=@NOW@

# ---- the public sample, value by value
waits read -c "$METER" -f json read voltage.a power.active.total signal.strength di.status
publish "$UP" "$(json_v2 $TP 1 220.1 13 45.5 27 -77 41 5)"
ends read 0 "read waits for the upload"
holds "the values of the sample, with their units" "$TMP/read.out" '
(doc,) = docs
assert doc["schema"] == "meterctl.read/1" and doc["meter"]["id"] == sys.argv[2], doc
got = [(r["key"], r["value"], r["unit"], r["quality"]) for r in rows]
assert got == [("voltage.a", 220.1, "V", "ok"), ("power.active.total", 45.5, "kW", "ok"),
    ("signal.strength", -77, "dBm", "ok"), ("di.status", 5, "", "ok")], got
assert last["di.status"]["bits"] == ["DI1", "DI3"], rows
assert {r["from"] for r in rows} == {"public"}, rows' "$SN"

# with its ratios, so that nothing more is waited for
SAMPLE=$(json_v2 $TP 1 220.1 13 45.5 27 -77 34 1 35 40 41 5)
waits get -c "$METER" get voltage.a
publish "$UP" "$SAMPLE"
ends get 0 "get"
is "$OUT" 220.1 "is the bare value"
is "$ERR" "" "and nothing else"
waits primary -c "$METER" --primary get power.active.total
publish "$UP" "$SAMPLE"
ends primary 0 "get --primary"
is "$OUT" 1820.000 "with the ratios of the same upload"
for format in table csv jsonl; do
	waits $format -c "$METER" -f $format read voltage.a di.1
	publish "$UP" "$SAMPLE"
	ends $format 0 "read -f $format"
done
like "$(cat "$TMP/table.out")" '^voltage\.a +220\.1 V' "table"
like "$(cat "$TMP/csv.out")" ',voltage\.a,220\.1,V,ok,220\.1,' "csv"
holds "jsonl, and a bit of a word" "$TMP/jsonl.out" 'assert [r["value"] for r in rows] == [220.1, 1], rows'
waits live -c "$METER" -f jsonl read
publish "$UP" "$SAMPLE"
ends live 0 "read without a name: what such a meter sends of the live page"
holds "and nothing it never sends" "$TMP/live.out" '
assert set(last) == {"voltage.a", "power.active.total", "signal.strength", "ratio.pt", "ratio.ct", "di.status"}, set(last)'

# ---- what never comes, and what did not come this time
waits never -c "$METER" -t 3600000 -f json read voltage.a clock
publish "$UP" "$SAMPLE"
ends never 1 "a point json-v2 never sends fails as soon as the dialect is known"
holds "with its reason; the other is there" "$TMP/never.out" '
assert last["voltage.a"]["value"] == 220.1, rows
assert last["clock"]["value"] is None and last["clock"]["quality"] == "failed", rows
assert "is not sent by dialect json-v2" in last["clock"]["error"], rows'
waits all -c "$METER" -f json read '*'
publish "$UP" "$SAMPLE"
ends all 1 "read '*' ends, though most of the map is never sent"
holds "each with a value or a reason" "$TMP/all.out" '
assert len(rows) > 250, len(rows)
ok = {r["key"] for r in rows if r["quality"] == "ok"}
assert ok == {"voltage.a", "power.active.total", "signal.strength", "ratio.pt", "ratio.ct", "di.status"}, ok
assert all(r["error"] for r in rows if r["key"] not in ok)
assert "was not in the upload of" in last["voltage.b"]["error"], last["voltage.b"]'
start sim "$METERCTL" simulate "sn=20990000000001" --mqtt "$URL" --interval 1
SIM=$PID
waits often -c "$URL/20990000000001" -t 3600000 -f json read voltage.a energy.active.combined.total
ends often 1 "a meter that uploads every second: what is not there is known, too"
holds "after the time its parts may take" "$TMP/often.out" '
assert last["voltage.a"]["value"] > 200 and "was not in the upload of" in last["energy.active.combined.total"]["error"], rows'
stop_pid "$SIM"

# ---- an upload in parts, with one time stamp
waits parts -c "$METER" -t 3600000 -f json read voltage.a voltage.b
publish "$UP" "$(json_v2 $TP 1 220.1 34 1)"
publish "$UP" "$(json_v2 $TP 2 221.2 35 40)"
ends parts 0 "parts of one upload"
holds "belong together" "$TMP/parts.out" '
assert [(r["value"], r["primary"]) for r in rows] == [(220.1, 220.1), (221.2, 221.2)], rows'

# ---- silence, and who else speaks
waits silent -c "$URL/20990000000009" -t 3000 read voltage.a
publish "$UP" "$SAMPLE"
ends silent 3 "a serial number nobody has: exit 3"
like "$ERR" "no message of '20990000000009' yet in .*s on 'platform/\+/\+/json-v2/analog/\+', .*; 1 message of other meters came" \
	"since when, on which topics, and that another one speaks there"
like "$OUT" '^voltage\.a +-- V.*\[never\]' "no value"

# ---- what the broker kept is not of now
publish "$UP" "${SAMPLE/$TP/1631839905057}" -r
waits kept -c "$METER" -t 2000 -f json read voltage.a
ends kept 3 "a retained upload is no reading of now: exit 3"
holds "it is late, and says when it was measured" "$TMP/kept.out" '
(r,) = rows
assert r["value"] == 220.1 and r["quality"] == "late", r
assert r["at"].startswith("2021-09-1") and r["received"] > "2022", r'
waits kept -c "$METER" -t 2000 get voltage.a
ends kept 3 "nor is it for get"
like "$ERR" "no upload of '$SN' in .* but an older one that the broker has kept" "which says what there is"
waits kept -c "$METER" get voltage.a
publish "$UP" "$(json_v2 $TP 1 230.5)"
ends kept 0 "and does not stand in the way of one that comes"
is "$OUT" 230.5 "whose value it is"
publish "$UP" "" -r

# ---- topics of one's own
FILTER=ADW300 waits own -c "$METER?topic=ADW300/TEST1" get voltage.a
publish ADW300/TEST1 '{"data":[{"tp":@NOW@,"point":[{"id":1,"val":219.5}]}]}'
ends own 0 "a topic of its own: an upload there need not say whose it is"
is "$OUT" 219.5 "its value"
FILTER=yard/ waits form -c "$METER?topic=yard/%7Bsn%7D/up" -f json get voltage.a
like "$(cat "$TMP/form.trace")" "subscribed to yard/$SN/up$" "{sn} in a topic is the serial number"
publish yard/20990000000002/up "$SAMPLE"
publish "yard/$SN/up" "$SAMPLE"
ends form 0 "and it is heard there"
FILTER=platform/ waits named -c "$METER?dialect=json-v2" get voltage.a
is "$(grep -c 'subscribed to' "$TMP/named.trace")" 1 "a dialect that is given asks for its topics alone"
publish "$UP" "$SAMPLE"
ends named 0 "and is read"
FILTER=/server/ waits wrong -c "$METER?dialect=acrelhw" -t 3000 read voltage.a
publish "$UP" "$SAMPLE"
publish "/gw/acrelHW/null/data/$SN" "$SAMPLE"
ends wrong 4 "a dialect that is the wrong one: exit 4, what came could not be understood"
like "$ERR" "no upload of '$SN' could be used .*acrelhw: " "and why"
exits 2 "a dialect that does not exist" -- "$METERCTL" -c "$METER?dialect=json" read voltage.a
like "$ERR" "no dialect 'json'; there is json-v2, acrelhw, shadow, .*tasmota, .*tunnel" "the ones there are"

# ---- the other dialects, recognised by themselves
waits acrel -c "$METER" -f json read voltage.a energy.active.import.total network.upload_interval
publish "/gw/acrelHW/null/para/$SN" "{\"type\":\"para\",\"gwSN\":\"$SN\",\"meterSN\":\"$SN\",\"upInterval\":\"5\"}"
publish "/gw/acrelHW/null/data/$SN" "{\"type\":\"data\",\"time\":\"$(date +%Y%m%d%H%M%S)\",\"gwSN\":\"$SN\",\"meterSN\":\"$SN\",\"meterStatus\":\"normal\",\"ch\":0,\"ua\":220.4,\"pt\":1,\"ct\":40,\"wh\":8.98}"
ends acrel 0 "acrelhw"
holds "values and the interval of its parameters, in seconds" "$TMP/acrel.out" '
assert [r["value"] for r in rows] == [220.4, 8.98, 300], rows'
waits shadow -c "$METER" -f json read voltage.a current.residual
publish "data/up/pk/$SN" "{\"method\":\"report\",\"reported\":{\"source\":\"REALTIME\",\"meters\":[{\"addr\":\"1\",\"state\":\"ONLINE\",\"Ua\":221.5,\"Lg\":30,\"PT\":1,\"CT\":40}]},\"sn\":\"$SN\",\"timestamp\":$(date +%s)}"
ends shadow 0 "shadow"
holds "its values" "$TMP/shadow.out" 'assert [r["value"] for r in rows] == [221.5, 30], rows'

FILTER=data/down/ waits gone -c "$METER?dialect=shadow" -t 3000 get voltage.a
publish "data/up/pk/$SN" "{\"method\":\"report\",\"reported\":{\"meters\":[{\"addr\":\"1\",\"state\":\"OFFLINE\",\"Ua\":221.5}]},\"sn\":\"$SN\"}"
ends gone 3 "a meter its gateway cannot reach"
like "$ERR" "says that it is offline" "which is said"

# ---- MQTT 5 and the three qualities of service
for more in 'version=5' 'qos=0' 'qos=2' 'version=5&qos=2'; do
	waits mqtt -c "$METER?$more" get voltage.a
	publish "$UP" "$SAMPLE"
	ends mqtt 0 "read with $more"
	is "$OUT" 220.1 "its value"
done

done_testing
