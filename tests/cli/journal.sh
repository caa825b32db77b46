#!/usr/bin/env bash
# The journal as a person and a script see it.
. "$(dirname "$0")/../tap.sh"

JOURNAL=$TMP/kept/journal.db

exits 0 "without a journal" -- "$METERCTL" --journal "$JOURNAL" journal
is "$OUT$ERR" "" "nothing to say"
exits 0 "as JSON" -- "$METERCTL" --journal "$JOURNAL" -f json journal
is "$OUT" '{"schema":"meterctl.journal/1","entries":[]}' "an empty list"
exits 0 "as CSV" -- "$METERCTL" --journal "$JOURNAL" -f csv journal
is "$(wc -l <"$TMP/out")" 1 "only the header"
exits 2 "an entry there is not" -- "$METERCTL" --journal "$JOURNAL" journal show 1
one_line "$ERR" "one line"
[ ! -e "$TMP/kept" ]
ok $? "looking made no file"

for words in "show" "show x" "show 0" "show 1 2" "list"; do
	# shellcheck disable=SC2086 # words
	exits 2 "journal $words" -- "$METERCTL" --journal "$JOURNAL" journal $words
	one_line "$ERR" "one line"
done
exits 2 "-n 0" -- "$METERCTL" --journal "$JOURNAL" journal -n 0
exits 2 "--target without a meter" -- env -u METERCTL_CONNECT "$METERCTL" --journal "$JOURNAL" journal --target

printf 'this is no database, and longer than a header of one %0200d\n' 0 >"$TMP/notes.txt"
cp "$TMP/notes.txt" "$TMP/notes.copy"
exits 7 "a file of something else" -- "$METERCTL" --journal "$TMP/notes.txt" journal
one_line "$ERR" "one line"
like "$ERR" "not a journal" "says so"
cmp -s "$TMP/notes.txt" "$TMP/notes.copy"
ok $? "and is left alone"

done_testing
