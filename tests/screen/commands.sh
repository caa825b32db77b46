#!/usr/bin/env bash
# Commands of the command line at the prompt of the screens: with all their options, through
# the meter that the screens hold, more than once.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

export XDG_STATE_HOME
# types LINE: at the prompt
types() {
	keys :
	keys -l -- "$1"
	keys Enter
}
title() {
	screen | sed -n 4p
}
titled() {
	title | sed -E 's/ +[0-9]+ to [0-9]+ of [0-9]+ *$//; s/ +$//' | grep -Eqx -- " $1"
}
# finished TITLE NAME: the title says no more that it is running, but how it ended, if it should not have
finished() {
	wait_for titled "$1"
	ok $? "$2" || diag "$(screen)"
}
# says REGEX NAME: in the line above the key bar
saying() {
	screen | sed -n 23p | grep -Eq -- "$1"
}
says() {
	wait_for saying "$1"
	ok $? "$2" || diag "$(screen)"
}

shell "cd '$TMP'; echo there"
wait_for showing '^there'
start_screens -c sim:seed=1
shows '● live' 'a simulated meter is live'

# ---- a file of its settings, twice ------------------------------------------------

types 'backup -o a.yaml'
finished 'backup -o a.yaml' 'backup ends'
like "$(cat "$TMP/a.yaml")" '^  ratio.ct: 40' 'and the file has the settings'
types 'backup'
finished 'backup' 'without -o'
shows 'profile: adw300' 'it prints them: no option of the first run is left'
types 'diff a.yaml'
finished 'diff a.yaml' 'diff reads the meter again'
shows 'printed nothing' 'and finds no difference'
sed -i 's/^  ratio.ct: 40/  ratio.ct: 60/' "$TMP/a.yaml"
types 'diff a.yaml'
finished 'diff a.yaml +exit status 1' 'a difference is exit status 1'
shows 'ratio.ct +60 \| 40' 'and stands there'
types 'diff a.yaml -f csv'
shows 'ratio.ct,60,40' 'in the format asked for'
types 'diff a.yaml'
shows 'ratio.ct +60 \| 40' 'which the next run does not remember'
types 'plan a.yaml'
finished 'plan a.yaml +exit status 1' 'plan is there, too'
shows 'ratio.ct +40 -> 60' 'with what apply would write'

# ---- a write by hand ------------------------------------------------------------------

types 'raw write 0x000F 60'
says 'press W to allow writing' 'nothing is written before W'
keys W y
shows 'WRITING' 'writing is allowed'
types 'raw write 0x000F 60'
shows 'write this register\?  y: yes   n, Esc: no' 'then it asks'
shows '0x000F +40 -> 60' 'and shows what'
keys n
finished '.*exit status 7' 'n is no'
says 'not confirmed: nothing was written' 'and nothing is written'
types 'raw write 0x000F 60'
shows 'write this register\?' 'asked again'
keys Escape
finished '.*exit status 7' 'Esc is no'
types 'raw write 0x000F 60'
shows 'write this register\?' 'and again'
keys y
finished 'raw write 0x000F 60' 'y is yes'
shows '40 -> 60 +now 60 +verified' 'it is written and read back'
types 'journal'
shows 'raw:0x000F' 'the journal has it'
types 'get ratio.ct'
says 'ratio.ct +60' 'and the screens read it'
types 'set ratio.ct=60 --dry-run'
finished 'set ratio.ct=60 --dry-run' 'an option that the page before a write lacks: the command runs'
shows 'nothing to|ratio.ct' 'and says what it would do'
types 'set ratio.ct=40'
shows '60.*40' 'without it, the page'
keys Escape

# ---- the Phasor screen, told about the site ---------------------------------------------

types 'check --pf-window 0.3lag,1 --site exporting'
shows 'PF 0.30 lag' 'check shows the Phasor screen with these loads'
types 'check --wires 4'
shows 'PF 0.50 lag' 'the next check knows nothing of them'
types 'check --pf-window 0.3lag,1 -f json'
finished 'check --pf-window 0.3lag,1 -f json' 'in a format, the command runs'
shows 'meterctl.check/1' 'and prints it'
types 'check --pf-window'
says "option '--pf-window' needs a value" 'a value that is missing is said'

