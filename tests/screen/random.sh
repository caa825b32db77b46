#!/usr/bin/env bash
# Keys, clicks, pastes and sizes by chance, without Enter and without a yes to a question:
# nothing is written, no file appears, the program lives. Always the same ones; SEED=N tries others.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$TOP" || give_up 'no tree'

# the program under test may be that of another build folder
case $METERCTL in
*/build/*/meterctl) BUILD=$(dirname "$METERCTL") ;;
*) BUILD=${BUILD:-build/default} ;;
esac
BUILD=${BUILD#"$TOP/"}
# shellcheck source=tests/screen/drive.bash
. "$TOP/tests/screen/drive.bash"

export TZ=UTC
SEED=${SEED:-1}
DRIVE=$TOP/$DRIVE
mkdir "$TMP/here" "$TMP/drive"
cd "$TMP/here" || give_up 'no folder'

files() {
	find "$TMP/here" "$HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR" -type f | sort
}
before=$(files)

# by_chance NAME KEYS SCREENS ARG ... <SCRIPT: what stands before the keys
by_chance() {
	local name=$1 number=$2 screens=$3 screen missed=

	shift 3
	{ cat; printf 'random %s %s\n' "$SEED" "$number"; } >"$TMP/script"
	TMPDIR=$TMP/drive "$DRIVE" --read-only "$@" "$TMP/script" >"$TMP/out" 2>"$TMP/err"
	ok $? "$name: $number keys by chance write nothing (SEED=$SEED)" || diag "$(tail -n 20 "$TMP/err")"
	[ "$(files)" = "$before" ]
	ok $? "$name: and no file appears" || diag "$(files)"
	for screen in $screens; do
		grep -qw "$screen" "$TMP/out" || missed+=" $screen"
	done
	[ -z "$missed" ]
	ok $? "$name: and they come to what is to be tried" || diag "not to$missed: $(cat "$TMP/out")"
	SEED=$((SEED + 1))
}

METER='live phasor harmonics energy trend settings alarms registers trace connect journal history'
by_chance 'a meter on a line' 40000 "$METER find" </dev/null
by_chance 'its ASCII twin, without a reply' 20000 "$METER" --ascii --start silent </dev/null
by_chance 'another model, wired wrong' 20000 'live phasor settings registers' --profile sdm630 --sim ct-reversed=b </dev/null
by_chance 'no meter' 20000 'connect find' --start none </dev/null
by_chance 'a fleet' 20000 'fleet trace connect' <<'END'
broker mqtt://broker.example
line live
row 20201998111433 adw300 json-v2 60 60 12 -77 230.1 4.52 3.112 0.982 0
rows 40
END
by_chance 'a meter behind a broker' 20000 'live uplink settings registers trace' <<'END'
meter mqtt://broker.example/20201998111433
push data
END
done_testing
