#!/usr/bin/env bash
# A profile of one's own that says where the supplier has put the network
# settings, and which doubt has been settled.
. "$(dirname "$0")/../tap.sh"

FOLDER=$XDG_CONFIG_HOME/meterctl/profiles
OVERLAY=$TOP/tests/data/overlay-network.yaml

# A meter that has the supplier's registers, on a line like any other's
start sim "$METERCTL" -p "$OVERLAY" simulate --tcp 0
line_of sim '(tcp:[^ ]*:([0-9]+)[^ ]*)'; ok $? "a meter"
TARGET=${BASH_REMATCH[1]} PORT=${BASH_REMATCH[2]}

exits 7 "the built-in profile" -- "$METERCTL" -c "$TARGET" set network.apn=iot.example --yes
like "$ERR" "$FOLDER" "says where a profile of one's own belongs"
like "$ERR" 'meterctl-profile\(5\)' "and what describes it"

# as a technician would: the example, under the name of the built-in profile
sed 's/^profile: .*/profile: adw300/' "$OVERLAY" >"$FOLDER/adw300.yaml"
exits 0 "with the supplier's addresses" -- "$METERCTL" -c "$TARGET" -f csv set \
	network.apn=iot.example network.broker.port=8883 network.upload_interval=900 --yes
is "$(grep -c ',verified,' <<<"$OUT")" 3 "all verified"
exits 0 "what it left in the meter" -- "$METERCTL" -c "$TARGET" -f csv raw read 0x2069
like "$OUT" ',000F,' "minutes"
exits 0 "and what others read" -- mbpoll -m tcp -p "$PORT" -a 1 -0 -r 0x2048 -1 127.0.0.1
like "$OUT" '8883' "the port"
exits 7 "out of its range" -- "$METERCTL" -c "$TARGET" set network.upload_interval=30 --yes
exits 7 "between two minutes" -- "$METERCTL" -c "$TARGET" set network.upload_interval=90 --yes
exits 7 "longer than its registers" -- "$METERCTL" -c "$TARGET" set \
	network.apn.user=longer-than-twenty-characters --yes
exits 7 "a point that the supplier does not name" -- "$METERCTL" -c "$TARGET" set network.topic=x --yes

# ---- a doubt that has been settled
exits 7 "a doubt" -- "$METERCTL" -c "$TARGET" set 'tou.zones=01-01 table1' --yes
sed -i "s/^vectors:/  - group: tou\n    points:\n      - {key: tou.zones, harmful: no, note: compared}\n&/" \
	"$FOLDER/adw300.yaml"
exits 0 "the profile holds" -- "$METERCTL" profile check adw300
exits 0 "settled" -- "$METERCTL" -c "$TARGET" set 'tou.zones=01-01 table1, 07-01 table3' --yes
exits 0 "six words" -- "$METERCTL" -c "$TARGET" -f csv raw read 0x0167:6
is "$(cut -d, -f3 <<<"$OUT" | tail -n +2 | tr '\n' ' ')" "0101 0103 0107 0000 0000 0000 " "as the manual has them"
exits 7 "its neighbours are as doubtful as before" -- "$METERCTL" -c "$TARGET" set 'tou.table1=00:00 flat' --yes

done_testing
