#!/usr/bin/env bash
# The commissioning report: written whole, loads nothing, sealed; hostile names; what
# the journal knows of the meter.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/mosquitto.sh
. "$(dirname "$0")/../mosquitto.sh"
cd "$TMP" || give_up "no $TMP"

start sim "$METERCTL" simulate frozen,ct=40,ct-swapped=ac --pty "$TMP/port"
wait_for test -e "$TMP/port" || give_up "no simulator"
TARGET=rtu:$TMP/port

# changed AT OLD NEW: a copy with that one byte another; verify must say so
changed() {
	"$PYTHON" - "$1" "$2" <<'END'
import sys
name, where = sys.argv[1:]
data = bytearray(open("r.html", "rb").read())
i = data.index(where.encode()) + len(where) - 1
data[i] ^= 1
open(name, "wb").write(data)
END
	run "$METERCTL" report --verify "$1"
	[ "$RC" -eq 1 ] && [ -z "$ERR" ]
}

# ---- one is written
exits 0 "a setting is changed" -- "$METERCTL" -c "$TARGET" set demand.cycle=30min --yes
exits 0 "and again" -- "$METERCTL" -c "$TARGET" set demand.cycle=15min --yes
exits 0 "one that has to be allowed" -- "$METERCTL" -c "$TARGET" set 'tou.table1=00:00 flat' --allow-provisional --yes
exits 0 "the address" -- "$METERCTL" -c "$TARGET" set comm.address=7 --yes
TARGET="$TARGET?unit=7"
exits 0 "report -o" -- "$METERCTL" -c "$TARGET" report -o r.html --site-name 'Station West' \
	--technician 'A. B.' --note 'first visit' --nameplate-ct 200/5 --clamp a=140,b=110
is "$OUT" "" "nothing on stdout"
like "$ERR" "the report is in 'r.html'" "says where it is"
is "$(echo r.html*)" r.html "no other file is left"
is "$(stat -c %a r.html)" "$(printf '%o' $((0666 & ~0$(umask))))" "it can be handed on: others may read it as the umask has it"
html=$(cat r.html)
for said in 'Station West' 'A. B.' 'first visit' 'ct-swapped on a and c' 'Wiring: FAIL: something is wrong: ct-swapped on a and c' 'the meter holds it' \
	'CT 40 does not fit' '<svg class="phasors"' '<svg class="bars"' 'No proof of the wireless uplink' \
	'tou.table1 was written although its register is not published' 'Acrel ADW300 manual'; do
	grep -qF -- "$said" r.html
	ok $? "says: $said"
done
like "$html" '<td>demand.cycle</td><td class="t">15min</td><td class="t">15min</td><td class="t">15min</td><td>verified' \
	"before the first write and after the last, under the address it had then"
like "$html" '<td>comm.address</td><td class="t">1</td><td class="t">7</td><td class="t">7</td>' "and the address itself"
unlike "${html%%<script*}" '(https?:|src=|href=|@import|<link|<iframe|//)' "loads nothing from anywhere"
is "$(grep -c '<script' r.html)" 1 "one script element, which is data"
"$PYTHON" - <<'END'
import hashlib, html.parser, json, re
text = open("r.html", encoding="utf-8").read()
class P(html.parser.HTMLParser):
	void = {"meta", "br", "img"}
	def __init__(self):
		super().__init__()
		self.open = []
	def handle_starttag(self, tag, attrs):
		if tag not in self.void:
			self.open.append(tag)
	def handle_startendtag(self, tag, attrs):
		pass
	def handle_endtag(self, tag):
		assert self.open.pop() == tag, tag
