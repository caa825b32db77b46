#!/usr/bin/env bash
# set: what is refused before the wire, what is asked, what is written, and what
# is said about it.
. "$(dirname "$0")/../tap.sh"

json() {	# json EXPRESSION: about the document d in $TMP/out and its steps s by key
	"$PYTHON" -c 'import json, os, sys
d = json.load(open(os.environ["TMP"] + "/out"))
s = {x["key"]: x for x in d["steps"]}
sys.exit(0 if eval(sys.argv[1]) else str(d)[:600])' "$1"
}
frames() {	# requests of function 16 in a trace
	grep -c ' > [0-9A-F][0-9A-F] 10 ' "$1"
}

# ---- refused, and nothing on the wire
refused() {	# refused CODE REGEX WORDS...
	local code=$1 regex=$2

	shift 2
	rm -f "$TMP/trace"
	exits "$code" "set $*" -- "$METERCTL" -c sim: --trace "$TMP/trace" set "$@"
	one_line "$ERR" "one line"
	like "$ERR" "$regex" "says what"
	is "$OUT$(cat "$TMP/trace" 2>/dev/null)" "" "nothing printed, nothing on the wire"
}
for yes in "" --yes; do
	# shellcheck disable=SC2086
	{
		refused 7 'out of range \(1 to 65535\)' ratio.ct=0 $yes
		refused 7 'out of range \(1 to 247\)' comm.address=300 $yes
		refused 2 "unknown key 'nosuch'" nosuch=1 $yes
		refused 2 'reading' voltage.a=1 $yes
	}
done
refused 2 "'ratio.ct'" ratio.cd=1 --yes
refused 2 'no number' ratio.ct=many --yes
refused 7 'one of: 15min' demand.cycle=20min --yes
refused 2 'KEY=VALUE' ratio.ct --yes
refused 2 'KEY=VALUE' =40 --yes
refused 2 'usage' --yes
refused 2 'twice' ratio.ct=40 ratio.ct=50 --yes
refused 2 '2 points' ratio=40 --yes
refused 2 "'nosuch'" ratio.ct=40 nosuch=1 --yes
refused 7 'breaker.*--allow-switching' do.1=1 --yes
rm -f "$TMP/trace"
exits 7 "--read-only" -- "$METERCTL" -c sim: --read-only --trace "$TMP/trace" set ratio.ct=60 --yes
one_line "$ERR" "one line"
is "$OUT$(cat "$TMP/trace")" "" "nothing on the wire"
exits 7 "a journal that cannot be written" -- "$METERCTL" -c sim: --journal /proc/none/j.db --trace "$TMP/trace" set ratio.ct=60 --yes
is "$(frames "$TMP/trace")" 0 "nothing is written"

# ---- on a meter that stays
start sim "$METERCTL" simulate frozen,ct=40 --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "no simulator"
TARGET=rtu:$TMP/port
exits 0 "--dry-run" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" -f json set ratio.ct=60 ratio.pt=1 --dry-run
json 'd["schema"] == "meterctl.apply/1" and d["result"] == "planned"'; ok $? "schema, planned"
json 's["ratio.ct"]["state"] == "planned" and s["ratio.ct"]["before"] == 40 and s["ratio.ct"]["want"] == 60'
ok $? "before and want"
json 's["ratio.pt"]["state"] == "unchanged"'; ok $? "what stands there already"
is "$(frames "$TMP/trace")" 0 "nothing is written"
exits 0 "--dry-run, as a table" -- "$METERCTL" -c "$TARGET" set ratio.ct=60 --dry-run
like "$OUT" '^ratio\.ct +40 -> 60 ' "old -> new"
like "$OUT" 'ambiguous' "with what a person should know"
exits 7 "not confirmed" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" -f json set ratio.ct=60
like "$ERR" '^ratio\.ct +40 -> 60' "shows what it would write"
like "$ERR" 'not confirmed' "and why it does not"
json 'd["result"] == "cancelled" and s["ratio.ct"]["state"] == "planned"'; ok $? "cancelled"
is "$(frames "$TMP/trace")" 0 "nothing is written"

