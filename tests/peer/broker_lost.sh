#!/usr/bin/env bash
# The broker dies and comes back, we die and come back: connected again, subscribed
# again, and no message of QoS 1 lost.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../mosquitto.sh"
. "$(dirname "$0")/broker.bash"

# sessions and subscriptions are on the disk at once
kept='persistence true
autosave_on_changes true
autosave_interval 1
max_queued_messages 0'

# ---- a clean session: subscribed again, as often as it takes --------------------
mosquitto_start clean
probe a "mqtt://127.0.0.1:$BROKER_PORT"
say a open
for topic in one two three; do
	say a subscribe "$topic/#"
done
say a back
is "$LINE" "ok 0" "never lost"
for round in 1 2; do
	mosquitto_stop clean KILL
	say a down
	like "$LINE" "^ok connection to broker .* was lost \(since [0-9:]{8}\)" "round $round: lost, and since when"
	say a publish one/x text
	like "$LINE" '^error 3 ' "round $round: nothing is published meanwhile"
	say a why cannot connect
	like "$LINE" '^ok cannot connect.*refused.*since' "round $round: and which step fails now"
	mosquitto_again clean
	say a up
	like "$LINE" '^ok' "round $round: connected again by itself"
	say a back
	is "$LINE" "ok 1" "round $round: who asks learns that he was deaf"
	say a back
	is "$LINE" "ok 0" "round $round: once"
	for topic in one two three; do
		mosquitto_pub -p "${mosquitto_port[clean]}" -q 1 -t "$topic/x" -m "$round"
	done
	say a expect 3
	is "$LINE" "ok 3" "round $round: subscribed again to all three"
done
say a stats
like "$LINE" 'reconnects=2 .*step=up' "counted"
probe_end a

# ---- persistent sessions: nothing is lost ------------------------------------------
# publish_all NAME HOW ABOVE: the 300 numbers above by `pub`, each until it is
# acknowledged. Every hundredth time the broker is ended by the signal HOW and started
# again, with one on its way.
publish_all() {
	local name=$1 how=$2 above=$3

	for ((i = 1; i <= 300; i++)); do
		# mosquitto acknowledges before it writes to its disk. Killed, it has lost what
		# nobody has fetched, which no client can help: so all but this one are fetched
		if [ $((i % 100)) -eq 0 ] && [ "$how" = KILL ]; then
			say sub numbers $((i - 1)) "$above"
			mosquitto_stop "$name" KILL
		fi
		tell pub publish n/x $((above + i))
		if [ $((i % 100)) -eq 0 ]; then
			[ "$how" = KILL ] || mosquitto_stop "$name"
			mosquitto_again "$name"
			[ "$how" != KILL ] || say sub up
		fi
		until line_of pub '^(ok|error)' && [[ $LINE == ok* ]]; do
			say pub up
			tell pub publish n/x $((above + i))
		done
	done
}

for version in 3.1.1 5; do
	mosquitto_start "kept$version" "$kept"
	parts="session=persistent&version=$version"
	probe sub --trace "$TMP/trace" "mqtt://127.0.0.1:$BROKER_PORT?$parts&client=sub"
	probe pub "mqtt://127.0.0.1:$BROKER_PORT?$parts&client=pub"
	say sub open
	say sub subscribe n/x
	say pub open
	publish_all "kept$version" KILL 0
	say sub numbers 300
	like "$LINE" '^ok 300 of 300' "$version: killed three times in 300 messages, none lost ($LINE)"
	say sub forget
	publish_all "kept$version" TERM 1000
	say sub numbers 300 1000
	like "$LINE" '^ok 300 of 300' "$version: stopped three times in 300 messages, none lost ($LINE)"

	# we are away, then the broker, too
	say sub forget
	say sub close
	say pub up
	sent=0
	for ((i = 1; i <= 200; i++)); do
		say pub publish n/x $((2000 + i))
		[ "$LINE" != ok ] || sent=$((sent + 1))
	done
	is "$sent" 200 "$version: 200 are published while we are away"
	mosquitto_stop "kept$version"
	mosquitto_again "kept$version"
	say sub open
	say sub numbers 200 2000
	like "$LINE" "^ok 200 of 200," "$version: what came while both were away was kept ($LINE)"
	probe_end sub
	probe_end pub
	like "$(cat "$TMP/trace")" '\* logged in after .*, the broker has kept our session' "$version: the trace says so"

	# we come and go while they come
	probe sub "mqtt://127.0.0.1:${mosquitto_port[clean]}?$parts&client=sub"
	probe pub "mqtt://127.0.0.1:${mosquitto_port[clean]}?$parts&client=pub"
	say sub open
	say sub subscribe "n/$version"
	say pub open
	for ((i = 1; i <= 400; i++)); do
		say pub publish "n/$version" "$i"
		if [ $((i % 50)) -eq 0 ]; then
			# it does not look what is on its way
			say sub leave
			say sub have 400
			say sub close
			tell sub open
		elif [ $((i % 50)) -eq 20 ] && [ "$i" -gt 50 ]; then
			line_of sub '^ok'
		fi
	done
	line_of sub '^ok'
	say sub numbers 400
	like "$LINE" "^ok 400 of 400," "$version: none lost while we left and came back eight times ($LINE)"
	probe_end sub
	probe_end pub
done

# ---- another client of our name throws us out ----------------------------------------
for version in 3.1.1 5; do
	probe a "mqtt://127.0.0.1:${mosquitto_port[clean]}?client=same&version=$version"
	say a open
	mosquitto_sub -p "${mosquitto_port[clean]}" -i same -t x/y -W 1 >/dev/null 2>&1 &
	say a down
	like "$LINE" 'another client|of that name' "$version: another client of our name is thought of"
	say a up
	like "$LINE" '^ok' "$version: and it comes back"
	probe_end a
done

done_testing
