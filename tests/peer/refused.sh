#!/usr/bin/env bash
# A meter that refuses: every command that reads says which exception, and ends with 5;
# one that refuses a part says which part. Against a slave that is nobody's but ours.
. "$(dirname "$0")/../tap.sh"

# a site without a fault, as in check_pymodbus.sh: 230 V, 3 A, 25 degrees
read -ra SITE <<<"0x14=8FC,8FC,8FC,F90,F90,F90 0x1A=12C,12C,12C,0 0x1E=0,271,0,271,0,271,0,753 \
	0x26=0,124,0,124,0,124,0,36C 0x2E=0,2B2,0,2B2,0,2B2,0,816 0x36=38A,38A,38A,38A \
	0x1EC=0,2EE0,5DC0 0x1FE=9C4,38A4,6784 0x0E=1,28 clock=0"

serve() {	# serve ARGS...: the target in $TARGET, its requests in $LOG
	LOG=$TMP/requests
	start slave "$PYTHON" "$PEER/slave_refusing.py" --log "$LOG" "$@"
	line_of slave 'ready ([0-9]+)' || give_up "no slave"
	TARGET=tcp:127.0.0.1:${BASH_REMATCH[1]}
}
json() {
	"$PYTHON" -c 'import json, os, sys
d = json.load(open(os.environ["TMP"] + "/out"))
sys.exit(0 if eval(sys.argv[1]) else json.dumps(d)[:800])' "$1"
}

# ---- all of it

printf 'profile: adw300\nsettings:\n  ratio.ct: 40\n' >"$TMP/wish.yaml"
for code in 2 4 255; do
	serve --refuse "0-0xFFFF:$code"
	for words in "get voltage.a" "read" "read voltage current" "watch -n 1 power" "check" "-f json check" \
		"report --text" "history" "backup" "diff $TMP/wish.yaml" "plan $TMP/wish.yaml" \
		"set ratio.ct=40 --yes" "apply $TMP/wish.yaml --yes" "restore $TMP/wish.yaml --yes" \
		"raw read 20:3" "raw write 15 3 --yes"; do
		# shellcheck disable=SC2086
		exits 5 "exception $code: ${words/$TMP/}" -- "$METERCTL" -q -c "$TARGET" $words
		like "$ERR" "refused register.* exception $(printf %02d "$code")," "is named"
	done
	unlike "$(cat "$LOG")" '^w' "exception $code: nothing is written"
	exits 5 "exception $code: check" -- "$METERCTL" -c "$TARGET" check
	is "$OUT" "" "exception $code: no verdict"
done

# ---- a part of it

serve "${SITE[@]}"
exits 0 "a site without a fault" -- "$METERCTL" -c "$TARGET" -f json check
json 'd["verdict"] == "pass"'; ok $? "passes"

serve "${SITE[@]}" --refuse 0x1B:7
exits 5 "the current of B is refused" -- "$METERCTL" -c "$TARGET" check
is "$OUT" "" "no verdict"
like "$ERR" "^meterctl: 'current\.b' not read: .*exception 07" "says which"
exits 5 "read of the currents" -- "$METERCTL" -c "$TARGET" read current
like "$OUT" '^current\.b +-- ' "has no value for it"
like "$ERR" 'not read.*exception 07' "says why on stderr, too"
exits 5 "watch" -- "$METERCTL" -c "$TARGET" watch -n 2 -i 0 current
is "$(grep -c 'exception 07' "$TMP/err")" 1 "says it once"

serve "${SITE[@]}" --refuse 0x1B:2
exits 5 "a meter without a register for the current of B" -- "$METERCTL" -c "$TARGET" check
is "$OUT" "" "no verdict"
like "$ERR" '^meterctl: unit 1 refused register 0x001B: exception 02' "says which register"
exits 0 "a report of it" -- "$METERCTL" -c "$TARGET" -f json report
json 'd["wiring"]["verdict"] == "insufficient" and "0 of 5 readings" in d["wiring"]["findings"][0]["explain"]'
ok $? "has no verdict"
json '"exception 02" in d["wiring"]["findings"][0]["explain"] and d["missing"] == []'; ok $? "and says why"

# what the verdict does not need is missed, and said
serve "${SITE[@]}" --refuse 0x1D:7
exits 5 "the vector sum is refused" -- "$METERCTL" -c "$TARGET" -f json check
json 'd["verdict"] == "pass"' || diag "$OUT"
like "$ERR" "current\.vector_sum.*exception 07" "the verdict stands, and what it lacks is said"
serve "${SITE[@]}" --refuse 0x1D:2
exits 0 "a meter that has no register for it" -- "$METERCTL" -c "$TARGET" check
is "$ERR" "" "is no worse for it"

# the meter refuses for a while: no report without its reasons
serve "${SITE[@]}" --refuse 0x2E-0x31:7
exits 5 "a report" -- "$METERCTL" -c "$TARGET" report --text -o "$TMP/report.txt"
like "$ERR" 'the report is incomplete: .* not read.*exception 07' "says on stderr that it is incomplete"
like "$(cat "$TMP/report.txt")" 'INCOMPLETE: [0-9]+ points? not read' "and in its summary"
like "$(cat "$TMP/report.txt")" '^ *power\.apparent\.a  .*exception 07' "with each point and the reason"
exits 5 "as JSON" -- "$METERCTL" -c "$TARGET" -f json report
json '"power.apparent.a" in sum((m["keys"] for m in d["missing"]), []) and "exception 07" in d["missing"][0]["error"]'
ok $? "by reason"
exits 5 "read '*'" -- "$METERCTL" -c "$TARGET" -f csv read '*'
like "$ERR" '^meterctl: not read: .*power\.apparent\.a.* \(unit 1 refused register.*exception 07' "lists what is missing"
like "$ERR" '^meterctl: [0-9]+ of 420 points not read, the first' "and how many"

done_testing
