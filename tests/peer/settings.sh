#!/usr/bin/env bash
# Meters that want more than a write: a password before it, a commit behind it, one register at a
# time. The slave is pymodbus's and takes nothing that is not asked for as its profile says.
. "$(dirname "$0")/../tap.sh"

LOG=$TMP/writes
export RIGHT=1000 WRONG=1001

slave() {	# slave OPTION...: see slave_settings.py; what is asked of it is in T
	port=$(free_port)
	start slave "$PYTHON" "$PEER/slave_settings.py" "$port" "$LOG" "$@"
	line_of slave ready || give_up "no slave"
	T=tcp:127.0.0.1:$port
}
written() {	# what came since WAS
	tail -n +$((was + 1)) "$LOG" | sed 's/^w //'
}
mark() {
	was=$(wc -l <"$LOG")
}
profile() {	# profile NAME TOP POINTS: a file in $TMP
	cat >"$TMP/$1.yaml" <<-END
	profile: $1
	title: A meter of a test
	$2
	groups:
	  - group: ratio
	    title: Ratios
	    access: rw
	    points:
	$3
	END
	exits 0 "$1: check" -- "$METERCTL" profile check "$TMP/$1.yaml"
	is "$ERR" "" "without a warning"
}
sets() {	# sets CODE WHAT PROFILE WORDS...
	exits "$1" "$2" -- "$METERCTL" -p "$TMP/$3.yaml" -c "$T" -f csv set --yes "${@:4}"
}
states() {	# of a result as CSV: KEY STATE
	cut -d, -f1,6 <<<"$OUT" | sed 1d
}

example() {	# example NAME: that profile of meterctl-profile(5), in $TMP
	sed -n "/^profile: $1\$/,/^\.Ed/{/^\.Ed/d;s/\\\\e/\\\\/g;p}" "$TOP/man/meterctl-profile.5" >"$TMP/$1.yaml"
	exits 0 "the example $1: check" -- "$METERCTL" profile check "$TMP/$1.yaml"
	is "$ERR" "" "without a warning"
}

# ---- the examples of the manual page -------------------------------------------------

example locked
slave unlock:0x18=447A,0000 holds:60 check:0x100 lock:0x101=0 open:0x40=0 commit:0x200=1 busy:0.3 0x32=0028 0x34=0,1 0x40=0
sets 0 "the meter with a password" locked ratio.ct=60 ratio.pt=3 comm.baud=19200 --unlock @env:RIGHT
is "$(sed 's/^w //' "$LOG")" "10 0018 447A 0000
10 0032 003C
10 0034 0000 0003
10 0200 0001
10 0101 0000
10 0040 0001" "does what the page says"
is "$(states)" "ratio.ct,verified
ratio.pt,verified
comm.baud,verified" "verified"
stop_pid "$PID"
example pairs

# ---- a password that is asked for ---------------------------------------------------

profile asks 'unlock: {at: 0x0018, type: f32, password: ask, check: {at: 0x0100, equals: 1}, lock: {at: 0x0101, value: 0x55}}' '
      - {key: ratio.ct, at: 0x0032, unlock: yes, name: CT ratio}
      - {key: ratio.pt, at: 0x0034, type: u32, unlock: yes, name: PT ratio}
      - {key: demand.cycle, at: 0x0040, name: Demand period}'
slave unlock:0x18=447A,0000 check:0x100 lock:0x101=55 open:0x40=0 0x32=0028 0x34=0,1 0x40=000F
mark
exits 0 "with the right password" -- "$METERCTL" -p "$TMP/asks.yaml" -c "$T" --trace "$TMP/trace" -f csv set --yes \
	ratio.ct=60 ratio.pt=70000 demand.cycle=30 --unlock @env:RIGHT
