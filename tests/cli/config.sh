#!/usr/bin/env bash
# The configuration file and the environment: what an option is when it is not given, whom a
# mistake stops, and what saving a connection leaves alone.
. "$(dirname "$0")/../tap.sh"

FILE=$XDG_CONFIG_HOME/meterctl/config.yaml

# value NAME OPTIONS...: "VALUE FROM" of that row of config show
value() {
	local name=$1

	shift
	"$METERCTL" "$@" -f csv config show 2>"$TMP/err" | tr -d '\r' | sed -n "s/^$name,//p"
}

# refused NAME REGEX ARGS...: exit 2, one line, nothing on stdout
refused() {
	local name=$1 regex=$2

	shift 2
	exits 2 "$name" -- "$METERCTL" "$@"
	one_line "$ERR" "$name: one line"
	like "$ERR" "^meterctl: .*$regex" "$name: says what"
	is "$OUT" "" "$name: nothing on stdout"
}

# ---- who wins: a number, a choice, a flag, a text, a call
is "$(value timeout)" ",built in" "a timeout that nobody says"
is "$(value color)" "auto,built in" "a choice"
is "$(value primary)" "no,built in" "a flag"
is "$(value profile)" "adw300,built in" "a profile"
is "$(value connect)" ",built in" "and no connection"
cat >"$FILE" <<'END'
# ours
connections:
  bench: sim:frozen,ct=40
  pump:
    target: sim:frozen,ct=7
    profile: sdm630
    timeout: 500
    color: never
    primary: no
    verbose: 2
defaults:
  timeout: 800
  color: always
  primary: yes
  profile: adw300
  connect: bench
END
is "$(value timeout)" "800,line 12" "default: a number"
is "$(value color)" "always,line 13" "default: a choice"
is "$(value primary)" "yes,line 14" "default: a flag"
is "$(value profile)" "adw300,line 15" "default: a profile"
is "$(value connect)" "bench,line 16" "default: a connection"
is "$(value target)" '"sim:frozen,ct=40","connection bench, line 3"' "which leads somewhere"
is "$(value timeout -c pump)" '500,"connection pump, line 7"' "connection: a number"
is "$(value color -c pump)" 'never,"connection pump, line 8"' "connection: a choice"
is "$(value primary -c pump)" 'no,"connection pump, line 9"' "connection: a flag"
is "$(value profile -c pump)" 'sdm630,"connection pump, line 6"' "connection: a profile"
is "$(value verbose -c pump)" '2,"connection pump, line 10"' "connection: a count"
export METERCTL_TIMEOUT=900 METERCTL_COLOR=auto METERCTL_PRIMARY=yes METERCTL_PROFILE=sdm630 METERCTL_CONNECT=pump
is "$(value timeout)" "900,environment METERCTL_TIMEOUT" "environment: a number"
is "$(value color)" "auto,environment METERCTL_COLOR" "environment: a choice"
is "$(value primary)" "yes,environment METERCTL_PRIMARY" "environment: a flag"
is "$(value profile)" "sdm630,environment METERCTL_PROFILE" "environment: a profile"
is "$(value connect)" "pump,environment METERCTL_CONNECT" "environment: a connection"
is "$(value verbose)" '2,"connection pump, line 10"' "whose other options apply"
is "$(value timeout -t 7)" "7,option" "option: a number"
is "$(value color --color never)" "never,option" "option: a choice"
is "$(value profile -p adw300)" "adw300,option" "option: a profile"
is "$(value verbose -v)" "1,option" "option: a count begins at nothing"
is "$(value connect -c bench)" "bench,option" "option: a connection"
is "$(value verbose -c bench)" "0,built in" "and what the other one has does not apply"
METERCTL_PRIMARY=no
is "$(value primary)" "no,environment METERCTL_PRIMARY" "a flag that is taken back"
is "$(value primary --primary)" "yes,option" "option: a flag"
METERCTL_TIMEOUT=
is "$(value timeout -c bench)" "800,line 12" "an empty variable is as good as none"
unset METERCTL_TIMEOUT METERCTL_COLOR METERCTL_PRIMARY METERCTL_PROFILE METERCTL_CONNECT

