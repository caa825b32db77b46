#!/usr/bin/env bash
# The connection to a broker against mosquitto: versions, QoS, refusals, TLS, and
# nothing lost when the broker is killed. broker_probe.c says what the words do.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../mosquitto.sh"
. "$(dirname "$0")/broker.bash"

# ---- versions and QoS -------------------------------------------------------
mosquitto_start plain
plain=$BROKER_PORT

for version in 3.1.1 5; do
	for qos in 0 1 2; do
		at="$version qos=$qos"
		probe a "mqtt://127.0.0.1:$plain?version=$version&qos=$qos"
		say a open
		like "$LINE" '^ok' "$at: connects"
		say a subscribe "t/$version/$qos/#"
		like "$LINE" '^ok' "$at: subscribes"
		say a retain "t/$version/$qos/kept" first
		like "$LINE" '^ok' "$at: publishes"
		say a expect 1
		line_of a 'retained='
		is "$LINE" "qos=$qos retained=0 t/$version/$qos/kept first" "$at: has it back, not as a retained one"
		mosquitto_pub -p "$plain" -q "$qos" -t "t/$version/$qos/x" -m "by somebody else"
		say a expect 1
		line_of a 'retained='
		is "$LINE" "qos=$qos retained=0 t/$version/$qos/x by somebody else" "$at: and somebody else's"
		is "$(mosquitto_sub -p "$plain" -C 1 -W "$PATIENCE" -F '%r %t %p' -t "t/$version/$qos/kept")" \
			"1 t/$version/$qos/kept first" "$at: somebody else has ours"
		probe_end a
		probe b "mqtt://127.0.0.1:$plain?version=$version&qos=$qos"
		say b open
		say b subscribe "t/$version/$qos/kept"
		say b expect 1
		line_of b 'retained='
		like "$LINE" 'retained=1 .*kept first' "$at: a retained message is one"
		probe_end b
	done
done

probe a "mqtt://127.0.0.1:$plain?share=workers"
probe b "mqtt://127.0.0.1:$plain?share=workers"
for p in a b; do
	say $p open
	say $p subscribe shared/x
done
seq 1 40 | mosquitto_pub -p "$plain" -q 1 -t shared/x -l
say a expect 20
is "$LINE" "ok 20" "two that share a subscription: the one has half"
say b expect 20
is "$LINE" "ok 20" "the other has the other half"
probe_end a
probe_end b

probe a --will gone/x "mqtt://127.0.0.1:$plain"
probe b "mqtt://127.0.0.1:$plain"
say b open
say b subscribe gone/x
say a open
stop_pid "$(probe_pid a)" KILL
say b expect 1
line_of b 'retained='
like "$LINE" 'gone/x gone' "the last will shows when it dies"
say b publish 'a/+' text
like "$LINE" "^error 2 .*'a/\+' is no topic to publish to" "a wildcard is not published to"
say b publish 'a/b'
like "$LINE" "^ok" "an empty payload is"
say b subscribe 'a/#/b'
like "$LINE" "^error 2 .*'a/#/b' is no topic to subscribe to" "a misplaced wildcard is not subscribed to"
"$PYTHON" -c 'print("x" * 300000, end="")' | mosquitto_pub -p "$plain" -t gone/x -s
mosquitto_pub -p "$plain" -t gone/x -m after
say b expect 1
line_of b 'retained='
like "$LINE" 'gone/x after' "a monster is dropped, what comes after it not"
say b stats
like "$LINE" 'oversized=1 ' "and counted"
say b leave
say b publish gone/x text
like "$LINE" '^error 3 .*disconnected' "who has left publishes nothing"
probe_end b

probe a "mqtt://127.0.0.1:$plain"
say a open
# 32 and 33 are the C library's own, 9 and 19 cannot be blocked
is "$(grep -h SigBlk "/proc/$(probe_pid a)"/task/*/status | grep -vc 'fffffffe7ffbfeff')" 1 \
	"signals come to one thread alone"
ignored=$(awk '/SigIgn/ { print $2 }' "/proc/$(probe_pid a)/status")
is $((0x$ignored >> 12 & 1)) 0 "SIGPIPE is not ignored for everybody"
probe_end a

