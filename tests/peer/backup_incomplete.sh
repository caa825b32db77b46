#!/usr/bin/env bash
# A backup with holes is named incomplete, in the file too, and what reads it knows that.
# Against a slave that refuses some of its settings.
. "$(dirname "$0")/../tap.sh"

serve() {	# serve ARGS...: the target in $TARGET, its requests in $LOG
	LOG=$TMP/requests
	start slave "$PYTHON" "$PEER/slave_refusing.py" --log "$LOG" 0x02=9 0x03=5 0x0F=28 "$@"
	line_of slave 'ready ([0-9]+)' || give_up "no slave"
	TARGET=tcp:127.0.0.1:${BASH_REMATCH[1]}
}
json() {
	"$PYTHON" -c 'import json, os, sys
d = json.load(open(os.environ["TMP"] + "/out"))
sys.exit(0 if eval(sys.argv[1]) else json.dumps(d)[:800])' "$1"
}
keys() {	# how many settings a file holds
	grep -c '^  [a-z][a-z0-9._]*: ' "$1"
}

serve
exits 0 "a meter that tells everything" -- "$METERCTL" -c "$TARGET" backup -o "$TMP/whole.yaml"
unlike "$(cat "$TMP/whole.yaml")" '^incomplete' "has a whole backup"
WHOLE=$(keys "$TMP/whole.yaml")

# ---- registers that this meter does not have are not missed

serve --refuse 0x02-0x03:2
exits 0 "a meter without LoRa registers" -- "$METERCTL" -c "$TARGET" backup -o "$TMP/without.yaml"
unlike "$(cat "$TMP/without.yaml")" '^incomplete' "has a whole backup, too"
like "$(cat "$TMP/without.yaml")" '^  # lora\.sf: .*exception 02' "in which they are a comment"
like "$ERR" 'comment only: .* 2 without a register in this meter' "and are counted"
is "$(keys "$TMP/without.yaml")" $((WHOLE - 2)) "the others are there"
exits 0 "and restores" -- "$METERCTL" -c "$TARGET" restore "$TMP/without.yaml" --yes

# ---- refused registers are

serve --refuse 0x02:4 --refuse 0x03:2
exits 5 "a refused setting" -- "$METERCTL" -c "$TARGET" backup -o "$TMP/holes.yaml"
like "$ERR" "^meterctl: the backup is incomplete: 'lora\.sf' not read: .*exception 04" "is said on stderr"
like "$(tr '\n' ' ' <"$TMP/holes.yaml")" 'incomplete:[^-]* - lora\.sf +# unit 1 refused.*exception 04[^-]*settings:' "and in the file, with the reason"
is "$(keys "$TMP/holes.yaml")" $((WHOLE - 2)) "the others are there"
exits 5 "get of several, one of which is refused" -- "$METERCTL" -c "$TARGET" get ratio.ct lora.sf comm.baud
like "$(tr '\n' ' ' <"$TMP/out")" '^[0-9]+  [0-9]+ $' "leaves its line empty"
exits 5 "on stdout" -- "$METERCTL" -q -c "$TARGET" backup
like "$OUT" '^  - lora\.sf ' "just so"
exits 5 "in place of an older one" -- "$METERCTL" -c "$TARGET" backup --force -o "$TMP/whole.yaml"
like "$ERR" "whole\.yaml' is left as it was: the backup is incomplete" "it is not written"
is "$(keys "$TMP/whole.yaml")" "$WHOLE" "the older one is whole still"
serve --refuse 0x02-0x03:4
exits 5 "two of them" -- "$METERCTL" -c "$TARGET" backup -o "$TMP/two.yaml"
like "$ERR" '^meterctl: not read: .*lora\.channel' "are listed"
like "$ERR" "incomplete: 2 of [0-9]+ settings not read, the first 'lora" "and counted"

# ---- who reads it knows

serve 0x0F=3C
exits 7 "restore" -- "$METERCTL" -c "$TARGET" restore "$TMP/two.yaml" --yes
like "$ERR" "two\.yaml' is an incomplete backup: 2 settings are not in it: lora\.channel, lora\.sf \(--incomplete" "says what is not in it"
is "$(cat "$LOG")" "" "before the meter is asked"
exits 0 "restore --dry-run" -- "$METERCTL" -c "$TARGET" restore "$TMP/two.yaml" --dry-run
like "$ERR" 'incomplete backup: 2 settings' "shows what it would do, and says it, too"
exits 0 "apply" -- "$METERCTL" -c "$TARGET" apply "$TMP/two.yaml" --dry-run
like "$ERR" 'incomplete backup: 2 settings' "as well"
exits 1 "plan" -- "$METERCTL" -c "$TARGET" plan "$TMP/two.yaml"
like "$ERR" 'incomplete backup: 2 settings' "as well"
exits 0 "restore --incomplete" -- "$METERCTL" -c "$TARGET" -f json restore "$TMP/two.yaml" --yes --incomplete
json 'd["result"] == "ok" and [s["key"] for s in d["steps"] if s["state"] == "verified"] == ["ratio.ct"]'
ok $? "restores the others"
like "$ERR" 'incomplete backup: 2 settings' "and says what it has not"
exits 1 "diff against the meter" -- "$METERCTL" -c "$TARGET" -f json diff "$TMP/two.yaml"
json '[(x["key"], x["a"]) for x in d["differences"]] == [("lora.channel", None), ("lora.sf", None)]'
ok $? "does not call it the same"
exits 1 "diff of two files" -- "$METERCTL" -f json diff "$TMP/whole.yaml" "$TMP/two.yaml"
json '[(x["key"], x["b"]) for x in d["differences"]] == [("lora.channel", None), ("lora.sf", None)]'
ok $? "nor that"

# ---- by hand

sed 's/^settings:/&\n  lora.sf: 9/' "$TMP/two.yaml" >"$TMP/one.yaml"
exits 7 "one filled in" -- "$METERCTL" -c "$TARGET" restore "$TMP/one.yaml" --yes
like "$ERR" '1 setting is not in it: lora\.channel \(' "the other is missing"
sed 's/^settings:/&\n  lora.channel: 5/' "$TMP/one.yaml" >"$TMP/none.yaml"
exits 0 "both" -- "$METERCTL" -c "$TARGET" restore "$TMP/none.yaml" --yes
unlike "$ERR" incomplete "it is whole"
printf 'incomplete: [lora.sx]\nsettings:\n  ratio.ct: 3\n' >"$TMP/bad.yaml"
exits 2 "an unknown key" -- "$METERCTL" -c "$TARGET" restore "$TMP/bad.yaml" --yes
like "$ERR" "unknown key 'lora\.sx'" "is said"
printf 'incomplete: yes\nsettings:\n  ratio.ct: 3\n' >"$TMP/bad.yaml"
exits 2 "no list" -- "$METERCTL" -c "$TARGET" restore "$TMP/bad.yaml" --yes
like "$ERR" 'bad\.yaml:1:13: .*incomplete' "is said, with its place"

done_testing
