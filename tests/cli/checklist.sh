#!/usr/bin/env bash
# The checklist: what of a commissioning is done, computed from readings, the journal and
# proofs; what commands leave behind for it; the list as data; its exit status.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$TMP" || give_up "no $TMP"
LIST=$XDG_CONFIG_HOME/meterctl/checklist.yaml

# item ID STATE WHY: how the checklist printed last (-f json) has it, WHY a regular expression.
item() {
	local got

	got=$("$PYTHON" -c 'import json, sys
c = json.load(open(sys.argv[1]))
print(*[i["state"] + ": " + i["why"] for i in c["items"] if i["id"] == sys.argv[2]])' "$TMP/out" "$1")
	like "$got" "^$2: .*$3" "$1 is $2: $3"
}
# lists CODE NAME ARGS...: checklist -f json of the meter on the line.
lists() {
	local code=$1 name=$2

	shift 2
	exits "$code" "$name" -- "$METERCTL" -c "$TARGET" -f json checklist "$@"
}

# ---- a simulated meter in the program, which nobody has touched
exits 1 "a meter out of its box" -- "$METERCTL" -c sim: -f json checklist
is "$ERR" "" "nothing on stderr"
"$PYTHON" -c 'import json, sys
c = json.load(open(sys.argv[1]))
assert c["schema"] == "meterctl.checklist/1" and c["meter"] == {"profile": "adw300", "target": "sim:", "id": None}, c
ids = [i["id"] for i in c["items"]]
assert ids == ["found", "clock", "ratios", "wiring", "clamp", "settings", "network", "uplink", "report"], ids
assert all(i.keys() == {"id", "title", "state", "why", "go"} and i["why"] for i in c["items"]), c
states = [i["state"] for i in c["items"]]
assert c["done"] == states.count("done") == 3 and c["of"] == 9 - states.count("not-applicable") == 8, c' "$TMP/out"
ok $? "every item, why, and how many are done"
item found 'done' 'adw300 at unit 1'
item clock 'done' 'this computer'
item ratios open 'CT 40, its nameplate not entered; PT 1'
item wiring 'done' 'pass: '
item clamp open 'no clamp meter value entered'
item settings not-applicable 'no settings file'
item network open 'no write of network\.apn'
item uplink open 'no proof'
item report open 'after the others'
[ ! -e "$XDG_STATE_HOME/meterctl/journal.db" ]
ok $? "to look is no reason for a journal"
exits 1 "for a person" -- "$METERCTL" -c sim: checklist
like "$OUT" '^ratios +open +CT 40, its nameplate not entered; PT 1  \[checklist --nameplate-ct RATIO\]$' "a line each, with what to do"
like "$OUT" '^3 of 8 done$' "and the count"
exits 1 "as CSV" -- "$METERCTL" -c sim: -f csv checklist
like "$OUT" '^id,title,state,why,go.?$' "columns"
like "$OUT" '^clamp,clamp comparison,open,no clamp meter value entered,"check --clamp a=A,b=B,c=C".?$' "rows"
exits 1 "as lines" -- "$METERCTL" -c sim: -f jsonl checklist
is "$(wc -l <"$TMP/out")" 10 "an object an item, and the verdict"
like "$(tail -n 1 "$TMP/out")" '^\{"schema":"meterctl.checklist/1",.*"done":3,"of":8\}$' "with its schema"
exits 1 "a wrong wiring and clock" -- "$METERCTL" -c sim:ct-reversed=b,clock-off=-90 -f json checklist
item wiring failed 'ct-reversed on B \([0-9]+ %\)'
item clock failed '(89|9[0-9]|1[0-9][0-9]) s behind this computer, tolerance 60 s'

# ---- another model: what it has none of says why
exits 1 "another model" -- "$METERCTL" -p sdm630 -c sim: -f json checklist
item found 'done' 'identified by meter\.serial='
item clock not-applicable "profile 'sdm630' has no clock"
item ratios not-applicable "profile 'sdm630' has no transformer ratios"
item clamp not-applicable 'no CT ratio'
item network not-applicable "profile 'sdm630' has no network settings"
item uplink not-applicable 'no uplink known'
item report open 'not made yet'
exits 0 "its report" -- "$METERCTL" -p sdm630 -c sim: report -o sdm630.html
exits 0 "and all that applies is done" -- "$METERCTL" -p sdm630 -c sim: -f json checklist
item report 'done' "'sdm630\.html', seal [0-9a-f]{12}\.\.\."
like "$OUT" '"done":3,"of":3' "of what applies"

# ---- a real line
start sim "$METERCTL" simulate frozen,ct=40 --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "no simulator"
SIM=$PID
TARGET=rtu:$TMP/port
cat >"$LIST" <<'END'
items:
  - found
  - clock: {tolerance: 86400}
  - ratios
  - wiring
  - clamp
  - settings: {file: site.yaml}
  - network
  - report
END
exits 2 "a settings file that is not there" -- "$METERCTL" -c "$TARGET" checklist
one_line "$ERR" "one line"
like "$ERR" "cannot read '$XDG_CONFIG_HOME/meterctl/site\.yaml'" "it is looked for beside the list"
exits 0 "the settings of the site" -- "$METERCTL" -c "$TARGET" backup -o "$XDG_CONFIG_HOME/meterctl/site.yaml"
lists 1 "at first"
item network not-applicable 'not published'
item settings 'done' '([0-9]+) of \1 as in site\.yaml'
item ratios open 'nameplate not entered'
lists 1 "a nameplate that does not fit" --nameplate-ct 300/5
item ratios failed 'CT 40 in the meter, nameplate 300/5'
lists 1 "one that does" --nameplate-ct 200/5
item ratios 'done' 'CT 200/5 = 40; PT 1'
lists 1 "it is remembered"
item ratios 'done' 'CT 200/5 = 40; PT 1'
lists 1 "the other one is added" --nameplate-pt 100V/100V
item ratios 'done' 'CT 200/5 = 40; PT 100V/100V = 1'
exits 2 "what is no ratio" -- "$METERCTL" -c "$TARGET" checklist --nameplate-ct 200V/5A
lists 1 "is not remembered"
item ratios 'done' 'CT 200/5 = 40'
echo 'items: [ratios]' >ratios.yaml
exits 1 "a simulated meter has none of that" -- "$METERCTL" -c sim: -f json checklist --list ratios.yaml
item ratios open 'nameplate not entered'

# ---- the clamp: a comparison, and a ratio written after it
amps=$("$METERCTL" -c "$TARGET" get current.a) || give_up "no current"
exits 0 "check with a clamp meter" -- "$METERCTL" -c "$TARGET" --read-only check --clamp "a=$(awk "BEGIN { print 40 * $amps }")"
is "$ERR" "" "nothing on stderr"
lists 1 "the comparison counts, though nothing might be written"
item clamp 'done' 'the ratio fits'
exits 0 "the ratio is written" -- "$METERCTL" -c "$TARGET" set ratio.ct=60 --yes
lists 1 "it is open again"
item clamp open 'ratio\.ct was written after the clamp comparison'
item ratios failed 'CT 60 in the meter, nameplate 200/5'
item settings failed 'as in site\.yaml; ratio\.ct is 60, not 40'
exits 0 "and put back" -- "$METERCTL" -c "$TARGET" set ratio.ct=40 --yes
lists 1 "a comparison that does not fit" --clamp "a=$(awk "BEGIN { print 80 * $amps }")"
item clamp failed 'CT 40 does not fit'
lists 1 "and is remembered"
item clamp failed 'CT 40 does not fit'

# ---- the report is made after the others
exits 0 "a report that is too early" -- "$METERCTL" -c "$TARGET" report -o early.html
for said in '<h2>Checklist</h2>' '<td>clamp comparison</td><td>failed</td>' '<td>report</td><td>open</td><td class="t">after the others</td>'; do
	grep -qF -- "$said" early.html
	ok $? "it says: $said"
done
echo 'items: [found, ratios, wiring, clamp]' >short.yaml
lists 0 "a comparison that fits" --clamp "a=$(awk "BEGIN { print 40 * $amps }")" --list short.yaml
lists 1 "all others are done"
item report open "'early\.html' was made when 1 of the others were open"
exits 0 "a report" -- "$METERCTL" -c "$TARGET" report -o cabinet3.html
grep -qF '<td>report</td><td>done</td><td class="t">this report</td>' cabinet3.html
ok $? "it is done by being made"
exits 0 "and is unchanged" -- "$METERCTL" report --verify cabinet3.html
lists 0 "everything is done"
item report 'done' "'cabinet3\.html', seal $(sed -n 's/.*id="seal">\(.\{12\}\).*/\1/p' cabinet3.html)"
exits 0 "the data have it, too" -- "$METERCTL" -c "$TARGET" -f json report
"$PYTHON" -c 'import json, sys
c = json.load(open(sys.argv[1]))["checklist"]
assert c["done"] == c["of"] == 7 and [i["id"] for i in c["items"]][-1] == "report", c' "$TMP/out"
ok $? "of the same list"
exits 0 "something is written" -- "$METERCTL" -c "$TARGET" set demand.cycle=30min --yes
echo 'items: [report, ratios]' >two.yaml
lists 1 "the report is of before" --list two.yaml
item report open 'demand\.cycle was written after the report'
lists 1 "nor are the settings those of the site"
item report open 'after the others'
item settings failed 'demand\.cycle is 30min, not 15min'
exits 0 "another settings file" -- "$METERCTL" -c "$TARGET" backup -o other.yaml
lists 1 "is named" --settings other.yaml
item settings 'done' 'as in other\.yaml'

# ---- the meter has another address now: what was proven of it goes along
exits 0 "its address is changed" -- "$METERCTL" -c "$TARGET" set comm.address=7 --yes
TARGET="$TARGET?unit=7"
lists 1 "it is the same meter"
item ratios 'done' 'CT 200/5 = 40; PT 100V/100V = 1'
item found 'done' 'at unit 7'

# ---- another meter in its place: its counters are behind
stop_pid "$SIM"
wait_for test ! -e "$TMP/port"
start other "$METERCTL" simulate frozen,ct=40,unit=7,exporting --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "no simulator"
lists 1 "another meter"
item ratios open 'CT 40, its nameplate not entered'
item clamp open 'no clamp meter value entered'

# ---- what was said of the site
exits 0 "a check with a word on the loads" -- "$METERCTL" -c sim: check --pf-window 0.6,0.95
"$PYTHON" -c 'import sqlite3, sys
rows = list(sqlite3.connect(sys.argv[1]).execute("SELECT kind, outcome, what FROM proof WHERE kind = ? ORDER BY id DESC LIMIT 1", ("wiring",)))
assert rows[0][:2] == ("wiring", "pass") and "\"window_said\":true" in rows[0][2], rows' "$XDG_STATE_HOME/meterctl/journal.db"
ok $? "what was said stands in the proof"

# ---- mistakes: nothing is sent
while IFS='|' read -r text said; do
	printf '%b' "$text" >bad.yaml
	rm -f bad.trace
	exits 2 "a list with a mistake: $text" -- "$METERCTL" -c "$TARGET" --trace bad.trace checklist --list bad.yaml
	like "$ERR" "bad\\.yaml:$said" "says where: $said"
	one_line "$ERR" "one line"
	[ ! -s bad.trace ]
	ok $? "nothing was sent"
done <<'END'
items:\n  - clok\n|2:5: unknown item 'clok' \(nearest: clock\)
items:\n  - clock: {tolerance: x}\n|2:24: 'x' is no whole number
items: [\n|[0-9]+:[0-9]+: 
END
exits 2 "a list that is not there" -- "$METERCTL" -c "$TARGET" checklist --list none.yaml
exits 2 "settings of another model" -- "$METERCTL" -p sdm630 -c sim: checklist --settings other.yaml
printf 'settings:\n  demand.cycle: 7min\n' >wrong.yaml
exits 7 "a setting that is out of range" -- "$METERCTL" -c "$TARGET" checklist --settings wrong.yaml
like "$ERR" 'wrong\.yaml:2:3: ' "says where"
printf 'items: [clokc]\n' >"$LIST"
exits 2 "a report with a wrong list" -- "$METERCTL" -c "$TARGET" report -o wrong.html
like "$ERR" 'checklist\.yaml:1:9: unknown item' "says so"
[ ! -e wrong.html ]
ok $? "and is not made"
rm "$LIST"
exits 2 "a word too many" -- "$METERCTL" -c "$TARGET" checklist now
exits 3 "a meter that is silent" -- "$METERCTL" -t 50 -r 0 -c sim:dead checklist
one_line "$ERR" "one line"

# ---- a proof that cannot be kept is said, and no more
echo 'not a database, and long enough to be looked at as one' >notes.txt
exits 0 "a journal that is none" -- "$METERCTL" -c sim: --journal notes.txt check
like "$ERR" "^meterctl: proof 'wiring' not recorded: 'notes\.txt' is not a journal" "says so"
like "$OUT" '^PASS' "the verdict is the same"
exits 1 "nor the list" -- "$METERCTL" -c sim: --journal notes.txt -f json checklist --nameplate-ct 200/5
item ratios 'done' 'CT 200/5 = 40'
like "$ERR" "proof 'nameplate' not recorded: " "says so"

done_testing
