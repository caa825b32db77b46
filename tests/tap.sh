# shellcheck shell=bash
# tap.sh - TAP for shell tests, and what they need around it: a folder that
# goes away, servers that are ended by pid, waiting with a deadline.
#
# A test sources it, calls the checks and ends with done_testing:
#
#   . "$(dirname "$0")/../tap.sh"
#   exits 0 "a value" -- "$METERCTL" -c sim: get voltage.a
#   like "$OUT" '^[0-9.]+$' "and only that"
#   done_testing
#
# It waits for events, by wait_for and line_of, never for a time: PATIENCE ends a test
# that hangs and decides nothing else. What fails says where, what was wanted and what
# came instead.
#
# METERCTL names the program under test (default: ./meterctl of this tree).
# Every test has its own $TMP, and a configuration folder in it, so that
# nothing of the person who runs it leaks in or out.

set -u
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
METERCTL=${METERCTL:-$TOP/meterctl}
case $METERCTL in /*) ;; *) METERCTL=$TOP/$METERCTL ;; esac
PYTHON=${PYTHON:-/usr/bin/python3}
PEER=$TOP/tests/peer
TMP=$(mktemp -d "${TMPDIR:-/tmp}/meterctl-test.XXXXXX")
export TMP PYTHON METERCTL PEER
export HOME=$TMP/home XDG_CONFIG_HOME=$TMP/config XDG_STATE_HOME=$TMP/state
# what programs leave where they may is gone with it
export TMPDIR=$TMP XDG_RUNTIME_DIR=$TMP/run
export LC_ALL=C.UTF-8 TERM=xterm-256color PYTHONDONTWRITEBYTECODE=1
mkdir -p "$HOME" "$XDG_CONFIG_HOME/meterctl/profiles" "$XDG_STATE_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
unset "${!METERCTL_@}" NO_COLOR COLUMNS LINES

export PATIENCE=60	# seconds: however busy the machine, what is waited for has come before
export RUN_LIMIT=600	# seconds that no command outlives
# what a meter that is there, but held up, is given to answer
# shellcheck disable=SC2034 # the tests give it to the program
PATIENT=(-t "${PATIENCE}000")
tap_count=0 tap_failed=0
declare -A tap_server=()

tap_cleanup() {
	local code=$?
	local pid

	for pid in "${!tap_server[@]}"; do
		# one that does not end by itself holds nothing up for good
		kill "$pid" 2>/dev/null && ended "$pid"
	done
	# again, when something that is just ending has written meanwhile
	rm -rf "$TMP" 2>/dev/null || rm -rf "$TMP"
	exit "$code"
}
trap tap_cleanup EXIT
trap 'exit 130' INT TERM HUP

# diag TEXT: fails, so that a check that has said why may be told to say more.
diag() {
	# to stderr, where prove does not swallow it
	printf '%s\n' "$*" | head -n 20 | cut -c1-400 | sed "s|^|# ${0##*/}: |" >&2
	return 1
}

