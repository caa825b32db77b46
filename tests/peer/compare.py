"""What meterctl says against the stored set of registers.py, one by one, as TAP.

  compare.py FILE.json [KEY ...]   the keys that must be there (none: whole main map)

Numbers are compared as decimals, digit by digit of their value: 230.5 is not
230.49999. Prints one TAP line for each kind of trouble and names the first few.
"""

import json
import sys
from decimal import Decimal

import registers

ALL = registers.whole_map()


def wrong(point, want, reading):
    """Why this reading is not the stored value, or None."""
    value = reading["value"]
    if reading["quality"] != "ok":
        return f"quality {reading['quality']}: {reading.get('error')}"
    if (reading.get("unit") or "") != point.unit:
        return f"unit {reading.get('unit')!r}, want {point.unit!r}"
    if point.kind == "choice":
        name = point.choices[int(want)]
        if reading.get("raw") != int(want):
            return f"raw {reading.get('raw')!r}, want {want}"
        return f"{value!r}, want {name!r}" if value != name else None
    if isinstance(want, Decimal):
        same = isinstance(value, (int, Decimal)) and Decimal(value) == want
    else:
        same = value == want
    return None if same else f"{value!r}, want {want}"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        got = {r["key"]: r for r in json.load(f, parse_float=Decimal)["readings"]}
    points = {p.key: p for p in ALL}
    want = registers.expect(ALL, registers.store())
    keys = sys.argv[2:] or [p.key for p in registers.main_map()]
    troubles = [f"{k}: not there" for k in keys if k not in got]
    troubles += [f"{k}: not a key of the map" for k in got if k not in points]
    for k in got:
        if k in points and (why := wrong(points[k], want[k], got[k])):
            troubles.append(f"{k}: {why}")
    for t in troubles[:20]:
        print("#", t)
    if troubles:
        print(f"# {len(troubles)} of {len(keys)} differ")
    else:
        print(f"# {len(got)} values are the stored ones")
    sys.exit(1 if troubles else 0)


main()
