#!/usr/bin/env bash
# Every setting of the ADW300 that has a worked frame, written into a slave by
# pymodbus and read back with mbpoll after meterctl has ended: function 16 once,
# and the words the frame carries. Then what is refused before the wire.
. "$(dirname "$0")/../tap.sh"

LOG=$TMP/requests
export KEY_CODE=1234 OTHER_CODE=7391

# KEY=VALUE[, KEY=VALUE]|ADDRESS|WORDS: what each frame of the settings chapters
# (manual 6.2, 6.3; assumed codings as meterctl-profile(5) lists them) carries.
# Two settings in one row share a word, and so a frame.
settings() {
	cat <<-'END'
	lora.sf=9|0002|0009
	lora.channel=20|0003|0014
	display.backlight_time=60|0007|003C
	security.code=@env:KEY_CODE|0008|04D2
	security.code=@env:OTHER_CODE|0008|1CDF
	ratio.pt=100|000E|0064
	ratio.pt=1|000E|0001
	ratio.pt=10kV/100V|000E|0064
	ratio.ct=1|000F|0001
	ratio.ct=200/5|000F|0028
	clock=2025-03-14 09:26:53|0011|351A 090E 0319
	freeze.time=1 00:00|01C0|0001
	freeze.time=25 23:00|01C0|1719
	demand.cycle=30min|01C4|0002
	demand.cycle=45min|01C4|0003
	demand.cycle=60min|01C4|0004
	demand.cycle=15min|01C4|0001
	do.1=1|01C2|0001
	do.1=0|01C2|0000
	do.2.on=1|01C3|0001
	di.1.normal_state=normally-closed|01DD|0001
	di.1.normal_state=normally-open|01DD|0000
	di.1.linked_do=DO2|01DE|0002
	di.1.linked_do=none|01DE|0000
	di.2.normal_state=normally-closed|01DF|0001
	di.2.linked_do=DO1|01E0|0001
	di.3.normal_state=normally-closed|01E1|0001
	di.3.linked_do=DO1|01E2|0001
	di.4.normal_state=normally-closed|01E3|0001
	di.4.linked_do=DO2|01E4|0002
	do.1.mode=pulse|01E5|0001
	do.1.source=any-alarm|01E6|0001
	do.1.pulse_width=2|01E7|0002
	do.2.mode=pulse|01E8|0001
	do.2.source=di1+di2|01E9|0005
	do.2.pulse_width=5|01EA|0005
	alarm1.voltage.over.threshold=253.0|01D1|09E2
	alarm1.voltage.over.delay=5|01D2|01F4
	alarm1.voltage.under.threshold=198|01D3|07BC
	alarm1.voltage.under.delay=5.00|01D4|01F4
	alarm1.current.over.threshold=5.50|01D5|0226
	alarm1.current.over.delay=10|01D6|03E8
	alarm1.current.under.threshold=0.05|01D7|0005
	alarm1.current.under.delay=655.35|01D8|FFFF
	alarm1.power.over.threshold=65.535|01D9|FFFF
	alarm1.power.over.delay=0.02|01DA|0002
	alarm1.power.under.threshold=0.003|01DB|0003
	alarm1.power.under.delay=1|01DC|0064
	alarm1.enable.overvoltage=1 alarm1.enable.undervoltage=1 alarm1.enable.overcurrent=1|01D0|0007
	alarm1.enable.outage-report=1|01D0|8007
	alarm1.enable=7|01D0|0007
	alarm2.pf.total.threshold=0.900|021E|0384
	alarm2.pf.total.delay=60|021F|1770
	alarm2.temperature.a.threshold=80.0|0220|0320
	alarm2.temperature.b.threshold=80|0222|0320
	alarm2.temperature.c.threshold=80|0224|0320
	alarm2.temperature.n.threshold=80|0226|0320
	alarm2.thd.voltage.a.threshold=5|0228|01F4
	alarm2.thd.voltage.b.threshold=5|022A|01F4
	alarm2.thd.voltage.c.threshold=5|022C|01F4
	alarm2.thd.current.a.threshold=5|022E|01F4
	alarm2.thd.current.b.threshold=5|0230|01F4
	alarm2.thd.current.c.threshold=5|0232|01F4
	alarm2.unbalance.voltage.threshold=5|0234|01F4
	alarm2.unbalance.current.threshold=5|0236|01F4
	alarm2.enable.pf-low-total=1 alarm2.enable.unbalance-current=1|0216|8008
	alarm3.demand.active.import.threshold=100|0238|0001 86A0
	alarm3.demand.active.import.delay=1|023A|0064
	alarm3.demand.active.export.threshold=100|023B|0001 86A0
	alarm3.demand.reactive.import.threshold=100|023E|0001 86A0
	alarm3.demand.reactive.export.threshold=100|0241|0001 86A0
	alarm3.current.residual.threshold=0.030|0244|0000 001E
	alarm3.demand.apparent.threshold=100|0247|0001 86A0
	alarm3.enable.demand-active-import=1|0217|0001
	alarm3.enable.demand-apparent=1|0217|0011
	protocol.select=power-om|01F0|0001
	protocol.select=electrical-safety|01F0|0000
	tou.zones=01-01 table1, 06-01 table2, 10-01 table1|0167|0101 0102 0106 0101 0A00 0000
	tou.table1=00:00 valley, 08:00 flat, 18:00 peak, 22:00 flat|016D|0400 0003 0008 0200 1203 0016 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000
	tou.table2=00:00 sharp, 23:59 valley|0182|0100 0004 3B17 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000
	tou.table3=00:00 flat, 01:00 peak, 02:00 flat, 03:00 peak, 04:00 flat, 05:00 peak, 06:00 flat, 07:00 peak, 08:00 flat, 09:00 peak, 10:00 flat, 11:00 peak, 12:00 flat|0201|0300 0002 0001 0300 0202 0003 0300 0402 0005 0300 0602 0007 0300 0802 0009 0300 0A02 000B 0300 0C00 0000
	tou.table3=00:00 flat|0201|0300 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000
	tou.table3=00:00 peak|0201|0200 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000
	comm.frame=8E1|0004|0100
	comm.frame=8O1|0004|0200
	comm.frame=8N2|0004|0001
	comm.frame=8N1|0004|0000
	comm.baud=1200|0001|0001
	comm.baud=2400|0001|0002
	comm.baud=4800|0001|0003
	comm.baud=9600|0001|0004
	comm.address=5|0000|0005
	END
}

