#!/usr/bin/env bash
# undo: what the journal says stood there before is put back, or it is said why not.
. "$(dirname "$0")/../tap.sh"

start sim "$METERCTL" simulate frozen,ct=40 --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "no simulator"
export METERCTL_CONNECT=rtu:$TMP/port

newest() {	# newest FIELD: of the newest entry
	"$METERCTL" -f jsonl journal -n 1 | "$PYTHON" -c 'import json, sys
print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}
holds() {	# holds KEY VALUE NAME
	run "$METERCTL" get "$1"
	is "$OUT" "$2" "$3"
}
refused() {	# refused CODE REGEX WORDS...
	local code=$1 regex=$2

	shift 2
	rm -f "$TMP/trace"
	exits "$code" "undo $*: refused" -- "$METERCTL" --trace "$TMP/trace" undo --yes "$@"
	one_line "$ERR" "one line"
	like "$ERR" "$regex" "says why"
	is "$OUT$(cat "$TMP/trace" 2>/dev/null)" "" "nothing printed, nothing on the wire"
}

refused 1 'nothing to put back'
refused 2 'no entry 1' 1
refused 2 "'x' is no number" x
refused 2 'usage' 1 2

# ---- one run, back and forth
exits 0 "two settings" -- "$METERCTL" set ratio.ct=60 demand.cycle=30min --yes
cycle=$("$METERCTL" -f jsonl journal -n 2 | grep demand.cycle |
	"$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["before"])')
exits 0 "--dry-run" -- "$METERCTL" undo --dry-run
holds ratio.ct 60 "writes nothing"
exits 7 "nobody agrees" -- "$METERCTL" undo
like "$ERR" 'not confirmed' "says so"
holds ratio.ct 60 "writes nothing"
exits 7 "--read-only" -- "$METERCTL" --read-only undo --yes
exits 0 "undo" -- "$METERCTL" -f json undo --yes
like "$ERR" 'putting back 2 entries of run 1' "says what"
"$PYTHON" -c 'import json, sys
d = json.load(open(sys.argv[1]))
s = {x["key"]: x for x in d["steps"]}
assert d["schema"] == "meterctl.apply/1" and d["result"] == "ok", d
x = s["ratio.ct"]
assert (x["before"], x["want"], x["after"], x["state"]) == (60, 40, 40, "verified"), d
assert s["demand.cycle"]["after"] == sys.argv[2], d' "$TMP/out" "$cycle"
ok $? "both as before, verified"
holds ratio.ct 40 "the meter holds it"
exits 0 "undo of the undo" -- "$METERCTL" undo --yes
holds ratio.ct 60 "written again"
holds demand.cycle 30min "both"

# ---- one entry
exits 0 "a newer one" -- "$METERCTL" set ratio.ct=80 --yes
id=$(newest id)
refused_live() {	# the meter is read for these
	local regex=$1

	shift
	exits 7 "undo $*: refused" -- "$METERCTL" undo --yes "$@"
	one_line "$ERR" "one line"
	like "$ERR" "$regex" "says why"
}
ct=$("$METERCTL" -f jsonl journal | "$PYTHON" -c 'import json, sys
rows = [json.loads(x) for x in sys.stdin]
print([r["id"] for r in rows if r["key"] == "ratio.ct"][0])')
refused_live 'holds 80, not the 60 that entry .* somebody changed it' "$ct"
exits 0 "undo $id" -- "$METERCTL" undo "$id" --yes
holds ratio.ct 60 "what stood there"
exits 0 "again" -- "$METERCTL" -f json undo "$id" --yes
like "$OUT" '"unchanged"' "is there already"

# ---- what cannot be put back
export APN_PASSWORD=hush
exits 0 "a secret" -- "$METERCTL" set network.apn=m2m network.apn.password=@env:APN_PASSWORD \
	--yes --allow-provisional
refused 7 'secret is not kept.*one by one'
id=$("$METERCTL" -f jsonl journal -n 2 | grep '"network.apn"' |
	"$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["id"])')
exits 7 "without the consent it was written with" -- "$METERCTL" undo "$id" --yes
exits 0 "the other of them" -- "$METERCTL" undo "$id" --yes --allow-provisional
! grep -q hush "$XDG_STATE_HOME"/meterctl/journal.db*
ok $? "the journal does not know it"
exits 0 "the clock" -- "$METERCTL" set clock=now --yes --allow-provisional
refused 7 'that time has passed'
exits 7 "entry of another meter" -- "$METERCTL" -c tcp:192.0.2.1 undo "$id" --yes
one_line "$ERR" "one line"
like "$ERR" "is of the meter at 'rtu:.*tcp:192.0.2.1" "names both"
exits 1 "another meter" -- "$METERCTL" -c tcp:192.0.2.1 undo --yes

# ---- the link follows, and so does the journal
exits 0 "another address" -- "$METERCTL" set comm.address=7 --yes
exits 0 "a setting there" -- "$METERCTL" -c "$METERCTL_CONNECT?unit=7" set ratio.pt=2 --yes
refused 1 'left by entry'
export METERCTL_CONNECT="$METERCTL_CONNECT?unit=7"
exits 0 "undo at the new address" -- "$METERCTL" undo --yes
holds ratio.pt 1 "the setting"
id=$("$METERCTL" -f jsonl journal | grep '"comm.address"' |
	"$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["id"])')
exits 0 "undo of the address" -- "$METERCTL" undo "$id" --yes
like "$ERR" 'answers at' "says where it is now"
export METERCTL_CONNECT=rtu:$TMP/port
holds ratio.pt 1 "it answers where it did"
exits 7 "an entry older than the move, from where it is not" -- \
	"$METERCTL" -c "$METERCTL_CONNECT?unit=9" undo "$ct" --yes
exits 0 "an older entry, from where the meter is" -- "$METERCTL" -f json undo "$ct" --yes
holds ratio.ct 40 "put back"

# ---- the program is killed before it has read back
export METERCTL_CONNECT=rtu:$TMP/restarted
serve() {	# serve SCENARIO
	start meter "$METERCTL" simulate "frozen,ct=40,state=$TMP/meter.state$1" --pty "$TMP/restarted"
	METER=$PID
	wait_for test -e "$TMP/restarted" || give_up "no simulator"
}
serve ,mute-after-write=60000
start killed "$METERCTL" set ratio.ct=60 --yes
wrote() {
	[ "$("$METERCTL" -f jsonl journal --target | grep -c '"open":true')" = 1 ] &&
		grep -q "ratio.ct 003C" "$TMP/meter.state"
}
wait_for wrote
ok $? "a write under way"
stop_pid "$PID" KILL
stop_pid "$METER"
serve ""
exits 0 "the journal" -- "$METERCTL" journal --target
like "$OUT" '^\* +[0-9]+ .*intent$' "marks what is open"
exits 7 "a dry run cannot tell" -- "$METERCTL" undo --dry-run
like "$ERR" 'is open' "says so"
exits 0 "undo reads first" -- "$METERCTL" undo --yes
like "$ERR" '1 write an earlier run left open: read and settled' "says so"
holds ratio.ct 40 "and puts back"
run "$METERCTL" -f jsonl journal --target
unlike "$OUT" '"open":true' "nothing is open"
is "$(wc -l <<<"$OUT")" 2 "two entries"

done_testing
