#!/usr/bin/env bash
# A thousand readings on a line that loses one frame in a hundred and corrupts
# another: no wrong value is shown, and every good one arrives by retry.
. "$(dirname "$0")/../tap.sh"

KEYS="voltage.a current.b power.active.c signal.strength"
METER=frozen,start=2026-07-15T14:03:27Z,seed=7

# shellcheck disable=SC2086
exits 0 "what a clean line says" -- "$METERCTL" -c "sim:$METER" -f jsonl read $KEYS
cp "$TMP/out" "$TMP/clean"

# shellcheck disable=SC2086
exits 0 "a thousand rounds on a bad one" -- "$METERCTL" -c "sim:$METER,drop=1,flip=1" \
	--trace "$TMP/trace" -f jsonl watch -i 0 -n 1000 $KEYS
"$PYTHON" - "$TMP/clean" "$TMP/out" <<'EOF'
import json, sys
clean = {r["key"]: r["value"] for r in map(json.loads, open(sys.argv[1]))}
rows = [json.loads(line) for line in open(sys.argv[2])]
wrong = [r for r in rows if r["quality"] == "ok" and r["value"] != clean[r["key"]]]
lost = [r for r in rows if r["quality"] != "ok"]
print(f"# {len(rows)} readings, {len(wrong)} wrong, {len(lost)} lost")
sys.exit(len(rows) != 1000 * len(clean) or bool(wrong) or bool(lost))
EOF
ok $? "four thousand readings, none wrong, none lost"
bad=$(grep -c ' ! ' "$TMP/trace")
late=$(grep -c ' \* ' "$TMP/trace")
[ "$bad" -ge 5 ] && [ "$late" -ge 5 ]
ok $? "the line was bad indeed: $bad corrupt answers, $late other troubles in the trace"

done_testing
