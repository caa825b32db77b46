#!/usr/bin/env bash
# Options, commands, and what is said when they are wrong.
. "$(dirname "$0")/../tap.sh"

exits 0 "--version" -- "$METERCTL" --version
like "$OUT" '^meterctl [0-9]+\.[0-9]+\.[0-9]+$' "names program and version"
is "$ERR" "" "and nothing else"
exits 0 "-V is the same" -- "$METERCTL" -V

exits 0 "--help" -- "$METERCTL" --help
for word in read get watch raw profile simulate tui; do
	like "$OUT" "^  $word " "help names the command $word"
done
for word in connect profile format timeout retries trace ascii color journal primary read-only quiet verbose help version; do
	like "$OUT" "--$word" "help names --$word"
done
unlike "$OUT" 'completion' "the helper of the completions is not listed"
for word in read get watch raw profile simulate tui; do
	exits 0 "help of $word" -- "$METERCTL" "$word" --help
	like "$OUT" "^usage: meterctl .*$word" "names $word in its usage line"
done

exits 2 "no command and no terminal: usage" -- "$METERCTL"
is "$OUT" "" "not on stdout"
like "$ERR" '^usage: meterctl' "but on stderr"

# refused CODE-NAME REGEX ARGS...: exit 2, one line, nothing on stdout
refused() {
	local name=$1 regex=$2

	shift 2
	exits 2 "$name" -- "$METERCTL" "$@"
	one_line "$ERR" "$name: one line"
	like "$ERR" "^meterctl: .*$regex" "$name: says what"
	is "$OUT" "" "$name: nothing on stdout"
}

refused "unknown command" "'raed'.*did you mean 'read'" raed
refused "unknown command, none near" "'xyzzy'" xyzzy
refused "unknown option" "'--formt'" --formt json read
refused "unknown letter" "'-Z'" -Z read
refused "option of another command" "'--interval'|'-i'" -c sim: read -i 3
refused "option without its value" "needs a value" -c
refused "value for an option that takes none" "takes no value" --ascii=yes read
refused "unknown format" "'xml'.*table, json, jsonl, csv" -f xml -c sim: read
refused "unknown colour" "'blue'.*auto, always, never" --color blue -c sim: read
refused "timeout is no number" "'fast'" -t fast -c sim: read
refused "timeout out of range" "'0'" -t 0 -c sim: read
refused "retries below none" "'-1'" -r -1 -c sim: read
refused "unknown key" "'voltage.d'.*voltage\.[abc]" -c sim: get voltage.d
refused "unknown key among good ones" "'curent.a'.*'current.a'" -c sim: read voltage.a curent.a
refused "empty key" "''" -c sim: read ''
refused "glob without a match" "'zz\*'" -c sim: read 'zz*'
refused "get without a key" "usage" -c sim: get
refused "get of a key twice" "twice" -c sim: get voltage.a voltage.b voltage.a
refused "get of a group, before the port is touched" "6 points" -c rtu:/none get voltage
refused "unknown profile" "'adw301'" -p adw301 -c sim: read
refused "no meter named" "METERCTL_CONNECT" read
refused "interval is no number" "'soon'" -c sim: watch -i soon -n 1
refused "interval below nothing" "'-1'" -c sim: watch -i -1 -n 1
refused "no rounds" "'0'" -c sim: watch -n 0

# options stand before or after the command, in every spelling
for words in "-c sim:frozen -f csv read voltage.a" "read -c sim:frozen -f csv voltage.a" \
	"read voltage.a -fcsv -csim:frozen" "read voltage.a --format=csv --connect=sim:frozen" \
	"--format csv read --connect sim:frozen -- voltage.a"; do
	# shellcheck disable=SC2086
	exits 0 "meterctl $words" -- "$METERCTL" $words
	like "$OUT" ',voltage\.a,[0-9.]+,V,ok,' "gives the value"
done
exits 0 "an option of the command before it" -- "$METERCTL" -c sim:frozen -n 2 -i 0 -f jsonl watch frequency
is "$(wc -l <"$TMP/out")" 2 "is understood"

done_testing
