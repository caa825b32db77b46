#!/usr/bin/env bash
# The jobs of a technician in few keys. A job is a script of drive.c that must reach its end;
# one that needs more keys than it may is longer than its own head says, and fails here.
#
# jobs/NAME.keys begins with
#   # most: KEYS     # then: REGEX of the last screen     # start: LINE-STATE
# What stands before `count` is done already. What is typed into a field is no key, what is
# typed to find is.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$TOP" || give_up 'no tree'

# shellcheck source=tests/screen/drive.bash
. "$TOP/tests/screen/drive.bash"
export TZ=UTC

head_of() {
	sed -n "s/^# $2: //p" "$1"
}

for job in tests/screen/jobs/*.keys; do
	name=$(basename "$job" .keys)
	most=$(head_of "$job" most)
	start=$(head_of "$job" start)
	n=$(sed '1,/^count$/d' "$job" | awk '$1 == "keys" { n += NF - 1 } END { print n + 0 }')
	[ "$n" -gt 0 ] && [ "$n" -le "$most" ]
	ok $? "$name: $n keys, $most at most" || diag "counted $n"
	{ grep -v '^count$' "$job"; echo shot; } >"$TMP/script"
	"$DRIVE" ${start:+--start "$start"} "$TMP/script" >"$TMP/shot" 2>&1
	grep -qE "$(head_of "$job" "then")" "$TMP/shot"
	ok $? "$name: and it is done" || diag "$(cat "$TMP/shot")"
done
done_testing
