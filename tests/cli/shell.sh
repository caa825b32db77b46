#!/usr/bin/env bash
# The shell on standard input: a command a line, over one open meter.
. "$(dirname "$0")/../tap.sh"

SIM=sim:frozen,ct=40,pt=1,start=2026-07-15T14:03:27Z

# shell LINES ARGS...: its status in $RC, output in $OUT, errors in $ERR
shell() {
	local lines=$1

	shift
	printf '%s' "$lines" | timeout --foreground "$RUN_LIMIT" "$METERCTL" "$@" >"$TMP/out" 2>"$TMP/err"
	RC=${PIPESTATUS[1]}
	slurp OUT "$TMP/out"
	slurp ERR "$TMP/err"
}
# shelled CODE NAME LINES ARGS...
shelled() {
	local want=$1 name=$2

	shift 2
	shell "$@"
	is "$RC" "$want" "$name" || diag "$ERR"
}
# records PYTHON: about the list r of what -f jsonl printed
records() {
	"$PYTHON" -c 'import json, sys
r = [json.loads(line) for line in open(sys.argv[2])]
sys.exit(0 if eval(sys.argv[1]) else str(r)[:600])' "$1" "$TMP/out"
}

# ---- one open meter
shelled 0 "a setting and its value" $'set ratio.ct=60 --yes\nget ratio.ct\n' -c sim: shell
like "$OUT" '^ratio\.ct +40 -> 60 +verified' "the result of set"
is "$(tail -n 1 "$TMP/out")" 60 "then the value, of the same meter"
shelled 0 "comments, blank lines, a last line without its end" $'\xef\xbb\xbf# all of it\r\n\n  \t\n  # more\nget ratio.ct' -c "$SIM" shell
is "$OUT" 40 "are no commands"
shelled 0 "words as at the prompt of the screens" $'get "ratio.ct"\nget \'ratio.ct\' --format=table\n' -c "$SIM" shell
is "$OUT" $'40\n40' "quotes keep them together"
shelled 0 "nothing" '' -c "$SIM" shell
is "$OUT$ERR" "" "does nothing"
shelled 0 "quit" $'get ratio.ct\nquit\nget ratio.pt\n' -c "$SIM" shell
is "$OUT" 40 "ends it"
shelled 0 "exit" $'exit\nget ratio.pt\n' -c "$SIM" shell
is "$OUT" "" "so does exit"
shelled 0 "help" $'help get\nget --help\n' -c "$SIM" shell
is "$(grep -c '^usage: meterctl \[OPTIONS\] get KEY' "$TMP/out")" 2 "as --help"
exits 0 "help on the command line" -- "$METERCTL" help get
like "$OUT" '^usage: meterctl \[OPTIONS\] get KEY' "too"
exits 2 "help of nothing" -- "$METERCTL" help gett
like "$ERR" "did you mean 'get'" "says the nearest"

# ---- errors
shelled 2 "an error" $'get ratio.ct\n\nget ratio.cx\nget ratio.pt\n' -c "$SIM" shell
is "$OUT" 40 "ends it"
like "$ERR" "^meterctl: line 3: unknown key 'ratio\\.cx'" "and has its line"
one_line "$ERR" "once"
shelled 3 "the first error's status" $'get voltage.a -t 50 -r 0\nget nonsense\n' -c sim:dead shell
shelled 3 "-k" $'get voltage.a -t 50 -r 0\nget nonsense\nget ratio.ct -c '"$SIM"$'\n' -c sim:dead shell -k
is "$OUT" 40 "goes on"
is "$(grep -oE '^meterctl: line [0-9]+:' "$TMP/err" | xargs)" "meterctl: line 1: meterctl: line 2:" "says every error"
shelled 7 "a question" $'set ratio.ct=60\n' -c "$SIM" shell
like "$ERR" 'line 1: not confirmed' "is not asked of standard input"
shelled 7 "raw write" $'raw write 0x9 60\n' -c "$SIM" shell
like "$ERR" 'wants --yes' "wants --yes, too"
for command in tui shell 'completion bash'; do
	shelled 2 "$command" "$command" -c "$SIM" shell
	like "$ERR" "cannot run inside the shell" "is refused"
