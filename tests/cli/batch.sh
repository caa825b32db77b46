#!/usr/bin/env bash
# Many meters from a file: fifty of them on four lines, what is told and kept of each, and
# how a run is ended, gone on with, divided and refused.
. "$(dirname "$0")/../tap.sh"

STATE=$XDG_STATE_HOME/meterctl
cd "$TMP" || give_up "no folder"

lines() {	# lines COUNT COUNT ...: so many meters on a line each, "l1", "l2"
	local n=0 count

	for count in "$@"; do
		n=$((n + 1))
		start "sim$n" "$METERCTL" simulate frozen,turnaround=0 --pty "$TMP/l$n" --count "$count"
		line_of "sim$n" "l$n" || give_up "no line $n"
	done
}

# fleet FILE HEAD CELLS: fifty rows
fleet() {
	local n unit

	echo "$2" >"$1"
	for n in 1 2 3 4; do
		for ((unit = 1; unit <= (n < 3 ? 13 : 12); unit++)); do
			echo "rtu:$TMP/l$n?unit=$unit,$3"
		done
	done >>"$1"
}

BATCH=("$METERCTL" "${PATIENT[@]}" batch)

# the settings of one meter, by other means
holds() {	# holds LINE UNIT KEY
	"$METERCTL" "${PATIENT[@]}" -c "rtu:$TMP/l$1?unit=$2" get "$3"
}

# What is wrong with the events on standard input, and how many rows ended how. Each is an
# object a line; a row starts, has its parts, and ends once; the summary is the last.
# events [ROW STATE ...]
cat >"$TMP/events.py" <<'EOF'
import collections, json, sys
rows, wrong, last = collections.defaultdict(list), [], None
for line in sys.stdin:
    last = json.loads(line)
    if last["event"] != "summary":
        rows[last["row"]].append(last)
for row, events in rows.items():
    kinds = [e["event"] for e in events]
    if kinds[0] != "start" or kinds[-1] not in ("done", "failed", "interrupted"):
        wrong.append(f"row {row}: {kinds}")
    if any(k in ("start", "done", "failed", "interrupted") for k in kinds[1:-1]):
        wrong.append(f"row {row}: {kinds}")
    if len({e["target"] for e in events}) != 1:
        wrong.append(f"row {row}: {events}")
if last is None or last["event"] != "summary":
    wrong.append(f"the last is {last}")
ended = collections.Counter(e[-1]["event"] for e in rows.values())
for kind in ("done", "failed"):
    if last and "--part" not in sys.argv and last[kind] != ended[kind]:
        wrong.append(f"{last} for {ended}")
steps = collections.Counter(e["state"] for r in rows.values() for e in r if e["event"] == "step")
print(*wrong[:5], *(f"{v} {k}" for k, v in sorted(ended.items()) + sorted(steps.items())), sep=", ")
EOF
events() {
	"$PYTHON" "$TMP/events.py" "$@" <"$TMP/out"
}
sent() {	# requests to write in a trace
	grep -c '> .. 10 ' "$1"
}

# ---- fifty meters -----------------------------------------------------------------