# ---- a burst, held up by MQTT 5's Receive Maximum (mosquitto: 20) ----------------
probe a "mqtt://127.0.0.1:$plain?version=5"
say a open
say a subscribe burst/x
say a post 2000 burst/x 20
say a numbers 2000
is "$LINE" "ok 2000 of 2000, 0 again" "2000 messages posted at once are not sent 20 a second"
acknowledged() {
	say a stats
	[[ $LINE == *"published=2000 failed=0 "* ]]
}
wait_for acknowledged
ok $? "and all acknowledged" || diag "$LINE"
probe_end a

# ---- a topic with a NUL --------------------------------------------------------------
start fake "$PYTHON" "$PEER/broker_fake.py" nul-topic
line_of fake 'ready ([0-9]+)' || give_up "no broker_fake.py"
probe a --trace "$TMP/trace.nul" "mqtt://127.0.0.1:${BASH_REMATCH[1]}"
say a open
say a subscribe x/y
say a expect 1
is "$LINE" "ok 1" "a topic with a NUL in it arrives"
line_of a 'retained='
probe_end a
stop_pid "$PID"
like "$(cat "$TMP/trace.nul")" ' < a\?b 78 00 79$' "whole"

# ---- back-pressure: a queue of 100 kB, 500 messages of 1 kB -------------------
probe a --queue 100000 "mqtt://127.0.0.1:$plain"
say a open
say a subscribe much/x
seq -f '%g' 1 500 | sed "s/\$/ $(printf '%01000d' 0)/" | mosquitto_pub -p "$plain" -q 1 -t much/x -l
say a publish other/x "while the queue is full"
like "$LINE" '^ok' "a full queue does not stop what we send"
say a numbers 500
is "$LINE" "ok 500 of 500, 0 again" "and nothing is lost"
probe_end a

# ---- who may ------------------------------------------------------------------
mosquitto_users "$TMP/users" tech right
printf 'user tech\ntopic readwrite open/#\n' >"$TMP/acl"
chmod 600 "$TMP/acl"
mosquitto_start strict "allow_anonymous false
password_file $TMP/users
acl_file $TMP/acl"
strict=$BROKER_PORT
export METERCTL_MQTT_PASSWORD=wrong-secret
for version in 3.1.1 5; do
	once --plain "mqtt://127.0.0.1:$strict?user=tech&version=$version"
	like "$OUT" '^error 5 login broker .* refused the login: .*(user|authorised).*\(check user= and the password|^error 5 login .*not authorised, reason .*password' \
		"$version: a wrong password is said to be one"
	once "mqtt://127.0.0.1:$strict?version=$version"
	like "$OUT" '^error 5 login .*(not authorised|bad user)' "$version: nobody may not"
done
export METERCTL_MQTT_PASSWORD=right
once "mqtt://127.0.0.1:$strict?user=tech"
like "$OUT" '^error 7 .*--allow-plaintext' "a password does not cross a plain line"
for version in 3.1.1 5; do
	probe a --plain --trace "$TMP/trace.$version" "mqtt://127.0.0.1:$strict?user=tech&version=$version"
	say a open
	like "$LINE" '^ok' "$version: the right password"
	say a subscribe open/x
	like "$LINE" '^ok' "$version: what the access list allows"
	say a publish open/x '{"a":1}'
	say a expect 1
	line_of a 'retained='
	ok "$(tr '\0' '\n' <"/proc/$(probe_pid a)/cmdline" | grep -c right)" "$version: the password is in no argument"
	probe_end a
	unlike "$(cat "$TMP/trace.$version")" 'right' "$version: and in no trace"
	like "$(cat "$TMP/trace.$version")" '^[0-9:.]{15} > open/x \{"a":1\}$' "$version: the trace has what went out"
	like "$(cat "$TMP/trace.$version")" '^[0-9:.]{15} < open/x \{"a":1\}$' "$version: and what came in"
	like "$(cat "$TMP/trace.$version")" "^[0-9:.]{15} \* connecting to tcp://127.0.0.1:$strict" "$version: and the steps"
