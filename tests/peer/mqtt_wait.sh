#!/usr/bin/env bash
# Ranges of values that are uploaded: wait, watch --until and --for, read --expect; and the
# shell, whose commands each hear a broker for themselves.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
METER="$URL/$SN?dialect=json-v2"
TP=$(($(date +%s) - 150)) # volts 200 and more are of now, or ahead, which takes nothing from them
export FILTER=platform/

# volts N: the N-th upload, a second after the one before, with that voltage
volts() {
	json_v2 $((TP + $1))000 1 "$1"
}

publish "$UP" "$(volts 215)" -r
waits wait -c "$METER" -f jsonl wait voltage.a=210..220 --for "$PATIENCE"
publish "$UP" "$(volts 230)"
publish "$UP" "$(volts 231)"
wait_for has "$TMP/wait.trace" '"val":231'
publish "$UP" "$(volts 219)" # overtaken: older than the one before
wait_for has "$TMP/wait.trace" '"val":219'
publish "$UP" "$(json_v2 $((TP + 240))000 1 211)"
ends wait 0 "wait ends with the upload in which it holds"
like "$OUT" '"key":"voltage.a","value":211.0' "not with what the broker kept, nor with a late one"

waits over -c "$METER" wait voltage.a=210..220 --for 2
publish "$UP" "$(volts 250)"
ends over 1 "the time is over"
like "$ERR" "'voltage\\.a' is 250\\.0 V after 2 s, expected 210\\.\\.220 V" "with the last value"
waits silent -c "$METER" wait voltage.b=210..220 --for 1
ends silent 3 "no upload has it"
publish "$UP" '' -r

waits until -c "$METER" -f jsonl watch --until voltage.a=210..220
publish "$UP" "$(volts 260)"
publish "$UP" "$(json_v2 $((TP + 261))000 1 212)"
ends until 0 "watch --until"
is "$(wc -l <"$TMP/until.out")" 2 "ends with the upload in which it holds"
waits unmet -c "$METER" watch --until voltage.a=210..220 --for 2
publish "$UP" "$(volts 270)"
ends unmet 1 "watch --until --for"
like "$ERR" "'voltage\\.a' is 270\\.0 V at the end" "says the last value"
waits for -c "$METER" watch --for 1
ends for 0 "watch --for"
waits fleet -c "$URL?dialect=json-v2" watch --for 1
ends fleet 0 "watch --for of all meters"
waits expect -c "$METER" read --expect voltage.a=210..220
publish "$UP" "$(volts 280)"
ends expect 1 "read --expect"
like "$ERR" "'voltage\\.a' is 280\\.0 V, expected 210\\.\\.220 V" "says what is not as expected"

# ---- in the shell no command takes what came before it
mkfifo "$TMP/lines"
exec {lines}<>"$TMP/lines"
typing() {
	exec "$METERCTL" --trace "$TMP/shell.trace" -c "$METER" shell <"$TMP/lines" {lines}>&-
}
start shell typing
asked() { has "$TMP/shell.trace" 'subscribed to platform/' "$1"; }
echo get voltage.a >&"$lines"
wait_for asked 1
publish "$UP" "$(volts 301)"
line_of shell '^301\.0$'; ok $? "the first"
publish "$UP" "$(volts 302)"
echo get voltage.a >&"$lines"
wait_for asked 2
publish "$UP" "$(volts 303)"
line_of shell .
is "$LINE" 303.0 "the second is the one that came after it was asked for"
echo quit >&"$lines"
ended "$PID"
is "$RC" 0 "and it ends"

done_testing
