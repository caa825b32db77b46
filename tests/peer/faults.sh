#!/usr/bin/env bash
# Slaves that misbehave: exit status, message, and never a value that is not the
# meter's. Register N of the slave holds N.
. "$(dirname "$0")/../tap.sh"

# faulty KIND FAULT: a slave; its target in $TARGET
faulty() {
	start slave "$PYTHON" "$PEER/slave_faulty.py" "$1" "$2"
	line_of slave 'ready ([0-9]+)' || give_up "no slave"
	TARGET=$1:127.0.0.1:${BASH_REMATCH[1]}
}

# bad KIND FAULT CODE REGEX: one value cannot be had, however long it is waited for
bad() {
	local wait=500	# what there is to judge has come by then

	[ "$2" != silent ] || wait=100
	faulty "$1" "$2"
	exits "$3" "$1 $2: exit $3" -- "$METERCTL" -c "$TARGET" -t $wait -r 1 get voltage.a
	is "$OUT" "" "$1 $2: no value"
	one_line "$ERR" "$1 $2: one line"
	like "$ERR" "$4" "$1 $2: says what to check"
	exits "$3" "$1 $2: read" -- "$METERCTL" -c "$TARGET" -t $wait -r 1 -f json read voltage.a
	"$PYTHON" -c 'import json, sys
r = json.load(open(sys.argv[1]))["readings"][0]
assert r["value"] is None and r["quality"] in ("never", "failed") and r["error"], r' "$TMP/out"
	ok $? "$1 $2: null, with its error"
	stop_pid "$PID"
}

# good KIND FAULT: it arrives all the same, 20 x 0.1 V
good() {
	faulty "$1" "$2"
	exits 0 "$1 $2: read all the same" -- "$METERCTL" -c "$TARGET" -t 1000 -r 2 get voltage.a
	is "$OUT" "2.0" "$1 $2: the right value"
	stop_pid "$PID"
}

for kind in rtutcp tcp; do
	# on a serial line our own request coming back is an adapter's echo: the
	# meter itself is silent
	echo=$([ $kind = tcp ] && echo 4 || echo 3)
	good $kind none
	good $kind in_pieces
	good $kind first_silent
	good $kind first_hang_up
	bad $kind silent 3 'no reply|no answer'
	bad $kind hang_up 3 'closed|connection'
	bad $kind half_then_hang_up 3 'closed|connection|short|incomplete'
	bad $kind wrong_function 4 'function'
	bad $kind wrong_count 4 'length|count|bytes|registers'
	bad $kind lying_count 4 .
	bad $kind short 4 .
	bad $kind garbage 4 .
	bad $kind flood 4 .
	bad $kind echo "$echo" 'echo|length'
	bad $kind exception1 5 'function'
	bad $kind exception2 5 'address'
	bad $kind exception4 5 'device|failure'
	bad $kind exception6 5 'busy'
	bad $kind exception99 5 '99'

	# a block refused is split until the points answer one by one
	faulty $kind block_refused
	exits 0 "$kind block_refused: read in pieces" -- "$METERCTL" -c "$TARGET" -f csv read voltage
	is "$(grep -c ',ok,' "$TMP/out")" 6 "$kind block_refused: all six"
	exits 5 "$kind block_refused: a point of two words" -- "$METERCTL" -c "$TARGET" get power.active.a
	stop_pid "$PID"

	# answers that come late never stand for the next request's
	faulty $kind late
	exits 0 "$kind late" -- "$METERCTL" -c "$TARGET" -t 1000 -r 2 -f jsonl read voltage.a signal.strength
	like "$OUT" '"voltage.a","value":2.0,' "$kind late: the first point"
	like "$OUT" '"signal.strength","value":447,' "$kind late: the second is not the first one's"
	stop_pid "$PID"
done

# Modbus TCP has a transaction number to tell by: unit_address.sh
good rtutcp wrong_unit_first
bad rtutcp wrong_unit 4 'unit'
good rtutcp first_corrupt
bad rtutcp corrupt 4 'CRC|checksum'
good tcp wrong_transaction_first
bad tcp wrong_transaction 4 'another transaction number.*rtutcp:'
bad tcp wrong_protocol 4 'not Modbus TCP'
bad tcp huge_length 4 'not Modbus TCP'
bad tcp zero_length 4 'not Modbus TCP'

# ---- the wrong scheme, or a box in the wrong mode: said as such
bad tcp own_transaction 4 'another transaction number.*rtutcp:'
bad tcp no_transaction 4 'another transaction number'
bad tcp other_framing 4 'RTU frames, not Modbus TCP \(use rtutcp:127\.0\.0\.1:[0-9]+\)'
bad tcp other_framing_exception 4 'RTU frames.*use rtutcp:'
bad rtutcp other_framing 4 'Modbus TCP frames, not RTU \(use tcp:127\.0\.0\.1:[0-9]+\)'
bad rtutcp other_framing_exception 4 'Modbus TCP frames.*use tcp:'
bad tcp silent 3 'RTU frames.*needs rtutcp:127\.0\.0\.1:[0-9]+'
bad rtutcp silent 3 'Modbus TCP.*needs tcp:127\.0\.0\.1:[0-9]+'
bad rtutcp hang_up 3 'Modbus TCP.*needs tcp:'
for kind in rtutcp tcp; do
	bad $kind doubled 4 'telnet.*raw TCP mode'
	bad $kind doubled_ffff 4 'telnet.*raw TCP mode'
	bad $kind telnet_options 4 'telnet.*raw TCP mode'
	faulty $kind ffff
	exits 0 "$kind ffff: FF that nobody has doubled" -- "$METERCTL" -c "$TARGET" get voltage.a
	is "$OUT" "6553.5" "$kind ffff: is the value"
	stop_pid "$PID"
done

port=$(free_port)
for kind in rtutcp tcp; do
	exits 3 "$kind nobody listens" -- "$METERCTL" -c "$kind:127.0.0.1:$port" get voltage.a
	like "$ERR" 'refused' "$kind nobody listens: says so"
	exits 3 "$kind unknown host" -- "$METERCTL" -c "$kind:no.such.host.invalid:$port" get voltage.a
	one_line "$ERR" "$kind unknown host: one line"
done

done_testing
