#!/usr/bin/env bash
# Where the meter is: every way to say it, and what is said when it is not there.
. "$(dirname "$0")/../tap.sh"

# refused NAME REGEX TARGET
refused() {
	exits 2 "$1" -- "$METERCTL" -c "$3" read
	one_line "$ERR" "$1: one line"
	like "$ERR" "$2" "$1: says what is wrong"
}
refused "no scheme" "rtu:/dev/ttyUSB0" /dev/ttyUSB0
refused "nothing" "target" ""
refused "a scheme there is not" "'ftp:host'.*udp:HOST" ftp:host
refused "a broker without slashes" "mqtt://HOST" mqtt:broker/1
refused "unknown part" "'boud'.*baud" 'rtu:/dev/ttyUSB0?boud=9600'
refused "a rate that is none" "'9601'" 'rtu:/dev/ttyUSB0?baud=9601'
refused "parity" "'mark'.*even" 'rtu:/dev/ttyUSB0?parity=mark'
refused "stop bits" "'3'" 'rtu:/dev/ttyUSB0?stop=3'
refused "unit 256" "'256'.*0 to 255" 'tcp:host?unit=256'
refused "unit 0 through a tunnel" "'0'.*1 to 255" 'mqtt://host/7?dialect=tunnel&unit=0'
refused "a part twice" "twice" 'tcp:host?unit=1&unit=2'
refused "no host" "host" tcp:
refused "port of TCP" "'70000'" tcp:host:70000
refused "rtutcp needs a port" "port" rtutcp:host
refused "rtuudp needs a port" "port" rtuudp:host
refused "baud means nothing on TCP" "'baud'" 'tcp:host?baud=9600'
refused "unknown scenario" "'ct-reverse" sim:ct-reverse=b
refused "a value the scenario does not take" "z" sim:ct-reversed=z

exits 3 "no such port" -- "$METERCTL" -c "rtu:$TMP/none" read
one_line "$ERR" "one line"
like "$ERR" "no such port '$TMP/none'" "says so"
echo >"$TMP/file"
run "$METERCTL" -c "rtu:$TMP/file" read
[ "$RC" = 2 ] || [ "$RC" = 3 ]
ok $? "a file is no port"
one_line "$ERR" "one line"

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	start sim "$METERCTL" simulate frozen
	line_of sim '(rtu:[^ ]+)'
	device=${BASH_REMATCH[1]%%\?*}
	# as udev sets a serial adapter up
	chgrp dialout "${device#rtu:}" && chmod 660 "${device#rtu:}"
	cp "$METERCTL" "$TMP/meterctl" && chmod 755 "$TMP" "$TMP/meterctl"
	exits 7 "a port this user may not open" -- setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$TMP/meterctl" -c "$device" read
	one_line "$ERR" "one line"
	like "$ERR" "permission denied.*group.*dialout" "names the group to join"
	stop_pid "$PID"
fi

exits 3 "a meter that is silent" -- "$METERCTL" -c sim:dead -t 200 -r 1 get voltage.a
one_line "$ERR" "one line"
for word in address power; do
	like "$ERR" "$word" "says to check $word"
done

# ---- saved connections and the environment
cat >"$XDG_CONFIG_HOME/meterctl/config.yaml" <<'EOF'
connections:
  bench: sim:frozen,ct=40
  broken: sim:nonsense
EOF
exits 0 "a saved connection" -- "$METERCTL" -c bench get ratio.ct
is "$OUT" 40 "is used"
refused "a saved name mistyped" "did you mean 'bench'" bensh
refused "a saved target that is wrong" "'nonsense'" broken
export METERCTL_CONNECT=bench
exits 0 "METERCTL_CONNECT" -- "$METERCTL" get ratio.ct
is "$OUT" 40 "is the default"
exits 0 "-c wins over it" -- "$METERCTL" -c sim:frozen,ct=7 get ratio.ct
is "$OUT" 7 "as it should"
unset METERCTL_CONNECT
echo 'connections: [bench' >"$XDG_CONFIG_HOME/meterctl/config.yaml"
refused "a broken configuration file" 'config\.yaml:[0-9]' bench
exits 0 "does not matter when it is not needed" -- "$METERCTL" -c sim:frozen get voltage.a
rm "$XDG_CONFIG_HOME/meterctl/config.yaml"

# ---- a port has one user
start sim "$METERCTL" simulate frozen --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "no simulator"
exits 0 "the port is free" -- "$METERCTL" -c "rtu:$TMP/port" get voltage.a
start watch "$METERCTL" -c "rtu:$TMP/port" -f jsonl watch -i 0.05 voltage.a
WATCH=$PID
line_of watch voltage
exits 7 "a port in use" -- "$METERCTL" -c "rtu:$TMP/port" get voltage.a
one_line "$ERR" "one line"
like "$ERR" "in use|busy|locked" "says so"
like "$ERR" "$WATCH|meterctl" "and by whom"
stop_pid "$WATCH" INT
exits 0 "free again" -- "$METERCTL" -c "rtu:$TMP/port" get voltage.a
exits 0 "twice in a row" -- "$METERCTL" -c "rtu:$TMP/port" get voltage.a

done_testing
