#!/usr/bin/env bash
# What stands around the values: the trace, -q and -v, colour, the terminal.
. "$(dirname "$0")/../tap.sh"

exits 0 "--trace" -- "$METERCTL" --trace "$TMP/trace" -c sim:frozen get voltage.a
head='^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}'
like "$(cat "$TMP/trace")" "$head > 01 03 00 14 00 01 C4 0E" "the request, with microseconds"
like "$(cat "$TMP/trace")" "$head < 01 03 02( [0-9A-F]{2}){4}" "the answer"
unlike "$(grep -Ev "$head [><!*] ?" "$TMP/trace")" . "no other line"
exits 0 "in JSON nothing of it on stdout" -- "$METERCTL" --trace "$TMP/trace" -c sim:frozen -f json read voltage.a
"$PYTHON" -c 'import json,sys; json.load(open(sys.argv[1]))' "$TMP/out"
ok $? "which stays JSON"
exits 1 "a trace file that cannot be" -- "$METERCTL" --trace "$TMP/no/trace" -c sim:frozen get voltage.a
one_line "$ERR" "one line"
like "$ERR" "$TMP/no/trace" "names it"
exits 3 "a dead meter, traced" -- "$METERCTL" --trace "$TMP/trace" -c sim:dead -t 100 -r 1 get voltage.a
like "$(cat "$TMP/trace")" "$head \* .*" "timeouts stand in the trace"
is "$(grep -c ' > ' "$TMP/trace")" 2 "one request, one retry"

exits 3 "-q" -- "$METERCTL" -q -c sim:dead -t 100 -r 0 get voltage.a
one_line "$ERR" "errors are said all the same"
exits 0 "-q on a good meter" -- "$METERCTL" -q -c sim:frozen read
is "$ERR" "" "nothing on stderr"
exits 0 "-v" -- "$METERCTL" -v -c sim:frozen get voltage.a
like "$OUT" '^[0-9.]+$' "says no more on stdout"

# ---- influx: readings, and nothing else
exits 0 "influx" -- "$METERCTL" -c sim:frozen -f influx read voltage comm.baud di.status security.code
like "$OUT" '^meter,profile=adw300,target=sim:frozen voltage\.a=[0-9.]+,.*,comm\.baud="9600",di\.status=[0-9]+i [0-9]{19}$' \
	"one line for one instant"
one_line "$OUT" "and no other"
unlike "$OUT" 'security' "no secret"
exits 0 "influx of get" -- "$METERCTL" -c 'sim:seed=3,frozen' -f influx get voltage.a
like "$OUT" '^meter,profile=adw300,target=sim:seed\\=3\\,frozen voltage\.a=[0-9.]+ [0-9]{19}$' "a line, with its tags escaped"
exits 0 "get in another format" -- "$METERCTL" -c sim:frozen -f csv get voltage.a
like "$OUT" '^[^,]+,voltage\.a,[0-9.]+,V,ok' "is a row, as of read"
exits 0 "several" -- "$METERCTL" -c sim:frozen get ratio.ct comm.baud ratio.pt
is "$OUT" $'40\n9600\n1' "one a line, in the order of the keys"
exits 0 "influx of watch" -- "$METERCTL" -c sim: -f influx watch -n 3 -i 0 voltage.a voltage.b
is "$(grep -cE '^meter,profile=adw300,target=sim: voltage\.a=[0-9.]+,voltage\.b=[0-9.]+ [0-9]{19}$' "$TMP/out")" 3 "a line a round"
is "$(sort -u "$TMP/out" | wc -l)" 3 "each of another time"
same=sim:frozen,start=2026-07-15T14:45:00	# else it begins at the time that it is now
exits 0 "influx of the primary side" -- "$METERCTL" -c "$same" -f csv --primary read power.active.total
primary=$(tail -n 1 "$TMP/out" | cut -d, -f6)
exits 0 "influx of the primary side" -- "$METERCTL" -c "$same" -f influx --primary read power.active.total
like "$OUT" "^meter,[^ ]* power\\.active\\.total=${primary%%.*}\\." "the number of CSV's column"
exits 3 "influx of a dead meter" -- "$METERCTL" -c sim:dead -t 100 -r 0 -f influx read voltage
is "$OUT" "" "has no line"
run "$METERCTL" --help
commands=$(sed -n '/^commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' "$TMP/out")
for command in $commands completion; do
	case $command in read | get | watch | wait) continue ;; esac
	exits 2 "$command refuses influx" -- "$METERCTL" -c sim:frozen -f influx "$command"
	is "$ERR" "meterctl: format influx is for readings: read, get, watch, wait" "$command: in one line"
	is "$OUT" "" "$command: prints nothing"
	exits 0 "$command --help does not" -- "$METERCTL" -f influx "$command" --help
done

for words in "read" "-f json read" "-f csv read *" "profile list" "profile show" "--help" "watch -n 1" "--color auto read"; do
	set -f
	# shellcheck disable=SC2086
	"$METERCTL" -c sim:frozen $words </dev/null >"$TMP/out" 2>&1
	set +f
	! LC_ALL=C grep -qP '\x1b|\x9b' "$TMP/out"
	ok $? "no escape codes into a pipe: $words"
done

# in a terminal of ours: what a person sees, and that nothing asks anything
"$PYTHON" - "$METERCTL" >"$TMP/out" 2>"$TMP/err" <<'EOF'
import os, pty, sys
def on_terminal(*argv, **env):
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(argv[0], argv, dict(os.environ, **env))
    out = b""
    try:
        while chunk := os.read(fd, 65536):
            out += chunk
    except OSError:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), out
m = sys.argv[1]
code, out = on_terminal(m, "-c", "sim:frozen", "get", "voltage.a")
assert code == 0 and out.strip().replace(b".", b"").isdigit(), out
code, out = on_terminal(m, "-c", "sim:frozen", "read", NO_COLOR="1")
assert code == 0 and b"\x1b" not in out, out[:200]
code, out = on_terminal(m, "--color", "never", "-c", "sim:frozen", "read")
assert code == 0 and b"\x1b" not in out, out[:200]
EOF
ok $? "on a terminal: a bare value, no colour with NO_COLOR or --color never" || diag "$(cat "$TMP/err")"

done_testing
