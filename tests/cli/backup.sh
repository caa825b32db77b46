#!/usr/bin/env bash
# backup, restore, apply, plan, diff: the settings of a meter as a file.
. "$(dirname "$0")/../tap.sh"

json() {	# json EXPRESSION: about the document d in $TMP/out
	"$PYTHON" -c 'import json, os, sys
d = json.load(open(os.environ["TMP"] + "/out"))
sys.exit(0 if eval(sys.argv[1]) else str(d)[:600])' "$1"
}
frames() {	# writes in a trace: requests of function 16
	grep -c ' > [0-9A-F][0-9A-F] 10 ' "$1"
}

start sim "$METERCTL" simulate frozen,ct=40 --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "no simulator"
SIM=$PID
TARGET=rtu:$TMP/port

# ---- a file is made
exits 0 "backup" -- "$METERCTL" -c "$TARGET" backup -o "$TMP/a.yaml"
is "$OUT" "" "nothing on stdout"
like "$ERR" 'comment only' "says that secrets are not in it"
is "$(stat -c %a "$TMP/a.yaml")" 600 "readable by its user only"
like "$(cat "$TMP/a.yaml")" '^profile: adw300$' "names its profile"
like "$(cat "$TMP/a.yaml")" '^  ratio\.ct: 40 +# Current transformer ratio' "value and name"
like "$(cat "$TMP/a.yaml")" '^  alarm1\.voltage\.over\.threshold: 253\.0 +# V, Overvoltage' "and unit"
like "$(cat "$TMP/a.yaml")" '^  # security\.code: \{env: METERCTL_SECURITY_CODE\}' "a secret as the reference to make of it"
unlike "$(cat "$TMP/a.yaml")" '^  (clock|do\.[12]:|tou\.|network\.|di\.status)' "no clock, no outputs, nothing in doubt"
is "$(sed -n 's/^  \([a-z][^:]*\): .*/\1/p' "$TMP/a.yaml" | LC_ALL=C sort -c 2>&1)" "" "sorted by key"
"$PYTHON" -c 'import sys
try:
	import yaml
except ImportError:
	sys.exit(0)
d = yaml.safe_load(open(sys.argv[1]))
assert d["settings"]["ratio.ct"] == 40 and d["settings"]["comm.frame"] == "8N1", d
assert d["settings"]["freeze.time"] == "1 00:00", d' "$TMP/a.yaml"
ok $? "another YAML reader reads the same"
exits 0 "backup on stdout" -- "$METERCTL" -c "$TARGET" -q backup
is "$ERR" "" "-q: no remark"
is "$(grep -v '^#' "$TMP/out")" "$(grep -v '^#' "$TMP/a.yaml")" "is the same"
exits 0 "with what is in doubt" -- "$METERCTL" -c "$TARGET" backup --allow-provisional -o "$TMP/all.yaml"
like "$(cat "$TMP/all.yaml")" '^  tou\.table1: "00:00 ' "day tables, quoted"
exits 0 "the built-in simulator vouches for them" -- "$METERCTL" -c sim:frozen backup
like "$OUT" '^  network\.apn: ' "network settings"
exits 1 "a file that cannot be written" -- "$METERCTL" -c "$TARGET" backup -o "$TMP/a.yaml/b"
one_line "$(grep -v 'comment only' <<<"$ERR")" "one line"

# ---- nothing differs
exits 0 "diff against the meter" -- "$METERCTL" -c "$TARGET" diff "$TMP/a.yaml"
is "$OUT" "" "says nothing"
exits 0 "plan" -- "$METERCTL" -c "$TARGET" plan "$TMP/a.yaml"
exits 0 "apply" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" apply "$TMP/a.yaml" --yes
is "$(frames "$TMP/trace")" 0 "writes nothing"

