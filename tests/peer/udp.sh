#!/usr/bin/env bash
# Frames in datagrams: what a network does to them, and what gateways do; the right
# value, or none. Register N of the slave holds N.
. "$(dirname "$0")/../tap.sh"

# faulty KIND FAULT [LOG]: a slave; its target in $TARGET
faulty() {
	start slave "$PYTHON" "$PEER/slave_faulty.py" "$@"
	line_of slave 'ready ([0-9]+)' || give_up "no slave"
	TARGET=$1:127.0.0.1:${BASH_REMATCH[1]}
}

# good KIND FAULT: two values come, each asked for by itself
good() {
	faulty "$1" "$2"
	exits 0 "$1 $2: read all the same" -- "$METERCTL" -c "$TARGET" -t 400 -r 2 -f jsonl read voltage.a signal.strength
	is "$(grep -cE '"(voltage.a","value":2.0,|signal.strength","value":447,)' "$TMP/out")" 2 "$1 $2: the right values"
	stop_pid "$PID"
}

# bad KIND FAULT CODE REGEX: one value cannot be had
bad() {
	faulty "$1" "$2"
	exits "$3" "$1 $2: exit $3" -- "$METERCTL" -c "$TARGET" -t 250 -r 1 get voltage.a
	is "$OUT" "" "$1 $2: no value"
	one_line "$ERR" "$1 $2: one line"
	like "$ERR" "$4" "$1 $2: says what to check"
	stop_pid "$PID"
}

for kind in udp rtuudp; do
	good $kind none
	good $kind first_silent
	good $kind empty_first
	good $kind oversize_first
	good $kind cut_first
	good $kind from_elsewhere_first
	good $kind behind_another
	bad $kind silent 3 'no reply.*UDP'
	bad $kind empty 3 'no reply'
	bad $kind from_elsewhere 3 'no reply'
	bad $kind oversize 3 'no reply'
	bad $kind in_two 4 'cut short|not Modbus TCP|bad CRC'
	bad $kind short 4 .
	bad $kind garbage 4 .
	bad $kind exception2 5 'address'

	faulty $kind lossy "$TMP/log"
	exits 0 "$kind lossy: within the retries" -- "$METERCTL" -c "$TARGET" -t 150 -r 3 -f csv read voltage
	is "$(grep -c ',ok,' "$TMP/out")" 6 "$kind lossy: all of them"
	stop_pid "$PID"

	# the meter is not there: told by its host, not waited for
	port=$(free_port)
	exits 3 "$kind nobody listens" -- "$METERCTL" -c "$kind:127.0.0.1:$port" get voltage.a
	one_line "$ERR" "$kind nobody listens: one line"
	like "$ERR" "cannot reach .*refused.*nothing listens" "$kind nobody listens: says so"

	# a setting: what is there, written, read back
	faulty $kind write "$TMP/log"
	exits 0 "$kind: set" -- "$METERCTL" -c "$TARGET" --yes set ratio.ct=60
	is "$(grep -c '^w' "$TMP/log")" 1 "$kind: written once"
	stop_pid "$PID"
	faulty $kind write_reply_lost "$TMP/log"
	exits 0 "$kind: set, its reply lost" -- "$METERCTL" -c "$TARGET" -t 250 --yes set ratio.ct=60
	is "$(grep -c '^w' "$TMP/log")" 1 "$kind: written once"
	stop_pid "$PID"

	# watched, traced, under a name; gone and back again
	faulty $kind none
	exits 0 "$kind: traced" -- "$METERCTL" -c "$TARGET" --trace "$TMP/trace" get voltage.a
	is "$(grep -cE ' [<>] ' "$TMP/trace")" 2 "$kind: request and answer"
	printf 'connections:\n  cabinet: %s\n' "$TARGET" >"$XDG_CONFIG_HOME/meterctl/config.yaml"
	exits 0 "$kind: a saved connection" -- "$METERCTL" -c cabinet -f json get voltage.a
	exits 0 "$kind: watched" -- "$METERCTL" -c cabinet -f jsonl watch -i 0 -n 20 voltage
	is "$(grep -c '"voltage.a","value":2.0,' "$TMP/out")" 20 "$kind: every round"
	exits 0 "$kind: as many registers as an answer holds" -- "$METERCTL" -c "$TARGET" raw read 0x14:125
	is "$(wc -l <"$TMP/out")" 125 "$kind: all of them"
	stop_pid "$PID"
done

good rtuudp wrong_unit_first

# a transaction has a number; a gateway that has one fits, whatever its unit address
good udp other_unit
for kind in udp rtuudp; do
	good $kind three_times
	good $kind before_too
done
good udp wrong_transaction_first
bad udp wrong_transaction 4 'another transaction number'

done_testing
