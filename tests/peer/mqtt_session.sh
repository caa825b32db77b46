#!/usr/bin/env bash
# A session the broker keeps: what was published while the broker or watch was away
# is printed, every message of it; by one run none twice.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start kept 'persistence true
max_queued_messages 0'
URL=mqtt://127.0.0.1:$BROKER_PORT
WATCH="$URL/$SN?session=persistent&client=watcher&dialect=json-v2"
TP=$(date +%s%3N)
export FILTER=platform/

# uploads FIRST LAST: numbered by their energy, each with a time stamp of its own.
uploads() {
	local i

	for ((i = $1; i <= $2; i++)); do
		json_v2 $((TP + i)) 28 "$i"
		echo
	done | mosquitto_pub -h 127.0.0.1 -p "$BROKER_PORT" -q 1 -t "$UP" -l
}

# watches NAME ARGS...: it appends to $TMP/all, as a log does.
watches() {
	local name=$1

	shift
	: >"$TMP/$name.trace"
	"$METERCTL" --trace "$TMP/$name.trace" -c "$WATCH" -f jsonl "$@" \
		</dev/null >>"$TMP/all" 2>"$TMP/$name.err" &
	PID=$!
	# shellcheck disable=SC2034,SC2004 # an array of tap.sh, by pid
	tap_server[$PID]=$name
	wait_for subscribed "$name"
}
printed() {
	grep -q "\"value\":$1.0," "$TMP/all"
}
tell_printed() {
	tail -n 2 "$TMP/all"
}
# complete LAST RUNS NAME: all to LAST; each once, when there was one run. A broker that
# has not read an acknowledgement when the connection ends sends again (QoS 1).
complete() {
	holds "$3" "$TMP/all" '
values = [r["value"] for r in rows]
last, runs = map(int, sys.argv[2:])
missing = set(range(1, last + 1)) - set(values)
assert not missing, "lost: %s" % sorted(missing)[:20]
assert runs > 1 or values == sorted(set(values)), "%d lines for %d" % (len(values), last)' "$1" "$2"
}
# What mosquitto knows is on disk: it would be there anyway, some time later.
saved() {
	rm -f "$TMP/kept.kept/mosquitto.db"
	kill -USR1 "${mosquitto_pid[kept]}"
	wait_for test -s "$TMP/kept.kept/mosquitto.db"
}
: >"$TMP/all"

# ---- the broker is killed and comes back
watches first watch energy.active.import.total
uploads 1 100
wait_for printed 100
saved
mosquitto_stop kept KILL
lost='connection to broker .* was lost|cannot connect to'
wait_for grep -Eq "$lost" "$TMP/first.err"
mosquitto_again kept
wait_for grep -q 'answers again' "$TMP/first.err"
uploads 101 400
wait_for printed 400; ok $? "a broker killed and back: what comes then is printed"
complete 400 1 "and nothing is lost or doubled"
like "$(cat "$TMP/first.err")" "$lost" "it was said"
like "$(cat "$TMP/first.err")" 'answers again' "and that it is back"

# while the watch stands still nobody takes them but the broker, which writes them down
kill -STOP "$PID"
uploads 401 600
saved
mosquitto_stop kept KILL
mosquitto_again kept
uploads 601 700
kill -CONT "$PID"
wait_for printed 700; ok $? "a broker killed once more has kept what nobody had taken"
complete 700 1 "all of it"

# ---- the watch itself is ended and started again
stop_pid "$PID" TERM
is "$RC" 130 "SIGTERM: exit 130"
uploads 701 900
watches second watch energy.active.import.total
wait_for printed 900
stop_pid "$PID" INT
complete 900 2 "what came between two runs is printed by the second"

# ---- ended in a flood: what the broker has been told we have is printed first
watches third watch energy.active.import.total
for part in {0..4}; do uploads $((901 + part * 4000)) $((4900 + part * 4000)); done &
publisher=$!
wait_for printed 2000
stop_pid "$PID" TERM
is "$RC" 130 "SIGTERM in a flood: exit 130"
ended "$publisher"
watches fourth watch energy.active.import.total
wait_for printed 20900
stop_pid "$PID" TERM
complete 20900 2 "both runs together have every upload"

# ---- the same of a watch over everything the broker shows
WATCH="$URL?session=persistent&client=all&dialect=json-v2"
: >"$TMP/all"
watches fleet watch energy.active.import.total
for part in {0..4}; do uploads $((1 + part * 4000)) $((4000 + part * 4000)); done &
publisher=$!
wait_for printed 2000
stop_pid "$PID" INT
is "$RC" 130 "SIGINT of a watch over all meters: exit 130"
ended "$publisher"
watches fleet watch energy.active.import.total
wait_for printed 20000
stop_pid "$PID" TERM
complete 20000 2 "both runs together have every upload"

# ---- a count that is reached, while more has been acknowledged already
: >"$TMP/all"
WATCH="$URL/$SN?session=persistent&client=watcher&dialect=json-v2"
watches fifth watch -n 5 energy.active.import.total
uploads 20901 20950
ended "$PID"
is "$RC" 0 "watch -n"
is "$(wc -l <"$TMP/all")" 5 "prints so many"
like "$(cat "$TMP/fifth.err")" '^meterctl: [0-9]+ more uploads? had come and (is|are) not printed$|^$' \
	"and says how many more it had taken"

done_testing
