#!/usr/bin/env bash
# batch --assign: a person switches new meters on, one by one, on a line by pymodbus; each gets the address
# of its row, once. Nothing is written that was not confirmed, to two meters, or where somebody replies.
. "$(dirname "$0")/../tap.sh"

cd "$TMP" || give_up "no folder"
mkfifo orders answers
exec {orders}<>orders {answers}<>answers
begin_line() {	# begin_line METER...
	start line sh -c 'exec "$@" <orders' sh "$PYTHON" "$PEER/assign_line.py" "$TMP/port" "$@"
	LINE_PID=$PID
	line_of line ready || give_up "no line"
}
end_line() {
	stop_pid "$LINE_PID"
	rm -f port port.slave
}
order() {	# order TEXT: done when it returns
	echo "$1" >&"$orders"
	line_of line "^$1$"
}
walk() {	# walk ARGS...: at a terminal
	start walk sh -c 'exec "$@" <answers' sh "$PYTHON" "$PEER/assign_terminal.py" "$METERCTL" batch --assign sites.csv "$@"
	WALK_PID=$PID
	line_of walk '^pid '
	METERCTL_PID=${LINE#pid }
}
answer() {
	echo "$1" >&"$answers"
}
status() {	# status N NAME
	line_of walk '^status'
	is "$LINE" "status $1" "$2"
	ended "$WALK_PID"
}
says() {	# says REGEX NAME
	line_of walk "$1"
	ok $? "$2"
}
writes() {	# so far: those that the line has printed and nobody has read
	local all=''

	echo "mark here" >&"$orders"
	while line_of line '^(wrote|mark)' && [[ $LINE != mark* ]]; do
		all+="${LINE#wrote } "
	done
	printf '%s' "${all% }"
}
states() {	# of the journal, oldest first
	"$METERCTL" -f csv journal --all | tail -n +2 | cut -d, -f 8,10,12 | tr '\n' ' '
}

# ---- meters with serial numbers, at a terminal ------------------------------------------------
begin_line a=1:sdm630:1001 b=1:sdm630:1002 c=23:sdm630:1003
printf '%s\n' target,profile,note "rtu:$TMP/port?unit=21,sdm630,kitchen" "rtu:$TMP/port?unit=22,sdm630,garage" \
	"rtu:$TMP/port?unit=23,sdm630,roof" >sites.csv
walk
says '^meterctl: row 1 of 3, unit address 21, kitchen: switch on the next new meter, alone$' "says what to do"
order "on a"
says '^row 1: give unit address 21 to the SDM630 at unit 1, 9600 8N1, serial number 1001: kitchen\? ' "asks, with serial number"
is "$(writes)" "" "nothing is written before"
answer yes
says '^meterctl: row 1: unit address 21 verified$' "verified"
is "$(writes)" "a 10 0014 41A8 0000" "the address, and nothing else"
says '^meterctl: row 2 of 3' "the next row"
says 'serial number 1001 has its address from row 1: switch it off and on' "a meter that was assigned is not assigned again"
order "off a"
order "on a"
order "on b"
says 'row 2: give unit address 22 .*serial number 1002' "the next meter"
answer no
says '^meterctl: row 3 of 3' "no: the row is left"
order "on c"
says 'row 3: give unit address 23 .*serial number 1002' "the meter that is on is asked about again"
answer no
says '^ +2 .*  open ' "in the summary, too"
status 7 "not confirmed: exit 7"
is "$(writes)" "" "nothing was written"
walk
says 'row 1: unit address 21 was assigned before' "the same command again: what is done is not done again"
says 'row 2: give unit address 22 .*serial number 1002' "and goes on there"
answer yes
says 'row 2: unit address 22 verified' "verified"
says 'row 3: unit address 23 is in use: another device replies' "an address at which somebody replies"
status 8 "is not given: exit 8"
is "$(writes)" "b 10 0014 41B0 0000" "nor written"
is "$(states)" 'comm.address,21,verified comm.address,22,verified ' "each write is in the journal"
order "off a"
order "off b"
order "on b"
walk
says 'row 1: the journal has unit address 21 as assigned on 20[0-9-]+, and no meter replies there. Assign it to another meter\? ' \
	"a meter that is switched off is not forgotten"
answer no
says 'row 1: unit address 21 was assigned before' "no: it is done"
says 'row 2: unit address 22 was assigned before' "and the next one replies"
says 'row 3: unit address 23 is in use' "the third is in use still"
status 8 "to the end"
walk --resume
says 'row 1: unit address 21 was assigned before' "--resume: also when it is switched off"
answer ^C
status 130 "Ctrl-C: exit 130"
end_line

# ---- without serial numbers: two at once, and a run that is killed ------------------------------
begin_line a=1:adw300 b=1:adw300
printf '%s\n' target,comm.address "rtu:$TMP/port,31" "rtu:$TMP/port,32" >sites.csv
order "on a"
order "on b"
walk
says 'row 1: two meters reply at the factory settings: leave only one of them switched on' "two meters are refused"
order "off b"
says 'row 1: give unit address 31 to the ADW300 at unit 1, 9600 8N1\? ' "one of them is taken"
order "on b"
answer yes
says 'row 1: nothing was written: the meter has changed since the question' "a second one that is switched on before the answer"
says 'row 1: two meters reply' "is refused"
order "off b"
says 'row 1: give unit address 31' "it asks again"
is "$(writes)" "" "nothing was written to two"
order "stop a"
answer yes
line_of line '^wrote a'
kill -KILL "$METERCTL_PID"
status -9 "killed before it has read back"
is "$("$METERCTL" -f jsonl journal --all | grep -o '"open":true')" '"open":true' "the journal says that it is not known"
walk
says 'row 1 of 2' "again: nobody replies at the address"
order "on b"
says 'row 1: an earlier run was ended while it wrote unit address 31' "it says what may be"
says 'row 1: give unit address 31' "and asks"
answer ^C
status 130 "ended there"
is "$(writes)" "" "nothing is written"
order "off b"
order "on a"
walk
says 'row 1: unit address 31 was assigned before' "when that meter is on, the row is done"
order "on b"
says 'row 2: give unit address 32' "and the next goes on"
answer yes
says 'row 2: unit address 32 verified' "verified"
status 0 "all are done"
is "$(writes)" "b 10 0000 0020" "each was written once"
is "$("$METERCTL" -f jsonl journal --all | grep -c '"open":true')" 0 "nothing is left open"

# ---- what is not walked --------------------------------------------------------------------------
exits 7 "off a terminal it is not confirmed" -- "$METERCTL" batch --assign sites.csv
like "$ERR" 'not confirmed: nothing was written \(--assign asks on a terminal\)' "says why"
exits 2 "--yes is no confirmation" -- "$METERCTL" batch --assign sites.csv --yes
printf '%s\n' target,comm.address "rtu:$TMP/port,1" "tcp:127.0.0.1,32" "rtu:$TMP/port,33" "rtu:$TMP/other,34" >sites.csv
exits 2 "mistakes of the file" -- "$METERCTL" batch --assign sites.csv
like "$ERR" 'sites\.csv:2: unit address 1 is that of new meters' "an address that new meters have"
like "$ERR" "sites\.csv:3: 'tcp:127\.0\.0\.1' is not an RS485 line" "no line"
like "$ERR" "sites\.csv:5: 'rtu:$TMP/other' is another line" "two lines"
printf '%s\n' target,comm.address "rtu:$TMP/port,33" "rtu:$TMP/port?unit=33," >sites.csv
exits 2 "an address twice" -- "$METERCTL" batch --assign sites.csv
done_testing
