#!/usr/bin/env bash
# check: the verdict on the wiring, each finding through the simulator.
. "$(dirname "$0")/../tap.sh"

SITE=seed=4,ct=40,pt=1
json() {	# json EXPRESSION: about the document d in $TMP/out and its findings f by code
	"$PYTHON" -c 'import datetime, json, os, sys
d = json.load(open(os.environ["TMP"] + "/out"))
f = {x["code"]: x for x in d["findings"]}
sys.exit(0 if eval(sys.argv[1]) else json.dumps(d))' "$1"
}

# check_is CODE SCENARIO VERDICT FINDING PHASES [OPTION ...]
check_is() {
	local code=$1 scenario=$2 verdict=$3 finding=$4 phases=$5

	shift 5
	exits "$code" "$scenario $*" -- "$METERCTL" -c "sim:$SITE${scenario:+,$scenario}" -f json check "$@"
	json "d['verdict'] == '$verdict' and f['$finding']['phases'] == list('$phases')"
	ok $? "$scenario $*: $verdict, $finding [$phases]"
}

exits 0 "a healthy site" -- "$METERCTL" -c "sim:$SITE" -f json check
json 'd["schema"] == "meterctl.check/1" and d["verdict"] == "pass" and d["findings"] == []'; ok $? "passes without a finding"
json 'd["meter"]["profile"] == "adw300" and datetime.datetime.fromisoformat(d["time"]).tzinfo is not None'
ok $? "which meter, and when"
json 'd["evidence"]["samples"] == d["evidence"]["agreeing"] == 5 and d["evidence"]["source"] == "angles"'
ok $? "on five readings that agree, by angles"
json 'd["evidence"]["rotation"] == "abc" and d["evidence"]["wirings"][0]["wiring"] == "as it should be"'
ok $? "and names what it believes"
is "$ERR" "" "nothing on stderr"
exits 0 "an empty scenario" -- "$METERCTL" -c sim: check
like "$OUT" '^PASS' "the table says so"

# ---- each finding
check_is 1 ct-reversed=b fail ct-reversed b
json '0.75 <= f["ct-reversed"]["confidence"] <= 1 and "two secondary leads" in f["ct-reversed"]["fix"]'
ok $? "with its confidence and its fix"
json 'len(d["findings"]) == 1'
ok $? "and no other finding"
json '[s["kind"] for s in d["order"]["steps"]] == ["decide", "short", "currents", "open", "check"]'
ok $? "the work in the order in which it is safe"
json 'abs(d["order"]["expected"]["b"]["after"]["power"] + d["order"]["expected"]["b"]["before"]["power"]) < 0.001'
ok $? "and what input b then reads"
json 'd["own"] is None and d["cure"] is None'; ok $? "this model has no word or cure of its own"
check_is 1 ct-reversed=ac fail ct-reversed ac --site consumer
check_is 1 ct-reversed=abc fail ct-reversed abc --site consumer
check_is 1 ct-swapped=ac fail ct-swapped ac
check_is 1 ct-swapped=ab,ct-reversed=c fail ct-swapped ab
json 'f["ct-reversed"]["phases"] == ["c"] and d["evidence"]["window"]["assumed"]'; ok $? "and the reversed one"
check_is 1 ct-rotated fail ct-rotated abc --site consumer
check_is 1 phase-order=acb fail ct-swapped bc
json '"phase-sequence-reversed" in f'; ok $? "the sequence is remarked on"
check_is 1 phase-order=bca fail ct-rotated abc
check_is 0 phase-order=acb,ct-swapped=bc pass phase-sequence-reversed abc
check_is 1 voltage-missing=c fail voltage-missing c
check_is 1 voltage-duplicated=ab fail voltage-duplicated ab
check_is 1 voltage-low=a fail voltage-unbalanced a
check_is 1 ct-missing=b fail ct-missing b
check_is 1 ct-shorted=c insufficient ct-shorted c
check_is 1 clock-off=8640000 fail clock-wrong ""
check_is 0 clock-off=100 pass clock-wrong ""
check_is 1 clock-off=3600 fail clock-wrong ""
like "$OUT" 'only one of the two clocks is on summer time' "an hour is said to be summer time"
check_is 1 clock-off=-1800 fail clock-wrong ""
like "$OUT" 'summer time of 30 minutes' "half an hour, too"

