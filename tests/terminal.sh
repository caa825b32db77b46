# shellcheck shell=bash
# terminal.sh - a terminal for tests: tmux at 80x24 with a shell in it, keys sent
# and screens looked at. Sourced after tap.sh; ends with the test.

PANE=t:0.0
# Its socket by a name that is short however long that of $TMP is: there is room for
# 107 bytes.
tm() {
	(cd "$TMP" && exec tmux -S tmux -f /dev/null "$@")
}
command -v tmux >/dev/null || give_up 'tmux is not installed'
# the terminal's own setting outlives one program after another
end_tmux() {
	tm kill-server 2>/dev/null
	tap_cleanup
}
trap end_tmux EXIT

tm new-session -d -s t -x 80 -y 24 -c "$PWD" \
	"env PS1='READY\$ ' TERM=screen-256color LC_ALL=C.UTF-8 bash --norc --noprofile" ||
	give_up 'cannot start tmux'
tm set-option -g default-terminal screen-256color
tm set-option -g window-size manual

screen() {
	tm capture-pane -p -t "$PANE"
}
keys() {
	tm send-keys -t "$PANE" "$@"
}
showing() {
	screen | grep -Eq -- "$1"
}
# What wait_for says when something never comes.
tell() {
	screen
}
# shows REGEX NAME
shows() {
	wait_for showing "$1"
	ok $? "$2"
}
flag() {
	tm display-message -p -t "$PANE" "#{$1}"
}
# A command line of the shell, on a screen of its own.
shell() {
	keys C-l
	keys -l "$1"
	keys Enter
}
at_prompt() {
	screen | sed '/^$/d' | tail -n 1 | grep -q '^READY\$ *$'
}
child() {
	local shell

	shell=$(flag pane_pid)
	tr -d ' \n' <"/proc/$shell/task/$shell/children"
}
has_child() {
	[ -n "$(child)" ]
}

# given_back NAME: prompt, first screen, cursor, mouse and line settings.
given_back() {
	wait_for at_prompt
	ok $? "$1: the prompt is back"
	is "$(flag alternate_on) $(flag cursor_flag) $(flag mouse_any_flag)" '0 1 0' \
		"$1: no alternate screen, cursor shown, mouse let go"
	shell "stty -g >'$TMP/stty.now'; echo written"
	wait_for showing '^written'
	is "$(cat "$TMP/stty.now")" "$(cat "$TMP/stty.before")" "$1: the line is set as before"
}

# The program, as that shell is told of it: whatever its path is made of.
# shellcheck disable=SC2016 # that shell's own
PROGRAM='"$METERCTL"'
start_screens() {
	shell "$PROGRAM $*; echo status \$?"
}

shell "stty -g >'$TMP/stty.before'; echo written"
wait_for showing '^written' || give_up "no shell"

# resized COLS ROWS
resized() {
	tm resize-window -t t -x "$1" -y "$2"
}
