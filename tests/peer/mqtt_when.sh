#!/usr/bin/env bash
# When a value was measured, whose it is and in what unit: what an upload does not prove is
# not taken for granted. mosquitto_pub is the meter.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
METER="$URL/$SN?dialect=json-v2"
export FILTER=platform/

# at SECONDS VOLTS: an upload stamped so many seconds from now
at() {
	json_v2 $(($(date +%s) + $1))000 1 "$2"
}

# ---- a backlog, and then one of now
waits log -c "$METER" -f jsonl watch -n 1 voltage.a
waits fleet -c "$URL?dialect=json-v2" -f jsonl watch -n 1 voltage.a
waits get -c "$METER" get voltage.a
for hours in 3 2 1; do publish "$UP" "$(at $((-3600 * hours)) 20$hours)"; done
publish "$UP" "$(at 0 230)"
ends get 0 "get waits for a value of now"
is "$OUT" 230.0 "and shows that one"
for log in log fleet; do
	wait_for has "$TMP/$log.out" '"value":230'
	holds "$log: each with the time it was measured" "$TMP/$log.out" '
assert [r["value"] for r in rows] == [203, 202, 201, 230], rows
assert [r["quality"] for r in rows] == ["late"] * 3 + ["ok"], rows
assert [r["at"] for r in rows] == sorted(r["at"] for r in rows), rows
assert all(r["received"] > r["at"] for r in rows[:3]) and "received" not in rows[3], rows'
done
waits only -c "$METER" -t 2000 -f json read voltage.a
publish "$UP" "$(at -7200 111.1)"
ends only 3 "only late values: exit 3"
holds "the value, with its time" "$TMP/only.out" 'assert rows[0]["value"] == 111.1 and rows[0]["quality"] == "late", rows'
like "$ERR" "only late values of '$SN' in .* s, the last measured 20" "and says so"

# ---- queued for a session: three times, two seconds apart, of then
KEPT="$URL/$SN?dialect=json-v2&session=persistent&client=when"
waits session -c "$KEPT" -f jsonl watch voltage.a
stop_pid "$PID" INT
for i in 1 2 3; do publish "$UP" "$(at $((-3600 + 2 * i)) 23$i)"; done
waits again -c "$KEPT" -f jsonl watch voltage.a
wait_for has "$TMP/again.out" '"value":233'
stop_pid "$PID" INT
holds "what was queued for a session is late" "$TMP/again.out" '
assert [r["quality"] for r in rows] == ["late"] * 3 and len({r["at"] for r in rows}) == 3, rows'

# ---- an acknowledgement from before the request
FILTER=/server/ waits set -c "$URL/$SN?dialect=acrelhw" -t 4000 -f json set network.upload_interval=300 --yes --allow-provisional
publish "/gw/acrelHW/null/para/$SN" '{"type":"para","res":1}'
publish "/gw/acrelHW/null/heart/$SN" "{\"type\":\"heart\",\"gwSN\":\"$SN\"}"
ends set 6 "an acknowledgement from before the request is none: exit 6"
holds "unknown" "$TMP/set.out" 'assert docs[0]["steps"][0]["state"] == "unknown", docs'

# ---- whose: nothing names it
again() {
	publish ADW300/UP "$(nameless "$1")"
}
nameless() {
	printf '{"data":[{"tp":%s,"point":[{"id":1,"val":%s}]}]}' "$(date +%s%3N)" "$1"
}
# proof NAME OPTION...: two uploads without a serial number
proof() {
	local name=$1

	shift
	FILTER=ADW300 waits "$name" -c "$URL/4711?topic=ADW300/UP" -f json uplink --deadline 60 "$@"
	publish ADW300/UP "$(nameless 230.1)"
	wait_for has "$TMP/$name.trace" '230\.1'
	paced again 230.3
}
proof assumed
ends assumed 1 "no proof of a serial number nobody sent"
holds "it fails at identity" "$TMP/assumed.out" 'assert docs[0]["step"] == "identity" and docs[0]["verdict"] == "fail", docs'
proof taken --assume-identity
ends taken 0 "but with --assume-identity"
holds "which is said" "$TMP/taken.out" '
step = {s["step"]: s for s in docs[0]["steps"]}
assert step["identity"]["state"] == "implied" and "assumed" in step["identity"]["what"], step'
FILTER=ADW300 waits said -c "$URL/4711?topic=ADW300/UP" get voltage.a
publish ADW300/UP "$(nameless 230.4)"
ends said 0 "a reading is shown"
like "$ERR" "identity of '4711' assumed from the topic" "and says whose it may not be"
FILTER=ADW300 waits mixed -c "$URL/4711?topic=ADW300/UP" -t 2000 get voltage.a
publish ADW300/UP "$(json_v2 @NOW@ 1 1)"
publish ADW300/UP "$(nameless 230.5)"
ends mixed 4 "where another meter sends, too, a message without a number is nobody's"
like "$ERR" "topic of two meters, '4711' and '$SN'" "both are named"

# ---- what: W or kW
FILTER=/server/ waits unit -c "$URL/$SN?dialect=acrelhw" -f json read power.active.total
publish "/gw/acrelHW/null/data/$SN" "{\"type\":\"data\",\"gwSN\":\"$SN\",\"meterSN\":\"$SN\",\"meterStatus\":\"normal\",\"p\":2.0,\"wh\":12}"
ends unit 4 "a power whose unit nothing proves: exit 4"
holds "ambiguous, with both" "$TMP/unit.out" '
(r,) = rows
assert r["value"] is None and r["quality"] == "ambiguous" and "0.002 or 2 kW" in r["error"], r'

# ---- the answer is certain after two intervals
waits missed -c "$METER" -f json uplink --deadline 600 --interval 1
publish "$UP" "$(at 0 230)"
ends missed 1 "two uploads missed: no deadline is waited for"
holds "and said" "$TMP/missed.out" 'assert docs[0]["step"] == "second-data" and "2 missed" in docs[0]["steps"][7]["what"], docs'

# ---- clocks
ahead() {
	publish "$UP" "$(at 28800 230)"
}
waits ahead -c "$METER" -f json uplink --deadline 600
paced ahead
ends ahead 1 "a clock that is 8 h ahead"
holds "is the step that fails" "$TMP/ahead.out" 'assert docs[0]["step"] == "clock" and "8 h ahead" in docs[0]["steps"][6]["what"], docs'
waits tolerant -c "$METER" -f json uplink --deadline 600 --clock-tolerance 40000
paced ahead
ends tolerant 0 "--clock-tolerance"

done_testing
