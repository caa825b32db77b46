#!/usr/bin/env bash
# check against a slave by pymodbus that holds what a meter shows whose CTs of A and
# C have changed places: 230 V, 3.00 A, loads of 25 degrees. Worked out by hand:
# input a has the current of phase C, 25 + 240 degrees behind its voltage, input c
# that of A, 25 - 240.
. "$(dirname "$0")/../tap.sh"

VOLTS=0x14=8FC,8FC,8FC,F90,F90,F90	# 230.0 and 398.4 V
AMPERES=0x1A=12C,12C,12C,0		# 3.00 A, vector sum 0
REACTIVE=0x26=FFFF,FD51,0,124,0,18C,0,1	# kvar: -0.687, 0.292, 0.396; total
ACTIVE=0x1E=FFFF,FFC4,0,271,FFFF,FDCB,0,0	# kW: -0.060, 0.625, -0.565; total 0
APPARENT=0x2E=0,2B2,0,2B2,0,2B2,0,816
FACTORS=0x36=57,38A,333,0		# unsigned, as they are printed
# the angles of the voltages and of the currents, as one that counts lag has them ...
LAG_U=0x1EC=0,2EE0,5DC0
LAG_I=0x1FE=6784,38A4,9C4
# ... and one that counts lead
LEAD_U=0x1EC=0,5DC0,2EE0
LEAD_I=0x1FE=251C,53FC,82DC

serve() {	# serve NAME ADDRESS=WORDS ...
	local name=$1

	shift
	port=$(free_port)
	start "$name" "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$port" clock=binary "$VOLTS" "$AMPERES" \
		"$APPARENT" "$@"
	line_of "$name" ready || give_up "no slave"
}

json() {
	"$PYTHON" -c 'import json, os, sys
d = json.load(open(os.environ["TMP"] + "/out"))
sys.exit(0 if eval(sys.argv[1]) else json.dumps(d))' "$1"
}

swapped() {	# swapped NAME SOURCE ROTATION
	exits 1 "$1" -- "$METERCTL" -c "tcp:127.0.0.1:$port" -f json check
	json '[(f["code"], f["phases"]) for f in d["findings"]] == [("ct-swapped", ["a", "c"])]'
	ok $? "$1: ct-swapped a and c, and nothing else"
	json "d['verdict'] == 'fail' and d['evidence']['source'] == '$2' and d['evidence']['rotation'] == '$3'"
	ok $? "$1: by $2"
}

serve lag "$ACTIVE" "$REACTIVE" "$FACTORS" "$LAG_U" "$LAG_I"
swapped "angles that count lag" angles abc
serve lead "$ACTIVE" "$REACTIVE" "$FACTORS" "$LEAD_U" "$LEAD_I"
swapped "angles that count lead" angles abc
serve none "$ACTIVE" "$REACTIVE" "$FACTORS" 0x1EC=0,0,0 0x1FE=0,0,0
swapped "no angles" powers unknown
serve odd "$ACTIVE" "$REACTIVE" "$FACTORS" "$LAG_U" 0x1FE=9C4,38A4,6784
swapped "angles that contradict the powers" powers unknown

# the same site with the CTs where they belong: kW 0.625, kvar 0.292 each
serve right 0x1E=0,271,0,271,0,271,0,753 0x26=0,124,0,124,0,124,0,36C 0x36=38A,38A,38A,38A \
	"$LAG_U" 0x1FE=9C4,38A4,6784
exits 0 "put right" -- "$METERCTL" -c "tcp:127.0.0.1:$port" -f json check
json 'd["verdict"] == "pass" and d["findings"] == []'; ok $? "passes"

# a sum that is none
serve sum 0x1E=0,271,0,271,0,271,0,200 0x26=0,124,0,124,0,124,0,36C 0x36=38A,38A,38A,38A \
	"$LAG_U" 0x1FE=9C4,38A4,6784
exits 1 "a total that is no sum" -- "$METERCTL" -c "tcp:127.0.0.1:$port" -f json check
json '[f["code"] for f in d["findings"]] == ["sum-mismatch"]'; ok $? "is sum-mismatch"

done_testing
