#!/usr/bin/env bash
# The guided load step in a terminal: S on Phasor, somebody switches a heater on each phase in turn,
# and a site that may export, of which readings alone say nothing, gets a verdict.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

mkdir "$TMP/site"
cd "$TMP/site" || give_up "no $TMP/site"
shell "cd '$TMP/site'; echo there"
wait_for showing '^there'
# a turn of three phases takes 63 s, and a machine that stood still may miss one of its steps
PATIENCE=200
# begun in the pause before the load of A is switched; the clock is the meter's
# shellcheck disable=SC2016 # that shell's own
PROGRAM='env TZ=UTC "$METERCTL"'
at=$(date +%s)
start_screens -c "sim:seed=4,ct-reversed=b,step=heater/abc/2A/3s,start=$(date -u -d "@$((at - at % 63))" +%Y-%m-%dT%H:%M:%SZ)"
shows '● live' 'a meter at a site where a load is switched'
keys :
keys -l 'check --step --site exporting'
keys Enter
shows '^ Load step' ':check --step opens the screen of the load step'
keys Escape
shows '^ Phasors' 'Esc is one step back, to Phasor'
shows 'INSUFFICIENT' 'readings alone decide nothing on a site that may export'
keys S
shows '^ Load step' 'S on Phasor'
shows 'seen: [0-9]+ W or more at the meter' 'the noise is learned, and what is surely seen is said'
shows '(pending: inputs A, B, C\. Connect a heater|switch it off)' 'what is awaited next is said'
shows '^    ● the current of its own phase \(\+0\.4' 'a step is recognised by itself'
keys '?'
shows '^  Step' 'a key is answered while it runs'
keys Escape
keys :
keys -l 'option theme light'
keys Enter
inked() {
	tm capture-pane -e -p -t "$PANE" | grep -q "38;5;$1m"
}
wait_for inked 25
ok $? 'its curves have colours for a light background'
keys :
keys -l 'option theme dark'
keys Enter
wait_for inked 74
ok $? 'and for a dark one'
shows 'every input is judged' 'three steps'
shows '^    ▼ the current of its own phase, reversed \(-0\.4.*180°' 'B is reversed'
shows '▼ FAIL  ct-reversed on b' 'and the whole verdict says so'
keys Escape
shows 'steps ABC' 'on Phasor the steps count'
shows '▼ FAIL  ct-reversed on b' 'and are its verdict, too'
keys r
shows 'Write a report on ' 'r asks'
keys y
shows 'the report is in .report-sim-1-' 'r: the report'
like "$(cat report-sim-1-????-??-??.html)" 'a load that was switched on changed the power of a by ' 'judges by the steps, too'
keys q
wait_for at_prompt
done_testing
