#!/usr/bin/env bash
# The pictures of the README, from the program in a terminal: Live, in two sizes, dark and light. As a
# test it looks whether each can still be made and is the one that the README shows, in words;
# GENERATE=1 makes them anew.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/terminal.sh
. "$(dirname "$0")/../terminal.sh"

PICTURES=$TOP/tests/screen/pictures

words() {	# words SVG: what is written in it but for numbers, and the names at the phasors, which move with time
	sed -nE 's/^<text [^>]*>(.*)<\/text>$/\1/p' "$1" | grep -oE '[[:alpha:]]{3,}'
}
live() {
	showing '● live +[0-9.]+/s' && showing 'Energy  kWh   import +[0-9]'
}
for size in 80x24 160x50; do
	for theme in dark light; do
		resized "${size%x*}" "${size#*x}"
		start_screens -c sim:seed=7
		wait_for live
		keys :
		keys -l "option theme $theme"
		keys Enter
		settled() {
			! showing 'option theme' && live && tm capture-pane -e -p -t "$PANE" | grep -q "38;5;$1m"
		}
		wait_for settled "$([ "$theme" = dark ] && echo 116 || echo 25)"
		tm capture-pane -e -p -t "$PANE" | "$PYTHON" "$TOP/tests/screen/picture.py" "$theme" "${size%x*}" >"$TMP/live.svg"
		keys q
		wait_for at_prompt
		"$PYTHON" -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$TMP/live.svg"
		ok $? "$size $theme: a picture"
		name=live-$size-$theme.svg
		if [ "${GENERATE:-}" ]; then
			mkdir -p "$PICTURES"
			cp "$TMP/live.svg" "$PICTURES/$name"
		fi
		is "$(words "$TMP/live.svg")" "$(words "$PICTURES/$name")" "$size $theme: says what $name says"
		grep -q "tests/screen/pictures/$name" "$TOP/README.md"
		ok $? "$size $theme: stands in the README"
	done
done
done_testing
