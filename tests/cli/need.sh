#!/usr/bin/env bash
# What is missing is installed by root or sudo; everybody else is told, in one line,
# what to ask root for.
. "$(dirname "$0")/../tap.sh"

# a machine where only these commands are, and that says who runs them
mkdir "$TMP/bin"
stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$TMP/bin/$1"
	chmod +x "$TMP/bin/$1"
}
ln -s "$(command -v sh)" "$(command -v env)" "$TMP/bin"
stub apt-get "echo \"apt-get \$*\" >>'$TMP/done'"
stub id 'echo 1000'
need() {
	: >"$TMP/done"
	run env PATH="$TMP/bin" PYTHON="$PYTHON" sh "$TOP/mk/need.sh" "$@"
	DONE=$(cat "$TMP/done")
}
LACKING=(id:coreutils nonesuch:none-such nonesuch.pc:libnone-dev nonesuch.h:libnone-dev nonesuch.py:python3-none json.py:python3)

need id:coreutils json.py:python3
is "$RC$OUT$ERR$DONE" 0 'nothing is missing: nothing is said or done'
need -n "${LACKING[@]}"
is "$RC$DONE" 1 'a build only complains'
like "$ERR" "^missing packages: none-such libnone-dev python3-none \\(run 'make deps'" 'about what is missing, once each'

need "${LACKING[@]}"
is "$RC$DONE" 1 'no sudo: nothing is done'
is "$OUT$ERR" 'ask root to run: apt-get install --no-install-recommends none-such libnone-dev python3-none' \
	'what to ask for stands in one line'
# shellcheck disable=SC2016 # the stub's
stub sudo 'echo "sudo $1" >>"'"$TMP/done"'"; exec "$@"'
need "${LACKING[@]}"
is "$RC" 0 'sudo: installs'
like "$DONE" '^apt-get install .*--no-install-recommends none-such libnone-dev python3-none$' 'what is missing'
is "$(grep -c '^sudo' <<<"$DONE")" 2 'and nothing without it'
stub sudo 'echo "you may not" >&2; exit 1'
need "${LACKING[@]}"
is "$RC$DONE" 1 'a sudo that refuses'
like "$ERR" '^ask root to run: apt-get install ' 'leaves root to be asked'
rm "$TMP/bin/sudo"
stub id 'echo 0'
need "${LACKING[@]}"
is "$RC" 0 'root: needs no sudo'
like "$DONE" '^apt-get install .* none-such libnone-dev python3-none$' 'and installs what is missing'

done_testing