is "$(states)" "ratio.ct,verified
ratio.pt,verified
demand.cycle,verified" "all are verified"
is "$(written)" "10 0018 447A 0000
10 0032 003C
10 0101 0055
10 0018 447A 0000
10 0034 0001 1170
10 0101 0055
10 0040 001E" "each is unlocked and locked again, but the one that needs none"
unlike "$(cat "$TMP/trace")" '44 7A' "the password is not in the trace"
like "$(cat "$TMP/trace")" '00 18 00 02 04 00 00 00 00  secret' "but that there was one"
exits 0 "the journal" -- "$METERCTL" journal
unlike "$OUT" 1000 "has no password"
mark
sets 5 "with a wrong one" asks ratio.ct=61 --unlock @env:WRONG
like "$ERR" "'ratio.ct' not written.*still locked \(register 0x0100; check the password\)" "says so"
unlike "$ERR$OUT" '100[01]' "and no password"
is "$(written)" "10 0018 447A 4000" "nothing is written"
mark
sets 7 "without one, off a terminal" asks ratio.ct=61
like "$ERR" 'nothing written: no terminal to ask for the unlock password' "says so"
sets 7 "of a variable that is not there" asks ratio.ct=61 --unlock @env:NOT_THERE
sets 2 "on the command line" asks ratio.ct=61 --unlock 1000
unlike "$ERR" 1000 "which does not repeat it"
exits 2 "that is no number" -- env WORD=secret "$METERCTL" -p "$TMP/asks.yaml" -c "$T" set --yes ratio.ct=61 --unlock @env:WORD
unlike "$ERR" 'secret' "nor this one"
sets 0 "a dry run" asks ratio.ct=61 --dry-run
sets 0 "what needs none" asks demand.cycle=15
is "$(written)" "10 0040 000F" "is all that is written"
cat >"$TMP/batch.csv" <<END
target,profile,ratio.ct
$T,$TMP/asks.yaml,62
END
mark
exits 0 "batch" -- "$METERCTL" batch "$TMP/batch.csv" --yes --unlock @env:RIGHT
is "$(written)" "10 0018 447A 0000
10 0032 003E
10 0101 0055" "has it, too"
stop_pid "$PID"

# ---- for how long -------------------------------------------------------------------

profile holds 'unlock: {at: 0x0018, password: 0x1234, holds: 60 s, lock: {at: 0x0101, value: 0x55}}
commit: {at: 0x0200, value: 1, done: {at: 0x0200, equals: 0, within: 10 s}}' '
      - {key: ratio.ct, at: 0x0032, unlock: yes, commit: yes, name: CT ratio}
      - {key: ratio.pt, at: 0x0034, type: u32, unlock: yes, commit: yes, name: PT ratio}'
slave unlock:0x18=1234 holds:60 lock:0x101=55 commit:0x200=1 busy:1 0x32=0028 0x34=0,1
mark
sets 0 "two settings" holds ratio.ct=60 ratio.pt=3
is "$(written)" "10 0018 1234
10 0032 003C
10 0034 0000 0003
10 0200 0001
10 0101 0055" "one unlock, one commit behind both, one lock"
is "$(states)" "ratio.ct,verified
ratio.pt,verified" "verified"
like "$OUT" 'saved by register 0x0200' "and what that means"
kill -USR1 "$PID"
line_of slave restarted
exits 0 "off and on" -- "$METERCTL" -p "$TMP/holds.yaml" -c "$T" read --expect ratio.ct=60 --expect ratio.pt=3
stop_pid "$PID"

# ---- a commit -----------------------------------------------------------------------

profile late 'commit: {at: 0x0200, value: 1, done: {at: 0x0200, equals: 0, within: 500 ms}}' '
      - {key: ratio.ct, at: 0x0032, commit: yes, name: CT ratio}
      - {key: ratio.pt, at: 0x0034, commit: yes, name: PT ratio}'
slave commit:0x200=1 busy:3600 refuse:0x34 0x32=0028 0x34=1
mark
sets 6 "one that does not end" late ratio.ct=60
like "$OUT" 'unknown,.*commit failed: not finished within 0.5 s \(register 0x0200 is 1, expected 0\)' "is unknown, and why"
is "$(written)" "10 0032 003C
10 0200 0001" "it was sent once"
mark
sets 5 "when another setting is refused" late ratio.ct=61 ratio.pt=2
is "$(written)" "10 0032 003D
10 0034 0002 refused" "there is none"
is "$(states)" "ratio.ct,unknown
ratio.pt,refused" "and nothing is called done"
like "$OUT" 'ratio.ct.*written, not committed' "but what it is"
stop_pid "$PID"

# ---- one register at a time ---------------------------------------------------------

profile pairs 'write: {function: 6}' '
      - {key: ratio.ct, at: 0x0032, type: u32, order: CDAB, name: CT ratio}'
slave by06 0x32=0028,0
exits 0 "a dry run" -- "$METERCTL" -p "$TMP/pairs.yaml" -c "$T" set ratio.ct=70000 --dry-run
like "$OUT" 'in 2 writes, read back together' "says so before"
mark
sets 0 "a pair by function 06" pairs ratio.ct=70000
is "$(written)" "06 0032 1170
06 0033 0001" "is two writes"
is "$(states)" "ratio.ct,verified" "verified"
stop_pid "$PID"