# ---- neither right nor wrong
check_is 1 no-load insufficient insufficient-load abc
check_is 1 exporting insufficient ambiguous abc
json 'd["evidence"]["export_possible"] and "--site consumer" in f["ambiguous"]["fix"]'; ok $? "and asks what the site is"
check_is 1 exporting insufficient ambiguous abc --site exporting
check_is 1 ct-reversed=abc insufficient ambiguous abc
check_is 1 ct-reversed=ac insufficient ambiguous abc
check_is 1 ct-rotated insufficient ambiguous abc
check_is 1 ct-reversed=b insufficient ambiguous abc --site exporting
check_is 1 "" insufficient ambiguous abc --site exporting
exits 0 "motors that idle" -- "$METERCTL" -c "sim:$SITE,lag=68" check
check_is 1 lag=52 insufficient ambiguous abc --pf-window 0.5,0.95
json '[w["wiring"] for w in d["evidence"]["wirings"]][0] == "as it should be" and 1 < len(d["evidence"]["wirings"]) <= 4'
ok $? "both wirings are named"
json 'all(w["current_of"] and "lag" in w and "reversed" in w and 0 <= w["probability"] <= 1 for w in d["evidence"]["wirings"])'
ok $? "each whole"
exits 0 "a window of power factors tells them apart" -- "$METERCTL" -c "sim:$SITE,lag=52" check --pf-window 0.5,1

# ---- the clamp: what the meter shows times 40 is on the conductor
# long ago, so that its clock is wrong at any time of the day
FROZEN=frozen,start=2026-01-15T10:00:00
amps=$("$METERCTL" -c "sim:$SITE,$FROZEN" get current.a)
clamps() {	# clamps FACTOR_A FACTOR_B FACTOR_C
	awk -v i="$amps" -v a="$1" -v b="$2" -v c="$3" 'BEGIN { printf "a=%.1f,b=%.1f,c=%.1f", i*a*40, i*b*40, i*c*40 }'
}
shares=$("$METERCTL" -c "sim:$SITE,$FROZEN" -f csv read current.a current.b current.c |
	awk -F, 'NR > 1 { printf "%s ", $3 }')
read -r ia ib ic <<<"$shares"
set -- 1 "$(awk "BEGIN { print $ib / $ia }")" "$(awk "BEGIN { print $ic / $ia }")"
exits 1 "the clamp agrees, the clock does not" -- "$METERCTL" -c "sim:$SITE,$FROZEN" -f json check --clamp "$(clamps "$@")"
json '"ratio-mismatch" not in f and abs(d["evidence"]["inputs"]["a"]["clamp_ct"] - 40) < 0.5'
ok $? "no complaint about the ratio"
run "$METERCTL" -c "sim:$SITE,$FROZEN" -f json check --clamp \
	"$(clamps 1.5 "$(awk "BEGIN { print 1.5 * $2 }")" "$(awk "BEGIN { print 1.5 * $3 }")")"
json 'd["verdict"] == "fail" and f["ratio-mismatch"]["phases"] == ["a", "b", "c"]'; ok $? "a wrong CT ratio"
run "$METERCTL" -c "sim:$SITE,$FROZEN" -f json check --clamp \
	"$(clamps 1 "$2" "$(awk "BEGIN { print 2.5 * $3 }")")"
json 'f["ct-shorted"]["phases"] == ["c"] and f["ct-shorted"]["confidence"] > 0.75'; ok $? "a shunted CT"
run "$METERCTL" -c "sim:$SITE,$FROZEN,ct-missing=b" -f json check --clamp "b=$(awk "BEGIN { print 40 * $ib }")"
json 'f["ct-missing"]["phases"] == ["b"] and f["ct-missing"]["confidence"] > 0.9'; ok $? "a CT that is missing for sure"
# the lightest hour of its day has 1.05 A
check_is 1 "" fail ratio-mismatch abc --nominal-current 0.8
check_is 1 "" fail ratio-mismatch "" --nominal-voltage 57.7
exits 0 "what was assumed, said" -- "$METERCTL" -c "sim:$SITE" check --nominal-voltage 230 --nominal-current 5 \
	--wires 4 --service wye --site consumer

# ---- what it has cost
exits 1 "the correction of one reversed of three" -- "$METERCTL" -c "sim:$SITE,ct-reversed=b" -f json check --correction --energy 1200
json '1.5 < d["correction"]["k"] < 5 and 0 < d["correction"]["uncertainty"] < 0.3 and d["correction"]["inputs"]["b"] == -1'
ok $? "K with its uncertainty, and of each input"
json 'abs(d["correction"]["energy"]["right"] - 1200 * d["correction"]["k"]) < 0.1 and d["correction"]["energy"]["registered"] == 1200'
ok $? "and the energy that is right"
json 'abs(d["correction"]["k"] - d["correction"]["right"] / d["correction"]["registered"]) < 0.02'
ok $? "as its formula says"
exits 1 "exchanged CTs register nothing" -- "$METERCTL" -c "sim:seed=3,ct=40,pt=1,frozen,start=2026-07-15T14:45:00,ct-swapped=ac" check --correction
like "$OUT" 'correction not defined: under 5 %' "no factor makes that whole"
exits 0 "a site that is right" -- "$METERCTL" -c "sim:$SITE" -f json check --correction
json 'd["correction"]["k"] is None and d["correction"]["why"]'; ok $? "has none"

