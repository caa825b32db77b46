# shellcheck shell=bash
# stored.bash - what meterctl must say about a slave that holds the stored set of
# registers.py: every point of the map, compared one by one.

# compare_stored TARGET NAME
compare_stored() {
	local target=$1 name=$2

	exits 0 "$name: the whole main map" -- "$METERCTL" -c "$target" -f json read '*'
	"$PYTHON" "$PEER/compare.py" "$TMP/out"
	ok $? "$name: its 420 values are the stored ones"
	exits 0 "$name: the points the issue names" -- "$METERCTL" -c "$target" -f json \
		read voltage.a current.b power.active.c demand.active.import.present di.status signal.strength
	"$PYTHON" "$PEER/compare.py" "$TMP/out" \
		voltage.a current.b power.active.c demand.active.import.present di.status signal.strength
	ok $? "$name: are the stored ones"
	for key in voltage.ab power.active.b comm.baud clock freeze.time tou.table2; do
		exits 0 "$name: get $key" -- "$METERCTL" -c "$target" get "$key"
		is "$OUT" "$("$PYTHON" "$PEER/registers.py" get "$key")" "$name: get $key is the stored value"
	done
}

# compare_records TARGET NAME: history and extremes, all months.
compare_records() {
	local keys

	mapfile -t keys < <("$PYTHON" "$PEER/registers.py" records)
	exits 0 "$2: ${#keys[@]} points of the records" -- "$METERCTL" -c "$1" -f json read "${keys[@]}"
	"$PYTHON" "$PEER/compare.py" "$TMP/out" "${keys[@]}"
	ok $? "$2: are the stored ones"
}