# Where the stored set would hold what is written, or what nobody could take for
# a calendar, the slave begins with something else.
# shellcheck disable=SC2054 # the commas are between words
BEFORE=(0x0=1 0x1=4 0x2=6 0x3=0 0x4=0 0x7=1 0x8=1 0xE=1 0xF=28 clock=binary
	0x1C0=0F0F 0x1C2=0,0,1 0x1D0=0,1,1,1,1,1,1,1,1,1,1,1,1
	0x1DD=0,0,0,0,0,0,0,0,0,0,0,0,0,0 0x1F0=0
	0x167=301,102,104,10C,0A00,0 0x216=0,0 0x220=1 0x222=1 0x224=1 0x226=1)

# words ADDRESS COUNT: what stands there by mbpoll, "0001 86A0"
words() {
	mbpoll -0 -1 -t 4:hex -r "$((16#$1))" -c "$2" "${POLL[@]}" </dev/null 2>&1 |
		sed -n 's/^\[[0-9]*\]:[[:blank:]]*0x\([0-9A-F]*\).*/\1/p' | paste -sd' '
}

# write_all NAME TARGET: POLL is how mbpoll finds the same slave
write_all() {
	local name=$1 target=$2 wishes addr want count was n
	local -a keys

	while IFS='|' read -r wishes addr want; do
		keys=("$wishes")
		[[ $wishes == *=*' '*=* ]] && read -ra keys <<<"$wishes"
		count=$(wc -w <<<"$want")
		was=$(wc -l <"$LOG")
		exits 0 "$name: set $wishes" -- "$METERCTL" -c "$target" -t 1000 -r 2 -f json -q \
			set --yes --allow-switching --allow-provisional "${keys[@]}"
		n=$(grep -o '"state":"verified"' <<<"$OUT" | wc -l)
		is "$n, $(sed -n 's/.*"result":"\([a-z]*\)".*/\1/p' <<<"$OUT")" "${#keys[@]}, ok" "verified"
		is "$(tail -n +$((was + 1)) "$LOG" | sed -n 's/^w //p')" "10 $addr $want" "function 16, once, with these words"
		is "$(words "$addr" "$count")" "$want" "and they stand there"
	done < <(settings)
}

# The fields of the steps just printed, and of every row of the journal.
step() {
	"$PYTHON" -c 'import json, sys
for s in json.load(sys.stdin)["steps"]:
    print(s["before"], s["want"], s["after"], s["state"])' <<<"$OUT"
}

journal() {
	"$METERCTL" -f json journal --all | "$PYTHON" -c 'import json, sys
for e in json.load(sys.stdin)["entries"]:
    print(e["key"], e["before"], e["want"], e["after"], e["state"])'
}

# ---- over a serial line ------------------------------------------------------