done
shelled 2 "options and no command" $'-v\n' -c "$SIM" shell
shelled 2 "an open quote" $'get "ratio.ct\n' -c "$SIM" shell
shelled 2 "a line that is too long" "$(printf '%02000d' 0)"$'\nget ratio.ct\n' -c "$SIM" shell -k
like "$ERR" "^meterctl: line 1: the line is too long" "says so"
is "$OUT" 40 "and the next one is whole"
printf 'get ratio.ct\0 --nonsense\n' | "$METERCTL" -c "$SIM" shell >"$TMP/out" 2>"$TMP/err"
is "${PIPESTATUS[1]}" 2 "a zero byte"
is "$(cat "$TMP/out")" "" "is not the end of a command"
exits 2 "words" -- "$METERCTL" -c "$SIM" shell get
exits 2 "a target that is none" -- "$METERCTL" -c nonsense: shell
exits 2 "a profile that is none" -- "$METERCTL" -p nonsense -c "$SIM" shell
printf 'get ratio.ct\nget ratio.ct\n' | "$METERCTL" -c "$SIM" shell -k >/dev/full 2>"$TMP/err"
is "${PIPESTATUS[1]}" 1 "a disk that is full"
is "$(grep -c 'cannot write output' "$TMP/err")" 1 "ends it, also with -k"

# ---- which meter
shelled 2 "no meter" $'profile list\nget ratio.ct\n' shell
like "$ERR" 'line 2: no meter named' "is needed by some commands only"
shelled 0 "connect" "connect $SIM
get ratio.ct
connect sim:ct=5
get ratio.ct
get ratio.ct -c $SIM
get ratio.ct
connect sim: -p sdm630
get voltage.a
" shell -k
is "$(grep -vc ' answers, read as ' "$TMP/out") $(grep -x '[0-9]*' "$TMP/out" | xargs)" "5 40 5 40 5" "is the meter of what follows, -c that of one command"
shelled 2 "connect that fails" $'connect nowhere:\nset ratio.ct=60 --yes\n' -c "$SIM" --journal "$TMP/unused.db" shell -k
like "$ERR" 'line 2: no meter named' "leaves no meter, not the one before"
shelled 3 "connect to a meter that does not reply" $'connect sim:dead -t 50 -r 0\nget ratio.ct\n' -c "$SIM" shell -k
like "$ERR" 'line 2: no meter named' "leaves none, too"
shelled 0 "another profile" $'connect sim: -p sdm630\nprofile show voltage.a\n' -f json shell
like "$OUT" '"sdm630"' "stays for the commands that follow"
shelled 0 "a saved connection" $'connect sim: -p sdm630 --save roof -q\nconnect '"$SIM"$' -p adw300\nget ratio.ct\nget ratio.ct -c sim:ct=9\n' shell
is "$(grep -x '[0-9]*' "$TMP/out" | xargs)" "40 9" "does not change the one that is open"
shelled 0 "connect to a saved one" $'get ratio.ct\nconnect roof\nget voltage.a\nconnect sim:ct=9\nget ratio.ct' -c "$SIM" shell
like "$(sed -n 2p "$TMP/out")" 'read as sdm630' "has the profile that was saved"
is "$(grep -x '[0-9]*' "$TMP/out" | xargs)" "40 9" "which is not the next one's"
shelled 0 "a profile for one command" $'profile show voltage.a -p sdm630\nprofile show voltage.a\n' -f json shell
is "$(sed -E 's/.*"profile":\{"name":"([a-z0-9]+)".*/\1/' "$TMP/out" | xargs)" "sdm630 adw300" "is gone with it"
shelled 0 "another simulated meter" $'get voltage.a -p sdm630\nget ratio.ct\nget voltage.a -p sdm630\n' -c "$SIM" shell
is "$(sed -n 2p "$TMP/out")" 40 "does not stand in for the one that is open"
shelled 0 "a retarget" $'set comm.address=9 --yes\nget comm.address\n' -c sim: shell
is "$(tail -n 1 "$TMP/out")" 9 "is followed"