p = P()
p.feed(text)
p.close()
assert not p.open, p.open
data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text).group(1)
assert re.search(r'id="data-sha256">([0-9a-f]{64})<', text).group(1) == hashlib.sha256(data.encode()).hexdigest()
seal = re.search(r'id="seal">([0-9a-f]{64})<', text).group(1)
assert hashlib.sha256(text.replace(seal, "0" * 64).encode()).hexdigest() == seal
d = json.loads(data)
assert d["schema"] == "meterctl.report/1" and d["wiring"]["verdict"] == "fail", d
assert d["site"] == {"name": "Station West", "technician": "A. B.", "note": "first visit"}, d["site"]
assert {c["key"]: (c["before"], c["now"], c["writes"]) for c in d["changes"]}["demand.cycle"] == ("15min", "15min", 2)
assert not [s for s in d["settings"] if s["key"].startswith("network.")], "registers of nobody"
END
ok $? "elements are closed, data and seal can be checked by anybody"

like "$html" 'Settings: 3 changed, 3 of them verified by reading back<' "and that all of it is so"

# ---- and stays as it was
exits 7 "it is not overwritten" -- "$METERCTL" -c "$TARGET" report -o r.html
like "$ERR" "'r.html' exists and is not overwritten" "says so"
exits 7 "nor is a meter read for it" -- "$METERCTL" -c rtu:/dev/nowhere report -o r.html
exits 0 "verify" -- "$METERCTL" report --verify r.html
like "$OUT" '^r\.html: unchanged$' "unchanged"
like "$OUT" '^seal   [0-9a-f]{64}$' "and the seal"
exits 0 "as JSON" -- "$METERCTL" -f json report --verify r.html
like "$OUT" '"schema":"meterctl.verify/1".*"unchanged":true' "the same"
while IFS='|' read -r name where; do
	changed "$name.html" "$where"
	ok $? "one byte changed: $name" || diag "$RC $OUT $ERR"
done <<'END'
first|<
title|<title>Commissioning report: S
style|font:10pt
site|<h1>S
verdict|FAIL
diagram|<svg class="phasors" viewBox="-
bars|<svg class="bars" viewBox="0
number|<td class="r">2
data|"schema":"m
hash|id="data-sha256">
mark|<code id="sea
end|</html>
newline|</body>
END
changed seal.html "$(grep -o 'id="seal">[0-9a-f]' r.html)"
ok $? "one digit of the seal changed"
sed 's|id="seal">.|id="seal">x|' r.html >broken.html
exits 1 "a digit of the seal that is none" -- "$METERCTL" report --verify broken.html
changed data.html '"schema":"m'
like "$OUT" 'neither the document nor the data' "says when it is the data"
changed site.html '<h1>S'
like "$OUT" 'the document is not what was sealed' "and when it is what stands around them"
head -c 5000 r.html >short.html
exits 1 "cut off" -- "$METERCTL" report --verify short.html
(cat r.html; echo) >long.html
exits 1 "something behind it" -- "$METERCTL" report --verify long.html
echo hello >other.html
exits 1 "no report at all" -- "$METERCTL" report --verify other.html
like "$OUT" 'bears no seal' "says so"
exits 2 "a file that is not there" -- "$METERCTL" report --verify nothing.html
one_line "$ERR" "one line"

# ---- plain text
exits 0 "changed behind the back of the journal" -- "$METERCTL" -c "$TARGET" --journal other.db set demand.cycle=45min --yes
exits 0 "text" -- "$METERCTL" -c "$TARGET" report --text
cp "$TMP/out" r.txt
like "$OUT" '^COMMISSIONING REPORT$' "a heading"
like "$OUT" 'verified by reading back; 1 NOT what the meter holds now$' "a setting that is another by now"
like "$OUT" '^  demand\.cycle +15min +15min +45min \(changed' "and which"
like "$OUT" '^  B +[0-9.]+ +1(19|20)\.[0-9] +[0-9.]+' "the phasors as numbers"
unlike "$OUT" ' $' "no blanks at the ends of lines"
exits 0 "verify the text" -- "$METERCTL" report --verify r.txt
sed -i 's/verified/verifiex/' r.txt
exits 1 "changed" -- "$METERCTL" report --verify r.txt