exits 0 "set" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" -f json set ratio.ct=60 --yes
like "$ERR" '^ratio\.ct +40 -> 60' "old -> new on stderr"
json 'd["result"] == "ok" and [s["ratio.ct"][k] for k in ("before", "want", "after", "state")] == [40, 60, 60, "verified"]'
ok $? "before 40, want 60, after 60, verified"
like "$(cat "$TMP/trace")" ' > 01 10 00 0F 00 01 02 00 3C ' "by function 16"
run mbpoll -0 -1 -m rtu -a 1 -b 9600 -P none -t 4 -r 15 "$TMP/port"
like "$OUT" '^\[15\]:[[:space:]]+60' "mbpoll reads 60"
exits 0 "once more" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" -f json set ratio.ct=60 --yes
json 's["ratio.ct"]["state"] == "unchanged" and d["result"] == "ok"'; ok $? "unchanged"
is "$(frames "$TMP/trace")" 0 "nothing is written"
exits 0 "-q" -- "$METERCTL" -c "$TARGET" -q set ratio.ct=61 --yes
is "$ERR" "" "nothing on stderr"
like "$OUT" '^ratio\.ct +60 -> 61 +verified' "the result"
exits 0 "lines" -- "$METERCTL" -c "$TARGET" -f jsonl set ratio.ct=62 demand.cycle=30min --yes
is "$(wc -l <"$TMP/out")" 3 "one a step, and the verdict"
like "$(tail -n 1 "$TMP/out")" '^\{"schema":"meterctl.apply/1",.*"result":"ok"\}$' "with its schema"
exits 0 "CSV" -- "$METERCTL" -c "$TARGET" -f csv set ratio.ct=63 --yes
is "$(head -n 1 "$TMP/out" | tr -d '\r')" "key,before,want,after,unit,state,error" "header"
is "$(sed -n 2p "$TMP/out" | tr -d '\r')" "ratio.ct,62,63,63,,verified," "a step"
exits 0 "a transformer's plate" -- "$METERCTL" -c "$TARGET" -q set ratio.ct=200/5 --yes
exits 0 "is read" -- "$METERCTL" -c "$TARGET" get ratio.ct
is "$OUT" 40 "as its ratio"
exits 0 "two bits of one word" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" -f json \
	set alarm1.enable.overvoltage=0 alarm1.enable.undervoltage=0 --yes
json 'all(x["state"] == "verified" and x["after"] == 0 for x in d["steps"])'; ok $? "verified"
is "$(frames "$TMP/trace")" 1 "in one frame"
exits 0 "an output, with consent" -- "$METERCTL" -c "$TARGET" -q set do.1=1 --yes --allow-switching
exits 7 "no published register" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" set network.apn=x --yes
like "$ERR" 'profile' "says where the supplier's address goes"
is "$(cat "$TMP/trace")" "" "nothing on the wire"
exits 0 "on the built-in simulator" -- "$METERCTL" -c sim: -f json set network.apn=m2m.example --yes
json 's["network.apn"]["state"] == "verified" and s["network.apn"]["after"] == "m2m.example"'; ok $? "verified"

# ---- asked on a terminal
answering() {	# answering "ANSWER ANSWER" COMMAND...: on a terminal; its status in $RC, what it said in $OUT
	run "$PYTHON" -c 'import os, pty, sys
answers, pid_fd, seen = sys.argv[1].split(), pty.fork(), b""
if pid_fd[0] == 0:
	os.execv(sys.argv[2], sys.argv[2:])
while True:
	try:
		piece = os.read(pid_fd[1], 4096)
	except OSError:
		break
	if not piece:
		break
	seen += piece
	if seen.endswith(b") ") and seen.count(b"(type ") > 0 and answers:
		os.write(pid_fd[1], answers.pop(0).encode() + b"\n")
		seen += b"\n"
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid_fd[0], 0)[1]))' "$@"
}
answering yes "$METERCTL" -c "$TARGET" set ratio.ct=50
is "$RC" 0 "yes: written"
like "$OUT" 'write this setting\? \(type "yes"\)' "asked"
like "$OUT" 'ratio\.ct +40 -> 50 +verified' "and done"
answering y "$METERCTL" -c "$TARGET" set ratio.ct=40
is "$RC" 7 "anything else: not"
like "$OUT" 'not confirmed: nothing was written' "says so"
answering "yes no" "$METERCTL" -c "$TARGET" set do.1=0
is "$RC" 7 "an output: its own question"
like "$OUT" 'do\.1 may switch a breaker.*\(type "switch"\)' "asked"
answering "yes switch" "$METERCTL" -c "$TARGET" set do.1=0
is "$RC" 0 "answered: written"
answering "" "$METERCTL" -c "$TARGET" set ratio.ct=50
is "$RC" 0 "nothing to write: not asked"
answering $'\x03' "$METERCTL" -c "$TARGET" set ratio.ct=40
is "$RC" 130 "interrupted at the question"
exits 0 "the ratio" -- "$METERCTL" -c "$TARGET" get ratio.ct
is "$OUT" 50 "is as it was last agreed to"

