# shellcheck shell=bash
# broker.bash - broker_probe.c for shell tests: built, started, spoken to line by line.
#
#   probe NAME [OPTION...] TARGET      starts one
#   say NAME COMMAND...                its answer in $LINE; more lines by line_of NAME
#   probe_end NAME                     closes and ends it
#   once [OPTION...] TARGET            opens and closes one; the answer in $OUT

BUILD=$TOP/build/default
[[ $METERCTL != "$TOP"/build/*/meterctl ]] || BUILD=${METERCTL%/meterctl}
PROBE=$BUILD/tests/peer/broker_probe
sanitize=${BUILD##*/}
sanitize=${sanitize#default}
make -s -C "$TOP" SANITIZE="${sanitize//-/,}" "${PROBE#"$TOP"/}" >"$TMP/make" 2>&1 ||
	give_up "cannot build $PROBE: $(tail -n 3 "$TMP/make" | tr '\n' ' ')"

declare -A probe_in=() probe_pids=()

probe() {
	local name=$1 fd

	shift
	rm -f "$TMP/$name.in"
	mkfifo "$TMP/$name.in"
	exec {fd}<>"$TMP/$name.in"
	# shellcheck disable=SC2016 # for the inner shell
	start "$name" bash -c 'exec "$@" <"$0"' "$TMP/$name.in" "$PROBE" "$@"
	probe_in[$name]=$fd
	probe_pids[$name]=$PID
}

probe_pid() {
	printf '%s\n' "${probe_pids[$1]}"
}

tell() {
	local name=$1

	shift
	printf '%s\n' "$*" >&"${probe_in[$name]}"
}

say() {
	tell "$@"
	line_of "$1" '^(ok|error)'
}

# It ends by itself when asked to, and says so by its exit status.
probe_end() {
	local fd=${probe_in[$1]}

	tell "$1" close
	tell "$1" quit
	ended "${probe_pids[$1]}"
	ok "$RC" "$1 ends well" || diag "$(cat "$TMP/$1.err")"
	unset "probe_in[$1]" "probe_pids[$1]"
	exec {fd}>&-
}

# shellcheck disable=SC2034 # OUT is for the tests
once() {
	OUT=$(printf 'open\nclose\n' | timeout "$RUN_LIMIT" "$PROBE" "$@" 2>&1)
}