# ---- jsonl: an object a command
shelled 2 "-f jsonl" "get comm.frame
read ratio.ct frequency
read voltage -f jsonl
set network.apn.password=hush
read --expect ratio.ct=41
profile list -f csv
" -c "$SIM" -f jsonl shell -k
records '[" ".join(sorted(set(x) - {"schema", "line", "command", "status"})) for x in r] == ["result", "result", "rows", "error", "error result", "text"]'
ok $? "members"
records '[(x["line"], x["status"]) for x in r] == [(1, 0), (2, 0), (3, 0), (4, 2), (5, 1), (6, 0)]'; ok $? "line and status"
records 'r[0]["result"]["readings"][0]["value"] == "8N1" and r[5]["text"].startswith("name,") and r[1]["result"]["schema"] == "meterctl.read/1" and len(r[2]["rows"]) == 6'
ok $? "a text, a document, rows"
records 'r[3]["command"] == "set network.apn.password=****" and "hush" not in str(r)'; ok $? "secrets are masked"
unlike "$OUT$ERR" 'hush' "nowhere shown"
records 'r[4]["error"].startswith("\x27ratio.ct\x27 is 40")'; ok $? "the error, without the line"
shelled 2 "a bad line in jsonl" "$(printf '%02000d' 0)" -c "$SIM" -f jsonl shell
records 'r[0]["status"] == 2 and r[0]["command"] == ""'; ok $? "has its object, too"

# ---- the shell's options are defaults, those of a line its own
shelled 0 "defaults" $'get ratio.ct\nread ratio.ct\nread ratio.ct -f csv\nread ratio.ct\n' -c "$SIM" -f json shell
is "$(grep -c '"schema":"meterctl.read/1"' "$TMP/out")" 3 "-f"
is "$(grep -c '^at,key,value' "$TMP/out")" 1 "but where a line says another"
shelled 7 "--read-only" $'set ratio.ct=60 --yes\n' -c "$SIM" --read-only shell
shelled 0 "--journal" $'set ratio.ct=60 --yes\nset ratio.pt=2 --yes --journal '"$TMP/two.db"$'\njournal -f csv\n' \
	-c "$SIM" --journal "$TMP/one.db" shell
is "$(grep -c ',ratio\.' "$TMP/out")" 1 "one entry in the one"
exits 0 "and one" -- "$METERCTL" --journal "$TMP/two.db" journal -f csv
like "$OUT" ',ratio\.pt,' "in the other"
shelled 0 "--trace" $'get ratio.ct\nget voltage.a --trace '"$TMP/line.trace"$'\nget ratio.ct\nget ratio.ct -c sim:\n' \
	-c "$SIM" --trace "$TMP/shell.trace" shell
is "$(grep -c ' > ' "$TMP/shell.trace") $(grep -c ' > ' "$TMP/line.trace")" "4 1" "of the shell all frames, of a line its own"
shelled 0 "-v of one line" $'get ratio.ct -v\nget ratio.ct\nget ratio.ct -v\n' -c "$SIM" shell
is "$(sed 's/after.*//' "$TMP/err")" "meterctl: 1 point in 1 request: 1 answered, 0 timed out, 0 corrupt, 0 not ours, 0 refused; first byte 
meterctl: 1 point in 1 request: 1 answered, 0 timed out, 0 corrupt, 0 not ours, 0 refused; first byte " \
	"says what this command has asked"

# what asks a person is not confirmed by a script
printf 'target,ratio.ct\nsim:,44\n' >"$TMP/one.csv"
"$METERCTL" shell <<<"batch $TMP/one.csv" >"$TMP/out" 2>"$TMP/err"
is $? 7 "a batch without --yes: exit 7"
like "$(cat "$TMP/err")" "line 1: not confirmed: nothing was written" "in a line"

