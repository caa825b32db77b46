#!/usr/bin/env bash
# Settings through a broker without a tunnel: the upload interval of acrelhw, and a plain
# no for everything else. mosquitto_pub and the simulator are the meters.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
METER="$URL/$SN?dialect=acrelhw"
PARA=/gw/acrelHW/null/para/$SN
WISH=(set network.upload_interval=120 --yes)
SURE=("${WISH[@]}" --allow-provisional)
export FILTER=/server/

# what FILE: the one step of it, as JSON, and the last row of the journal
step() {
	holds "$1" "$TMP/out" '
step, = docs[0]["steps"]
'"$2"
}
journal_says() {
	"$METERCTL" -f json journal >"$TMP/journal" 2>&1
	holds "$1" "$TMP/journal" '
row = docs[0]["entries"][-1] if "entries" in docs[0] else docs[-1]
'"$2"
}

# ---- the simulated meter takes it, and shows it
start sim "$METERCTL" simulate "frozen,heart=1,sn=$SN" --mqtt "$URL" --dialect acrelhw --interval 60
line_of sim '^mqtt:'
sim=$PID
exits 7 "a form that is not public is not sent without a word" -- "$METERCTL" -c "$METER" "${WISH[@]}"
like "$ERR" "'network.upload_interval' is set from afar by a message whose form is not public: --allow-provisional" "which one"
exits 7 "nor with --read-only" -- "$METERCTL" -c "$METER" --read-only "${SURE[@]}"
exits 7 "--dry-run of what the dialect cannot say" -- "$METERCTL" -c "$METER" set network.upload_interval=61 --allow-provisional --dry-run
like "$ERR" "61 s cannot be set .*whole minutes" "why"
exits 0 "--dry-run" -- "$METERCTL" -c "$METER" -f json "${SURE[@]}" --dry-run
step "plans it" 'assert step["state"] == "planned" and step["want"] == 120, step'
exits 0 "set network.upload_interval" -- "$METERCTL" -c "$METER" -f json --trace "$TMP/sent" "${SURE[@]}"
step "is verified: the meter shows it" 'assert (step["state"], step["after"]) == ("verified", 120) and "error" not in step, step'
is "$(grep -c '> ' "$TMP/sent")" 1 "one message was sent"
like "$(cat "$TMP/sent")" "> /server/acrelHW/null/para/$SN .*\"upInterval\":\"2\"" "in minutes, to the meter"
journal_says "and is in the journal" 'assert row["state"] == "verified" and row["want"] == "120", row'
exits 7 "61 s are no whole minutes" -- "$METERCTL" -c "$METER" set network.upload_interval=61 --yes --allow-provisional
like "$ERR" 'whole minutes' "says so"
exits 7 "another setting" -- "$METERCTL" -c "$METER" "${SURE[@]}" ratio.ct=40
like "$ERR" "no public way to set 'ratio.ct' through acrelhw .*RS485 or a tunnel" "and what would do it"
stop_pid "$sim"

