#!/usr/bin/env bash
# The report from the screens: one key writes it into the current folder, and never
# over another one.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

mkdir "$TMP/site"
cd "$TMP/site" || give_up "no $TMP/site"
shell "cd '$TMP/site'; echo there"
wait_for showing '^there'
start_screens -c sim:frozen,seed=1,ct-reversed=b
shows '● live' 'a simulated meter is live'
keys w
shows '▼ FAIL .*ct-reversed on b' 'w: the wiring is judged'
keys x r
shows 'Write a report on ADW300 #1' 'r: asks, for it is a file'
keys y
written() {
	[ "$(find . -name 'report-sim-1-*.html' | wc -l)" -eq "$1" ]
}
shows 'reading everything|the report is in .report-sim-1-' 'r: it is under way'
wait_for written 1
ok $? 'and written'
shows 'the report is in .report-sim-1-[0-9-]*\.html' 'says where'
exits 0 'it verifies' -- "$METERCTL" report --verify report-sim-1-????-??-??.html
like "$(cat report-sim-1-????-??-??.html)" 'the site: consumer' 'with the options of the Phasor screen'
like "$(cat report-sim-1-????-??-??.html)" 'ct-reversed on b' 'and its own verdict'
keys :
keys -l 'ratio ct 300/5'
keys Enter Tab Tab 6 0 Tab 6 1
shows 'CT  300/5' 'what stands on the transformers, and what the clamp meter shows'
keys :
keys -l 'report Station West --technician "N. N." --note "door 7"'
keys Enter
wait_for written 2
ok $? 'a second one has a name of its own'
exits 0 'it verifies, too' -- "$METERCTL" report --verify report-sim-1-????-??-??-2.html
like "$(cat report-sim-1-????-??-??-2.html)" '<h1>Station West</h1>' 'the prompt takes the name of the site'
like "$(cat report-sim-1-????-??-??-2.html)" 'Technician</td><td class="t">N\. N\.<' 'who commissioned it'
like "$(cat report-sim-1-????-??-??-2.html)" '>door 7<' 'and the note'
like "$(cat report-sim-1-????-??-??-2.html)" '>300/5</td>.*NOT what the meter holds' 'so are the nameplates'
like "$(cat report-sim-1-????-??-??-2.html)" '<td>A</td><td class="r">60.00</td>' 'and the clamp meter'
"$PYTHON" -c 'import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("SELECT kind, what FROM proof ORDER BY id")
kept = [(kind, json.loads(what)) for kind, what in rows]
assert [kind for kind, _ in kept] == ["wiring", "report", "nameplate", "wiring", "clamp", "report"], kept
assert kept[2][1]["ct"] == "300/5" and kept[5][1]["file"].endswith("-2.html"), kept' "$XDG_STATE_HOME/meterctl/journal.db"
ok $? 'the checklist of the meter knows of all that'
shows '● live' 'the screens go on'
keys q
shows '^status 0' 'q leaves'
done_testing