# ---- the data alone
exits 0 "as JSON" -- "$METERCTL" -c "$TARGET" -f json report --site-name 'Station West'
"$PYTHON" -c 'import json, sys
d, r = json.load(open(sys.argv[1])), open("r.html", encoding="utf-8").read()
assert d["schema"] == "meterctl.report/1" and d["site"]["name"] == "Station West", d
assert d.keys() == json.loads(r.split("id=\"data\">")[1].split("</script>")[0]).keys()' "$TMP/out"
ok $? "the data that stand in the document"
exits 2 "as CSV" -- "$METERCTL" -c "$TARGET" -f csv report
one_line "$ERR" "there is none"
exits 2 "text and JSON" -- "$METERCTL" -c "$TARGET" -f json report --text

# ---- what others say
hostile=$'<script>alert(1)</script>"\'><img src=x onerror=y>\n\e[2Jseal \xff'
exits 0 "hostile names" -- "$METERCTL" -c "$TARGET" report -o h.html --site-name "$hostile" --technician "$hostile" \
	--note "$hostile" --nameplate-ct 200/5
is "$(grep -c '<script' h.html)" 1 "no script but the data"
unlike "$(cat h.html)" '<img' "no image"
like "$(cat h.html)" '<h1>&lt;script&gt;alert\(1\)&lt;/script&gt;&quot;&#39;&gt;' "text stays text"
is "$(LC_ALL=C tr -dc '\033\377' <h.html | wc -c)" 0 "no control passes"
exits 0 "and verifies" -- "$METERCTL" report --verify h.html
printf '{"schema":"meterctl.uplink/1","meter":{"id":"1"},"verdict":"<b>pass","steps":[{"step":"</pre><script>","state":"ok","at":null,"what":"x"}],
	"compared":{"target":"rtu:x","skew_s":0.1,"values":[{"key":"ratio.ct","uploaded":40,"register":60,"agrees":false}]}}' >up.json
exits 0 "a proof of the uplink" -- "$METERCTL" -c "$TARGET" report -o u.html --uplink up.json
like "$(cat u.html)" 'Uplink: &lt;b&gt;pass, of meter 1<' "and whose it is"
like "$(cat u.html)" '&lt;/pre&gt;&lt;script&gt;' "is included, escaped"
like "$(cat u.html)" '>ratio.ct</td><td class="r">40</td><td class="r">60</td><td>DIFFER<' "with what was compared"
is "$(grep -c '<script' u.html)" 1 "and nothing but text"
exits 0 "and verifies" -- "$METERCTL" report --verify u.html
echo '{' >bad.json
exits 2 "a proof that is no JSON" -- "$METERCTL" -c "$TARGET" report -o b.html --uplink bad.json
like "$ERR" 'bad\.json:[0-9]+:[0-9]+: no JSON' "says where"
echo '{"schema":"meterctl.check/1","verdict":"pass"}' >check.json
exits 2 "a pass of something else" -- "$METERCTL" -c "$TARGET" report -o b.html --uplink check.json
like "$ERR" "'check\.json' is no proof of an uplink" "says so"
exits 2 "a proof that is not there" -- "$METERCTL" -c "$TARGET" report -o b.html --uplink none.json
exits 2 "a nameplate that is no ratio" -- "$METERCTL" -c "$TARGET" report -o b.html --nameplate-ct 200V/5A
exits 2 "a clamp value that is none" -- "$METERCTL" -c "$TARGET" report -o b.html --clamp a=x
exits 2 "a word too many" -- "$METERCTL" -c "$TARGET" report b.html
[ ! -e b.html ]
ok $? "none of these left a file"

# ---- when it cannot be made
exits 3 "a meter that is silent" -- "$METERCTL" -t 50 -r 0 -c 'sim:dead' report -o d.html
one_line "$ERR" "one line"
exits 5 "one that refuses everything" -- "$METERCTL" -c 'sim:exception=2' report -o d.html
like "$ERR" 'refused register' "says so"
exits 1 "a folder that is none" -- "$METERCTL" -c "$TARGET" report -o r.html/x.html
# shellcheck disable=SC2016 # for the shell that is called
exits 1 "a full disk" -- bash -c '"$METERCTL" -c "$1" report >/dev/full' _ "$TARGET"
[ ! -e d.html ]
ok $? "no file, no half of one"