# ---- and they do what they say
exits 0 "the default connection" -- "$METERCTL" get ratio.ct
is "$OUT" 40 "is used"
exits 2 "the profile of a connection" -- "$METERCTL" -c pump get ratio.ct
like "$ERR" "unknown key 'ratio.ct'" "is used"
exits 0 "unless -p is given" -- "$METERCTL" -c pump -p adw300 get ratio.ct
is "$OUT" 7 "then it is not"
exits 7 "read-only by environment" -- env METERCTL_READ_ONLY=yes "$METERCTL" set ratio.ct=60 --yes
exits 0 "a format by environment" -- env METERCTL_FORMAT=json "$METERCTL" read voltage.a
like "$OUT" '^\{"schema":"meterctl.read/1"' "is printed"
exits 0 "a format for readings only" -- env METERCTL_FORMAT=influx "$METERCTL" journal
exits 2 "is refused where it is given" -- "$METERCTL" -f influx journal
cat >>"$FILE" <<'END'
commands:
  watch: {count: 2, interval: 0.01}
  journal:
    all: yes
END
exits 0 "options of a command" -- "$METERCTL" -f csv watch voltage.a
is "$(wc -l <"$TMP/out")" 3 "are used"
exits 0 "and given ones" -- "$METERCTL" -f csv watch -n 1 voltage.a
is "$(wc -l <"$TMP/out")" 2 "win"
is "$(value watch.count)" "2,line 18" "config show has them"

# ---- every row of the table can be set, by its row alone
for option in $("$METERCTL" --help | sed -nE '/^options/,/^TARGET/s/^.*--([a-z-]+).*/\1/p'); do
	name=METERCTL_$(tr 'a-z-' 'A-Z_' <<<"$option")
	case $option in
	force | insecure | allow-plaintext | help | version)
		export "$name=1"
		refused "$name" "$name is not allowed \(give --$option " journal
		unset "$name"
		continue
		;;
	connect) good=bench ;;
	profile) good=sdm630 ;;
	format) good=csv ;;
	timeout | retries | wait | verbose) good=3 ;;
	trace | journal) good=$TMP/a-file ;;
	color) good=never ;;
	*) good=yes ;;
	esac
	export "$name=$good"
	[ "$option" = format ] || is "$(value "$option")" "$good,environment $name" "$name is taken"
	unset "$name"
done
for name in YES FORCE ALLOW_PROVISIONAL ALLOW_SWITCHING; do
	export "METERCTL_$name=no"
	refused "METERCTL_$name" "METERCTL_$name is not allowed" journal
	unset "METERCTL_$name"
done
refused_env() {
	local name=$1 regex=$2

	shift 2
	exits 2 "$name" -- env "$@" "$METERCTL" journal
	one_line "$ERR" "$name: one line"
	like "$ERR" "$regex" "$name: says which"
}
refused_env "no number" "METERCTL_TIMEOUT: 'soon' is no timeout" METERCTL_TIMEOUT=soon
refused_env "out of range" "METERCTL_RETRIES: '101'" METERCTL_RETRIES=101
refused_env "no choice" "METERCTL_COLOR: 'blue'.*auto, always, never" METERCTL_COLOR=blue
refused_env "neither yes nor no" "METERCTL_ASCII: 'maybe'" METERCTL_ASCII=maybe
refused_env "no format" "METERCTL_FORMAT: .*'xml'" METERCTL_FORMAT=xml
exits 0 "--version works" -- env METERCTL_VERSION=1 METERCTL_TIMEOUT=soon "$METERCTL" --version
exits 0 "--help works" -- env METERCTL_TIMEOUT=soon "$METERCTL" read --help
exits 0 "a variable of somebody else" -- env METERCTL_OTHER=1 "$METERCTL" journal

