#!/usr/bin/env bash
# read and get: what is selected, and how it is written.
. "$(dirname "$0")/../tap.sh"

SIM=sim:frozen,ct=40,pt=1,start=2026-07-15T14:03:27Z
json() {	# json EXPRESSION: about the document d in $TMP/out and its readings r by key
	"$PYTHON" -c 'import json, os, re, sys, datetime
d = json.load(open(os.environ["TMP"] + "/out"))
r = {x["key"]: x for x in d["readings"]}
sys.exit(0 if eval(sys.argv[1]) else str(eval(sys.argv[1])))' "$1"
}

exits 0 "read without words" -- "$METERCTL" -c "$SIM" -f json read
json 'd["schema"] == "meterctl.read/1"'; ok $? "schema"
json 'd["meter"]["profile"] == "adw300" and d["meter"]["target"].startswith("sim:") and "id" in d["meter"]'
ok $? "meter"
json 'datetime.datetime.fromisoformat(d["time"]).tzinfo is not None'; ok $? "time with its zone"
json 'all(datetime.datetime.fromisoformat(x["at"]).tzinfo is not None for x in d["readings"])'
ok $? "every reading has one"
json 'all(set(x) >= {"key", "value", "unit", "quality", "at"} for x in d["readings"])'; ok $? "fields"
json 'all(x["quality"] == "ok" for x in d["readings"])'; ok $? "all of them read"
json '{"voltage.a", "current.b", "power.active.total", "demand.active.import.present", "di.status",
	"signal.strength", "frequency", "ratio.ct"} <= set(r)'; ok $? "the live page"
json 'len(r) == len(d["readings"])'; ok $? "each once"
json '100 < r["voltage.a"]["value"] < 300 and r["voltage.a"]["unit"] == "V"'; ok $? "a plausible voltage"
json 'isinstance(r["di.status"]["value"], int) and isinstance(r["di.status"]["bits"], list)'; ok $? "a bit word"
json 'r["ratio.ct"]["value"] == 40'; ok $? "the ratio asked of the simulator"
json 'abs(r["current.a"]["primary"] - 40 * r["current.a"]["value"]) < 1e-6'; ok $? "primary beside the value"
json '"primary" not in r["frequency"] and "primary" not in r["pf.a"]'; ok $? "not where ratios do not matter"
json 'abs(r["power.active.total"]["value"] - sum(r["power.active." + p]["value"] for p in "abc")) < 0.003'
ok $? "a total is the sum"

exits 0 "an enumeration" -- "$METERCTL" -c "$SIM" -f json read comm.baud demand.cycle
json 'r["comm.baud"]["value"] in ("1200", "2400", "4800", "9600") and r["comm.baud"]["raw"] in (1, 2, 3, 4)'
ok $? "comes by name, its code beside it"

exits 0 "the whole main map" -- "$METERCTL" -c "$SIM" -f json read '*'
json 'len(r) == 420'; ok $? "has its 420 points"
json 'not any("@" in k or k.startswith(("history", "extreme")) for k in r)'; ok $? "and no others"
json 'all(x["quality"] == "ok" for x in d["readings"])'; ok $? "all answered"
json 're.fullmatch(r"\*+", r["security.code"]["value"])'; ok $? "the code of the key menu stays hidden"

exits 0 "a group" -- "$METERCTL" -c "$SIM" -f json read voltage
json 'list(r) == ["voltage.a", "voltage.b", "voltage.c", "voltage.ab", "voltage.bc", "voltage.ca"]'; ok $? "of six"
exits 0 "the beginning of keys" -- "$METERCTL" -c "$SIM" -f json read power.active
json '{"power.active.a", "power.active.total"} <= set(r)'; ok $? "takes those below it"
exits 0 "a glob" -- "$METERCTL" -c "$SIM" -f json read 'voltage.?' 'voltage.a'
json 'sorted(r) == ["voltage.a", "voltage.b", "voltage.c"]'; ok $? "and none twice"
exits 0 "bits of a word" -- "$METERCTL" -c "$SIM" -f json read di.1 di.2
json 'all(r[k]["value"] in (0, 1) for k in ("di.1", "di.2"))'; ok $? "answer by themselves"
exits 0 "the record of a month" -- "$METERCTL" -c "$SIM" -f json \
	read history.energy.active.import.total@1 extreme.max.voltage.a@3
json 'all(x["quality"] == "ok" for x in d["readings"])'; ok $? "is read by its number"
exits 0 "points of blocks far apart" -- "$METERCTL" -c "$SIM" -f json read voltage.a history.energy.active.import.total
json 'len(r) == 2 and all(x["quality"] == "ok" for x in d["readings"])'; ok $? "both"

