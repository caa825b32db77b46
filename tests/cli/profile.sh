#!/usr/bin/env bash
# profile list, show and check, and a person's own profiles.
. "$(dirname "$0")/../tap.sh"

FOLDER=$XDG_CONFIG_HOME/meterctl/profiles

exits 0 "list" -- "$METERCTL" profile list
like "$OUT" '^adw300 .*ADW300' "has the adw300"
like "$OUT" '^sdm630 ' "and the sdm630"
exits 0 "list as JSON" -- "$METERCTL" -f json profile list
"$PYTHON" -c 'import json,sys; assert "adw300" in open(sys.argv[1]).read(); json.load(open(sys.argv[1]))' "$TMP/out"
ok $? "is JSON"

exits 0 "show" -- "$METERCTL" profile show
like "$OUT" 'voltage\.a' "has the points"
exits 0 "show a key" -- "$METERCTL" profile show demand.cycle
for word in 01C4 15min 60min; do
	like "$OUT" "$word" "says $word"
done
unlike "$OUT" 'voltage' "and nothing of other points"
exits 0 "show an ambiguous one" -- "$METERCTL" profile show comm.baud
like "$OUT" '3400' "says what the doubt is"
exits 0 "show as CSV" -- "$METERCTL" -f csv profile show adw300
"$PYTHON" - "$TMP/out" "$PEER" <<'EOF'
import csv, sys
sys.path.insert(0, sys.argv[2])
import registers
rows = {r["key"]: r for r in csv.DictReader(open(sys.argv[1], newline=""))}
for p in registers.main_map() + registers.extremes(0) + registers.history(0):
    r = rows[p.key]
    got = (int(r["address"], 0), int(r["words"]), r["unit"])
    assert got == (p.addr, p.words, p.unit), (p.key, got)
EOF
ok $? "address, words and unit of every point agree with the register table of the tests"
exits 0 "show another profile" -- "$METERCTL" profile show sdm630
like "$OUT" 'f32' "of float32 values"
exits 2 "show an unknown key" -- "$METERCTL" profile show voltage.d
one_line "$ERR" "one line"
exits 2 "an unknown word" -- "$METERCTL" profile lsit
one_line "$ERR" "one line"