# ---- mistakes, each with its place
# mistake PLACE REGEX <FILE: of an option, for a command that needs none of it but the options
mistake() {
	cat >"$FILE"
	refused "mistake at $1" "config\.yaml:$1: .*$2" journal
	exits 2 "config check finds it" -- "$METERCTL" config check
	like "$OUT" "config\.yaml:$1: .*$2" "at the same place"
	exits 2 "config show refuses" -- "$METERCTL" config show
	exits 0 "config path works" -- "$METERCTL" config path
	is "$OUT" "$FILE" "and prints it"
	exits 0 "--help works" -- "$METERCTL" --help
	exits 0 "--version works" -- "$METERCTL" --version
	exits 0 "completions work" -- "$METERCTL" completion keys
}
mistake 2:3 "'timout'.*did you mean 'timeout'" <<<$'defaults:\n  timout: 5'
mistake 3:12 "'0' is no timeout" <<<$'# x\ndefaults:\n  timeout: 0'
mistake 2:10 "'blue' is no colour" <<<$'defaults:\n  color: blue'
mistake 2:14 "'1': write yes or no" <<<$'defaults:\n  read-only: 1'
mistake 1:1 "'defalts'.*did you mean 'defaults'" <<<$'defalts:\n  timeout: 5'
mistake 2:3 "'site' is an option of check" <<<$'defaults:\n  site: exporting'
mistake 3:12 "single value" <<<$'defaults:\n  retries: 1\n  timeout: [1]'
mistake 2:18 "'perhaps': write yes or no" <<<$'commands:\n  journal: {all: perhaps}'
for name in yes insecure allow-plaintext force allow-switching help version; do
	mistake 2:3 "'$name' is not allowed here" <<<$'defaults:\n  '"$name: yes"
done
mistake 2:12 "unknown command 'jornal'.*'journal'" <<<$'commands:\n  jornal: {all: yes}'

# ---- a mistake stops those whom it concerns
cat >"$FILE" <<'END'
connections:
  bench: sim:frozen
  roof: {target: sim:frozen, timout: 5}
commands:
  watch: {intervall: 5}
END
exits 0 "another connection, another command" -- "$METERCTL" -c sim:frozen get voltage.a
exits 2 "that command" -- "$METERCTL" -c sim:frozen watch -n 1
like "$ERR" "config\.yaml:5:11: .*'intervall'.*did you mean 'interval'" "is told"
exits 2 "that connection" -- "$METERCTL" -c roof get voltage.a
like "$ERR" "config\.yaml:3:30: .*'timout'" "is told"
exits 2 "config check" -- "$METERCTL" config check
is "$(grep -c "config.yaml:" <<<"$OUT")" 2 "says both"
like "$ERR" "^meterctl: 2 mistakes in " "and how many"
exits 0 "completion of targets" -- "$METERCTL" completion targets
like "$OUT" "^bench\$" "offers what is right all the same"
echo 'connections: [bench' >"$FILE"
exits 0 "a file with connections only, and broken" -- "$METERCTL" -c sim:frozen get voltage.a
refused "matters for a saved one" "config\.yaml:[0-9]+:[0-9]+: " -c bench profile show
printf 'connections: [bench\ndefaults: {read-only: yes}\n' >"$FILE"
refused "one that may have had options matters" "config\.yaml:[0-9]+:[0-9]+: " -c sim:frozen set ratio.ct=60 --yes
printf 'defaults: {timeout: 5}\n' >"$FILE"
chmod 0 "$FILE"
if [ "$(id -u)" -ne 0 ]; then
	refused "one that cannot be read matters" "cannot read" journal
	exits 0 "config path works" -- "$METERCTL" config path
fi
rm -f "$FILE"
mkdir "$FILE"
refused "a folder matters" "cannot read" journal
rmdir "$FILE"

# ---- all mistakes of a file at once
cat >"$FILE" <<'END'
connections:
  a: sim:nonsense
  b: {target: tcp:h, profile: nosuch, timeout: 0}
  c/d: tcp:h
  e: a
defaults:
  connect: f
  yes: yes
