#!/usr/bin/env bash
# What is on the screen, kept: as text, as data, in the terminal's clipboard.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

mkdir "$TMP/site"
shell "cd '$TMP/site'; echo there"
wait_for showing '^there'
tm set-option -s set-clipboard on
start_screens -c sim:frozen,seed=1
shows '● live' 'a simulated meter is live'
typed() {
	keys :
	keys -l "$1"
	keys Enter
}
shows '^ U +V +[0-9.]+' 'and read'
typed 'save live.txt'
shows "this screen is in 'live.txt'" 'its text is saved'
like "$(cat "$TMP/site/live.txt")" ' 1 Live .* 9 Trace' 'with what stands around it'
like "$(cat "$TMP/site/live.txt")" '^ U +V +[0-9.]+' 'and the values'
echo mine >"$TMP/site/live.csv"
typed 'save live.csv'
shows "'live.csv' is there already" 'a file that is there is not written over'
like "$(cat "$TMP/site/live.csv")" '^mine$' 'indeed'
typed 'save! live.csv'
shows "what this screen reads is in 'live.csv'" 'with ! it is'
like "$(head -n 1 "$TMP/site/live.csv")" '^at,key,value,' 'a table of cells'
like "$(cat "$TMP/site/live.csv")" ',voltage\.a,[0-9.]+,V,' 'with the readings'
typed 'save live.json'
shows "what this screen reads is in 'live.json'" 'as a document, too'
exits 0 'which is one' -- "$PYTHON" -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "meterctl.read/1", d["schema"]
assert any(r["key"] == "voltage.a" and r["value"] > 200 for r in d["readings"])' "$TMP/site/live.json"
typed copy
shows "terminal's clipboard" 'its text goes to the clipboard'
copied() {
	tm show-buffer 2>/dev/null | grep -q '^ U *V *[0-9.]'
}
wait_for copied
ok $? 'where a terminal that takes it has it whole'
done_testing
