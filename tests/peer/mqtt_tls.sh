#!/usr/bin/env bash
# TLS, logins and secrets through the whole program, against mosquitto.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

SECRET=Gx7-never-shown
authority good
authority other
certificate server good localhost
certificate elsewhere good meters.example
certificate old good localhost -1
certificate client good IP:127.0.0.1
mosquitto_users "$TMP/users" technician "$SECRET"
tls() {	# tls NAME CERTIFICATE [MORE]
	mosquitto_start "$1" "cafile $TMP/good.ca.crt
certfile $TMP/$2.crt
keyfile $TMP/$2.key
${3:-}"
}
tls good server "password_file $TMP/users
allow_anonymous false"
LOGIN=$BROKER_PORT
tls open server
OPEN=$BROKER_PORT
tls elsewhere elsewhere
ELSEWHERE=$BROKER_PORT
tls old old
OLD=$BROKER_PORT
tls client server 'require_certificate true'
CLIENT=$BROKER_PORT
mosquitto_start plain "password_file $TMP/users
allow_anonymous false"
PLAIN=$BROKER_PORT
CA=$TMP/good.ca.crt

# reads NAME TARGET ARGS...: an upload that comes over TLS is read
reads() {
	local name=$1 target=$2

	shift 2
	FILTER=platform/ waits tls -c "$target" "$@" get voltage.a
	mosquitto_pub -h localhost -p "$BROKER_PORT" "${PUB[@]}" -q 1 -t "$UP" -m "$(json_v2 "$(date +%s%3N)" 1 220.1)"
	ends tls 0 "$name"
	is "$OUT" 220.1 "$name: the value"
}
# fails NAME CODE STEP WORDS TARGET ARGS...: and uplink names the step
fails() {
	local name=$1 code=$2 step=$3 words=$4 target=$5

	shift 5
	exits "$code" "$name: exit $code" -- "$METERCTL" -c "$target" -t 9000 "$@" get voltage.a
	like "$ERR" "$words" "$name: says so"
	run "$METERCTL" -c "$target" -t 9000 "$@" -f json uplink --deadline 9
	holds "$name: uplink says at which step of connecting" "$TMP/out" '
(u,) = docs
assert (u["verdict"], u["step"]) == ("fail", "broker"), u
import re
assert re.match(sys.argv[2] + ": ", u["steps"][0]["what"]), u["steps"][0]' "$step"
}
connected() {	# how many clients have got as far as MQTT
	mosquitto_log "$1" | grep -c 'New client connected .* as meterctl'
}

# ---- certificates
PUB=(--cafile "$CA")
BROKER_PORT=$OPEN
reads "the right authority" "mqtts://localhost:$OPEN/$SN?dialect=json-v2&ca=$CA"
before=$(connected open)
fails "another authority" 3 tls 'signed by nobody who is trusted here' "mqtts://localhost:$OPEN/$SN?ca=$TMP/other.ca.crt"
fails "the system's authorities" 3 tls 'signed by nobody who is trusted here' "mqtts://localhost:$OPEN/$SN"
fails "an address that the certificate does not name" 3 tls "for another host name" "mqtts://127.0.0.1:$OPEN/$SN?ca=$CA"
is "$(connected open)" "$before" "none of them came as far as MQTT"
fails "a certificate for another host" 3 tls "for another host name" "mqtts://localhost:$ELSEWHERE/$SN?ca=$CA"
is "$(connected elsewhere)" 0 "never connects"
fails "an expired one" 3 tls 'expired' "mqtts://localhost:$OLD/$SN?ca=$CA"
is "$(connected old)" 0 "never connects"
for port in $OPEN $ELSEWHERE $OLD; do
	BROKER_PORT=$port PUB=(--cafile "$CA" --insecure)
	[ "$port" != "$OLD" ] || continue
	reads "--insecure, port of its own" "mqtts://127.0.0.1:$port/$SN?dialect=json-v2" --insecure
done
exits 3 "--insecure, with an expired one, connects" -- "$METERCTL" -c "mqtts://localhost:$OLD/$SN" --insecure -t 4000 get voltage.a
like "$ERR" 'no message of' "and waits for the meter"
# TLS 1.3 tells it after the handshake: the alert may be late for the step
fails "no certificate of ours, where one is wanted" 3 '(tls|login)' 'certificate' "mqtts://localhost:$CLIENT/$SN?ca=$CA"
BROKER_PORT=$CLIENT PUB=(--cafile "$CA" --cert "$TMP/client.crt" --key "$TMP/client.key")
reads "ours" "mqtts://localhost:$CLIENT/$SN?dialect=json-v2&ca=$CA&cert=$TMP/client.crt&key=$TMP/client.key"
exits 2 "a CA file that is not there" -- "$METERCTL" -c "mqtts://localhost:$OPEN/$SN?ca=$TMP/nothing" get voltage.a
like "$ERR" "$TMP/nothing" "is named"
fails "TLS to a broker without" 3 tls 'check the port: a plain MQTT port needs mqtt' "mqtts://localhost:$PLAIN/$SN?ca=$CA"
exits 3 "no TLS to a broker with" -- "$METERCTL" -c "mqtt://localhost:$OPEN/$SN" -t 4000 get voltage.a
like "$ERR" 'check the port: a TLS port needs mqtts' "says what it may be"

