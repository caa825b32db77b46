#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1003 # nothing is to be expanded here
# Arguments and files nobody should pass: refused in one clean line, never a
# crash, never a control character back.
. "$(dirname "$0")/../tap.sh"

long=$(printf 'x%.0s' {1..5000})
esc=$'\e[2J\e]0;owned\a'

# survives NAME ARGS...: it ends by itself with an exit status of its own
survives() {
	local name=$1

	shift
	run "$METERCTL" "$@"
	case $RC in 0 | [1-7]) true ;; *) false ;; esac
	ok $? "$name: exit $RC" || diag "$(head -c 600 "$TMP/err")"
	! LC_ALL=C grep -qP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]' "$TMP/out" "$TMP/err"
	ok $? "$name: no control characters"
	[ "$(wc -c <"$TMP/err")" -lt 4000 ]
	ok $? "$name: no endless message"
}

for value in "$long" "$esc" $'a\nb' $'\xff\xfe' $'\xe2\x80\xae' '%s%n%x' '../../../etc/passwd' '-' '--' '*' '[' '\' '$(id)' '' ' ' '0x' '1e999' 'nan'; do
	shown=$(printf '%q' "${value:0:12}")
	survives "read $shown" -c sim:frozen read -- "$value"
	survives "get $shown" -c sim:frozen get -- "$value"
	survives "-c $shown" -c "$value" read
	survives "-c rtu:$shown" -c "rtu:$value" -t 50 -r 0 read
	survives "-c tcp:$shown" -c "tcp:127.0.0.1:$value" -t 50 -r 0 read
	survives "-c sim:$shown" -c "sim:$value" -t 50 -r 0 get voltage.a
	survives "-p $shown" -p "$value" -c sim: get voltage.a
	survives "-f $shown" -f "$value" -c sim: get voltage.a
	survives "-t $shown" -t "$value" -c sim: get voltage.a
	survives "--$shown" "--$value" read
	survives "command $shown" "$value"
	survives "raw read $shown" -c sim:frozen raw read -- "$value"
	survives "profile show $shown" profile show -- "$value"
	survives "profile check $shown" profile check -- "$value"
	survives "completion $shown" completion "$value"
	METERCTL_CONNECT=$value survives "METERCTL_CONNECT=$shown" get voltage.a
done

mapfile -t many < <(yes voltage.a | head -n 3000)
survives "three thousand words" -c sim:frozen read "${many[@]}"
is "$RC" 0 "the same key three thousand times"
mapfile -t many < <(yes -- -vq | head -n 200)
survives "two hundred options" "${many[@]}" -c sim:frozen get voltage.a

# files
XDG_CONFIG_HOME=$TMP/c
mkdir -p "$TMP/c/meterctl/profiles"
file=$TMP/c/meterctl/config.yaml
for content in "" "$long" "$esc" $'connections:\n  a: *b' $'\xff' '{{{{{{{{{{' '- - - - -' \
	'connections: {a: b: c}' 'connections: {bench: "sim:"' $'&a [*a]'; do
	printf '%s' "$content" >"$file"
	survives "config.yaml $(printf '%q' "${content:0:12}")" -c bench get voltage.a
	cp "$file" "$TMP/c/meterctl/profiles/odd.yaml"
	survives "odd.yaml $(printf '%q' "${content:0:12}")" -p odd -c sim: get voltage.a
	survives "list with it" profile list
	survives "check it" profile check "$TMP/c/meterctl/profiles/odd.yaml"
done
rm -rf "$TMP/c/meterctl"
survives "a folder for a profile" profile check "$TMP"
survives "a device for a profile" profile check /dev/zero.yaml
printf 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nprofile: *e\n' >"$TMP/laughs.yaml"
survives "a billion laughs" profile check "$TMP/laughs.yaml"
"$PYTHON" -c 'print("[" * 100000)' >"$TMP/deep.yaml"
survives "a hundred thousand brackets" profile check "$TMP/deep.yaml"
HOME="" XDG_CONFIG_HOME="" XDG_STATE_HOME="" survives "no home" -c sim:frozen get voltage.a
is "$RC" 0 "needs none"

# closed descriptors
for closed in '<&-' '2>&-' '<&- 2>&-'; do
	sh -c "exec \"\$METERCTL\" -c sim:frozen get voltage.a $closed" >"$TMP/out"
	is $? 0 "with $closed"
	like "$(cat "$TMP/out")" '^[0-9.]+$' "with $closed: the value and nothing else"
done
sh -c 'exec "$METERCTL" -c sim:frozen get voltage.a >&-' 2>"$TMP/err"
[ $? -eq 1 ]; ok $? "with >&-: exit 1, not a value lost in silence"
# the next file opened must not become stdout: here it would be the trace
sh -c 'exec "$METERCTL" --trace "$TMP/trace" -c sim:frozen -f json watch -n 1 voltage.a <&- >&-' 2>"$TMP/err"
[ $? -eq 1 ]; ok $? "with <&- >&-: exit 1"
one_line "$(cat "$TMP/err")" "with <&- >&-: one line"
is "$(grep -c quality "$TMP/trace")" 0 "with <&- >&-: no output in a file that was opened"

done_testing