slave by06 refuse:0x33 0x32=0028,0
mark
sets 5 "the second of a pair is refused" pairs ratio.ct=70000
is "$(written)" "06 0032 1170
06 0033 0001 refused
06 0032 0028
06 0033 0000 refused" "the first is put back"
is "$(states)" "ratio.ct,refused" "and nothing is written"
exits 0 "it holds" -- "$METERCTL" -p "$TMP/pairs.yaml" -c "$T" read --expect ratio.ct=40
stop_pid "$PID"

profile short 'write: {most: 4}' '
      - {key: network.topic, at: 0x0032, type: string, words: 6, name: Topic}'
slave most:4 0x32=0,0,0,0,0,0
sets 0 "a text that is longer than a write" short network.topic=abcdefghijk
is "$(sed 's/^w //' "$LOG")" "10 0032 6162 6364 6566 6768
10 0036 696A 6B00" "is two writes"
stop_pid "$PID"

# ---- what acts later ----------------------------------------------------------------

profile restarts '' '
      - {key: comm.baud, at: 0x0032, drops_link: yes, effect: restart, choices: ["0=9600", "1=19200"], name: Baud rate}
      - {key: ratio.ct, at: 0x0034, effect: reopen, name: CT ratio}'
slave 0x32=0 0x34=28
sets 0 "effect" restarts comm.baud=19200 ratio.ct=60
is "$(states)" "ratio.ct,verified
comm.baud,verified" "is verified where it was written"
like "$OUT" 'comm.baud.*takes effect after a restart of the meter' "and says when it acts"
like "$OUT" 'ratio.ct.*takes effect when the connection is opened again' "the other, too"
stop_pid "$PID"

# ---- a meter that comes along: its uplink is set ---------------------------------------

nd30() {	# sets CODE WHAT WORDS...
	exits "$1" "$2" -- "$METERCTL" -p nd30iot -c "$T" -f csv set --yes "${@:3}"
}
slave commit:0x1199=1 busy:0.5 0x1131=D9 0x1194=FFFF,25BB,6A10,075B,5 0x119A=1 \
	0x119B=0,0,0,0,0,0,0,0,0,0,0 0x11A6=0,0,0,0,0,0,0,0,0,0,0 0x11B1=1 0x0FA0=0,0,0,1,2,0,2,4
mark
nd30 0 "the broker's port" network.broker.port=1884
is "$(written)" "10 1197 075C
10 1199 0001" "is written, and saved by register 4505"
like "$OUT" '^network.broker.port,1883,1884,1884,,verified,saved by register 0x1199' "verified"
kill -USR1 "$PID"
line_of slave restarted
exits 0 "off and on" -- "$METERCTL" -p nd30iot -c "$T" read --expect network.broker.port=1884
mark
nd30 0 "the whole uplink" network.broker.host=192.0.2.7 network.broker.port=1885 network.upload_interval=60 \
	network.topic=cabinet-3 network.client=nd30.7 network.mqtt.enable=on network.items.voltages=1
is "$(written | sort)" "10 1195 C000 0207
10 1197 075D
10 1198 003C
10 1199 0001
10 119B 6E64 3330 2E37 0000 0000 0000 0000 0000 0000 0000 0000
10 11A6 6361 6269 6E65 742D 3300 0000 0000 0000 0000 0000 0000
10 11B1 0003" "is saved once"
is "$(written | tail -n 1)" "10 1199 0001" "behind all of it"
mark
nd30 0 "an input" wiring.map.current.b=-I2
is "$(written)" "10 0FA6 0003" "needs no save"
nd30 7 "a port beyond the range" network.broker.port=65535
exits 0 "the state of its uplink" -- "$METERCTL" -p nd30iot -c "$T" wait network.mqtt.status=none
stop_pid "$PID"

# ---- transformers and tables, as the manual page has them ------------------------------

example transformers
slave 0x0=00FA,0064,00C8,0005
exits 0 "primary values" -- "$METERCTL" -p "$TMP/transformers.yaml" -c "$T" --primary get current.a primary.current.a
is "$OUT" "100.00
100" "one is multiplied by 200/5, the other is the primary value"
stop_pid "$PID"

example times
slave 0x100=1A07,0F0C,2D1E 0x200=0,3,81E,4,0,0
exits 0 "the clock and the day" -- "$METERCTL" -p "$TMP/times.yaml" -c "$T" get clock tou.table1
is "$OUT" "2026-07-15 12:45:30
00:00 valley, 08:30 flat" "as the profile lays them out"
mark
sets 0 "another day" times "tou.table1=00:00 peak, 17:15 sharp"
is "$(written)" "10 0200 0000 0002 110F 0001 0000 0000" "is written in its slots"
stop_pid "$PID"

done_testing