# ---- passwords
USER="mqtts://localhost:$LOGIN/$SN?dialect=json-v2&ca=$CA&user=technician"
exits 7 "no password" -- "$METERCTL" -c "$USER" get voltage.a
like "$ERR" "no password for user 'technician' of 'localhost' \(set METERCTL_MQTT_PASSWORD, or name a file of mode 0600 with &passfile=PATH\)" "and how to give one"
printf '%s\n' "$SECRET" >"$TMP/password"
chmod 644 "$TMP/password"
exits 7 "a file others may read" -- "$METERCTL" -c "$USER&passfile=$TMP/password" get voltage.a
chmod 600 "$TMP/password"
BROKER_PORT=$LOGIN PUB=(--cafile "$CA" -u technician -P "$SECRET")
reads "a password from a file" "$USER&passfile=$TMP/password"
export METERCTL_MQTT_PASSWORD=$SECRET
reads "a password from the environment" "$USER" -v --journal "$TMP/journal.db"
METERCTL_MQTT_PASSWORD=wrong fails "a wrong password" 5 login 'refused the login: not authorised.*check user=' "$USER"
for version in 3.1.1 5; do
	start deny "$PYTHON" "$PEER/broker_fake.py" refuse-subscriptions
	line_of deny 'ready ([0-9]+)'
	deny=$PID
	METERCTL_MQTT_PASSWORD='' fails "MQTT $version: a user who may not listen" 5 subscribe 'subscription' \
		"mqtt://127.0.0.1:${BASH_REMATCH[1]}/$SN?dialect=json-v2&version=$version"
	stop_pid "$deny"
done
PLAINLY="mqtt://localhost:$PLAIN/$SN?dialect=json-v2&user=technician"
exits 7 "a password over a plain line" -- "$METERCTL" -c "$PLAINLY" get voltage.a
like "$ERR" 'would cross the network in clear .*--allow-plaintext' "is refused, and what would allow it"
is "$(connected plain)" 0 "it never connects"
BROKER_PORT=$PLAIN PUB=(-u technician -P "$SECRET")
reads "--allow-plaintext" "$PLAINLY" --allow-plaintext
exits 2 "a password in the target is no part of it" -- "$METERCTL" -c "mqtt://technician:$SECRET@localhost:$PLAIN/$SN" get voltage.a
exits 2 "nor is it a part" -- "$METERCTL" -c "mqtt://localhost:$PLAIN/$SN?user=technician&password=$SECRET" get voltage.a

# ---- the secret is nowhere
BROKER_PORT=$LOGIN FILTER=platform/ waits seen -c "$USER" -v get voltage.a
ps -eo args >"$TMP/ps"
tr '\0' '\n' <"/proc/$PID/cmdline" >>"$TMP/ps"
stop_pid "$PID" INT
grep -q "$USER" "$TMP/ps"; ok $? "ps shows the program"
! grep -qF -- "$SECRET" "$TMP/ps"; ok $? "and no password"
! grep -rqF -- "$SECRET" "$TMP"/*.trace "$TMP"/seen.err "$XDG_STATE_HOME"; ok $? "nor trace, messages or journal"

# ---- a broker that takes the connection and says nothing
start mute "$PYTHON" -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(9)
print(s.getsockname()[1], flush=True)
import signal
signal.pause()'
line_of mute '^([0-9]+)$'
MUTE=${BASH_REMATCH[1]}
unset METERCTL_MQTT_PASSWORD
for scheme in mqtt mqtts; do
	exits 3 "$scheme: a broker that never answers" -- "$METERCTL" -c "$scheme://127.0.0.1:$MUTE/$SN" -t 2000 get voltage.a
	like "$ERR" "(did not answer the login|no TLS handshake with .*) in 2 s" "$scheme: is given up in time, and says so"
done
exits 3 "no such host" -- "$METERCTL" -c "mqtt://no-such-host.invalid/$SN" -t 9000 get voltage.a
like "$ERR" "cannot find host 'no-such-host.invalid'" "is named"

done_testing