lines 13 13 12 12
fleet sites.csv target,ratio.ct,demand.cycle 60,30min
exits 0 "--dry-run: exit 0" -- "${BATCH[@]}" sites.csv --dry-run --jobs 4 -f jsonl --trace "$TMP/dry"
is "$(events)" "50 done, 100 planned" "--dry-run: shows what would be written"
is "$(sent "$TMP/dry")" 0 "--dry-run: writes nothing"
[ ! -e "$STATE" ] || [ -z "$(ls "$STATE")" ]
ok $? "--dry-run: leaves nothing behind"
exits 7 "without --yes: exit 7" -- "${BATCH[@]}" sites.csv --trace "$TMP/unasked"
one_line "$ERR" "says so in a line"
like "$ERR" '--yes' "names --yes"
is "$(cat "$TMP/unasked" 2>/dev/null)" "" "nothing is sent"
exits 7 "--read-only: exit 7" -- "${BATCH[@]}" sites.csv --yes --read-only --trace "$TMP/unasked"
like "$ERR" 'read-only' "says why"
is "$(cat "$TMP/unasked")" "" "nothing is sent"
exits 0 "fifty meters: exit 0" -- "${BATCH[@]}" sites.csv --jobs 4 -f jsonl --yes --trace "$TMP/first"
is "$(events)" "50 done, 100 verified" "each is done and told"
like "$(tail -n 1 "$TMP/out")" '^\{"event":"summary","done":50,"failed":0\}$' "the summary is the last"
is "$(sent "$TMP/first")" 100 "a write for a setting"
is "$(holds 1 13 ratio.ct) $(holds 4 12 demand.cycle)" "60 30min" "the meters hold it"
exits 0 "again: exit 0" -- "${BATCH[@]}" sites.csv --jobs 1 -f jsonl --yes --trace "$TMP/second"
is "$(events)" "50 done, 100 unchanged" "again: all stands already"
is "$(sent "$TMP/second")" 0 "again: writes nothing"

# a flush a line: the first is there while the run goes on
mkfifo "$TMP/flow"
"${BATCH[@]}" sites.csv -f jsonl --yes >"$TMP/flow" 2>"$TMP/flow.err" &
pid=$!
read -r LINE <"$TMP/flow"
like "$LINE" '"event":"start"' "an event is there as it happens"
wait "$pid" 2>/dev/null || true

# ---- formats ------------------------------------------------------------------------

printf 'target;ratio.ct;note\r\nrtu:%s/l1?unit=1;61;\r\nrtu:%s/l1?unit=2;61;"a, b"\r\n' "$TMP" "$TMP" >two.csv
exits 0 "a table" -- "${BATCH[@]}" two.csv --yes
like "$OUT" 'l1\?unit=2 +done +1 +0' "says what became of each"
is "$(wc -l <"$TMP/out")" 3 "a line a meter"
exits 0 "csv" -- "${BATCH[@]}" two.csv --yes -f csv -o "$TMP/summary.csv"
is "$(head -n 2 "$TMP/out" | tr -d '\r')" "row,target,state,written,unchanged,verdict,checklist,report,code,error
1,rtu:$TMP/l1?unit=1,done,0,1,,,,," "csv: a line a meter"
cmp "$TMP/out" "$TMP/summary.csv"
ok $? "-o: the same in a file"
exits 0 "json" -- "${BATCH[@]}" two.csv --yes -f json
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
print(o["schema"], len(o["events"]), o["done"], o["failed"])' <"$TMP/out")" "meterctl.batch/1 6 2 0" "json: one object"
exits 2 "influx is for readings: exit 2" -- "${BATCH[@]}" two.csv --yes -f influx

# ---- mistakes -----------------------------------------------------------------------

printf 'target;ratio.ct;demand.cycl;security.code;expect.voltage.a\nrtu:%s/l1?unit=1;"230,5";15min;7531;\nrtu:%s/l1?unit=1;0;;;220,5..240\n' \
	"$TMP" "$TMP" >broken.csv