pty_pair || give_up "socat made no pair of ports"
start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$PORT_A" --log "$LOG" "${BEFORE[@]}"
line_of slave ready || give_up "no RTU slave"
RTU="rtu:$PORT_B"
POLL=(-m rtu -a 1 -b 9600 -P none "$PORT_B")

exits 0 "set ratio.ct=60" -- "$METERCTL" -c "$RTU" set ratio.ct=60 --yes -f json
is "$(step)" "40 60 60 verified" "before 40, want 60, after 60, verified"
is "$(grep '^w' "$LOG")" "w 10 000F 003C" "written by function 16, once"
is "$(words 000F 1)" "003C" "register 15 holds 60"
is "$(journal)" "ratio.ct 40 60 60 verified" "and so says the journal"
exits 0 "a second time" -- "$METERCTL" -c "$RTU" set ratio.ct=60 --yes -f json
is "$(step)" "60 60 None unchanged" "is unchanged"
is "$(grep -c '^w' "$LOG")" 1 "and writes nothing"
is "$(journal | wc -l)" 1 "nor does the journal have more"

# refused before the wire: no request, of any kind
refused() {	# refused CODE REGEX ARGS...
	local code=$1 regex=$2 was

	shift 2
	was=$(wc -l <"$LOG")
	exits "$code" "set $*: exit $code" -- "$METERCTL" -c "$RTU" --trace "$TMP/trace" set --yes "$@"
	one_line "$ERR" "in a line"
	like "$ERR" "$regex" "that says why"
	is "$OUT" "" "and no result"
	is "$(($(wc -l <"$LOG") - was)) $(grep -c ' > ' "$TMP/trace" 2>/dev/null)" "0 0" "nothing on the wire"
	rm -f "$TMP/trace"
}
: >"$TMP/trace"
refused 7 'ratio.ct.*1' ratio.ct=0
refused 7 'comm.address.*1.*247' comm.address=300
refused 2 nosuch nosuch=1
refused 2 voltage.a voltage.a=1
refused 2 'ratio.ct' ratio.ct=many
refused 2 'reserved' reserved.0005=0000
refused 2 twice ratio.ct=60 ratio.ct=70
refused 7 'breaker' do.1=1
refused 7 'provisional|published' network.apn=internet
like "$ERR" 'profile' "and where the supplier's address goes"
refused 7 'allow-provisional' 'tou.table1=00:00 flat'
refused 7 'allow-provisional' clock=now
refused 2 'no value.*ascending' --allow-provisional 'tou.table1=08:00 flat, 07:00 peak'
refused 7 'read-only' --read-only ratio.ct=50
refused 7 'ratio.ct' ratio.ct=40 ratio.ct=0
exits 7 "without --yes, and nobody to ask" -- "$METERCTL" -c "$RTU" set ratio.ct=50
like "$ERR" 'not confirmed' "is not confirmed"
exits 0 "--dry-run" -- "$METERCTL" -c "$RTU" set ratio.ct=50 --dry-run -f json
is "$(step)" "60 50 None planned" "only plans"
is "$(grep -c '^w' "$LOG")" 1 "nothing has been written by all that"

write_all RTU "$RTU"

# where the registers turn out to hold something else than the point should
exits 0 "what is no season" -- mbpoll -0 -1 -t 4:hex -r 0x167 "${POLL[@]}" 0xFFFF 0xFFFF
exits 7 "tou.zones over what is no calendar" -- "$METERCTL" -c "$RTU" set --yes --allow-provisional 'tou.zones=01-01 table1'
is "$(words 0167 2)" "FFFF FFFF" "is not written"
exits 5 "an address the slave does not have" -- "$METERCTL" -c "$RTU" set --yes --allow-provisional network.qos=1
like "$ERR" 'exception 2|illegal data address' "the slave's own reason"

# bits leave their neighbours as they stand
exits 0 "a word of bits" -- mbpoll -0 -1 -t 4:hex -r 0x1D0 "${POLL[@]}" 0xC0C1 0x09E2
exits 0 "one bit on, one off, in one write" -- "$METERCTL" -c "$RTU" set --yes alarm1.enable.undervoltage=1 alarm1.enable.overvoltage=0
is "$(words 01D0 1)" "C0C2" "and the others as they were"
is "$(tail -n 5 "$LOG" | grep -c '^w')" 1 "one frame"

# secrets: nowhere but on the wire
cat "$XDG_STATE_HOME"/meterctl/journal.db* >"$TMP/journal.raw"
is "$(journal | grep '^security' | sort -u)" "security.code ******** ******** ******** verified" "the journal does not know the code"
exits 1 "neither in clear in its file" -- grep -aq 7391 "$TMP/journal.raw"
stop_pid "$PID"

