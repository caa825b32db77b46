#!/usr/bin/env bash
# The program itself, in a terminal: tmux at 80x24. Every screen whole, resized
# at any time, keys that work while the meter is dead, and the terminal given
# back as it was on every way out.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

# ---- every screen, whole ----------------------------------------------------

start_screens -c sim:seed=1
shows 'ADW300 #1 · sim:seed=1 +● live +[0-9.]+/s +READ ONLY +..:..:..' 'a simulated meter is live'
whole() {
	local text

	text=$(screen)
	[ "$(wc -l <<<"$text")" -eq 24 ] &&
		sed -n 1p <<<"$text" | grep -q 'READ ONLY' &&
		sed -n 2p <<<"$text" | grep -q '1 Live .*9 Tra' &&
		sed -n 24p <<<"$text" | grep -q 'help .*quit'
}
while read -r key mark; do
	keys "$key"
	shows "$mark" "key $key shows its screen"
	whole
	ok $? "screen $key is whole at 80x24" || diag "$(screen)"
done <<'END'
1 ^ U +V +[0-9.]+ +[0-9.]+ +[0-9.]+ +Unbalance
2 (PASS|no verdict yet|FAIL|INSUFFICIENT)
3 harmonics
4 ^ total +[0-9.]+ +[0-9.]+
5 power.active.total
6 comm.address
7 (no alarm is|active:)
8 ^[ *]0014 [0-9A-F]{4} +[0-9.]+ V +voltage.a
9 01 03
c Modbus TCP
END
keys Escape
shows '01 03' 'Esc goes back to the screen before'
keys '?'
shows 'Everywhere' 'the help page opens'
keys Escape
shows '01 03' 'and closes'
keys 1

# ---- what nobody typed as a key --------------------------------------------

# Ctrl-Right and End of terminals that curses knows nothing of, the keypad, an answer of the terminal
for bytes in '1b 5b 31 3b 37 71' '1b 4f 71' '1b 5b 35 37 71' '1b 5d 31 31 3b 72 67 62 3a 71 1b 5c' '1b 5d 31 31 3b 71 07' '1b 5b 5b 71'; do
	# shellcheck disable=SC2086 # bytes
	keys -H $bytes
done
keys 4
shows '^ total +[0-9.]+' 'sequences that nobody knows are no keys'
keys 1
shows '^ U +V ' 'and the keys behind them are'
pasted() {
	tm set-buffer "$1"
	tm paste-buffer -p -t "$PANE"
}
pasted 'Widget report 5
yq'
shows 'pasted text ignored' 'what is pasted runs nothing'
showing '^ U +V .*' && showing 'READ ONLY'
ok $? 'not a letter of it'
keys 8 /
shows 'find:' 'a field'
pasted 'current
.b'
shows 'find: current\.b' 'takes it, without its line ends'
keys Escape 1

# ---- light and dark ------------------------------------------------------------

inked() {
	tm capture-pane -e -p -t "$PANE" | grep -q "38;5;$1m"
}
answers() {	# answers RRRR: the terminal, asked for its background
	# shellcheck disable=SC2046 # bytes
	keys -H $(printf '\033]11;rgb:%s/%s/%s\a' "$1" "$1" "$1" | od -An -tx1)
}
wait_for inked 116
ok $? 'colours for a dark background'
answers ffff
wait_for inked 25
ok $? 'the terminal says that its background is light: others'
answers 1e1e
wait_for inked 116
ok $? 'and that it is dark'
answers ff
wait_for inked 25
ok $? 'also in two digits'
keys :
keys -l 'option theme dark'
keys Enter
wait_for inked 116
ok $? ':option theme dark'
answers ffff
keys :
keys -l 'option theme auto'
keys Enter
wait_for inked 25
ok $? ':option theme auto is what the terminal says'
keys :
keys -l 'option theme blue'
keys Enter
shows "'blue' is not a theme \(auto, dark or light\)" 'another theme is none'

# ---- another size -----------------------------------------------------------