exits 2 "mistakes: exit 2" -- "${BATCH[@]}" broken.csv --yes --trace "$TMP/none"
is "$(cut -d: -f 1-4 <<<"$ERR")" "meterctl: broken.csv:1:17
meterctl: broken.csv:2:$((${#TMP} + 16))
meterctl: broken.csv:2:$((${#TMP} + 30))
meterctl: broken.csv:3:1
meterctl: broken.csv:3:$((${#TMP} + 16))
meterctl: broken.csv:3:$((${#TMP} + 20))
meterctl: 6 mistakes in 'broken.csv': nothing was sent" "all of them, with line and column"
like "$ERR" "unknown column 'demand.cycl'; did you mean 'demand.cycle'" "the nearest name"
like "$ERR" "column 'ratio.ct': '230,5'" "the decimal comma and its column"
unlike "$ERR" 7531 "the secret is not repeated"
is "$(cat "$TMP/none" 2>/dev/null)$OUT" "" "nothing is sent"

# ---- secrets --------------------------------------------------------------------------

printf 'target,security.code\nrtu:%s/l1?unit=1,@env:CODE\nrtu:%s/l1?unit=2,@file:code\n' "$TMP" "$TMP" >secret.csv
echo 6420 >code
chmod 600 code
export CODE=7531
exits 0 "secrets by reference: exit 0" -- "${BATCH[@]}" secret.csv --yes -v -f jsonl --trace "$TMP/hidden"
is "$(events)" "2 done, 2 verified" "written"
! grep -rE '7531|6420|1D 6B|19 14' "$TMP/out" "$TMP/err" "$TMP/hidden" "$STATE"
ok $? "no event, state, journal, trace or word has them"

# ---- what fails -----------------------------------------------------------------------

printf 'target,ratio.ct\nrtu:%s/l1?unit=1,62\nrtu:%s/l1?unit=99,62\nrtu:%s/l2?unit=1,62\nrtu:%s/gone?unit=1,62\n' \
	"$TMP" "$TMP" "$TMP" "$TMP" >some.csv
exits 8 "two of four: exit 8" -- "$METERCTL" -t 300 -r 0 batch some.csv --yes -f jsonl
is "$(events)" "2 done, 2 failed, 2 verified" "the others are done"
like "$OUT" '"row":2,.*"event":"failed".*"code":3,"error":"no reply' "each with its reason"
like "$ERR" "row 4 .*gone" "and on stderr"
like "$ERR" '2 of 4 meters failed' "and how many"
ln -s "$(readlink l3)" gone
exits 8 "--only failed: the one that is still silent" -- "$METERCTL" -t 300 -r 0 batch some.csv --yes -f jsonl --only failed
is "$(events --part)" "1 done, 1 failed, 1 verified" "--only failed: only those"
like "$OUT" '"event":"summary","done":3,"failed":1\}' "the summary is of all"
rm gone

printf 'target,ratio.ct\nrtu:%s/l1?unit=99,63\nrtu:%s/l1?unit=1,63\n' "$TMP" "$TMP" >stop.csv
exits 8 "--stop-on-error: exit 8" -- "$METERCTL" -t 300 -r 0 batch stop.csv --yes -f jsonl --stop-on-error
is "$(events)" "1 failed" "--stop-on-error: begins no further row"
like "$OUT" '"failed":1,"open":1\}$' "the other is open"
is "$(holds 1 1 ratio.ct)" 62 "and untouched"
printf 'target,ratio.ct\nrtu:%s/l1?unit=1,62\n' "$TMP" >new.csv
exits 7 "--only failed without a run before: exit 7" -- "${BATCH[@]}" new.csv --yes --only failed

# rows of one port by two names and at two speeds, and rows of a profile's own file
ln -s l1 alias
printf 'profile: own\nextends: adw300\ntitle: t\nsource: s\n' >own.yaml
printf 'target,profile,ratio.ct\nrtu:%s/l1?unit=1,own.yaml,64\nrtu:%s/alias?unit=2,own.yaml,64\nrtu:%s/l1?unit=3,,64\n' \
	"$TMP" "$TMP" "$TMP" >names.csv
exits 0 "a port by two names: exit 0" -- "${BATCH[@]}" names.csv --yes -f jsonl
is "$(events)" "3 done, 3 verified" "one after the other"

# ---- expectations, checks, reports -----------------------------------------------------

printf 'target,expect.voltage.a,expect.ratio.ct,check,report,note\nrtu:%s/l1?unit=1,220..240,64,no,one.html,first\nrtu:%s/l1?unit=2,..100,,yes,two.html,\n' \
	"$TMP" "$TMP" >look.csv
exits 8 "an expectation that is not met: exit 8" -- "${BATCH[@]}" look.csv -f jsonl
like "$OUT" '"event":"expect","key":"voltage.a".*"met":true' "what is met is told"
like "$OUT" '"row":2.*"event":"expect","key":"voltage.a".*"met":false' "what is not met is told"
like "$OUT" '"row":2.*"event":"check","verdict":"[a-z]*"' "the verdict is told"
like "$OUT" '"row":2.*"event":"failed".*"code":1,"error":"' "the row has failed, with the reason"
exits 0 "the report is sealed" -- "$METERCTL" report --verify "$TMP/one.html"
test -f "$TMP/two.html"
ok $? "a row that fails has its report, too"
run "${BATCH[@]}" look.csv -f jsonl
test -f "$TMP/one-2.html" && test -f "$TMP/two-2.html"
ok $? "a second run keeps the first report"
start bad "$METERCTL" simulate frozen,ct-reversed=b --pty "$TMP/wrong"
line_of bad wrong || give_up "no wrong meter"
printf 'target,check\nrtu:%s/wrong,yes\n' "$TMP" >wiring.csv
exits 8 "a wrong wiring: exit 8" -- "${BATCH[@]}" wiring.csv -f jsonl
like "$OUT" '"event":"check","verdict":"fail","findings":\["ct-reversed"' "names the finding"
like "$OUT" '"event":"checklist","items":\[\{"id":"found",.*"id":"wiring","title":"wiring","state":"failed".*"done":[0-9],"of":[0-9]\}$' "the checklist of the meter is told"
like "$OUT" '"event":"failed".*"verdict":"fail","checklist":"[0-9] of [0-9]","code":1,"error":"wiring check: fail, ct-reversed"' "is the reason"

# ---- again ---------------------------------------------------------------------------------

# a meter that the last run has given another address is found there, and has it
start moving "$METERCTL" simulate frozen --pty "$TMP/moving" --count 1
line_of moving moving || give_up "no meter that moves"
printf 'target,comm.address,ratio.ct\nrtu:%s/moving?unit=1,11,62\n' "$TMP" >moving.csv
exits 0 "an address is given" -- "${BATCH[@]}" -t 300 -r 0 moving.csv --yes -f jsonl
exits 0 "again" -- "${BATCH[@]}" -t 300 -r 0 moving.csv --yes -f jsonl
like "$OUT" '"event":"done","written":0,"unchanged":2' "the meter is found at its new address, nothing is written"
exits 0 "it is given its old address back" -- "$METERCTL" -c "rtu:$TMP/moving?unit=11" -t 300 -r 0 set comm.address=1 --yes
stop_pid "$PID"
start moving "$METERCTL" simulate frozen,unit=11,ct=33 --pty "$TMP/moving" --count 1
line_of moving moving || give_up "no other meter"
exits 8 "it is switched off, and another meter has the address that it once had" -- "${BATCH[@]}" -t 300 -r 0 moving.csv --yes
is "$("$METERCTL" -c "rtu:$TMP/moving?unit=11" get ratio.ct)" 33 "that meter is left alone"
ln -s "$TMP/moving" "$TMP/other-name"
printf 'target,ratio.ct\nrtu:%s/moving?unit=4,60\nrtu:%s/other-name?unit=4,70\n' "$TMP" "$TMP" >alias.csv
exits 2 "a port by two names" -- "${BATCH[@]}" alias.csv --yes
like "$ERR" "alias.csv:3:1: column 'target': same meter as line 2" "is one port"
printf 'target,ratio.ct,expect.ratio.ct\nsim:,63,63\n' >planned.csv
exits 0 "a dry run for a person" -- "${BATCH[@]}" planned.csv --dry-run
like "$OUT" '^row 1  ratio\.ct  40 -> 63$' "shows old and new"
like "$OUT" '^ +1 +sim: +planned +0 +0' "and that it is planned; what is expected of it is expected afterwards"
exits 0 "a shard without a row" -- "${BATCH[@]}" moving.csv --yes --shard "$("${BATCH[@]}" moving.csv --dry-run --shard 1/2 2>&1 | grep -q 'no meter' && echo 1/2 || echo 2/2)"
like "$ERR" "no meter of this file belongs to shard [12]/2" "is told"
printf 'target,report\nsim:,%s/no/a.html\n' "$TMP" >folder.csv
exits 2 "a report in a folder that is not there" -- "${BATCH[@]}" folder.csv
like "$ERR" "folder.csv:2:6: column 'report': cannot write to the folder '$TMP/no/'" "is a mistake of the file"

# ---- nobody reads ------------------------------------------------------------------------

# a row at a time, and the reader goes after the first event: the rest stays for --resume
printf 'target,ratio.ct\n' >unread.csv
for _ in 1 2 3 4 5 6 7 8 9 10; do echo sim:,45; done >>unread.csv
"${BATCH[@]}" unread.csv --yes --jobs 1 -f jsonl 2>"$TMP/err" | head -n 1 >"$TMP/out"
is "${PIPESTATUS[0]}" 1 "the reader of the events goes: exit 1"
like "$(cat "$TMP/err")" "cannot write output" "says so"
exits 0 "the rows that were not begun" -- "${BATCH[@]}" unread.csv --yes --resume -f jsonl
like "$OUT" '"event":"summary","done":10,"failed":0' "are done then"
exits 1 "a summary that cannot be written" -- "${BATCH[@]}" unread.csv --yes -f jsonl -o "$TMP/no/summary.csv"
like "$ERR" "cannot write '$TMP/no/summary.csv'" "says so"
like "$OUT" '^\{"schema":"meterctl.error/1","exit":1,"code":"no","message":"cannot write [^{]*\}$' "before anything is done"

# ---- shards -----------------------------------------------------------------------------

run "${BATCH[@]}" sites.csv --dry-run -f csv --shard 1/2
cut -d, -f 2 <<<"$OUT" | tail -n +2 | sort >one
run "${BATCH[@]}" sites.csv --dry-run -f csv --shard 2/2
cut -d, -f 2 <<<"$OUT" | tail -n +2 | sort >two
is "$(sort one two | uniq -d)" "" "shards: no row twice"
is "$(sort one two)" "$(tail -n +2 sites.csv | cut -d, -f 1 | sort)" "shards: every row"
is "$(comm -12 <(sed 's/?.*//' one | sort -u) <(sed 's/?.*//' two | sort -u))" "" "shards: a line is not divided"
for i in 1 2; do
	exits 0 "shard $i/2: exit 0" -- "${BATCH[@]}" sites.csv --yes -q --shard $i/2
done

# ---- ended and gone on with -----------------------------------------------------------

slow() {	# a run whose first events are in: its pid in $RUN
	start run "${BATCH[@]}" "$@" --yes -f jsonl --trace "$TMP/$1.trace"
	RUN=$PID
}
verified() {
	"$METERCTL" -f jsonl journal --all | grep -c '"state":"verified"'
}
sound() {
	"$PYTHON" -c 'import glob, sqlite3, sys
for f in glob.glob(sys.argv[1] + "/*.db"):
    for answer in sqlite3.connect(f).execute("PRAGMA integrity_check"):
        if answer != ("ok",): print(f, answer)' "$STATE"
}

fleet slow.csv target,ratio.ct,demand.cycle,lora.channel 70,45min,21
slow slow.csv
line_of run '"state":"verified"' || give_up "nothing was written"
exits 7 "a second run at the same time: exit 7" -- "${BATCH[@]}" slow.csv --yes
like "$ERR" "process $RUN " "names the first"
kill -INT "$RUN"
line_of run '"event":"summary"'
summary=$LINE
ended "$RUN"
is "$RC" 130 "Ctrl-C: exit 130"
like "$summary" '"open":[1-9]' "Ctrl-C: some are open"
is "$("$METERCTL" -f jsonl journal --all | grep -c '"open":true')" 0 "Ctrl-C: no setting is left half written"
is "$(sound)" "" "Ctrl-C: the state is sound"
was=$(sent slow.csv.trace)
exits 0 "--resume: exit 0" -- "${BATCH[@]}" slow.csv --yes --resume -f jsonl --trace "$TMP/resumed"
like "$OUT" '"event":"summary","done":50,"failed":0\}' "--resume: all are done"
is "$((was + $(sent "$TMP/resumed")))" 150 "--resume: nothing is written twice"

sed 's/,70,/,71,/' slow.csv >killed.csv
slow killed.csv
line_of run '"event":"done"' || give_up "nothing is done"
kill -KILL "$RUN"
ended "$RUN"
exits 0 "--resume after SIGKILL: exit 0" -- "${BATCH[@]}" killed.csv --yes --resume -f jsonl
like "$OUT" '"event":"summary","done":50,"failed":0\}' "all are done"
is "$(sound)" "" "the state is sound"
is "$(holds 1 1 ratio.ct) $(holds 4 12 ratio.ct)" "71 71" "the meters hold it"
exits 0 "--resume of what is done: exit 0" -- "${BATCH[@]}" killed.csv --yes --resume -f jsonl --trace "$TMP/nothing"
is "$(cat "$TMP/nothing")" "" "asks nothing"
echo >>killed.csv
exits 7 "--resume with a changed file: exit 7" -- "${BATCH[@]}" killed.csv --yes --resume
like "$ERR" 'has changed' "says why"

printf 'settings:\n  ratio.ct: 72\n' >site.yaml
printf 'target,settings\nrtu:%s/l1?unit=1,site.yaml\n' "$TMP" >by.csv
exits 0 "a file of settings: exit 0" -- "${BATCH[@]}" by.csv --yes
is "$(holds 1 1 ratio.ct)" 72 "is written"
printf 'settings:\n  ratio.ct: 73\n' >site.yaml
exits 7 "--resume with another file of settings: exit 7" -- "${BATCH[@]}" by.csv --yes --resume
exits 0 "--resume without a run before begins one" -- "${BATCH[@]}" new.csv --yes --resume
like "$ERR" 'this is a new one' "and says so"

# SIGTERM is as Ctrl-C; the reader of a pipe that leaves does no harm
sed 's/,70,/,74,/' slow.csv >term.csv
slow term.csv
line_of run '"state":"verified"' || give_up "nothing was written"
stop_pid "$RUN"
is "$RC" 130 "SIGTERM: exit 130"
is "$("$METERCTL" -f jsonl journal --all | grep -c '"open":true')" 0 "SIGTERM: no setting is left half written"

# ---- at a terminal -------------------------------------------------------------------------

at_terminal() {	# at_terminal WORDS OPTION...
	exits 0 "a batch at a terminal" -- "$PYTHON" "$TOP/tests/cli/batch_terminal.py" "$1" "${BATCH[@]}" "${@:2}"
}
sed 's/,70,/,75,/' slow.csv >seen.csv
at_terminal "" seen.csv --yes
like "$OUT" '^status 0, drawn$' "progress is drawn"
is "$(grep -c 'of 50 meters' <<<"$OUT") $(grep -c '  done  ' <<<"$OUT")" "0 50" "and taken away before the summary"
sed 's/,70,/,76,/' slow.csv >seen.csv
at_terminal "of 50 meters, about" seen.csv --yes
like "$OUT" '^status 130, drawn$' "Ctrl-C ends it"
like "$OUT" '^meterctl: interrupted: [0-9]+ of 50 meters not done' "says how many are left"
is "$("$METERCTL" -f jsonl journal --all | grep -c '"open":true')" 0 "no setting is left half written"
at_terminal "" seen.csv --yes --resume -f jsonl
like "$OUT" '^status 0, not drawn$' "events at a terminal are not drawn over"
is "$(grep -c '^{"row":[0-9]*,.*"event":"start"' <<<"$OUT")" "$(grep -c '^{"row":[0-9]*,.*"event":"done"' <<<"$OUT")" "all of them are there"

# ---- where it cannot be kept --------------------------------------------------------------

mkdir shut
echo >shut/file
exits 7 "a state that cannot be made: exit 7" -- "$METERCTL" --journal shut/file/journal.db batch new.csv --yes
one_line "$ERR" "in a line"

done_testing
