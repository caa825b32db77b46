#!/usr/bin/env bash
# history: what the meter remembers of past months, in every format, against what
# `read` says of the same points.
. "$(dirname "$0")/../tap.sh"

SIM=sim:frozen,seed=1,ct=40,start=2026-01-15T14:03:27Z

# same DOC: every value of that history is what `read` reads.
cat >"$TMP/same.py" <<'END_PY'
import json, os, subprocess, sys

meter, program = sys.argv[1], os.environ["METERCTL"]
doc = json.load(open(sys.argv[2]))

def keys():
    for month in doc["months"]:
        yield "history.time" + ("@%d" % (month["ago"] - 1) if month["ago"] > 1 else ""), month["time"], None
        for e in month["energies"]:
            yield e["key"], e["value"], e.get("primary")
    for x in doc["extremes"]:
        for side in (x["max"], x["min"]):
            yield side["key"], side["value"], side.get("primary")
            base, _, instance = side["key"].partition("@")
            yield base + ".time" + ("@" + instance if instance else ""), side["time"], None

told = list(keys())
out = subprocess.run([program, "-c", meter, "-f", "json", "read"] + [k for k, _, _ in told],
                     stdout=subprocess.PIPE, check=True).stdout
read = {r["key"]: r for r in json.loads(out)["readings"]}
bad = [(k, v, read[k]["value"]) for k, v, _ in told if read[k]["value"] != v]
bad += [(k, p, read[k].get("primary")) for k, _, p in told
        if (p is None) != ("primary" not in read[k]) or p is not None and abs(p - read[k]["primary"]) > 0.006]
print(len(told), "compared,", len(bad), "differ", bad[:3])
sys.exit(bool(bad) or len(told) < int(sys.argv[3]))
END_PY

json() {	# json EXPRESSION: about the document d in $TMP/out; m its months, x its extremes
	"$PYTHON" -c 'import json, os, sys
d = json.load(open(os.environ["TMP"] + "/out"))
m, x = d["months"], d["extremes"]
e = [{v["key"].split("@")[0][8:]: v for v in month["energies"]} for month in m]
sys.exit(0 if eval(sys.argv[1]) else str(eval(sys.argv[1])))' "$1"
}

# ---- JSON
exits 0 "history as JSON" -- "$METERCTL" -c "$SIM" -f json history
cp "$TMP/out" "$TMP/all.json"
json 'd["schema"] == "meterctl.history/1" and d["meter"]["profile"] == "adw300"'; ok $? "schema and meter"
json '[month["ago"] for month in m] == list(range(1, 13))'; ok $? "twelve months, newest first"
json 'm[0]["time"] == "2026-01-01 00:00:00" and m[11]["time"] == "2025-02-01 00:00:00"'
ok $? "with the times of their records"
json 'all(len(month["energies"]) == 40 and month["state"] == "kept" for month in m)'; ok $? "forty energies each"
json 'all(abs(e[i][k]["value"] - e[i + 1][k]["value"] - e[i][k]["difference_to_the_record_before"]) < 0.005
	for i in range(11) for k in e[i])'
ok $? "the difference is to the record before"
json 'all(v["difference_to_the_record_before"] is None for v in m[11]["energies"])'; ok $? "the oldest has none"
json 'all(abs(sum(e[i]["energy.tou.active.import." + t]["value"] for t in ("sharp", "peak", "flat", "valley"))
	- e[i]["energy.active.import.total"]["value"]) < 0.03 for i in range(12))'
ok $? "tariffs add up"
json 'len(x) == 4 * 22 and sorted({v["ago"] for v in x}) == [0, 1, 2, 3]'; ok $? "extremes of four months"
json 'all(v["max"]["value"] >= v["min"]["value"] for v in x)'; ok $? "highest above lowest"
json 'all(v["max"]["time"][:2] == "%02d" % ((0 - v["ago"]) % 12 + 1) for v in x)'; ok $? "each in its month"
json 'any("not known" in n for n in d["notes"]) and any("year" in n for n in d["notes"])'
ok $? "what is open is said"
"$PYTHON" "$TMP/same.py" "$SIM" "$TMP/all.json" 668 >"$TMP/compared"
ok $? "668 values are those that read reads" || diag "$(cat "$TMP/compared")"

exits 0 "two months" -- "$METERCTL" -c "$SIM" -f json history --months 2
json '[month["ago"] for month in m] == [1, 2] and {v["ago"] for v in x} == {0, 1, 2}'; ok $? "are two"
"$PYTHON" -c 'import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:])
sys.exit(a["months"][:2] != b["months"])' "$TMP/all.json" "$TMP/out"
ok $? "the same as of twelve, with their differences"

