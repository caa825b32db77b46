#!/usr/bin/env bash
# TLS to mosquitto: who is let in, who is not, and what is said then. A broker under
# a wrong name is never connected to.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../mosquitto.sh"
. "$(dirname "$0")/broker.bash"

authority good
authority other
certificate server good localhost
certificate wrong good elsewhere.example
certificate address good IP:127.0.0.1
certificate old good localhost -1
certificate client good technician
certificate stranger other technician
openssl rsa -aes256 -passout pass:hush -in "$TMP/client.key" -out "$TMP/locked.key" 2>/dev/null

# tls_start NAME CERTIFICATE [CONFIGURATION]
tls_start() {
	mosquitto_start "$1" "cafile $TMP/good.ca.crt
certfile $TMP/$2.crt
keyfile $TMP/$2.key
${3:-}"
}
tls_start server server
tls_start wrong wrong
tls_start address address
tls_start old old
tls_start demand server "require_certificate true"
mosquitto_start plain
ca="ca=$TMP/good.ca.crt"

# tls REGEX NAME BROKER HOST PARTS [OPTION...]: in both versions of MQTT
tls() {
	local want=$1 name=$2 broker=$3 host=$4 parts=$5

	shift 5
	for version in 3.1.1 5; do
		once "$@" "mqtts://$host:${mosquitto_port[$broker]}?$parts&version=$version"
		like "$OUT" "$want" "$version: $name"
	done
}

tls '^ok' "a certificate of that name by that authority" server localhost "$ca"
tls '^error 3 tls .*signed by nobody who is trusted here \(give .*ca=FILE' "another authority" \
	server localhost "ca=$TMP/other.ca.crt"
tls '^error 3 tls .*signed by nobody who is trusted here' "the system's authorities" server localhost "qos=1"
tls "^error 3 tls .*another host name" "a certificate for another name" wrong localhost "$ca"
tls "^error 3 tls .*another host name" "a name where the address is called" server 127.0.0.1 "$ca"
tls '^ok' "a certificate for the address" address 127.0.0.1 "$ca"
tls "^error 3 tls .*another host name" "an address where the name is called" address localhost "$ca"
tls '^error 3 tls .*expired .*clock' "a certificate of yesterday" old localhost "$ca"
tls '^ok' "any authority with --insecure" server localhost "ca=$TMP/other.ca.crt" --insecure
tls '^ok' "any name with --insecure" wrong localhost "$ca" --insecure
tls '^ok' "yesterday's with --insecure" old localhost "$ca" --insecure
tls '^error 3 (tls|login) .*demand a client certificate|^error 3 (tls|login) .*demands a client certificate' \
	"no client certificate where one is demanded" demand localhost "$ca"
tls '^ok' "the client certificate" demand localhost "$ca&cert=$TMP/client.crt&key=$TMP/client.key"
tls '^error 3 (tls|login) .*(does not trust who signed our client certificate|accepts our client certificate)' \
	"a client certificate by somebody else" \
	demand localhost "$ca&cert=$TMP/stranger.crt&key=$TMP/stranger.key"
tls '^error 3 tls .*key= is not the key of cert=' "a key of another certificate" \
	demand localhost "$ca&cert=$TMP/client.crt&key=$TMP/stranger.key"
tls '^error 3 tls .*its password is missing or wrong \(keypass=@env:NAME' "a key with a password, which is not asked for" \
	demand localhost "$ca&cert=$TMP/client.crt&key=$TMP/locked.key"
printf 'hush\n' >"$TMP/hush"
chmod 600 "$TMP/hush"
LOCKED="$ca&cert=$TMP/client.crt&key=$TMP/locked.key"
export HUSH=hush WRONG=wrong
tls '^ok' "its password from a variable" demand localhost "$LOCKED&keypass=@env:HUSH"
tls '^ok' "its password from a file" demand localhost "$LOCKED&keypass=@file:$TMP/hush"
tls '^error 3 tls .*its password is missing or wrong' "a wrong one" demand localhost "$LOCKED&keypass=@env:WRONG"
tls "^error 7 .*'NOTHING' is not set" "a variable that is not set" demand localhost "$LOCKED&keypass=@env:NOTHING"
tls "^error 7 .*nobody to ask here" "a person who is not there" demand localhost "$LOCKED&keypass=@ask"
tls '^error 3 tls .*cert= holds no certificate' "a certificate file that is none" \
	demand localhost "$ca&cert=$TMP/client.key&key=$TMP/client.key"
tls '^error 3 tls .*ca= holds no certificate' "a ca file that is none" server localhost "ca=$TMP/good.ca.key"
tls '^error 3 tls .*(check the port: a plain MQTT port needs mqtt)' "a plain port" plain localhost "$ca"
once "mqtt://localhost:${mosquitto_port[server]}"
like "$OUT" '^error 3 login .*check the port: a TLS port needs mqtts' "the TLS port for a plain one"
once "mqtts://localhost:${mosquitto_port[server]}?ca=$TMP/nothing.crt"
like "$OUT" "^error 2 name cannot read ca file '$TMP/nothing.crt'" "a ca file that is not there"

# nobody has come in under a wrong name or an untrusted certificate but by --insecure
is "$(mosquitto_log wrong | grep -c 'New client connected')" 2 "the broker of another name saw two logins, both --insecure"
is "$(mosquitto_log old | grep -c 'New client connected')" 2 "so did the one of yesterday"

# a password crosses TLS, and only TLS; what it carries is not to be read on the way
mosquitto_users "$TMP/users" tech s3cret
tls_start login server "allow_anonymous false
password_file $TMP/users"
export METERCTL_MQTT_PASSWORD=s3cret
tls '^ok' "user and password" login localhost "$ca&user=tech"
METERCTL_MQTT_PASSWORD=other
tls '^error 5 login .*(not authorised|bad user)' "a wrong password" login localhost "$ca&user=tech"
unset METERCTL_MQTT_PASSWORD

# found again, and checked again, after it was away with another certificate
probe a "mqtts://localhost:${mosquitto_port[server]}?$ca"
say a open
say a subscribe t/x
mosquitto_stop server KILL
say a down
like "$LINE" '^ok .*lost.*since' "a lost connection is noticed"
cp "$TMP/wrong.crt" "$TMP/server.crt"
cp "$TMP/wrong.key" "$TMP/server.key"
mosquitto_again server
say a why another host name
like "$LINE" '^ok .*another host name' "under a wrong name it is not connected to again"
probe_end a

done_testing