last_line_is_bar() {
	screen | sed -n "$1p" | grep -q 'help .*quit'
}
resized 120 40
wait_for last_line_is_bar 40
ok $? 'at 120x40 the keys stand in row 40'
resized 60 20
shows '60x20 is small' 'a small terminal says so'
resized 9 3
resized 1 1
resized 80 24
wait_for whole
ok $? 'whole again after 1x1'

# ---- every way out ----------------------------------------------------------

keys q
shows '^status 0' 'q leaves with status 0'
given_back 'q'
start_screens -c sim:
shows '● live' 'screens again'
keys C-c
shows '^status 130' 'Ctrl-C leaves with status 130'
given_back 'Ctrl-C'
while read -r signal status; do
	start_screens -c sim:
	wait_for showing '● live'
	wait_for has_child
	kill -"$signal" "$(child)"
	shows "^status $status" "SIG$signal ends it with status $status"
	given_back "SIG$signal"
done <<'END'
TERM 130
HUP 130
SEGV 139
ABRT 134
QUIT 131
END

start_screens -c sim:
wait_for showing '● live'
keys C-z
shows 'Stopped' 'Ctrl-Z stops it'
is "$(flag alternate_on)" 0 'stopped: no alternate screen'
shell fg
shows '● live' 'fg brings the screens back'
wait_for whole
ok $? 'whole after fg'
keys q
given_back 'q after fg'

# ---- a meter is set up --------------------------------------------------------

# a console whose font has few marks
# shellcheck disable=SC2016 # that shell's own
PROGRAM='env TERM=linux "$METERCTL"'
start_screens -c sim:seed=1
shows ' live +[0-9.]+/s' 'on a Linux console'
plain() {
	! screen | LC_ALL=C grep -q '[^ -~]'
}
wait_for plain
ok $? 'everything is ASCII' || diag "$(screen)"
keys q
given_back 'q on a Linux console'
# shellcheck disable=SC2016 # that shell's own
PROGRAM='"$METERCTL"'

start_screens -c sim:seed=1 --read-only
shows '● live' '--read-only: screens'
keys W
shows 'started with --read-only: nothing can be written' '--read-only: W says that it cannot'
showing 'READ ONLY'
ok $? '--read-only: and stays so'
keys q
given_back '--read-only'

# CT 200/5 as a technician would, and back again by the journal
start_screens -c sim:seed=1
shows '● live +[0-9.]+/s +READ ONLY' 'read only at the start'
keys s
shows 'Unit address +1$' 's shows the settings'
keys Down Down Down Down Enter Down
shows '▸ Current transformer ratio \(CT\) +40' 'down to the CT ratio, which the meter says'
keys Enter
shows 'Writing is off\. Allow it for ADW300 #1\?' 'before it is edited the screens ask'
keys -l 'mqtt.quit'
keys W
showing 'Writing is off\. Allow it'
ok $? 'what is typed then runs nothing'
keys y
shows ' WRITING ' 'y allows writing, and the top line says so'
keys -l 200/5
shows '40 → 200/5' 'the ratio is typed as it stands on the transformer'
keys C-u
keys -l 0
shows "▲ 'ratio.ct' 0 is out of range" 'what is wrong is said while it is typed'
keys C-u
keys -l 300/5
keys Enter v
shows 'ratio \(CT\) +40 → 60 +to write' 'the review lists old and new'
keys Enter
shows 'press y to write, Esc to go back' 'Enter writes nothing'
keys y
shows 'ratio \(CT\) +40 → 60 +● verified' 'y does, and the result is verified'
keys Enter
shows 'ratio \(CT\) +60' 'the settings hold it'
keys J
shows 'ratio.ct +40 → 60 +● verified' 'so does the journal'
keys u
shows 'ratio \(CT\) +60 → 40 +to write' 'undo goes through the review'
keys y
shows 'ratio \(CT\) +60 → 40 +● verified' 'and puts it back'

# the meter is found again at its new address
keys s Left Home Right Home Enter
keys -l 7
keys Enter v
shows 'Unit address +1 → 7 +to write' 'another address is reviewed'
keys y
shows 'the meter answers at sim:.*unit=7.* now' 'and the meter found again there'
shows 'ADW300 #7 .*● live' 'where it goes on'
keys q
given_back 'a meter set up'

