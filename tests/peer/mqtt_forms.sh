#!/usr/bin/env bash
# Every form of a setting through mosquitto and the tunnel to the simulated meter, and
# what a second master (mbpoll, over Modbus TCP) then finds in its registers.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
start sim "$METERCTL" simulate "sn=$SN" --mqtt "$URL" --dialect tunnel --tcp 0
line_of sim '^tcp:127.0.0.1:([0-9]+)'
PORT=${BASH_REMATCH[1]}
line_of sim '^(mqtt:.*)$'
TARGET=${BASH_REMATCH[1]}
is "$TARGET" "$URL/$SN?dialect=tunnel" "the simulator says where it is"
export METERCTL_CONNECT=$TARGET
held() {	# held ADDR [UNIT]: what mbpoll reads there
	mbpoll -m tcp -p "$PORT" -a "${2:-1}" -0 -r "$1" -c 1 -1 127.0.0.1 2>&1 | sed -n 's/^\[.*\]:[[:space:]]*//p'
}
# sets WORDS KEY=VALUE... : verified, each
sets() {
	local name=$1 n

	shift
	exits 0 "$name" -- "$METERCTL" "${PATIENT[@]}" set "$@" --yes --allow-provisional
	n=$(grep -c 'verified' <<<"$OUT")
	is "$n" $# "$name: verified"
}

is "$(held 15)" 40 "register 15 before"
sets "the issue's own: ratio.ct=60" ratio.ct=60
is "$(held 15)" 60 "register 15 holds 60"
exits 0 "again" -- "$METERCTL" "${PATIENT[@]}" set ratio.ct=60 --yes
like "$ERR$OUT" 'as wished already' "writes nothing"
sets "a choice" demand.cycle=30min
sets "bits of one word" alarm1.enable.undervoltage=0 alarm1.enable.overvoltage=0
sets "a time of the month" 'freeze.time=2 01:00'
sets "a day table" 'tou.table1=00:00 valley, 08:00 flat, 18:00 peak'
sets "the clock" clock=now
exits 0 "the same meter over Modbus TCP" -- "$METERCTL" -c "tcp:127.0.0.1:$PORT" -f json \
	read demand.cycle alarm1.enable freeze.time tou.table1 ratio.ct
holds "holds all of it" "$TMP/out" '
assert last["demand.cycle"]["value"] == "30min" and last["freeze.time"]["value"] == "2 01:00", last
assert not {"undervoltage", "overvoltage"} & set(last["alarm1.enable"]["bits"]), last
assert "overcurrent" in last["alarm1.enable"]["bits"] and last["ratio.ct"]["value"] == 60
assert last["tou.table1"]["value"].startswith("00:00 valley, 08:00 flat, 18:00 peak"), last'
exits 7 "what switches needs consent" -- "$METERCTL" "${PATIENT[@]}" set do.1=1 --yes
exits 7 "--read-only" -- "$METERCTL" "${PATIENT[@]}" --read-only set ratio.ct=61 --yes
is "$(held 15)" 60 "writes nothing"

# ---- backup, diff, restore, apply
exits 0 "backup" -- "$METERCTL" "${PATIENT[@]}" backup -o "$TMP/meter.yaml"
exits 0 "diff" -- "$METERCTL" "${PATIENT[@]}" diff "$TMP/meter.yaml"
sets "two changes" ratio.ct=70 demand.cycle=15min
exits 1 "diff finds them" -- "$METERCTL" "${PATIENT[@]}" diff "$TMP/meter.yaml"
is "$(grep -cE '^(ratio.ct|demand.cycle) ' "$TMP/out")" 2 "both"
exits 0 "restore" -- "$METERCTL" "${PATIENT[@]}" restore "$TMP/meter.yaml" --yes
exits 0 "and there is no difference" -- "$METERCTL" "${PATIENT[@]}" diff "$TMP/meter.yaml"
is "$(held 15)" 60 "register 15 holds 60 again"
exits 0 "undo of that" -- "$METERCTL" "${PATIENT[@]}" undo --yes
is "$(held 15)" 70 "holds 70"

# ---- the address: the meter is followed
exits 0 "comm.address=9" -- "$METERCTL" -t 2000 set comm.address=9 --yes
like "$OUT" 'comm.address +1 -> 9 +verified' "verified at the new address"
like "$ERR" "the meter answers at $URL/$SN\?dialect=tunnel&unit=9 now" "which is said"
is "$(held 15 9)" 70 "mbpoll finds it there"
exits 3 "at the old one nobody answers" -- "$METERCTL" -t 1000 -r 0 get ratio.ct
METERCTL_CONNECT="$TARGET&unit=9"
exits 0 "get at the new one" -- "$METERCTL" "${PATIENT[@]}" get ratio.ct
exits 0 "undo follows it back" -- "$METERCTL" -t 2000 undo --yes
is "$(held 15)" 70 "to where it was"
METERCTL_CONNECT=$TARGET
exits 0 "the journal" -- "$METERCTL" -f jsonl journal
holds "has every write, each verified" "$TMP/out" '
assert len(docs) >= 12 and {d["state"] for d in docs} == {"verified"}, [d["state"] for d in docs]'

# ---- hex, and topics of one's own
start hex "$METERCTL" simulate --mqtt "$URL/20990000000001?dialect=tunnel&coding=hex&request=rs485/%7Bsn%7D/down&reply=rs485/%7Bsn%7D/up"
line_of hex '^(mqtt:.*)$'
METERCTL_CONNECT=${BASH_REMATCH[1]}
sets "hex, on other topics" ratio.ct=60
exits 0 "all of the map" -- "$METERCTL" "${PATIENT[@]}" -f json read '*'
holds "has a value" "$TMP/out" 'assert len(rows) > 250 and all(r["quality"] == "ok" for r in rows)'

done_testing
