#!/usr/bin/env bash
# The prompt in a terminal: opened, completed, with its history, closed again, and
# the meter read meanwhile.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

export XDG_STATE_HOME
HISTORY=$XDG_STATE_HOME/meterctl/history
# The line being typed is the last one.
typed() {
	[ "$(screen | sed -n "${2:-24}p")" = "$1" ]
}
types() {
	wait_for typed "$1" "${3:-24}"
	ok $? "$2"
}

shell 'printf "set editing-mode vi\n" >~/.inputrc; echo made'
wait_for showing '^made'
start_screens -c sim:seed=1
shows '● live' 'a simulated meter is live'
keys :
types ':' 'a colon opens the prompt'

# ---- completion ----------------------------------------------------------------

keys -l 'set rat'
keys Tab
types ':set ratio.' 'Tab completes a key by one step'
keys -l 'c'
keys Tab
types ':set ratio.ct=' 'and to its end, where a value goes'
shows 'Current transformer ratio \(CT\): 1 to 65535; now 40' 'with what it may hold above the line'
keys C-u
keys -l 'set comm.baud='
keys Tab
shows '1200  2400  4800  9600' 'values of a choice stand above the line'

# ---- meanwhile -----------------------------------------------------------------

clock_now() {
	screen | sed -n 1p | grep -o '[0-9:]*$'
}
before=$(clock_now)
another_second() {
	[ "$(clock_now)" != "$before" ]
}
wait_for another_second
ok $? 'the screen goes on behind it'
types ':set comm.baud=' 'and leaves the line alone'
resized 100 30
types ':set comm.baud=' 'a resized terminal has it at the bottom again' 30
keys -l '9600'
types ':set comm.baud=9600' 'and typing goes on' 30
resized 80 24
types ':set comm.baud=9600' 'back to 80x24'
keys Home Delete
types ':et comm.baud=9600' 'Home and Delete edit, whatever an inputrc says'
keys Escape
shows '^ \? help' 'Esc closes it'
shows '● live' 'and nothing else'
keys : C-g
shows '^ \? help' 'so does Ctrl-G'

# ---- commands ------------------------------------------------------------------

keys :
keys -l 'get ratio.ct'
keys Enter
shows '^ ratio.ct  40' 'get shows a reading'
keys :
keys -l 'read frequency'
keys Enter
shows 'frequency +[0-9.]+ Hz' 'read lists readings'
keys :
keys -l 'profile show ratio.ct'
keys Enter
shows 'register +0x000F' 'what the shell prints is shown'
keys Escape
shows 'frequency +[0-9.]+ Hz' 'and Esc goes back'
keys :
keys -l 'ratio 200/5'
keys Enter
shows '200/5 = 40; the meter holds 40' 'the ratio coach takes a fraction'
keys Tab Tab
keys -l '500'
shows '▲ CT 40 does not fit' 'and a clamp value'
keys Escape
keys :
keys -l 'set ratio.ct=60'
keys Enter
shows 'read only: press W to allow writing' 'nothing is written before W'
keys W y
shows 'WRITING' 'writing is allowed'
keys :
keys Up
types ':set ratio.ct=60' 'Up brings back what was typed'
keys Enter
shows '40.*60' 'and the review page shows old and new'
keys Escape
keys :
keys -l 'set network.apn.password=geheim'
types ':set network.apn.password=******' 'a secret is not shown'
keys Enter
shows 'APN password .*→ [*]{8}' 'nor on the page that lists it'
keys Escape
keys :
keys -l 'quit'
keys Enter
shows '^status 0' 'quit leaves'
given_back 'quit'

# ---- history -------------------------------------------------------------------

is "$(stat -c %a "$HISTORY")" 600 'only its owner can read the history'
grep -q '^get ratio.ct$' "$HISTORY"
ok $? 'it has what was typed'
! grep -q geheim "$HISTORY"
ok $? 'but no secret'
seq -f 'get voltage.a%g' 600 >>"$HISTORY"
start_screens -c sim:seed=1
shows '● live' 'started again'
keys : Up
types ':get voltage.a600' 'the history is there again'
keys Escape
cut() {
	[ "$(wc -l <"$HISTORY")" -le 500 ]
}
wait_for cut
ok $? 'of 500 lines'

# ---- and the way out while it is open ------------------------------------------------

keys :
keys -l 'set rat'
keys C-c
shows '^status 130' 'Ctrl-C leaves'
given_back 'Ctrl-C with the prompt open'
done_testing
