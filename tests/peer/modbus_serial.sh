#!/usr/bin/env bash
# meterctl against a slave by npm modbus-serial, over TCP.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/stored.bash"

modules=$TOP/build/peer/node_modules
[ -d "$modules/modbus-serial" ] || give_up "npm modbus-serial is not there: make deps-test"
"$PYTHON" "$PEER/registers.py" store >"$TMP/store"
start slave node "$PEER/slave_modbus_serial.js" "$modules" "$TMP/store"
line_of slave 'ready ([0-9]+)' || give_up "no slave"
port=${BASH_REMATCH[1]}

compare_stored "tcp:127.0.0.1:$port" "modbus-serial TCP"
compare_records "tcp:127.0.0.1:$port" "modbus-serial TCP"
exits 5 "an address the slave does not have" -- "$METERCTL" -c "tcp:127.0.0.1:$port" raw read 0x3000:2
like "$ERR" 'exception 2|illegal data address' "the slave's own reason"

done_testing