# ---- the nameplate differs, the meter is simulated, another model
exits 0 "on stdout" -- "$METERCTL" -c 'sim:frozen,ct=40' report --nameplate-ct 300/5 --text
like "$OUT" 'NOT as on the nameplate' "a nameplate that is not what the meter holds"
like "$OUT" 'A SIMULATED METER' "a simulated meter is called so"
exits 0 "a nameplate" -- "$METERCTL" -c 'sim:frozen,ct=40' report --nameplate-ct 200/5 --text
like "$OUT" '; CT as on the nameplate$' "the one that was entered"
exits 0 "both" -- "$METERCTL" -c 'sim:frozen,ct=40,pt=2' report --nameplate-ct 200/5 --nameplate-pt 380/220 --text
like "$OUT" 'NOT as on the nameplate' "2 is not 1.73"
exits 0 "a third" -- "$METERCTL" -c 'sim:frozen,ct=33' report --nameplate-ct 100/3 --text --note $'two\nlines'
like "$OUT" 'NOT as on the nameplate' "33 is not 33.33"
like "$OUT" '^  Current \(CT\) +33 +100/3 +33\.333 ' "nor written so"
like "$OUT" '^  Note +two lines$' "a note of two lines is one of two words"
exits 0 "a model that holds none" -- "$METERCTL" -p sdm630 -c 'sim:frozen' report --nameplate-ct 200/5 --text
like "$OUT" 'CT --, PT -- in the meter; the nameplate could not be compared' "a nameplate against nothing"
unlike "$OUT" 'as on the nameplate|the meter holds it' "is not called right"
like "$OUT" '^PASS: wired right' "a healthy site passes"
exits 0 "another model" -- "$METERCTL" -p sdm630 -c 'sim:frozen' report -o s.html
like "$(cat s.html)" 'This model has no harmonics' "without what it lacks"
unlike "$(cat s.html)" 'none were read|clock was not read|not entered' "and nothing waits for that"
exits 0 "a meter of one phase" -- "$METERCTL" -p sdm120 -c 'sim:frozen' report --text
like "$OUT" '^  Active power +kW +[0-9.]+$' "has one column"
like "$OUT" '^This model measures a single phase: there is nothing to exchange\.$' "and no wiring to judge"
unlike "$OUT" ' -- ' "nothing stands for what it never has"
exits 0 "verifies" -- "$METERCTL" report --verify s.html

# ---- a meter that sends by itself: what its uploads hold, and no password
mosquitto_start plain
start pushing "$METERCTL" simulate frozen,ct-reversed=b --mqtt "mqtt://127.0.0.1:$BROKER_PORT" --interval 1
line_of pushing '^mqtt://' || give_up "no meter at the broker"
exits 2 "a proof of another meter" -- "$METERCTL" -c "${LINE%%\?*}" report --uplink up.json
like "$ERR" "'up\.json' is the proof of meter '1', not of '[0-9]+'" "says whose it is"
exits 0 "behind a broker" -- env METERCTL_MQTT_PASSWORD=HushHush "$METERCTL" --allow-plaintext -t 20000 \
	-c "${LINE%%\?*}?user=tech" report -o m.html
like "$(cat m.html)" 'ct-reversed on b' "the verdict"
like "$(cat m.html)" 'Correction factor .*: K = [23]\.[0-9]+ .*the registered one' "and what it has cost"
like "$(cat m.html)" 'serial number [0-9]+' "the serial number"
like "$(cat m.html)" '<td class="t">[0-9]+ here as documented, [1-9][0-9]* as seen in public code' "what the values rest on"
unlike "$(cat m.html)" 'HushHush|Energy by tariff' "no password, and nothing that was not sent"
exits 0 "verifies" -- "$METERCTL" report --verify m.html
done_testing
