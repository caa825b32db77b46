#!/usr/bin/env bash
# meterctl history against records in a slave by pymodbus, two of them unused.
. "$(dirname "$0")/../tap.sh"

mapfile -t changes < <("$PYTHON" "$PEER/history.py" changes)
port=$(free_port)
start slave "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$port" "${changes[@]}"
line_of slave ready || give_up "no TCP slave"

exits 0 "history" -- "$METERCTL" -c "tcp:127.0.0.1:$port" -f json history
"$PYTHON" "$PEER/history.py" compare "$TMP/out"
ok $? "its values, times and differences are those of the stored records"
exits 0 "as a table" -- "$METERCTL" -c "tcp:127.0.0.1:$port" history
like "$OUT" '^   3 unused: reads 0$' "a record of zeros is called unused"
like "$OUT" '^   4 unused: reads FFFFH$' "and one of ones"
like "$OUT" '^a record of nothing but 0 or FFFFH is taken for unused$' "and what that rests on is said"
like "$OUT" '^here some are below the record before' "random numbers are no running totals"
exits 0 "as csv" -- "$METERCTL" -c "tcp:127.0.0.1:$port" -f csv history
is "$(grep -c '^energy,[34],,[^,]*,,kW*v*a*r*h,,,unused,unused: every register of the record is ' "$TMP/out")" 80 \
	"unused energies have no number"

# the same meter, which refuses its records
port=$(free_port)
start short "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$port" --without 0x4800
line_of short ready || give_up "no TCP slave"
exits 5 "a meter that refuses its records" -- "$METERCTL" -c "tcp:127.0.0.1:$port" history
like "$OUT" '^ +12 refused by the meter$' "is said to"
like "$OUT" '^voltage\.a ' "extremes come all the same"
one_line "$ERR" "and why in a line"

done_testing
