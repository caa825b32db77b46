#!/usr/bin/env bash
# The adapter goes between a write and its read-back, and the same name leads to another
# meter: what that one holds is no read-back, and settles no entry of the journal.
. "$(dirname "$0")/../tap.sh"

BOTH="0x0F=28 0x3C=1,E208,1,E208,0,0,0,0,0,0"	# CT 40; import 1234.00 kWh
LINK=$TMP/ttyUSB0

# two ARGS...: two meters, an empty journal
two() {
	rm -rf "$XDG_STATE_HOME/meterctl"
	# shellcheck disable=SC2086
	start meters "$PYTHON" "$PEER/slave_replug.py" "$LINK" "$@"
	METERS=$PID
	line_of meters ready || give_up "no meters"
	TARGET=rtu:$LINK
}
writes() {	# writes CODE NAME WORDS...
	local code=$1 name=$2

	shift 2
	exits "$code" "$name" -- "$METERCTL" -c "$TARGET" -t 250 -f json "$@" --yes
	STATE=$(grep -o '"state":"[a-z]*"' <<<"$OUT" | cut -d'"' -f4 | xargs)
}
journal() {
	"$METERCTL" -f json journal --all | "$PYTHON" -c 'import json, sys
for e in json.load(sys.stdin)["entries"]:
    print(e["key"], e["before"], e["want"], e["after"], e["state"], "open" if e["open"] else "settled")'
}

# shellcheck disable=SC2086
{
	two --both $BOTH
	writes 0 "the same meter through another port" set ratio.ct=60
	is "$STATE" verified "is read back"
	is "$(journal)" "ratio.ct 40 60 60 verified settled" "as the journal says"

	two --both $BOTH --other 0x3E=1,86A0
	writes 6 "another meter with the old value" set ratio.ct=60
	is "$STATE" unknown "is no read-back"
	like "$ERR" 'another meter answers: its energy\.active\.import\.total is 1000\.00, and was 1234\.00' "is told by its counter"
	is "$(journal)" "ratio.ct 40 60 None unknown open" "the entry is open"
	like "$("$METERCTL" journal show 1)" '^known by energy\.active\.import\.total=1234\.00 ' "and bears what the meter was known by"
	exits 0 "the next run, at that one" -- "$METERCTL" -c "$TARGET" -t 250 set ratio.ct=60 --yes
	like "$ERR" '1 write an earlier run left open stays so: nothing shows that it was to the meter' "does not settle it"
	is "$(journal)" "ratio.ct 40 60 None unknown open
ratio.ct 40 60 60 verified settled" "it is open still"
	kill -USR1 "$METERS"
	line_of meters back || give_up "the first does not come back"
	exits 0 "the first is back" -- "$METERCTL" -c "$TARGET" -t 250 set ratio.ct=60 --yes
	is "$(journal)" "ratio.ct 40 60 60 verified settled
ratio.ct 40 60 60 verified settled" "and settles it"
	# 234 kWh in a few seconds are more than flows anywhere
	exits 7 "undo of what the other was given" -- "$METERCTL" -c "$TARGET" -t 250 undo 2 --yes
	like "$ERR" 'another meter answers' "is refused"

	two --both $BOTH --other 0x3E=1,86A0 0x0F=3C
	writes 6 "another meter with the new value" set ratio.ct=60
	is "$STATE" unknown "is no read-back either"

	two --both $BOTH --other 0x02=7
	writes 6 "a twin, counters and all" set ratio.ct=60
	is "$STATE" unknown "does not hold what was acknowledged: unknown"
	like "$ERR" 'only a serial number could prove' "says what would tell"
	is "$(journal)" "ratio.ct 40 60 None unknown open" "the entry is open"

	two --mute --both $BOTH --other 0x02=7
	writes 6 "a twin, without an acknowledgement" set ratio.ct=60
	is "$STATE $(journal)" "unknown ratio.ct 40 60 None unknown open" "unknown, and not sent again"

	two --both 0x0F=28 0x3C=0,0,0,0,0,0,0,0,0,0 --other 0x02=7 0x0F=3C
	writes 6 "new meters, which have counted nothing" set ratio.ct=60
	is "$STATE" unknown "unknown"
	like "$ERR" 'no serial number and no energy counter tells' "says why"

	two --both $BOTH --other 0x3E=1,86A0 0x0F=3C
	writes 6 "raw write" raw write 15 60
	is "$STATE" unknown "is held to the same"
	is "$(journal)" "raw:0x000F 40 60 None unknown open" "the journal, too"

	# ---- one that has a serial number, and a float for a setting
	two --both 0xFC00=0,1267 0x0002=41F0,0 --other 0xFC00=0,1268 0x0002=4270,0
	writes 6 "another serial number" -p sdm630 set demand.period=60
	is "$STATE" unknown "unknown"
	like "$ERR" 'meter\.serial is 4712, and was 4711' "names both"
	two --ignore --both 0xFC00=0,1267 0x0002=41F0,0
	writes 6 "the same one, which has not stored it" -p sdm630 set demand.period=60
	is "$STATE" failed "is read back: failed"
}

done_testing