# where: the lines of the test that have led here, the innermost first.
where() {
	local i lines=

	for ((i = 1; i < ${#BASH_SOURCE[@]}; i++)); do
		[ "${BASH_SOURCE[i]}" != "$0" ] || lines+="${lines:+ < }line ${BASH_LINENO[i - 1]}"
	done
	printf '%s' "$lines"
}

# ok STATUS NAME: passes when STATUS is 0.
ok() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$tap_count" "$2"
		return 0
	fi
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$2"
	diag "not ok $tap_count - $2 ($(where))"
	return 1
}

# is GOT WANT NAME
is() {
	[ "$1" = "$2" ]
	ok $? "$3" || diag "got:  $1
want: $2"
}

# matches TEXT REGEX: any line of TEXT does. A short text costs no process.
matches() {
	local line

	if [ ${#1} -gt 4000 ]; then
		grep -Eq -- "$2" <<<"$1"
		return
	fi
	while IFS= read -r line; do
		[[ $line =~ $2 ]] && return 0
	done <<<"$1"
	return 1
}

# like TEXT REGEX NAME: any line of TEXT matches the extended expression.
like() {
	matches "$1" "$2"
	ok $? "$3" || diag "no line matches: $2
in: $1"
}

unlike() {
	! matches "$1" "$2"
	ok $? "$3" || diag "a line matches: $2
in: $1"
}

# slurp NAME FILE: the text of FILE into that variable, without its last line ends and NULs.
slurp() {
	local part text=

	while IFS= read -r -d '' part || [ -n "$part" ]; do
		text+=$part
	done <"$2"
	while [[ $text == *$'\n' ]]; do
		text=${text%$'\n'}
	done
	printf -v "$1" '%s' "$text"
}

# run COMMAND...: its status in $RC, what it wrote in $OUT and $ERR (also in
# the files $TMP/out and $TMP/err). Input is empty.
# shellcheck disable=SC2034 # RC, OUT and ERR are for the tests
run() {
	timeout --foreground "$RUN_LIMIT" "$@" </dev/null >"$TMP/out" 2>"$TMP/err"
	RC=$?
	slurp OUT "$TMP/out"
	slurp ERR "$TMP/err"
}

# exits CODE NAME -- COMMAND...: runs it and looks at its exit status.
exits() {
	local want=$1 name=$2

	shift 3
	run "$@"
	[ "$RC" -eq "$want" ]
	ok $? "$name" || diag "exit $RC, want $want: $*
stdout: $(head -c 600 "$TMP/out")
stderr: $(head -c 600 "$TMP/err")"
}

# one_line TEXT NAME: an error is said in exactly one line.
one_line() {
	[[ $1 && $1 != *$'\n'* ]]
	ok $? "$2" || diag "not one line: $1"
}

# wait_for COMMAND...: asks again and again until the command succeeds; fails when it
# never does, and says what tell_COMMAND or tell says, or what the command said last.
wait_for() {
	local end=$((SECONDS + PATIENCE)) pause=2

	[ -p "$TMP/never" ] || mkfifo "$TMP/never"
	until "$@" >"$TMP/waited" 2>&1; do
		if [ "$SECONDS" -gt "$end" ]; then
			diag "$(where): waited $PATIENCE s for: $*
$(came_instead "$@")"
			return 1
		fi
		# a fifo nobody writes to: the pause between two looks, which cost others time
		read -r -t "0.0$pause" <>"$TMP/never" || true
		pause=$((pause < 9 ? pause + 1 : 9))
	done
}

tell() {
	tail -n 5 "$TMP/waited"
}

# ... and the end of the files among its arguments.
came_instead() {
	local arg

	if declare -F "tell_$1" >/dev/null; then "tell_$1" "${@:2}"; else tell; fi
	for arg in "${@:2}"; do
		[ ! -f "$arg" ] || printf 'the end of %s:\n%s\n' "$arg" "$(tail -n 10 "$arg")"
	done
}

# start NAME COMMAND...: runs it beside the test. Its lines are read with
# line_of NAME; its errors are in $TMP/NAME.err, its pid in $PID. Ended by
# stop_pid, or with the test.
declare -A tap_fd=() tap_pid=()
start() {
	local name=$1 fd

	shift
	rm -f "$TMP/$name.fifo"
	mkfifo "$TMP/$name.fifo"
	exec {fd}<>"$TMP/$name.fifo"
	"$@" </dev/null >"$TMP/$name.fifo" 2>"$TMP/$name.err" {fd}>&- &
	PID=$!
	tap_server[$PID]=$name
	tap_fd[$name]=$fd
	tap_pid[$name]=$PID
}

# line_of NAME REGEX: the next line of that command that matches, in $LINE; fails when
# none comes, or the command has ended and there are no more.
line_of() {
	local end=$((SECONDS + PATIENCE)) fd=${tap_fd[$1]} part='' others='' why=

	while [ -z "$why" ]; do
		LINE=
		if ! IFS= read -r -t 1 -u "$fd" LINE; then
			part+=$LINE	# half a line: the rest is still to come
			[ -n "$LINE" ] || ! pid_gone "${tap_pid[$1]}" || why="it has ended"
			[ "$SECONDS" -le "$end" ] || why="waited $PATIENCE s"
			continue
		fi
		LINE=$part$LINE part=
		[[ $LINE =~ $2 ]] && return 0
		others+=$'\n'$LINE
	done
	diag "$(where): no line /$2/ from $1: $why
what it wrote:$(tail -n 10 <<<"$others$part")
its errors: $(tail -c 600 "$TMP/$1.err")"
	return 1
}

# Has that process ended, waited for or not?
pid_gone() {
	local stat=

	kill -0 "$1" 2>/dev/null || return 0
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ ${stat##*) } == Z* ]]
}
tell_pid_gone() {
	ps -o pid,stat,etime,args -p "$1"
}

# ended PID: it ends by itself; its status in $RC.
ended() {
	wait_for pid_gone "$1" || kill -KILL "$1"
	wait "$1" 2>/dev/null
	RC=$?
	unset "tap_server[$1]"
}

# stop_pid PID [SIGNAL]: ends it; its status in $RC.
stop_pid() {
	kill -"${2:-TERM}" "$1" 2>/dev/null
	ended "$1"
}

# A TCP port nobody listens on, and nobody else is given until the test ends: a process
# that ends with it keeps the port bound, and does not listen. A server may take it all
# the same (SO_REUSEADDR).
free_port() {
	"$PYTHON" -c 'import os, select, socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
test = os.pidfd_open(int(sys.argv[1]))
if os.fork() == 0:
    os.closerange(0, 3)
    select.select([test], [], [])' "$$"
}

port_open() {
	: 2>/dev/null <>"/dev/tcp/127.0.0.1/$1"
}

# pty_pair: two serial ports joined by a cable; $PORT_A and $PORT_B. Pulling
# the cable is stop_pid $CABLE.
# shellcheck disable=SC2034 # for the tests
pty_pair() {
	PORT_A=$TMP/cable.a PORT_B=$TMP/cable.b
	start cable socat "pty,raw,echo=0,link=$PORT_A" "pty,raw,echo=0,link=$PORT_B"
	CABLE=$PID
	wait_for test -e "$PORT_B" -a -e "$PORT_A"
}

# give_up WHY: the test cannot go on.
give_up() {
	printf 'Bail out! %s (%s)\n' "$1" "$(where)"
	exit 255
}

# done_testing: the plan, and the exit status.
done_testing() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ] || diag "$tap_failed of $tap_count failed"
	exit $((tap_failed > 0))
}
