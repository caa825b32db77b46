#!/usr/bin/env bash
# watch of a meter behind mosquitto: its rhythm, copies, stragglers, and a hostile set
# between the good uploads.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
METER="$URL/$SN?dialect=json-v2"
TP=$(($(date +%s) - 150)) # volts 200 and more are of now, or ahead, which takes nothing from them
export FILTER=platform/

# volts N: the N-th upload, a second after the one before, with that voltage
volts() {
	json_v2 $((TP + $1))000 1 "$1"
}
values() {	# values FILE: what was printed
	"$PYTHON" -c 'import json, sys
print(*[json.loads(line)["value"] for line in open(sys.argv[1])])' "$1"
}

# ---- as they come
waits count -c "$METER" -f jsonl watch -n 3 voltage.a
for i in 200 201 202 203; do publish "$UP" "$(volts $i)"; done
ends count 0 "watch -n 3"
is "$(values "$TMP/count.out")" "200.0 201.0 202.0" "prints three uploads"
for format in table csv; do
	waits $format -c "$METER" -f $format watch -n 2 voltage.a
	publish "$UP" "$(volts 210)"
	publish "$UP" "$(volts 211)"
	ends $format 0 "watch -f $format"
	is "$(grep -cE '(21[01]\.0 V|,21[01]\.0,V,)' "$TMP/$format.out")" 2 "two rows"
done
like "$(cat "$TMP/csv.out")" '^at,key,value' "csv has a header"
waits all -c "$METER" -f jsonl watch -n 1
publish "$UP" "$(json_v2 @NOW@ 1 230.1 13 4.5 41 5)"
ends all 0 "without keys: what the upload holds"
is "$(wc -l <"$TMP/all.out")" 3 "and nothing else"
waits paced -c "$METER" -f jsonl watch -i 60 -n 2 voltage.a
for i in 220 221 222; do publish "$UP" "$(volts $i)"; done
wait_for has "$TMP/paced.out" '220.0'; ok $? "watch -i 60: the first at once"
wait_for has "$TMP/paced.trace" '"val":222'
stop_pid "$PID" INT
is "$RC" 130 "SIGINT: exit 130"
is "$(values "$TMP/paced.out")" "220.0" "and none within the interval"

# ---- not of now, and not twice
publish "$UP" "$(volts 100)" -r
waits order -c "$METER" -v -f jsonl watch -n 3 voltage.a
publish "$UP" "$(volts 230)"
publish "$UP" "$(volts 231)"
publish "$UP" "$(volts 231)"
publish "$UP" "$(volts 229)"
publish "$UP" "$(volts 230)"
publish "$UP" "$(json_v2 $((TP + 250))000 1 999 | sed "s/$SN/20990000000002/")"
publish "$UP" "$(volts 232)"
ends order 0 "copies, stragglers, another meter and what the broker kept"
is "$(values "$TMP/order.out")" "100.0 230.0 231.0 232.0" "each upload is printed once, in order"
holds "what the broker kept is late" "$TMP/order.out" 'assert rows[0]["quality"] == "late" and rows[0]["at"] < rows[0]["received"], rows[0]'
like "$ERR" '3 uploads, 0 missed, 1 again, 2 out of order' "and counted"
publish "$UP" "" -r

# ---- last wills
waits will -c "$METER&will=wills/%7Bsn%7D" -v -f jsonl watch -n 1 voltage.a
like "$(cat "$TMP/will.trace")" "subscribed to wills/$SN$" "a last will is listened for"
publish "wills/$SN" offline
publish "$UP" "$(volts 240)"
ends will 0 "and is no upload"
for word in offline online; do
	publish "wills/$SN" $word -r
	run "$METERCTL" -c "$URL?will=wills/%7Bsn%7D" -f json scan --for 3
	like "$OUT" "\"$SN\".*\"offline\":$([ $word = offline ] && echo true || echo false)" "scan: $word"
done
publish "wills/$SN" '' -r

# ---- the hostile set: dropped, counted, and the good ones stand
"$PYTHON" - "$TMP/hostile" "$SN" <<-'END'
	import os, sys, time
	folder, sn = sys.argv[1:]
	os.mkdir(folder)
	head = '{"data":[{"tp":%d,"point":[{"id":0,"val":"%s"},' % (time.time() * 1000, sn)
	point = lambda v: (head + '{"id":1,"val":%s}]}]}' % v).encode()
	bad = [point(v) for v in ("NaN", "-Infinity", "1e999", "-1e999", '"230"', "null", "[1]", "{}", "true",
	                          "0x10", "+1", ".5", "1.", "01", "-", "1e", "655350", "-4000",
	                          "9" * 4000, "1" + "0" * 400)]
	bad += [b"", b"{", b"[]", b"null", b"\x00", b"\xff\xfe", b'{"data":[]}', b'{"data":{}}', b"{}" * 2,
	        point("1")[:-1], point("1")[:40], point("1") + b"x", point("1").replace(b"1}]", b"1\x00}]"),
	        point("1").replace(b'"val":1', b'"val":1,"val":2'), b'{"data":1,"data":2}',
	        b"[" * 100000, b'{"a":' * 50000, b'"' + b"x" * 70000 + b'"',
	        b'{"data":[{"point":[' + b",".join([b'{"id":1,"val":1}'] * 30000) + b"]}]}",
	        point("1").replace(b"2020199", b"20\x1b[31m"), ('{"x":"\u202e\u2066%s"}' % sn).encode(),
	        b"\xed\xa0\x80", ("{\"data\":[{\"point\":[{\"id\":0,\"val\":\"\u202e1\"},{\"id\":1,\"val\":3}]}]}").encode(),
	        b'{"data":[{"point":[{"id":0,"val":"a\\u0000b"},{"id":1,"val":3}]}]}',
	        b'{"data":[{"tp":-1,"point":"' + sn.encode() + b'"}]}', b"x" * (1 << 20)]
	for i, payload in enumerate(bad):
	    open("%s/%03d" % (folder, i), "wb").write(payload)
