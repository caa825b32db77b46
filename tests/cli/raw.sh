#!/usr/bin/env bash
# raw read: registers as they stand.
. "$(dirname "$0")/../tap.sh"

SIM=sim:frozen,ct=40,start=2026-07-15T14:03:27Z

exits 0 "one register" -- "$METERCTL" -c "$SIM" raw read 15
like "$OUT" '^ *15 +0x000F +0028 +40 +ratio\.ct' "decimal, hex, content, number, key"
exits 0 "by its hex address" -- "$METERCTL" -c "$SIM" raw read 0x0F
like "$OUT" '0x000F +0028' "the same"
exits 0 "JSON" -- "$METERCTL" -c "$SIM" -f json raw read 0x11:3
"$PYTHON" -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "meterctl.raw/1" and d["space"] == "holding", d
assert [r["value"] for r in d["registers"]] == [27 << 8 | 3, 14 << 8 | 15, 7 << 8 | 26], d
assert [r["address"] for r in d["registers"]] == [17, 18, 19], d' "$TMP/out"
ok $? "the clock's three words"
exits 0 "CSV" -- "$METERCTL" -c "$SIM" -f csv raw read 0x0E:2
is "$(head -n 1 "$TMP/out" | tr -d '\r')" "address,address_hex,raw,value,key" "has a header"
exits 0 "JSON lines" -- "$METERCTL" -c "$SIM" -f jsonl raw read 20:5
is "$(wc -l <"$TMP/out")" 5 "a line each"
exits 0 "more than one frame holds" -- "$METERCTL" -c "$SIM" -f csv raw read 0:618
is "$(wc -l <"$TMP/out")" 619 "all of them"
exits 5 "a register the meter does not have" -- "$METERCTL" -c "$SIM" raw read 0x3000
one_line "$ERR" "one line"
like "$ERR" 'address' "the meter's reason"
exits 5 "input registers of a meter without" -- "$METERCTL" -c "$SIM" raw read --input 0
for word in x 65536 0x10000 -1 20:0 20:x 65535:2 20:65536 ''; do
	exits 2 "raw read -- '$word'" -- "$METERCTL" -c "$SIM" raw read -- "$word"
	one_line "$ERR" "'$word': one line"
done
exits 2 "raw without a word" -- "$METERCTL" -c "$SIM" raw
exits 2 "raw peek" -- "$METERCTL" -c "$SIM" raw peek 1
one_line "$ERR" "one line"

done_testing
