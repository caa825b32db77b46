#!/usr/bin/env bash
# uplink: it passes on a good meter, and names the step on each fault. The simulated
# meters and the proofs of all of them run side by side at one broker.
. "$(dirname "$0")/../tap.sh"
. "$TOP/tests/mosquitto.sh"
. "$PEER/mqtt.bash"

mosquitto_start plain
URL=mqtt://127.0.0.1:$BROKER_PORT
declare -A proof_pid=() proof_tcp=()
serial=20990000000000

# proves NAME DIALECT SCENARIO SIM-ARGS -- UPLINK-ARGS...: a meter of its own and the
# proof of its uplink, which listens before the meter is switched on. @TCP in the
# arguments is its Modbus TCP target (the meter is then there first).
proves() {
	local name=$1 dialect=$2 scenario=$3 args=()

	serial=$((serial + 1))
	shift 3
	while [ "$1" != -- ]; do
		args+=("$1")
		shift
	done
	shift
	sim=("$METERCTL" simulate "sn=$serial,heart=1${scenario:+,$scenario}" --mqtt "$URL"
		--dialect "$dialect" "${args[@]}")
	if [[ "$*" == *@TCP* ]]; then
		start "$name" "${sim[@]}" --tcp 0
		line_of "$name" '^(tcp:.*unit=1)$' && proof_tcp[$name]=${BASH_REMATCH[1]}
		waits "$name.proof" -c "$URL/$serial" -f json uplink "${@//@TCP/${proof_tcp[$name]:-}}"
		proof_pid[$name]=$PID
		return
	fi
	waits "$name.proof" -c "$URL/$serial" -f json uplink "$@"
	proof_pid[$name]=$PID
	start "$name" "${sim[@]}"
}
# proven NAME CODE VERDICT STEP PYTHON WORDS...: `u` is the document, `step` its steps.
proven() {
	local name=$1 code=$2 verdict=$3 step=$4 script=$5

	shift 5
	PID=${proof_pid[$name]}
	ends "$name.proof" "$code" "$*: exit $code"
	holds "$*: $verdict${step:+ at $step}" "$TMP/$name.proof.out" '
(u,) = docs
step = {s["step"]: s for s in u["steps"]}
assert u["schema"] == "meterctl.uplink/1" and list(step) == ["broker", "login", "answer",
    "time", "first-data", "identity", "clock", "second-data", "registers"], u
assert u["verdict"] == sys.argv[2] and u["step"] == (sys.argv[3] or None), (u["verdict"], u["step"], step)
'"$script" "$verdict" "$step"
}

# ---- where nobody answers: json-v2 and shadow
proves good json-v2 '' --interval 1 -- --deadline 60
proves shadow shadow '' --interval 1 -- --deadline 60
proves wanted json-v2 '' --interval 1 -- --interval 60 --deadline 10
proves silent json-v2 mqtt-silent --interval 1 -- --deadline 4
proves once json-v2 mqtt-silent-after=1 --interval 1 -- --deadline 10
proves again json-v2 mqtt-duplicate=100 --interval 1 -- --interval 1 --deadline 60
proves late json-v2 mqtt-late=7 --interval 2 -- --deadline 60
proves disorder json-v2 mqtt-disorder=50,seed=3 --interval 1 -- --deadline 60
# damaged uploads on the topic of all, where nobody can tell whose they are
start damaged "$METERCTL" simulate sn=20990000009999,mqtt-garbage=100 --mqtt "$URL" --interval 1
damaged=$PID
# ... and where only one meter speaks
shared=$URL
mosquitto_start lonely
URL=mqtt://127.0.0.1:$BROKER_PORT
proves garbage json-v2 mqtt-garbage=100 --interval 1 -- --deadline 10
# ... which then goes away, or does so and comes back
mosquitto_start lost
URL=mqtt://127.0.0.1:$BROKER_PORT
proves lost json-v2 '' --interval 60 -- --deadline 10
line_of lost '^mqtt:'
mosquitto_stop lost KILL
mosquitto_start back
URL=mqtt://127.0.0.1:$BROKER_PORT
proves back json-v2 '' --interval 1 -- --interval 1 --deadline 60
line_of back '^mqtt:'
mosquitto_stop back KILL
mosquitto_again back
URL=$shared
# ---- against the registers of the same meter
proves same json-v2 frozen --interval 1 -- --deadline 60 --with @TCP
proves scaled json-v2 frozen,mqtt-scale=10 --interval 1 -- --deadline 60 --with @TCP
# ---- a meter that logs in, and no platform
proves alone acrelhw '' --interval 1 -- --deadline 25

