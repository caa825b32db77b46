#!/usr/bin/env bash
# Golden screens: scripted keys in, whole screens out, compared with those kept
# in golden/. GENERATE=1 renews them; the difference is for a person to review.
#
# keys/NAME.keys is a script of drive.c. Its first lines may say how to start:
#   # sim: SCENARIO    # profile: NAME    # start: LINE-STATE    # site: moving
#   # sizes: COLSxROWS ...      other sizes than those that every one is drawn at
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$TOP" || give_up 'no tree'

HERE=tests/screen
# shellcheck source=tests/screen/drive.bash
. "$TOP/tests/screen/drive.bash"

export TZ=UTC
mkdir -p "$XDG_STATE_HOME/meterctl"
printf '%s\n' 'rtu:/dev/ttyUSB0' 'sim:ct-reversed=b' >"$XDG_STATE_HOME/meterctl/recent"

head_of() {
	sed -n "s/^# $2: //p" "$1"
}

# shot SCRIPT SIZE [--ascii]
shot() {
	local script=$1 size=$2 start args=()

	shift 2
	# some save
	cat >"$XDG_CONFIG_HOME/meterctl/config.yaml" <<'END'
connections:
  kitchen: tcp:10.0.0.7
  transformer 2: {target: 'rtu:/dev/ttyUSB1?baud=19200&unit=12', profile: sdm630}
END
	start=$(head_of "$script" start)
	args+=(--sim "$(head_of "$script" sim)" --profile "$(head_of "$script" profile)")
	[ -z "$start" ] || args+=(--start "$start")
	[ -z "$(head_of "$script" site)" ] || args+=(--moving)
	"$DRIVE" --size "$size" "${args[@]}" "$@" "$script"
}

# compare NAME SCRIPT SIZE [--ascii]
compare() {
	local name=$1 script=$2 size=$3

	shift 3
	if ! shot "$script" "$size" "$@" >"$TMP/shot" 2>"$TMP/shot.err"; then
		ok 1 "$name is drawn" || diag "$(head -n 5 "$TMP/shot.err")"
		return
	fi
	[ -z "${GENERATE:-}" ] || cp "$TMP/shot" "$HERE/golden/$name.txt"
	diff -u "$HERE/golden/$name.txt" "$TMP/shot" >"$TMP/diff" 2>&1
	ok $? "$name" || diag "$(cat "$TMP/diff")"
}

for script in "$HERE"/keys/*.keys; do
	name=$(basename "$script" .keys)
	compare "$name.80x24" "$script" 80x24
	compare "$name.120x40" "$script" 120x40
	compare "$name.ascii" "$script" 80x24 --ascii
	for size in $(head_of "$script" sizes); do
		compare "$name.$size" "$script" "$size"
	done
	! LC_ALL=C grep -q '[^ -~]' "$HERE/golden/$name.ascii.txt"
	ok $? "$name.ascii is ASCII"
done
done_testing