more: 1
END
exits 2 "config check" -- "$METERCTL" config check -f csv
is "$(cut -d, -f1,2 <"$TMP/out" | tr -d '\r' | tr '\n' ' ')" "line,column 2,6 3,31 3,48 4,3 5,6 7,12 8,3 9,1 " "names each place"
exits 2 "config check as JSON" -- "$METERCTL" config check -f json
like "$OUT" '"valid":false' "says so"
printf 'connections: {a: tcp:h}\n' >"$FILE"
exits 0 "config check" -- "$METERCTL" config check
like "$OUT" "config\.yaml: valid, 1 connection\$" "of a good one"
exits 2 "config without a word" -- "$METERCTL" config
exits 2 "a word it does not know" -- "$METERCTL" config chek
rm "$FILE"
exits 0 "no file" -- "$METERCTL" config check
like "$OUT" "there is none" "is said"
exits 0 "a relative XDG_CONFIG_HOME is not used" -- env XDG_CONFIG_HOME=here "$METERCTL" config path
is "$OUT" "$HOME/.config/meterctl/config.yaml" "but the home folder"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	cp "$METERCTL" "$TMP/meterctl" && chmod 755 "$TMP" "$TMP/meterctl"
	# a user who is not in the list of users
	homeless=(setpriv --reuid=64999 --regid=64999 --clear-groups env -u HOME -u XDG_CONFIG_HOME "$TMP/meterctl")
	exits 0 "no home at all" -- "${homeless[@]}" -c sim:frozen get voltage.a
	exits 1 "config path" -- "${homeless[@]}" config path
	one_line "$ERR" "says so"
	exits 1 "and nothing can be saved" -- "${homeless[@]}" -c sim:frozen connect --save a
	like "$ERR" "home" "says why"
fi

# ---- saving
printf '# mine\r\nconnections:\r\n  bench: sim:frozen,ct=40  # one\r\n\r\n# end\r\n' >"$FILE"
chmod 644 "$FILE"
exits 0 "connect" -- "$METERCTL" -c sim:frozen,ct=7 connect
like "$OUT" "^sim:frozen,ct=7 answers, read as adw300" "says what answers"
exits 0 "connect --save" -- "$METERCTL" -c sim:frozen,ct=7 -p adw300 connect --save pump
like "$OUT" "saved as pump" "says that, too"
is "$(od -An -c "$FILE" | tr -d ' \n')" "$(printf '# mine\r\nconnections:\r\n  bench: sim:frozen,ct=40  # one\r\n  pump:\r\n    target: "sim:frozen,ct=7"\r\n    profile: adw300\r\n\r\n# end\r\n' |
	od -An -c | tr -d ' \n')" "the rest stays as it was"
is "$(stat -c %a "$FILE")" 644 "its permissions, too"
exits 0 "it is used" -- "$METERCTL" -c pump get ratio.ct
is "$OUT" 7 "by its name"
cp "$FILE" "$TMP/before"
exits 7 "another one of that name" -- "$METERCTL" -c sim:frozen,ct=8 connect --save pump
like "$ERR" "'pump' leads to 'sim:frozen,ct=7'" "is not replaced"
cmp -s "$FILE" "$TMP/before"
ok $? "and the file not touched"
exits 3 "a meter that is silent" -- "$METERCTL" -c sim:dead -t 100 -r 0 connect --save dead
cmp -s "$FILE" "$TMP/before"
ok $? "is not saved"
exits 0 "unless told" -- "$METERCTL" -c sim:frozen,ct=8 -f json connect --save pump --force
like "$OUT" '"saved":"pump"' "in JSON"
is "$("$METERCTL" -c pump get ratio.ct)" 8 "then it is"
exits 2 "no name" -- "$METERCTL" -c sim:frozen connect --save a:b
cp "$TOP/src/profiles/adw300.yaml" "$TMP/own.yaml"
cd "$TMP" || give_up "no $TMP"
exits 0 "a profile of its own is saved by its whole path" -- "$METERCTL" -c sim:frozen -p ./own.yaml connect --save own
like "$(cat "$FILE")" "profile: $TMP/own.yaml" "so that it is found from anywhere"
exits 0 "connect TARGET" -- "$METERCTL" connect pump
like "$OUT" "^sim:frozen,ct=8 " "is as -c TARGET"
printf 'connections: {a: &x tcp:h, b: *x}\n' >"$FILE"
exits 1 "what cannot be changed alone" -- "$METERCTL" -c sim:frozen connect --save a --force
is "$(cat "$FILE")" "connections: {a: &x tcp:h, b: *x}" "is left alone"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	mkdir -p "$TMP/locked/meterctl"
	chmod 755 "$TMP/locked" "$TMP/locked/meterctl"
	exits 1 "a folder that may not be written to" -- setpriv --reuid=65534 --regid=65534 --clear-groups \
		env XDG_CONFIG_HOME="$TMP/locked" XDG_STATE_HOME=/none "$TMP/meterctl" -c sim:frozen connect --save a
	one_line "$ERR" "one line"
	like "$ERR" "cannot write .*Permission denied" "says so"
fi

done_testing