# ---- secrets
CODE=4711 PASSWORD=hush-hush
refused 2 '@env:' security.code="$CODE" --yes
unlike "$ERR" "$CODE" "and not repeated"
refused 7 'NO_SUCH_THING' security.code=@env:NO_SUCH_THING --yes
echo "$CODE" >"$TMP/code"
chmod 644 "$TMP/code"
refused 7 'chmod 600' security.code=@file:"$TMP/code" --yes
refused 7 'none' security.code=@file:"$TMP/none" --yes
chmod 600 "$TMP/code"
hidden() {	# hidden NAME WORD: not in what was printed, traced or journalled
	# the digits of a time may be any
	! sed 's/^[0-9:.]* //' "$TMP/trace" | grep -aqF "$2" "$TMP/out" "$TMP/err" - &&
		! grep -aqrF "$2" "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"
	ok $? "$1" || diag "$(grep -arlF "$2" "$TMP")"
}
for format in table json jsonl csv; do
	echo "$CODE" >"$TMP/code"
	exits 0 "a secret from a file, $format" -- "$METERCTL" -c "$TARGET" -f $format --trace "$TMP/trace" \
		set security.code=@file:"$TMP/code" --yes
	like "$OUT" '\*{8}' "shown as stars"
	hidden "nowhere in clear" "$CODE"
	unlike "$(cat "$TMP/trace")" "$(printf '%02X %02X' $((CODE >> 8)) $((CODE & 255)))" "nor in hexadecimal"
	like "$(cat "$TMP/trace")" ' > 01 10 00 08 00 01 02 00 00 00 00 +secret' "the frame is there, without it"
	CODE=$((CODE + 1))
done
CODE=$((CODE - 1))
run mbpoll -0 -1 -m rtu -a 1 -b 9600 -P none -t 4 -r 8 "$TMP/port"
like "$OUT" "^\[8\]:[[:space:]]+$CODE" "and yet written"
export PASSWORD
exits 0 "a password from the environment" -- "$METERCTL" -c sim: -f json --trace "$TMP/trace" \
	set network.apn.password=@env:PASSWORD --yes
json 's["network.apn.password"]["after"] == "********" and d["result"] == "ok"'; ok $? "verified, shown as stars"
hidden "nowhere in clear" "$PASSWORD"
unlike "$(cat "$TMP/trace")" "$(printf %s "${PASSWORD:0:4}" | od -An -tx1 | tr a-f A-F | sed 's/^ //')" "nor in hexadecimal"
PASSWORD=$(printf 'x%.0s' $(seq 150))
refused 7 'network.apn.password' network.apn.password=@env:PASSWORD --yes
unlike "$ERR" xxxx "a secret that does not fit is not repeated"
CODE=99999
export CODE
refused 7 'security.code' security.code=@env:CODE --yes
unlike "$ERR" 99999 "nor one out of range"
CODE=$(printf '9%.0s' $(seq 400))
refused 2 'security.code' security.code=@env:CODE --yes
unlike "$ERR" 999 "nor the beginning of one that is longer than a message"
CODE=$'\e4711'
refused 2 'security.code' security.code=@env:CODE --yes
unlike "$ERR" 4711 "nor what is left of one with control characters"
CODE=4711

