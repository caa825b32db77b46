#!/usr/bin/env bash
# `meterctl learn` from a trace, and beside a serial server: what it claims, what it does not,
# what it says about it, and that the draft sets the meter.
. "$(dirname "$0")/../tap.sh"

cd "$TMP" || give_up "no $TMP"
DRAFT=$TMP/learned.yaml

# A meter whose placeholders are its registers: set by meterctl itself, with a trace
start sim "$METERCTL" simulate --rtu-tcp 0
line_of sim '(rtutcp:[^ ]*:([0-9]+)[^ ]*)' || give_up "no meter"
TARGET=${BASH_REMATCH[1]}
exits 0 "a tool sets the meter" -- "$METERCTL" -c "$TARGET" --trace "$TMP/tool.trace" set --allow-provisional \
	network.apn=cmiot.example network.broker.host=10.1.2.3 network.broker.port=18830 network.upload_interval=720 --yes

exits 0 "learned from its trace" -- "$METERCTL" -f json learn --from "$TMP/tool.trace" --value network.apn=cmiot.example \
	--value network.broker.host=10.1.2.3 --value network.broker.port=18830 --value network.upload_interval=720
like "$OUT" '"schema":"meterctl.learn/1"' "as a document"
like "$OUT" '"key":"network.apn","state":"found","address":61696,"type":"string"' "where the APN went"
like "$OUT" '"key":"network.broker.port","state":"found","address":61792,"type":"u16"' "and the port"
like "$ERR" "nothing was sent" "nothing is read back from a trace"
is "$(stat -c %a "$DRAFT")" 600 "the draft is the owner's alone"
exits 0 "and a profile" -- "$METERCTL" profile check "$DRAFT"
like "$(cat "$DRAFT")" 'from: learned' "that says where it is from"
exits 0 "which needs no leave to write" -- "$METERCTL" -p "$DRAFT" -c "$TARGET" set network.apn=other \
	network.broker.host=10.9.8.7 network.upload_interval=60 --yes
like "$OUT" 'verified' "verified"

exits 7 "a draft that is there" -- "$METERCTL" learn --from "$TMP/tool.trace" --value network.apn=cmiot.example
like "$ERR" "learned.yaml.*--force" "is not written over"

# ---- what is not known is not claimed
# write ADDR WORD ...: by function 16, acknowledged; appends to the trace
at=0
written() {
	"$PYTHON" - "$TOP/tests/peer" "$((at += 1))" "$@" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
from crc import crc16
at, addr, words = int(sys.argv[2]), int(sys.argv[3], 0), [int(w, 0) for w in sys.argv[4:]]
head = bytes((1, 16)) + addr.to_bytes(2, "big") + len(words).to_bytes(2, "big")
data = head + bytes((2 * len(words),)) + b"".join(w.to_bytes(2, "big") for w in words)
for way, ms, frame in ((">", 0, data), ("<", 40, head)):
    print(f"10:00:{at:02}.{ms:03}000 {way}", (frame + crc16(frame)).hex(" ").upper())
PY
}
{ written 0x2000 300; written 0x3000 300; } >"$TMP/two.trace"
exits 1 "a value at two places" -- "$METERCTL" -f jsonl learn --from "$TMP/two.trace" --value network.upload_interval=300 -o two.yaml
like "$OUT" '"state":"several".*"second":"[0-9]+"' "is not claimed, and a second value named"
[ ! -e two.yaml ]
ok $? "there is no draft of nothing"
written 0x3000 720 >"$TMP/second.trace"
exits 0 "with a second run" -- "$METERCTL" -f jsonl learn --from "$TMP/two.trace" --from "$TMP/second.trace" \
	--value network.upload_interval=300 --value network.upload_interval=720 -o two.yaml
like "$OUT" '"state":"found","address":12288' "it is"

# ---- unlock and commit
{ written 0x1000 0x1234; written 0x2000 0x6D63 0x6F69 0x0074 0; written 0x1100 1; } >"$TMP/locked.trace"
exits 0 "a meter that is unlocked first" -- "$METERCTL" learn --from "$TMP/locked.trace" --value network.apn=cmiot -o locked.yaml
like "$(cat locked.yaml)" 'unlock: \{at: 0x1000, password: \[0x1234\]\}' "the unlock"
like "$(cat locked.yaml)" 'commit: \{at: 0x1100, value: \[0x0001\]\}' "the commit"
like "$(cat locked.yaml)" 'order: BADC, pad: zero' "bytes the other way round"
exits 0 "it is a profile" -- "$METERCTL" profile check locked.yaml

# ---- secrets
export CODE=cmiot
exits 0 "a secret" -- "$METERCTL" -f json learn --from "$TMP/locked.trace" --trace "$TMP/shown.trace" \
	--value network.apn=@env:CODE -o secret.yaml
unlike "$OUT$ERR$(cat secret.yaml "$TMP/shown.trace")" 'cmiot|6D 63 6F 69|6D63' "is nowhere"
like "$(cat "$TMP/shown.trace")" '12 34' "the frames beside it are"
exits 2 "a secret on the command line" -- "$METERCTL" learn --from "$TMP/locked.trace" --value network.apn.password=x -o x.yaml
exits 2 "no frames" -- "$METERCTL" learn --value network.apn=x -o x.yaml
exits 2 "nobody to ask" -- "$METERCTL" learn --from "$TMP/locked.trace" -o x.yaml
exits 2 "between without a place for the tool" -- "$METERCTL" learn --between rtu:/dev/null --value network.apn=x -o x.yaml

# ---- beside a serial server: it hands over what it hears
cat >"$TMP/server.py" <<'PY'
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
print("ready", s.getsockname()[1], flush=True)
c, _ = s.accept()
for line in open(sys.argv[1]):
    c.sendall(bytes.fromhex(line.split(" ", 2)[2]))
print("heard", c.recv(1), flush=True)
PY
start server "$PYTHON" "$TMP/server.py" "$TMP/locked.trace"
line_of server 'ready ([0-9]+)' || give_up "no server"
exits 0 "it ends when all is found and the line is silent" -- "$METERCTL" learn --tap "rtutcp:127.0.0.1:${BASH_REMATCH[1]}" \
	--value network.apn=cmiot -o tap.yaml
like "$(cat tap.yaml)" 'at: 0x2000' "with the place"
line_of server "heard b''"
ok $? "not a byte was sent"

start server "$PYTHON" "$TMP/server.py" "$TMP/locked.trace"
line_of server 'ready ([0-9]+)' || give_up "no server"
start ear "$METERCTL" -v learn --tap "rtutcp:127.0.0.1:${BASH_REMATCH[1]}" --value network.apn=cmiot --value network.topic=none -o int.yaml
EAR=$PID
wait_for grep -q "hearing" "$TMP/ear.err"
stop_pid "$EAR" INT
is "$RC" 130 "interrupted before all is found"

done_testing