# ---- the other formats
exits 0 "history as jsonl" -- "$METERCTL" -c "$SIM" -f jsonl history
"$PYTHON" -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert [r["ago"] for r in rows] == list(range(13)), rows
assert [len(r["extremes"]) for r in rows] == [22] * 4 + [0] * 9
assert [len(r["energies"]) for r in rows] == [0] + [40] * 12
doc = json.load(open(sys.argv[2]))
for r, month in zip(rows[1:], doc["months"]):
    assert {k: r[k] for k in month} == month, r' "$TMP/out" "$TMP/all.json"
ok $? "is one month a line, that under way first"

exits 0 "history as csv" -- "$METERCTL" -c "$SIM" -f csv history
"$PYTHON" -c 'import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert len(rows) == 12 * 40 + 2 * 4 * 22, len(rows)
assert all(None not in r and None not in r.values() for r in rows)
doc = json.load(open(sys.argv[2]))
want = {v["key"]: v for month in doc["months"] for v in month["energies"]}
want.update((v[s]["key"], v[s]) for v in doc["extremes"] for s in ("max", "min"))
for r in rows:
    v = want[r["key"]]
    assert float(r["value"]) == v["value"], (r, v)
    d = v.get("difference_to_the_record_before")
    assert r["difference_to_the_record_before"] == ("" if d is None else "%.2f" % d), (r, v)
    assert r["state"] == "kept" and r["error"] == ""
assert {r["kind"] for r in rows} == {"energy", "max", "min"}' "$TMP/out" "$TMP/all.json"
ok $? "has the same numbers"
ok "$(grep -qv $'\r$' "$TMP/out" && echo 1 || echo 0)" "csv lines end as RFC 4180 says"

exits 0 "history as a table" -- "$METERCTL" -c "$SIM" history
like "$OUT" '^Active energy import, kWh, as kept$' "says what is kept"
like "$OUT" '^Active energy import, kWh, difference to the record before$' "and what is computed"
like "$OUT" '^   1 2026-01-01 00:00:00 15306\.01 ' "a month is a row"
like "$OUT" '^   1 2026-01-01 00:00:00 \+1045\.19 .*█' "with its difference and a bar"
like "$OUT" '^Active energy export, kWh: 0 in every record$' "what is nothing takes a line"
like "$OUT" '^Extremes 3 months ago ' "extremes by month"
like "$OUT" '^voltage\.a +V +232\.4  01-07 03:40 +228\.3  01-05 10:17$' "with their times"
like "$OUT" 'is not known$' "what is open is said"
is "$(awk '{ gsub(/█/, "#"); if (length($0) > 80) print }' "$TMP/out")" '' "within 80 columns"
exits 0 "the table in ASCII" -- "$METERCTL" -c "$SIM" --ascii history
is "$(LC_ALL=C grep -c '[^ -~]' "$TMP/out")" 0 "is ASCII"
like "$OUT" '\+1045\.19 .*#' "with bars"
exits 0 "primary values" -- "$METERCTL" -c "$SIM" --primary history --months 1
like "$OUT" '^Active energy import, kWh, primary, as kept$' "are called so"
like "$OUT" '^   1 2026-01-01 00:00:00 +612240\.40 ' "and are 40 times the meter's own"

# ---- what cannot be told
for months in 0 13 -1 two '' 1.5; do
	exits 2 "--months '$months'" -- "$METERCTL" -c "$SIM" history --months "$months"
	one_line "$ERR" "is said in a line"
done
exits 2 "a word too many" -- "$METERCTL" -c "$SIM" history energy
exits 1 "a meter model without" -- "$METERCTL" -p sdm630 -c sim:frozen history
like "$ERR" "no history: profile 'sdm630'" "says so"
one_line "$ERR" "in a line"
is "$OUT" '' "and nothing else"
exits 1 "it asks no meter for that" -- "$METERCTL" -p sdm630 -c rtu:/dev/nowhere history
exits 3 "a dead meter, primary" -- "$METERCTL" -c sim:dead -t 50 -r 0 --primary history
unlike "$OUT" ' $' "no blanks at the ends of lines"
exits 3 "a dead meter" -- "$METERCTL" -c sim:dead -t 50 -r 0 -f json history
json 'all(month["state"] == "unread" and month["time"] is None for month in m)'; ok $? "has told nothing"
json 'all(v["value"] is None and v["error"] for month in m for v in month["energies"])'; ok $? "and zeros are not made up"

done_testing