# ---- the clock
exits 0 "clock=now" -- "$METERCTL" -c sim: -f json set clock=now --yes
json 's["clock"]["state"] == "verified"'; ok $? "verified"

# ---- the connection follows the meter
cat >"$XDG_CONFIG_HOME/meterctl/config.yaml" <<END
# connections of the workshop  (grüße)
connections:
  other: tcp:192.0.2.1      # not here
  bench: "rtu:$TMP/port"   # on the desk
  short: {a: 1}
END
sed -i '/short:/d' "$XDG_CONFIG_HOME/meterctl/config.yaml"
mkdir -p "$XDG_STATE_HOME/meterctl"
printf 'tcp:192.0.2.1\nrtu:%s\n' "$TMP/port" >"$XDG_STATE_HOME/meterctl/recent"
exits 0 "a new address" -- "$METERCTL" -c bench -f json set comm.address=7 --yes
json 's["comm.address"]["state"] == "verified" and s["comm.address"]["after"] == 7'; ok $? "found there"
like "$ERR" 'unit=7' "says where the meter is"
is "$(cat "$XDG_CONFIG_HOME/meterctl/config.yaml")" "# connections of the workshop  (grüße)
connections:
  other: tcp:192.0.2.1      # not here
  bench: rtu:$TMP/port?unit=7   # on the desk" "the saved connection leads there, the rest of the file is as it was"
is "$(cat "$XDG_STATE_HOME/meterctl/recent")" "rtu:$TMP/port?unit=7
tcp:192.0.2.1" "so do the recent ones"
exits 0 "a later command" -- "$METERCTL" -c bench get comm.address
is "$OUT" 7 "uses it"
exits 0 "an address of no saved connection" -- "$METERCTL" -c "$TARGET?unit=7" set comm.address=1 --yes
like "$(cat "$XDG_CONFIG_HOME/meterctl/config.yaml")" 'unit=7' "leaves the file alone"
stop_pid "$PID"

# ---- a slave that is not ours, and lies
stubborn() {	# stubborn FAULT: by pymodbus, at $TARGET
	port=$(free_port)
	start slave "$PYTHON" "$PEER/slave_stubborn.py" "$port" "$1"
	line_of slave ready || give_up "no slave"
	TARGET=tcp:127.0.0.1:$port
}
stubborn none
exits 0 "pymodbus: prepare" -- "$METERCTL" -c "$TARGET" -q set ratio.ct=40 --yes
exits 0 "pymodbus: set" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" -f json set ratio.ct=60 --yes
json '[s["ratio.ct"][k] for k in ("before", "want", "after", "state")] == [40, 60, 60, "verified"]'
ok $? "before 40, want 60, after 60, verified"
run mbpoll -0 -1 -m tcp -p "$port" -a 1 -t 4 -r 15 127.0.0.1
like "$OUT" '^\[15\]:[[:space:]]+60' "mbpoll reads 60"
exits 7 "pymodbus: a provisional register" -- "$METERCTL" -c "$TARGET" set network.apn=x --yes
stop_pid "$PID"

stubborn ignore
exits 6 "pymodbus: acknowledged and ignored" -- "$METERCTL" -c "$TARGET" -f json set ratio.ct=60 --yes
json 's["ratio.ct"]["state"] == "failed" and d["result"] == "failed" and "error" in s["ratio.ct"]'; ok $? "failed"
stop_pid "$PID"

stubborn stop
exits 6 "pymodbus: silent after the write" -- "$METERCTL" -c "$TARGET" -t 1000 -r 0 -f json set ratio.ct=60 --yes
kill -CONT "$PID"
json 's["ratio.ct"]["state"] == "unknown" and d["result"] == "unknown"'; ok $? "unknown"
exits 0 "the next run" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" -f json set ratio.ct=60 --yes
like "$ERR" 'earlier run' "settles it first"
json 's["ratio.ct"]["state"] == "unchanged"'; ok $? "by reading"
is "$(grep -c ' 10 00 0F ' "$TMP/trace")" 0 "and writes nothing"
stop_pid "$PID"

done_testing