for file in "$TOP"/src/profiles/*.yaml; do
	name=$(basename "$file" .yaml)
	[ "$name" != keys ] || continue
	exits 0 "check $name" -- "$METERCTL" profile check "$name"
	is "$ERR" "" "$name: without a warning"
	exits 0 "check its file" -- "$METERCTL" profile check "$file"
	is "$ERR" "" "its file: without a warning"
done
for file in "$TOP"/src/dialects/*.yaml; do
	name=$(basename "$file" .yaml)
	exits 0 "check the dialect $name" -- "$METERCTL" -v profile check "$name"
	is "$ERR" "" "$name: without a warning, every item proven by a vector"
	exits 0 "check its file" -- "$METERCTL" profile check "$file"
done
for name in overlay overlay-network; do
	exits 0 "check the example $name" -- "$METERCTL" profile check "$TOP/tests/data/$name.yaml"
	is "$ERR" "" "$name: without a warning"
done

# ---- keys and units that others will not understand
cat >"$TMP/words.yaml" <<'END'
profile: words
extends: sdm630
groups:
  - group: voltage
    points:
      - {key: volage.a, at: 0x1000, name: A misspelt key}
      - {key: voltage.b, unit: kV}
      - {key: voltage.c, note: "as it was"}
  - group: harmonics
    title: Harmonics
    unit: "%"
    repeat: {count: 3, stride: 0x100}
    points:
      - {key: harmonic.voltag.a, at: 0x2000, array: {from: 2, count: 30}, name: Many points of one line}
      - {key: alarm9.status, at: 0x2040, unit: "", type: bits, bits: ["0=overvoltage", "1=undervoltage"], name: A word}
      - {key: zzz, at: 0x2041, unit: "", name: Nothing like it}
      - {key: frequency, at: 0x2042, unit: "", name: Without unit}
      - {key: pf.n, at: 0x2043, name: With the unit of its group}
      - {key: ratio.ct, at: 0x2044, name: With the unit of its group}
END
exits 0 "check a profile of other words" -- "$METERCTL" profile check "$TMP/words.yaml"
is "$(grep -c . <<<"$ERR")" 8 "each is said once"
like "$ERR" "words\.yaml:6:15: key 'volage\.a' is not in the vocabulary \(did you mean 'voltage\.a'\?\)" "a key, where, and the nearest"
like "$ERR" "words\.yaml:7:15: 'voltage\.b' is in 'kV', in the vocabulary it is in 'V'" "a unit"
like "$ERR" "words\.yaml:14:15: .*'harmonic\.voltag\.a\.2'.*'harmonic\.voltage\.a\.2'" "an array"
like "$ERR" "words\.yaml:15:15: .*'alarm9\.status'.*'alarm[123]\.status'" "a word of bits"
like "$ERR" "words\.yaml:16:15: key 'zzz' is not in the vocabulary\$" "one that is near to none"
like "$ERR" "words\.yaml:17:15: 'frequency' has no unit, in the vocabulary it is in 'Hz'" "a unit that is missing"
like "$ERR" "words\\.yaml:19:15: 'ratio\\.ct' is in '%', in the vocabulary it has no unit" "a unit too many"
exits 0 "-q" -- "$METERCTL" -q profile check "$TMP/words.yaml"
is "$ERR" "" "says nothing of it"
exits 0 "a point of it" -- "$METERCTL" -p "$TOP/tests/data/overlay-network.yaml" -f csv profile show network.apn
like "$OUT" '^network\.apn,APN,network,8192,20,holding,string,.*,manual,' "stands where the supplier says, no longer provisional"

# ---- a person's own
cat >"$FOLDER/mine.yaml" <<'EOF'
profile: mine
title: A meter of mine
source: its label
groups:
  - group: voltage
    title: Voltages
    type: u16
    scale: 0.01
    unit: V
    access: r
    from: public
    section: label
    points:
      - {key: voltage.a, at: 0x0100, name: Voltage A}
live: [voltage.a]
vectors:
  - {at: 0x0100, regs: [0x5A3C], expect: ["voltage.a=231.00"]}
EOF
exits 0 "check one's own" -- "$METERCTL" profile check "$FOLDER/mine.yaml"
exits 0 "by its name" -- "$METERCTL" profile check mine
exits 0 "list has it" -- "$METERCTL" profile list
like "$OUT" '^mine ' "by name"
exits 0 "read with it" -- "$METERCTL" -p mine -c sim:frozen read
like "$OUT" '^voltage\.a +[0-9]+\.[0-9]{2} V' "by its scale"

cat >"$FOLDER/extended.yaml" <<'EOF'
profile: extended
extends: adw300
title: ADW300 with a point more
source: a test
groups:
  - group: voltage
    title: Voltages
    points:
      - {key: voltage.a, at: 0x0014, type: u16, scale: 0.01, unit: V, from: public, section: test, name: Finer voltage}
EOF
exits 0 "extends" -- "$METERCTL" -p extended -f csv profile show voltage.a frequency
like "$OUT" '^voltage\.a,Finer voltage,' "overrides a point"
like "$OUT" '^frequency,' "and keeps the others"
for by in any 6 16; do
	sed "/^live:/i write: {function: $by}" "$FOLDER/mine.yaml" >"$TMP/by.yaml"
	exits 0 "write by $by" -- "$METERCTL" -f json profile show "$TMP/by.yaml"
	like "$OUT" "\"write\":\{\"most\":[0-9]+,\"function\":\"$by\"\}" "is shown"
done
cat >"$TMP/marks.yaml" <<'EOF'
profile: marks
none: {u16: [0xFFFF], i64: [0x7FFFFFFFFFFFFFFF]}
groups:
  - group: voltage
    title: Voltages
    unit: V
    points:
      - {key: voltage.a, at: 0x10, name: Voltage A, none: [0xFFFE]}
      - {key: voltage.b, at: 0x11, name: Voltage B, type: i64, order: CDAB, scale: 0.001, offset: 1}
      - {key: voltage.c, at: 0x15, name: Voltage C, type: f32}
      - {key: voltage.sf, at: 0x18, name: Exponent, type: i16, unit: ""}
      - {key: voltage.ab, at: 0x17, name: Voltage A-B, exponent: voltage.sf}
vectors:
  - {at: 0x17, regs: [3991, 0xFFFF], expect: [voltage.ab=399.1]}
  - {at: 0x17, regs: [39, 1], expect: [voltage.ab=390]}
  - {at: 0x10, regs: [0xFFFE, 0xFFFF, 0xFFFF, 0xFFFF, 0x7FFF, 0x4366, 0x3333],
     expect: [voltage.a=absent, voltage.b=absent, voltage.c=230.2]}
EOF
exits 0 "orders, offsets, codes of no value" -- "$METERCTL" profile check "$TMP/marks.yaml"
exits 0 "are shown" -- "$METERCTL" -f json profile show "$TMP/marks.yaml"
like "$OUT" '"none":\["0xFFFE"\]' "a code"
like "$OUT" '"order":"CDAB"' "an order"
exits 0 "of a point" -- "$METERCTL" -p "$TMP/marks.yaml" profile show voltage.b
like "$OUT" '^  order +CDAB$' "its order"
like "$OUT" 'raw x 0\.001 \+ 1 in V' "its offset"
like "$OUT" '^  no value +0x7FFFFFFFFFFFFFFF$' "and its code"
exits 0 "of another" -- "$METERCTL" -p "$TMP/marks.yaml" profile show voltage.ab
like "$OUT" '^  exponent +voltage\.sf$' "what scales it"
sed '/regs: \[39, 1\]/s/39, 1/39/' "$TMP/marks.yaml" >"$TMP/bad.yaml"
exits 1 "without it in the vector" -- "$METERCTL" profile check "$TMP/bad.yaml"
like "$ERR$OUT" "the vector does not hold 'voltage.sf'" "nothing can be said"
exits 0 "as a table" -- "$METERCTL" profile show sdm630
like "$OUT" 'written by 10H or 06' "too"
like "$OUT" '^factory setting: 9600 8N1 unit 1$' "with the factory setting of its line"
like "$OUT" '^identified: holding 0xFC02 is 0x0070: SDM630$' "and what tells it from others"
sed '/^live:/i line: {baud: [19200, 9600], frame: [8E1], pause: 100 ms}\nidentify: [{at: 7, in: [5, 6], model: Mine}]' "$FOLDER/mine.yaml" >"$TMP/line.yaml"
exits 0 "a line and a rule" -- "$METERCTL" -f json profile show "$TMP/line.yaml"
like "$OUT" '"line":\{"baud":\[19200,9600\],"frame":\["8E1"\],"unit":\[\],"pause_ms":100,"answer_ms":null\}' "are shown"
like "$OUT" '"identify":\[\{"at":7,"space":"holding","type":"u16","words":1,"in":\["5","6"\],"model":"Mine"\}\]' "both"
sed -e '/^live:/i write: {function: 6}' -e 's/access: r/access: rw/; s/u16/u32/; s/0x5A3C/0, 0x5A3C/' "$FOLDER/mine.yaml" >"$TMP/by.yaml"
exits 0 "two registers by function 06" -- "$METERCTL" profile check "$TMP/by.yaml"
sed -i '/voltage.a, at/a\      - {key: clock, at: 0x0200, type: clock, scale: 1, unit: "", name: Clock}' "$TMP/by.yaml"
exits 1 "a clock" -- "$METERCTL" profile check "$TMP/by.yaml"
like "$ERR$OUT" "clock.*takes 3 words, a write carries 1" "is found"
cp "$TOP/src/profiles/adw300.yaml" "$FOLDER/adw300.yaml"
sed -i 's/^title: .*/title: my own ADW300/' "$FOLDER/adw300.yaml"
exits 0 "a file of the same name" -- "$METERCTL" profile list
like "$OUT" '^adw300 .*my own' "wins over the built-in one"
rm "$FOLDER/adw300.yaml"

