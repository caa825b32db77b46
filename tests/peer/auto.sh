#!/usr/bin/env bash
# -p auto: the meter is identified by what it is, remembered for its connection, and never claimed.
. "$(dirname "$0")/../tap.sh"

start meters "$PYTHON" "$PEER/slave_models.py" 1 "b23=abb-b23,0x8960:4232+3320" "sdm120=sdm120,0xFC02:0020" \
	"em24=em24,fill:0,i0x0000:08FC+0000,i0x0037:01F4" "zero=none,fill:0"
line_of meters '^\{' || give_up "no slaves"
port_of() {
	"$PYTHON" -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]]["port"])' "$PORTS" "$1"
}
PORTS=$LINE
for _ in 1 2 3 4; do
	line_of meters ready || give_up "a slave is missing"
done
B23=tcp:127.0.0.1:$(port_of b23)
SDM=tcp:127.0.0.1:$(port_of sdm120)
EM24=tcp:127.0.0.1:$(port_of em24)
ZERO=tcp:127.0.0.1:$(port_of zero)
LINES=$XDG_STATE_HOME/meterctl/lines.yaml

# ---- one command --------------------------------------------------------------------

exits 0 "a B23 is read" -- "$METERCTL" -v -p auto -c "$B23" get voltage.a
like "$ERR" 'identified as B23: profile abb-b23' "as what it is"
VOLTAGE=$OUT
exits 0 "by name" -- "$METERCTL" -p abb-b23 -c "$B23" get voltage.a
is "$VOLTAGE" "$OUT" "the same"
is "$(sed -n '/profile:/p' "$LINES")" "  profile: abb-b23" "remembered"
exits 0 "again" -- "$METERCTL" -p auto --trace "$TMP/again" -c "$B23" get voltage.a
is "$(grep -c ' > ' "$TMP/again")" 3 "with one read for its rule"
sed -i 's/abb-b23/sdm120/' "$LINES"
exits 0 "another meter than was known" -- "$METERCTL" -v -p auto -c "$B23" get voltage.a
like "$ERR" 'identified as B23' "is not claimed"
is "$(sed -n '/profile:/p' "$LINES")" "  profile: abb-b23" "and remembered anew"
METERCTL_PROFILE=auto exits 0 "from the environment" -- "$METERCTL" -c "$SDM" get voltage.a
exits 0 "with a list" -- "$METERCTL" -p auto -c "$SDM" watch voltage.a -n 1 -i 1

# ---- none that is identified ------------------------------------------------------------

exits 4 "no public register tells an EM24" -- "$METERCTL" -p auto -c "$EM24" read
is "$OUT" "" "nothing is read"
like "$ERR" 'holding 0x0000-0x0001: 0000 0000; choose with -p NAME; plausible readings with: em24\)' "what was seen, and what is likely"
exits 4 "a meter of zeros" -- "$METERCTL" -p auto -c "$ZERO" read
unlike "$ERR" plausible "is like none"
exits 3 "no meter" -- "$METERCTL" -p auto -t 200 -r 0 -c tcp:127.0.0.1:1 read
exits 2 "a broker's" -- "$METERCTL" -p auto -c mqtt://127.0.0.1/20201998111433 read
like "$ERR" 'cannot be identified: it uploads values' "which says why"
exits 2 "no meter at all" -- "$METERCTL" -p auto profile check
like "$ERR" "profile 'auto' identifies a meter that is connected" "likewise"

# ---- writing, the shell, a saved connection, a batch -------------------------------------

exits 0 "a setting" -- "$METERCTL" -p auto -c "$SDM" set pulse.1.width=100ms --dry-run
like "$OUT" pulse.1.width "of that model"
is "$(printf 'get frequency\nget frequency\n' | "$METERCTL" -p auto -c "$SDM" shell | sort -u | wc -l)" 1 "in a shell"
exits 0 "connect --save" -- "$METERCTL" -p auto -c "$B23" connect --save cellar
like "$(cat "$XDG_CONFIG_HOME/meterctl/config.yaml")" 'profile: abb-b23' "saves what it is"
printf 'target,profile,expect.frequency\n%s,auto,..1e9\n%s,auto,..1e9\n' "$B23" "$SDM" >"$TMP/sites.csv"
exits 0 "a batch of two models" -- "$METERCTL" batch "$TMP/sites.csv" --yes -f csv
printf 'target,expect.frequency\n%s,..1e9\n%s,..1e9\n' "$B23" "$ZERO" >"$TMP/sites.csv"
exits 2 "one that is not identified" -- "$METERCTL" -p auto batch "$TMP/sites.csv" --yes
like "$ERR" "sites.csv:3:1: cannot identify the meter" "is a mistake of its row"
exits 0 "on a simulated meter" -- "$METERCTL" -v -p auto -c sim: get voltage.a
like "$ERR" 'identified as ADW300' "too"

# ---- functions 17 and 43 ------------------------------------------------------------------

port=$(free_port)
start says "$PYTHON" "$PEER/slave_says.py" "$port" Maker Type-7
line_of says ready || give_up "no slave"
cat >"$XDG_CONFIG_HOME/meterctl/profiles/mine.yaml" <<END
profile: mine
identify:
  - {function: 17, matches: "*Maker*Type-7*", model: By 17, and: [{function: 43, object: 1, equals: Type-7}]}
groups:
  - {group: voltage, title: Voltages, points: [{key: voltage.a, at: 1, name: Voltage}]}
END
exits 0 "what a meter says of itself" -- "$METERCTL" -v -p auto -c "tcp:127.0.0.1:$port" get voltage.a
like "$ERR" 'identified as By 17: profile mine' "by functions 17 and 43"
exits 0 "a scan" -- "$METERCTL" -f csv scan "tcp:127.0.0.1:$port" --unit 1
like "$OUT" ',mine,.*,By 17,' "likewise"
sed -i 's/equals: Type-7/equals: Type-8/' "$XDG_CONFIG_HOME/meterctl/profiles/mine.yaml"
exits 4 "another one" -- "$METERCTL" -p auto -c "tcp:127.0.0.1:$port" get voltage.a

done_testing