# a meter that is slow to answer: leaving waits for the verdict
start_screens -c sim:late=700
wait_for showing '● live'
keys s W y Down Down Right Enter
keys -l 30
keys Enter v
wait_for showing '60 → 30 +to write'
ok $? 'a slow meter: the review comes'
keys y q
shows 'a write is under way: leaving when its verdict is in' 'q waits for the verdict of a write'
wait_for showing '^status 0'
ok $? 'and leaves with it'
given_back 'q during a write'
shell "$PROGRAM journal -f csv | grep -o 'backlight_time.*verified'"
shows '^backlight_time.*verified' 'the journal has the verdict'

# ---- a meter that never answers ---------------------------------------------

start_screens -c sim:dead
shows '▲ NO REPLY' 'a dead meter is said loudly'
shows 'no reply from unit 1' 'with what to check'
for pair in '3:harmonics' '4:Demand +present' '5:power.active.total' '7:not read yet' \
	'8:comm.address' '9:requests' '1:Frequency +--'; do
	keys "${pair%%:*}"
	shows "${pair#*:}" "dead meter: key ${pair%%:*} works"
done
keys 8 /
keys -l voltage.c
shows 'find: voltage.c' 'dead meter: find works'
keys Escape
keys q
given_back 'dead meter'

# ---- without a target -------------------------------------------------------

start_screens
shows 'Serial port' 'without a target it opens on Connect'
shows '○ no meter' 'and says that there is none'
marked() {	# marked LINE: the mark has gone on from there
	[ "$(screen | grep '▸')" != "$1" ]
}
shows '^ ▸ sim:' 'the meter that was read last is chosen already'
was=$(screen | grep '▸')
keys Home
wait_for marked "$was"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	showing '▸ simulated meter' && break
	was=$(screen | grep '▸')
	keys Down
	wait_for marked "$was"
done
keys Enter
shows '● live' 'the simulated meter is one Enter away'
keys c
shows 'Modbus TCP' 'Connect again'
shows 'Used before' 'and it is remembered'
keys q
given_back 'Connect'

# ---- the checklist ------------------------------------------------------------

start_screens -c 'sim:ct-reversed=b,seed=1'
shows '● live' 'a meter with a reversed CT'
keys W y
shows '^ ✓ found and identified +adw300 at unit 1' 'who allows writing is shown the checklist'
shows '! wiring +ct-reversed on B .*Enter: Phasor' 'what is wrong, and where that is decided'
shows 'Commissioning +[0-9] of [0-9]' 'how much is done'
keys g j j e
keys -l 200/5
keys Enter Escape
shows '✓ ratios +CT 200/5 = 40; PT 1' 'a nameplate is entered in its line'
keys j Enter
shows 'ct-reversed on b' 'Enter goes to the verdict'
keys Escape
shows 'Commissioning' 'Esc back'
keys :
keys -l 'checklist -f csv'
keys Enter
shows '^ *ratios,ratios,done' 'the command says the same'
keys q
given_back 'the checklist'
start_screens -c sim:dead
keys K
shows 'Commissioning|there is no meter to read' 'a dead meter'
keys 8
shows 'voltage.a' 'does not hold up a key'
keys K q
given_back 'the checklist of a dead meter'

# ---- what a terminal may not be able to show --------------------------------

start_screens -c sim: --ascii
shows '\* live' '--ascii: the state has its twin'
! screen | LC_ALL=C grep -q '[^ -~]'
ok $? '--ascii: nothing but ASCII' || diag "$(screen)"
keys q
given_back '--ascii'
shell "NO_COLOR=1 $PROGRAM -c sim:"
shows '● live' 'NO_COLOR: screens'
! tm capture-pane -e -p -t "$PANE" | grep -Eq $'\033\\[([0-9]+;)*(3[0-8]|4[0-8])'
ok $? 'NO_COLOR: no colour is sent'
keys q
given_back 'NO_COLOR'
shell "TERM=nonesuch $PROGRAM -c sim:"
shows "terminal type 'nonesuch' is not known" 'an unknown terminal is said, not drawn on'
shell "TERM=dumb $PROGRAM -c sim:"
shows "terminal type 'dumb' cannot place the cursor" 'nor is one without a cursor to place'
done_testing
