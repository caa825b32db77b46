#!/usr/bin/env bash
# A batch on meters nobody here wrote, some of which misbehave: each row ends as it should
# and holds nobody else up. And the meters of a broker, divided between two workers.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"

cd "$TMP" || give_up "no folder"
port=$(free_port)
start slave "$PYTHON" "$PEER/slave_several.py" "$port" "$TMP/log" 1=none 2=refuse 3=ignore 4=silent 5=power 6=none
SLAVE=$PID
line_of slave ready || give_up "no slave"
echo target,ratio.ct,lora.channel >sites.csv
for unit in 1 2 3 4 5 6; do
	echo "tcp:127.0.0.1:$port?unit=$unit,60,21"
done >>sites.csv
BATCH=("$METERCTL" -t 1500 -r 0 batch sites.csv --yes -f csv)

# rows: "row state written code" of each
rows() {
	tail -n +2 "$TMP/out" | cut -d, -f 1,3,4,8 | tr ',\r' '  ' | sed 's/ *$//'
}
writes() {	# of UNIT
	grep -c "^$1 " log
}

exits 8 "six meters: exit 8" -- "${BATCH[@]}"
is "$(rows)" "1 done 2
2 failed 0 5
3 failed 0 6
4 failed 0 3
5 failed 0 6
6 done 2" "each ends as it should"
like "$ERR" 'row 2 .*(exception 4|device failure)' "the reason of the one that refuses"
like "$ERR" 'row 3 .*something else' "of the one that does not keep it"
like "$ERR" 'row 4 .*no reply' "of the silent one"
like "$ERR" 'row 5 .*not known' "of the one that lost its power"
like "$ERR" '4 of 6 meters failed' "how many"
is "$(writes 1) $(writes 2) $(writes 4) $(writes 5) $(writes 6)" "2 1 0 1 2" "sent as often as needed"
kill -USR1 "$SLAVE"
line_of slave back
exits 8 "--only failed: two of them still misbehave" -- "${BATCH[@]}" --only failed
is "$(rows)" "1 done 2
2 failed 0 5
3 failed 0 6
4 done 2
5 done 1
6 done 2" "those that are back are done"
is "$(writes 1) $(writes 4) $(writes 5) $(writes 6)" "2 2 2 2" "what was done is not written again"
is "$("$METERCTL" -f jsonl journal --all | grep -c '"open":true')" 0 "nothing is left open"

# ---- a broker, two workers ----------------------------------------------------------

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
start sims "$METERCTL" simulate frozen,heart=1 --mqtt "$URL" --dialect acrelhw --interval 5 --count 60
{
	echo target,network.upload_interval
	for ((n = 0; n < 60; n++)); do
		line_of sims "^mqtt:" || give_up "no meter $n"
		echo "$URL/${LINE##*/}?dialect=acrelhw,120" | sed 's/?dialect=[a-z]*?/?/'
	done
} >fleet.csv
FLEET=(-t 60000 -f jsonl batch fleet.csv --yes --allow-provisional)
start one "$METERCTL" "${FLEET[@]}" --shard 1/2 --trace "$TMP/one.trace"
one=$PID
start two "$METERCTL" "${FLEET[@]}" --shard 2/2 --trace "$TMP/two.trace"
two=$PID
for worker in one two; do
	line_of "$worker" '"event":"summary"'
	is "$LINE" '{"event":"summary","done":30,"failed":0}' "worker $worker has done its half"
done
ended "$one"
is "$RC" 0 "the first ends with 0"
ended "$two"
is "$RC" 0 "the second, too"
is "$(cat one.trace two.trace | grep -o '> /server/[^ ]*' | sort | uniq -c | awk '{ print $1 }' | sort | uniq -c | xargs)" "60 1" \
	"each meter has one message"
exits 0 "--resume of what is done" -- "$METERCTL" "${FLEET[@]}" --shard 1/2 --resume --trace "$TMP/again"
is "$(cat "$TMP/again")" "" "asks nothing"

done_testing
