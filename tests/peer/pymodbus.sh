#!/usr/bin/env bash
# meterctl against a slave by pymodbus, over a serial line and over TCP.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/stored.bash"

pty_pair || give_up "socat made no pair of ports"
start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$PORT_A"
line_of slave ready || give_up "no RTU slave"
compare_stored "rtu:$PORT_B?baud=9600" "pymodbus RTU"
compare_records "rtu:$PORT_B" "pymodbus RTU"

exits 5 "an address the slave does not have" -- "$METERCTL" -c "rtu:$PORT_B" raw read 0x3000:2
like "$ERR" 'exception 2|illegal data address' "pymodbus RTU: the slave's own reason"
exits 3 "a unit that is not there" -- "$METERCTL" -c "rtu:$PORT_B?unit=9" -t 200 -r 1 get voltage.a
one_line "$ERR" "is said in a line"

# float32 input registers, function 04; shown to the decimals of the profile
sdm630() {	# sdm630 KEY VALUE
	exits 0 "sdm630 $1" -- "$METERCTL" -p sdm630 -c "rtu:$PORT_B?unit=2" get "$1"
	is "$OUT" "$2" "sdm630 $1 is the stored value"
}
sdm630 voltage.a 231.3
sdm630 current.a 4.750
sdm630 frequency 49.97
sdm630 power.active.a -1.063
sdm630 energy.active.import.total 123456.75

# JSON has the float's own digits
exits 0 "sdm630 as JSON" -- "$METERCTL" -p sdm630 -c "rtu:$PORT_B?unit=2" -f json read voltage.a power.active.a
like "$OUT" '"value":231.25,' "sdm630 voltage.a with all its digits"
like "$OUT" '"value":-1.0625,' "sdm630 power.active.a likewise"

port=$(free_port)
start tcp "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$port"
line_of tcp ready || give_up "no TCP slave"
compare_stored "tcp:127.0.0.1:$port" "pymodbus TCP"
compare_records "tcp:127.0.0.1:$port" "pymodbus TCP"

done_testing
