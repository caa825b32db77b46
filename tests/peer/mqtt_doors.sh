#!/usr/bin/env bash
# The ways to a broker: websockets, with TLS and without, and a proxy.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

authority good
certificate server good localhost
WS=$(free_port) WSS=$(free_port)
while [ "$WSS" = "$WS" ]; do WSS=$(free_port); done
mosquitto_start web "listener $WS 127.0.0.1
protocol websockets
listener $WSS 127.0.0.1
protocol websockets
cafile $TMP/good.ca.crt
certfile $TMP/server.crt
keyfile $TMP/server.key"
wait_for port_open "$WS"
wait_for port_open "$WSS"
export FILTER=platform/
TLS="ca=$TMP/good.ca.crt"

# reads NAME TARGET: a meter that uploads through the plain door is read through this one
reads() {
	waits "$1" -c "$2" -t 20000 get voltage.a
	publish "$UP" "$(json_v2 @NOW@ 1 230.1)"
	ends "$1" 0 "$1"
	is "$OUT" 230.1 "$1: the value"
}
for version in 3.1.1 5; do
	reads "ws-$version" "ws://127.0.0.1:$WS/$SN?dialect=json-v2&version=$version"
	reads "wss-$version" "wss://localhost:$WSS/$SN?dialect=json-v2&version=$version&path=/mqtt&$TLS"
done
exits 3 "wss:// of an authority nobody trusts" -- "$METERCTL" -c "wss://localhost:$WSS/$SN" -t 5000 get voltage.a
like "$ERR" "signed by nobody who is trusted here" "says so"
exits 2 "a path without a websocket" -- "$METERCTL" -c "mqtt://localhost/$SN?path=/mqtt" get voltage.a
like "$ERR" "ws://" "is for which schemes"

# ---- what a TLS port is offered: host name, protocols, our certificate
certificate technician good technician
openssl rsa -aes256 -passout pass:hush -in "$TMP/technician.key" -out "$TMP/locked.key" 2>/dev/null
listens() {	# listens NAME OPTION...: a TLS port before the broker, in $PORT
	start "$1" "$PYTHON" "$PEER/tls_listener.py" "$TMP/server.crt" "$TMP/server.key" "$BROKER_PORT" "${@:2}"
	line_of "$1" 'ready ([0-9]+)' || give_up "no tls_listener.py"
	PORT=${LINE#ready }
}
listens cloud "ca=$TMP/good.ca.crt" alpn=x-amzn-mqtt-ca,mqtt
CLOUD="mqtts://localhost:$PORT/$SN?dialect=json-v2&$TLS"
LOCKED="cert=$TMP/technician.crt&key=$TMP/locked.key"
export HUSH=hush
cat >"$XDG_CONFIG_HOME/meterctl/config.yaml" <<-END
	connections:
	  site: $CLOUD&$LOCKED&keypass=@env:HUSH&alpn=x-amzn-mqtt-ca
	  asked:
	    target: $CLOUD&$LOCKED&keypass=@ask&alpn=other,mqtt
	  bare: $CLOUD
END
reads saved site
line_of cloud '^(offered|failed)'
is "$LINE" "offered localhost x-amzn-mqtt-ca technician" "a saved connection: host name, protocol and client certificate"
exits 3 "a protocol that the port does not know, and one that it knows" -- env HUSH=hush "$METERCTL" \
	-c "$CLOUD&$LOCKED&keypass=@env:HUSH&alpn=other,mqtt" -t 1000 get voltage.a
line_of cloud '^(offered|failed)'
is "$LINE" "offered localhost mqtt technician" "the second is agreed on"
OUT=$("$PYTHON" "$PEER/prompt.py" "password of key $TMP/locked.key" 'hush\n' "$METERCTL" -c asked -t 1000 get voltage.a)
like "$OUT" '^status 3, echo on: .*no message of' "a person types the password of the key"
unlike "$OUT" hush "which is not shown"
line_of cloud '^(offered|failed)'
is "$LINE" "offered localhost mqtt technician" "and is let in"
exits 7 "nobody to ask" -- setsid "$METERCTL" -c asked -t 1000 get voltage.a
like "$ERR" "no terminal to ask for the password of key" "says so"
exits 3 "no client certificate" -- "$METERCTL" -c bare -t 4000 get voltage.a
like "$ERR" "demands? a client certificate" "says what is missing"
line_of cloud '^(offered|failed)'
like "$LINE" '^failed PEER_DID_NOT_RETURN_A_CERTIFICATE' "of this one the port says"
exits 0 "what is saved is shown without a secret" -- "$METERCTL" -c site config show
like "$OUT" "keypass=@env:HUSH" "where it is, not what it is"

# ---- a proxy: only where it is asked for
start proxy "$PYTHON" "$PEER/proxy_connect.py" "$TMP/proxied"
line_of proxy 'ready ([0-9]+)' || give_up "no proxy_connect.py"
PROXY=127.0.0.1:${LINE#ready }
export http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1
reads plain "mqtt://127.0.0.1:$BROKER_PORT/$SN?dialect=json-v2"
reads web "ws://127.0.0.1:$WS/$SN?dialect=json-v2"
ok "$([ ! -s "$TMP/proxied" ]; echo $?)" "the environment's proxies are not used"
reads proxied "mqtt://127.0.0.1:$BROKER_PORT/$SN?dialect=json-v2&proxy=$PROXY"
reads proxied-ws "ws://127.0.0.1:$WS/$SN?dialect=json-v2&proxy=$PROXY"
reads proxied-wss "wss://localhost:$WSS/$SN?dialect=json-v2&$TLS&proxy=$PROXY"
is "$(sort -u "$TMP/proxied")" "$(printf 'CONNECT %s\n' "127.0.0.1:$BROKER_PORT" "127.0.0.1:$WS" "localhost:$WSS" | sort)" "proxy= is, and for nothing else"
exits 3 "a proxy that is not there" -- "$METERCTL" -c "mqtt://127.0.0.1:$BROKER_PORT/$SN?proxy=127.0.0.1:1" -t 4000 get voltage.a
like "$ERR" "^meterctl: proxy: cannot connect to '127.0.0.1' port 1" "is the one that is named"
exits 2 "proxy= without a port" -- "$METERCTL" -c "mqtt://h/$SN?proxy=there" get voltage.a

done_testing
