#!/usr/bin/env bash
# What of an upload is used: items of the meter whose numbers they are, and values that such
# a meter can have. Everything else is counted, every reason told. mosquitto_pub is the meter.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
METER="$URL/$SN?dialect=json-v2"
GATEWAY=platform/acrel/gateway/json-v2/analog/0000
export FILTER=platform/

# ---- values that no meter of the kind has
IMPOSSIBLE=$(json_v2 @NOW@ 1 230 2 230 3 230 7 5 8 5 9 5 10 1150 11 1.1 13 3450 26 500 22 -3)
waits read -c "$METER" -f json read voltage.a power.active.a power.active.b power.active.total frequency pf.a
publish "$UP" "$IMPOSSIBLE"
ends read 4 "values that no meter has: exit 4"
holds "they are not shown, each says why" "$TMP/read.out" '
good = {k: r["value"] for k, r in last.items() if r["quality"] == "ok"}
assert good == {"voltage.a": 230, "power.active.b": 1.1}, last
assert all(r["value"] is None and r["quality"] == "failed" for k, r in last.items() if k not in good), last
assert "500 Hz: frequency outside 42.5 to 69 Hz" in last["frequency"]["error"], last
assert "1150 kW: power above twice U x I" in last["power.active.a"]["error"], last'
holds "every reason with its count" "$TMP/read.out" '
drops = {d["reason"]: (d["count"], d["last"]) for d in docs[0]["dropped"]}
assert drops == {
    "pf.a outside -1 to 1": (1, "pf.a -3"), "frequency outside 42.5 to 69 Hz": (1, "frequency 500 Hz"),
    "power above twice U x I of the same upload": (2, "power.active.total 3450 kW, at most 6.93")}, drops'
for reason in "1 dropped: pf.a outside -1 to 1" "1 dropped: frequency outside 42.5 to 69 Hz" "2 dropped: power above twice"; do
	like "$ERR" "'$SN': $reason" "a line: $reason"
done

waits watch -c "$URL?dialect=json-v2" -f jsonl watch -n 2
publish "$UP" "$IMPOSSIBLE"
publish "$UP" "$(json_v2 @NOW@ 26 50)"
ends watch 0 "a watch of the broker"
holds "shows them as failed" "$TMP/watch.out" '
assert {r["key"] for r in rows if r["quality"] == "failed"} == {"power.active.a", "power.active.total", "frequency", "pf.a"}, rows'
like "$ERR" "dropped: frequency outside 42.5 to 69 Hz \(last: $SN: frequency 500 Hz\)" "with the reason and the meter"

# ---- another device: its numbers are not known
waits other -c "$METER" -t 2000 -f json read voltage.a
publish "$GATEWAY" "$(json_v2 @NOW@ 1 230 7 5)"
ends other 4 "items of another device type: exit 4"
holds "none is used" "$TMP/other.out" '
assert rows[0]["value"] is None, rows
assert docs[0]["dropped"] == [{"count": 2, "last": "device type '"'gateway'"'",
    "reason": "json-v2: item numbers known for the adw300 only (if it is one: product=TYPE)"}], docs'
waits named -c "$METER&product=gateway" get voltage.a
publish "$GATEWAY" "$(json_v2 @NOW@ 1 230.4 7 5)"
ends named 0 "unless a person has named it"
is "$OUT" 230.4 "then it is read"
FILTER=site waits called -c "$URL/$SN?topic=site/$SN" -t 3000 get voltage.a
publish "site/$SN" "{\"type\":\"heart\",\"gwSN\":\"$SN\",\"meterName\":\"adl400\"}"
publish "site/$SN" "$(json_v2 @NOW@ 1 230)"
ends called 4 "a meter that calls itself another model"
like "$ERR" "item numbers known for the adw300 only .*model 'adl400'" "is not read as an ADW300"

waits scan -c "$URL?dialect=json-v2" -f json scan --for 3
publish "$GATEWAY" "$(json_v2 @NOW@ 1 230)"
publish "$UP" "$(json_v2 @NOW@ 26 500)"
publish "$UP" "$(json_v2 @NOW@ 26 600)"
publish "$UP" "no JSON"
ends scan 0 "scan"
holds "lists every reason, of the meter and of what is no meter's" "$TMP/scan.out" '
(meter,) = docs[0]["found"]
assert sorted(d["count"] for d in meter["dropped"]) == [1, 2] and meter["u"] is None, meter
(junk,) = docs[0]["dropped"]
assert junk["count"] == 1 and "not JSON" in junk["reason"] and junk["last"].startswith("platform/"), junk'
like "$ERR" "2 dropped: frequency outside 42.5 to 69 Hz" "and says them"
like "$ERR" "dropped: json-v2: item numbers known for the adw300 only" "each"

# ---- proofs
waits unusable -c "$METER" -f json uplink --deadline 3
publish "$UP" "$(json_v2 @NOW@ 26 500)"
ends unusable 1 "an upload of which nothing can be used proves nothing"
holds "at first-data, with the reason" "$TMP/unusable.out" '
assert docs[0]["step"] == "first-data" and docs[0]["uploads"] == 0, docs
assert docs[0]["dropped"][0]["reason"] == "frequency outside 42.5 to 69 Hz", docs'
waits timeless -c "$METER" -f json uplink --deadline 60
paced publish "$UP" "$(json_v2 null 1 230 | sed 's/"tp":null,//')"
ends timeless 0 "uploads without a time"
holds "leave the clock undecided" "$TMP/timeless.out" '
step = {s["step"]: s for s in docs[0]["steps"]}
assert step["clock"]["state"] == "undecided" and "no time" in step["clock"]["what"], step'
like "$ERR" "clock: undecided, no time in the uploads" "which is said"
waits stuck -c "$METER" -f json uplink --deadline 600 --interval 1
paced publish "$UP" "$(json_v2 "$(date +%s%3N)" 1 230)"
ends stuck 1 "one time stamp and one value again and again"
holds "is no missing upload" "$TMP/stuck.out" '
assert docs[0]["step"] == "second-data" and "time stamp stuck, or sent again" in docs[0]["steps"][7]["what"], docs'

done_testing