# ---- energy registers: the reading of the first check, made a day older and 30 kWh less of each
check_is 1 ct-reversed=b,lag=2 insufficient ambiguous abc --site consumer
json 'd["evidence"]["registers"] is None and "an hour of energy registers" in f["ambiguous"]["fix"]'
ok $? "registers would tell"
"$PYTHON" - <<'END'
import json, os, sqlite3
d = sqlite3.connect(os.environ["XDG_STATE_HOME"] + "/meterctl/journal.db")
for row, what in d.execute("SELECT id, what FROM proof WHERE kind = 'energy' AND target LIKE '%lag=2%'").fetchall():
    less = {k: [v - 30 if v > 30 else v for v in counters] for k, counters in json.loads(what).items()}
    d.execute("UPDATE proof SET at_us = at_us - 86400000000, what = ? WHERE id = ?", (json.dumps(less), row))
d.commit()
END
check_is 1 ct-reversed=b,lag=2 fail ct-reversed b --site consumer --read-only
json '[d["evidence"]["registers"]["inputs"][x]["counted"] for x in "abc"] == ["import", "export", "import"]'
ok $? "by what each input counted in a day"
check_is 1 ct-reversed=b,lag=2 insufficient ambiguous abc
json '"--site consumer" in f["ambiguous"]["fix"] and "export alone from" in f["ambiguous"]["fix"]'
ok $? "the site unsaid, they fail nothing"

# ---- formats
exits 1 "csv" -- "$METERCTL" -c "sim:$SITE,ct-swapped=ab,ct-reversed=c" -f csv check
"$PYTHON" -c 'import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert [(r["verdict"], r["code"], r["phases"]) for r in rows] == [
	("fail", "ct-swapped", "ab"), ("fail", "ct-reversed", "c")], rows
assert all(r["explain"] and r["fix"] and None not in r for r in rows), rows' "$TMP/out"
ok $? "a row for each finding"
exits 0 "csv of a pass" -- "$METERCTL" -c "sim:$SITE" -f csv check
like "$OUT" '^pass,,,,,' "is one row"
exits 1 "jsonl" -- "$METERCTL" -c "sim:$SITE,ct-swapped=ab,ct-reversed=c" -f jsonl check
"$PYTHON" -c 'import json, sys
*rows, last = [json.loads(x) for x in open(sys.argv[1])]
assert sorted(r["code"] for r in rows) == ["ct-reversed", "ct-swapped"], rows
assert last["schema"] == "meterctl.check/1" and last["verdict"] == "fail" and "findings" not in last, last' "$TMP/out"
ok $? "a finding a line, and the verdict"
exits 1 "table" -- "$METERCTL" -c "sim:$SITE,ct-reversed=b" check
like "$OUT" '^FAIL' "the verdict first"
like "$OUT" '^ct-reversed b  \([0-9]+ % sure\)$' "then what, and how sure it is"
like "$OUT" ' 3\. Exchange the two CT leads at input B$' "and what to do"
like "$OUT" ' 2\. Short the CT secondaries of input B' "behind what makes it safe"
ok "$(awk 'length > 80 { bad = 1 } END { print bad + 0 }' "$TMP/out")" "no line is longer than 80"

# ---- another meter: powers alone tell, or the angle between voltage and current
exits 0 "a model without voltage angles" -- "$METERCTL" -p sdm630 -c "sim:$SITE" -f json check
json 'd["evidence"]["rotation"] == "unknown"'; ok $? "its sequence is not known"
check_is_sdm() {
	exits 1 "sdm630 $1" -- "$METERCTL" -p sdm630 -c "sim:$SITE,$1" -f json check --site consumer
	json "f['$2']['phases'] == list('$3') and d['verdict'] == 'fail'"; ok $? "$2"
}
check_is_sdm ct-reversed=b ct-reversed b
check_is_sdm ct-swapped=ac ct-swapped ac
check_is_sdm ct-rotated ct-rotated abc


