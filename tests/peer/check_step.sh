#!/usr/bin/env bash
# check --step against a slave by pymodbus where somebody switches a heater on each phase in
# turn, while an inverter feeds in on phase A: readings alone do not decide there.
. "$(dirname "$0")/../tap.sh"

json() {
	"$PYTHON" -c 'import json, os, sys
d = json.load(open(os.environ["TMP"] + "/out"))
sys.exit(0 if eval(sys.argv[1]) else json.dumps(d))' "$1"
}

serve() {	# serve NAME OF REVERSED
	port=$(free_port)
	start "$1" "$PYTHON" "$PEER/slave_step.py" "$port" "$2" "$3"
	line_of "$1" ready || give_up "no slave"
}

serve right abc -
exits 1 "by readings alone" -- "$METERCTL" -c "tcp:127.0.0.1:$port" -f json check
json 'd["verdict"] == "insufficient"'; ok $? "feed-in on one phase is not decided"
exits 0 "by steps" -- "$METERCTL" -c "tcp:127.0.0.1:$port" -f json check --step
json '(d["verdict"] == "pass" and [s["input"] for s in d["steps"]] == ["a", "b", "c"]
    and all(abs(s["active"] - 0.5) < 0.03 and abs(s["lag"]) < 10 for s in d["steps"]))'
ok $? "three steps of 500 W, and it passes"
like "$ERR" 'input B: -0\.(49|5).* \(4 of 4\)' "each change is said as it comes"

serve wrong acb b
exits 1 "two exchanged, one of them turned round" -- "$METERCTL" -c "tcp:127.0.0.1:$port" -f json check --step
json '(d["verdict"] == "fail" and {f["code"]: f["phases"] for f in d["findings"]} == {"ct-swapped": ["b", "c"], "ct-reversed": ["b"]}
    and [w["current_of"] for w in d["evidence"]["wirings"]] == [["a", "c", "b"]])'
ok $? "both are found, and nothing else"

done_testing
