"""What `meterctl history` makes of the stored set of registers.py.

  history.py changes           ADDRESS=WORDS for the slave: record 3 all zeros, 4 all FFFFH
  history.py compare FILE.json every value, difference, time and state of that history
"""

import json
import sys
from decimal import Decimal

import registers

ZEROS, ONES = 2, 3	# records, 0 the newest
RECORD = 0x53


def stored():
    words = registers.store()
    for n, word in ((ZEROS, 0), (ONES, 0xFFFF)):
        words.update((0x4800 + 0x100 * n + i, word) for i in range(RECORD))
    return words


def energies(n, words):
    """{key without its month: value, None where it is all ones}."""
    out = {}
    for p in registers.history(n):
        w = [words[p.addr + i] for i in range(p.words)]
        key = p.key.split("@")[0]
        if key != "history.time":
            out[key] = None if set(w) == {0xFFFF} else registers.decode(p, w)
    return out


def wrong_months(doc, words):
    kept = [None if n in (ZEROS, ONES) else energies(n, words) for n in range(12)]
    times = {p.key: registers.decode(p, [words[p.addr + i] for i in range(3)])
             for n in range(12) if kept[n] for p in registers.history(n) if p.key.startswith("history.time")}
    for n, month in enumerate(doc["months"]):
        mine = kept[n] or {}
        before = (kept[n + 1] if n < 11 else None) or {}
        suffix = f"@{n}" if n else ""
        if month["state"] != ("kept" if kept[n] else "unused"):
            yield f"record {n}: {month['state']}"
        if month["time"] != times.get("history.time" + suffix):
            yield f"record {n}: {month['time']}"
        if [e["key"] for e in month["energies"]] != [k + suffix for k in energies(n, words)]:
            yield f"record {n}: other keys"
        for e in month["energies"]:
            key = e["key"].split("@")[0]
            value, was = mine.get(key), before.get(key)
            difference = None if value is None or was is None else value - was
            if e["value"] != value:
                yield f"{e['key']}: {e['value']}, want {value}"
            if e["difference_to_the_record_before"] != difference:
                yield f"{e['key']}: difference {e['difference_to_the_record_before']}, want {difference}"


def wrong_extremes(doc, words):
    want = {}
    for n in range(4):
        points = registers.extremes(n)
        want.update(registers.expect(points, words))
        # all ones is nothing that an unsigned register can mean, and its time with it
        for p in points:
            if p.kind in ("u16", "u32") and {words[p.addr + i] for i in range(p.words)} == {0xFFFF}:
                base, _, month = p.key.partition("@")
                want[p.key] = want[base + ".time" + ("@" + month if month else "")] = None
    seen = 0
    for x in doc["extremes"]:
        for side in (x["max"], x["min"]):
            base, _, n = side["key"].partition("@")
            time = base + ".time" + ("@" + n if n else "")
            seen += 1
            if side["value"] != want[side["key"]] or side["time"] != want[time]:
                yield f"{side['key']}: {side}, want {want[side['key']]} at {want[time]}"
    if seen * 2 != len(want):
        yield f"{seen} extremes, want {len(want) // 2}"


def main():
    words = stored()
    if sys.argv[1] == "changes":
        for n, word in ((ZEROS, "0"), (ONES, "FFFF")):
            print(f"{0x4800 + 0x100 * n:#x}=" + ",".join([word] * RECORD))
        return
    with open(sys.argv[2], encoding="utf-8") as f:
        doc = json.load(f, parse_float=Decimal)
    troubles = list(wrong_months(doc, words)) + list(wrong_extremes(doc, words))
    for t in troubles[:20]:
        print("#", t, file=sys.stderr)
    sys.exit(1 if troubles or len(doc["months"]) != 12 else 0)


main()