END
waits hostile -c "$METER" -f jsonl watch voltage.a
n=240
for file in "$TMP"/hostile/*; do
	n=$((n + 1))
	publish "$UP" "$(volts $n)"
	mosquitto_pub -h 127.0.0.1 -p "$BROKER_PORT" -q 1 -t "$UP" -f "$file"
done
publish "$UP" "$(volts $((n + 1)))"
wait_for has "$TMP/hostile.out" "\"value\":$((n + 1)).0"; ok $? "watch survives the hostile set"
stop_pid "$PID" INT
is "$RC" 130 "and ends as it should"
# without a number stands what is said to be wrong with it
holds "every good upload is printed, and no value that was not sent" "$TMP/hostile.out" '
good = [r["value"] for r in rows if r["quality"] == "ok"]
assert good == list(range(241, int(sys.argv[2]) + 1)), good
assert all(r["value"] is None and r["error"] for r in rows if r["quality"] != "ok"), rows' $((n + 1))
ERR=$(cat "$TMP/hostile.err")
like "$ERR" "'$SN': 4 dropped: item 1 is too large a number" "the rest is counted, by its reasons"
like "$ERR" "'$SN': 2 dropped: voltage outside 0 to 1000 V \(last: voltage.a -4000 V\)" "with the last value of each"
sum=0
while read -r count; do sum=$((sum + count)); done < <(sed -nE "s/^meterctl: '$SN': ([0-9]+) dropped: .*/\1/p" <<<"$ERR")
[ "$sum" -ge 30 ]; ok $? "all of it"
! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$TMP/hostile.err"; ok $? "without a control character"

# ---- the same for a watch over everything
waits fleet -c "$URL?dialect=json-v2" -f jsonl watch voltage.a
for file in "$TMP"/hostile/*; do
	mosquitto_pub -h 127.0.0.1 -p "$BROKER_PORT" -q 1 -t "$UP" -f "$file"
done
publish "$UP" "$(volts $((n + 2)))"
wait_for has "$TMP/fleet.out" "\"value\":$((n + 2)).0"; ok $? "a watch over all meters survives it, too"
stop_pid "$PID" INT
is "$RC" 130 "and ends as it should"
holds "no other value" "$TMP/fleet.out" '
assert [r["value"] for r in rows if r["quality"] == "ok"] == [int(sys.argv[2])], rows' $((n + 2))

# ---- what nobody can use is said while it is watched, and -t ends a round that brought nothing
BAD="{\"data\":[{\"point\":[{\"id\":0,\"val\":$SN},{\"id\":1,\"val\":5}]}]}"
for name in one all; do
	where=$METER
	[ $name = one ] || where="$URL?dialect=json-v2"
	waits $name -c "$where" -f jsonl watch
	publish "$UP" "$BAD"
	wait_for has "$TMP/$name.err" "dropped: the serial number is a number"; ok $? "watch of $name says at once what it drops"
	"$PYTHON" -c 'print("x" * 300000, end="")' >"$TMP/monster"
	mosquitto_pub -h 127.0.0.1 -p "$BROKER_PORT" -q 1 -t "$UP" -f "$TMP/monster"
	mosquitto_pub -h 127.0.0.1 -p "$BROKER_PORT" -q 1 -t "$UP" -f "$TMP/monster"
	n=$((n + 1))
	publish "$UP" "$(volts $((n + 2)))"
	wait_for has "$TMP/$name.out" "\"value\":$((n + 2)).0"; ok $? "and goes on"
	stop_pid "$PID" INT
	like "$(cat "$TMP/$name.err")" '2 messages dropped: more than 256 KiB' "messages over the limit are counted"

	waits "$name-t" -c "$where" -t 2000 watch -n 1
	publish "$UP" "$BAD"
	ends "$name-t" 4 "watch of $name, -t, -n 1: it ends, and only what is not understood came"
	like "$ERR" "could be used in 2 s: 1 x the serial number is a number" "and says so"
	waits "$name-s" -c "$where" -t 3000 watch -n 2
	ends "$name-s" 3 "and with nothing at all"
	is "$(grep -c 'meterctl: no ' "$TMP/$name-s.err")" 1 "said once"
	waits "$name-g" -c "$where" -f jsonl -t 60000 watch -n 1
	n=$((n + 1))
	publish "$UP" "$(volts $((n + 2)))"
	ends "$name-g" 0 "an upload in time is a round"
done

done_testing