# every command of the table, twice and with other options in between, as if it ran alone
exits 0 "settings" -- "$METERCTL" -c "$SIM" backup -o "$TMP/site.yaml"
run "$METERCTL" --help
sed -n '/^commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' "$TMP/out" >"$TMP/commands"
"$PYTHON" - "$METERCTL" "$SIM" "$TMP" >"$TMP/out" 2>"$TMP/err" <<'EOF2'
import json, subprocess, sys
meterctl, sim, tmp = sys.argv[1:]
site, dead = tmp + "/site.yaml", "mqtt://127.0.0.1:9"
pairs = {      # with options, and without
    "tui": ("tui --ascii", "tui"), "shell": ("shell -k", "shell"),
    "read": ("read voltage --expect ratio.ct=41 --primary", "read ratio.ct"),
    "get": ("get current.a --primary", "get current.a"),
    "watch": ("watch -n 2 -i 0 --until ratio.ct=41", "watch -n 1"),
    "wait": ("wait ratio.ct=41 --for 0.1", "wait ratio.ct=40"),
    "set": ("set ratio.ct=60 --dry-run --allow-switching", "set ratio.ct=60"),
    "plan": (f"plan {site} --allow-provisional", f"plan {site}"),
    "apply": (f"apply {site} --dry-run", f"apply {site} --read-only"),
    "backup": (f"backup -o {tmp}/no/site.yaml", "backup -q"),
    "restore": (f"restore {site} --dry-run --incomplete", f"restore {site} --yes"),
    "diff": (f"diff {site} {site}", f"diff {site}"),
    "undo": ("undo 99 --dry-run", "undo"),
    "batch": (f"batch {tmp}/none.csv --jobs 2 --dry-run", f"batch {tmp}/none.csv"),
    "check": ("check --site exporting --wires 3 --nominal-current 1", "check"),
    # what it is told is kept, so that the next one would say other things
    "checklist": ("checklist --nameplate-ct 200/5 --list /none", "checklist --settings /none"),
    "learn": ("learn --from /none --value network.apn=a", "learn --from /none"),
    "listen": ("listen -n 1 /none", "listen /none"),
    "scan": (f"scan --for 1 -t 50 {dead}", f"scan -t 50 {dead}"),
    "report": ("report --text --site-name X --verify /none", "report --verify /none"),
    "uplink": ("uplink --deadline 1 --from-start", "uplink"),
    "platform": (f"platform --for 1 --product x -t 50 -c {dead}", f"platform -t 50 -c {dead}"),
    "config": ("config show -t 5", "config path"),
    "history": ("history --months 1", "history"),
    "raw": ("raw read 0x14 --input", "raw read 0x14"),
    "profile": ("profile show voltage.a -p sdm630", "profile show voltage.a"),
    "journal": ("journal -n 1 --all --target", "journal"),
    "simulate": ("simulate nonsense --count 2", "simulate nonsense"),
    "connect": (f"connect {sim} -p sdm630 --nonsense", f"connect {sim}"),
    "help": ("help --ascii read", "help"),
}
missing = set(open(tmp + "/commands").read().split()) ^ set(pairs)
assert not missing, missing
moments = {"time", "at", "at_us", "from", "clock", "evidence", "host", "pid"}
def bare(x):
    if isinstance(x, dict):
        return {k: bare(v) for k, v in x.items() if k not in moments}
    return [bare(v) for v in x] if isinstance(x, list) else x
def shell(lines):
    p = subprocess.run([meterctl, "-c", sim, "-f", "jsonl", "shell", "-k"], input="\n".join(lines).encode(), capture_output=True)
    out = [json.loads(line) for line in p.stdout.splitlines()]
    assert len(out) == len(lines), (lines, out, p.stderr)
    for o in out:
        del o["line"]
        if o.get("text", "").startswith("# "):      # of a backup: when it was read
            o["text"] = o["text"].split("\n", 2)[2]
    return [bare(o) for o in out]
all_lines = [line for a, b in pairs.values() for line in (a, b, a, b)]
together = shell(all_lines)
bad = 0
for i, line in enumerate(all_lines):
    alone = shell([line])[0]
    if together[i] != alone:
        bad += 1
        print(f"{line}:\n  alone    {str(alone)[:600]}\n  together {str(together[i])[:600]}", file=sys.stderr)
sys.exit(bad > 0)
EOF2
ok $? "every command of the table is as if it ran alone" || diag "$(cat "$TMP/err")"

# ---- one connection, and a new one where it has failed
cat >"$TMP/count.py" <<'EOF2'
"""Hands TCP connections on to a port, and counts them in a file. While FILE.mute is there,
nothing comes back."""
import os, socket, sys, threading
log, port = open(sys.argv[1], "a", buffering=1), int(sys.argv[2])
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
def carry(a, b):
    try:
        while chunk := a.recv(4096):
            if not os.path.exists(sys.argv[1] + ".mute"):
                b.sendall(chunk)
    except OSError:
        pass
    a.close(), b.close()
