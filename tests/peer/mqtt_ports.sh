#!/usr/bin/env bash
# A port that does not speak what the target says: one line, with what, where and what to check.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"

authority good
certificate server good localhost
declare -A port=()
for door in tls ws wss; do
	port[$door]=$(free_port)
done
mosquitto_start plain "listener ${port[ws]} 127.0.0.1
protocol websockets
listener ${port[wss]} 127.0.0.1
protocol websockets
certfile $TMP/server.crt
keyfile $TMP/server.key
listener ${port[tls]} 127.0.0.1
certfile $TMP/server.crt
keyfile $TMP/server.key"
for door in tls ws wss; do
	wait_for port_open "${port[$door]}"
done
port[plain]=$BROKER_PORT
start web "$PYTHON" -u -m http.server --bind 127.0.0.1 --directory "$TMP/home" 0
line_of web 'port ([0-9]+)' || give_up "no web server"
port[web]=${BASH_REMATCH[1]}
start old "$PYTHON" -W ignore "$PEER/tls_listener.py" "$TMP/server.crt" "$TMP/server.key" "$BROKER_PORT" max=1.0
line_of old 'ready ([0-9]+)' || give_up "no TLS listener"
port[old]=${BASH_REMATCH[1]}

while read -r scheme door words; do
	parts=qos=1
	[[ $scheme != *s ]] || [ "$scheme" = ws ] || parts="ca=$TMP/good.ca.crt"
	for version in 3.1.1 5; do
		at="$scheme on ${door/tls/TLS}, MQTT $version"
		exits 3 "$at: exit 3" -- "$METERCTL" -t 4000 -c "$scheme://localhost:${port[$door]}/1?$parts&version=$version" get voltage.a
		one_line "$ERR" "$at: one line"
		like "$ERR" "'localhost' port ${port[$door]} .*$words" "$at: what to check"
	done
done <<END
mqtts plain .*closed the connection during the handshake \(check the port: a plain MQTT port needs mqtt://
mqtts ws what answers there is not TLS \(check the port: .*a plain websocket ws://
mqtts web what answers there is not TLS \(check the port
mqtts wss closed the connection instead of answering the login \(.*check the port: a websocket port needs wss://
mqtts old it speaks no version of TLS that is accepted here \(the broker needs TLS 1.2 or later\)
mqtt tls closed the connection instead of answering the login \(check the port: a TLS port needs mqtts://
mqtt ws closed the connection instead of answering the login \(check the port: .*a websocket port ws://
mqtt web did not answer the login in 4 s \(check the port: a TLS port needs mqtts://
ws plain did not accept the websocket \(check the port and path=: a plain MQTT port needs mqtt://
ws tls did not accept the websocket \(check the port and path=: .*a TLS port wss://
ws web did not accept the websocket \(check the port and path=
wss plain \(check the port and path=: .*an MQTT port mqtts:// or mqtt://
wss tls \(check the port and path=: .*an MQTT port mqtts:// or mqtt://
wss ws what answers there is not TLS \(check the port and path=: a plain websocket needs ws://
END

done_testing