# ---- three settings are changed, and put back
exits 0 "three settings" -- "$METERCTL" -c "$TARGET" set ratio.ct=60 demand.cycle=30min alarm1.enable=overvoltage --yes
exits 1 "diff" -- "$METERCTL" -c "$TARGET" -f json diff "$TMP/a.yaml"
is "$ERR" "" "without a complaint"
json 'd["schema"] == "meterctl.diff/1" and d["result"] == "differ"'; ok $? "schema and result"
json '[x["key"] for x in d["differences"]] == ["alarm1.enable", "demand.cycle", "ratio.ct"]'; ok $? "names the three"
json 'd["differences"][2]["a"] == 40 and d["differences"][2]["b"] == 60'; ok $? "both sides, as numbers"
exits 1 "as a table" -- "$METERCTL" -c "$TARGET" diff "$TMP/a.yaml"
like "$OUT" '^ratio\.ct +40 \| 60' "side by side"
exits 1 "as lines" -- "$METERCTL" -c "$TARGET" -f jsonl diff "$TMP/a.yaml"
is "$(wc -l <"$TMP/out")" 4 "one each, and the verdict"
exits 1 "as CSV" -- "$METERCTL" -c "$TARGET" -f csv diff "$TMP/a.yaml"
is "$(wc -l <"$TMP/out")" 4 "with a header"
exits 1 "plan: something to write" -- "$METERCTL" -c "$TARGET" -f json plan "$TMP/a.yaml"
json 'd["schema"] == "meterctl.apply/1" and d["result"] == "planned"'; ok $? "planned"
json '[s["key"] for s in d["steps"] if s["state"] == "planned"] == ["ratio.ct", "demand.cycle", "alarm1.enable"]'
ok $? "enable bits last"
exits 0 "restore" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" -f json restore "$TMP/a.yaml" --yes
json 'd["result"] == "ok" and sum(s["state"] == "verified" for s in d["steps"]) == 3'; ok $? "three verified"
json 'all(s["state"] in ("verified", "unchanged") for s in d["steps"])'; ok $? "the others unchanged"
is "$(frames "$TMP/trace")" 3 "three frames written"
exits 0 "and nothing differs" -- "$METERCTL" -c "$TARGET" diff "$TMP/a.yaml"
exits 0 "a second restore" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" restore "$TMP/a.yaml" --yes
is "$(frames "$TMP/trace")" 0 "writes nothing"
stop_pid "$SIM"

# ---- two files
sed 's/^  ratio.ct: 40 /  ratio.ct: 80 /; /^  lora.sf/d' "$TMP/a.yaml" >"$TMP/b.yaml"
exits 0 "a file and itself" -- "$METERCTL" diff "$TMP/a.yaml" "$TMP/a.yaml"
exits 1 "two files" -- "$METERCTL" -f json diff "$TMP/a.yaml" "$TMP/b.yaml"
json '{x["key"]: (x["a"], x["b"]) for x in d["differences"]} == {"ratio.ct": (40, 80), "lora.sf": (9, None)}'
ok $? "what differs, and what only one has"

# ---- values come through whatever they are
"$PYTHON" - "$TMP" <<'END'
import sys
values = ["no", "Null", "1e3", "0x10", "007", "12:30", "2026-01-31", "1.10", "#x", "a: b", "a #b",
	"'", '"', "\\", " x", "- x", "{a}", "[a]", "%", "@x", "&a", "*a", "!a", "x:", "~", "-", "?", "", "a,b", "8N1"]
for i, v in enumerate(values):
	with open("%s/v%d.yaml" % (sys.argv[1], i), "w") as f:
		f.write("settings:\n  network.apn: '%s'\n" % v.replace("'", "''"))
print(len(values))
END
bad=
for i in $(seq 0 29); do
	rm -f "$TMP/state.meter"
	"$METERCTL" -q -c "sim:state=$TMP/state.meter" apply "$TMP/v$i.yaml" --yes >/dev/null 2>>"$TMP/err" || bad="$bad apply:$i"
	"$METERCTL" -q -c "sim:state=$TMP/state.meter" backup --force -o "$TMP/w.yaml" || bad="$bad backup:$i"
	"$METERCTL" -c "sim:state=$TMP/state.meter" diff "$TMP/w.yaml" || bad="$bad diff:$i"
	"$METERCTL" diff "$TMP/v$i.yaml" "$TMP/w.yaml" 2>&1 | grep -q '^network\.apn ' && bad="$bad file:$i"