done
# its own access lists take a subscription and deliver nothing; its plugin refuses
plugin=$(echo /usr/lib/*/mosquitto_dynamic_security.so)
[ -e "$plugin" ] || give_up "no $plugin: make deps-test"
cat >"$TMP/deny.json" <<END
{ "defaultACLAccess": { "publishClientSend": false, "publishClientReceive": true, "subscribe": false, "unsubscribe": true } }
END
chmod 600 "$TMP/deny.json"
unset METERCTL_MQTT_PASSWORD
mosquitto_start deny "plugin $plugin
plugin_opt_config_file $TMP/deny.json"
for version in 3.1.1 5; do
	probe a "mqtt://127.0.0.1:$BROKER_PORT?version=$version"
	say a open
	say a subscribe secret/x
	like "$LINE" "^error 5 .*refused the subscription to 'secret/x'.*access list" "$version: a refused subscription is said to be"
	say a publish secret/x text
	if [ $version = 5 ]; then
		like "$LINE" "^error 5 .*refused the message to 'secret/x': not authorised" "5: and a refused message"
	else
		like "$LINE" "^ok" "3.1.1: has no way to refuse a message"
	fi
	probe_end a
done

# ---- answers that mosquitto does not give -------------------------------
for version in 3.1.1 5; do
	start fake "$PYTHON" "$PEER/broker_fake.py" refuse-subscriptions
	line_of fake 'ready ([0-9]+)' || give_up "no broker_fake.py"
	probe a "mqtt://127.0.0.1:${BASH_REMATCH[1]}?version=$version"
	say a open
	like "$LINE" '^ok' "$version: a broker that refuses subscriptions lets us in"
	say a subscribe secret/x
	like "$LINE" "^error 5 .*refused the subscription to 'secret/x'.*access list" "$version: its refusal is said"
	probe_end a
	stop_pid "$PID"
done
while read -r version code words; do
	start fake "$PYTHON" "$PEER/broker_fake.py" "connack=$code"
	line_of fake 'ready ([0-9]+)' || give_up "no broker_fake.py"
	once "mqtt://127.0.0.1:${BASH_REMATCH[1]}?version=$version"
	like "$OUT" "^error 5 login .*$words" "$version: CONNACK $code: $words"
	stop_pid "$PID"
done <<END
3.1.1 1 accepts neither MQTT 5 nor MQTT 3.1.1
3.1.1 2 rejects the client identifier
3.1.1 3 unavailable
3.1.1 4 bad user or password, reason 4
3.1.1 5 not authorised
5 132 accepts neither MQTT 5 nor MQTT 3.1.1
5 133 rejects the client identifier
5 134 bad user or password, reason 134
5 135 not authorised
5 136 unavailable
5 138 banned
5 159 too many connections
END

# ---- a version of MQTT that is not accepted -----------------------------------------
while read -r asked taken fault; do
	start fake "$PYTHON" "$PEER/broker_fake.py" "$fault"
	line_of fake 'ready ([0-9]+)' || give_up "no broker_fake.py"
	port=${BASH_REMATCH[1]}
	probe a "mqtt://127.0.0.1:$port?version=$asked"
	tell a open
	line_of a '^(remark|ok|error)'
	is "$LINE" "remark broker '127.0.0.1' port $port does not accept MQTT $asked: connected with MQTT $taken (set version=$taken)" "$fault: the other one is taken, and that is said"
	line_of a '^(ok|error)'
	like "$LINE" '^ok' "$fault: connected"
	say a subscribe x/y
	like "$LINE" '^ok' "$fault: and spoken to"
	probe_end a
	stop_pid "$PID"
done <<END
5 3.1.1 only=4
5 3.1.1 only-hang-up=4
3.1.1 5 only=5
END

for how in silent silent-subscriptions silent-publications hang-up; do
	start fake "$PYTHON" "$PEER/broker_fake.py" "$how"
	line_of fake 'ready ([0-9]+)' || give_up "no broker_fake.py"
	probe a --timeout 3000 "mqtt://127.0.0.1:${BASH_REMATCH[1]}"
	say a open
	case $how in
	silent) like "$LINE" '^error 3 login .*did not answer the login in 3 s' "a broker that never answers" ;;
	hang-up) like "$LINE" '^error 3 login .*closed the connection instead of answering' "one that hangs up" ;;
	*)
		say a subscribe x/y
		[ "$how" = silent-publications ] ||
			like "$LINE" '^error 3 .*did not (answer the subscription|acknowledge) in 3 s' "no answer to a subscription"
		say a publish x/y text
		[ "$how" = silent-subscriptions ] ||
			like "$LINE" '^error 3 .*did not acknowledge in 3 s' "no answer to a message"
		say a cancel
		say a publish x/y text
		[ "$how" = silent-subscriptions ] ||
			like "$LINE" '^error 130 ' "a cancel ends the wait for it"
		;;
	esac
	probe_end a
	stop_pid "$PID"
done

done_testing