# ---- a meter played by hand: it must be heard before it is spoken to
# wish NAME ARGS...: runs it until the wish is at the broker
wish() {
	local name=$1

	shift
	waits "$name" -c "$METER" -f json "$@" "${SURE[@]}"
	publish "/gw/acrelHW/null/heart/$SN" "{\"type\":\"heart\",\"gwSN\":\"$SN\"}"
	wait_for has "$TMP/$name.trace" '> /server/.*upInterval'
}
answer() {
	publish "$PARA" "{\"type\":\"para\",\"gwSN\":\"$SN\",\"meterSN\":\"$SN\",$1}"
}
wish shown
answer '"upInterval":"2"'
ends shown 0 "parameters that show it are proof enough"
wish old
answer '"upInterval":"5"'
answer '"res":1'
answer '"upInterval":"2"'
ends old 0 "parameters from before the acknowledgement say nothing"
wish no
answer '"res":0'
ends no 5 "res 0: exit 5"
cp "$TMP/no.out" "$TMP/out"
step "refused" 'assert step["state"] == "refused" and "res 0" in step["error"], step'
wish other
answer '"res":1'
answer '"upInterval":"5"'
ends other 6 "acknowledged, and another value shown: exit 6"
cp "$TMP/other.out" "$TMP/out"
step "failed, with what it holds" 'assert (step["state"], step["after"]) == ("failed", 300), step'
wish kept
publish "$PARA" "{\"type\":\"para\",\"gwSN\":\"$SN\",\"upInterval\":\"2\",\"meterSN\":\"20990000000001\"}"
publish "$PARA" '{"type":"para","res":'
stop_pid "$PID" INT
is "$RC" 130 "SIGINT while the meter's word is waited for: exit 130"
cp "$TMP/kept.out" "$TMP/out"
step "the outcome is unknown" 'assert step["state"] == "unknown" and "interrupted" in step["error"], step'
journal_says "and the journal says so: open" 'assert row["state"] == "unknown", row'
wish silent -t 4000
ends silent 6 "a meter that says nothing: exit 6"
cp "$TMP/silent.out" "$TMP/out"
step "unknown, and how long was waited" '
assert step["state"] == "unknown" and step["after"] is None, step
assert "has not acknowledged it in 4 s" in step["error"], step'
exits 0 "the journal" -- "$METERCTL" journal
like "$OUT" '^\* .*network.upload_interval .*unknown' "has it open"
exits 7 "undo" -- "$METERCTL" -c "$METER" undo --yes
like "$ERR" 'nothing is put back' "puts nothing back that is not known"
exits 3 "a meter that is not heard is told nothing" -- "$METERCTL" -c "$METER" -t 2000 "${SURE[@]}"
like "$ERR" "no message of '$SN' yet" "and why"
answer '"upInterval":"2"'
exits 3 "nor one that spoke before" -- "$METERCTL" -c "$METER" -t 2000 "${SURE[@]}"

# ---- where it cannot be sent
FILTER=/gw/ waits behind -c "$METER&topic=/gw/acrelHW/%2B/%2B/20990000000099" "${SURE[@]}"
publish /gw/acrelHW/null/heart/20990000000099 "{\"type\":\"heart\",\"gwSN\":\"20990000000099\",\"meterSN\":\"$SN\"}"
ends behind 7 "a meter behind a gateway"
like "$ERR" "is behind gateway '20990000000099'" "is not set, and why"
is "$(grep -c '> ' "$TMP/behind.trace")" 0 "nothing was sent"
FILTER=flat waits flat -c "$METER&topic=flat" "${SURE[@]}"
publish flat "{\"type\":\"heart\",\"gwSN\":\"$SN\"}"
ends flat 2 "a meter whose topic does not say its product"
like "$ERR" 'product level .* is not known.*&product=' "what would help, at once"

exits 7 "with a share" -- "$METERCTL" -c "$METER&share=fleet" "${SURE[@]}"
like "$ERR" "cannot be set with share=fleet: the answer could go to another member" "why"

# ---- dialects without a way down
for dialect in json-v2 shadow; do
	exits 7 "set over $dialect" -- "$METERCTL" -c "$URL/$SN?dialect=$dialect" "${SURE[@]}"
	like "$ERR" "no public way .*(RS485|tunnel)" "says what would do it"
done
FILTER=data/down/ waits told -c "$URL/$SN" set ratio.ct=40 --yes
publish "$UP" "$(json_v2 "$(date +%s%3N)" 1 220.1)"
ends told 7 "also when the dialect had to be found out"
# cannot CODE WHY COMMAND: nothing of that kind over json-v2
cannot() {
	# shellcheck disable=SC2086 # words
	exits "$1" "$3 over json-v2" -- "$METERCTL" -c "$URL/$SN?dialect=json-v2" -t 2000 $3
	like "$ERR" "$2" "says why"
}
printf 'settings:\n  ratio.ct: 40\n' >"$TMP/wish.yaml"
cannot 7 'uploads readings and no settings .*RS485' backup
cannot 1 'sends no records of past months' history
cannot 2 'has no registers.*through dialect=tunnel' 'raw read 15'
cannot 2 'has no registers' 'raw write 15 40 --yes'
cannot 1 'nothing to put back' 'undo --yes'
for command in plan apply restore; do
	cannot 7 "'ratio.ct' cannot be set over json-v2: .*RS485" "$command $TMP/wish.yaml"
done
cannot 3 "waiting for a message of '$SN'" "-v diff $TMP/wish.yaml"

done_testing
