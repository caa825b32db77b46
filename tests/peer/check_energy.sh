#!/usr/bin/env bash
# check --since against a slave by pymodbus whose energy registers go on between two checks: three
# loads of unity, the CT of B reversed, which looks like a small inverter on B until the registers
# of a day are there.
. "$(dirname "$0")/../tap.sh"

port=$(free_port)
# kW 0.690, -0.690, 0.690, total 0.690; no reactive power; kVA; power factors 1
start slave "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$port" clock=binary \
	0x14=8FC,8FC,8FC,F90,F90,F90 0x1A=12C,12C,12C,258 0x1E=0,2B2,FFFF,FD4E,0,2B2,0,2B2 \
	0x26=0,0,0,0,0,0,0,0 0x2E=0,2B2,0,2B2,0,2B2,0,816 0x36=3E8,3E8,3E8,3E8 \
	0x1EC=0,2EE0,5DC0 0x1FE=0,7530,5DC0
line_of slave ready || give_up "no slave"

json() {
	"$PYTHON" -c 'import json, os, sys
d = json.load(open(os.environ["TMP"] + "/out"))
f = {x["code"]: x for x in d["findings"]}
t = d["evidence"]["registers"]
sys.exit(0 if eval(sys.argv[1]) else json.dumps(d))' "$1"
}
counters() {	# counters TOTAL_IN IN_A OUT_A IN_B OUT_B IN_C OUT_C, hundredths of a kWh
	"$PYTHON" -c 'import sys
from pymodbus.client import ModbusTcpClient
c = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]))
assert c.connect()
for at, v in zip((0x3E, 0x48, 0x4A, 0x52, 0x54, 0x5C, 0x5E), map(int, sys.argv[2:])):
    assert not c.write_registers(at, [v >> 16, v & 0xFFFF], slave=1).isError()
c.close()' "$port" "$@"
}
aged() {	# aged HOURS: the readings that are kept are so much older
	"$PYTHON" -c 'import os, sqlite3, sys
d = sqlite3.connect(os.environ["XDG_STATE_HOME"] + "/meterctl/journal.db")
d.execute("UPDATE proof SET at_us = at_us - ? * 3600000000", (int(sys.argv[1]),))
d.commit()' "$1"
}
check() {
	run "$METERCTL" -c "tcp:127.0.0.1:$port" -f json check "$@"
}

counters 100000 50000 0 11 20000 50000 0
check --site consumer
json 'd["verdict"] == "insufficient" and t is None and "hour of energy registers" in f["ambiguous"]["fix"]'
ok $? "a small inverter, or a reversed CT? The registers may tell"
check --site consumer
json 'd["verdict"] == "insufficient" and t is None'; ok $? "not after seconds"

counters 100300 50300 0 11 20280 50290 0
aged 2
check --site consumer
json 'd["verdict"] == "insufficient" and t["inputs"]["b"] == {"import": 0, "export": 2.8, "counted": "export"}'
ok $? "two hours of export may be sun"
counters 103000 53000 0 11 22800 52900 0
aged 24
check --site consumer --correction
json 'd["verdict"] == "fail" and f["ct-reversed"]["phases"] == ["b"] and t["why"] is None'
ok $? "a day of it is none"
json 't["inputs"]["b"]["export"] == 25.2 and t["inputs"]["a"]["import"] == 27 and d["correction"]["k"] == 3'
ok $? "from the newest reading that is a day old"
json 'd["correction"]["energy"]["registered"] == 27.9 and d["correction"]["energy"]["right"] == 83.7 and d["correction"]["energy"]["difference"] == 55.8'
ok $? "and what it has cost since then"
check
json 'd["verdict"] == "insufficient" and "export alone from 2" in f["ambiguous"]["fix"]'
ok $? "the site unsaid, no registers fail it"
day=$("$PYTHON" -c 'import datetime; print((datetime.datetime.now() - datetime.timedelta(hours=26)).isoformat(timespec="seconds"))')
check --since "$day" --correction --site consumer
json 't["inputs"]["b"]["export"] == 28 and d["correction"]["energy"]["registered"] == 31'
ok $? "--since chooses the first of them"
run "$METERCTL" -c "tcp:127.0.0.1:$port" check --since "$day" --correction --site consumer
like "$OUT" '^registers  from 20.* to 20.*, kWh import' "the table has them"
like "$OUT" 'registered 31.00 kWh, right 93.00 ' "and the energy"
run "$METERCTL" -c "tcp:127.0.0.1:$port" report --text -o "$TMP/report.txt" --since "$day" --site consumer
like "$(tr -s ' \n' ' ' <"$TMP/report.txt")" 'import less export: 31.00 kWh. Right' "so has the report"

counters 106000 56000 0 2000 22900 56000 0
check --site consumer
json 'd["verdict"] == "insufficient" and "input B counted both directions" in f["ambiguous"]["fix"]'
ok $? "what counts both directions is fed by something"

# ---- a baseline that is none
counters 110000 60000 0 2000 100 60000 0
check --since "$day" --site consumer
json 't["from"] and t["why"].endswith("the counter of export of input B went back from 200.00 to 1.00 kWh")'
ok $? "a counter that went backwards"
counters 500 60000 0 2000 30000 60000 0
check --since "$day" --site consumer
json '"another meter answers" in t["why"] and "energy.active.import.total" in t["why"]'; ok $? "another meter"
run "$METERCTL" -c "tcp:127.0.0.1:$port" check --since "$day"
is "$(grep -c 'is not used' <<<"$OUT")" 1 "said in one line"

done_testing