while True:
    ours = s.accept()[0]
    print("connection", file=log)
    theirs = socket.create_connection(("127.0.0.1", port))
    for pair in ((ours, theirs), (theirs, ours)):
        threading.Thread(target=carry, args=pair, daemon=True).start()
EOF2
start meter "$METERCTL" simulate "${SIM#sim:}" --tcp 0
METER=$PID
line_of meter 'tcp:'
PORT=${LINE%%\?*}
PORT=${PORT##*:}
start count "$PYTHON" "$TMP/count.py" "$TMP/count" "$PORT"
line_of count '^[0-9]+$'
COUNTED=tcp:127.0.0.1:$LINE
shelled 0 "twenty values" "$(for _ in $(seq 20); do echo get ratio.ct; done)" -c "$COUNTED" shell
is "$(grep -c 40 "$TMP/out") $(grep -c . "$TMP/count")" "20 1" "over one connection"

mkfifo "$TMP/lines"
exec {lines}<>"$TMP/lines"
typing() {	# typing TARGET: standard input is that fifo
	exec "$METERCTL" -t 1000 -r 0 -c "$1" shell -k <"$TMP/lines" {lines}>&-
}
: >"$TMP/count"
start shell typing "$COUNTED"
echo get ratio.ct >&"$lines"
line_of shell '^40$'
touch "$TMP/count.mute"
echo get ratio.ct >&"$lines"
wait_for grep -q 'line 2: no reply' "$TMP/shell.err"; ok $? "a meter that does not reply"
rm "$TMP/count.mute"
echo get ratio.ct >&"$lines"
line_of shell '^40$'; ok $? "is asked again by the next command"
is "$(grep -c . "$TMP/count")" 2 "over a new connection"
echo quit >&"$lines"
ended "$PID"
is "$RC" 3 "and the first error is the status"
start shell typing "tcp:127.0.0.1:$PORT"
SHELL_PID=$PID
echo get ratio.ct >&"$lines"
line_of shell '^40$'; ok $? "a value as its line comes"
stop_pid "$METER" INT
echo get ratio.ct >&"$lines"
wait_for grep -q 'line 2: ' "$TMP/shell.err"; ok $? "a meter that has gone"
start meter "$METERCTL" simulate "${SIM#sim:}" --tcp "$PORT"
line_of meter 'tcp:'
echo get ratio.ct >&"$lines"
line_of shell '^40$'; ok $? "is there again for the next command"
echo watch voltage.a -i 0.05 >&"$lines"
line_of shell 'voltage\.a'
stop_pid "$SHELL_PID" INT
is "$RC" 130 "an interrupt ends the command and the script, also with -k"
start shell typing "tcp:127.0.0.1:$PORT"
line=$PID
echo get ratio.ct >&"$lines"
line_of shell '^40$'
stop_pid "$line" TERM
is "$RC" 130 "so it does between two commands"

printf 'set ratio.ct=60 --yes\nset ratio.pt=2 --yes\n' >"$TMP/two"
writing() {
	exec "$METERCTL" --trace "$TMP/writing.trace" --journal "$TMP/writing.db" -c sim:mute-after-write=2000 shell -k <"$TMP/two"
}
start shell writing
SHELL_PID=$PID
wait_for grep -q ' > 01 10 ' "$TMP/writing.trace"; ok $? "a write under way"
stop_pid "$SHELL_PID" INT
is "$RC" 130 "an interrupt is for all of the script"
exits 0 "the journal" -- "$METERCTL" --journal "$TMP/writing.db" -f csv journal
unlike "$OUT" 'ratio\.pt' "nothing more is written"

# ---- a serial port that the shell holds
start serial "$METERCTL" simulate "${SIM#sim:}" --pty "$TMP/port" --count 2
line_of serial 'rtu:'
shelled 0 "a serial port" "get comm.address
get comm.address -c rtu:$TMP/port?unit=2
get comm.address -c rtu:$TMP/port?unit=1
connect rtu:$TMP/port?unit=2
get comm.address
" -c "rtu:$TMP/port" shell
is "$(grep -v answers "$TMP/out" | xargs)" "1 2 1 2" "is used by commands to the same and to other meters on it"

# ---- nothing of it is kept
is "$(ls "$XDG_STATE_HOME/meterctl/history" 2>/dev/null)" "" "standard input is no history"

done_testing
