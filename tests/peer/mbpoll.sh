#!/usr/bin/env bash
# mbpoll, a master by other hands, against `meterctl simulate`: the numbers it
# reads are those meterctl shows.
. "$(dirname "$0")/../tap.sh"

# polled ARGS...: the registers mbpoll prints, as "ADDRESS VALUE" lines
polled() {
	run mbpoll -0 -1 "$@"
	sed -n 's/^\[\([0-9]*\)\]:[[:blank:]]*\(-\{0,1\}[0-9]*\).*/\1 \2/p' "$TMP/out"
}

# same NAME TARGET MBPOLL-ARGS...: forty registers from 20, in two ways
same() {
	local name=$1 target=$2

	shift 2
	polled "$@" -r 20 -c 40 >"$TMP/theirs"
	is "$(wc -l <"$TMP/theirs")" 40 "$name: mbpoll reads 40 registers"
	exits 0 "$name: meterctl reads them" -- "$METERCTL" -c "$target" -f json raw read 20:40
	cp "$TMP/out" "$TMP/raw"
	exits 0 "$name: and their points" -- "$METERCTL" -c "$target" -f json \
		read voltage current power.active power.reactive power.apparent pf di.status frequency
	"$PYTHON" - "$TMP" "$PEER" <<'EOF'
import json, sys
from decimal import Decimal
tmp, peer = sys.argv[1:]
sys.path.insert(0, peer)
import registers
words = {int(a): int(v) & 0xFFFF for a, v in (line.split() for line in open(tmp + "/theirs"))}
shown = {r["key"]: r["value"] for r in json.load(open(tmp + "/out"), parse_float=Decimal)["readings"]}
n = 0
for p in registers.main_map():
    if 20 <= p.addr < 60:
        want = registers.decode(p, [words[p.addr + i] for i in range(p.words)])
        assert Decimal(shown[p.key]) == want, (p.key, shown[p.key], want)
        n += 1
assert n == 28, n
assert words[20] > 1000, words[20]
EOF
	ok $? "$name: 28 points are the numbers mbpoll read"
}

start sim "$METERCTL" simulate frozen --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "the simulator made no port"
same "pty" "rtu:$TMP/port" -m rtu -a 1 -b 9600 -P none "$TMP/port"
polled -m rtu -a 1 -b 9600 -P none -r 0x3000 -c 2 "$TMP/port" >"$TMP/theirs"
like "$(cat "$TMP/out" "$TMP/err")" 'Illegal data address' "an address the meter has not: mbpoll is told"
polled -m rtu -a 9 -b 9600 -P none -r 20 -c 1 -o 0.3 "$TMP/port" >"$TMP/theirs"
like "$(cat "$TMP/out" "$TMP/err")" 'timed out' "another unit: silence"
run mbpoll -0 -1 -m rtu -a 1 -b 9600 -P none -t 4 -r 465 "$TMP/port" 2617 350
exits 0 "what mbpoll writes" -- "$METERCTL" -c "rtu:$TMP/port" get alarm1.voltage.over.threshold
is "$OUT" "261.7" "is there"
run mbpoll -0 -1 -m rtu -a 1 -b 9600 -P none -t 4 -r 465 "$TMP/port" 2618
exits 0 "what mbpoll writes by function 06" -- "$METERCTL" -c "rtu:$TMP/port" get alarm1.voltage.over.threshold
is "$OUT" "261.8" "is there, too"
stop_pid "$PID"
is "$([ -L "$TMP/port" ] && echo still there)" "" "the link to the port is gone with the simulator"

port=$(free_port)
start sim "$METERCTL" simulate frozen --tcp "$port" --count 3
wait_for port_open "$port" || give_up "the simulator does not listen"
same "tcp" "tcp:127.0.0.1:$port" -m tcp -a 1 -p "$port" 127.0.0.1
polled -m tcp -a 3 -p "$port" -r 0 -c 1 127.0.0.1 >"$TMP/theirs"
is "$(cat "$TMP/theirs")" "0 3" "the third meter answers at its own address"
stop_pid "$PID"

done_testing