done
is "$bad" "" "30 odd texts: written, kept, the same"

# ---- files that are none
refused() {	# refused CODE NAME REGEX FILE: by every command that takes a file, before the meter
	local code=$1 name=$2 regex=$3 file=$4 words

	for words in "apply --yes" restore plan diff; do
		rm -f "$TMP/trace"
		# shellcheck disable=SC2086
		exits "$code" "$words: $name" -- "$METERCTL" -c sim: --trace "$TMP/trace" $words "$file"
		one_line "$ERR" "one line"
		like "$ERR" "$regex" "says what"
		is "$(cat "$TMP/trace" 2>/dev/null)" "" "nothing on the wire"
	done
}
try() {	# try CODE NAME REGEX: the file is on stdin
	cat >"$TMP/f.yaml"
	refused "$1" "$2" "$3" "$TMP/f.yaml"
}
refused 2 "no such file" 'none\.yaml' "$TMP/none.yaml"
try 2 "unknown key" 'f\.yaml:3:3: unknown key .ratio\.cd.' <<<$'profile: adw300\nsettings:\n  ratio.cd: 4'
try 2 "a group" 'f\.yaml:2:3: .*2 points' <<<$'settings:\n  ratio: 4'
try 2 "no mapping" 'settings' <<<$'- ratio.ct'
try 2 "empty" 'settings' <<<''
try 2 "unknown word at the top" 'f\.yaml:1:1: .*prfile' <<<$'prfile: adw300\nsettings: {ratio.ct: 4}'
try 2 "another profile" 'sdm630' <<<$'profile: sdm630\nsettings: {ratio.ct: 4}'
try 2 "a key twice" 'f\.yaml:3:3: .*twice' <<<$'settings:\n  ratio.ct: 4\n  ratio.ct: 5'
try 2 "a second document" 'f\.yaml:2:1: second document' <<<$'settings: {ratio.ct: 4}\n---\nsettings: {ratio.pt: 7}'
try 2 "a merge key" 'f\.yaml:2:3: merge key' <<<$'settings:\n  <<: {ratio.ct: 61}'
try 2 "a list for a value" 'f\.yaml:2:' <<<$'settings:\n  ratio.ct: [4]'
try 2 "no number" 'f\.yaml:2:3: .*forty' <<<$'settings:\n  ratio.ct: forty'
try 7 "out of range" 'f\.yaml:2:3: .*range' <<<$'settings:\n  ratio.ct: 0'
try 7 "a secret in clear" 'f\.yaml:2:3: .*secret' <<<$'settings:\n  security.code: 4711'
unlike "$ERR" 4711 "and not repeated"
try 7 "a variable that is not set" 'NO_SUCH_THING' <<<$'settings:\n  security.code: {env: NO_SUCH_THING}'
try 2 "no way to a secret" 'f\.yaml:2:' <<<$'settings:\n  security.code: {url: x}'
try 2 "broken YAML" 'f\.yaml:3:' <<<$'settings:\n  ratio.ct: {'
echo 4711 >"$TMP/code"
chmod 644 "$TMP/code"
try 7 "a file others can read" 'chmod 600' <<<$'settings:\n  security.code: {file: '"$TMP"'/code}'
printf '%s\n' 'incomplete: [ratio.pt]' settings: >"$TMP/f.yaml"
seq -f '  k%.0f: 1' 40000 >>"$TMP/f.yaml"
echo "  k1: 2" >>"$TMP/f.yaml"
SECONDS=0
exits 2 "40,000 keys, the last one twice" -- "$METERCTL" -c sim: plan "$TMP/f.yaml"
like "$ERR" "f\\.yaml:40003:3: 'k1' is there twice \\(line 3\\)" "says where"
test "$SECONDS" -le 3; ok $? "in no time"
echo 'settings:' >"$TMP/f.yaml"
for words in "apply --yes" plan diff; do
	# shellcheck disable=SC2086
	exits 0 "$words: nothing wished" -- "$METERCTL" -c sim:frozen $words "$TMP/f.yaml"
done

done_testing