# ---- what goes on ---------------------------------------------------------------------

types 'watch -n 3 -i 0 voltage.a'
finished 'watch -n 3 -i 0 voltage.a' 'watch ends after three rounds'
is "$(screen | grep -c 'voltage.a .* V')" 3 'and has printed three'
types 'watch frequency'
shows 'running, Esc ends it' 'without a count it goes on'
shows '^ .*frequency' 'and prints as it comes'
types 'backup -o b.yaml'
says 'a command is running: Esc on Output ends it' 'one at a time'
keys 1
shows '^ ? ?Demand' 'another screen can be looked at meanwhile'
keys 3
shows 'THD|order' 'and another'
types 'output'
shows 'running, Esc ends it' 'Output is found again'
keys Escape
finished '.*exit status 130' 'Esc ends it, as an interrupt does'
keys 1
shows '● live' 'the screens go on'
types 'watch -i 0 frequency'
shows 'running, Esc ends it' 'one more'
types 'connect sim:seed=2'
says 'a command is using the meter' 'its meter stays'
like "$(screen | sed -n 1p)" 'sim:seed=1' 'and its name'
types 'output'
keys Escape
finished '.*exit status 130' 'until it has ended'

# ---- finding -----------------------------------------------------------------------------

types 'profile show'
finished 'profile show' 'a long text'
keys /
keys -l 'ratio.pt'
shows 'find: +ratio.pt' 'is searched'
keys Enter
shows 'ratio.pt  Voltage' 'and shown where it stands'
keys Home
keys /
keys -l 'nosuchthing'
keys Enter
says "'nosuchthing' is in no line" 'or not'
keys /
keys -l 'daytable'
keys Enter
shows 'tou.table1' 'the next one is found'
keys Home
wait_for titled 'profile show'
shows '^ profile show +1 to' 'Home is the beginning'
keys n
shows 'tou.table2' 'n goes on from what was found'

# ---- the rest ------------------------------------------------------------------------------

types 'simulate --tcp 0'
shows 'tcp:127.0.0.1:[0-9]+' 'a simulator is served from inside'
keys Escape
finished 'simulate --tcp 0' 'until Esc'
types '-c sim:seed=5 read voltage.a'
finished '-c sim:seed=5 read voltage.a' 'another connection is opened by the command'
types 'tui'
says "'tui' cannot run inside the screens" 'screens in screens are refused'
types 'completion bash'
says "'completion' cannot run inside the screens" 'so are completions'
keys :
keys -l 'watch --cou'
keys Tab
wait_for showing '^:watch --count'
ok $? 'options complete' || diag "$(screen)"
keys Escape
types 'help watch'
shows '--count COUNT' 'and help lists them'
types 'watch -i 0 frequency'
shows 'running, Esc ends it' 'a command is running'
keys 1 q
shows '^status 0' 'leaving ends it'
given_back 'leaving'

# ---- a serial port, which only one can have open ----------------------------------------

start sim "$METERCTL" simulate frozen --pty "$TMP/port"
wait_for test -e "$TMP/port"
start_screens -c "rtu:'$TMP/port'"
shows '● live' 'a serial port'
run "$METERCTL" -c "rtu:$TMP/port" get ratio.ct
is "$RC" 7 'is locked by the screens'
types 'backup -o c.yaml'
finished 'backup -o c.yaml' 'a command inside has it all the same'
like "$(cat "$TMP/c.yaml")" '^  ratio.ct: 40' 'and reads'
keys W y
shows 'WRITING' 'writing is allowed'
types 'raw write 0x000F 80'
shows 'write this register\?' 'it asks'
keys y
finished 'raw write 0x000F 80' 'and writes'
shows '40 -> 80 +now 80 +verified' 'over the same line'
types 'set comm.address=7 --yes'
finished 'set comm.address=7 --yes' 'the address changes'
shows '^ ADW300 #7 ' 'and the screens follow'
keys 1
shows '#7 .*● live' 'and read on'
types 'diff c.yaml'
finished 'diff c.yaml +exit status 1' 'commands follow, too'
shows 'ratio.ct +40 \| 80' 'and see what was written'
types 'quit'
shows '^status 0' 'quit leaves'

done_testing
