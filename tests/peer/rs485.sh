#!/usr/bin/env bash
# Ports whose RS485 driver the program turns round: what it does to the port's lines
# and driver, in which order, and that all is as it was found in the end. The port is a
# pseudo terminal to a simulated meter; rs485_port.c gives it the lines, and a log.
. "$(dirname "$0")/../tap.sh"

export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
PORT_SO=$TMP/port.so
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -shared -fPIC -O1 -Wall -o "$PORT_SO" "$PEER/rs485_port.c" -ldl ||
	give_up "the port does not compile"
start sim "$METERCTL" simulate frozen --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "no simulator"

# on_port PARTS COMMAND... [with RS485_LINES, RS485_FOUND]: the log in $TMP/log
on_port() {
	local parts=$1

	shift
	rm -f "$TMP/log"
	: >"$TMP/log"
	run env LD_PRELOAD="$PORT_SO" RS485_LOG="$TMP/log" "$METERCTL" -c "rtu:$TMP/port?$parts" "$@"
}

# proves NAME SCRIPT: holds for the log, a list of (microseconds, word, numbers) EVENTS
proves() {
	"$PYTHON" -c '
import sys
events = [(int(us), word, [int(n) for n in rest])
          for us, word, *rest in (line.split() for line in open(sys.argv[1]))]

def frames(on):
    """(before, length, microseconds from the write until RTS is back) of each write."""
    for i, (us, word, rest) in enumerate(events):
        if word != "write":
            continue
        assert events[i - 1][1:] == ("rts", [on]), events[i - 1]
        assert [e[1] for e in events[i + 1:i + 3]] == ["drain", "rts"], events[i + 1:i + 3]
        assert events[i + 2][2] == [1 - on]
        yield us - events[i - 1][0], rest[0], events[i + 2][0] - us
'"$2" "$TMP/log" 2>"$TMP/proof"
	ok $? "$1" || diag "$(tail -n 3 "$TMP/proof") $(head -n 20 "$TMP/log")"
}

# ---- RTS, both ways -----------------------------------------------------------

for way in rts:1 rts-inverted:0; do
	mode=${way%:*} on=${way#*:}
	for found in 0 1; do
		RS485_LINES=$found on_port "rs485=$mode" read voltage
		is "$RC" 0 "$mode, RTS found $found: read" || diag "$ERR"
		proves "RTS says who speaks, for every frame, until its bytes have left" "
n = 0
for before, length, after in frames($on):
    n += 1
    assert after >= length * 10e6 / 9600, (length, after)
assert n >= 1
"
		proves "and is as it was found in the end" "
changes = [$found] + [rest[0] for _, word, rest in events if word == 'rts']
assert changes[-1] == $found, changes
"
	done
done
RS485_LINES=1 on_port "rs485=rts&rs485-before=20&rs485-after=40&baud=9600&unit=1" get voltage.a
is "$RC" 0 "times of its own: read" || diag "$ERR"
proves "they are kept" '
for before, length, after in frames(1):
    assert before >= 20e3 and after >= 40e3 + length * 10e6 / 9600, (before, after)
'
# the speed of the moment counts, not that of the start
RS485_LINES=0 on_port "rs485=rts" --yes set comm.baud=1200
is "$RC" 0 "another speed" || diag "$ERR"
proves "a frame takes its time at the new one" '
last = list(frames(1))[-1]
assert last[2] >= last[1] * 10e6 / 1200, last
'
RS485_LINES=0 on_port "rs485=rts&baud=1200" --yes set comm.baud=9600
is "$RC" 0 "and back" || diag "$ERR"
on_port "" get voltage.a
is "$RC" 0 "an adapter: read"
RS485_LINES=1 RS485_FOUND="0 0 0" on_port "" get voltage.a
proves "whose lines are left alone" '
assert all(word == "write" for _, word, _ in events) and events, events
'

# ---- the kernel's driver: 1 enabled, 2 RTS on while sending, 4 RTS on after it ---

RS485_FOUND="0 0 0" on_port "rs485=kernel&rs485-before=3&rs485-after=5" get voltage.a
is "$RC" 0 "kernel: read" || diag "$ERR"
proves "the driver is set before the first frame, and back in the end" '
assert events[0][1:] == ("rs485", [3, 3, 5]), events
assert events[-1][1:] == ("rs485", [0, 0, 0]), events
assert {e[1] for e in events[1:-1]} == {"write"}, events
'
RS485_FOUND="20 1 2" on_port "rs485=kernel" get voltage.a
is "$RC" 0 "kernel, as a board has it: read" || diag "$ERR"
proves "polarity, times and what else was set stay" '
assert events[0][1:] == ("rs485", [21, 1, 2]) and events[-1][1:] == ("rs485", [20, 1, 2]), events
'
RS485_FOUND="0 0 0" on_port "rs485=kernel" -t 100 -r 0 get no.such.key
is "$RC" 2 "kernel: nothing asked"
RS485_FOUND="3 0 0" on_port "rs485=kernel&unit=9" -t 100 -r 0 get voltage.a
is "$RC" 3 "kernel: a meter that is silent"
like "$ERR" 'rs485=rts' "says what else to try"
proves "and the driver is as it was" '
assert events[-1][1:] == ("rs485", [3, 0, 0]), events
'

# ---- ports that cannot -----------------------------------------------------------

# cannot NAME REGEX
cannot() {
	is "$RC" 2 "$1: exit 2"
	is "$OUT" "" "$1: no value"
	one_line "$ERR" "$1: one line"
	like "$ERR" "$2" "$1: says what to use"
	is "$(grep -c write "$TMP/log")" 0 "$1: nothing is sent"
}
on_port "rs485=rts" get voltage.a
cannot "no lines" "'$TMP/port' has no RTS.*rs485=kernel"
on_port "rs485=kernel" get voltage.a
cannot "no driver" "'$TMP/port' cannot do rs485=kernel.*rs485=rts"
RS485_MOST_BEFORE=2 RS485_FOUND="0 0 0" on_port "rs485=kernel&rs485-before=5" get voltage.a
cannot "a time that is too long" "cannot do rs485-before=5.*only 2"
proves "and the driver is as it was" '
assert events[-1][1:] == ("rs485", [0, 0, 0]), events
'

# ---- saved, and hinted at ---------------------------------------------------------

printf 'connections:\n  board: "rtu:%s?rs485=rts&rs485-after=1"\n' "$TMP/port" >"$XDG_CONFIG_HOME/meterctl/config.yaml"
rm -f "$TMP/log"
: >"$TMP/log"
run env LD_PRELOAD="$PORT_SO" RS485_LOG="$TMP/log" RS485_LINES=0 "$METERCTL" -c board -f json read voltage.a
is "$RC" 0 "a saved connection has it" || diag "$ERR"
proves "and uses it" 'assert list(frames(1))'

start echo "$METERCTL" simulate frozen,echo,unit=9 --pty "$TMP/echo"
wait_for test -e "$TMP/echo" || give_up "no simulator"
exits 3 "only the echo" -- "$METERCTL" -c "rtu:$TMP/echo" -t 100 -r 1 get voltage.a
one_line "$ERR" "one line"
like "$ERR" 'echo.*rs485=kernel or rs485=rts' "names the options"

done_testing