proven good 0 pass '' '
assert [s["state"] for s in u["steps"]] == ["passed", "none", "none", "none", "passed", "passed", "passed", "passed", "none"], step
assert u["dialect"] == "json-v2" and u["uploads"] == 2 and u["compared"] is None
assert 0.5 < u["interval_seen"] < 4 and u["interval_set"] is None and -1 < u["delay"] < 6, u
assert all(s["at"] for s in u["steps"] if s["state"] == "passed")' "json-v2"
proven shadow 0 pass '' 'assert u["dialect"] == "shadow", u' "shadow"
proven wanted 1 fail second-data 'assert "not at the interval set" in step["second-data"]["what"], step' "not as often as wanted"
proven silent 3 timeout first-data 'assert u["uploads"] == 0, u' "silent"
proven once 3 timeout second-data 'assert step["first-data"]["state"] == "passed", step' "silent after one upload"
proven garbage 1 fail first-data 'assert u["refused"] >= 2 and "no upload could be used" in step["first-data"]["what"], u' "garbage"
proven lost 3 fail broker 'assert "lost" in step["broker"]["what"] or "refused" in step["broker"]["what"], step' "the broker is gone"
proven back 0 pass '' 'assert step["broker"]["state"] == "passed", step' "the broker was gone for a while"
proven again 0 pass '' 'assert u["duplicates"] >= 1, u' "duplicates are noticed"
proven late 0 pass '' 'assert 6 < u["delay"] < 30, u' "late uploads are noticed"
proven disorder 0 pass '' 'assert u["uploads"] == 2, u' "out of order"
proven same 0 pass '' '
c = u["compared"]
assert len(c["values"]) > 30 and all(v["agrees"] for v in c["values"]) and c["skew_s"] < 30, c
assert {"voltage.a", "di.status", "ratio.ct"} <= {v["key"] for v in c["values"]}' "values against registers"
proven scaled 1 fail registers '
bad = [v for v in u["compared"]["values"] if not v["agrees"]]
assert any(v["key"] == "current.a" and abs(v["uploaded"] / v["register"] - 10) < 0.1 for v in bad), bad
assert not any(v["key"] == "voltage.a" for v in bad), bad
drops = {d["reason"]: d["count"] for d in u["dropped"]}
assert drops["voltage outside 0 to 1000 V"] >= 6 and drops["frequency outside 42.5 to 69 Hz"] >= 1, drops
assert "differ from the registers, the first: " in step["registers"]["what"], step' "values ten times too large"
proven alone 1 fail answer 'assert step["login"]["state"] == "passed" and u["uploads"] > 0, step' "nobody answers"

# ---- with the stand-in platform
start platform "$METERCTL" -c "$URL" platform --listen 0.2
wait_for grep -q 'answering from now on' "$TMP/platform.err"
proves soon acrelhw '' --interval 60 -- --deadline 1 --from-start
proves whole acrelhw wait-login --interval 4 -- --deadline 60 --from-start
proves nologin acrelhw no-login --interval 1 -- --deadline 15 --from-start
proves before acrelhw no-login --interval 1 -- --deadline 60
proves notime acrelhw no-time --interval 1 -- --deadline 15
proves rarely acrelhw mqtt-interval=60 --interval 4 -- --deadline 15
proves often acrelhw mqtt-interval=1 --interval 60 -- --deadline 15
proven whole 0 pass '' '
assert [s["state"] for s in u["steps"]] == ["passed"] * 8 + ["none"], step
assert u["interval_set"] == 4 and u["dialect"] == "acrelhw", u
at = [s["at"] for s in u["steps"][:5]]
assert at == sorted(at), at' "acrelhw, from the login on"
proven nologin 1 fail login 'assert "though data arrive" in step["login"]["what"], step' "no login, and it must be seen"
proven before 0 pass '' 'assert [step[s]["state"] for s in ("login", "answer")] == ["implied"] * 2, step' "no login, which may lie before"
proven notime 1 fail time 'assert step["answer"]["state"] == "passed", step' "the time is never asked for"
proven rarely 3 timeout second-data '' "uploads that do not come"
proven often 1 fail second-data 'assert u["interval_set"] == 60 and u["interval_seen"] < 3, u' "uploads not at the interval that is set"
PID=${proof_pid[soon]}
ends soon.proof 3 "a deadline that is too short: exit 3"

# ---- the broker is the step that fails
exits 3 "no broker: exit 3" -- "$METERCTL" -c "mqtt://127.0.0.1:$(free_port)/$SN" -f json uplink --deadline 5
holds "fail at broker, the step of connecting" "$TMP/out" '
(u,) = docs
assert (u["verdict"], u["step"]) == ("fail", "broker") and u["steps"][0]["what"].startswith("tcp: "), u'
exits 2 "a meter on a cable has no uplink" -- "$METERCTL" -c sim: uplink
exits 2 "nor all meters of a broker" -- "$METERCTL" -c "$URL" uplink
exits 3 "--with a place where nothing is" -- "$METERCTL" -c "$URL/$SN" -t 500 uplink --with "tcp:127.0.0.1:$(free_port)"
like "$ERR" '^meterctl: --with: ' "says that it is that way"

# ---- ended by a person; the other formats, where nothing is damaged
URL=mqtt://127.0.0.1:${mosquitto_port[back]}
waits int -c "$URL/$SN" uplink
wait_for grep -q 'broker: passed' "$TMP/int.err"
stop_pid "$PID" INT
is "$RC" 130 "SIGINT: exit 130"
# in one second nothing else may come, and then this is what is wrong
stop_pid "$damaged"
exits 3 "a table" -- "$METERCTL" -c "$URL/$SN" uplink --deadline 1
like "$OUT" '^verdict: timeout at first-data' "with the verdict"
exits 3 "csv" -- "$METERCTL" -c "$URL/$SN" -f csv uplink --deadline 1
like "$OUT" '^step,state,at,what' "with a header"

done_testing
