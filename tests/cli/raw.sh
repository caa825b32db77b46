#!/usr/bin/env bash
# raw: registers as they stand, read and written.
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

# ---- write
W=$TMP/written
exits 7 "raw write without --yes" -- "$METERCTL" -c "$SIM" --trace "$W" raw write 15 60
one_line "$ERR" "one line"
like "$ERR" 'not confirmed.*--yes' "says what is wanted"
[ ! -s "$W" ]
ok $? "nothing on the wire"
exits 7 "--read-only" -- "$METERCTL" -c "$SIM" --trace "$W" --read-only raw write 15 60 --yes
like "$ERR" 'read-only' "says so"
[ ! -s "$W" ]
ok $? "nothing on the wire"
exits 0 "one register" -- "$METERCTL" -c "$SIM" --trace "$W" raw write 15 60 --yes
like "$OUT" '0x000F +40 -> 60 +now 60 +verified +ratio\.ct' "before, wanted, after"
like "$ERR" '0x000F +40 -> 60' "shown before it is written"
is "$(grep -c ' > 01 10 ' "$W")" 1 "written by one request of function 10H"
like "$(cat "$W")" '> 01 10 00 0F 00 01 02 00 3C A6 BE' "the frame"
exits 0 "several, decimal and hex, JSON" -- "$METERCTL" -c "$SIM" -f json raw write 0x0E 2 0x3C --yes
"$PYTHON" -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "meterctl.raw/1" and d["result"] == "ok", d
assert [(r["address"], r["before"], r["want"], r["after"], r["state"], r["key"]) for r in d["registers"]] == [
    (14, 1, 2, 2, "verified", "ratio.pt"), (15, 40, 60, 60, "verified", "ratio.ct")], d' "$TMP/out"
ok $? "each of them"
exits 0 "CSV" -- "$METERCTL" -c "$SIM" -f csv raw write 15 60 --yes
is "$(tr -d '\r' <"$TMP/out" | tail -n 1)" "15,0x000F,40,60,60,verified,ratio.ct" "a row"
exits 0 "the code of the keys" -- "$METERCTL" -c "$SIM" -f jsonl raw write 8 4321 --yes
! grep -aq 4321 "$TMP/out" "$TMP/err" "$XDG_STATE_HOME/meterctl/"journal.db*
ok $? "is neither shown nor kept"
exits 0 "the address" -- "$METERCTL" -c "$SIM" raw write 0 7 --yes
like "$OUT" 'now 7 +verified' "is looked for where it is now"
exits 5 "what the meter refuses" -- "$METERCTL" -c "$SIM" raw write 0x14 1 --yes
like "$ERR" 'exception 02' "its reason"
like "$OUT" 'refused' "refused"
exits 6 "a meter that ignores it" -- "$METERCTL" -c "$SIM,ignore-writes" -f jsonl raw write 15 60 --yes
like "$OUT" '"after":40,"state":"failed"' "failed"
exits 6 "a request that is lost" -- "$METERCTL" -c "$SIM,write-lost=request" -t 500 raw write 15 60 --yes
exits 0 "a reply that is lost" -- "$METERCTL" -c "$SIM,write-lost=reply" -t 500 raw write 15 60 --yes
exits 6 "silence after the write" -- "$METERCTL" -c "$SIM,mute-after-write=60000" -t 300 -f jsonl raw write 15 60 --yes
like "$OUT" '"after":null,"state":"unknown"' "unknown"
run "$METERCTL" journal -f jsonl
like "$OUT" '"raw:0x000F".*"unknown"' "and so it stands in the journal"
exits 7 "no journal, no write" -- "$METERCTL" -c "$SIM" --trace "$W" --journal /dev/null/j raw write 15 60 --yes
is "$(grep -c ' > ' "$W")" 0 "nothing on the wire"
for words in "15" "15 65536" "15 -- -1" "15 x" "65535 1 2" "x 1" "--input 15 1"; do
	# shellcheck disable=SC2086 # words
	exits 2 "raw write $words" -- "$METERCTL" -c "$SIM" raw write --yes $words
	one_line "$ERR" "one line"
done

# ---- an interrupt, when the write is on the wire already: as `set` does
# interrupted CODE STATE SCENARIO WORDS...: ends with CODE, and the journal says STATE
interrupted() {
	local code=$1 state=$2 scenario=$3

	shift 3
	rm -f "$TMP/int.trace" "$TMP"/int.db*
	start writer "$METERCTL" -c "$SIM,$scenario" -t 300 --trace "$TMP/int.trace" --journal "$TMP/int.db" "$@" --yes
	wait_for grep -q ' > 01 10 ' "$TMP/int.trace"
	stop_pid "$PID" INT
	is "$RC" "$code" "$*, interrupted, $scenario: exit status" || diag "$(cat "$TMP/writer.err")"
	run "$METERCTL" --journal "$TMP/int.db" -f csv journal
	like "$OUT" ",$state," "and the journal says $state"
}
for words in "set ratio.ct=60" "raw write 15 60"; do
	# shellcheck disable=SC2086 # words
	{
		interrupted 6 unknown mute-after-write=60000 $words
		interrupted 130 verified mute-after-write=4000 $words
	}
done

done_testing
