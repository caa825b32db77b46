#!/usr/bin/env bash
# The screens on lines with others: meters at settings nobody knows are found from Connect, and a
# line on which pymodbus asks pymodbus is listened to, without a byte of ours.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
RECORDER=$TMP/recorder.so
export LINE_RECORD=$TMP/record
mkdir "$LINE_RECORD"
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -shared -fPIC -O1 -o "$RECORDER" "$PEER/line_recorder.c" -ldl ||
	give_up "the recorder does not compile"
L=$TMP/line
start wire "$PYTHON" "$PEER/scan_wire.py" "$LINE_RECORD" "$L.found=3@4800-8E1" "$L.master=5@19200-8E1/100:master+3@19200-8E1"
line_of wire ready || give_up "no wire"
shell "export LINE_RECORD='$LINE_RECORD' ASAN_OPTIONS='$ASAN_OPTIONS' XDG_STATE_HOME='$XDG_STATE_HOME'; echo there"
wait_for showing '^there'

types() {
	keys :
	keys -l -- "$1"
	keys Enter
}
on_another() {
	showing '▸ another port' || { keys Down; return 1; }
}
# port PATH: in the form of Connect
port() {
	keys c
	wait_for showing 'Modbus TCP'
	keys Home
	wait_for on_another
	keys Tab C-u
	keys -l -- "$1"
	keys Escape
}

# ---- found from Connect ---------------------------------------------------------------

# names of ports are long where the tests have a folder of their own
start_wide() {
	start_screens "$@"
	resized 160 40
}

# shellcheck disable=SC2016 # that shell's own
PROGRAM='env LD_PRELOAD="'"$RECORDER"'" "$METERCTL"'
start_wide
shows 'Modbus TCP' 'no meter is chosen: Connect'
port "$L.found"
keys f
shows '^ searching 1 line, at most [0-9]+:[0-9]+ left' 'f searches the line chosen, and says how long that takes'
shows ' [0-9]+ %  (2400|4800|9600|19200) 8[NE]1 (unit [0-9]+|all units) +0 found +[0-9]+:[0-9]+ left' 'what is tried, how far, how long still'
shows '^ ▸ ADW300 +3  4800 8E1 .* ms' 'the meter is listed as soon as it is found'
shows '^ searching 1 line' 'while the search goes on'
shows '^ rtu:.*line\.found\?baud=4800&parity=even&unit=3' 'with its whole target'
shows 'replied holding 0x0000-0x0001: 0003' 'and what it replied'
keys Escape
shows '^ stopped: 1 found so far' 'Esc stops it'
keys Enter
shows 'ADW300 #3 .*● live' 'Enter connects to it'
keys c f
shows 'in use' 'the line of the meter that is shown is searched, too'
shows '^ searching 1 line' 'which waits meanwhile'
keys 1
shows 'ADW300 #3 .*● live' 'another screen ends that, and it is read again'
# ---- another master ----------------------------------------------------------------------

port "$L.master"
keys f
shows 'another master is on the line\. y: search beside it' 'another master: it asks'
keys x
showing 'y: search beside it'
ok $? 'and takes no other key for an answer'
keys n
shows 'another master is on the line' 'n: it is left alone'
keys Escape
shows 'Modbus TCP' 'and Esc is back'
keys f
shows 'y: search beside it' 'asked again'
keys y
# beside a master every request has to wait for a gap, and on a busy machine one may miss it:
# that of the address, or that of the model
found_beside() {
	showing '^ ▸ ADW300 +3  19200 8E1 ' && return
	if showing '^ done: '; then
		keys f
	elif showing 'y: search beside it'; then
		keys y
	fi
	return 1
}
wait_for found_beside || wait_for found_beside || wait_for found_beside
ok $? 'y: the meter between its frames is found'
keys q
given_back 'q'

# ---- listening --------------------------------------------------------------------------------

# shellcheck disable=SC2016 # that shell's own
PROGRAM='"$METERCTL"'
# line [OPTION ...]: three ports of one line, of which what each has sent is counted
line() {
	rm -f "$TMP/slave" "$TMP/master" "$TMP/tap"
	start hub "$PYTHON" "$PEER/hub.py" --counts "$TMP/counts" "$@" "$TMP/tap" "$TMP/slave" "$TMP/master"
	HUB=$PID
	line_of hub ready || give_up "no line"
}
# sent PORT: bytes
sent() {
	sed -n "s/^$1 //p" "$TMP/counts"
}
polled() {
	run mbpoll -0 -1 -m rtu -P none -o 0.3 "$@" "$TMP/master"
}

line
start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$TMP/slave"
line_of slave ready || give_up "no slave"
start_wide -c "'rtu:$TMP/tap'"
shows 'ADW300 #1 .*● live' 'a meter is read'
keys 9
wait_for showing '^ requests'
keys l
shows '^ listening to .*/tap at 9600 8N1: nothing is sent' 'l on Trace listens to its line'
shows 'in use' 'and the meter is not read meanwhile'
before=$(sent tap)
exits 0 "pymodbus asks" -- "$PYTHON" "$PEER/master_pymodbus.py" "$TMP/master" "$TMP/master.log" 40
polled -b 9600 -a 1 -r 20 -c 2
polled -b 9600 -a 9 -r 20 -c 1
shows '→ +1 03 +read voltage\.a, voltage\.b' 'a request by the names of its registers'
shows '← +1 03 +[0-9.]+ ms  +voltage\.a=704\.6 V, voltage\.b=' 'a reply with its values'
shows '^ +1 +41 +[0-9]+ +0 +[0-9]+ +[0-9.]+/s' 'unit 1: every request is counted, none silent'
shows '^ +9 +1 +0 +1 ' 'unit 9: silent'
is "$(sent tap)" "$before" 'not a byte was sent'
keys Escape
shows '^ requests' 'Esc is back on Trace'
shows '● live' 'and the meter is read again'
[ "$(sent tap)" -gt "$before" ]
ok $? 'by requests' || diag "$(sent tap), before $before"
keys q
given_back 'q'

# at another baud rate
stop_pid "$HUB"
line --baud 4800
start_wide
shows 'Modbus TCP' 'no meter is needed'
types "listen rtu:$TMP/tap"
shows '^ listening to' ':listen TARGET'
hears() {
	polled -b 4800 -a 3 -r 20 -c 4
	showing "$1"
}
wait_for hears 'no valid frame in [0-9]+ bytes at 9600 8N1'
ok $? 'a wrong baud rate is said'
wait_for hears 'the line is at 4800 8N1, not at 9600 8N1'
ok $? 'and the right one'
shows '→ +3 03 +read voltage\.a' 'with the frames there'
is "$(sent tap)" 0 'not a byte was sent'
keys q
given_back 'q'
done_testing