# ---- a model that gives next to nothing
printf 'profile: half\ntitle: Half\ngroups:\n  - group: power\n    title: Powers\n    points:\n%s\n' \
	'      - {key: power.active.a, at: 356, type: i32, scale: 0.001, unit: kW, name: P}' >"$TMP/half.yaml"
exits 1 "a model without voltages and currents" -- "$METERCTL" -p "$TMP/half.yaml" -c "sim:$SITE" check
like "$ERR" 'has no voltages and currents of three phases' "... says so"
unlike "$OUT" 'nan|taken for  0 V' "nor is it nan or 0"

exits 1 "a meter of one phase" -- "$METERCTL" -p sdm120 -c "sim:$SITE" check
like "$ERR" 'measures a single phase: there is nothing to exchange' "... has no phases to exchange"
exits 1 "a meter of direct current" -- "$METERCTL" -p acrel-djsf1352 -c "sim:$SITE" check
like "$ERR" 'measures direct current' "... has none either"

# ---- what cannot be
cannot() {
	exits 2 "check $*" -- "$METERCTL" -c "sim:$SITE" check "$@"
	one_line "$ERR" "check $*: says why"
}
cannot now
cannot --site both
cannot --clamp x=4
cannot --clamp a=
cannot --pf-window 0.5
cannot --pf-window 2,1
cannot --wires 2
cannot --step --wires 3
cannot --energy 5
cannot --since yesterday
cannot --since 2026-02-31
cannot --since 9999-01-01
cannot --correction --energy 0
cannot --service none
cannot --wires 3 --service wye
cannot --service split --wires 3
cannot --nominal-voltage 0
cannot --nominal-current -5
exits 3 "a meter that does not answer" -- "$METERCTL" -c "sim:dead" -t 100 -r 0 check
one_line "$ERR" "says so"

# ---- load steps: here of one input, by a load that somebody switches
exits 0 "a step of one input" -- "$METERCTL" -c "sim:$SITE,lag=65,step=heater/a/2A/3s" -f json check --step --service single
json 'd["verdict"] == "pass" and [s["input"] for s in d["steps"]] == ["a"] and abs(d["steps"][0]["active"] - 0.46) < 0.05'
ok $? "what the power factor left open passes"
like "$ERR" 'ready: a load of [0-9]+ W or more' "how much it takes is said first"
like "$ERR" 'input A: the current of its own phase \(' "and what was seen"
exits 1 "and turned round" -- "$METERCTL" -c "sim:$SITE,ct-reversed=a,step=heater/a/2A/3s" check --step --service single
like "$OUT" '^load steps A  -0\.4[0-9]+ kW, .*: the current of its own phase, reversed$' "in the table, too"
# begun in a pause before its load is switched: 7 switchings of 3 s are one turn
at=$(date +%s)
start steps env TZ=UTC "$METERCTL" -c "sim:$SITE,start=$(date -u -d "@$((at - at % 21))" +%Y-%m-%dT%H:%M:%SZ),step=motor/a/2A/3s" \
	-f json check --step --service single
wait_for grep -q 'input A: repeat (no resistive load)' "$TMP/steps.err"
kill -INT "$PID"
wait "$PID"
is $? 0 "a motor is no heater; Ctrl-C ends with what the readings say"
start cut "$METERCTL" -c "sim:$SITE,turnaround=300" check --step --service single
wait_for grep -q 'load step: begin' "$TMP/cut.err"
kill -INT "$PID"
wait "$PID"
is $? 0 "Ctrl-C in the middle of a round is nothing that the meter refused" || diag "$(tail -n 3 "$TMP/cut.err")"
exits 2 "a step that is none" -- "$METERCTL" -c "sim:$SITE,step=heater/b" check
like "$ERR" "'step=heater/b' is not understood: it takes heater or motor" "says what it takes"

# ---- in time: five readings at 9600 baud, by what goes over the line
exits 0 "a paced line" -- "$METERCTL" -c "sim:$SITE,pace=9600" --trace "$TMP/trace" check
read -r frames took < <("$PYTHON" -c 'import re, sys
frames = [re.findall("[0-9A-F]{2} ", m[1] + " ") for m in
          (re.match(r"[0-9:.]+ [<>] (.*)", line) for line in open(sys.argv[1])) if m]
# a character has 10 bits; 3.5 of them are between frames, 5 ms before an answer
ms = sum((len(f) + 3.5) * 10e3 / 9600 for f in frames) + 5 * len(frames) / 2
print(len(frames), round(ms))' "$TMP/trace")
[ "$frames" -ge 10 ] && [ "$took" -lt 2500 ]
ok $? "less than 2.5 s of the line" || diag "$frames frames, $took ms"

done_testing