# ---- the other formats
exits 0 "table" -- "$METERCTL" -c "$SIM" read voltage.a pf.a
like "$OUT" '^voltage\.a +[0-9]+\.[0-9] *V +Voltage phase A' "key, value, unit, name"
exits 0 "jsonl" -- "$METERCTL" -c "$SIM" -f jsonl read voltage current
"$PYTHON" -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert len(rows) >= 10 and all("key" in x and "value" in x for x in rows), rows' "$TMP/out"
ok $? "one reading a line"
exits 0 "csv" -- "$METERCTL" -c "$SIM" -f csv read '*'
"$PYTHON" -c 'import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert len(rows) == 420, len(rows)
assert all(None not in x and None not in x.values() for x in rows)
assert {x["key"]: x for x in rows}["voltage.a"]["unit"] == "V"
cells = [c for x in rows for c in x.values()]
bad = [c for c in cells if c[:1] in "=@+\t" and c or (c[:1] == "-" and c.strip("-0123456789.e"))]
assert not bad, bad' "$TMP/out"
ok $? "has a header, 420 rows, no cell a spreadsheet would run"
ok "$(grep -qv $'\r$' "$TMP/out" && echo 1 || echo 0)" "csv lines end as RFC 4180 says"

cat >"$TMP/odd.yaml" <<'EOF'
profile: odd
title: A unit nobody should use, and a ratio that cannot be read
groups:
  - group: voltage
    title: Voltages
    points:
      - {key: voltage.a, at: 0, name: Voltage, unit: "=1,2"}
      - {key: voltage.b, at: 1, name: Voltage, unit: V, ratio: pt}
EOF
exits 0 "a unit with a comma" -- "$METERCTL" -p "$TMP/odd.yaml" -c "$SIM" -f csv read voltage.a
like "$OUT" ",\"'=1,2\",ok," "stays in its cell, and no formula"
exits 1 "a primary value without PT and CT" -- "$METERCTL" --primary -p "$TMP/odd.yaml" -c "$SIM" read voltage.b
like "$OUT" '^voltage\.b +-- V .*PT and CT have not been read' "is said to be missing"
exits 0 "no matter without --primary" -- "$METERCTL" -p "$TMP/odd.yaml" -c "$SIM" read voltage.b
exits 3 "a table of a dead meter" -- "$METERCTL" -c sim:dead -t 50 -r 0 read voltage
is "$(grep -c '\[never\]$' "$TMP/out")" 6 "says of each that there is none"
one_line "$ERR" "and why once"
exits 0 "JSON with a target that is not UTF-8" -- "$METERCTL" -c "sim:frozen,state=$TMP/"$'\xff' -f json read voltage.a
json 'd["meter"]["target"].endswith("/?")'; ok $? "is JSON"

# ---- get
exits 0 "get" -- "$METERCTL" -c "$SIM" get voltage.a
like "$OUT" '^[0-9]+\.[0-9]$' "a bare value"
is "$(wc -l <"$TMP/out")" 1 "on one line"
value=$OUT
exits 0 "again" -- "$METERCTL" -c "$SIM" get voltage.a
is "$OUT" "$value" "time stands still in a frozen simulator"
exits 0 "get of a name" -- "$METERCTL" -c "$SIM" get comm.baud
like "$OUT" '^(1200|2400|4800|9600)$' "is the name"
exits 0 "get of a bit" -- "$METERCTL" -c "$SIM" get di.1
like "$OUT" '^[01]$' "is 0 or 1"
exits 0 "get of the clock" -- "$METERCTL" -c "$SIM" get clock
is "$OUT" "2026-07-15 14:03:27" "is the simulator's start"
exits 0 "get --primary" -- "$METERCTL" -c "$SIM" --primary get current.a
primary=$OUT
exits 0 "without" -- "$METERCTL" -c "$SIM" get current.a
awk -v p="$primary" -v s="$OUT" 'BEGIN { exit !(p > s && p - 40 * s < 0.01 && 40 * s - p < 0.01) }'
ok $? "primary is CT times the other: $primary, $OUT"
exits 0 "an integer reads as one" -- "$METERCTL" -c "$SIM" get signal.strength
like "$OUT" '^-?[0-9]+$' "without a point"

# ---- another meter
exits 0 "another profile" -- "$METERCTL" -p sdm630 -c sim:frozen -f json read
json 'd["meter"]["profile"] == "sdm630" and len(r) > 10'; ok $? "float32 input registers"
json 'all(x["quality"] == "ok" for x in d["readings"])'; ok $? "all answered"

done_testing