# ---- a clock in BCD ------------------------------------------------------------

start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$PORT_A" --log "$LOG" clock=bcd
line_of slave ready || give_up "no RTU slave"
for moment in '2025-03-14 09:26:53|5326 0914 0325' '2026-01-02 03:04:05|0504 0302 0126'; do
	exits 0 "a clock that runs in BCD: ${moment%|*}" -- "$METERCTL" -c "$RTU" -f json \
		set --yes --allow-provisional "clock=${moment%|*}"
	is "$(words 0011 3)" "${moment#*|}" "is set in BCD"
	like "$OUT" "\"after\":\"${moment%|*}\".*verified" "and verified"
	stop_pid "$PID"
	start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$PORT_A" --log "$LOG" clock=bcd
	line_of slave ready || give_up "no RTU slave"
done
stop_pid "$PID"

# ---- clock=now -----------------------------------------------------------------

start slave "$PYTHON" "$PEER/slave_pymodbus.py" rtu "$PORT_A" --log "$LOG" 0x11=351A,90E,319
line_of slave ready || give_up "no RTU slave"
exits 0 "clock=now" -- "$METERCTL" -c "$RTU" -f json set --yes --allow-provisional clock=now
"$PYTHON" - "$(words 0011 3)" <<'END'
import datetime, sys
b = bytes.fromhex(sys.argv[1])
then = datetime.datetime(2000 + b[5], b[4], b[3], b[2], b[1], b[0])
assert abs((datetime.datetime.now() - then).total_seconds()) < 60, then
END
ok $? "is the laptop's own time"
stop_pid "$PID"

# ---- over TCP --------------------------------------------------------------------

port=$(free_port)
start tcp "$PYTHON" "$PEER/slave_pymodbus.py" tcp "$port" --log "$LOG" "${BEFORE[@]}"
line_of tcp ready || give_up "no TCP slave"
POLL=(-m tcp -a 1 -p "$port" 127.0.0.1)
write_all TCP "tcp:127.0.0.1:$port"

# ---- backup, change, restore, diff -----------------------------------------------

T="tcp:127.0.0.1:$port"
exits 0 "backup" -- "$METERCTL" -c "$T" backup -o "$TMP/a.yaml"
exits 0 "diff at once" -- "$METERCTL" -c "$T" diff "$TMP/a.yaml"
exits 0 "three settings changed" -- "$METERCTL" -c "$T" set --yes ratio.ct=120 demand.cycle=60min alarm1.voltage.over.threshold=260
exits 1 "diff says so" -- "$METERCTL" -c "$T" diff "$TMP/a.yaml"
was=$(wc -l <"$LOG")
exits 0 "restore" -- "$METERCTL" -c "$T" restore "$TMP/a.yaml" --yes -f json
is "$(tail -n +$((was + 1)) "$LOG" | sed -n 's/^w //p' | sort)" "10 000F 0028
10 01C4 0001
10 01D1 09E2" "the three are written, and nothing else"
exits 0 "diff: none" -- "$METERCTL" -c "$T" diff "$TMP/a.yaml"
exits 0 "apply, now" -- "$METERCTL" -c "$T" apply "$TMP/a.yaml" --yes
is "$(tail -n +$((was + 1)) "$LOG" | grep -c '^w')" 3 "writes nothing"

# ---- a meter that is written by function 06 ---------------------------------------

cat >"$TMP/by06.yaml" <<'END'
profile: by06
extends: adw300
write: {function: 6}
END
was=$(wc -l <"$LOG")
exits 0 "by function 06" -- "$METERCTL" -p "$TMP/by06.yaml" -c "$T" set --yes ratio.ct=60 demand.cycle=30min
is "$(tail -n +$((was + 1)) "$LOG" | sed -n 's/^w //p')" "06 000F 003C
06 01C4 0002" "each is written once, by 06"
is "$(words 000F 1) $(words 01C4 1)" "003C 0002" "and stands there"
was=$(wc -l <"$LOG")
exits 7 "three registers" -- "$METERCTL" -p "$TMP/by06.yaml" -c "$T" set --yes --allow-provisional ratio.ct=50 clock=now
one_line "$ERR" "in a line"
like "$ERR" "'clock' has 3 registers.*at most 1 in one write \(function 06\)" "that says why"
exits 2 "raw write of two" -- "$METERCTL" -p "$TMP/by06.yaml" -c "$T" raw write --yes 15 60 61
is "$(tail -n +$((was + 1)) "$LOG")" "" "nothing on the wire"

done_testing