# ---- what is wrong with a file is said by line and column
# wrong NAME REGEX SED-SCRIPT: mine.yaml, spoilt
wrong() {
	sed "$3" "$FOLDER/mine.yaml" >"$TMP/bad.yaml"
	run "$METERCTL" profile check "$TMP/bad.yaml"
	case $RC in 1 | 2) true ;; *) false ;; esac
	ok $? "$1: refused" || diag "exit $RC"
	like "$ERR$OUT" "bad\.yaml:[0-9]+:?[0-9]*.*|finding" "$1: says where"
	like "$ERR
$OUT" "$2" "$1: says what"
}
wrong "not YAML" . 's/live: .voltage.a./live: [voltage.a/'
wrong "unknown field" "'colour'" 's/unit: V/colour: red/'
wrong "unknown type" "'u17'" 's/u16/u17/'
wrong "no speed" "'9601' is none of" 's/^live:/line: {baud: [9601]}\nlive:/'
wrong "a rule for everybody" "all 0 or all FFFF" 's/^live:/identify: [{at: 1, in: [0, 1], model: X}]\nlive:/'
exits 2 "export without a form" -- "$METERCTL" profile export sdm120
exits 2 "to a form that is none" -- "$METERCTL" profile export --to fhem sdm120
like "$ERR" "'fhem' is not a form to export to: homeassistant, telegraf" "which there are"
exits 0 "export to modpoll" -- "$METERCTL" -c 'rtu:/dev/ttyS7?baud=2400&unit=5' profile export --to modpoll sdm120 voltage.a meter.serial
is "$OUT" "device,sdm120,5
poll,holding_register,64512,2,BE_BE
ref,meter.serial,64512,uint32,r,,1
poll,input_register,0,2,BE_BE
ref,voltage.a,0,float32,r,V,1" "in its order"
exits 0 "to Home Assistant, over RTU" -- "$METERCTL" -c 'rtu:/dev/ttyS7?baud=2400&unit=5' profile export --to homeassistant sdm120 voltage.a
like "$OUT" '^    port: /dev/ttyS7$' "its port"
like "$OUT" '^    baudrate: 2400$' "its speed"
exits 1 "what a form cannot express at all" -- "$METERCTL" profile export --to evcc sdm120 comm.address
like "$ERR" "'comm.address' is left out" "is said"
exits 2 "registers that are found in each meter" -- "$METERCTL" profile export --to evcc sunspec203
exits 0 "what is proven" -- "$METERCTL" -v profile check adw300
like "$OUT" 'adw300: [0-9]+ of [0-9]+ points are proven by a vector' "is counted"
like "$ERR" 'not proven by a vector: ' "and what is not, named"
wrong "a base without a model" "needs find, at and model" 's/^live:/base: {find: SunS, at: 40000}\nlive:/'
wrong "a mark that is no registers" "two a register" 's/^live:/base: {find: Sun, at: 0, model: 203}\nlive:/'
wrong "no address" . 's/at: 0x0100, name/name/'
wrong "address beyond the space" . 's/at: 0x0100, name/at: 0x10000, name/'
wrong "scale is no number" "'tenth'" 's/scale: 0.01/scale: tenth/'
wrong "live names no point" "'voltage.z'" 's/live: .voltage.a./live: [voltage.z]/'
wrong "a vector that does not hold" '231' 's/0x5A3C/0x5A3D/'
wrong "no name of its own" . '/^profile:/d'
wrong "extends what is not there" "'nothing'" 's/^title:.*/extends: nothing\ntitle: x/'
cat >"$TMP/overlap.yaml" <<'EOF'
profile: overlap
title: Two points on one register
source: a test
groups:
  - group: g
    title: G
    type: u32
    from: public
    section: test
    points:
      - {key: a.one, at: 1, name: One}
      - {key: a.two, at: 2, name: Two}
EOF
run "$METERCTL" profile check "$TMP/overlap.yaml"
[ "$RC" -ne 0 ] && [ "$RC" -le 2 ]
ok $? "points that overlap are found"
like "$OUT$ERR" 'a\.(one|two)' "and named"
exits 2 "a file that is not there" -- "$METERCTL" profile check "$TMP/none.yaml" ||
	diag "(1 would do as well)"
: >"$TMP/empty.yaml"
run "$METERCTL" profile check "$TMP/empty.yaml"
[ "$RC" -ne 0 ] && [ "$RC" -le 2 ]
ok $? "an empty file is no profile"
exits 2 "-p with a broken file" -- "$METERCTL" -p "$TMP/bad.yaml" -c sim: read
like "$ERR" 'bad\.yaml' "names it"

done_testing
